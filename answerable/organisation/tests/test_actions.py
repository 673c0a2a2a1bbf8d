"""People come, get roles, are invited and leave."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from answerable.organisation import actions, queries, rules
from answerable.organisation.errors import AlreadyThere, InvitationSpent, NotAllowed
from answerable.organisation.models import Account, Invitation, Person, Role
from answerable.organisation.signin import SignInBackend


def test_an_administrator_is_never_given_a_key(people, now):
    other = actions.add_person(
        people["handler"].organisation, name_en="A", name_zh="甲", email="a@tidewick.example"
    )
    actions.give_role(other, "administrator", by=people["administrator"], now=now)
    with pytest.raises(NotAllowed, match=rules.KEY_AND_ADMINISTRATION):
        actions.give_role(other, "handler", by=people["administrator"], now=now)
    assert queries.roles_of(other) == {"administrator"}


def test_an_administrator_cannot_make_themselves_a_handler(people, now):
    with pytest.raises(NotAllowed, match=rules.NOT_TO_ONESELF):
        actions.give_role(people["administrator"], "handler", by=people["administrator"], now=now)


def test_an_administrator_of_another_organisation_gives_nothing_here(people, other_organisation, now):
    stranger = actions.add_person(other_organisation, name_en="S", name_zh="陌", email="s@saltholm.example")
    actions.give_role(stranger, "administrator", by=None, now=now)
    for act in (
        lambda: actions.give_role(people["member"], "handler", by=stranger, now=now),
        lambda: actions.take_role(people["lead"], "lead", by=stranger, now=now),
        lambda: actions.leave(people["lead"], by=stranger, now=now),
        lambda: actions.invite(people["member"], by=stranger, now=now),
        lambda: actions.start_again(people["member"], by=stranger, now=now),
    ):
        with pytest.raises(NotAllowed):
            act()
    assert queries.roles_of(people["lead"]) == {"lead"}


def test_giving_a_role_twice_is_once(people, now):
    actions.give_role(people["member"], "overseer", by=people["administrator"], now=now)
    actions.give_role(people["member"], "overseer", by=people["administrator"], now=now)
    assert Role.objects.filter(person=people["member"], role="overseer").count() == 1


def test_one_address_is_one_person_of_an_organisation(people, organisation):
    with pytest.raises(AlreadyThere):
        actions.add_person(organisation, name_en="B", name_zh="乙", email="HANDLER@tidewick.example ")


def test_an_invitation_works_once_and_its_token_is_nowhere_stored(people, now):
    token = actions.invite(people["member"], by=people["administrator"], now=now)
    row = Invitation.objects.get()
    assert token.encode() not in bytes(row.token_sha256)
    account = actions.accept(token, password=None, now=now + timedelta(days=6))
    assert account.email == "member@tidewick.example"
    assert not account.has_usable_password()
    with pytest.raises(InvitationSpent):
        actions.accept(token, password=None, now=now + timedelta(days=6))


def test_an_invitation_ends_after_seven_days(people, now):
    token = actions.invite(people["member"], by=None, now=now)
    assert actions.find_invitation(token, now=now + timedelta(days=7) - timedelta(seconds=1))
    with pytest.raises(InvitationSpent):
        actions.accept(token, password=None, now=now + timedelta(days=7))


def test_a_new_invitation_withdraws_the_old_one(people, now):
    old = actions.invite(people["member"], by=None, now=now)
    new = actions.invite(people["member"], by=None, now=now)
    with pytest.raises(InvitationSpent):
        actions.accept(old, password=None, now=now)
    assert actions.accept(new, password=None, now=now)


def test_who_leaves_has_no_role_no_session_and_no_way_back(people, client_for, now):
    client = client_for(people["handler"])
    assert client.get("/work/tidewick/").status_code == 200
    actions.leave(people["handler"], by=people["administrator"], now=now)
    assert queries.roles_of(people["handler"]) == frozenset()
    assert not Account.objects.get(email="handler@tidewick.example").is_active
    assert client.get("/work/tidewick/").status_code == 302
    with pytest.raises(NotAllowed):
        actions.give_role(people["handler"], "handler", by=people["administrator"], now=now)


def test_the_address_of_who_left_can_be_somebody_elses(people, client_for, now):
    """Addresses are given out again; the old account keeps its own for the record, and opens nothing."""
    client_for(people["handler"])
    actions.leave(people["handler"], by=people["administrator"], now=now)
    next_one = actions.add_person(
        people["handler"].organisation,
        name_en="Next",
        name_zh="后来人",
        email="handler@tidewick.example",
    )
    made = actions.accept(
        actions.invite(next_one, by=people["administrator"], now=now),
        password="a lamp over the harbour",
        now=now,
    )
    assert made.is_active
    assert set(Account.objects.filter(email=made.email).values_list("person", "is_active")) == {
        (people["handler"].pk, False),
        (next_one.pk, True),
    }
    found = SignInBackend()._authenticate(None, email=made.email, password="a lamp over the harbour")
    assert found == made


def test_one_address_has_one_account_that_works(people, client_for):
    client_for(people["handler"])
    with pytest.raises(IntegrityError):
        Account.objects.create_user("handler@tidewick.example", organisation=people["handler"].organisation)


def test_a_left_account_whose_password_still_fits_does_not_hide_the_new_one(people, now):
    """Both may have chosen the same words; only the account of who is here counts."""
    words = "the same words as before"
    for key in ("handler", "second_handler"):
        person = people[key]
        person.email = "shared@tidewick.example"
        person.save(update_fields=["email"])
        account = actions.account_for(person, password=words)
        if key == "handler":
            actions.leave(person, by=people["administrator"], now=now)
    assert SignInBackend()._authenticate(None, email=account.email, password=words) == account


def test_starting_again_ends_the_old_account(people, client_for, now):
    client = client_for(people["handler"])
    token = actions.start_again(people["handler"], by=people["administrator"], now=now)
    assert client.get("/work/tidewick/").status_code == 302
    assert not Account.objects.filter(email="handler@tidewick.example").exists()
    assert actions.accept(token, password=None, now=now)


@pytest.mark.parametrize("slug", ["accounts", "language"])
def test_an_organisation_can_not_hide_behind_our_own_addresses(db, slug):
    with pytest.raises(AlreadyThere):
        actions.create_organisation(slug=slug, name_en="x", name_zh="x", origin=f"h/log/{slug}")


def test_an_address_is_given_again_and_a_number_never(people, organisation, now):
    actions.leave(people["member"], by=None, now=now)
    again = actions.add_person(organisation, name_en="N", name_zh="新", email="member@tidewick.example")
    assert again.pk != people["member"].pk
    Person.objects.filter(pk=people["member"].pk).update(number="7")
    with pytest.raises(IntegrityError), transaction.atomic():
        Person.objects.filter(pk=again.pk).update(number="7")


def test_people_are_paged_and_found_and_never_listed_all(people, organisation, other_organisation):
    everyone = queries.people(organisation)
    pages, last = [], None
    while page := queries.people(organisation, after=last, limit=3):
        pages += page
        last = page[-1].pk
    assert pages == everyone
    assert queries.how_many(organisation) == len(everyone) == 7
    assert queries.people(organisation, text="广青") == [people["handler"]]
    assert queries.people(organisation, role="lead") == [people["lead"]]
    assert len(queries.people(organisation, limit=3)) == 3
    assert queries.people(other_organisation, text="广青") == []


def test_leaving_keeps_which_roles_there_were(people, now):
    actions.leave(people["lead"], by=None, now=now)
    assert queries.person(people["lead"].organisation, people["lead"].pk).roles_at_leaving == ["lead"]

"""Who is told when a promise is missed is no one's own to change, once reports are taken."""

from datetime import timedelta

import pytest

from answerable.organisation import actions, ladder, proposals, queries, rules
from answerable.organisation.errors import AlreadyThere, NotAllowed
from answerable.organisation.models import Person


@pytest.fixture
def opened(organisation, people, now):
    """The organisation takes reports; `second` is another administrator."""
    actions.open_unchecked(organisation, now=now)
    second = actions.add_person(
        organisation, name_en="Second", name_zh="第二", email="second@tidewick.example"
    )
    actions.give_role(second, "administrator", by=None, now=now)
    return {key: Person.objects.get(pk=each.pk) for key, each in {**people, "second": second}.items()}


@pytest.mark.parametrize("role", rules.TWO_FOR)
def test_giving_such_a_role_waits_for_a_second_person(opened, now, role):
    member, by = opened["member"], opened["administrator"]
    with pytest.raises(NotAllowed, match=rules.NEEDS_ANOTHER):
        actions.give_role(member, role, by=by, now=now)
    waiting = ladder.give(member, role, by=by, now=now)
    assert role not in queries.roles_of(member)
    with pytest.raises(AlreadyThere):
        ladder.give(member, role, by=opened["second"], now=now)
    with pytest.raises(NotAllowed):
        proposals.confirm(waiting, by=by, now=now)
    assert role not in queries.roles_of(member)
    proposals.confirm(waiting, by=opened["overseer"], now=now)
    assert role in queries.roles_of(member)


@pytest.mark.parametrize("role", ["handler", "member"])
def test_others_are_given_as_before(opened, now, role):
    assert ladder.give(opened["member"], role, by=opened["administrator"], now=now) is None
    assert role in queries.roles_of(opened["member"])


def test_before_it_opens_one_administrator_sets_it_up(people, now):
    assert ladder.give(people["member"], "overseer", by=people["administrator"], now=now) is None
    assert ladder.take(people["member"], "overseer", by=people["administrator"], now=now) is None


@pytest.mark.parametrize("role", rules.LADDER_ROLES)
def test_taking_it_waits_too(opened, now, role):
    waiting = ladder.take(opened[role], role, by=opened["administrator"], now=now)
    assert role in queries.roles_of(opened[role])
    with pytest.raises(NotAllowed, match=rules.NEEDS_ANOTHER):
        actions.take_role(opened[role], role, by=opened["administrator"], now=now)
    proposals.confirm(waiting, by=opened["second"], now=now)
    assert role not in queries.roles_of(opened[role])


def test_the_person_concerned_is_not_the_second_one(opened, now):
    waiting = ladder.take(opened["overseer"], "overseer", by=opened["administrator"], now=now)
    with pytest.raises(NotAllowed, match=rules.NEEDS_ANOTHER):
        proposals.confirm(waiting, by=opened["overseer"], now=now)
    assert queries.roles_of(opened["overseer"])


def test_an_administrator_makes_no_second_self(opened, now):
    """Neither by a new administrator, nor by starting an overseer's account again and sitting down in it."""
    by = opened["administrator"]
    waiting = ladder.give(opened["member"], "external", by=by, now=now)
    overseer = opened["overseer"]
    actions.make_account(overseer, password=None, totp_secret="JBSWY3DPEHPK3PXP", now=now)
    actions.start_again(overseer, by=by, now=now)
    with pytest.raises(NotAllowed, match=rules.RESTARTED):
        proposals.confirm(waiting, by=overseer, now=now + timedelta(days=6))
    assert "external" not in queries.roles_of(opened["member"])
    proposals.confirm(waiting, by=overseer, now=now + timedelta(days=7))
    assert "external" in queries.roles_of(opened["member"])


def test_what_could_no_longer_be_given_is_refused_when_it_is_confirmed(opened, now):
    waiting = ladder.give(opened["member"], "administrator", by=opened["administrator"], now=now)
    ladder.give(opened["member"], "handler", by=opened["second"], now=now)
    with pytest.raises(NotAllowed, match=rules.KEY_AND_ADMINISTRATION):
        proposals.confirm(waiting, by=opened["overseer"], now=now)
    assert queries.roles_of(opened["member"]) == {"member", "handler"}


def test_somebody_leaves_at_once_but_for_the_last_of_a_rung(opened, now):
    by = opened["administrator"]
    assert ladder.leave(opened["handler"], by=by, now=now) is None
    waiting = ladder.leave(opened["overseer"], by=by, now=now)
    assert waiting is not None
    assert queries.roles_of(opened["overseer"]) == {"overseer"}
    proposals.confirm(waiting, by=opened["second"], now=now)
    opened["overseer"].refresh_from_db()
    assert opened["overseer"].left_at == now


def test_pages_say_that_it_waits(opened, client_for, now, outsider):
    page = client_for(opened["administrator"])
    base = f"/work/tidewick/administration/people/{opened['member'].pk}/"
    answer = page.post(f"{base}roles/give/", {"role": "overseer"}, follow=True)
    assert "waits for a second person" in answer.content.decode()
    again = page.post(f"{base}roles/give/", {"role": "overseer"}, follow=True)
    assert "waits for a second person already" in again.content.decode()
    assert outsider.post(f"{base}roles/give/", {"role": "overseer"}).status_code == 404
    assert [each.kind for each in proposals.waiting(opened["member"].organisation)] == ["role-give"]

"""Nobody alone decides who may say, for everybody, who somebody is."""

from datetime import timedelta

import pytest
from django.test import Client

from answerable.organisation import actions, proposals, providers, queries, rules, trusting
from answerable.organisation.claims import Claims
from answerable.organisation.errors import NotAllowed
from answerable.organisation.models import Organisation, Proposal, Provider, Subject

SIGN_IN = "/work/tidewick/administration/sign-in/"


@pytest.fixture
def house(organisation, now):
    Organisation.objects.filter(pk=organisation.pk).update(opened_at=now)
    organisation.refresh_from_db()
    queries.forget_organisations()
    return organisation


@pytest.fixture
def provider(organisation, now):
    fields = {
        "name": "Work account",
        "issuer": "https://id.tidewick.example",
        "client_id": "a",
        "secret": "s3",
    }
    made = providers.set_up(organisation, kind="oidc", fields=fields, now=now)
    providers.passed_test(made, changed_at=made.changed_at, now=now)
    made.refresh_from_db()
    return made


def is_on(provider):
    return Provider.objects.get(pk=provider.pk).on


def test_one_administrator_alone_switches_nothing_on_once_reports_are_taken(
    house, provider, people, client_for
):
    one = client_for(people["administrator"])
    one.post(f"{SIGN_IN}{provider.pk}/switch/", {"do": "on"})
    assert not is_on(provider)
    waits = proposals.waiting(house)
    assert [each.kind for each in waits] == [trusting.SWITCH_ON]
    one.post(f"/work/tidewick/proposals/{waits[0].pk}/", {"how": "confirm"})
    assert not is_on(provider)
    with pytest.raises(NotAllowed, match=rules.NEEDS_ANOTHER):
        providers.switch(provider, on=True, by=people["administrator"])
    assert "Waits for a second person" in one.get(f"{SIGN_IN}{provider.pk}/").content.decode()


def test_another_sees_all_that_is_believed_and_confirms(house, provider, people, client_for):
    trusting.switch_on(provider, by=people["administrator"], now=provider.changed_at)
    (waits,) = proposals.waiting(house)
    overseer = client_for(people["overseer"])
    page = overseer.get("/work/tidewick/proposals/").content.decode()
    assert "https://id.tidewick.example" in page
    for client in (client_for(people["handler"]), client_for(people["member"])):
        client.post(f"/work/tidewick/proposals/{waits.pk}/", {"how": "confirm"})
        assert not is_on(provider)
    overseer.post(f"/work/tidewick/proposals/{waits.pk}/", {"how": "confirm"})
    assert is_on(provider)


def test_before_reports_are_taken_one_is_enough(provider, people):
    assert trusting.switch_on(provider, by=people["administrator"], now=provider.changed_at) is None
    assert is_on(provider)


def test_what_was_changed_since_is_not_what_was_proposed(house, provider, people, client_for, now):
    """A change takes the proposal back; one that slips in between is refused by the moment of the last change."""
    proposal = trusting.switch_on(provider, by=people["administrator"], now=now)
    later = now + timedelta(minutes=1)
    providers.change(provider, fields={"issuer": "https://evil.example"}, now=later)
    providers.passed_test(provider, changed_at=later, now=later)
    with pytest.raises(NotAllowed, match=rules.CHANGED_SINCE):
        proposals.confirm(proposal, by=people["overseer"], now=later)
    page = client_for(people["overseer"]).get("/work/tidewick/proposals/").content.decode()
    assert "evil.example" not in page
    assert not is_on(provider)
    Provider.objects.all().delete()
    with pytest.raises(NotAllowed, match=rules.CHANGED_SINCE):
        proposals.confirm(proposal, by=people["overseer"], now=later)


def test_whose_account_was_started_again_confirms_nothing(house, provider, people, client_for, now):
    client_for(people["overseer"])
    proposal = trusting.switch_on(provider, by=people["administrator"], now=now)
    actions.start_again(people["overseer"], by=people["administrator"], now=now)
    people["overseer"].refresh_from_db()
    with pytest.raises(NotAllowed, match=rules.RESTARTED):
        proposals.confirm(proposal, by=people["overseer"], now=now + timedelta(hours=1))


def test_who_proposes_can_not_confirm_by_an_invitation_of_their_own(house, provider, people, now):
    """An administrator sees the invitations they make: one could accept an overseer's in their place."""
    proposal = trusting.switch_on(provider, by=people["administrator"], now=now)
    token = actions.invite(people["overseer"], by=people["administrator"], now=now)
    actions.accept(token, password=None, now=now)
    with pytest.raises(NotAllowed, match=rules.INVITED_BY_THEM):
        proposals.confirm(proposal, by=people["overseer"], now=now + timedelta(days=6))
    proposals.confirm(proposal, by=people["overseer"], now=now + timedelta(days=8))
    assert is_on(provider)


def test_a_change_ends_what_came_through_it_and_another_name_changes_nothing(
    house, provider, people, client_for, now
):
    client = client_for(people["member"])
    member = people["member"]
    member.refresh_from_db()
    providers.bind(provider, Claims("s-1", "", False, False), member.account, now=now)
    Provider.objects.update(on=True)
    provider.refresh_from_db()
    same = {"issuer": provider.issuer, "client_id": "a", "secret": "", "strong_values": []}
    providers.change(provider, fields={**same, "name": "Tidewick account"}, now=now)
    provider.refresh_from_db()
    assert (provider.on, provider.name) == (True, "Tidewick account")
    assert client.get("/work/tidewick/").status_code == 200
    providers.change(provider, fields={**same, "secret": "another"}, now=now)
    assert not is_on(provider)
    assert client.get("/work/tidewick/").status_code == 302
    assert Subject.objects.exists()  # the same issuer: the same people


def test_switching_off_and_removing_need_one_person_and_take_the_proposal_back(
    house, provider, people, client_for, now
):
    one = client_for(people["administrator"])
    for do in ("off", "remove"):
        trusting.switch_on(provider, by=people["administrator"], now=now)
        one.post(f"{SIGN_IN}{provider.pk}/switch/", {"do": do})
        assert not proposals.waiting(house)
    assert not Provider.objects.exists()
    assert Proposal.objects.filter(withdrawn_at__isnull=False).count() == 2


def test_an_outsider_proposes_nothing(house, provider, outsider):
    for client in (outsider, Client()):
        assert client.post(f"{SIGN_IN}{provider.pk}/switch/", {"do": "on"}).status_code in {302, 403, 404}
    assert not Proposal.objects.exists()

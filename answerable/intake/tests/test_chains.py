"""An administrator who takes over enough accounts still can't begin a list of readers of their own unseen, or at once."""

from datetime import datetime, timedelta

import pytest
from answerable_protocol import roster

from answerable.intake.tests.stage import Stage
from answerable.notices.models import Notice
from answerable.organisation import actions as organisations
from answerable.organisation import proposals
from answerable.organisation.errors import NotAllowed
from answerable.organisation.models import Proposal
from answerable.roster import actions, chains, queries
from answerable.roster.models import RosterDraft

pytestmark = pytest.mark.django_db(transaction=True)
DAYS = timedelta(days=1)
KEYED = ("handler", "second_handler", "lead", "external")


def taken_over(stage: Stage, now: datetime) -> RosterDraft:
    """Every reader's account started again, new keys on it, a list of them signed by all: as far as one alone can come."""
    for key in KEYED:
        person = stage.people[key]
        organisations.make_account(person, password=None, totp_secret="JBSWY3DPEHPK3PXP", now=now)
        organisations.start_again(person, by=stage.people["administrator"], now=now)
        stage.add_handler(key, person, now)
    text = roster.text("tidewick", 0, None, [each.member() for each in stage.members()])
    draft = actions.propose(stage.people["handler"], text, now=now)
    sign_all(stage, draft, now)
    return draft


def sign_all(stage: Stage, draft: RosterDraft, now: datetime) -> None:
    for key in KEYED:
        line = stage.handlers[key].sign_roster(draft.text, stage.organisation.origin)
        assert actions.sign(stage.people[key], 0, line, now=now) is None


def chain_of(stage: Stage) -> int | None:
    return queries.chain_number(stage.organisation.pk)


def test_a_new_chain_waits_seven_days_and_everyone_is_told(stage: Stage, now: datetime) -> None:
    draft = taken_over(stage, now)
    assert chain_of(stage) == 0
    told = set(Notice.objects.filter(kind="new-chain").values_list("person_id", flat=True))
    assert told == {stage.people[key].pk for key in (*KEYED, "overseer", "administrator")}
    restarts = Notice.objects.filter(kind="account-restarted")
    assert restarts.filter(person=stage.people["overseer"]).count() == len(KEYED)
    assert chains.waits_until(draft, now) == now + 7 * DAYS
    assert actions.start_chains(now + 7 * DAYS - timedelta(seconds=1)) == 0
    assert chain_of(stage) == 0
    assert actions.start_chains(now + 7 * DAYS) == 1
    assert chain_of(stage) == 1
    assert queries.new_chain_until(stage.organisation.pk, now + 8 * DAYS) is not None


def test_an_overseer_can_let_it_begin_at_once(stage: Stage, now: datetime) -> None:
    taken_over(stage, now)
    [waiting] = proposals.waiting(stage.organisation)
    rows = chains.KIND.show(waiting)
    assert {row.after["en"] for row in rows} == {"stays, with a new key"}
    with pytest.raises(NotAllowed):
        proposals.confirm(waiting, by=stage.people["administrator"], now=now)
    proposals.confirm(waiting, by=stage.people["overseer"], now=now)
    assert chain_of(stage) == 1


def test_who_was_started_again_confirms_nothing(stage: Stage, now: datetime) -> None:
    taken_over(stage, now)
    [waiting] = proposals.waiting(stage.organisation)
    stage.people["external"].refresh_from_db()
    with pytest.raises(NotAllowed, match="restarted"):
        proposals.confirm(waiting, by=stage.people["external"], now=now + DAYS)
    assert chain_of(stage) == 0
    assert proposals.waiting(stage.organisation) == [waiting]


def test_an_overseer_stops_it_for_good(stage: Stage, now: datetime) -> None:
    draft = taken_over(stage, now)
    [waiting] = proposals.waiting(stage.organisation)
    proposals.withdraw(waiting, by=stage.people["overseer"], now=now + DAYS)
    assert chains.is_refused(draft)
    assert actions.start_chains(now + 30 * DAYS) == 0
    assert chain_of(stage) == 0
    again = actions.propose(stage.people["handler"], draft.text, now=now + 30 * DAYS)
    assert again.pk != draft.pk
    sign_all(stage, again, now + 30 * DAYS)
    assert actions.start_chains(now + 36 * DAYS) == 0  # the wait begins anew
    assert actions.start_chains(now + 37 * DAYS) == 1


def test_another_draft_takes_the_place_and_waits_by_itself(stage: Stage, now: datetime) -> None:
    first = taken_over(stage, now)
    text = roster.text("tidewick", 0, None, [each.member() for each in stage.members()[:-1]])
    second = actions.propose(stage.people["handler"], text, now=now + 6 * DAYS)
    assert not RosterDraft.objects.filter(pk=first.pk).exists()
    [waiting] = proposals.waiting(stage.organisation)
    assert waiting.at == now + 6 * DAYS
    assert Proposal.objects.filter(kind="new-chain").count() == 2
    assert chains.waits_until(second, now + 8 * DAYS) == now + 13 * DAYS


def test_a_chain_that_can_go_on_again_is_not_replaced(stage: Stage, now: datetime) -> None:
    """The wait is no promise: if the old signers are back meanwhile, the old chain goes on."""
    taken_over(stage, now)
    for key in KEYED:
        for made in stage.people[key].handler_keys.order_by("-since", "-pk")[:1]:
            made.delete()
        stage.people[key].handler_keys.update(retired_at=None)
    assert actions.start_chains(now + 8 * DAYS) == 0
    assert chain_of(stage) == 0


def test_a_draft_that_follows_waits_for_nothing_but_signatures(stage: Stage, now: datetime) -> None:
    members = [each for key, each in stage.handlers.items() if key != "lead"]
    text = roster.text("tidewick", 1, stage.roster, [each.member() for each in members])
    draft = actions.propose(stage.people["handler"], text, now=now)
    assert chains.waits_until(draft, now) is None
    assert not proposals.waiting(stage.organisation)
    origin = stage.organisation.origin
    actions.sign(stage.people["handler"], 1, stage.handlers["handler"].sign_roster(text, origin), now=now)
    assert actions.sign(
        stage.people["external"], 1, stage.handlers["external"].sign_roster(text, origin), now=now
    )

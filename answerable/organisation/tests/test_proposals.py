"""A change that needs a second person never happens by one."""

import pytest
from django.db import IntegrityError

from answerable.organisation import actions, proposals, queries, rules
from answerable.organisation.errors import AlreadyThere, NotAllowed, NotFound
from answerable.organisation.models import Organisation, Proposal

EITHER = frozenset({"administrator", "overseer"})


def _rename(proposal, now):
    what = proposal.what
    assert now == proposal.confirmed_at
    if what["name_en"] == "impossible":
        raise ValueError("impossible")
    Organisation.objects.filter(pk=proposal.organisation_id).update(name_en=what["name_en"])


@pytest.fixture(autouse=True)
def _a_kind(monkeypatch):
    title = {"en": "The name", "zh": "名称"}
    kind = proposals.Kind(title, frozenset({"administrator"}), EITHER, lambda *_: [], _rename)
    monkeypatch.setitem(proposals.KINDS, "rename", kind)


def _propose(organisation, people, now, name="New"):
    return proposals.propose(organisation, "rename", {"name_en": name}, by=people["administrator"], now=now)


def test_nothing_happens_until_somebody_else_confirms(organisation, people, now):
    made = _propose(organisation, people, now)
    with pytest.raises(NotAllowed, match=rules.NOT_ALONE):
        proposals.confirm(made, by=people["administrator"], now=now)
    organisation.refresh_from_db()
    assert organisation.name_en == "Tidewick Group"
    proposals.confirm(made, by=people["overseer"], now=now)
    organisation.refresh_from_db()
    assert organisation.name_en == "New"
    assert proposals.waiting(organisation) == []
    assert proposals.recent(organisation) == [made]


def test_it_happens_once(organisation, people, now):
    made = _propose(organisation, people, now)
    proposals.confirm(made, by=people["overseer"], now=now)
    with pytest.raises(NotFound):
        proposals.confirm(made, by=people["overseer"], now=now)
    with pytest.raises(NotFound):
        proposals.withdraw(made, by=people["overseer"], now=now)


def test_one_of_a_kind_waits_at_a_time(organisation, people, now):
    made = _propose(organisation, people, now)
    with pytest.raises(AlreadyThere):
        _propose(organisation, people, now)
    other = {"what": {"name_en": "x"}, "by": people["administrator"], "now": now, "subject": "other"}
    assert proposals.propose(organisation, "rename", **other)
    proposals.withdraw(made, by=people["administrator"], now=now)
    _propose(organisation, people, now)


@pytest.mark.parametrize("who", ["handler", "lead", "external", "member", "overseer"])
def test_only_the_named_roles_propose(organisation, people, now, who):
    with pytest.raises(NotAllowed, match=rules.NOT_THEIRS):
        proposals.propose(organisation, "rename", {"name_en": "x"}, by=people[who], now=now)


@pytest.mark.parametrize("who", ["handler", "lead", "external", "member"])
def test_only_the_named_roles_confirm_or_withdraw(organisation, people, now, who):
    made = _propose(organisation, people, now)
    for act in (proposals.confirm, proposals.withdraw):
        with pytest.raises(NotAllowed, match=rules.NOT_THEIRS):
            act(made, by=people[who], now=now)


def test_somebody_of_another_organisation_confirms_nothing(organisation, other_organisation, people, now):
    made = _propose(organisation, people, now)
    charlie = actions.add_person(other_organisation, name_en="Charlie", name_zh="查理", email="c@s.example")
    actions.give_role(charlie, "overseer", by=None, now=now)
    with pytest.raises(NotAllowed):
        proposals.confirm(made, by=charlie, now=now)
    with pytest.raises(NotFound):
        proposals.find(other_organisation, made.pk)


def test_what_fails_to_apply_stays_unconfirmed(organisation, people, now):
    made = _propose(organisation, people, now, "impossible")
    with pytest.raises(ValueError, match="impossible"):
        proposals.confirm(made, by=people["overseer"], now=now)
    assert proposals.waiting(organisation) == [made]


def test_the_database_refuses_one_person_as_both(organisation, people, now):
    made = _propose(organisation, people, now)
    with pytest.raises(IntegrityError):
        Proposal.objects.filter(pk=made.pk).update(confirmed_by=people["administrator"], confirmed_at=now)


def test_a_milestone_of_the_installation_counts_for_all_and_one_of_another_for_nobody(
    organisation, other_organisation, now
):
    actions.record_milestone("mail-tested", now=now, organisation=other_organisation)
    assert queries.milestone("mail-tested", organisation) is None
    actions.record_milestone("backup-verified", now=now)
    assert queries.milestone("backup-verified", organisation).at == now

"""Whoever may confirm a proposal hears that it waits, and again when it waits long."""

from datetime import timedelta

import pytest

from answerable.notices import deciding
from answerable.notices.models import Notice
from answerable.organisation import actions, proposals, rules


@pytest.fixture(autouse=True)
def _kinds(monkeypatch):
    title = {"en": "The name", "zh": "名称"}
    either = frozenset({"administrator", "overseer"})
    kind = proposals.Kind(title, frozenset({"administrator"}), either, lambda *_: [], lambda *_: None)
    monkeypatch.setitem(proposals.KINDS, "rename", kind)
    monkeypatch.setitem(proposals.KINDS, "chain", kind._replace(announces_itself=True))


def told(event):
    return set(Notice.objects.filter(event=event).values_list("person_id", flat=True))


@pytest.fixture
def second(organisation, now):
    person = actions.add_person(organisation, name_en="S", name_zh="二", email="s@tidewick.example")
    actions.give_role(person, "administrator", by=None, now=now)
    return person


def propose(organisation, people, now, kind="rename"):
    return proposals.propose(organisation, kind, {}, by=people["administrator"], now=now)


def test_all_who_may_confirm_are_told_and_nobody_else(organisation, people, second, outsider, now):
    made = propose(organisation, people, now)
    assert told(f"proposal:{made.pk.hex}") == {people["overseer"].pk, second.pk}
    assert set(Notice.objects.values_list("kind", flat=True)) == {"proposal-waits"}


def test_what_its_own_capability_announces_is_not_told_twice(organisation, people, now):
    propose(organisation, people, now, "chain")
    assert not Notice.objects.exists()


def test_after_three_days_they_are_reminded_once(organisation, people, second, now):
    made = propose(organisation, people, now)
    again = f"proposal:{made.pk.hex}:again"
    deciding.remind(now + rules.REMIND_AFTER - timedelta(seconds=1))
    assert told(again) == set()
    for days in (3, 4, 5):
        deciding.remind(now + timedelta(days=days))
    assert told(again) == {people["overseer"].pk, second.pk}
    assert Notice.objects.filter(event=again).count() == 2


def test_what_is_decided_is_not_reminded_of(organisation, people, second, now):
    proposals.confirm(propose(organisation, people, now), by=second, now=now)
    proposals.withdraw(propose(organisation, people, now), by=second, now=now)
    deciding.remind(now + timedelta(days=9))
    assert not Notice.objects.filter(event__endswith=":again").exists()


def test_the_page_of_notices_leads_to_the_proposals(organisation, people, client_for, now):
    propose(organisation, people, now)
    page = client_for(people["overseer"]).get("/work/tidewick/notices/").content.decode()
    assert 'href="/work/tidewick/proposals/"' in page
    assert "waits for a second person" in page

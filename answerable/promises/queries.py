"""Reading the clocks: of one case, of many, and counted for the overseers' board."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from answerable.organisation.models import Organisation
from answerable.promises import rules
from answerable.promises.errors import NotFound
from answerable.promises.models import CaseLadder, Deadline, Escalation

__all__ = [
    "Event",
    "PromiseState",
    "due_for",
    "event_labels",
    "events_of",
    "for_case",
    "for_cases",
    "reach_of",
    "start_rung",
]


@dataclass(frozen=True, slots=True)
class PromiseState:
    """A promise as both sides see it. `state`: due, kept, late or missed. `rung`: the highest that was told,
    or None.
    """

    id: str
    case: uuid.UUID
    rule: str
    due: datetime
    title: Mapping[str, str]
    text: Mapping[str, str]
    law: str | None
    keeps: tuple[str, ...]
    state: str
    kept_at: datetime | None
    missed_at: datetime | None
    rung: int | None
    note: Mapping[str, str] | None


@dataclass(frozen=True, slots=True)
class Event:
    """Something the keeper did in a case. `type`: missed, or escalated to `rung`."""

    type: str
    at: datetime
    promise: str
    rung: int | None


def for_case(case: uuid.UUID, now: datetime | None = None) -> list[PromiseState]:
    """The promises of a case, soonest first. With `now`, one that is past due counts as missed before a sweep
    saw it.
    """
    return for_cases([case], now)[case]


def for_cases(
    cases: Collection[uuid.UUID], now: datetime | None = None
) -> dict[uuid.UUID, list[PromiseState]]:
    """The promises of each case; an empty list where there are none."""
    found: defaultdict[uuid.UUID, list[PromiseState]] = defaultdict(list)
    rows = Deadline.objects.filter(ladder_id__in=cases).select_related("ladder").order_by("due_at", "id")
    for deadline in rows:
        found[deadline.ladder_id].append(_state(deadline, now))
    return {case: found[case] for case in cases}


def due_for(cases: Collection[uuid.UUID], now: datetime | None = None) -> list[PromiseState]:
    """What is not kept yet in these cases (those that somebody may see), soonest first, missed ones among
    them.
    """
    rows = Deadline.objects.filter(ladder_id__in=cases, kept_at=None).select_related("ladder")
    return [_state(deadline, now) for deadline in rows.order_by("due_at", "id")]


def events_of(case: uuid.UUID) -> list[Event]:
    """Misses and the rungs they reached, oldest first."""
    missed = Deadline.objects.filter(ladder_id=case, missed_at__isnull=False)
    events = [
        Event("missed", deadline.missed_at, deadline.promise, None)
        for deadline in missed
        if deadline.missed_at
    ]
    told = Escalation.objects.filter(deadline__ladder_id=case, rung__gt=0, told__gt=0).select_related(
        "deadline"
    )
    events += [Event("escalated", each.at, each.deadline.promise, each.rung) for each in told]
    return sorted(events, key=lambda event: (event.at, event.promise, event.rung or 0))


def event_labels(case: uuid.UUID) -> list[bytes]:
    """The labels of the case's events so far, report.received's first. Raises NotFound."""
    row = CaseLadder.objects.filter(pk=case).values_list("event_key", "next_seq").first()
    if row is None:
        raise NotFound(f"case {case}")
    return [rules.event_label(bytes(row[0]), seq) for seq in range(row[1])]


def jurisdictions(organisation: Organisation) -> dict[uuid.UUID, str]:
    """The jurisdiction of each case that has one; two letters."""
    found = CaseLadder.objects.filter(organisation=organisation).exclude(jurisdiction="")
    return dict(found.values_list("case", "jurisdiction"))


def start_rung(case: uuid.UUID) -> int:
    """The rung where the case's ladder starts. Raises NotFound."""
    found = CaseLadder.objects.filter(pk=case).values_list("start_rung", flat=True).first()
    if found is None:
        raise NotFound(f"case {case}")
    return found


def reach_of(case: uuid.UUID, rung: int) -> list[uuid.UUID]:
    """Who of this case may be told on this rung, 1 to 3: the reporter's browser drew them. Empty where there is no such case."""
    found = CaseLadder.objects.filter(pk=case).values_list("reach", flat=True).first() or []
    return [uuid.UUID(one) for one in found[rung - 1]] if len(found) >= rung else []


def _state(deadline: Deadline, now: datetime | None) -> PromiseState:
    rule = rules.rule(deadline.promise)
    if deadline.kept_at is not None:
        state = "late" if deadline.late else "kept"
    else:
        past = now is not None and now > deadline.due_at
        state = "missed" if past or deadline.missed_at is not None else "due"
    return PromiseState(
        id=deadline.promise,
        case=deadline.ladder_id,
        rule=deadline.rule,
        due=deadline.due_at,
        title=rule.title,
        text=rule.text,
        law=rule.law,
        keeps=rule.keeps,
        state=state,
        kept_at=deadline.kept_at,
        missed_at=deadline.missed_at,
        rung=deadline.rung,
        note=rules.note_for(
            rule, deadline.ladder.jurisdiction or None, deadline.ladder.received, deadline.due_at
        ),
    )

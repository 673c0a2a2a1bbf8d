"""Starting, keeping and sweeping promises. No action stops, moves or deletes one.

The keeper's sweep may run in several processes and die anywhere: each effect (a leaf, a rung told, a notice)
has a unique key that is written in the effect's own transaction, and a deadline moves on by one conditional
update.
"""

import logging
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from answerable_protocol.encoding import canonical, id_text, time_text
from answerable_protocol.leaf import event_label
from django.db import DatabaseError, connection, transaction
from django.db.models import BooleanField, Case, DateTimeField, F, Value, When

from answerable.ledger import actions as ledger
from answerable.ledger import queries as ledger_queries
from answerable.ledger import rows
from answerable.ledger.actions import NewLeaf
from answerable.ledger.errors import LedgerError
from answerable.notices import actions as notices
from answerable.organisation import queries as organisations
from answerable.organisation.models import Organisation
from answerable.promises import rules
from answerable.promises.errors import AlreadyKept, NotFound, PromisesError
from answerable.promises.models import CaseLadder, Deadline, Escalation
from answerable.promises.rules import DuePromise

__all__ = ["Start", "forget", "keep", "next_label", "set_panel", "start", "sweep"]

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Start:
    """What starts the clock of one case.

    `received`: aware, whole seconds, as in the receipt. `reach`: the people of rungs 1 to 3. `start_rung`:
    one above the highest rung that the reporter told before, 0 if nobody. `event_key`: 32 bytes, for the
    labels of events. `time_zone`: the organisation's, looked up where it is not given.
    """

    organisation_id: uuid.UUID
    case: uuid.UUID
    received: datetime
    jurisdiction: str | None
    start_rung: int
    panel: Sequence[uuid.UUID]
    reach: Sequence[Sequence[uuid.UUID]]
    event_key: bytes
    time_zone: str | None = None


def start(starts: Sequence[Start]) -> list[Sequence[DuePromise]]:
    """Start the clocks of cases just received, in the caller's transaction; each one's promises, in order.

    Where the reporter told somebody before, the people of the start rung get a notice at once. Event label 0
    is report.received's own and is taken; `next_label` goes on from 1.
    """
    zones = _time_zones({each.organisation_id for each in starts if each.time_zone is None})
    promised: list[Sequence[DuePromise]] = [
        rules.due_promises(each.received, each.jurisdiction, each.time_zone or zones[each.organisation_id])
        for each in starts
    ]
    rows.insert(CaseLadder, _LADDER, [_ladder(each) for each in starts])
    rows.insert(
        Deadline,
        ("ladder_id", "organisation_id", "promise", "rule", "due_at", "next_at", "late"),
        [
            (each.case, each.organisation_id, promise.id, promise.rule, promise.due, promise.due, False)
            for each, promises in zip(starts, promised, strict=True)
            for promise in promises
        ],
    )
    for each in starts:
        if each.start_rung > 0:
            rung = min(each.start_rung, rules.LAST_RUNG)
            told = each.reach[rung - 1] if rung <= len(each.reach) else []
            notices.post(
                Organisation(pk=each.organisation_id),
                told,
                kind="told-before",
                event=f"told-before:{each.case}",
                now=each.received.replace(minute=0, second=0),  # a notice tells no more than the hour
            )
    return promised


def _time_zones(organisations_: Collection[uuid.UUID]) -> dict[uuid.UUID, str]:
    if not organisations_:
        return {}
    return dict(Organisation.objects.filter(pk__in=organisations_).values_list("pk", "time_zone"))


@lru_cache(maxsize=4096)  # the same few people stand in every ladder
def _texts(people: tuple[uuid.UUID, ...]) -> tuple[str, ...]:
    return tuple([str(person) for person in people])


_LADDER = (
    "case",
    "organisation_id",
    "event_key",
    "next_seq",
    "panel",
    "reach",
    "start_rung",
    "jurisdiction",
    "received",
)


def _ladder(each: Start) -> tuple[object, ...]:
    return (
        each.case,
        each.organisation_id,
        each.event_key,
        1,
        _texts(tuple(each.panel)),
        tuple([_texts(tuple(rung)) for rung in each.reach]),
        each.start_rung,
        each.jurisdiction or "",
        each.received.replace(minute=0, second=0),  # to the hour outside the log (PROTOCOLS 2.11)
    )


def keep(organisation: Organisation, case: uuid.UUID, promise: str, now: datetime) -> None:
    """Record that an answer kept a promise, in time or late. Raises NotFound, or AlreadyKept: the first time
    counts.

    One that is kept late before a sweep saw the miss is still logged as missed by the next sweep.
    """
    late = When(due_at__lt=now, then=Value(True))
    unseen = When(due_at__lt=now, missed_at=None, then=F("next_at"))
    mine = Deadline.objects.filter(ladder_id=case, organisation_id=organisation.pk, promise=promise)
    kept = mine.filter(kept_at=None).update(
        kept_at=now,
        late=Case(late, default=Value(False), output_field=BooleanField()),
        next_at=Case(unseen, default=Value(None), output_field=DateTimeField()),
    )
    if not kept:
        if mine.exists():
            raise AlreadyKept(f"case {case}: {promise}")
        raise NotFound(f"case {case} has no promise {promise}")


def forget(case: uuid.UUID, panel: Collection[uuid.UUID]) -> None:
    """Delete the clock of a case that is erased for good, with its notices, in the caller's transaction.

    `panel`: everyone who ever was on it.
    """
    ladder = CaseLadder.objects.filter(pk=case).first()
    if ladder is None:
        return
    deadlines = list(Deadline.objects.filter(ladder=ladder).values_list("pk", flat=True))
    told = {*panel, *(uuid.UUID(each) for group in [ladder.panel, *ladder.reach] for each in group)}
    notices.forget(told, [f"told-before:{case}", *(f"promise:{each}:" for each in deadlines)])
    Escalation.objects.filter(deadline_id__in=deadlines).delete()
    Deadline.objects.filter(pk__in=deadlines).delete()
    ladder.delete()


def set_panel(case: uuid.UUID, panel: Sequence[uuid.UUID], now: datetime) -> None:
    """Note who of the panel reads the case now: rung 0; nobody, if the last one is gone. Raises NotFound."""
    mine = CaseLadder.objects.filter(pk=case)
    if not mine.update(panel=[str(person) for person in panel]):
        raise NotFound(f"case {case}")
    if panel:
        mine.exclude(nobody_since=None).update(nobody_since=None)
    else:
        mine.filter(nobody_since=None).update(nobody_since=now)


def next_label(case: uuid.UUID) -> bytes:
    """The next event label of a case, used up with the caller's transaction; never given out twice. Raises
    NotFound.
    """
    row = (
        CaseLadder.objects.select_for_update()
        .filter(pk=case)
        .values_list("event_key", "next_seq", "organisation_id")
        .first()
    )
    if row is None:
        raise NotFound(f"case {case}")
    key, seq, organisation_id = bytes(row[0]), row[1], row[2]
    free = seq
    # Whoever reads the case can work out its labels and burn the coming ones: that must stop no clock.
    while ledger_queries.entries_with(organisation_id, [event_label(key, free)]):
        free += 1
    if not CaseLadder.objects.filter(pk=case, next_seq=seq).update(next_seq=free + 1):
        raise PromisesError(f"case {case}: somebody else took event {seq}")
    return event_label(key, free)


def sweep(now: datetime, limit: int = 200) -> int:
    """Log what was missed and tell the rungs that are due, up to `limit` deadlines of each organisation.

    Returns how many deadlines moved on. An organisation whose log refuses doesn't hold up the others.
    """
    moved = 0
    for organisation in organisations.every():
        due = Deadline.objects.filter(organisation=organisation, next_at__lte=now).order_by("next_at", "id")
        ids = list(
            due.values_list("id", flat=True)[:limit]
        )  # without a lock: on SQLite a transaction stops writers
        if ids:
            moved += _sweep_all_or_each(organisation, ids, now)
    return moved


def _sweep_all_or_each(organisation: Organisation, ids: Collection[int], now: datetime) -> int:
    try:
        return _sweep(organisation, ids, now)
    except (LedgerError, DatabaseError) as error:
        _log.warning("a sweep of organisation %s failed: %s", organisation.pk, type(error).__name__)
        if isinstance(error, LedgerError) or len(ids) == 1:
            return 0
    moved = 0
    for one in ids:  # so that a deadline which can't be dealt with doesn't stop those beside it
        moved += _sweep_all_or_each(organisation, [one], now)
    return moved


@transaction.atomic
def _sweep(organisation: Organisation, ids: Collection[int], now: datetime) -> int:
    due = (
        Deadline.objects.filter(pk__in=ids, next_at__lte=now)
        .select_related("ladder")
        .order_by("next_at", "id")
    )
    if connection.features.has_select_for_update_skip_locked:
        due = due.select_for_update(skip_locked=True, of=("self",))
    present = {str(person.pk) for person in organisations.people(organisation)}
    leaves: list[NewLeaf] = []
    moved = 0
    for deadline in due:
        moved += _move(organisation, deadline, now, present, leaves)
    if leaves:
        ledger.append(organisation, leaves, now)
    return moved


def _move(
    organisation: Organisation,
    deadline: Deadline,
    now: datetime,
    present: Collection[str],
    leaves: list[NewLeaf],
) -> bool:
    """Take one deadline a step on; its leaf, if it is newly missed, goes to `leaves`. False if another was
    first.
    """
    ladder = deadline.ladder
    here = [[one for one in people if one in present] for people in (ladder.panel, *ladder.reach)]
    step = rules.Next([], None)
    if deadline.kept_at is None:
        step = rules.steps_due(
            deadline.due_at,
            now,
            told=deadline.rung,
            start_rung=ladder.start_rung,
            panel=here[0],
            reach=here[1:],
        )
    changed = Deadline.objects.filter(
        pk=deadline.pk, next_at=deadline.next_at, kept_at=deadline.kept_at
    ).update(
        missed_at=deadline.missed_at or now,
        rung=max(step.rungs) if step.rungs else deadline.rung,
        next_at=step.next_at,
    )
    if not changed:
        return False
    for rung in step.rungs:
        told = rules.people_of(rung, here[0], here[1:])
        Escalation.objects.create(deadline=deadline, rung=rung, at=now, told=len(told))
        notices.post(
            organisation,
            [uuid.UUID(one) for one in told],
            kind="missed" if rung == 0 else "escalated",
            event=f"promise:{deadline.pk}:{rung}",
            now=now,
        )
    if deadline.missed_at is None:
        leaves.append(NewLeaf("promise.missed", _missed(deadline, now), next_label(deadline.ladder_id)))
    return True


def _missed(deadline: Deadline, now: datetime) -> bytes:
    return canonical(
        {
            "case": id_text(deadline.ladder_id.bytes),
            "due": time_text(deadline.due_at),
            "missed": time_text(now.replace(microsecond=0)),
            "promise": deadline.promise,
        }
    )

"""Handing cases over: somebody steps down from one, or leaves, and the rest of the panel seals it anew.

The server knows no reason, only who and since when; a reason is a sealed note of the panel. Whoever steps down or is gone
opens nothing from then on, is told of nothing, and can't be sealed to; their name stays on what they wrote. The clock runs on.
"""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from answerable_protocol.encoding import id_text
from django.db import transaction
from django.db.models import Q

from answerable.intake import rules
from answerable.intake.errors import LastReader, NotFound
from answerable.intake.models import Case, Departure, Seat
from answerable.notices import actions as notices
from answerable.notices.actions import Post
from answerable.organisation import queries as organisations
from answerable.organisation.models import Organisation, Person
from answerable.promises import actions as promises
from answerable.promises import queries as clocks
from answerable.roster import queries as rosters

STAYS = Q(stepped_down_at=None, gone_at=None)
"""A seat whose holder still reads."""
_EXTERNAL_RUNG = 3


@transaction.atomic
def step_down(person: Person, case: UUID, *, now: datetime) -> None:
    """Take this person's hands off the case at once. Raises NotFound, or LastReader where nobody else can read it."""
    found = Case.objects.select_for_update().filter(pk=case, organisation=person.organisation_id, kind="case")
    if not found.exists():
        raise NotFound("case")
    seats = Seat.objects.filter(STAYS, case_id=case)
    mine = seats.filter(person_id=person.pk)
    if not mine.exists():
        raise NotFound("case")
    beside = set(seats.exclude(person_id=person.pk).values_list("person_id", flat=True))
    others = organisations.may_read(beside)
    if not others:
        raise LastReader("case")
    mine.update(stepped_down_at=now.replace(microsecond=0))
    promises.set_panel(case, sorted(others), now)
    event = f"stepped-down:{id_text(case.bytes)}:{id_text(person.pk.bytes)}"
    notices.post(person.organisation, others, kind="handover", event=event, now=rules.hour(now))


def hand_over(now: datetime) -> int:
    """See who of the readers is gone, mark the seats they held, and tell those who have to act; how many seats.

    Leads are told of everyone who goes, whether or not a case waits: what they hear says nothing of a case that was kept
    from them. The rest of each panel is told where an open case of theirs waits. Where nobody is left to read a case, its
    own external members are told: those on its last rung, whom the reporter did not exclude.
    """
    known = rosters.keyholders()
    gone = known.keys() - organisations.may_read(known.keys())
    before = {each.person_id: each for each in Departure.objects.all()}
    _came_back(set(before) - gone, now)
    for person in gone - set(before):
        _departed(person, known[person], now)
    waiting = Seat.objects.filter(person_id__in=gone, gone_at=None)
    return sum(
        _mark(person, known[person], now) for person in set(waiting.values_list("person_id", flat=True))
    )


@transaction.atomic
def _came_back(people: Collection[UUID], now: datetime) -> None:
    """Those who have the role again read what was not handed over yet."""
    for person in people:
        held = Seat.objects.filter(person_id=person, gone_at__isnull=False)
        cases = set(held.values_list("case_id", flat=True))
        held.update(gone_at=None)
        _set_panels(cases, now)
    Departure.objects.filter(person_id__in=people).delete()


@transaction.atomic
def _departed(person: UUID, organisation_id: UUID, now: datetime) -> None:
    made = Departure(person_id=person, organisation_id=organisation_id, at=now.replace(microsecond=0))
    if not Departure.objects.bulk_create([made], ignore_conflicts=True):
        return
    organisation = Organisation(pk=organisation_id)
    leads = [each.pk for each in organisations.people_with(organisation, "lead")]
    event = f"reader-gone:{id_text(person.bytes)}:{made.at.isoformat()}"
    notices.post(organisation, leads, kind="reader-gone", event=event, now=now)


@transaction.atomic
def _mark(person: UUID, organisation_id: UUID, now: datetime) -> int:
    """Mark the seats of somebody who is gone, and tell the rest of those panels."""
    held = list(Seat.objects.select_for_update().filter(person_id=person, gone_at=None).order_by("pk"))
    cases = {each.case_id for each in held}
    list(Case.objects.select_for_update().filter(pk__in=cases).order_by("pk").values_list("pk", flat=True))
    Seat.objects.filter(pk__in=[each.pk for each in held]).update(gone_at=now.replace(microsecond=0))
    readers = _set_panels(cases, now)
    still_open = set(Case.objects.filter(pk__in=cases, closed_at=None).values_list("pk", flat=True))
    stem = f"{id_text(person.bytes)}:{now.date().isoformat()}"
    remaining = {one for case in still_open for one in readers[case]}
    outside: set[UUID] = set()
    for case in cases:
        if not readers[case]:
            outside |= set(clocks.reach_of(case, _EXTERNAL_RUNG)) - {person}
    notices.post_many(
        [
            Post(organisation_id, remaining, "handover", f"handover:{stem}"),
            Post(organisation_id, outside, "nobody-reads", f"nobody-reads:{stem}"),
        ],
        now=now,
    )
    return len(held)


def _set_panels(cases: Collection[UUID], now: datetime) -> dict[UUID, set[UUID]]:
    """Note on each case's clock who reads it now; the readers by case, none where nobody is left."""
    readers: defaultdict[UUID, set[UUID]] = defaultdict(set)
    for case, one in Seat.objects.filter(STAYS, case_id__in=cases).values_list("case_id", "person_id"):
        readers[case].add(one)
    for case in cases:
        promises.set_panel(case, sorted(readers[case]), now)
    return readers

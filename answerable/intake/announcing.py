"""Quiet notices to a panel, written by the keeper just after, so that receiving stays cheap."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from answerable_protocol.encoding import id_bytes, id_text
from django.db import transaction

from answerable.intake import rules
from answerable.intake.handover import STAYS
from answerable.intake.models import Case, Message, Seat
from answerable.intake.receiving import REPORTER
from answerable.notices import actions as notices
from answerable.notices.actions import Post


def announce(now: datetime, limit: int = 200) -> int:
    """Tell panels of new reports, and of messages that they did not write themselves; how many events.

    All are marked in the transaction of their notices, and a notice is unique: none is lost or doubled when we die.
    One transaction for up to `limit` of a kind: while it lasts, reports wait on SQLite.
    """
    return _reports(now, limit) + _messages(now, limit)


def _reports(now: datetime, limit: int) -> int:
    waiting = list(Case.objects.filter(told=False).values_list("pk", "organisation_id")[:limit])
    if not waiting:
        return 0
    with transaction.atomic():
        panels = _panels([case for case, _ in waiting])
        notices.post_many(
            [
                Post(organisation_id, panels[case], "new-report", f"case:{id_text(case.bytes)}")
                for case, organisation_id in waiting
            ],
            now=_when(now),
        )
        Case.objects.filter(pk__in=[case for case, _ in waiting], told=False).update(told=True)
    return len(waiting)


def _messages(now: datetime, limit: int) -> int:
    waiting = list(
        Message.objects.filter(told=False).values_list(
            "pk", "case_id", "case__organisation_id", "author", "place"
        )[:limit]
    )
    if not waiting:
        return 0
    with transaction.atomic():
        panels = _panels({case for _, case, _, _, _ in waiting})
        notices.post_many(
            [
                Post(
                    organisation_id,
                    panels[case] - _themselves(author),
                    "new-message",
                    f"message:{id_text(case.bytes)}:{place}",
                )
                for _, case, organisation_id, author, place in waiting
            ],
            now=_when(now),
        )
        Message.objects.filter(pk__in=[each[0] for each in waiting], told=False).update(told=True)
    return len(waiting)


def _themselves(author: str) -> set[UUID]:
    return set() if author == REPORTER else {UUID(bytes=id_bytes(author))}


def _panels(cases: Collection[UUID]) -> defaultdict[UUID, set[UUID]]:
    found: defaultdict[UUID, set[UUID]] = defaultdict(set)
    for case, person in Seat.objects.filter(STAYS, case_id__in=cases).values_list("case_id", "person_id"):
        found[case].add(person)
    return found


def _when(now: datetime) -> datetime:
    # A notice follows a report within seconds, so its own time must not tell more than the report's (PROTOCOLS 2.11).
    return rules.hour(now)

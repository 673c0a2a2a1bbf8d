"""Quiet notices to a panel, written by the keeper just after, so that receiving stays cheap."""

from datetime import datetime
from uuid import UUID

from answerable_protocol.encoding import id_bytes, id_text
from django.db import transaction

from answerable.intake import rules
from answerable.intake.models import Case, Message, Seat
from answerable.intake.receiving import REPORTER
from answerable.notices import actions as notices
from answerable.organisation.models import Organisation


def announce(now: datetime, limit: int = 200) -> int:
    """Tell panels of new reports, and of messages that they did not write themselves; how many events.

    Each is marked in the transaction of its notices, and a notice is unique: none is lost or doubled when we die.
    """
    return _reports(now, limit) + _messages(now, limit)


def _reports(now: datetime, limit: int) -> int:
    waiting = list(Case.objects.filter(told=False).values_list("pk", "organisation_id")[:limit])
    for case, organisation_id in waiting:
        with transaction.atomic():
            if Case.objects.filter(pk=case, told=False).update(told=True):
                _post(organisation_id, _panel(case), "new-report", f"case:{id_text(case.bytes)}", now)
    return len(waiting)


def _messages(now: datetime, limit: int) -> int:
    waiting = list(
        Message.objects.filter(told=False).select_related("case").defer("file", "case__report")[:limit]
    )
    for message in waiting:
        with transaction.atomic():
            if Message.objects.filter(pk=message.pk, told=False).update(told=True):
                people = _panel(message.case_id)
                if message.author != REPORTER:
                    people.discard(UUID(bytes=id_bytes(message.author)))
                event = f"message:{id_text(message.case_id.bytes)}:{message.place}"
                _post(message.case.organisation_id, people, "new-message", event, now)
    return len(waiting)


def _panel(case: UUID) -> set[UUID]:
    return set(Seat.objects.filter(case_id=case).values_list("person_id", flat=True))


def _post(organisation_id: UUID, people: set[UUID], kind: str, event: str, now: datetime) -> None:
    organisation = Organisation.objects.get(pk=organisation_id)
    # A notice follows a report within seconds, so its own time must not tell more than the report's (PROTOCOLS 2.11).
    notices.post(organisation, people, kind=kind, event=event, now=rules.hour(now))

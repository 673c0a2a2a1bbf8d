"""Posting notices and sending their e-mails."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.conf import settings

from answerable.notices.models import Notice
from answerable.organisation.models import Organisation


def post(organisation: Organisation, people: Iterable[UUID], *, kind: str, event: str, now: datetime) -> None:
    """Tell these people of one event, each at most once; inside the caller's transaction."""
    mail = "waiting" if settings.EMAIL_HOST else "none"
    Notice.objects.bulk_create(
        [
            Notice(
                organisation_id=organisation.pk,
                person_id=person,
                kind=kind,
                event=event,
                at=now,
                next_try=now,
                mail=mail,
            )
            for person in sorted(set(people))
        ],
        ignore_conflicts=True,
    )


def deliver(now: datetime) -> int:
    """Send what waits; how many were sent."""
    raise NotImplementedError

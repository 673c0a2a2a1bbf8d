"""Reading notices, and how the outbox is doing."""

from datetime import datetime, timedelta

from answerable.notices.models import Notice
from answerable.organisation.models import Person


def of(person: Person, *, limit: int = 100) -> list[Notice]:
    """The newest first."""
    return list(Notice.objects.filter(person=person).order_by("-at", "id")[:limit])


def unseen(person: Person) -> int:
    """How many notices this person has not seen."""
    return Notice.objects.filter(person=person, read_at=None).count()


def oldest_unsent(now: datetime) -> timedelta | None:
    """How long the oldest e-mail has been waiting; None if none is."""
    oldest = Notice.objects.filter(mail="waiting").order_by("at").values_list("at", flat=True).first()
    return None if oldest is None else now - oldest


def unsure() -> int:
    """E-mails of which nobody knows whether the mail server took them: a crash, or silence at the wrong moment."""
    return Notice.objects.filter(mail="handed").count()

"""Reading notices, and how the outbox is doing."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db.models import Count, Min, Q

from answerable.notices.models import Channel, Choice, Dispatch, Manner, Notice
from answerable.organisation.errors import NotFound
from answerable.organisation.models import Organisation, Person

UNSENT_HOURS: Final = 4
"""After so many hours an unsent notice is told by another way, where the organisation says nothing else."""


def of(person: Person, *, limit: int = 100) -> list[Notice]:
    """The newest first."""
    return list(Notice.objects.filter(person=person).order_by("-at", "id")[:limit])


def unseen(person: Person) -> int:
    """How many notices this person has not seen."""
    return Notice.objects.filter(person=person, read_at=None).count()


def waiting_since(now: datetime, organisation: Organisation | None = None) -> dict[Organisation, datetime]:
    """Since when the oldest unsent message of each organisation might have left. Quiet hours count for nothing."""
    notices = Notice.objects.filter(mail="waiting", due_at__lte=now)
    dispatches = Dispatch.objects.filter(state="waiting", due_at__lte=now, channel__on=True)
    if organisation is not None:
        notices = notices.filter(organisation=organisation)
        dispatches = dispatches.filter(channel__organisation=organisation)
    oldest: dict[UUID, datetime] = {}
    for found in (
        notices.values_list("organisation_id").annotate(first=Min("due_at")),
        dispatches.values_list("channel__organisation_id").annotate(first=Min("due_at")),
    ):
        for pk, first in found:
            oldest[pk] = min(first, oldest.get(pk, first))
    return {each: oldest[each.pk] for each in Organisation.objects.filter(pk__in=list(oldest))}


def oldest_unsent(now: datetime, organisation: Organisation | None = None) -> timedelta | None:
    """How long the oldest message has been waiting, by mail or to a group; None if none is."""
    since = waiting_since(now, organisation)
    return now - min(since.values()) if since else None


def is_jammed(now: datetime, organisation: Organisation) -> bool:
    """Whether something has waited longer than this organisation allows."""
    age = oldest_unsent(now, organisation)
    return age is not None and age >= timedelta(hours=manner(organisation).unsent_hours)


def unsure(organisation: Organisation | None = None) -> int:
    """Mails of which nobody knows whether the mail server took them: a crash, or silence at the wrong moment."""
    found = Notice.objects.filter(mail="handed")
    return (found.filter(organisation=organisation) if organisation else found).count()


def given_up(organisation: Organisation | None = None) -> int:
    """Mails that were refused for four days. The notices still stand on their pages."""
    found = Notice.objects.filter(mail="given-up")
    return (found.filter(organisation=organisation) if organisation else found).count()


def channels(organisation: Organisation, *, groups: bool = False) -> list[Channel]:
    """All that were set up, or those that a person can tick; how many present people ticked each, as `ticked`."""
    here = Count("ticked_by", filter=Q(ticked_by__person__left_at=None))
    found = Channel.objects.filter(organisation=organisation).annotate(ticked=here).order_by("made_at", "id")
    return list(found.filter(on=True).exclude(kind="mail") if groups else found)


def channel(organisation: Organisation, channel_id: UUID) -> Channel:
    """One of this organisation. Raises organisation.errors.NotFound."""
    found = (
        Channel.objects.select_related("organisation")
        .filter(organisation=organisation, pk=channel_id)
        .first()
    )
    if found is None:
        raise NotFound(f"channel {channel_id}")
    return found


def choice(person: Person) -> Choice:
    """What this person has chosen; the default, unsaved, if nothing."""
    return Choice.objects.filter(person=person).first() or Choice(person=person)


def manner(organisation: Organisation) -> Manner:
    """What the organisation has decided; the default, unsaved, if nothing."""
    found = Manner.objects.filter(organisation=organisation).first()
    return found or Manner(organisation=organisation, unsent_hours=UNSENT_HOURS)

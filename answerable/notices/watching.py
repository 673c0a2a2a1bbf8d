"""The outbox is watched, for a test mail that passes proves little; and overseers get their digests."""

from datetime import datetime, timedelta

from answerable.notices import actions, queries, rules
from answerable.notices.models import Choice, Manner
from answerable.organisation import queries as organisations

__all__ = ["digest", "watch"]


def watch(now: datetime) -> int:
    """Where something has waited too long to be sent, tell administrators and overseers, once for each such jam.

    The notice stands on their page and goes out by every way they have, so also by one that still works.
    """
    told = 0
    hours = dict(Manner.objects.values_list("organisation_id", "unsent_hours"))
    for organisation, since in queries.waiting_since(now).items():
        if now - since < timedelta(hours=hours.get(organisation.pk, queries.UNSENT_HOURS)):
            continue
        people = organisations.people_with(organisation, "administrator", "overseer")
        actions.post(
            organisation,
            [each.pk for each in people],
            kind="unsent",
            event=f"unsent:{since:%Y-%m-%dT%H}",
            now=now.replace(minute=0, second=0, microsecond=0),
        )
        told += 1
    return told


def digest(now: datetime) -> int:
    """Post the digests that are due: to overseers, as each has chosen, Mondays if they have chosen nothing."""
    posted = 0
    for organisation in organisations.every():
        overseers = organisations.people_with(organisation, "overseer")
        choices = Choice.objects.in_bulk([each.pk for each in overseers])
        for person in overseers:
            choice = choices.get(person.pk)
            zone = (choice.time_zone if choice else "") or organisation.time_zone
            key = rules.digest_key(now, choice.digest if choice else "weekly", zone)
            if key is not None:
                hour = now.replace(minute=0, second=0, microsecond=0)
                actions.post(organisation, [person.pk], kind="digest", event=key, now=hour)
                posted += 1
    return posted

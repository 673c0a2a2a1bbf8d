"""What groups are told: which events, when, and at most once.

A group (a robot's, a webhook's) is no person: whoever is in it reads along. So it is told of an event only if everybody
who ticked it is told of that event themselves (`rules.group_may_hear`), and only that something waits.
"""

import logging
from collections import defaultdict
from collections.abc import Collection
from datetime import datetime, timedelta
from time import monotonic
from typing import Final
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import F

from answerable.notices import offices, rules
from answerable.notices.actions import link_to, post
from answerable.notices.models import Channel, Choice, Dispatch, Notice
from answerable.notices.senders import dingtalk, feishu, slack, teams, webhook, wecom
from answerable.notices.senders.outcome import Outcome, Refused, Taken, Unsure
from answerable.organisation import queries as organisations

__all__ = ["end", "say", "spread", "tell"]

_log = logging.getLogger("answerable.notices")
_BATCH: Final = 500
_SECONDS: Final = 20.0
SENDERS: Final = {
    "wecom": wecom.send,
    "dingtalk": dingtalk.send,
    "feishu": feishu.send,
    "slack": slack.send,
    "teams": teams.send,
    "webhook": webhook.send,
}


def say(channel: Channel, *, now: datetime, seconds: float = 8.0) -> Outcome:
    """The words, to this group, now."""
    values = offices.unsealed(channel)
    if not values:
        return Refused("unreadable", again=True)
    send = SENDERS[channel.kind]
    words = rules.group_words(link_to(channel.organisation))
    return send(values["url"], words, offices.wire(seconds), secret=values.get("secret", ""), now=now)


@transaction.atomic
def spread(now: datetime) -> int:  # noqa: ARG001 - a keeper's task
    """Decide for new notices which groups hear of their events. Returns how many notices were looked at."""
    fresh = list(Notice.objects.filter(spread=False).order_by("at", "id")[:_BATCH])
    if not fresh:
        return 0
    ticks: dict[UUID, list[tuple[Channel, list[Choice]]]] = {}
    for organisation in {each.organisation_id for each in fresh}:
        channels = Channel.objects.filter(organisation_id=organisation, on=True).exclude(kind="mail")
        ticks[organisation] = [
            (each, list(each.ticked_by.filter(person__left_at=None).select_related("person__organisation")))
            for each in channels
        ]
    rows: list[Dispatch] = []
    for (organisation, event), notice in {(each.organisation_id, each.event): each for each in fresh}.items():
        told = set(
            Notice.objects.filter(organisation_id=organisation, event=event).values_list(
                "person_id", flat=True
            )
        )
        for channel, choices in ticks[organisation]:
            if notice.kind != "digest" and rules.group_may_hear([each.pk for each in choices], told):
                due = _due(notice, choices)
                rows.append(
                    Dispatch(
                        channel=channel, kind=notice.kind, event=event, at=notice.at, next_try=due, due_at=due
                    )
                )
    Dispatch.objects.bulk_create(rows, ignore_conflicts=True)
    return Notice.objects.filter(pk__in=[each.pk for each in fresh]).update(spread=True)


def _due(notice: Notice, choices: Collection[Choice]) -> datetime:
    """At once; if it is night for everybody in the group, when the first of them wakes."""
    if notice.kind in rules.AT_ANY_HOUR:
        return notice.at
    ends = [
        rules.quiet_until(
            notice.at, each.quiet_from, each.quiet_until, each.time_zone or each.person.organisation.time_zone
        )
        for each in choices
    ]
    waking = [each for each in ends if each is not None]
    return min(waking) if len(waking) == len(ends) else notice.at


def tell(now: datetime, *, seconds: float = 8.0) -> int:
    """Tell the groups what waits, all that waits for one group in one message. Returns how many messages were taken.

    Each event leaves at most once: its rows are marked as handed over before the message goes; only a clear refusal takes
    the mark back.
    """
    waiting: dict[UUID, list[UUID]] = defaultdict(list)
    due = Dispatch.objects.filter(state="waiting", next_try__lte=now, channel__on=True)
    for pk, whose in due.order_by("next_try", "id").values_list("pk", "channel_id")[:_BATCH]:
        waiting[whose].append(pk)
    sent, until = 0, monotonic() + _SECONDS
    for channel in Channel.objects.filter(pk__in=list(waiting)).select_related("organisation"):
        if monotonic() < until:
            sent += _tell(channel, waiting[channel.pk], now, seconds)
    return sent


def _tell(channel: Channel, ids: Collection[UUID], now: datetime, seconds: float) -> int:
    hour = now.replace(minute=0, second=0, microsecond=0)
    mine = Dispatch.objects.filter(pk__in=ids, state="waiting", next_try__lte=now)
    if channel.dispatches.filter(sent_at=hour).exists():  # one reporter must not fill a group
        mine.filter(kind="new-message").update(next_try=hour + timedelta(hours=1))
    claim = uuid4()
    if not mine.update(state="handed", claim=claim, tries=F("tries") + 1):
        return 0  # another keeper has them, or they wait for the next hour
    claimed = Dispatch.objects.filter(claim=claim, state="handed")
    outcome = say(channel, now=now, seconds=seconds)
    if isinstance(outcome, Taken):
        claimed.update(state="sent", sent_at=hour, next_try=hour)
        Channel.objects.filter(pk=channel.pk).exclude(failed_at=None).update(failed_at=None, code="")
        return 1
    _log.warning("channel %s: %s %s", channel.pk, type(outcome).__name__, outcome.code)
    failed = Channel.objects.filter(pk=channel.pk)
    failed.filter(failed_at=None).update(failed_at=hour)
    failed.update(code=outcome.code)
    if isinstance(outcome, Unsure):
        return 0
    tries = max(claimed.values_list("tries", flat=True), default=1)
    again = rules.next_try(tries, now=now) if outcome.again else None
    events = list(claimed.values_list("event", flat=True))
    with transaction.atomic():
        claimed.update(state="waiting" if again else "given-up", next_try=again or now, claim=None)
        _by_mail(channel, events, now)
        _tell_administrators(channel, now)
    return 0


def end(channel: Channel, now: datetime) -> None:
    """This group will not be told any more: what waited for it goes by mail where that is the only way."""
    waiting = channel.dispatches.filter(state="waiting")
    _by_mail(channel, list(waiting.values_list("event", flat=True)), now)
    waiting.update(state="none")


def _by_mail(channel: Channel, events: Collection[str], now: datetime) -> None:
    """Whoever chose this group instead of mail gets their mail after all."""
    without = Choice.objects.filter(channels=channel, mail=False).values("person")
    Notice.objects.filter(
        organisation_id=channel.organisation_id,
        person__in=without,
        event__in=events,
        mail="none",
        sent_at=None,
    ).exclude(read_at__isnull=False).update(mail="waiting", next_try=now, due_at=now)


def _tell_administrators(channel: Channel, now: datetime) -> None:
    """Once a day and channel."""
    people = organisations.people_with(channel.organisation, "administrator")
    day = now.replace(minute=0, second=0, microsecond=0)
    event = f"channel:{channel.pk}:{now:%Y-%m-%d}"
    post(channel.organisation, [each.pk for each in people], kind="channel-failed", event=event, now=day)

"""Setting up channels, testing them, and choosing how to be told."""

import json
import re
from collections.abc import Collection, Mapping
from datetime import datetime, time
from typing import Any, Final
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import IntegrityError, transaction

from answerable.notices import groups, offices, rules
from answerable.notices.actions import link_to
from answerable.notices.errors import BadAddress, NotAChannel, NotTaken, ServerDown, Unsure
from answerable.notices.mail import Conversation, Office
from answerable.notices.models import Channel, Choice, Manner
from answerable.notices.senders import dingtalk, feishu, slack, teams, wecom
from answerable.notices.senders.addresses import check_url
from answerable.notices.senders.outcome import Taken
from answerable.organisation import actions as organisations
from answerable.organisation import queries as organisation_queries
from answerable.organisation import secretbox
from answerable.organisation.models import Organisation, Person
from answerable.organisation.rules import MAIL_TESTED

__all__ = ["add", "choose", "decide", "remove", "switch", "try_operator_mail", "try_out"]

HOSTS: Final[Mapping[str, tuple[str, ...]]] = {
    "wecom": (wecom.HOST,),
    "dingtalk": (dingtalk.HOST,),
    "feishu": feishu.HOSTS,
    "slack": (slack.HOST,),
    "teams": teams.HOSTS,
}
"""Where each service lives; a leading dot stands for any name before it."""
_ADDRESS: Final = re.compile(r"[^@\s<>]+@[^@\s<>]+")


def add(
    organisation: Organisation, kind: str, name: str, values: Mapping[str, Any], *, now: datetime
) -> Channel:
    """A new channel. NotAChannel with a code: taken, one-mail-server, or what is wrong with an address."""
    _check(kind, values)
    sealed = secretbox.seal(json.dumps(dict(values)), purpose="channels")
    if kind == "mail" and Channel.objects.filter(organisation=organisation, kind="mail").exists():
        raise NotAChannel("one-mail-server")
    try:
        with transaction.atomic():
            return Channel.objects.create(
                organisation=organisation, kind=kind, name=name, sealed=sealed, made_at=now
            )
    except IntegrityError:
        raise NotAChannel("taken") from None


def _check(kind: str, values: Mapping[str, Any]) -> None:
    try:
        if kind == "mail":
            if values.get("token_url"):
                check_url(values["token_url"], plain=settings.TESTING)
            if not _ADDRESS.fullmatch(values["sender"]):
                raise NotAChannel("not-a-sender")
            if values.get("security") == "none" and values["host"].lower() not in settings.PRIVATE_HOSTS:
                raise NotAChannel("not-encrypted")
            office = offices.office_from(dict(values))
            if office.authorities:
                office.trust()
            return
        host, _, _ = check_url(values["url"], plain=settings.TESTING)
    except BadAddress as error:
        raise NotAChannel(str(error)) from None
    except ServerDown as error:
        raise NotAChannel(str(error)) from None
    homes = HOSTS.get(kind)
    if homes is None:
        if len(values.get("secret", "")) < 16:
            raise NotAChannel("short-secret")
    elif host not in settings.PRIVATE_HOSTS and not any(
        host.endswith(home) if home.startswith(".") else host == home for home in homes
    ):
        raise NotAChannel("not-of-this-service")


@transaction.atomic
def remove(channel: Channel, *, now: datetime) -> None:
    """Gone; what waited for it goes by mail to those who chose it instead of mail."""
    groups.end(channel, now)
    channel.delete()


@transaction.atomic
def switch(channel: Channel, *, on: bool, now: datetime) -> None:
    """Switch a channel off, or on again; off as if it were gone."""
    if not on:
        groups.end(channel, now)
    Channel.objects.filter(pk=channel.pk).update(on=on)


def try_out(channel: Channel, *, by: Person, now: datetime) -> str:
    """Send the usual words: to the group, or by mail to whoever asks. Returns the code of what went wrong, "" if taken."""
    if channel.kind == "mail":
        code = _test_mail(offices.office_from(offices.unsealed(channel)), by, now)
        if not code:
            _remember(by, now)
    else:
        outcome = groups.say(channel, now=now)
        code = "" if isinstance(outcome, Taken) else outcome.code
    Channel.objects.filter(pk=channel.pk).update(
        tested_at=now,
        code=code[:40],
        failed_at=now.replace(minute=0, second=0, microsecond=0) if code else None,
    )
    return code


def try_operator_mail(*, by: Person, now: datetime) -> str:
    """A mail to whoever asks, by the installation's own server. Returns the code of what went wrong, "" if taken."""
    try:
        office = offices.operator_office()
    except ServerDown as error:
        return str(error)
    if office is None:
        return "none"
    code = _test_mail(office, by, now)
    if not code:
        _remember(by, now)
    return code


def _remember(by: Person, now: datetime) -> None:
    """For the checklist: this organisation's mail has been seen to work."""
    organisations.record_milestone(
        MAIL_TESTED, organisation=by.organisation, by=by, about=organisation_queries.mail_server(), now=now
    )


def _test_mail(office: Office, by: Person, now: datetime) -> str:
    message = rules.mail(
        uuid4(),
        to=by.email,
        sender=office.sender,
        languages=by.languages,
        link=link_to(by.organisation),
        host=office.sender.rpartition("@")[2].strip(">"),
        now=now,
    )
    try:
        with Conversation(office, now=now, wire=offices.wire()) as server:
            server.announce(sender=office.sender, to=by.email)
            server.hand_over(message)
    except (ServerDown, NotTaken, Unsure) as error:
        return str(error)
    return ""


@transaction.atomic
def choose(
    person: Person,
    *,
    mail: bool,
    channels: Collection[UUID],
    quiet_from: time | None,
    quiet_until: time | None,
    time_zone: str,
    digest: str,
) -> None:
    """How this person is told. NotAChannel with a code: no-way-left, too-quiet, no-such-zone."""
    found = list(
        Channel.objects.filter(organisation_id=person.organisation_id, on=True, pk__in=channels).exclude(
            kind="mail"
        )
    )
    if not mail and not found:
        raise NotAChannel("no-way-left")
    if (quiet_from is None) != (quiet_until is None) or (
        quiet_from is not None
        and quiet_until is not None
        and not rules.is_length_of_quiet(quiet_from, quiet_until)
    ):
        raise NotAChannel("too-quiet")
    if time_zone:
        try:
            ZoneInfo(time_zone)
        except (ValueError, OSError, LookupError):
            raise NotAChannel("no-such-zone") from None
    made, _ = Choice.objects.update_or_create(
        person=person,
        defaults={
            "mail": mail,
            "quiet_from": quiet_from,
            "quiet_until": quiet_until,
            "time_zone": time_zone,
            "digest": digest,
        },
    )
    made.channels.set(found)


def decide(organisation: Organisation, *, counts: bool, unsent_hours: int) -> None:
    """Whether digests say counts, and after how many hours an unsent notice is told by another way."""
    Manner.objects.update_or_create(
        organisation=organisation, defaults={"counts": counts, "unsent_hours": unsent_hours}
    )

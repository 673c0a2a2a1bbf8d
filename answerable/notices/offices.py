"""Which mail server speaks for whom, and how a channel's sealed settings are read."""

import json
from collections.abc import Collection
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings

from answerable.notices.errors import ServerDown
from answerable.notices.mail import Office
from answerable.notices.models import Channel
from answerable.notices.senders.oauth import Access
from answerable.notices.senders.wire import Wire
from answerable.organisation import secretbox
from answerable.organisation.errors import Unreadable

__all__ = ["office_from", "operator_office", "own_offices", "unsealed", "wire"]

_LOOPBACK = ("localhost", "127.0.0.1", "::1")


def operator_office() -> Office | None:
    """The installation's mail server, None if none is set. It may stand inside: the operator has named it."""
    if not settings.EMAIL_HOST:
        return None
    host = settings.EMAIL_HOST
    access = None
    if settings.MAIL_TOKEN_URL:
        access = Access(
            url=settings.MAIL_TOKEN_URL,
            client=settings.MAIL_CLIENT_ID,
            secret=settings.MAIL_CLIENT_SECRET,
            scope=settings.MAIL_SCOPE,
            refresh=settings.MAIL_REFRESH_TOKEN,
        )
    return Office(
        host=host,
        port=settings.EMAIL_PORT,
        sender=settings.DEFAULT_FROM_EMAIL,
        security=settings.MAIL_SECURITY or ("none" if host in _LOOPBACK else "starttls"),
        account=settings.EMAIL_HOST_USER,
        password=settings.EMAIL_HOST_PASSWORD,
        access=access,
        authorities=_authorities(settings.MAIL_CA_FILE),
        private=None,
    )


def own_offices(organisations: Collection[UUID] | None = None) -> dict[UUID, Office]:
    """The organisations that have a mail server of their own, switched on. One that can't be read counts as down."""
    found = Channel.objects.filter(kind="mail", on=True)
    if organisations is not None:
        found = found.filter(organisation_id__in=organisations)
    return {each.organisation_id: office_from(unsealed(each)) for each in found}


def office_from(values: dict[str, Any]) -> Office:
    """An office from a mail channel's settings; one that nobody can reach if they are unreadable."""
    access = None
    if values.get("token_url"):
        access = Access(
            url=values["token_url"],
            client=values.get("client_id", ""),
            secret=values.get("client_secret", ""),
            scope=values.get("scope", ""),
            refresh=values.get("refresh_token", ""),
        )
    return Office(
        host=values.get("host", ""),
        port=values.get("port", 587),
        sender=values.get("sender", ""),
        security=values.get("security", "starttls"),
        account=values.get("account", ""),
        password=values.get("password", ""),
        access=access,
        authorities=values.get("authorities", ""),
        private=settings.PRIVATE_HOSTS,
    )


def unsealed(channel: Channel) -> dict[str, Any]:
    """A channel's settings; empty if the secret key is another one now: then it can't send, and says so."""
    try:
        found = json.loads(secretbox.unseal(channel.sealed, purpose="channels"))
    except (Unreadable, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def wire(seconds: float = 8.0) -> Wire:
    """The way to services, as the operator allows it."""
    return Wire(seconds=seconds, private=settings.PRIVATE_HOSTS, plain=settings.TESTING)


def _authorities(path: str) -> str:
    if not path:
        return ""
    try:
        return Path(path).read_text(encoding="ascii")
    except (OSError, UnicodeError):
        raise ServerDown("mail-ca-file") from None

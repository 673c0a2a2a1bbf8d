"""Tokens for mail servers that no longer take passwords: Microsoft 365 (client credentials) and Google (refresh token).

A token is kept in memory until two minutes before it ends; one that the mail server refuses is dropped. Source: RFC 6749
4.4, 5.2 and 6; the XOAUTH2 line is Google's, and Microsoft takes the same.
"""

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock
from typing import Final
from urllib.parse import urlencode

from answerable.notices.errors import NoToken
from answerable.notices.senders.services import number
from answerable.notices.senders.wire import Answer, Wire

__all__ = ["Access", "Tokens", "xoauth2"]

_EARLY: Final = timedelta(minutes=2)
_CODE: Final = re.compile(r"[a-z_]{3,40}")
_TOKEN: Final = re.compile(r"[\x21-\x7e]{1,8192}")


@dataclass(frozen=True, slots=True)
class Access:
    """How to get a token. With `refresh` by refresh token, else by client credentials."""

    url: str
    client: str
    secret: str = field(repr=False)
    scope: str = ""
    refresh: str = field(default="", repr=False)


class Tokens:
    """Asks, keeps, and forgets."""

    def __init__(self) -> None:
        self._kept: dict[Access, tuple[str, datetime]] = {}
        self._lock = Lock()

    def get(self, access: Access, wire: Wire, *, now: datetime) -> str:
        """A token that is good now. NoToken with the endpoint's own error code, such as `invalid_client`."""
        with self._lock:
            kept = self._kept.get(access)
            if kept and now < kept[1]:
                return kept[0]
        token, seconds = _ask(access, wire)
        with self._lock:
            self._kept[access] = (token, now + timedelta(seconds=seconds) - _EARLY)
        return token

    def forget(self, access: Access) -> None:
        """The mail server refused it."""
        with self._lock:
            self._kept.pop(access, None)


def _ask(access: Access, wire: Wire) -> tuple[str, int]:
    form = {"client_id": access.client, "client_secret": access.secret}
    if access.refresh:
        form |= {"grant_type": "refresh_token", "refresh_token": access.refresh}
    else:
        form |= {"grant_type": "client_credentials"}
    if access.scope:
        form["scope"] = access.scope
    answer = wire.post(access.url, urlencode(form).encode(), kind="application/x-www-form-urlencoded")
    if not isinstance(answer, Answer):
        raise NoToken(answer.code)
    found = answer.json()
    token, code = found.get("access_token"), found.get("error")
    if answer.status == 200 and isinstance(token, str) and _TOKEN.fullmatch(token):
        seconds = number(found.get("expires_in")) or 0
        return token, min(max(seconds, 0), 86_400)
    if isinstance(code, str) and _CODE.fullmatch(code):
        raise NoToken(code)
    raise NoToken(str(answer.status))


def xoauth2(account: str, token: str) -> str:
    """The initial response, before Base64."""
    return f"user={account}\x01auth=Bearer {token}\x01\x01"

"""Proof of work: challenges that only this server makes, and how much work they ask for (PROTOCOLS 2.10).

A challenge is 1 byte of bits, 8 of expiry, 16 random and a MAC of 16 over those and the organisation; the server remembers only the
spent ones. Work rises while more comes in than we plan for and falls when it ebbs: everyone is slower, nobody is refused.
"""

import hmac
import secrets
import threading
import time
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Final, NamedTuple
from uuid import UUID

from answerable_protocol import pow as proof_of_work
from answerable_protocol.encoding import base64url_decode, base64url_encode, time_text
from answerable_protocol.errors import ProtocolError
from django.conf import settings

from answerable.intake.errors import WorkNeeded

LASTS: Final = timedelta(minutes=10)
MOST_BITS: Final = 18  # about 23 s on an old phone (12,000 hashes a second: bench/page.py, CPU 6x slower)
SLACK: Final = 2  # a challenge given out when it was calmer may ask for this much less
_HEAD: Final = 25
_MAC: Final = 16


class Spending(NamedTuple):
    """A challenge whose work was done; `value` is remembered until it expires."""

    value: bytes
    expires: datetime


def next_extra(extra: int, came: int, seconds: float, per_second: int, most: int) -> int:
    """The bits above the ordinary for the next second: one more while too much comes, one less once it is half of that."""
    rate = came / seconds
    if rate > per_second:
        return min(most, extra + 1)
    if rate < per_second / 2:
        return max(0, extra - max(1, int(seconds)))
    return extra


class Meter:
    """Counts what comes in and says how many bits of work to ask for. One per process."""

    def __init__(self, base: int, per_second: int) -> None:
        self._base, self._per_second = base, per_second
        self._extra = self._came = 0
        self._since = time.monotonic()
        self._lock = threading.Lock()

    def bits(self, *, arrived: int = 0, clock: float | None = None) -> int:
        """The bits to ask for now; `arrived` submissions are added to the count."""
        clock = time.monotonic() if clock is None else clock
        with self._lock:
            self._came += arrived
            if clock - self._since >= 1:
                self._extra = next_extra(
                    self._extra,
                    self._came,
                    clock - self._since,
                    self._per_second,
                    max(0, MOST_BITS - self._base),
                )
                self._came, self._since = 0, clock
            return self._base + self._extra


@lru_cache(maxsize=1)
def meter() -> Meter:
    """This process's meter."""
    return Meter(settings.WORK_BITS, settings.WORK_PER_SECOND)


@lru_cache(maxsize=1)
def _key() -> bytes:
    return hmac.digest(settings.SECRET_KEY.encode(), b"answerable/v1/work", "sha256")


def _mac(organisation_id: UUID, head: bytes) -> bytes:
    return hmac.digest(_key(), b"work" + organisation_id.bytes + head, "sha256")[:_MAC]


def challenge(organisation_id: UUID, *, now: datetime, bits: int | None = None) -> dict[str, Any]:
    """A new challenge, as the API gives it: {challenge, bits, expires}."""
    bits = meter().bits() if bits is None else bits
    expires = now.replace(microsecond=0) + LASTS
    head = bytes([bits]) + int(expires.timestamp()).to_bytes(8, "big") + secrets.token_bytes(16)
    text = base64url_encode(head + _mac(organisation_id, head))
    return {"challenge": text, "bits": bits, "expires": time_text(expires)}


def check(organisation_id: UUID, work: Any, *, now: datetime, bits: int) -> Spending:
    """What is spent, if `work` ({challenge, counter}) answers a fresh challenge of ours for this organisation.

    `bits` is what would be asked for now. Raises WorkNeeded otherwise.
    """
    try:
        given, counter = base64url_decode(work["challenge"], _HEAD + _MAC), work["counter"]
    except (AttributeError, KeyError, TypeError, ProtocolError):
        raise WorkNeeded("no work") from None
    head, mac = given[:_HEAD], given[_HEAD:]
    if not hmac.compare_digest(mac, _mac(organisation_id, head)):
        raise WorkNeeded("not our challenge")
    expires = datetime.fromtimestamp(int.from_bytes(head[1:9], "big"), tz=now.tzinfo)
    if not now <= expires <= now + LASTS or head[0] < bits - SLACK:
        raise WorkNeeded("an old challenge, or too little work")
    if not isinstance(counter, int) or isinstance(counter, bool):
        raise WorkNeeded("no counter")
    try:
        proof_of_work.check(given, counter, head[0])
    except ProtocolError:
        raise WorkNeeded("the work was not done") from None
    return Spending(head[9:], expires)

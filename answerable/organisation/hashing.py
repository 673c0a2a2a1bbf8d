"""Hashing a password costs a good part of a second of a processor, so only so many run at once.

Whoever sends wrong passwords by the thousand would otherwise stop every page. The cap is of this process: half of its
processors hash, a few wait a moment, all others are told at once to try again (`Busy`, answered as 503).
"""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.contrib.auth.hashers import PBKDF2PasswordHasher

from answerable.organisation.errors import Busy

AT_ONCE = max(1, (os.cpu_count() or 1) // 2)
WAITING = 6
PATIENCE = 3.0  # seconds

_room = threading.BoundedSemaphore(AT_ONCE + WAITING)
_hashing = threading.BoundedSemaphore(AT_ONCE)


class CappedHasher(PBKDF2PasswordHasher):
    """Django's PBKDF2, under the cap. Verifying encodes, too."""

    def encode(self, password: str, salt: str, iterations: int | None = None) -> str:
        with _turn():
            return super().encode(password, salt, iterations)


@contextmanager
def _turn() -> Iterator[None]:
    if not _room.acquire(blocking=False):
        raise Busy("password hashing")
    try:
        if not _hashing.acquire(timeout=PATIENCE):
            raise Busy("password hashing")
        try:
            yield
        finally:
            _hashing.release()
    finally:
        _room.release()

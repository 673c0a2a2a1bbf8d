"""Two guards before anything is served (facts: granian's worker outlives a killed main process and keeps the port).

1. The worker dies with its main process (Linux `PR_SET_PDEATHSIG`), so no orphan serves beside a new start.
2. One process serves a data folder (`flock` on `serving.lock`): on SQLite a second writer must fail, not fork.
"""

import contextlib
import ctypes
import fcntl
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO

_held: list[IO[str]] = []


class AlreadyServing(Exception):
    """Another process serves this data."""


def die_with_parent() -> None:
    """Ask the kernel to end this process when its parent ends; elsewhere than on Linux, do nothing."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)
        if os.getppid() == 1 and os.environ.get("ANSWERABLE_PARENT", "1") != "1":
            os._exit(1)  # the parent ended before we asked


def serve_alone(data: Path) -> None:
    """Hold the lock of this data folder for the life of the process.

    Raises `AlreadyServing` if another process holds it.
    """
    _held.append(_lock(data))


@contextlib.contextmanager
def serving_alone(data: Path) -> Iterator[None]:
    """Hold the same lock for a while, so that nobody serves meanwhile. Raises `AlreadyServing`."""
    with _lock(data):
        yield


def _lock(data: Path) -> IO[str]:
    lock = (data / "serving.lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        raise AlreadyServing(f"another process serves {data.name}") from None
    return lock

"""A second process that takes the plain stream while it is made or decrypted: `answerable unpack` in a scratch folder."""

import contextlib
import fcntl
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from answerable.archive import errors
from answerable.archive.errors import ArchiveError, InUse
from answerable.archive.sealing import scratch_name


class Child:
    """Restores what is written to it. `finish` gives its summary, or raises what it found."""

    def __init__(self, data: Path, database: str, *options: str, checkpoints: Path | None = None) -> None:
        """`options` of `answerable unpack`; `checkpoints`: which logs' checkpoints to compare with, none by default."""
        self._told: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `kill`
        environment = {
            **os.environ,
            "ANSWERABLE_DATA": str(data),
            "ANSWERABLE_CHECKPOINTS": str(checkpoints or data / "checkpoints"),
            "ANSWERABLE_DATABASE": database,
            "ANSWERABLE_DEMO": "0",
            "ANSWERABLE_BACKUP_TO": "",
        }
        command = [sys.executable, "-m", "answerable", "unpack", *options]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=self._told, stderr=subprocess.DEVNULL, env=environment
        )

    def write(self, data: bytes) -> int:
        """More of the stream. Raises what the child found, if it gave up."""
        assert self._process.stdin is not None  # noqa: S101 - PIPE above
        try:
            self._process.stdin.write(data)
        except BrokenPipeError:
            self.finish()
            raise ArchiveError("the restoring process ended early") from None
        return len(data)

    def finish(self) -> dict[str, Any]:
        """Wait for the end. Raises the child's ArchiveError."""
        assert self._process.stdin is not None  # noqa: S101
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        status = self._process.wait()
        self._told.seek(0)
        try:
            found: dict[str, Any] = json.loads(self._told.read())
        except ValueError:
            raise ArchiveError(f"the restoring process ended with status {status} and said nothing") from None
        if status:
            kind = getattr(errors, str(found.get("error")), ArchiveError)
            raise kind(found.get("words"))
        return found

    def kill(self) -> None:
        """End it at once."""
        self._process.kill()
        self._process.wait()
        with contextlib.suppress(OSError):
            assert self._process.stdin is not None  # noqa: S101
            self._process.stdin.close()
        self._told.close()


@contextlib.contextmanager
def running(data: Path, database: str, *options: str, checkpoints: Path | None = None) -> Iterator[Child]:
    """A child that does not outlive the block: see `Child`."""
    child = Child(data, database, *options, checkpoints=checkpoints)
    try:
        yield child
    finally:
        child.kill()


@contextlib.contextmanager
def scratch(beside: Path, prefix: str) -> Iterator[Path]:
    """A new folder that is gone afterwards, unless it was renamed; what killed processes left goes first."""
    beside.mkdir(parents=True, exist_ok=True, mode=0o700)
    for left in beside.glob(f"{prefix}-*-*"):
        pid = left.name.rsplit("-", 2)[-2]
        if pid.isdecimal() and not Path(f"/proc/{pid}").exists():
            shutil.rmtree(left, ignore_errors=True)
    folder = beside / scratch_name(prefix)
    try:
        folder.mkdir(mode=0o700)
    except OSError as error:
        raise ArchiveError(f"no scratch folder can be made in {beside}: {error.strerror}") from error
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def alone(path: Path, words: str) -> Iterator[None]:
    """Hold the lock file at `path`. Raises InUse with `words`."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with path.open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InUse(words) from None
        yield

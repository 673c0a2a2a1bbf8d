"""Sealed attachments on disk, one file each: attachments/<organisation>/<2 characters>/<key>.

The key hashes case and file together, so one case's file can't be reached, or guessed, through another's. Bytes are appended to
`<key>.part`, flushed to the disk before they are counted, and the whole is renamed once its hash is right.
"""

import errno
import hashlib
import os
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from django.conf import settings

from answerable.intake.errors import NotFound
from answerable.intake.receiving import told_plainly
from answerable.ledger.durable import sync_folder

_BLOCK = 256 * 1024


def path_of(organisation_id: UUID, case: UUID, sha256: bytes) -> Path:
    """Where the finished file is, or will be."""
    key = hashlib.sha256(case.bytes + sha256).hexdigest()
    return Path(settings.ANSWERABLE_DATA) / "attachments" / organisation_id.hex / key[:2] / key


def _part(path: Path) -> Path:
    return path.with_name(path.name + ".part")


def append(path: Path, offset: int, chunk: bytes) -> None:
    """Write `chunk` at `offset` of the part, cutting off what an unfinished try left; durable once it returns.

    Raises NoRoom; then the part is as long as before. Files are refused while there is still room for reports: whoever
    fills the disk with files must not shut the channel.
    """
    part = _part(path)
    with told_plainly():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(part, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            os.ftruncate(handle, offset)
            _keep_reserve(handle, len(chunk))
            _write_all(handle, offset, chunk)
            os.fsync(handle)
        except OSError:
            with suppress(OSError):
                os.ftruncate(handle, offset)
            raise
        finally:
            os.close(handle)


def _keep_reserve(handle: int, length: int) -> None:
    disk = os.fstatvfs(handle)
    if disk.f_bavail * disk.f_frsize - length < settings.RESERVE_MIB * 1024 * 1024:
        raise OSError(errno.ENOSPC, "kept for reports")


def _write_all(handle: int, offset: int, chunk: bytes) -> None:
    view = memoryview(chunk)
    while view:
        written = os.pwrite(handle, view, offset)
        offset += written
        view = view[written:]


def digest(path: Path) -> bytes:
    """The SHA-256 of the part; empty bytes if it is gone."""
    found = hashlib.sha256()
    try:
        with _part(path).open("rb") as source:
            while block := source.read(_BLOCK):
                found.update(block)
    except FileNotFoundError:
        return b""
    return found.digest()


def beginning(path: Path, length: int) -> bytes:
    """The first bytes of the part."""
    with _part(path).open("rb") as source:
        return source.read(length)


def finish(path: Path) -> None:
    """Give the part its name; durable once it returns. Raises NoRoom."""
    part = _part(path)
    # Backups keep a file's time, and it would say to the second when she was here (PROTOCOLS 2.11).
    hour = int(time.time()) // 3600 * 3600
    os.utime(part, (hour, hour))
    with told_plainly():
        part.rename(path)
        sync_folder(path.parent)


def discard(path: Path) -> None:
    """Drop the part."""
    _part(path).unlink(missing_ok=True)


def remove(path: Path) -> None:
    """Take a file away, finished or not; durable once it returns. One that isn't there is gone already."""
    discard(path)
    path.unlink(missing_ok=True)
    with suppress(FileNotFoundError):
        sync_folder(path.parent)


def stream(path: Path, start: int, length: int) -> Iterator[bytes]:
    """The bytes of a finished file, block by block. Raises NotFound before the first."""
    try:
        source = path.open("rb")
    except FileNotFoundError:
        raise NotFound("file") from None
    return _blocks(source, start, length)


def _blocks(source: BinaryIO, start: int, length: int) -> Iterator[bytes]:
    with source:
        source.seek(start)
        while length > 0 and (block := source.read(min(_BLOCK, length))):
            length -= len(block)
            yield block

"""Where sealed files lie: a folder, or a bucket of any S3 API. A file appears whole, or not at all.

`s3://bucket/prefix` takes its keys from the settings `s3_*`, or from the usual AWS_ variables of the environment.
"""

import contextlib
import errno
import hashlib
import os
import queue
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Protocol

import obstore
from django.conf import settings
from obstore.exceptions import BaseError
from obstore.store import S3Store

from answerable.archive.errors import ArchiveError, CutFile, NoPlace, NoRoom
from answerable.archive.sealing import HEADER, Writer, scratch_name
from answerable.ledger.durable import sync_folder

BLOCK = 1024 * 1024
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


@dataclass
class Written:
    """What was written, as counted on the way."""

    size: int = 0
    sha256: str = ""


class Place(Protocol):
    """A folder or bucket of sealed files."""

    def names(self) -> list[str]:
        """Every file there."""

    def write(self, name: str, fill: Callable[[Writer], object]) -> Written:
        """Let `fill` write the file. Nothing stays of it if that raises, or on a full disk (NoRoom)."""

    def blocks(self, name: str) -> Iterator[bytes]:
        """Its bytes. Raises NoPlace."""

    def delete(self, name: str) -> None:
        """Remove it."""


def place_of(text: str) -> Place:
    """The place that a setting or an argument names. Raises NoPlace."""
    if text.startswith("s3://"):
        options: dict[str, str] = {
            "endpoint": settings.S3_ENDPOINT,
            "access_key_id": settings.S3_ACCESS_KEY_ID,
            "secret_access_key": settings.S3_SECRET_ACCESS_KEY,
            "region": settings.S3_REGION,
        }
        config: Any = {key: value for key, value in options.items() if value}
        plain = settings.S3_ENDPOINT.startswith("http://")
        try:
            store = S3Store.from_url(
                text,
                config=config,
                client_options={"allow_http": plain, "timeout": "5min"},
                virtual_hosted_style_request=False,
            )
        except (BaseError, ValueError) as error:
            raise NoPlace(f"{text} is not an address of a bucket, or lacks its settings") from error
        return Bucket(store, text)
    if "://" in text:
        raise NoPlace(f"{text}: only a folder or s3://bucket/prefix")
    if not text:
        raise NoPlace("no place is set: backup_to, or --to")
    return Folder(Path(text))


def split(text: str) -> tuple[Place, str]:
    """A file's place and name: `s3://bucket/a/b.age`, or a path. Raises NoPlace."""
    folder, _, name = text.rpartition("/")
    return place_of(folder or "."), name


@contextlib.contextmanager
def told_plainly() -> Iterator[None]:
    """A full disk as NoRoom, another trouble of the disk as NoPlace."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise NoRoom(
                "the disk is full: what was begun is removed, nothing else was touched; make room and run it again"
            ) from error
        raise NoPlace(f"{error.strerror}: {error.filename or 'the place of the file'}") from error


class _Counting:
    """Counts and hashes what passes."""

    def __init__(self, out: Callable[[bytes], Any]) -> None:
        self._out = out
        self._hash = hashlib.sha256()
        self._size = 0
        self.trouble: OSError | None = None

    def write(self, data: bytes) -> int:
        try:
            self._out(data)
        except OSError as error:
            self.trouble = error
            raise
        self._hash.update(data)
        self._size += len(data)
        return len(data)

    def flush(self) -> None:
        """Nothing waits here."""

    def written(self) -> Written:
        return Written(self._size, self._hash.hexdigest())


class Folder:
    """A folder of this machine, or mounted on it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def names(self) -> list[str]:
        try:
            return sorted(each.name for each in self._path.iterdir() if each.is_file())
        except FileNotFoundError:
            return []
        except OSError as error:
            raise NoPlace(f"{self._path} can't be read") from error

    def write(self, name: str, fill: Callable[[Writer], object]) -> Written:
        with told_plainly():
            self._path.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._sweep()
            partial = self._path / (scratch_name(f".{name}") + ".partial")
            handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            try:
                with os.fdopen(handle, "wb", buffering=BLOCK) as out:
                    counting = _Counting(out.write)
                    fill(counting)
                    out.flush()
                    os.fsync(out.fileno())
                partial.replace(self._path / name)
            except BaseException:
                partial.unlink(missing_ok=True)
                raise
            sync_folder(self._path)
        return counting.written()

    def _sweep(self) -> None:
        """Remove what a killed process of this machine left."""
        for each in self._path.glob(".*.partial"):
            pid = each.name.rsplit("-", 2)[-2]
            if pid.isdecimal() and not Path(f"/proc/{pid}").exists():
                each.unlink(missing_ok=True)

    def blocks(self, name: str) -> Iterator[bytes]:
        try:
            source: BinaryIO = (self._path / name).open("rb")
        except OSError as error:
            raise NoPlace(f"{self._path / name}: {error.strerror}") from error
        with source:
            while block := source.read(BLOCK):
                yield block

    def delete(self, name: str) -> None:
        with told_plainly():
            (self._path / name).unlink(missing_ok=True)


class _Stop(Exception):
    """The writer gave up: nothing may be completed."""


class Bucket:
    """A store of obstore's: S3, or in tests a local or an in-memory one."""

    def __init__(self, store: Any, where: str) -> None:
        self._store = store
        self._where = where

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except (BaseError, OSError) as error:
            raise NoPlace(f"{self._where} does not answer as a bucket: {type(error).__name__}") from error

    def names(self) -> list[str]:
        with self._told():
            return sorted(
                str(each["path"]).rsplit("/", 1)[-1] for chunk in obstore.list(self._store) for each in chunk
            )

    def write(self, name: str, fill: Callable[[Writer], object]) -> Written:
        """Parts are sent while they are made; the object appears when the last one is confirmed."""
        blocks: queue.Queue[bytes | BaseException | None] = queue.Queue(maxsize=64)
        sent: list[BaseException | None] = []

        def given() -> Iterator[bytes]:
            gathered = bytearray()
            while (block := blocks.get()) is not None:
                if isinstance(block, BaseException):
                    raise _Stop
                gathered += block
                if len(gathered) >= BLOCK:
                    yield bytes(gathered)
                    gathered.clear()
            if gathered:
                yield bytes(gathered)

        def send() -> None:
            try:
                obstore.put(
                    self._store, name, given(), use_multipart=True, chunk_size=8 * BLOCK, max_concurrency=4
                )
                sent.append(None)
            except BaseException as error:  # noqa: BLE001 - told by the thread that waits
                sent.append(error)

        def push(data: bytes) -> None:
            while True:
                if sent:
                    raise OSError(errno.EIO, "the bucket takes no more")
                with contextlib.suppress(queue.Full):
                    blocks.put(bytes(data), timeout=1)
                    return

        sender = threading.Thread(target=send, name="to bucket", daemon=True)
        sender.start()
        counting = _Counting(push)
        try:
            fill(counting)
        except BaseException as error:
            self._give_up(blocks, sender, error)
            if counting.trouble is not None and sent and sent[0] is not None:
                raise NoPlace(f"{self._where} took only a part: {type(sent[0]).__name__}") from sent[0]
            raise
        blocks.put(None)
        sender.join()
        if sent[0] is not None:
            raise NoPlace(f"{self._where} took only a part: {type(sent[0]).__name__}") from sent[0]
        return counting.written()

    @staticmethod
    def _give_up(blocks: Any, sender: threading.Thread, error: BaseException) -> None:
        while sender.is_alive():
            with contextlib.suppress(queue.Full):
                blocks.put(error, timeout=0.2)
                break
        sender.join(60)

    def blocks(self, name: str) -> Iterator[bytes]:
        with self._told():
            for block in obstore.get(self._store, name).stream(min_chunk_size=BLOCK):
                yield bytes(block)

    def delete(self, name: str) -> None:
        with self._told():
            obstore.delete(self._store, name)


class Stream:
    """A place's file as a reader."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks = blocks
        self._rest = memoryview(b"")

    def read(self, size: int = -1) -> bytes:
        """At most `size` bytes; none at the end."""
        if not self._rest:
            self._rest = memoryview(next(self._blocks, b""))
        part, self._rest = (
            (self._rest, memoryview(b"")) if size < 0 else (self._rest[:size], self._rest[size:])
        )
        return bytes(part)


def read_back(place: Place, name: str, written: Written) -> None:
    """Read the file again: its age header, size and SHA-256 must be what was written. Raises CutFile, NoPlace."""
    found = hashlib.sha256()
    size = 0
    beginning = b""
    for block in place.blocks(name):
        if not size:
            beginning = block[: len(HEADER)]
        found.update(block)
        size += len(block)
    if beginning != HEADER or size != written.size or found.hexdigest() != written.sha256:
        raise CutFile(
            f"{name} reads back otherwise than it was written: the disk or the bucket is not to be trusted"
        )


__all__ = [
    "ArchiveError",
    "Bucket",
    "Folder",
    "Place",
    "Stream",
    "Written",
    "place_of",
    "read_back",
    "split",
    "told_plainly",
]

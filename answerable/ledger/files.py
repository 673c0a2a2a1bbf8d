"""What a log keeps outside the database: its signing key, and the newest checkpoint that may have been handed
out.

The order that makes the checkpoint file a guard (PROTOCOLS 5):

1. entries, tiles and the signed checkpoint are committed in one transaction;
2. the checkpoint is written here and fsynced;
3. only then does anyone get a receipt of that size.

So a crash between 1 and 2 leaves the file behind the database, with nothing handed out in between: the file
is written again. A database behind the file can only be an older copy put back in its place.

The file has two slots, each a SHA-256 in hex, a newline, and a checkpoint. The slot that holds the newest is never
written over: after a power loss there is the old one or the new one, whole, for one flush of the disk a batch.
"""

import contextlib
import errno
import fcntl
import hashlib
import os
import threading
import uuid
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from answerable.ledger.durable import sync_folder
from answerable.ledger.errors import NoLog, NoRoom

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_SLOT = 4096
_filed: dict[str, int] = {}  # sizes that this process has seen on disk; they only grow
_lock = threading.Lock()


@lru_cache(maxsize=8)
def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def _folder(name: str) -> Path:
    return _made(settings.ANSWERABLE_DATA / name)


def _key_path(organisation: uuid.UUID) -> Path:
    return _folder("log-keys") / f"{organisation.hex}.key"


def _checkpoints() -> Path:
    """The folder of checkpoints: best on another disk, so that no copy of the data folder takes them along."""
    return _made(settings.CHECKPOINTS or settings.ANSWERABLE_DATA / "checkpoints")


def checkpoint_path(organisation: uuid.UUID) -> Path:
    """Where the newest checkpoint of this organisation's log lies."""
    return _checkpoints() / organisation.hex


@contextlib.contextmanager
def _disk_errors() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise NoRoom("the disk of the data folder is full") from error
        raise


def _write(path: Path, data: bytes) -> None:
    """Write a file so that after a power loss there is the old one or the new one, whole."""
    partial = path.with_name(f"{path.name}.{os.getpid()}-{threading.get_ident()}.new")
    with _disk_errors():
        try:
            handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            try:
                os.write(handle, data)
                os.fsync(handle)
            finally:
                os.close(handle)
            partial.replace(path)
        except OSError:
            partial.unlink(missing_ok=True)
            raise
        sync_folder(path.parent)


def make_seed(organisation: uuid.UUID) -> bytes:
    """The log's Ed25519 seed, made now unless there is one. Only the data folder's owner can read it."""
    path = _key_path(organisation)
    if not path.exists():
        _write(path, os.urandom(32).hex().encode("ascii"))
    return load_seed(organisation)


def load_seed(organisation: uuid.UUID) -> bytes:
    """The log's Ed25519 seed, 32 bytes. Raises NoLog if the file is gone or is not one."""
    path = _key_path(organisation)
    try:
        seed = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except (OSError, ValueError) as error:
        raise NoLog(f"the log's signing key is missing or unreadable: log-keys/{path.name}") from error
    if len(seed) != 32:
        raise NoLog(f"the log's signing key is not a key: log-keys/{path.name}")
    return seed


def filed_checkpoint(organisation: uuid.UUID) -> str | None:
    """The newest checkpoint on disk, or None if there is none. A file that we did not write comes as it stands."""
    try:
        with open(_checkpoint_name(organisation), "rb") as source:  # noqa: PTH123 - on every batch's way
            return _newest(source.read())
    except FileNotFoundError:
        return None


def _checkpoint_name(organisation: uuid.UUID) -> str:
    """`checkpoint_path` as text: paths cost more than the reading of so short a file."""
    return _name_in(str(settings.CHECKPOINTS or settings.ANSWERABLE_DATA), organisation)


@lru_cache(maxsize=1024)
def _name_in(_data: str, organisation: uuid.UUID) -> str:
    return str(checkpoint_path(organisation))


def checkpoint_in(data: bytes) -> str:
    """The newest checkpoint in the bytes of a checkpoint file."""
    return _newest(data)


def _newest(data: bytes) -> str:
    found = [text for text in _slots(data) if text is not None]
    return max(found, key=_size_of) if found else data.decode("utf-8", "replace")


def _slots(data: bytes) -> list[str | None]:
    """The checkpoints in the two slots, None for one that a crash left torn. None at all in another kind of file."""
    if len(data) != 2 * _SLOT:
        return []
    return [_slot_text(data[:_SLOT]), _slot_text(data[_SLOT:])]


def _slot_text(slot: bytes) -> str | None:
    digest, _, rest = slot.partition(b"\n")
    text = rest.rstrip(b"\0")
    if hashlib.sha256(text).hexdigest().encode() != digest:
        return None
    return text.decode("utf-8")


def _slot(checkpoint: str) -> bytes:
    text = checkpoint.encode("utf-8")
    slot = hashlib.sha256(text).hexdigest().encode() + b"\n" + text
    return slot.ljust(_SLOT, b"\0")


def file_checkpoint(organisation: uuid.UUID, size: int, checkpoint: str) -> None:
    """Make sure that a checkpoint of at least `size` is on disk; durable when this returns.

    Never replaces a larger one: several processes may file in any order. Raises NoRoom when the disk is full.
    """
    name = _checkpoint_name(organisation)
    if _filed.get(name, -1) >= size:
        return
    with _lock, _disk_errors():
        lock = os.open(f"{name}.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            _filed[name] = _file(name, size, checkpoint)
        finally:
            os.close(lock)


def _file(name: str, size: int, checkpoint: str) -> int:
    """The size that is on disk now; the file is ours alone meanwhile."""
    slot = _slot(checkpoint)
    whole = slot * 2 if len(slot) == _SLOT else checkpoint.encode("utf-8")
    try:
        handle = os.open(name, os.O_RDWR)
    except FileNotFoundError:
        _write(Path(name), whole)
        return size
    try:
        data = os.read(handle, 2 * _SLOT + 1)
        there = _size_of(_newest(data))
        if there >= size:
            os.fdatasync(handle)  # whoever wrote it may have died before it was durable
            return there
        slots = _slots(data)
        if not any(slots) or len(slot) != _SLOT:  # another kind of file, or too many signatures for a slot
            _write(Path(name), whole)
            return size
        older = min((0, 1), key=lambda place: _size_of(slots[place]))
        try:
            os.pwrite(handle, slot, older * _SLOT)
            os.fdatasync(handle)
        except OSError:
            os.pwrite(handle, bytes(_SLOT), older * _SLOT)  # so that nobody takes for durable what may not be
            raise
        return size
    finally:
        os.close(handle)


def _size_of(checkpoint: str | None) -> int:
    """The size line, read leniently: whether the file is sound is for the guard to say, before anything is
    written.
    """
    lines = (checkpoint or "").split("\n", 2)
    return int(lines[1]) if len(lines) > 2 and lines[1].isdecimal() else -1


def forget() -> None:
    """Forget what was seen on disk; for tests that change it behind our back."""
    _filed.clear()

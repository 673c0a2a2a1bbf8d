"""Sealed files, chunk by chunk: only files that were listed, only in order, only with the bytes that were announced.

Contract: bytes that are counted as received are on the disk. A process that dies between writing and counting leaves a longer part,
which the next chunk cuts off again.
"""

import hashlib
import threading
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from answerable_protocol import sealed
from answerable_protocol.encoding import base64url_encode
from answerable_protocol.errors import ProtocolError

from answerable.intake import queries, store
from answerable.intake.errors import BadChunk, BadFile, WrongOrder
from answerable.intake.models import Attachment
from answerable.intake.receiving import told_plainly
from answerable.intake.rules import CHUNK
from answerable.organisation.models import Organisation


@dataclass(frozen=True, slots=True)
class Chunk:
    """Bytes `start` to `end` (included) of a file of `total`, and what they say their SHA-256 is."""

    start: int
    end: int
    total: int
    sha256: bytes
    data: bytes


@dataclass(frozen=True, slots=True)
class Stand:
    """How much of a file is here."""

    received: int
    size: int
    done: bool


# One chunk of a file at a time in this process; between processes the conditional update decides.
_locks: defaultdict[int, threading.Lock] = defaultdict(threading.Lock)


def stand(organisation: Organisation, case: UUID, sha256: bytes) -> Stand:
    """How much of a listed file is here. Raises NotFound."""
    found = queries.attachment_of(organisation.pk, case, sha256)
    return Stand(found.received, found.size, found.done)


def receive_chunk(organisation: Organisation, case: UUID, sha256: bytes, chunk: Chunk) -> Stand:
    """Take the next chunk. Raises NotFound, BadChunk, WrongOrder, BadFile (start again), NoRoom."""
    found = queries.attachment_of(organisation.pk, case, sha256)
    _check(chunk, found.size)
    with _locks[found.pk % 1024]:
        found = queries.attachment_of(organisation.pk, case, sha256)
        if found.done or chunk.start != found.received:
            raise WrongOrder(found.received, done=found.done)
        path = store.path_of(organisation.pk, case, sha256)
        store.append(path, chunk.start, chunk.data)
        if chunk.end + 1 == found.size:
            return _finish(found, sha256, path)
        _count(found, received=chunk.end + 1)
        return Stand(chunk.end + 1, found.size, done=False)


def _check(chunk: Chunk, size: int) -> None:
    length = chunk.end - chunk.start + 1
    last = chunk.end + 1 == size
    if chunk.total != size or length != len(chunk.data) or not 0 < length <= CHUNK or chunk.end >= size:
        raise BadChunk("range")
    # Whole chunks but for the last: a flood of single bytes would cost a durable write each.
    if length != CHUNK and not last:
        raise BadChunk("length")
    if hashlib.sha256(chunk.data).digest() != chunk.sha256:
        raise BadChunk("hash")


def _count(found: Attachment, *, received: int, done: bool = False) -> None:
    mine = Attachment.objects.filter(pk=found.pk, received=found.received, done=False)
    with told_plainly():
        counted = mine.update(received=received, done=done)
    if not counted:
        raise WrongOrder(Attachment.objects.values_list("received", flat=True).get(pk=found.pk))


def _finish(found: Attachment, sha256: bytes, path: Path) -> Stand:
    """The last chunk came: the whole must be the file that was listed, and a sealed one."""
    head = store.beginning(path, sealed.header_length(1))
    try:
        whole = store.digest(path) == sha256
        sealed.check(head, "attachment", 1, found.size)
    except ProtocolError:
        whole = False
    if not whole:
        store.discard(path)
        Attachment.objects.filter(pk=found.pk, received=found.received).update(received=0)
        raise BadFile(base64url_encode(sha256)[:8])
    store.finish(path)
    _count(found, received=found.size, done=True)
    return Stand(found.size, found.size, done=True)

"""A check of everything a log holds, independent of the code that writes it: for operators and tests.

Leaves are hashed anew, tiles and root are built anew from them, and every event that can still be opened is
opened. Memory holds one tile's worth of rows at a time and 32 bytes a leaf.
"""

from collections.abc import Iterator

from answerable_protocol import leaf as leaves
from answerable_protocol.errors import ProtocolError
from answerable_protocol.tiles import Tail
from answerable_protocol.tiles import Tile as FullTile

from answerable.ledger import files, queries
from answerable.ledger.errors import LogDamaged
from answerable.ledger.models import INDEX_BITS, Entry, Log, Tile
from answerable.ledger.rules import PUBLIC_TYPES
from answerable.organisation.models import Organisation

STEP = 1024


def fsck(organisation: Organisation) -> int:
    """Check the organisation's log from its first leaf to its checkpoint. Returns its size; raises
    LogDamaged.
    """
    log = queries.log_of(organisation)
    tail = Tail()
    tiles: list[FullTile] = []
    published = None
    for entries in _steps(log):
        for expected, entry in enumerate(entries, tail.size):
            _check_entry(entry, expected, organisation.slug)
        hashes = [bytes(entry.leaf_hash) for entry in entries]
        if tail.size < log.published_size <= tail.size + len(hashes):
            part = tail.copy()
            part.append(hashes[: log.published_size - tail.size])
            published = part.root()
        tiles += tail.append(hashes)
    if tail.size != log.size:
        raise LogDamaged(f"log {log.origin} says {log.size} leaves and has {tail.size}")
    if bytes(log.tail) != tail.dump():
        raise LogDamaged(f"the tail of log {log.origin} does not fit its leaves")
    _check_tiles(log, tiles)
    _check_head(log, log.checkpoint, tail.size, tail.root())
    _check_head(log, log.published_checkpoint, log.published_size, published or Tail().root())
    filed = files.filed_checkpoint(organisation.pk)
    if filed is not None:
        size = _size(log, filed)
        if size > log.size:
            raise LogDamaged(f"log {log.origin} has {log.size} leaves, its checkpoint file {size}")
        _check_head(log, filed, size, queries.root_at(log, size))
    return tail.size


def _steps(log: Log) -> Iterator[list[Entry]]:
    at = (log.pk << INDEX_BITS) - 1
    end = (log.pk + 1) << INDEX_BITS
    while entries := list(Entry.objects.filter(pk__gt=at, pk__lt=end).order_by("pk")[:STEP]):
        yield entries
        at = entries[-1].pk


def _check_entry(entry: Entry, index: int, org: str) -> None:
    where = f"entry {index}"
    if entry.index != index:
        raise LogDamaged(f"{where} is missing")
    data = bytes(entry.leaf)
    if leaves.leaf_hash(data) != bytes(entry.leaf_hash):
        raise LogDamaged(f"the hash of {where} is not its leaf's")
    try:
        leaf = leaves.parse(data)
        if entry.nonce is not None and entry.payload is not None:
            body = leaves.commitment(entry.type, bytes(entry.nonce), bytes(entry.payload))
            if body != leaf.body:
                raise LogDamaged(f"{where} does not open to what it commits to")
    except ProtocolError as error:
        raise LogDamaged(f"{where}: {error}") from error
    label = None if entry.label is None else bytes(entry.label)
    named = entry.type if entry.type in PUBLIC_TYPES else None
    if leaf.org != org or leaf.label != label or leaf.type != named:
        raise LogDamaged(f"{where} is filed under another organisation, label or type than its leaf's")


def _check_tiles(log: Log, tiles: list[FullTile]) -> None:
    stored = {
        (level, index): bytes(hashes)
        for level, index, hashes in Tile.objects.filter(log_id=log.pk).values_list("level", "index", "hashes")
    }
    if stored != {(tile.level, tile.index): tile.data for tile in tiles}:
        raise LogDamaged(f"the tiles of log {log.origin} are not those of its leaves")


def _size(log: Log, checkpoint: str) -> int:
    try:
        return queries.verified(log, checkpoint).size
    except ProtocolError as error:
        raise LogDamaged(f"a checkpoint of log {log.origin}: {error}") from error


def _check_head(log: Log, checkpoint: str, size: int, root: bytes) -> None:
    try:
        head = queries.verified(log, checkpoint)
    except ProtocolError as error:
        raise LogDamaged(f"a checkpoint of log {log.origin}: {error}") from error
    if (head.size, head.root) != (size, root):
        raise LogDamaged(f"a checkpoint of log {log.origin} is not that of its {size} leaves")

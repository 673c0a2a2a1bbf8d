"""Reading a log: receipts, proofs, tiles, and what the public may see."""

import contextlib
import threading
import uuid
from collections import OrderedDict
from collections.abc import Collection, Iterator, Sequence

from answerable_protocol import checkpoint as checkpoints
from answerable_protocol import note, policy
from answerable_protocol import receipt as receipts
from answerable_protocol.checkpoint import Checkpoint
from answerable_protocol.errors import InvalidSignature, ProtocolError, UnknownKey
from answerable_protocol.merkle import EMPTY_ROOT
from answerable_protocol.tiles import HASH, WIDTH, Prover, Source, Tail, TileCache, TilePath, bundle
from django.db import connection, transaction

from answerable.ledger import files, rows
from answerable.ledger.errors import LogDamaged, NotFound
from answerable.ledger.models import INDEX_BITS, Entry, Log, Tile
from answerable.ledger.rules import PUBLIC_TYPES
from answerable.organisation.models import Organisation

__all__ = [
    "consistency",
    "entries_at",
    "entries_bundle",
    "entries_with",
    "entry",
    "entry_by_label",
    "labels_taken",
    "log_key",
    "log_of",
    "public_entries",
    "public_receipt",
    "published_checkpoint",
    "receipt",
    "receipts_for",
    "tile",
    "trust_policy",
]


def log_of(organisation: Organisation) -> Log:
    """The organisation's log. Raises NotFound."""
    found = Log.objects.filter(organisation_id=organisation.pk).first()
    if found is None:
        raise NotFound(f"organisation {organisation.pk} has no log")
    return found


def entry(organisation: Organisation, index: int) -> Entry:
    """The entry at an index of the organisation's log. Raises NotFound."""
    found = entries_at(organisation.pk, [index])
    if not found:
        raise NotFound(f"no entry {index}")
    return found[0]


def entry_by_label(organisation: Organisation, label: bytes) -> Entry:
    """The entry with a label. Raises NotFound."""
    found = Entry.objects.filter(log__organisation_id=organisation.pk, label=label).first()
    if found is None:
        raise NotFound("no entry with this label")
    return found


def entries_at(organisation_id: uuid.UUID, indexes: Collection[int]) -> list[Entry]:
    """The entries at these indexes of the organisation's log, in their order; those it doesn't have are left
    out.
    """
    pk = Log.objects.filter(organisation_id=organisation_id).values_list("pk", flat=True).first()
    if pk is None:
        return []
    ids = [(pk << INDEX_BITS) + index for index in indexes if 0 <= index < 1 << INDEX_BITS]
    return list(Entry.objects.filter(pk__in=ids).order_by("pk"))


def entries_with(organisation_id: uuid.UUID, labels: Collection[bytes]) -> list[Entry]:
    """The entries of the organisation's log with these labels, in their order."""
    rows = Entry.objects.filter(log__organisation_id=organisation_id, label__in=list(labels))
    return list(rows.order_by("pk"))


def labels_taken(organisation_id: uuid.UUID, labels: Collection[bytes]) -> set[bytes]:
    """Those of these labels that entries of the organisation's log have."""
    log = _log_ids.get(organisation_id)
    if log is None:
        log = Log.objects.filter(organisation_id=organisation_id).values_list("pk", flat=True).first()
        if log is None:
            return set()
        _log_ids[organisation_id] = log
    return {bytes(label) for (label,) in rows.among(Entry, "label", labels, ["label"], log_id=log)}


_log_ids: dict[uuid.UUID, int] = {}


def receipt(entry: Entry) -> str:
    """The .tlog-proof of an entry. Raises NotFound if the entry was erased.

    Inside a transaction the checkpoint file follows at its commit, so hand the receipt out after that.
    """
    return receipts_for([entry])[0]


# Receipts of entries that the public does not see yet, by log and index, with the leaf's hash.
_early: OrderedDict[tuple[int, int], tuple[bytes, str]] = OrderedDict()
_MOST_EARLY = 10_000


def receipts_for(entries: Sequence[Entry]) -> list[str]:
    """Receipts of several entries of one log. Raises NotFound if one was erased.

    Against the published checkpoint where that has the entry. A receipt that is asked for again must not
    show how the log has grown since: whoever may ask could watch reports come in, to the second. So an
    entry that is not published yet gets the same receipt each time.
    """
    if not entries:
        return []
    log = Log.objects.get(pk=entries[0].log_id)
    transaction.on_commit(lambda: files.file_checkpoint(log.organisation_id, log.size, log.checkpoint))
    with _reader(log) as cache:
        return [_receipt_for(each, log, cache) for each in entries]


def _receipt_for(entry: Entry, log: Log, cache: TileCache) -> str:
    if entry.index < log.published_size:
        proof = Prover(log.published_size, cache).inclusion(entry.index)
        return receipt_text(entry, proof, log.published_checkpoint)
    key, leaf_hash = (log.pk, entry.index), bytes(entry.leaf_hash)
    known = _early.get(key)
    if known is not None and known[0] == leaf_hash and entry.payload is not None:
        return known[1]
    made = receipt_text(entry, Prover(log.size, cache).inclusion(entry.index), log.checkpoint)
    if not connection.in_atomic_block:  # what is rolled back was never a receipt
        _early[key] = leaf_hash, made
        while len(_early) > _MOST_EARLY:
            _early.popitem(last=False)
    return made


def receipt_text(entry: Entry, proof: Sequence[bytes], checkpoint: str) -> str:
    """The receipt of an entry whose proof is at hand. Raises NotFound if what opens it was erased."""
    if entry.nonce is None or entry.payload is None:
        raise NotFound(f"entry {entry.index} has been erased")
    return receipts.make(
        leaf=bytes(entry.leaf),
        type=entry.type,
        nonce=bytes(entry.nonce),
        payload=bytes(entry.payload),
        index=entry.index,
        proof=proof,
        checkpoint=checkpoint.encode("utf-8"),
    ).decode("utf-8")


def log_key(organisation: Organisation) -> str:
    """The log's public key as a vkey line."""
    return note.vkey(_key(log_of(organisation)))


def trust_policy(organisation: Organisation) -> str:
    """A tlog-policy that believes this log, with no witness yet: the organisation's own signature and clock
    only.
    """
    return policy.text([_key(log_of(organisation))])


def published_checkpoint(organisation: Organisation) -> str:
    """The checkpoint that the public sees."""
    return log_of(organisation).published_checkpoint


def public_receipt(organisation: Organisation, index: int) -> str:
    """A public event, opened, against the published checkpoint. Raises NotFound for any other entry."""
    log = log_of(organisation)
    found = entry(organisation, index) if index < log.published_size else None
    if found is None or found.type not in PUBLIC_TYPES:
        raise NotFound(f"no public entry {index}")
    with _reader(log) as cache:
        return receipt_text(
            found, Prover(log.published_size, cache).inclusion(index), log.published_checkpoint
        )


def public_entries(organisation: Organisation, type_: str) -> list[Entry]:
    """All entries of a public type, in order, published yet or not."""
    log = log_of(organisation)
    return list(Entry.objects.filter(log=log, type=type_).order_by("id"))


def tile(organisation: Organisation, path: TilePath) -> bytes:
    """A hash tile or entry bundle as wide as asked for, up to the published size; else NotFound."""
    log = log_of(organisation)
    level = path.level or 0
    count = log.published_size >> 8 * level
    if path.index * WIDTH + path.width > count:
        raise NotFound("not published, or no such tile")
    if path.level is None:
        return entries_bundle(log, path.index, path.width)
    return source(log)(level, path.index, path.width)[: path.width * HASH]


def entries_bundle(log: Log, index: int, width: int) -> bytes:
    """The leaves of an entry bundle."""
    first = (log.pk << INDEX_BITS) + index * WIDTH
    rows = (
        Entry.objects.filter(pk__gte=first, pk__lt=first + width)
        .order_by("pk")
        .values_list("leaf", flat=True)
    )
    return bundle([bytes(leaf) for leaf in rows])


def consistency(organisation: Organisation, old: int) -> list[bytes]:
    """The proof that the newest tree begins with the tree of `old` leaves."""
    log = log_of(organisation)
    with _reader(log) as cache:
        return Prover(log.size, cache).consistency(old)


def tail(log: Log) -> Tail:
    """The log's tail as stored. Raises LogDamaged."""
    try:
        return Tail.load(log.size, bytes(log.tail))
    except ProtocolError as error:
        raise LogDamaged(f"the tail of log {log.origin} is not of {log.size} leaves") from error


def source(log: Log) -> Source:
    """The log's tiles: full ones from their rows, the last of each level from the tail."""
    unfinished: list[Tail] = []

    def read(level: int, index: int, _width: int) -> bytes:
        if index < log.size >> 8 * (level + 1):
            row = (
                Tile.objects.filter(log_id=log.pk, level=level, index=index)
                .values_list("hashes", flat=True)
                .first()
            )
            return bytes(row) if row is not None else b""
        if not unfinished:
            unfinished.append(tail(log))
        return unfinished[0].partial(level)

    return read


def root_at(log: Log, size: int) -> bytes:
    """The root of the tree of the log's first `size` leaves."""
    return Prover(size, source(log)).root() if size else EMPTY_ROOT


def verified(log: Log, checkpoint: str) -> Checkpoint:
    """A checkpoint that this log's key signed. Raises ProtocolError otherwise."""
    read = checkpoints.parse(checkpoint.encode("utf-8"))
    if read.origin != log.origin:
        raise UnknownKey("the checkpoint is of another log")
    if note.verify(read.note, [_key(log)]) != (_key(log),):
        raise InvalidSignature("the log's key did not sign this checkpoint")
    return read


def _key(log: Log) -> note.Key:
    return note.Key(log.origin, note.ED25519, bytes(log.public_key))


class _Reader:
    """A log's tiles in memory, for one thread at a time."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.source: Source = _nothing
        self.cache = TileCache(lambda level, index, width: self.source(level, index, width), most=256)


def _nothing(_level: int, _index: int, _width: int) -> bytes:
    return b""


_readers: dict[tuple[int, bytes], _Reader] = {}


@contextlib.contextmanager
def _reader(log: Log) -> Iterator[TileCache]:
    """The log's tiles, kept in memory between calls; to be used before the block ends.

    Inside a transaction nothing is kept: tiles never change, except those that are rolled back.
    """
    if connection.in_atomic_block:
        yield TileCache(source(log))
        return
    reader = _readers.setdefault((log.pk, bytes(log.public_key)), _Reader())
    with reader.lock:
        reader.source = source(log)
        try:
            yield reader.cache
        finally:
            reader.source = _nothing

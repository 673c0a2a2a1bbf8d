"""Writing to a log: make one, append, publish, erase. There is one writer at a time; a second one fails.

The log's row is the lock: on PostgreSQL `select_for_update`, on SQLite the transaction itself (IMMEDIATE).
The head moves by one conditional update, so that even a writer that went around the lock can't fork the log.
"""

import os
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from answerable_protocol import checkpoint as checkpoints
from answerable_protocol.ed25519 import Signer
from answerable_protocol.errors import ProtocolError
from answerable_protocol.tiles import Tail
from django.conf import settings
from django.db import connection, transaction

from answerable.ledger import files, queries, rows, rules
from answerable.ledger.check import fsck
from answerable.ledger.errors import LogBehind, LogClosed, LogDamaged, NoLog, SecondWriter
from answerable.ledger.models import INDEX_BITS, Entry, Log, Tile
from answerable.ledger.rules import MadeLeaf, NewLeaf
from answerable.organisation.models import Organisation

__all__ = [
    "Batch",
    "NewLeaf",
    "append",
    "append_batch",
    "check_at_start",
    "check_head",
    "close",
    "create_log",
    "erase",
    "fsck",
    "leave",
    "publish",
    "reopen",
]

WHAT_TO_DO = (
    "This looks like a restored backup. Nothing is appended, so that no receipt becomes a lie. Either put "
    "back the newer database, or start a new log under a new origin and tell everyone who holds a receipt; "
    "docs/for-operators.md, 'After a restored backup', has the steps."
)


@dataclass(frozen=True)
class Batch:
    """What one append wrote, and the log's head after it."""

    organisation_id: uuid.UUID
    entries: list[Entry]
    size: int
    checkpoint: str
    tail: Tail

    def file(self) -> None:
        """Make sure of the checkpoint file. To be called after the commit, never before."""
        files.file_checkpoint(self.organisation_id, self.size, self.checkpoint)

    def receipt(self, entry: Entry) -> str:
        """The .tlog-proof of one of these entries against this batch's checkpoint, once that is durable.

        To be called after the commit: it makes sure of the checkpoint file, and never before.
        """
        self.file()
        return self.receipt_once_filed(entry)

    def receipt_once_filed(self, entry: Entry) -> str:
        """The same, by one who knows that `file` was called."""
        return queries.receipt_text(entry, self.tail.prove(entry.index), self.checkpoint)


# The tail of each log as this process last left it, with the checkpoint that it belongs to: two trees never
# share one, so a tail left by a transaction that was rolled back is simply not found again.
_tails: dict[int, tuple[str, Tail]] = {}
_signers: dict[uuid.UUID, Signer] = {}
# Checkpoint files that lay behind the database and were seen to be a beginning of it: (log, file, head).
_consistent: dict[int, str] = {}


@transaction.atomic
def create_log(organisation: Organisation, now: datetime) -> Log:
    """Make the organisation's log: its signing key in a file of its own, its origin from the organisation,
    for good.
    """
    signer = Signer(files.make_seed(organisation.pk))
    empty = _sign(organisation.origin, Tail(), signer)
    log = Log.objects.create(
        organisation=organisation,
        origin=organisation.origin,
        public_key=signer.public,
        checkpoint=empty,
        published_checkpoint=empty,
        published_at=now,
    )
    transaction.on_commit(partial(files.file_checkpoint, organisation.pk, 0, empty))
    return log


def append(organisation: Organisation, leaves: Sequence[NewLeaf], now: datetime) -> list[Entry]:
    """Put leaves at the end of the log, in the caller's transaction: all of them, or none.

    After the commit the checkpoint file follows; receipts come from `queries.receipt`. Raises BadLeaf,
    LogBehind, NoLog, SecondWriter, or the database's IntegrityError when a label was used before.
    """
    return append_batch(organisation.pk, leaves, now).entries


def append_batch(organisation_id: uuid.UUID, leaves: Sequence[NewLeaf], now: datetime) -> Batch:
    """Like `append`, with the new head for those who make receipts at once."""
    with transaction.atomic(savepoint=False):
        log, org = _locked(organisation_id)
        day = now.date()
        nonces = os.urandom(32 * len(leaves))
        made = [
            rules.made(new, org=org, day=day, nonce=nonces[32 * i : 32 * i + 32])
            for i, new in enumerate(leaves)
        ]
        return _extend(log, made)


def publish(now: datetime) -> int:
    """Show the public what has come since, where that is due. Returns how many logs did. Each in its own
    transaction.

    Random leaves come first: neither times nor counts of reports show outside.
    """
    every = timedelta(seconds=settings.PUBLICATION_SECONDS)
    published = 0
    for log in Log.objects.filter(closed_at=None).only("organisation_id", "published_at"):
        if rules.due_for_publication(log.published_at, now, every):
            published += _publish(log.organisation_id, now, every)
    return published


def _publish(organisation_id: uuid.UUID, now: datetime, every: timedelta) -> bool:
    with transaction.atomic():
        log, org = _locked(organisation_id)
        shown, size = Log.objects.values_list("published_at", "published_size").get(pk=log.pk)
        if not rules.due_for_publication(shown, now, every):
            return False  # another keeper was here first
        day = rules.noise_day(shown, now)
        random = [os.urandom(64) for _ in range(rules.noise_count(log.size, size))]
        batch = _extend(
            log, [rules.noise(org=org, day=day, label=each[:32], body=each[32:]) for each in random]
        )
        Log.objects.filter(pk=log.pk, size=batch.size).update(
            published_size=batch.size, published_checkpoint=batch.checkpoint, published_at=now
        )
    return True


def erase(organisation_id: uuid.UUID, indexes: Collection[int]) -> int:
    """Delete what opens these entries, and what they were; how many there were.

    Their leaves stay in the log as noise, and the log still verifies. Public types stay as they are: they are
    everybody's.
    """
    log = Log.objects.values_list("pk", flat=True).get(organisation_id=organisation_id)
    erased, wanted = 0, [(log << INDEX_BITS) + index for index in sorted(set(indexes))]
    for start in range(0, len(wanted), _AT_ONCE):
        private = Entry.objects.filter(pk__in=wanted[start : start + _AT_ONCE]).exclude(
            type__in=rules.PUBLIC_TYPES
        )
        erased += private.update(nonce=None, payload=None, type="")
    return erased


_AT_ONCE = 500


def close(organisation: Organisation, now: datetime) -> None:
    """Append nothing from now on: the organisation is about to go. Raises LogClosed if it has gone, NoLog."""
    found = Log.objects.filter(organisation_id=organisation.pk)
    if found.filter(moved_to=None).update(closed_at=now):
        return
    if found.exists():
        raise LogClosed(f"log {organisation.origin} went to another server before")
    raise NoLog(f"organisation {organisation.pk} has no log")


def reopen(organisation: Organisation) -> None:
    """Undo `close`. Raises LogClosed once the organisation has gone."""
    if not Log.objects.filter(organisation_id=organisation.pk, moved_to=None).update(closed_at=None):
        raise LogClosed(f"log {organisation.origin} goes on at another server: it can't go on here as well")


def leave(organisation: Organisation, to: str) -> None:
    """The organisation has gone: for good, as a trigger sees to. Raises LogClosed if the log is not closed, or had left."""
    closed = Log.objects.filter(organisation_id=organisation.pk, moved_to=None, closed_at__isnull=False)
    if not closed.update(moved_to=to):
        raise LogClosed(f"log {organisation.origin} is not about to leave")


def check_at_start() -> None:
    """Compare each log with its checkpoint file, and write the file where a crash left it behind.

    Raises LogBehind, after looking at all of them, if the database is older than what was handed out, or
    differs.
    """
    wrong: list[str] = []
    for log in Log.objects.select_related("organisation"):
        try:
            _guard(log)
        except LogBehind as error:
            wrong.append(str(error))
        else:
            files.file_checkpoint(log.organisation_id, log.size, log.checkpoint)
    if wrong:
        raise LogBehind("\n".join(wrong))


def check_head(log: Log) -> None:
    """Compare a log's head with its last tiles and its checkpoint file. Raises LogBehind or LogDamaged."""
    _guard(log)
    try:
        head = queries.verified(log, log.checkpoint)
    except ProtocolError as error:
        raise LogDamaged(f"the checkpoint of log {log.origin}: {error}") from error
    if (head.size, head.root) != (log.size, queries.root_at(log, log.size)):
        raise LogDamaged(f"the checkpoint of log {log.origin} is not that of its {log.size} leaves")


# What of a log never changes (a trigger sees to it), with the organisation's short name: (id, origin, key,
# slug).
_fixed: dict[uuid.UUID, tuple[int, str, bytes, str]] = {}


def _locked(organisation_id: uuid.UUID) -> tuple[Log, str]:
    """The log's row, ours until the transaction ends and fit to be appended to; the organisation's short
    name.

    In plain SQL, as the update in `_extend`: a lone report would wait for the ORM longer than for the disk.
    """
    if not connection.in_atomic_block:  # select_for_update would say so on PostgreSQL only
        raise SecondWriter("an append belongs inside a transaction")
    if organisation_id not in _fixed:
        known = Log.objects.filter(organisation_id=organisation_id).values_list(
            "id", "origin", "public_key", "organisation__slug"
        )
        for pk, origin, key, slug in known:
            _fixed[organisation_id] = (pk, origin, bytes(key), slug)
    pk, origin, key, slug = _fixed.get(organisation_id, (0, "", b"", ""))
    lock = " FOR UPDATE" if connection.features.has_select_for_update else ""
    asked = f"SELECT size, checkpoint, closed_at FROM ledger_log WHERE id = %s{lock}"  # noqa: S608 - a constant
    head = next(iter(rows.run(asked, [pk])), None)
    if head is None:
        _fixed.pop(organisation_id, None)
        raise NoLog(f"organisation {organisation_id} has no log")
    if head[2] is not None:
        raise LogClosed(f"log {origin} goes on at another server")
    log = Log.from_db(
        connection.alias,
        ["id", "organisation_id", "origin", "public_key", "size", "checkpoint"],
        [pk, organisation_id, origin, key, *head[:2]],
    )
    _guard(log)
    return log, slug


def _guard(log: Log) -> None:
    """Refuse a database that is older than the checkpoint file, or of another history (PROTOCOLS 5,
    sequencing).
    """
    filed = files.filed_checkpoint(log.organisation_id)
    if filed is None or filed == log.checkpoint or _consistent.get(log.pk) == filed:
        return
    where = f"checkpoints/{log.organisation_id.hex}"
    try:
        head = queries.verified(log, filed)
    except ProtocolError as error:
        raise LogBehind(f"{where} is not a checkpoint of log {log.origin} ({error}). {WHAT_TO_DO}") from error
    if head.size > log.size:
        raise LogBehind(
            f"{where} shows log {log.origin} with {head.size} leaves; here are {log.size}. {WHAT_TO_DO}"
        )
    if queries.root_at(log, head.size) != head.root:
        raise LogBehind(
            f"{where} shows a log {log.origin} whose first {head.size} leaves differ from these. {WHAT_TO_DO}"
        )
    _consistent[log.pk] = filed


def _extend(log: Log, made: Sequence[MadeLeaf]) -> Batch:
    known = _tails.get(log.pk)
    start = log.size
    if known and known[0] == log.checkpoint:
        tail = known[1].copy()
    else:
        same = Log.objects.filter(pk=log.pk, size=start, checkpoint=log.checkpoint)
        stored = same.values_list("tail", flat=True).first()
        if stored is None:
            raise SecondWriter(f"somebody else appended to log {log.origin} at size {start}")
        log.tail = stored
        tail = queries.tail(log)
    full = tail.append([leaf.hash for leaf in made])
    checkpoint = _sign(log.origin, tail, _signer(log))
    moved = rows.run(
        "UPDATE ledger_log SET size = %s, tail = %s, checkpoint = %s"
        " WHERE id = %s AND size = %s AND checkpoint = %s RETURNING id",
        [tail.size, tail.dump(), checkpoint, log.pk, start, log.checkpoint],
    )
    if not moved:
        raise SecondWriter(f"somebody else appended to log {log.origin} at size {start}")
    base = log.pk << INDEX_BITS
    # The order of the model's fields: by place an instance costs a third of what it costs by name.
    values = [
        (base + index, log.pk, index, leaf.type, leaf.label, leaf.data, leaf.hash, leaf.nonce, leaf.payload)
        for index, leaf in enumerate(made, start)
    ]
    rows.insert(Entry, _COLUMNS, values)
    if full:
        Tile.objects.bulk_create(
            [Tile(log_id=log.pk, level=tile.level, index=tile.index, hashes=tile.data) for tile in full]
        )
    _tails[log.pk] = (checkpoint, tail)
    transaction.on_commit(partial(files.file_checkpoint, log.organisation_id, tail.size, checkpoint))
    entries = [Entry.from_db(None, _COLUMNS, each) for each in values]
    return Batch(log.organisation_id, entries, tail.size, checkpoint, tail)


_COLUMNS = tuple(field.attname for field in Entry._meta.concrete_fields)


def _signer(log: Log) -> Signer:
    signer = _signers.get(log.organisation_id)
    if signer is None or signer.public != bytes(log.public_key):
        signer = Signer(files.load_seed(log.organisation_id))
        if signer.public != bytes(log.public_key):
            raise NoLog(f"the signing key in log-keys/ is not the one that log {log.origin} was made with")
        _signers[log.organisation_id] = signer
    return signer


def _sign(origin: str, tail: Tail, signer: Signer) -> str:
    return checkpoints.sign(origin, tail.size, tail.root(), signer).decode("utf-8")

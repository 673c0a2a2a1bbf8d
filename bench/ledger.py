"""The log: durable appends a second in batches, and inclusion proofs from tiles at 1,000,000 leaves."""

import os
import random
import time
from typing import Any

from bench import inside as sets
from bench.table import Row

COMMAND = "python -m bench ledger"
PEER = "760,000/s in memory (prototype)"
SECONDS = 4.0
LEAVES = 1_000_000
BATCH = 1024


def inside(organisation: Any, name: str) -> list[Row]:
    """In a process with a database of its own."""
    appended = _appends(organisation)
    rows = [
        Row(f"durable appends in batches of {BATCH:,}, {name}", appended, "/s", ">= 20,000", PEER, COMMAND)
    ]
    if name == "SQLite":
        _grow(organisation)
        from answerable.ledger import queries
        from answerable.ledger.models import Log

        log = Log.objects.get(organisation=organisation)
        for label, most in (("tiles in memory", 4096), ("tiles read as needed, 256 kept", 256)):
            rate = _proofs(log, queries.source(log), most)
            aim = ">= 10,000" if most > 256 else ""
            what = f"inclusion proofs at {LEAVES:,} leaves, {label}"
            rows.append(Row(what, rate, "/s", aim, "32,000/s in memory (prototype)", COMMAND))
    return rows


def _appends(organisation: Any) -> float:
    from django.db import transaction
    from django.utils import timezone

    from answerable.ledger import actions
    from answerable.ledger.actions import NewLeaf

    done, spent = 0, 0.0
    while spent < SECONDS:
        leaves = [
            NewLeaf("message", b'{"case":"AAAAAAAAAAAAAAAAAAAAAA"}', os.urandom(32)) for _ in range(BATCH)
        ]
        start = time.perf_counter()
        with transaction.atomic():
            batch = actions.append_batch(organisation.pk, leaves, timezone.now())
        batch.file()
        spent += time.perf_counter() - start
        done += BATCH
    return done / spent


def _grow(organisation: Any) -> None:
    """The tiles of a million leaves; their rows are not needed for proofs."""
    from django.db import transaction

    from answerable.ledger import actions, queries, rows
    from answerable.ledger.models import Log, Tile

    log = Log.objects.get(organisation=organisation)
    tail = queries.tail(log)
    with transaction.atomic():
        while tail.size < LEAVES:
            more = os.urandom(32 * min(65536, LEAVES - tail.size))
            full = tail.append([more[at : at + 32] for at in range(0, len(more), 32)])
            columns = ("log_id", "level", "index", "hashes")
            rows.insert(Tile, columns, [(log.pk, each.level, each.index, each.data) for each in full])
        signed = actions._sign(log.origin, tail, actions._signer(log))
        Log.objects.filter(pk=log.pk).update(size=tail.size, tail=tail.dump(), checkpoint=signed)


def _proofs(log: Any, source: Any, most: int) -> float:
    from answerable_protocol.tiles import Prover, TileCache

    prover = Prover(log.size, TileCache(source, most=most))
    if most > 256:
        for index in range(0, log.size, 256):
            prover.inclusion(index)
    done, start = 0, time.perf_counter()
    while time.perf_counter() - start < SECONDS / 2:
        prover.inclusion(random.randrange(log.size))
        done += 1
    return done / (time.perf_counter() - start)


def main() -> None:
    sets.both("ledger")

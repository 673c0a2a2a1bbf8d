"""From the embedded database to PostgreSQL: every table copied, counted and hashed on both sides, in one transaction."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from answerable.archive.child import alone, running
from answerable.archive.errors import ArchiveError
from answerable.archive.snapshot import Stream, snapshot


@dataclass
class Moved:
    """What was copied: (table, rows, hash alike on both sides), and the logs that hold there."""

    tables: list[tuple[str, int, str]]
    logs: dict[str, int]


def to_postgresql(address: str, now: datetime) -> Moved:
    """Copy everything into the empty database at `address` (`postgresql://…`). Raises ArchiveError; then it stays empty.

    No server may run on the data meanwhile. SQLite's file is only read. Files, keys and checkpoints stay where they are.
    """
    if settings.DATABASE != "sqlite":
        raise ArchiveError("the setting `database` is not sqlite: there is nothing to move")
    if not address.startswith("postgresql://"):
        raise ArchiveError("--to is an address such as postgresql://name@host/database")
    data = settings.ANSWERABLE_DATA
    checkpoints = settings.CHECKPOINTS or data / "checkpoints"
    with (
        alone(data / "serving.lock", "a server runs on this data: stop it first"),
        snapshot() as using,
        running(data, address, "--rows-only", checkpoints=checkpoints) as child,
    ):
        stream = Stream(using, now, rows_only=True)
        for block in stream.blocks():
            child.write(block)
        done = child.finish()
    tables = [(label, rows, done["hashes"][label]) for label, rows in sorted(done["rows"].items())]
    return Moved(tables, done["logs"])

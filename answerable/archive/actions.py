"""Making a backup: one moment of everything, sealed while it is read, restored on the side while it is written."""

import logging
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from answerable.archive import queries, rules
from answerable.archive.child import Child, alone, running, scratch
from answerable.archive.errors import ArchiveError, Damaged, NoRoom
from answerable.archive.models import Backup
from answerable.archive.places import Place, Written, place_of, read_back
from answerable.archive.rules import Keep
from answerable.archive.sealing import Writer, recipients_of, seal
from answerable.archive.snapshot import Stream, snapshot
from answerable.organisation import actions as organisations
from answerable.organisation.rules import BACKUP_VERIFIED

__all__ = ["Report", "back_up", "keep_backed_up", "run"]

_log = logging.getLogger(__name__)


@dataclass
class Report:
    """What one backup came to."""

    name: str
    written: Written
    rows: int
    files: int
    missing: int
    logs: dict[str, int]
    dropped: list[str] = field(default_factory=list)


def back_up(place: Place, recipients: Sequence[Any], now: datetime, keep: Keep | None = None) -> Report:
    """Write one backup, verified, and drop outdated ones. Raises ArchiveError; then nothing of it stays.

    While the stream is sealed, a second process restores it into a scratch folder, checks every log and compares every
    table; a file takes its name only after that. Then the file is read back and compared with what was written.
    """
    name = rules.name_of(now)
    data = settings.ANSWERABLE_DATA
    made: dict[str, Any] = {}
    with (
        alone(data / "backup.lock", "another backup is being made"),
        snapshot() as using,
        scratch(data, "backup-scratch") as folder,
    ):
        stream = Stream(using, now)

        def fill(out: Writer) -> None:
            with running(folder, "sqlite") as child:
                seal(teed(stream.blocks(), child), out, recipients)
                made.update(verified(child))

        written = place.write(name, fill)
    try:
        read_back(place, name, written)
    except ArchiveError:
        place.delete(name)
        raise
    line = f"{written.sha256}  {name}\n".encode("ascii")
    place.write(f"{name}.sha256", lambda out: out.write(line))
    dropped = rotate(place, keep) if keep else []
    return Report(
        name, written, stream.made.rows, stream.made.files, stream.made.missing(), made["logs"], dropped
    )


def teed(blocks: Iterator[bytes], child: Child) -> Iterator[bytes]:
    """The blocks, each given to the child as well."""
    for block in blocks:
        child.write(block)
        yield block


def verified(child: Child) -> dict[str, Any]:
    """What the child restored; raises Damaged or NoRoom in words about the backup."""
    try:
        return child.finish()
    except NoRoom as error:
        raise NoRoom(
            "the disk has no room for the scratch copy that verifies a backup (as large as the database): what was begun "
            "is removed, nothing else was touched"
        ) from error
    except ArchiveError as error:
        raise Damaged(f"what was written did not restore, so it is removed again: {error}") from error


def rotate(place: Place, keep: Keep) -> list[str]:
    """Drop what the rotation no longer keeps. Returns the names."""
    names = set(place.names())
    dropped = rules.outdated(names, keep)
    for name in dropped:
        place.delete(name)
        if f"{name}.sha256" in names:
            place.delete(f"{name}.sha256")
    return dropped


def run(to: str, recipients: str, now: datetime, *, keep: Keep | None, slot: str | None = None) -> Report:
    """`back_up`, with its row. Raises ArchiveError after writing down why."""
    row = Backup.objects.filter(slot=slot, ended=None).first() if slot else None
    row = row or Backup.objects.create(slot=slot, started=now, place=to[:300])
    try:
        report = back_up(place_of(to), recipients_of(recipients), now, keep)
    except ArchiveError as error:
        _end(row, problem=str(error)[:500])
        raise
    except BaseException as error:
        _end(row, problem=f"failed ({type(error).__name__})")
        raise
    what = {"name": report.name, "size": report.written.size, "sha256": report.written.sha256}
    if report.missing:
        problem = f"{report.missing} files that the database lists are not on the disk; the rest is backed up and verified"
        _end(row, problem=problem, **what)
    else:
        moment = timezone.now()
        _end(row, verified_at=moment, **what)
        organisations.record_milestone(BACKUP_VERIFIED, now=moment, about=report.name)
    return report


def _end(row: Backup, **what: Any) -> None:
    Backup.objects.filter(pk=row.pk).update(ended=timezone.now(), **what)


class _Daily:
    """The keeper's part: once a day, in a process of its own, so that deadlines are swept meanwhile."""

    def __init__(self, start: Callable[[list[str]], Any] = subprocess.Popen) -> None:
        self._start = start
        self._running: Any = None

    def __call__(self, now: datetime) -> None:
        if self._running is not None:
            status = self._running.poll()
            if status is None:
                return
            self._running = None
            if status:
                _log.error("backup: failed; `answerable backup --list` says why")
        if queries.due(now) and (slot := self._claim(now)):
            self._running = self._start([sys.executable, "-m", "answerable", "backup", "--slot", slot])

    @staticmethod
    def _claim(now: datetime) -> str | None:
        """This hour's try, unless somebody has it: one that failed is tried again in the next hour."""
        slot = now.strftime("%Y-%m-%dT%H")
        if Backup.objects.filter(slot=slot).exists():
            return None
        try:
            with transaction.atomic():
                Backup.objects.create(slot=slot, started=now, place=settings.BACKUP_TO[:300])
        except IntegrityError:
            return None
        connection.close()
        return slot


keep_backed_up = _Daily()

"""One moment of the database, read while the server goes on writing, and the archive's plain stream made from it.

SQLite: a read transaction on the write-ahead log, which holds up no writer. PostgreSQL: REPEATABLE READ, read only. Files
come after the rows: a finished file never changes, of an unfinished one the bytes that the rows count are taken.
"""

import contextlib
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connections, transaction
from django.db.migrations.recorder import MigrationRecorder

from answerable.archive import pack
from answerable.archive.errors import Damaged
from answerable.archive.owned import path_to_organisation
from answerable.archive.resealing import opened
from answerable.archive.tables import LEFT_OUT, Sum, Table, archived
from answerable.intake import store
from answerable.intake.models import Attachment
from answerable.ledger import files as ledger_files
from answerable.ledger.models import Log
from answerable.organisation.models import Organisation

ALIAS = "default"
BACKUP, ORGANISATION = "backup", "organisation"


@contextlib.contextmanager
def snapshot() -> Iterator[str]:
    """The alias of the connection, which sees one moment until the end of the block. Nothing may be written meanwhile."""
    here: Any = connections[ALIAS]
    here.close()
    mode = getattr(here, "transaction_mode", None)
    if mode is not None:
        here.transaction_mode = "DEFERRED"  # the usual IMMEDIATE would hold up every writer
    try:
        with transaction.atomic(using=ALIAS), here.cursor() as cursor:
            if here.vendor == "postgresql":
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            cursor.execute("SELECT count(*) FROM django_migrations")  # the moment is that of the first read
            yield ALIAS
    finally:
        if mode is not None:
            here.transaction_mode = mode


@dataclass
class Made:
    """What went into a stream, known once it has ended."""

    tables: dict[str, Sum] = field(default_factory=dict)
    files: int = 0
    file_bytes: int = 0
    absent: list[int] = field(default_factory=list)

    def missing(self) -> int:
        """How many files the disk has lost; asked after the snapshot: what was erased meanwhile is no loss."""
        return Attachment.objects.filter(pk__in=self.absent).count()

    @property
    def rows(self) -> int:
        """Rows of all tables."""
        return sum(each.rows for each in self.tables.values())

    def json(self) -> dict[str, Any]:
        """The archive's end.json."""
        return {
            "tables": {label: found.json() for label, found in self.tables.items()},
            "files": [self.files, self.file_bytes],
            "absent": len(self.absent),
        }


def heads(using: str, organisation: Organisation | None = None) -> list[dict[str, Any]]:
    """How far each log has come, for a manifest."""
    logs = Log.objects.using(using).select_related("organisation").order_by("pk")
    if organisation is not None:
        logs = logs.filter(organisation_id=organisation.pk)
    return [
        {
            "organisation": log.organisation_id.hex,
            "slug": log.organisation.slug,
            "origin": log.origin,
            "public_key": bytes(log.public_key).hex(),
            "size": log.size,
            "checkpoint": log.checkpoint,
            "published_size": log.published_size,
        }
        for log in logs
    ]


def manifest(using: str, kind: str, now: datetime, organisation: Organisation | None) -> dict[str, Any]:
    """What stands first in an archive."""
    applied: dict[str, list[str]] = {}
    for app, name in (
        MigrationRecorder(connections[using]).migration_qs.order_by("id").values_list("app", "name")
    ):
        applied.setdefault(app, []).append(name)
    organisations = Organisation.objects.using(using).order_by("slug")
    if organisation is not None:
        organisations = organisations.filter(pk=organisation.pk)
    return {
        "format": "answerable-archive",
        "v": 1,
        "kind": kind,
        "made": now.isoformat(timespec="seconds"),
        "version": settings.VERSION,
        "database": connections[using].vendor,
        "migrations": applied,
        "tables": {table.label: table.columns for table in (Table(model) for model in archived())},
        "organisations": [
            {"id": each.pk.hex, "slug": each.slug, "name": each.name_en} for each in organisations
        ],
        "logs": heads(using, organisation),
        "left_out": dict(LEFT_OUT),
    }


class Stream:
    """An archive's plain stream. `made` is complete once `blocks` has ended."""

    def __init__(
        self, using: str, now: datetime, organisation: Organisation | None = None, *, rows_only: bool = False
    ) -> None:
        """Everything, or one organisation; `rows_only` leaves keys and files where they are."""
        self._using = using
        self._rows_only = rows_only
        self._organisation = organisation
        self.kind = BACKUP if organisation is None else ORGANISATION
        self.manifest = manifest(using, self.kind, now, organisation)
        self.made = Made()

    def blocks(self) -> Iterator[bytes]:
        """The bytes, in order, as they are read from the database and the disk."""
        yield from pack.member("manifest.json", pack.json_bytes(self.manifest))
        for model in archived():
            only = self._only(model)
            if only is None:
                continue
            table = Table(model)
            change = opened if self.kind == ORGANISATION else None
            found = self.made.tables[table.label] = Sum()
            yield from pack.rows_members(
                table.label, _counted(table.lines(self._using, change, **only), found)
            )
        if not self._rows_only:
            yield from self._keys()
            yield from self._files()
        yield from pack.member("end.json", pack.json_bytes(self.made.json()))
        yield pack.end()

    def _only(self, model: Any) -> dict[str, Any] | None:
        if self._organisation is None:
            return {}
        path = path_to_organisation(model)
        return None if path is None else {path: self._organisation.pk}

    def _keys(self) -> Iterator[bytes]:
        for head in self.manifest["logs"]:
            seed = ledger_files.load_seed(uuid.UUID(head["organisation"]))
            yield from pack.member(f"keys/{head['organisation']}", seed.hex().encode("ascii"))
        if self.kind == BACKUP:
            with contextlib.suppress(FileNotFoundError):
                secret = (settings.ANSWERABLE_DATA / "secret-key").read_bytes()
                yield from pack.member("secret-key", secret)

    def _files(self) -> Iterator[bytes]:
        found = Attachment.objects.using(self._using).filter(received__gt=0).order_by("pk")
        if self._organisation is not None:
            found = found.filter(case__organisation_id=self._organisation.pk)
        columns = ("pk", "case_id", "case__organisation_id", "sha256", "received", "done")
        for pk, case, organisation, sha256, received, done in found.values_list(*columns).iterator(1000):
            path = store.path_of(organisation, case, bytes(sha256))
            part = path.with_name(path.name + ".part")
            for each in (path,) if done else (part, path):  # an unfinished one may be finished by now
                try:
                    source = each.open("rb")
                except FileNotFoundError:
                    continue
                break
            else:
                self.made.absent.append(pk)
                continue
            name = f"files/{organisation.hex}/{path.name}{'' if done else '.part'}"
            with source:
                mtime = int(each.stat().st_mtime) if done else 0
                yield from pack.file_member(name, source, received, mtime)
            self.made.files += 1
            self.made.file_bytes += received


def _counted(lines: Iterator[bytes], found: Sum) -> Iterator[bytes]:
    for line in lines:
        found.add(line)
        yield line


__all__ = ["BACKUP", "ORGANISATION", "Damaged", "Made", "Stream", "heads", "snapshot"]

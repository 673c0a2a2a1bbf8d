"""An organisation comes from another server: into the running installation in one transaction, or not at all.

What counts by number (accounts, deadlines, messages …) gets numbers above those that are here, with everything that points
to it. Ids, names, origin and e-mail addresses stay, and are refused where they are taken. Deadlines stay as they were.

One that went from here may come back: its log must go on from where it stood when it left, with at least one leaf of the
time away. (The very file that it left by is refused: taken in twice, one log would become two.) The copy that stayed here to
be read makes room in the same transaction.
"""

import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, connection, models, transaction
from django.db.migrations.executor import MigrationExecutor

from answerable.archive.errors import ArchiveError, Damaged, Newer, Taken, TooNew
from answerable.archive.loading import AT_ONCE, Loading, first, own_errors
from answerable.archive.owned import forget, path_to_organisation
from answerable.archive.pack import Member
from answerable.archive.resealing import closed
from answerable.archive.snapshot import ORGANISATION
from answerable.archive.tables import Model, Sum, Table, archived, reset_sequences
from answerable.ledger import files as ledger_files
from answerable.ledger import queries as ledger_queries
from answerable.ledger.models import INDEX_BITS, Entry, Log
from answerable.organisation.models import Organisation

_IN_NOTICES = {"promise": "promises.deadline", "new-key": "roster.handlerkey"}
"""Numbers inside the event of a notice: without the same shift a later notice would be taken for one that was sent."""


def numbered(model: Model) -> bool:
    """Whether the rows of this table count by an automatic number."""
    return isinstance(model._meta.pk, models.AutoField)


class Shift:
    """How many numbers each table's rows move up by."""

    def __init__(self) -> None:
        self._by: dict[str, int] = {}
        counted = [model for model in archived() if numbered(model)]
        if connection.vendor == "postgresql":
            names = ", ".join(connection.ops.quote_name(model._meta.db_table) for model in counted)
            with connection.cursor() as cursor:
                cursor.execute(f"LOCK TABLE {names} IN SHARE ROW EXCLUSIVE MODE")
        for model in counted:
            highest = model._base_manager.order_by("-pk").values_list("pk", flat=True).first()
            self._by[model._meta.label_lower] = highest or 0

    def of(self, field: "models.Field[Any, Any]") -> int:
        """What is added to this column."""
        while isinstance(field, models.ForeignKey):
            field = field.target_field
        return self._by.get(field.model._meta.label_lower, 0) if isinstance(field, models.AutoField) else 0

    def event(self, text: str) -> str:
        """A notice's event, with its number."""
        found = re.fullmatch(r"([a-z-]+):(\d+)(:.*)?", text)
        if found is None or found[1] not in _IN_NOTICES:
            return text
        return f"{found[1]}:{int(found[2]) + self._by[_IN_NOTICES[found[1]]]}{found[3] or ''}"


class Arriving(Loading):
    """Takes the members of one organisation's archive into a database that holds others."""

    def __init__(self, manifest: dict[str, Any]) -> None:
        super().__init__(manifest, keep_files=True)
        if len(manifest["organisations"]) != 1 or len(manifest["logs"]) != 1:
            raise Damaged("the archive is not of one organisation")
        self.id = UUID(hex=manifest["organisations"][0]["id"])
        self.folder = settings.ANSWERABLE_DATA / "attachments" / f"{self.id.hex}.arriving"
        self._came: dict[str, Sum] = {}
        self._stood: tuple[int, bytes] | None = None
        """Of one that comes back: size and root of its log when it left."""

    def prepare(self) -> None:
        """Raises TooNew for another version on either side, Taken, Newer."""
        here = set(MigrationExecutor(connection).loader.applied_migrations)
        there = {(app, name) for app, names in self._manifest["migrations"].items() for name in names}
        if here != there:
            raise TooNew(
                "both servers need the same version of Answerable: bring the older one up to the newer first"
            )
        self._stood = self._left()
        if self._stood is not None:
            forget(self.id)
        self._refuse_taken()
        self._shift = Shift()
        for label, columns in self._manifest["tables"].items():
            self._tables[label] = Table(self._apps.get_model(label), columns)
            self._came[label] = Sum()
        shutil.rmtree(self.folder, ignore_errors=True)  # of a try that was killed

    def _left(self) -> tuple[int, bytes] | None:
        """How the log stood when this organisation went from here; None if it is not known here. Raises Taken, Newer."""
        head, own = self._manifest["logs"][0], self._manifest["organisations"][0]
        if not Organisation.objects.filter(pk=self.id).exists():
            return None
        log = Log.objects.filter(organisation_id=self.id).first()
        if log is None or log.moved_to is None:
            raise Taken(f"{own['slug']} is on this server already")
        if head["size"] < log.size:
            raise Newer(
                f"{own['slug']} left here with {log.size} leaves in its log; the file has {head['size']}"
            )
        if head["size"] == log.size:
            raise Taken(
                f"{own['slug']} is on this server already, marked as moved, and its log has not gone on anywhere since"
            )
        return log.size, ledger_queries.root_at(log, log.size)

    def check_returned(self) -> None:
        """Raises Damaged if the log that came is not what the one here would have become."""
        if self._stood is None:
            return
        size, root = self._stood
        log = Log.objects.get(organisation_id=self.id)
        if ledger_queries.root_at(log, size) != root:
            raise Damaged("its log is not a continuation of the one that left here")

    def _refuse_taken(self) -> None:
        head, own = self._manifest["logs"][0], self._manifest["organisations"][0]
        if Organisation.objects.filter(slug=own["slug"]).exists():
            raise Taken(
                f"another organisation here has the short name {own['slug']}, which stands in its log for good"
            )
        if Log.objects.filter(origin=head["origin"]).exists():
            raise Taken(f"another log here has the origin {head['origin']}")
        filed = ledger_files.filed_checkpoint(self.id)
        lines = (filed or "").split("\n")
        if len(lines) > 1 and lines[1].isdecimal() and int(lines[1]) > head["size"]:
            raise Newer(
                f"this server once handed out a checkpoint of {lines[1]} leaves of this log; the file has {head['size']}: "
                "there is a newer copy somewhere"
            )

    def _rows(self, label: str, member: Member) -> None:
        if label not in self._tables:
            raise Damaged(f"rows of an unknown table: {label}")
        table, came = self._tables[label], self._came[label]
        shifts = [self._shift.of(field) for field in table.fields]
        lines = member.lines()
        while part := list(islice(lines, AT_ONCE)):
            for line in part:
                came.add(line)
            rows = [self._here(table, table.values(line), shifts) for line in part]
            try:
                table.insert(rows, "default")
            except IntegrityError as error:
                raise Taken(
                    f"something of table {label} is taken on this server, such as an e-mail address"
                ) from error

    def _here(self, table: Table, row: list[Any], shifts: list[int]) -> list[Any]:
        row = [
            value if value is None or not by else value + by for value, by in zip(row, shifts, strict=True)
        ]
        row = [closed(value) if isinstance(value, (str, dict, list)) else value for value in row]
        places = {name: place for place, name in enumerate(table.columns)}
        if table.model is Entry:
            row[places["id"]] = (row[places["log_id"]] << INDEX_BITS) + row[places["index"]]
        elif table.model is Log:
            row[places["closed_at"]] = row[places["moved_to"]] = None
        elif table.model is Organisation:
            row[places["moved_to"]] = None
        elif table.label == "notices.notice":
            row[places["event"]] = self._shift.event(row[places["event"]])
        return row

    def _key(self, organisation: str, member: Member) -> None:
        if organisation != self.id.hex:
            raise Damaged("the archive holds another organisation's key")
        super()._key(organisation, member)

    def _file_path(self, organisation: str, key: str) -> Path:
        if organisation != self.id.hex:
            raise Damaged("the archive holds another organisation's file")
        return self.folder / key[:2] / key

    def compare(self) -> None:
        """What came is what was put in, and all of it is here."""
        wanted = (self.end or {}).get("tables", {})
        for label, table in self._tables.items():
            came = self._came[label]
            if came.json() != wanted.get(label, Sum().json()):
                raise Damaged(f"table {label}: not the rows that were put in")
            path = path_to_organisation(table.model)
            if path is None:
                if came.rows:
                    raise Damaged(f"table {label} belongs to no organisation")
            elif table.model._base_manager.filter(**{path: self.id}).distinct().count() != came.rows:
                raise Damaged(f"table {label}: not all rows are here")
        self._compare_files()

    def place(self) -> None:
        """The files get their folder's name; the last step before the commit."""
        final = self.folder.with_name(self.id.hex)
        if self._stood is not None and final.is_dir():
            shutil.rmtree(self._aside, ignore_errors=True)
            final.rename(self._aside)
        # Of a try that was killed after this step: nobody's, the id is new here.
        shutil.rmtree(final, ignore_errors=True)
        if self.folder.is_dir():
            self.folder.rename(final)

    @property
    def _aside(self) -> Path:
        """Where the files of the copy that stayed wait until the return is certain."""
        return self.folder.with_name(f"{self.id.hex}.stayed")

    def done(self) -> None:
        """After the commit."""
        shutil.rmtree(self._aside, ignore_errors=True)

    def undo(self) -> None:
        """Nothing of it stays on the disk."""
        shutil.rmtree(self.folder, ignore_errors=True)
        if self._stood is not None:  # the copy that stayed goes on standing, with its key
            if self._aside.is_dir():
                shutil.rmtree(self.folder.with_name(self.id.hex), ignore_errors=True)
                self._aside.rename(self.folder.with_name(self.id.hex))
            return
        shutil.rmtree(self.folder.with_name(self.id.hex), ignore_errors=True)
        with suppress(OSError):
            (settings.ANSWERABLE_DATA / "log-keys" / f"{self.id.hex}.key").unlink()


def arrive(source: Any) -> dict[str, Any]:
    """Take the organisation of a plain stream in. Raises ArchiveError; then nothing of it is here."""
    manifest, members = first(source, ORGANISATION)
    arriving = Arriving(manifest)
    with own_errors():
        with transaction.atomic():
            arriving.prepare()
            try:
                sizes = _take(arriving, members)
            except BaseException:
                arriving.undo()
                raise
        log = ledger_queries.log_of(Organisation.objects.get(pk=arriving.id))
        ledger_files.file_checkpoint(arriving.id, log.size, log.checkpoint)
        arriving.done()
    return arriving.summary(sizes)


def _take(arriving: Arriving, members: Iterator[tuple[str, Member]]) -> dict[str, int]:
    arriving.take(members)
    reset_sequences([model for model in archived() if numbered(model)], "default")
    arriving.compare()
    sizes = arriving.check_logs()
    arriving.check_returned()
    os.sync()
    arriving.place()
    return sizes


def unpack(source: Any) -> tuple[int, str]:
    """`arrive` for a parent process: exit status and one line of JSON."""
    try:
        return 0, json.dumps(arrive(source))
    except ArchiveError as error:
        return 1, json.dumps({"error": type(error).__name__, "words": str(error)})
    except Exception as error:  # noqa: BLE001 - told to the parent by its name
        return 1, json.dumps({"error": "ArchiveError", "words": f"importing failed ({type(error).__name__})"})


__all__ = ["Arriving", "Shift", "arrive", "unpack"]

"""The plain stream back into a database and a data folder, with everything compared that can be.

Runs in a process of its own (`answerable unpack`), whose settings name the database and the folder: a scratch folder for
a check, the scratch of a restore, or PostgreSQL.
"""

import contextlib
import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

from answerable_protocol.ed25519 import Signer
from django.apps import apps as current
from django.conf import settings
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.db.migrations.executor import MigrationExecutor

from answerable.archive import tables
from answerable.archive.errors import CutFile, Damaged, NoRoom, NotEmpty, OtherKind, TooNew
from answerable.archive.pack import Member, Members
from answerable.archive.tables import Sum, Table
from answerable.intake import store
from answerable.ledger import actions as ledger
from answerable.ledger.errors import LedgerError
from answerable.ledger.trouble import typed
from answerable.organisation.models import Organisation

AT_ONCE = 500


def read_manifest(member: Member, kind: str | None = None) -> dict[str, Any]:
    """The manifest. Raises Damaged, OtherKind, TooNew."""
    found = member.json()
    if found.get("format") != "answerable-archive":
        raise Damaged("this file is sealed, but it is no archive of Answerable")
    if found.get("v") != 1:
        raise TooNew(
            "this archive is of a newer format: use the version of Answerable that made it, or a newer one"
        )
    if kind is not None and found.get("kind") != kind:
        meant = {"backup": "`answerable restore`", "organisation": "`answerable organisation import`"}
        raise OtherKind(f"this file is for {meant.get(str(found.get('kind')), 'something else')}")
    for key, kinds in {"migrations": dict, "tables": dict, "logs": list, "organisations": list}.items():
        if not isinstance(found.get(key), kinds):
            raise Damaged("the archive's manifest is not whole")
    return found


def first(source: Any, kind: str) -> tuple[dict[str, Any], Iterator[tuple[str, Member]]]:
    """The manifest of a stream, and its other members. Raises CutFile and what `read_manifest` raises."""
    members = iter(Members(source))
    try:
        name, member = next(members)
    except StopIteration:
        raise CutFile("the archive is empty") from None
    if name != "manifest.json":
        raise Damaged("the archive does not begin with its manifest")
    return read_manifest(member, kind), members


@contextlib.contextmanager
def own_errors() -> Iterator[None]:
    """A full disk as NoRoom, what a database refuses as Damaged."""
    try:
        yield
    except LedgerError as error:
        raise Damaged(f"a log in the archive does not hold: {error}") from error
    except (DatabaseError, OSError) as error:
        known = typed(error)
        if known is not None:
            raise NoRoom("the disk is full, or the database can't write: nothing was changed") from error
        raise Damaged(f"the database refuses what is in the archive ({type(error).__name__})") from error


class Loading:
    """Takes the members of a backup, and knows at the end whether all of it came."""

    def __init__(self, manifest: Mapping[str, Any], *, keep_files: bool, rows_only: bool = False) -> None:
        """`keep_files`: write files and keys below the data folder; otherwise they are only checked.

        `rows_only`: none are expected.
        """
        self._rows_only = rows_only
        self._manifest = manifest
        self._keep = keep_files
        self._apps: Any = current
        self._older = False
        self._tables: dict[str, Table] = {}
        self._seeds: dict[str, str] = {}
        self._known: dict[str, tuple[bytes, int, bool]] | None = None
        self._files = self._file_bytes = 0
        self.end: dict[str, Any] | None = None

    def prepare(self) -> None:
        """Make the tables as the archive's version had them. Raises TooNew."""
        executor = MigrationExecutor(connection)
        nodes = {(app, name) for app, names in self._manifest["migrations"].items() for name in names}
        known = set(executor.loader.graph.nodes)
        if unknown := nodes - known:
            app, name = min(unknown)
            raise TooNew(
                f"this archive was written by a newer version of Answerable (step {app} {name}): install that version first"
            )
        if connection.vendor == "postgresql":
            _refuse_strange_tables()
        if nodes == known and connection.vendor == "sqlite" and not self._keep:
            _bare_tables()
        elif nodes == known:
            call_command("migrate", interactive=False, verbosity=0)
        else:
            self._older = True
            graph = executor.loader.graph
            leaves = [
                node
                for node in sorted(nodes)
                if not any(
                    child.key in nodes and child.key[0] == node[0] for child in graph.node_map[node].children
                )
            ]
            executor.migrate(leaves)
            self._apps = executor.loader.project_state(leaves).apps
        for label, columns in self._manifest["tables"].items():
            try:
                model = self._apps.get_model(label)
            except (LookupError, ValueError) as error:
                raise Damaged(f"the archive has a table that is none of ours: {label}") from error
            self._tables[label] = Table(model, columns)
            if model._base_manager.exists():
                raise NotEmpty(
                    f"the database is not empty (table {label}): make a new one (createdb) and run again; nothing was changed"
                )

    def take(self, members: Iterator[tuple[str, Member]]) -> None:
        """Take every member. Raises CutFile if the end is not there, Damaged."""
        for name, member in members:
            kind, _, rest = name.partition("/")
            if self.end is not None:
                raise Damaged("the archive goes on after its end")
            if kind == "rows":
                self._rows(rest.partition("/")[0], member)
            elif kind == "keys":
                self._key(rest, member)
            elif name == "secret-key":
                self._secret(member.data())
            elif kind == "files":
                self._file(rest, member)
            elif name == "end.json":
                self.end = member.json()
            else:
                raise Damaged("the archive holds something unknown")
        if self.end is None:
            raise CutFile("the archive's end is missing: the file is cut")

    def _rows(self, label: str, member: Member) -> None:
        if label not in self._tables:
            raise Damaged(f"rows of an unknown table: {label}")
        table = self._tables[label]
        lines = member.lines()
        while part := [table.values(line) for line in islice(lines, AT_ONCE)]:
            table.insert(part, "default")

    def _key(self, organisation: str, member: Member) -> None:
        text = member.data().decode("ascii", "replace")
        try:
            public = Signer(bytes.fromhex(text)).public.hex()
        except ValueError as error:
            raise Damaged("a signing key in the archive is not one") from error
        wanted = {head["organisation"]: head["public_key"] for head in self._manifest["logs"]}
        if wanted.get(organisation) != public:
            raise Damaged("a signing key in the archive is not that of its log")
        self._seeds[organisation] = text
        if self._keep:
            self._put(settings.ANSWERABLE_DATA / "log-keys" / f"{organisation}.key", text.encode("ascii"))

    def _secret(self, data: bytes) -> None:
        if self._keep:
            self._put(settings.ANSWERABLE_DATA / "secret-key", data)

    @staticmethod
    def _put(path: Path, data: bytes) -> None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.unlink(missing_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.write(data)

    def _expected(self) -> dict[str, tuple[bytes, int, bool]]:
        """Every file that the rows speak of: name -> (SHA-256, bytes that are here, whether finished)."""
        if self._known is None:
            self._known = {}
            model = self._apps.get_model("intake.attachment")
            columns = ("case_id", "case__organisation_id", "sha256", "received", "done")
            for case, organisation, sha256, received, done in model.objects.values_list(*columns).iterator(
                1000
            ):
                path = store.path_of(organisation, case, bytes(sha256))
                self._known[f"{organisation.hex}/{path.name}"] = (bytes(sha256), received, done)
        return self._known

    def _file(self, name: str, member: Member) -> None:
        whole = name.removesuffix(".part")
        sha256, received, done = self._expected().get(whole, (b"", -1, False))
        if received != member.size or done == name.endswith(".part"):
            raise Damaged("a file in the archive is not one that its rows speak of")
        found = hashlib.sha256()
        with self._target(name, member.mtime) as out:
            for block in member.blocks():
                found.update(block)
                if out is not None:
                    out.write(block)
        if done and found.digest() != sha256:
            raise Damaged("a file in the archive has another hash than its row says")
        self._files += 1
        self._file_bytes += member.size

    @contextlib.contextmanager
    def _target(self, name: str, mtime: int) -> Iterator[Any]:
        if not self._keep:
            yield None
            return
        organisation, _, key = name.partition("/")
        path = self._file_path(organisation, key)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            yield out
        if mtime:
            os.utime(path, (mtime, mtime))

    def _file_path(self, organisation: str, key: str) -> Path:
        return settings.ANSWERABLE_DATA / "attachments" / UUID(organisation).hex / key[:2] / key

    def compare(self) -> None:
        """Rows and hashes of every table, read again from the database, and the files, against the end. Raises Damaged."""
        wanted = (self.end or {}).get("tables", {})
        for label, table in self._tables.items():
            found = table.sum("default").json() if label in wanted else Sum().json()
            if found != wanted.get(label, Sum().json()):
                raise Damaged(f"table {label}: {found[0]} rows came out, and not those that were put in")
        if not self._rows_only:
            self._compare_files()

    def _compare_files(self) -> None:
        if [self._files, self._file_bytes] != (self.end or {}).get("files"):
            raise Damaged("not all files came out")
        if self._seeds.keys() != {head["organisation"] for head in self._manifest["logs"]}:
            raise Damaged("a log's signing key is missing")

    def finish(self) -> None:
        """After the rows: ids go on above the highest, the tables come to this version."""
        tables.reset_sequences([table.model for table in self._tables.values()], "default")

    def to_this_version(self) -> None:
        """Migrate what an older version wrote."""
        if self._older:
            call_command("migrate", interactive=False, verbosity=0)

    def check_logs(self) -> dict[str, int]:
        """Every log from its first leaf to its checkpoint: name -> size. Raises LedgerError, Damaged."""
        wanted = {head["organisation"]: head for head in self._manifest["logs"]}
        sizes = {}
        for organisation in Organisation.objects.filter(pk__in=[UUID(hex=each) for each in wanted]):
            size = ledger.fsck(organisation)
            if size != wanted[organisation.pk.hex]["size"]:
                raise Damaged(f"log {organisation.origin} came out with {size} leaves")
            sizes[organisation.slug] = size
        if len(sizes) != len(wanted):
            raise Damaged("a log is missing")
        return sizes

    def summary(self, sizes: Mapping[str, int]) -> dict[str, Any]:
        """What came out, for those who asked."""
        found = (self.end or {}).get("tables", {})
        rows = {label: count for label, (count, _) in found.items()}
        hashes = {label: total for label, (_, total) in found.items()}
        return {
            "rows": rows,
            "hashes": hashes,
            "files": self._files,
            "file_bytes": self._file_bytes,
            "logs": dict(sizes),
        }


def load(source: Any, *, keep_files: bool, rows_only: bool = False, kind: str = "backup") -> dict[str, Any]:
    """A whole backup into the (empty) database and data folder of this process. All of it, or an error and nothing.

    On PostgreSQL one transaction; on SQLite the folder is the caller's scratch anyway.
    """
    manifest, members = first(source, kind)
    loading = Loading(manifest, keep_files=keep_files, rows_only=rows_only)
    with own_errors():
        loading.prepare()
        fast = connection.vendor == "sqlite"
        if fast:
            _fast(on=True)
        with transaction.atomic():
            loading.take(members)
            loading.finish()
            loading.compare()
            loading.to_this_version() if not fast else None
            sizes = loading.check_logs() if not fast else {}
        if fast:
            _fast(on=False)
            loading.to_this_version()
            sizes = loading.check_logs()
        os.sync()
    return loading.summary(sizes)


def _refuse_strange_tables() -> None:
    with connection.cursor() as cursor:
        there = set(connection.introspection.table_names(cursor))
    if there and "django_migrations" not in there:
        raise NotEmpty(
            f"the database holds other tables ({min(there)}): make a new one (createdb) and run again"
        )


def _bare_tables() -> None:
    """The tables of this version at once, with their constraints and without history: enough to check in, and quicker."""
    with connection.schema_editor() as editor:
        for model in current.get_models():
            if model._meta.managed and not model._meta.proxy:
                editor.create_model(model)


def _fast(*, on: bool) -> None:
    """While a scratch database is filled nothing is flushed: it is not used unless all of it came, and was synced."""
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA journal_mode={'DELETE' if on else 'WAL'}")
        cursor.execute(f"PRAGMA synchronous={'OFF' if on else 'FULL'}")
        cursor.execute(f"PRAGMA secure_delete={'OFF' if on else 'ON'}")


def unpack(
    source: Any, *, keep_files: bool, rows_only: bool = False, kind: str = "backup"
) -> tuple[int, str]:
    """`load` for a parent process: exit status and one line of JSON."""
    from answerable.archive.errors import ArchiveError

    try:
        return 0, json.dumps(load(source, keep_files=keep_files, rows_only=rows_only, kind=kind))
    except ArchiveError as error:
        return 1, json.dumps({"error": type(error).__name__, "words": str(error)})
    except Exception as error:  # noqa: BLE001 - told to the parent by its name
        return 1, json.dumps({"error": "ArchiveError", "words": f"restoring failed ({type(error).__name__})"})

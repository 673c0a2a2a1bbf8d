"""A backup back into place: everything in a scratch folder first, then one rename. Never over newer data.

The parent decrypts and decides; a child (`answerable unpack`) fills the scratch. On PostgreSQL the child fills the (empty)
database in one transaction.
"""

import ctypes
import errno
import io
import os
import shutil
import sys
import tarfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pysqlite3
from django.conf import settings

from answerable.archive import rules
from answerable.archive.child import Child, alone, running, scratch
from answerable.archive.errors import ArchiveError, Damaged, Newer, NotEmpty, OtherInstallation
from answerable.archive.loading import read_manifest
from answerable.archive.pack import Member
from answerable.archive.places import Stream, split, told_plainly
from answerable.archive.rules import Head
from answerable.archive.sealing import unseal
from answerable.ledger import files as ledger_files
from answerable.ledger.durable import sync_folder

WHAT_A_ROLLBACK_DOES = (
    "A restore over this would make the log forget leaves that somebody may hold a receipt for. Keep what is here. To look "
    "into the backup, restore it elsewhere (--into FOLDER). If what is here is truly broken, run again with --roll-back: the "
    "data here is kept aside, the backup takes its place, and the log then takes nothing new, since its checkpoint file is "
    "ahead of it; docs/for-operators.md, 'After a restored backup', has the next steps."
)


@dataclass
class Restored:
    """What a restore or a check came to."""

    manifest: dict[str, Any]
    summary: dict[str, Any]
    folder: Path | None = None
    aside: Path | None = None
    lost: list[str] = field(default_factory=list)


class Gate:
    """Takes a plain stream; once the manifest is whole, lets `decide` start the child, and passes all on to it."""

    def __init__(self, decide: Callable[[dict[str, Any]], Child], kind: str) -> None:
        self._decide = decide
        self._kind = kind
        self._held = bytearray()
        self.child: Child | None = None
        self.manifest: dict[str, Any] = {}

    def write(self, data: bytes) -> int:
        if self.child is not None:
            return self.child.write(data)
        self._held += data
        manifest = manifest_in(bytes(self._held), self._kind)
        if manifest is not None:
            self.manifest = manifest
            self.child = self._decide(manifest)
            self.child.write(bytes(self._held))
            self._held.clear()
        return len(data)


def manifest_in(held: bytes, kind: str) -> dict[str, Any] | None:
    """The manifest at the beginning of a plain stream, or None while it is not whole. Raises Damaged and others."""
    if len(held) < tarfile.BLOCKSIZE:
        return None
    try:
        info = tarfile.TarInfo.frombuf(held[: tarfile.BLOCKSIZE], "utf-8", "strict")
    except tarfile.TarError as error:
        raise Damaged("this file is sealed, but it is no archive of Answerable") from error
    if info.name != "manifest.json" or info.size > 16 * 1024 * 1024:
        raise Damaged("this file is sealed, but it is no archive of Answerable")
    body = held[tarfile.BLOCKSIZE : tarfile.BLOCKSIZE + info.size]
    if len(body) < info.size:
        return None
    return read_manifest(Member(io.BytesIO(body), info.size, 0), kind)


def check(source: str, identities: Sequence[Any], scratch_in: Path) -> Restored:
    """Decrypt and restore into a scratch folder, check every log, compare all; then remove it. Changes nothing else."""
    with scratch(scratch_in, "answerable-check") as folder:
        return through(source, identities, lambda _: running(folder, "sqlite"))


def through(
    source: str, identities: Sequence[Any], start: Callable[[dict[str, Any]], Any], kind: str = "backup"
) -> Restored:
    """Decrypt a file into the child that `start` makes once the manifest is known. Raises ArchiveError."""
    place, name = split(source)
    held: list[Any] = []

    def decide(manifest: dict[str, Any]) -> Child:
        context = start(manifest)
        held.append(context)
        child: Child = context.__enter__()
        return child

    gate = Gate(decide, kind)
    try:
        unseal(Stream(place.blocks(name)), gate, identities)
        if gate.child is None:
            raise Damaged("this file is sealed, but it is no archive of Answerable")
        return Restored(gate.manifest, gate.child.finish())
    finally:
        for context in held:
            context.__exit__(None, None, None)


def bring(source: str, identities: Sequence[Any]) -> Restored:
    """Take an exported organisation into this installation, which may go on serving others. Raises ArchiveError."""
    data = settings.ANSWERABLE_DATA
    checkpoints = settings.CHECKPOINTS or data / "checkpoints"
    with alone(data / "backup.lock", "a backup or another move is under way"):
        return through(
            source,
            identities,
            lambda _: running(data, settings.DATABASE, "--arrive", checkpoints=checkpoints),
            "organisation",
        )


def restore(
    source: str, identities: Sequence[Any], into: Path | None = None, *, roll_back: bool = False
) -> Restored:
    """Put a backup in the place of a data folder (and on PostgreSQL into the empty database). Raises ArchiveError.

    Until the last step nothing that was there is touched; the folder that was there is kept beside the new one.
    """
    target = (into or settings.ANSWERABLE_DATA).absolute()
    sqlite = settings.DATABASE == "sqlite"
    lost: list[str] = []

    def decide(manifest: dict[str, Any]) -> Any:
        nonlocal lost
        here = _here(target) if sqlite else _in_postgresql(target)
        lost = refuse_newer(here, manifest, roll_back=roll_back, empty=not sqlite)
        return running(folder, settings.DATABASE, "--keep-files")

    target.parent.mkdir(parents=True, exist_ok=True)
    with _not_serving(target), scratch(target.parent, f"{target.name}.restoring") as folder:
        done = through(source, identities, decide)
        done.lost = lost
        with told_plainly():
            _carry_checkpoints(target, folder)
            for left in ("serving.lock", "backup.lock"):
                (folder / left).unlink(missing_ok=True)
            done.aside = put_in_place(folder, target)
    done.folder = target
    return done


@contextmanager
def _not_serving(target: Path) -> Iterator[None]:
    if not target.is_dir():
        yield
        return
    with alone(target / "serving.lock", "a server runs on this data: stop it first"):
        yield


@dataclass
class Here:
    """What lies where a backup should go: logs by organisation, when they last showed something, and what could not be read."""

    heads: dict[str, Head] = field(default_factory=dict)
    organisations: set[str] = field(default_factory=set)
    shown: dict[str, datetime] = field(default_factory=dict)
    database: bool = False
    unreadable: bool = False


def _here(target: Path) -> Here:
    found = Here()
    path = target / "answerable.sqlite3"
    if path.exists() and path.stat().st_size:
        found.database = True
        try:
            _read_sqlite(path, found)
        except pysqlite3.Error:
            found.unreadable = True
    _add_checkpoints(found, target)
    return found


def _read_sqlite(path: Path, found: Here) -> None:
    source = pysqlite3.connect(str(path), timeout=5)
    try:
        tables = {name for (name,) in source.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if "ledger_log" not in tables:
            return
        found.organisations |= {key for (key,) in source.execute("SELECT id FROM organisation_organisation")}
        for key, origin, size, shown in source.execute(
            "SELECT organisation_id, origin, size, published_at FROM ledger_log"
        ):
            found.heads[key] = Head(origin, size)
            if shown:
                found.shown[key] = datetime.fromisoformat(shown).replace(tzinfo=UTC)
    finally:
        source.close()


def _in_postgresql(target: Path) -> Here:
    found = Here()
    try:
        with psycopg.connect(settings.DATABASE) as source:
            [(there,)] = source.execute("SELECT to_regclass('ledger_log') IS NOT NULL").fetchall()
            if there:
                organisations = source.execute("SELECT id FROM organisation_organisation").fetchall()
                found.organisations |= {key.hex for (key,) in organisations}
                logs = source.execute(
                    "SELECT organisation_id, origin, size, published_at FROM ledger_log"
                ).fetchall()
                found.heads |= {key.hex: Head(origin, size) for key, origin, size, _ in logs}
                found.shown |= {key.hex: shown for key, _, _, shown in logs if shown}
    except psycopg.Error as error:
        raise ArchiveError("the database of the settings does not answer") from error
    found.database = bool(found.organisations)
    _add_checkpoints(found, target)
    return found


def _add_checkpoints(found: Here, target: Path) -> None:
    """What was handed out by the checkpoint files, which may know more than the database."""
    folder = settings.CHECKPOINTS or target / "checkpoints"
    for path in sorted(folder.glob("*")) if folder.is_dir() else []:
        if path.suffix or len(path.name) != 32:
            continue
        text = ledger_files.checkpoint_in(path.read_bytes())
        lines = text.split("\n")
        if len(lines) < 2 or not lines[1].isdecimal():
            continue
        known = found.heads.get(path.name)
        if known is None or int(lines[1]) > known.size:
            found.heads[path.name] = Head(lines[0], int(lines[1]))


def refuse_newer(here: Here, manifest: dict[str, Any], *, roll_back: bool, empty: bool) -> list[str]:
    """What would be lost, in words. Raises OtherInstallation, NotEmpty, Newer."""
    there = {head["organisation"]: Head(head["origin"], head["size"]) for head in manifest["logs"]}
    in_backup = {each["id"] for each in manifest["organisations"]}
    if here.organisations and not here.organisations & in_backup:
        raise OtherInstallation(
            "this backup is of another installation: none of its organisations "
            f"({', '.join(each['slug'] for each in manifest['organisations'])}) is here; restore it elsewhere (--into FOLDER)"
        )
    lost = rules.lost(here.heads, there)
    made = datetime.fromisoformat(manifest["made"])
    for key, moment in here.shown.items():
        if moment > made and key in there and not any(there[key].origin in line for line in lost):
            lost.append(
                f"log {there[key].origin} was published at {moment:%Y-%m-%d %H:%M} UTC, after this backup was made"
            )
    if here.database and empty:
        raise NotEmpty(
            "\n".join(
                [
                    "the database of the settings is not empty: make a new one (createdb), name it in `database`, run again",
                    *lost,
                ]
            )
        )
    if lost and not roll_back:
        raise Newer("\n".join([*lost, WHAT_A_ROLLBACK_DOES]))
    return lost


def _carry_checkpoints(target: Path, folder: Path) -> None:
    """The checkpoints of the folder that is replaced stay in force: they say what was handed out."""
    shutil.rmtree(folder / "checkpoints", ignore_errors=True)
    if (target / "checkpoints").is_dir():
        shutil.copytree(target / "checkpoints", folder / "checkpoints")


def put_in_place(folder: Path, target: Path) -> Path | None:
    """Give `folder` the name `target`, at once; what had it is renamed and returned. Raises OSError."""
    for path in (folder, folder.parent):
        sync_folder(path)
    if not target.exists():
        folder.rename(target)
        return None
    _exchange(folder, target)
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
    aside = target.with_name(f"{target.name}.before-{stamp}")
    folder.rename(aside)
    return aside


def _exchange(one: Path, other: Path) -> None:
    """Swap two names. Linux does it in one step; elsewhere there is a moment without `other`."""
    if sys.platform == "linux":
        call = ctypes.CDLL(None, use_errno=True).renameat2
        at_cwd, exchange = -100, 2
        if call(at_cwd, os.fsencode(one), at_cwd, os.fsencode(other), exchange) == 0:
            return
        code = ctypes.get_errno()
        if code not in {errno.EINVAL, errno.ENOSYS}:
            raise OSError(code, os.strerror(code), str(other))
    between = other.with_name(f"{one.name}.swap")
    other.rename(between)
    one.rename(other)
    between.rename(one)


__all__ = ["Restored", "bring", "check", "manifest_in", "refuse_newer", "restore", "through"]

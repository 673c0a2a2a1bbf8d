"""A backup back in place: whole, or not at all; never over newer data, never of somebody else."""

import os
import secrets
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pyrage
import pysqlite3
import pytest
from django.conf import settings as live
from django.db import connection

from answerable.archive import restoring
from answerable.archive.errors import (
    ArchiveError,
    CutFile,
    Damaged,
    InUse,
    Newer,
    NoKey,
    NotEmpty,
    OtherInstallation,
    OtherKind,
    TooNew,
    WrongKey,
    WrongPassword,
)
from answerable.archive.sealing import identities_of, make_identity, seal
from answerable.archive.snapshot import Stream, snapshot
from answerable.intake.models import Case
from answerable.intake.tests.stage import Stage
from answerable.intake.tests.world import Reporter
from answerable.ledger import actions as ledger
from answerable.ledger.models import Log

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def target(tmp_path: Path, settings: Any) -> Path:
    """A data folder that does not exist yet, beside an embedded database."""
    settings.DATABASE = "sqlite"
    (tmp_path / "machine").mkdir()
    return tmp_path / "machine" / "data"


@pytest.fixture
def empty_postgresql(settings: Any) -> Iterator[str]:
    """A new database on the server of these tests; skipped where they run on SQLite."""
    if connection.vendor != "postgresql":
        pytest.skip("on SQLite")
    address = live.DATABASE
    name = f"restored_{secrets.token_hex(4)}"
    with psycopg.connect(address, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")  # type: ignore[arg-type]
        head, _, tail = address.partition("?")
        settings.DATABASE = f"{head.rpartition('/')[0]}/{name}?{tail}"
        yield settings.DATABASE
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")  # type: ignore[arg-type]


def ask(folder: Path, sql: str) -> list[Any]:
    source = pysqlite3.connect(str(folder / "answerable.sqlite3"))
    try:
        return list(source.execute(sql))
    finally:
        source.close()


def tree(folder: Path) -> dict[str, bytes]:
    return {
        str(each.relative_to(folder)): each.read_bytes()
        for each in sorted(folder.rglob("*"))
        if each.is_file() and each.name != "serving.lock"
    }


def stands_in(
    target: Path, log: Log, *, size: int = 0, shown: datetime | None = None, organisation: str = ""
) -> None:
    """A data folder with what a restore looks at: much quicker than a whole one."""
    target.mkdir(mode=0o700)
    key = organisation or log.organisation_id.hex
    source = pysqlite3.connect(str(target / "answerable.sqlite3"))
    with source:
        source.execute("CREATE TABLE organisation_organisation (id text)")
        source.execute("INSERT INTO organisation_organisation VALUES (?)", [key])
        source.execute(
            "CREATE TABLE ledger_log (organisation_id text, origin text, size integer, published_at text)"
        )
        moment = str((shown or log.published_at).replace(tzinfo=None))  # type: ignore[union-attr]
        source.execute(
            "INSERT INTO ledger_log VALUES (?, ?, ?, ?)", [key, log.origin, size or log.size, moment]
        )
    source.close()


def beside(target: Path) -> list[str]:
    return sorted(each.name for each in target.parent.iterdir())


def test_a_backup_becomes_a_data_folder_and_comes_back_over_itself(
    reporters: list[Reporter], sealed: Any, identity: Any, target: Path
) -> None:
    path = sealed()
    done = restoring.restore(str(path), [identity], target)
    assert done.aside is None
    log = Log.objects.get()
    assert ask(target, "SELECT size, checkpoint FROM ledger_log") == [(log.size, log.checkpoint)]
    assert sorted(key for (key,) in ask(target, "SELECT id FROM intake_case")) == sorted(
        each.pk.hex for each in Case.objects.all()
    )
    folder = live.ANSWERABLE_DATA / "attachments" / log.organisation_id.hex
    assert tree(target / "attachments" / log.organisation_id.hex) == tree(folder)
    name = f"{log.organisation_id.hex}.key"
    assert (target / "log-keys" / name).read_bytes() == (
        live.ANSWERABLE_DATA / "log-keys" / name
    ).read_bytes()
    assert (target / "secret-key").read_bytes() == (live.ANSWERABLE_DATA / "secret-key").read_bytes()
    assert not (target / "checkpoints").exists()
    assert oct(target.stat().st_mode & 0o777) == "0o700"
    triggers = {name for (name,) in ask(target, "SELECT name FROM sqlite_master WHERE type = 'trigger'")}
    assert {"entry_stays", "log_only_grows", "deadline_stays"} <= triggers
    assert ask(target, "PRAGMA journal_mode") == [("wal",)]


def test_newer_data_is_never_overwritten_and_the_leaves_at_stake_are_named(
    stage: Stage, reporters: list[Reporter], sealed: Any, identity: Any, target: Path
) -> None:
    log = Log.objects.get()
    stands_in(target, log, size=log.size + 3)
    old = sealed()
    before = tree(target)
    with pytest.raises(Newer) as told:
        restoring.restore(str(old), [identity], target)
    assert f"leaves {log.size} to {log.size + 2}" in str(told.value)
    assert "receipt" in str(told.value)
    assert "After a restored backup" in str(told.value)
    assert tree(target) == before
    assert beside(target) == ["data"]

    done = restoring.restore(str(old), [identity], target, roll_back=True)
    assert done.lost
    assert done.aside
    assert tree(done.aside) == before, "what was there is kept"
    assert beside(target) == ["data", done.aside.name]
    assert ask(target, "SELECT size FROM ledger_log") == [(log.size,)]


def test_a_checkpoint_that_was_handed_out_counts_though_the_database_is_gone(
    stage: Stage,
    reporters: list[Reporter],
    sealed: Any,
    identity: Any,
    target: Path,
    settings: Any,
    tmp_path: Path,
) -> None:
    """The case of a burnt disk, with the folder of checkpoints on another one."""
    path = sealed()
    stage.sent()
    settings.CHECKPOINTS = live.ANSWERABLE_DATA / "checkpoints"
    with pytest.raises(Newer, match=r"leaves \d+ to \d+ would be lost"):
        restoring.restore(str(path), [identity], target)
    assert beside(target) == []


def test_a_publication_after_the_backup_counts_as_newer(
    reporters: list[Reporter], sealed: Any, identity: Any, target: Path, now: datetime
) -> None:
    stands_in(target, Log.objects.get(), shown=now + timedelta(hours=1))
    with pytest.raises(Newer, match="was published at"):
        restoring.restore(str(sealed()), [identity], target)


def test_a_running_server_is_never_restored_over(
    reporters: list[Reporter], sealed: Any, identity: Any, target: Path
) -> None:
    import fcntl

    path = sealed()
    target.mkdir()
    with (target / "serving.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(InUse):
            restoring.restore(str(path), [identity], target)
    assert beside(target) == ["data"]


def test_a_cut_file_a_wrong_key_and_noise_leave_nothing(
    organisation: Any, sealed: Any, identity: Any, target: Path, tmp_path: Path
) -> None:
    path = sealed()
    data = path.read_bytes()
    stranger = pyrage.x25519.Identity.generate()
    plain = tmp_path / "plain.age"
    with plain.open("wb") as out:
        seal([b"hello" * 1000], out, [identity.to_public()])
    wrong: list[tuple[bytes, Any, type[ArchiveError]]] = [
        (data[: len(data) * 2 // 3], identity, CutFile),
        (data[:-1], identity, CutFile),
        (data[:60], identity, CutFile),
        (b"", identity, CutFile),
        (os.urandom(5000), identity, CutFile),
        (data[:-40] + bytes([data[-40] ^ 1]) + data[-39:], identity, CutFile),
        (data, stranger, WrongKey),
        (plain.read_bytes(), identity, Damaged),
    ]
    for number, (content, key, error) in enumerate(wrong):
        path.write_bytes(content)
        with pytest.raises(error):
            restoring.restore(str(path), [key], target)
        assert beside(target) == [], number


def test_an_archive_without_its_end_is_a_cut_file(
    organisation: Any, identity: Any, target: Path, now: datetime
) -> None:
    """Sealed whole, but by somebody who stopped early: age alone would not notice."""
    with snapshot() as using:
        blocks = list(Stream(using, now).blocks())
    path = target.parent / "early.age"
    with path.open("wb") as out:
        seal([b"".join(blocks[:-4])], out, [identity.to_public()])
    with pytest.raises(CutFile):
        restoring.restore(str(path), [identity], target)
    path.unlink()
    assert beside(target) == []


def test_another_installations_backup_is_refused(
    reporters: list[Reporter], sealed: Any, identity: Any, target: Path
) -> None:
    path = sealed()
    stands_in(target, Log.objects.get(), organisation="0" * 32)
    before = tree(target)
    with pytest.raises(OtherInstallation, match="tidewick"):
        restoring.restore(str(path), [identity], target)
    assert tree(target) == before


def test_an_exported_organisation_is_no_backup(
    stage: Stage, reporters: list[Reporter], sealed: Any, identity: Any, target: Path
) -> None:
    with pytest.raises(OtherKind, match="organisation import"):
        restoring.restore(str(sealed(organisation=stage.organisation)), [identity], target)


def test_a_backup_of_a_newer_version_is_refused(
    organisation: Any, identity: Any, target: Path, now: datetime
) -> None:
    with snapshot() as using:
        stream = Stream(using, now)
        stream.manifest["migrations"]["ledger"].append("9999_later")
        blocks = list(stream.blocks())
    path = target.parent / "later.age"
    with path.open("wb") as out:
        seal(blocks, out, [identity.to_public()])
    with pytest.raises(TooNew, match="9999_later"):
        restoring.restore(str(path), [identity], target)


def test_an_older_versions_backup_is_brought_to_this_one(
    organisation: Any, identity: Any, target: Path, now: datetime
) -> None:
    """Its tables are made as they were, filled, and then migrated: here without the table of backups."""
    with snapshot() as using:
        stream = Stream(using, now)
        del stream.manifest["migrations"]["archive"]
        del stream.manifest["tables"]["archive.backup"]
        blocks = list(stream.blocks())
    path = target.parent / "earlier.age"
    with path.open("wb") as out:
        seal(blocks, out, [identity.to_public()])
    restoring.restore(str(path), [identity], target)
    assert ask(target, "SELECT slug FROM organisation_organisation") == [("tidewick",)]
    assert ask(target, "SELECT count(*) FROM archive_backup") == [(0,)]


def test_it_comes_back_into_an_empty_postgresql_and_only_there(
    stage: Stage, reporters: list[Reporter], sealed: Any, identity: Any, empty_postgresql: str, tmp_path: Path
) -> None:
    path = sealed()
    target = tmp_path / "data"
    restoring.restore(str(path), [identity], target)
    with psycopg.connect(empty_postgresql) as server:
        log = Log.objects.get()
        assert server.execute("SELECT size, checkpoint FROM ledger_log").fetchall() == [
            (log.size, log.checkpoint)
        ]
        assert server.execute("SELECT count(*) FROM intake_case").fetchall() == [(3,)]
        [(last,)] = server.execute("SELECT max(id) FROM intake_message").fetchall()
        [(following,)] = server.execute(
            "SELECT nextval(pg_get_serial_sequence('intake_message', 'id'))"
        ).fetchall()
        assert following == last + 1
    assert (target / "log-keys").is_dir()
    with pytest.raises(NotEmpty, match="createdb"):
        restoring.restore(str(path), [identity], target)


def test_a_backup_that_breaks_off_leaves_postgresql_empty(
    stage: Stage, reporters: list[Reporter], sealed: Any, identity: Any, empty_postgresql: str, tmp_path: Path
) -> None:
    path = sealed()
    path.write_bytes(path.read_bytes()[:-200])
    target = tmp_path / "new" / "data"
    with pytest.raises(CutFile):
        restoring.restore(str(path), [identity], target)
    with psycopg.connect(empty_postgresql) as server:
        assert server.execute("SELECT count(*) FROM organisation_organisation").fetchall() == [(0,)]
    assert not target.exists()


def test_a_key_file_may_be_locked_by_a_password(tmp_path: Path) -> None:
    public = make_identity(tmp_path / "locked", "渔网 seven")
    assert oct((tmp_path / "locked").stat().st_mode & 0o777) == "0o600"
    [found] = identities_of(tmp_path / "locked", lambda: "渔网 seven")
    assert str(found.to_public()) == public
    with pytest.raises(WrongPassword):
        identities_of(tmp_path / "locked", lambda: "eight")
    with pytest.raises(ArchiveError):
        make_identity(tmp_path / "locked")
    (tmp_path / "public").write_text(public)
    for wrong in ("public", "none"):
        with pytest.raises(NoKey):
            identities_of(tmp_path / wrong)


def test_the_log_goes_on_taking_nothing_where_it_was_rolled_back(
    stage: Stage, reporters: list[Reporter], now: datetime
) -> None:
    """What `--roll-back` leaves: a database behind its checkpoint file (see ledger's own tests for what it says)."""
    from answerable.ledger import files
    from answerable.ledger.errors import LogBehind

    log = Log.objects.get()
    path = files.checkpoint_path(log.organisation_id)
    ahead = log.checkpoint.replace(f"\n{log.size}\n", f"\n{log.size + 9}\n")
    path.write_text(ahead)
    files.forget()
    with pytest.raises(LogBehind):
        ledger.check_at_start()

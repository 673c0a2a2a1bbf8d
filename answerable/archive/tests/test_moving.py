"""From SQLite to a real PostgreSQL: all of it, proven alike, or nothing."""

import secrets
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import psycopg
import pytest
from django.conf import settings as live
from django.db import connection

from answerable.archive import moving
from answerable.archive.errors import ArchiveError, Damaged, InUse, NotEmpty
from answerable.archive.tables import archived
from answerable.intake.tests.stage import Stage
from answerable.intake.tests.world import Reporter
from answerable.ledger.models import Entry, Log
from answerable.organisation.models import Organisation
from tests.postgres import started

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    if connection.vendor != "sqlite":
        pytest.skip("the source is SQLite")
    with started() as address:
        yield address


@pytest.fixture
def target(server: str) -> str:
    """A new, empty database."""
    name = f"moved_{secrets.token_hex(4)}"
    with psycopg.connect(server, autocommit=True) as there:
        there.execute(f"CREATE DATABASE {name}")  # type: ignore[arg-type]
    return server.replace("/postgres?", f"/{name}?")


def ask(address: str, sql: str) -> list[Any]:
    with psycopg.connect(address) as there:
        return there.execute(sql).fetchall()  # type: ignore[arg-type]


def test_everything_moves_and_is_alike_or_nothing_does(
    stage: Stage, reporters: list[Reporter], target: str, now: datetime
) -> None:
    nasty = "'%s\" 渔网 𐀀"
    Organisation.objects.update(name_en=nasty, outside_contact={"z": [1.0, 1e30, None], "a": nasty})
    last = Entry.objects.order_by("-pk")[0]
    Entry.objects.filter(pk=last.pk).delete()
    with pytest.raises(Damaged):  # a log that does not hold is not moved
        moving.to_postgresql(target, now)
    assert ask(target, "SELECT count(*) FROM organisation_organisation") == [(0,)], "all or nothing"
    last.save(force_insert=True)

    moved = moving.to_postgresql(target, now)
    assert {label: rows for label, rows, _ in moved.tables} == {
        model._meta.label_lower: model._base_manager.count() for model in archived()
    }
    log = Log.objects.get()
    assert moved.logs == {"tidewick": log.size}
    assert ask(target, "SELECT size, checkpoint, tail FROM ledger_log") == [
        (log.size, log.checkpoint, bytes(log.tail))
    ]
    assert ask(target, "SELECT name_en FROM organisation_organisation") == [(nasty,)]
    [(last,)] = ask(target, "SELECT max(id) FROM intake_message")
    assert ask(target, "SELECT nextval(pg_get_serial_sequence('intake_message', 'id'))") == [(last + 1,)]
    for forbidden, guard in (
        ("UPDATE ledger_entry SET leaf = 'x'", "entry_stays"),
        ("UPDATE promises_deadline SET due_at = now()", "deadline_stays"),
        ("UPDATE ledger_log SET size = 0", "log_"),
    ):
        with pytest.raises(psycopg.errors.IntegrityError, match=guard):
            ask(target, forbidden)
    with pytest.raises(NotEmpty):
        moving.to_postgresql(target, now)


def test_a_database_with_other_tables_is_refused(
    organisation: Organisation, target: str, now: datetime
) -> None:
    with psycopg.connect(target) as there:
        there.execute("CREATE TABLE payroll (id int)")
    with pytest.raises(NotEmpty, match="payroll"):
        moving.to_postgresql(target, now)
    assert ask(target, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'") == [("payroll",)]


def test_a_running_server_is_not_moved_from_below(target: str, now: datetime) -> None:
    import fcntl

    with (live.ANSWERABLE_DATA / "serving.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(InUse):
            moving.to_postgresql(target, now)
    for wrong in ("sqlite", "mysql://x/y"):
        with pytest.raises(ArchiveError):
            moving.to_postgresql(wrong, now)

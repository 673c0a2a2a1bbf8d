"""Upgrades: killed ones go on where they were, two at once are one, and no version writes into a newer one's database."""

import contextlib
import fcntl
import json
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import psycopg
import pytest

from tests import postgres
from tests import server as servers
from tests.inside import ROOT, environment, inside
from tests.people import wait_for

FUTURE = (
    "INSERT INTO django_migrations (app, name, applied) VALUES ('organisation', '9999_future', '2030-01-01')"
)


class Database:
    """An installation's database, looked at from outside."""

    def __init__(self, data: Path, url: str) -> None:
        self.data, self.url = data, url
        self.settings = {"ANSWERABLE_DATABASE": url}

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        if self.url != "sqlite":
            with psycopg.connect(self.url, autocommit=True) as connection:
                found = connection.execute(sql)
                return found.fetchall() if found.description else []
        path = self.data / "answerable.sqlite3"
        with contextlib.closing(sqlite3.connect(path, timeout=20, isolation_level=None)) as connection:
            return connection.execute(sql).fetchall()

    def applied(self) -> int:
        """How many migrations are recorded; 0 before there is a table."""
        try:
            return int(self.ask("SELECT count(*) FROM django_migrations")[0][0])
        except (sqlite3.Error, psycopg.Error):
            return 0

    def schema(self) -> list[tuple[Any, ...]]:
        """Tables, columns, indexes and constraints, in words that compare."""
        if self.url == "sqlite":
            asked = (
                "SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' ORDER BY type, name"
            )
            return self.ask(asked)
        columns = "SELECT table_name, column_name, data_type, is_nullable FROM information_schema.columns"
        where = " WHERE table_schema = 'public' ORDER BY 1, 2"
        indexes = "SELECT tablename, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1, 2"
        return [*self.ask(columns + where), *self.ask(indexes)]


@contextlib.contextmanager
def fresh(kind: str, data: Path) -> Iterator[Database]:
    data.mkdir()
    if kind == "sqlite":
        yield Database(data, "sqlite")
        return
    with postgres.own_database() as url:
        yield Database(data, url)


def migrating(database: Database) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "answerable", "migrate"],
        cwd=ROOT,
        env=environment(database.data, database.settings),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


KINDS = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]


@pytest.mark.parametrize("kind", KINDS)
def test_a_killed_upgrade_goes_on_where_it_was(kind: str, tmp_path: Path) -> None:
    with fresh(kind, tmp_path / "killed") as killed, fresh(kind, tmp_path / "whole") as whole:
        whole_run = migrating(whole)
        process = migrating(killed)
        wait_for(lambda: killed.applied() >= 8 or process.poll() is not None, 60)
        process.kill()
        process.communicate()
        reached = killed.applied()
        said, trouble = whole_run.communicate(timeout=60)
        assert whole_run.returncode == 0, said + trouble
        assert 0 < reached < whole.applied(), "killed too late to show anything"
        done = servers.run(killed.data, "migrate", **killed.settings)
        assert done.returncode == 0, done.stderr
        assert killed.applied() == whole.applied()
        assert killed.schema() == whole.schema()


@pytest.mark.postgres
def test_two_upgrades_at_once_are_one(tmp_path: Path) -> None:
    with fresh("postgresql", tmp_path / "data") as database:
        both = [migrating(database) for _ in range(2)]
        said = sorted(each.communicate(timeout=60)[0] for each in both)
        assert [each.returncode for each in both] == [0, 0]
        assert said[1] == "nothing to do\n"
        assert "changes; the database is of this version" in said[0]


def ask(url: str, data: bytes | None = None) -> tuple[int, bytes]:
    try:
        with urlopen(Request(url, data=data), timeout=10) as answer:
            return answer.status, answer.read()
    except HTTPError as error:
        return error.code, error.read()


@pytest.mark.postgres
def test_of_a_half_upgraded_pair_the_old_one_reads_and_takes_nothing(tmp_path: Path) -> None:
    with fresh("postgresql", tmp_path / "data") as database:
        inside(database.data, "", module="bench.prepare", **database.settings)
        with servers.running(database.data, **database.settings) as server:
            message = f"{server.base}/api/v1/orgs/bench/mailbox/open"
            assert ask(f"{server.base}/readyz")[0] == 200
            assert ask(message, b"{}")[0] == 400

            database.ask("INSERT INTO organisation_beat VALUES ('upgrade', now(), 'another')")
            wait_for(lambda: ask(f"{server.base}/readyz")[0] == 503, 10)
            status, body = ask(message, b"{}")
            assert (status, json.loads(body)["error"]) == (503, "upgrading")
            database.ask("DELETE FROM organisation_beat WHERE name = 'upgrade'")
            wait_for(lambda: ask(message, b"{}")[0] == 400, 10)

            database.ask(FUTURE)
            wait_for(lambda: ask(message, b"{}")[0] == 503, 10)
            assert json.loads(ask(f"{server.base}/readyz")[1])["schema"] == "upgrading"
            assert ask(f"{server.base}/api/v1/orgs/bench")[0] == 200
            assert ask(f"{server.base}/healthz") == (200, b'{"live":"yes"}')
            beat = database.ask("SELECT at FROM organisation_beat WHERE name = 'keeper'")
            assert beat, "its keeper had gone round before"


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of a new installation; tests take copies."""
    data = tmp_path_factory.mktemp("template") / "data"
    data.mkdir()
    assert servers.run(data, "migrate").returncode == 0
    return data


@pytest.fixture
def installed(template: Path, tmp_path: Path) -> Database:
    return Database(Path(shutil.copytree(template, tmp_path / "data")), "sqlite")


def test_an_older_version_refuses_to_start_over_a_newer_database(installed: Database) -> None:
    installed.ask(FUTURE)
    before = installed.schema()
    done = servers.run(installed.data, "serve", "--port", str(servers.free_port()))
    assert done.returncode == 1
    assert "upgraded by a newer Answerable (it has organisation.9999_future)" in done.stderr
    assert "Traceback" not in done.stderr
    assert installed.schema() == before


def lower(database: Database) -> None:
    """Make the database one migration older than the code."""
    subprocess.run(
        [sys.executable, "-m", "django", "migrate", "drill", "zero", "--verbosity=0"],
        cwd=ROOT,
        env=environment(database.data, database.settings),
        check=True,
    )


def test_what_saves_everything_runs_before_an_upgrade_and_stops_it_when_it_fails(
    installed: Database, tmp_path: Path
) -> None:
    lower(installed)
    failing = servers.run(installed.data, "migrate", ANSWERABLE_BEFORE_UPGRADE="false")
    assert failing.returncode == 1
    assert "before_upgrade ended with 1: nothing was changed" in failing.stderr
    plan = servers.run(installed.data, "migrate", "--plan")
    assert (plan.returncode, plan.stdout) == (1, "drill.0001_initial\n")
    saved = tmp_path / "saved"
    done = servers.run(installed.data, "migrate", ANSWERABLE_BEFORE_UPGRADE=f"touch {saved}")
    assert (done.returncode, saved.exists()) == (0, True)


def test_nobody_upgrades_under_a_running_server(installed: Database) -> None:
    lower(installed)
    with (installed.data / "serving.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = servers.run(installed.data, "migrate")
    assert (done.returncode, "another process serves data" in done.stderr) == (1, True)
    assert not installed.ask("SELECT name FROM sqlite_master WHERE name = 'drill_ground'")

"""PostgreSQL restarted, read-only, without connections left: told in words, and over by itself when it is over."""

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import psycopg
import pytest

from tests import postgres
from tests import server as servers
from tests.inside import inside
from tests.people import wait_for
from tests.senders import Crowd, Line

pytestmark = pytest.mark.postgres


class Site:
    def __init__(self, cluster: postgres.Cluster, server: servers.Server, crowd: Crowd) -> None:
        self.cluster, self.server, self.crowd = cluster, server, crowd

    def get(self, path: str) -> tuple[int, str]:
        try:
            with urlopen(Request(self.server.base + path), timeout=30) as answer:
                return answer.status, answer.read().decode()
        except HTTPError as error:
            return error.code, error.read().decode()

    def ready(self) -> tuple[int, dict[str, str]]:
        status, text = self.get("/readyz")
        return status, json.loads(text)

    def sql(self, *statements: str) -> None:
        with psycopg.connect(self.cluster.url, autocommit=True) as connection:
            for each in statements:
                connection.execute(each)

    def refused(self) -> None:
        """A report is not acknowledged, in words, and soon; and so are pages."""
        began = time.monotonic()
        with closing(Line(self.server.port)) as line:
            status, body = line.ask("GET", "/api/v1/orgs/bench/challenge")  # may still be known by heart
            if status == 200:
                status, body = self.crowd.send(self.crowd.report(), line)
        assert (status, body["error"]) == (503, "busy"), body
        assert len(body["message"]["zh"]) > 5
        assert time.monotonic() - began < 25

    def well_again(self, seconds: float = 20) -> None:
        """The same process takes reports and is ready, without a restart."""

        def taken() -> bool:
            with suppress(OSError, KeyError):  # no challenge, no report
                return self.crowd.send(self.crowd.report())[0] == 201
            return False

        wait_for(taken, seconds)
        wait_for(lambda: self.ready()[0] == 200, seconds)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    data = tmp_path_factory.mktemp("away") / "data"
    data.mkdir()
    with postgres.cluster("fsync=off", "max_connections=60") as cluster:
        settings = {"ANSWERABLE_DATABASE": cluster.url, "ANSWERABLE_KEEPER_SECONDS": "1"}
        facts = inside(data, "", module="bench.prepare", **settings)
        with servers.running(data, **settings) as server:
            yield Site(cluster, server, Crowd(server.port, facts))


def test_postgresql_stops_and_comes_back(site: Site) -> None:
    site.well_again()
    worker = site.server.worker
    site.cluster.stop()
    site.refused()
    status, page = site.get("/work/accounts/login/")
    assert status in (200, 503)
    status, page = site.get("/log/bench/checkpoint")
    assert status == 503
    assert "Traceback" not in page
    assert (site.ready()[0], site.ready()[1]["database"]) == (503, "away")
    assert site.get("/healthz")[0] == 200
    site.cluster.start()
    site.well_again()
    assert site.server.worker == worker


def test_postgresql_takes_no_writes_for_a_while(site: Site) -> None:
    site.well_again()
    site.sql("ALTER SYSTEM SET default_transaction_read_only = on", "SELECT pg_reload_conf()")
    try:
        wait_for(
            lambda: site.ready() == (503, site.ready()[1]) and site.ready()[1]["database"] == "read-only", 10
        )
        site.refused()
        assert site.get("/log/bench/checkpoint")[0] == 200, "reading goes on"
    finally:
        site.sql(
            "SET default_transaction_read_only = off",
            "ALTER SYSTEM RESET default_transaction_read_only",
            "SELECT pg_reload_conf()",
        )
    site.well_again()


def test_postgresql_has_no_connection_left(site: Site) -> None:
    site.well_again()
    with ExitStack() as hog, suppress(psycopg.OperationalError):
        first = hog.enter_context(psycopg.connect(site.cluster.url, autocommit=True))
        while True:  # take what is free, throw the site's own out, and take those
            with suppress(psycopg.OperationalError):
                while True:
                    hog.enter_context(psycopg.connect(site.cluster.url, application_name="hog"))
            others = (
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                " WHERE application_name <> 'hog' AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
            )
            if not first.execute(others).fetchone()[0]:  # type: ignore[index]
                break
        site.refused()
        assert site.ready()[0] == 503
        assert site.get("/healthz")[0] == 200
    site.well_again()

"""A fail-over as Patroni would make it: a primary with a synchronous standby, killed under load; the standby takes over.

Used by tests/test_failover.py and by `python -m bench failover`.
"""

import threading
import time
from contextlib import closing, suppress
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path

import psycopg
from answerable_protocol.encoding import id_text

from tests import postgres
from tests import server as servers
from tests.inside import inside
from tests.senders import Crowd, Line, Sent


@dataclass(frozen=True)
class Outcome:
    """What came of it: seconds from the kill to the first report that was taken, and what was acknowledged."""

    seconds: float
    before: int
    acknowledged: list[Sent]
    there: set[str]
    fsck: int

    @property
    def lost(self) -> list[str]:
        """Cases that were acknowledged and are not in the database any more."""
        return [each.case for each in self.acknowledged if each.case not in self.there]


def fail_over(data: Path, *, reports: int, clients: int, durable: bool = False) -> Outcome:
    """Send `reports` with so many clients, kill the primary after a third, promote the standby, and wait for the rest."""
    options = (f"fsync={'on' if durable else 'off'}", "max_connections=100", "wal_level=replica")
    with postgres.cluster(*options) as primary:
        standby = primary.standby()
        try:
            both = f"{primary.home},{standby.home}"
            url = f"postgresql://postgres@/postgres?host={both}&target_session_attrs=read-write"
            settings = {"ANSWERABLE_DATABASE": url, "ANSWERABLE_KEEPER_SECONDS": "1"}
            data.mkdir()
            facts = inside(data, "", module="bench.prepare", **settings)
            with servers.running(data, **settings) as server:
                crowd = Crowd(server.port, facts)
                threads = crowd.flood(reports, clients)
                while len(crowd.acknowledged) < reports // 3:
                    time.sleep(0.02)
                began = time.monotonic()
                primary.kill()
                before = len(crowd.acknowledged)
                back: list[float] = []
                watching = threading.Thread(target=lambda: back.append(_first_taken(crowd) - began))
                watching.start()
                standby.promote()
                for thread in [*threads, watching]:
                    thread.join()
            with psycopg.connect(standby.url) as connection:
                there = {id_text(case.bytes) for (case,) in connection.execute("SELECT id FROM intake_case")}
            checked = servers.run(data, "fsck", **settings).returncode
            return Outcome(back[0], before, crowd.acknowledged, there, checked)
        finally:
            standby.remove()


def _first_taken(crowd: Crowd) -> float:
    """When a report of our own was first taken."""
    report = crowd.report()
    crowd.sent.append(report)
    give_up = time.monotonic() + 90
    while not report.acknowledged and time.monotonic() < give_up:
        with (
            suppress(OSError, HTTPException, KeyError, ValueError),
            closing(Line(crowd.port, timeout=10)) as line,
        ):
            crowd.send(report, line)
        time.sleep(0.02)
    return time.monotonic()

"""kill -9 in the middle, full disks, locked databases: what was acknowledged stays, once; the log goes on."""

import contextlib
import os
import resource
import sqlite3
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import psycopg
import pytest
from answerable_protocol import policy as policies
from answerable_protocol import receipt as receipts

from tests import postgres
from tests import server as servers
from tests.inside import inside
from tests.people import wait_for
from tests.senders import Crowd, Sent, gone

DATABASES = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]


@pytest.fixture(params=DATABASES)
def settings(request: pytest.FixtureRequest) -> Iterator[dict[str, str]]:
    """Settings of an installation on each database; on PostgreSQL, a database of its own."""
    if request.param == "sqlite":
        yield {"ANSWERABLE_DATABASE": "sqlite"}
        return
    with postgres.own_database() as url:
        yield {"ANSWERABLE_DATABASE": url}


def prepared(data: Path, settings: dict[str, str]) -> dict[str, Any]:
    data.mkdir(exist_ok=True)
    facts: dict[str, Any] = inside(data, "", module="bench.prepare", **settings)
    return facts


def fsck(data: Path, settings: dict[str, str]) -> None:
    """The product's own check of every hash and signature."""
    done = servers.run(data, "fsck", **settings)
    assert done.returncode == 0, done.stdout + done.stderr


def policy_of(server: servers.Server) -> policies.Policy:
    with urlopen(f"{server.base}/log/bench/policy") as answer:
        return policies.parse(answer.read())


def holds(reports: list[Sent], policy: policies.Policy, there: dict[str, Any]) -> None:
    """Every receipt that was handed out verifies, and its leaf stands in the log where it says."""
    for report in reports:
        proven = receipts.verify(receipts.parse(report.receipt.encode()), policy).receipt
        assert there["entries"][str(proven.index)] == proven.leaf_hash.hex()


def once(reports: list[Sent], there: dict[str, Any]) -> None:
    """Each report is there, and none twice."""
    wanted = Counter(report.case for report in reports)
    assert Counter(there["cases"]) == wanted
    assert Counter(there["received"]) == wanted


def test_a_killed_server_loses_and_doubles_nothing_of_a_thousand_reports(
    tmp_path: Path, settings: dict[str, str]
) -> None:
    data = tmp_path / "data"
    facts = prepared(data, settings)
    server = servers.start(data, **settings)
    try:
        crowd = Crowd(server.port, facts)
        clients = crowd.flood(1000, 8)
        before: list[Sent] = []
        for reached in (250, 650):
            wait_for(lambda: len(crowd.acknowledged) >= reached, 60)  # noqa: B023 - called at once
            worker = server.worker
            server.kill()
            assert gone(worker), "an orphan goes on serving"
            before = crowd.acknowledged
            assert len(before) < 1000
            server = servers.start(data, port=server.port, **settings)
        for client in clients:
            client.join()
        assert len(crowd.acknowledged) == 1000
        again = before[:: len(before) // 20]
        for report in again:
            status, answer = crowd.send(report)
            assert status == 200
            first, second = (receipts.parse(each.encode()) for each in (report.receipt, answer["receipt"]))
            assert (first.index, first.leaf_data, first.payload) == (
                second.index,
                second.leaf_data,
                second.payload,
            )
        policy = policy_of(server)
    finally:
        server.stop()
    there = inside(data, "what_is_there", **settings)
    once(crowd.sent, there)
    holds(crowd.sent, policy, there)
    fsck(data, settings)


def missed_so_far(data: Path, settings: dict[str, str]) -> int:
    """How many deadlines the database calls missed, asked from outside while it is served."""
    asked = "SELECT count(*) FROM promises_deadline WHERE missed_at IS NOT NULL"
    if settings["ANSWERABLE_DATABASE"] != "sqlite":
        with psycopg.connect(settings["ANSWERABLE_DATABASE"]) as connection:
            return int(connection.execute(asked).fetchone()[0])  # type: ignore[index]
    with contextlib.closing(sqlite3.connect(f"file:{data}/answerable.sqlite3?mode=ro", uri=True)) as found:
        return int(found.execute(asked).fetchone()[0])


def test_a_killed_keeper_tells_each_missed_promise_once(tmp_path: Path, settings: dict[str, str]) -> None:
    data = tmp_path / "data"
    prepared(data, settings)
    cases = inside(data, "overdue", "120", **settings)
    cut = []
    for least in (1, 201):  # a sweep moves 200 at a time: each kill falls into a later one
        server = servers.start(data, **settings)
        wait_for(lambda: missed_so_far(data, settings) >= least, 40)  # noqa: B023 - called at once
        server.kill()
        cut.append(missed_so_far(data, settings))
    assert 0 < cut[0] < 480
    with servers.running(data, **settings):
        wait_for(lambda: missed_so_far(data, settings) == 480, 40)
        time.sleep(1)  # and would it go on, it would go on now
    there = inside(data, "what_is_there", **settings)
    promises = ("own-acknowledged", "own-owner", "own-feedback", "eu-acknowledged")
    wanted = {f"{case} {promise}" for case in cases for promise in promises}
    assert Counter(there["missed"]) == Counter(wanted)
    assert Counter(there["overdue"]) == Counter(wanted)
    told = Counter(
        (person, event) for person, kind, event in there["notices"] if kind in ("missed", "escalated")
    )
    assert set(told.values()) == {1}
    # By now every rung was told of the first two: three on the panel, one lead, two overseers, one external member.
    assert len(told) >= 120 * 2 * 7
    fsck(data, settings)


@contextlib.contextmanager
def a_small_disk(folder: Path) -> Iterator[None]:
    """Thirty-two megabytes, mounted. Skips where nobody may mount."""
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=32m", "none", str(folder)]
    if os.getuid() or subprocess.run(command, check=False, capture_output=True).returncode:
        pytest.skip("mounting is not allowed here; the test with a limit of file sizes runs everywhere")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(path: Path) -> None:
    """Take what is left of the disk."""
    with contextlib.suppress(OSError), path.open("wb", buffering=0) as out:
        while out.write(bytes(1 << 16)):
            pass
    with contextlib.suppress(OSError), path.open("ab", buffering=0) as out:
        while out.write(bytes(512)):
            pass


def refused_in_words(answer: tuple[int, dict[str, Any]]) -> bool:
    """Whether this is a "no room", with a sentence in each language."""
    status, body = answer
    if status in (200, 201):
        return False
    assert (status, body["error"]) == (507, "no-room"), answer
    return len(body["message"]["en"]) > 10 and len(body["message"]["zh"]) > 5


def goes_on(crowd: Crowd, reports: list[Sent], server: servers.Server) -> None:
    """There is room again: everybody sends again, and everything is there, once."""
    for report in reports:
        status, _ = crowd.send(report)
        assert status in (200, 201)
    policy = policy_of(server)
    server.stop()
    there = inside(server.data, "what_is_there")
    once(reports, there)
    holds(reports, policy, there)
    fsck(server.data, {})


def test_a_full_disk_is_told_in_words_and_loses_nothing(tmp_path: Path) -> None:
    with a_small_disk(tmp_path / "disk"):
        data = tmp_path / "disk" / "data"
        crowd = Crowd(0, prepared(data, {}))
        with servers.running(data) as server:
            crowd.port = server.port
            reports = [crowd.report() for _ in range(3)]
            for report in reports:
                assert crowd.send(report)[0] == 201
            filler = tmp_path / "disk" / "filler"
            fill(filler)
            later = [crowd.report(length=400_000) for _ in range(12)]
            answers = [crowd.send(report) for report in later]
            assert any(refused_in_words(answer) for answer in answers)
            fill(filler)
            with urlopen(f"{server.base}/api/v1/orgs/bench") as answer:
                assert answer.status == 200  # reading goes on
            filler.unlink()
            goes_on(crowd, [*reports, *later], server)


def test_a_limit_of_file_sizes_is_told_in_words_and_loses_nothing(tmp_path: Path) -> None:
    data = tmp_path / "data"
    crowd = Crowd(0, prepared(data, {}))
    with servers.running(data) as server:
        crowd.port = server.port
        kept = crowd.report()
        assert crowd.send(kept)[0] == 201
        for _ in range(8):  # the write-ahead log is reused up to 4 MB: past that it must grow
            crowd.sent.append(crowd.report(length=600_000))
        largest = max(path.stat().st_size for path in data.glob("answerable.sqlite3*"))
        old = resource.prlimit(server.worker, resource.RLIMIT_FSIZE, (largest + 4096, resource.RLIM_INFINITY))
        answers = [crowd.send(report) for report in crowd.sent]
        assert any(refused_in_words(answer) for answer in answers)
        resource.prlimit(server.worker, resource.RLIMIT_FSIZE, old)
        goes_on(crowd, [kept, *crowd.sent], server)


def test_a_database_locked_by_somebody_else_is_waited_for(tmp_path: Path) -> None:
    data = tmp_path / "data"
    crowd = Crowd(0, prepared(data, {}))
    with servers.running(data) as server:
        crowd.port = server.port
        reports = [crowd.report() for _ in range(4)]
        with contextlib.closing(sqlite3.connect(data / "answerable.sqlite3", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            senders = [threading.Thread(target=crowd.send, args=(report,)) for report in reports]
            for sender in senders:
                sender.start()
            time.sleep(3)
            assert not any(report.answers for report in reports)
            other.execute("ROLLBACK")
            for sender in senders:
                sender.join()
        assert {answer[0] for report in reports for answer in report.answers} <= {201, 503}
        goes_on(crowd, reports, server)

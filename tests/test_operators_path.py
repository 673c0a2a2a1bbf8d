"""The fifteen-minute path of docs/for-operators.md, followed by its own blocks, over HTTPS; and back from its backup.

The handlers' browsers are the one thing that is not walked here (tests/test_journey.py and test_console.py do that): their keys
and the first list of readers are made by the same code that those tests use.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from answerable_protocol import policy as policies
from answerable_protocol import receipt as receipts
from answerable_protocol.encoding import base64url_decode

from answerable.intake.tests import world
from tests import postgres
from tests.operators import ROOT, Machine, blocks


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    made = Machine(tmp_path)
    yield made
    made.stop()


def inside(machine: Machine) -> dict[str, str]:
    """The environment of this repository's own code over the machine's installation."""
    more = {"DJANGO_SETTINGS_MODULE": "answerable.server.settings"}
    return {**machine.environment, "PYTHONPATH": os.environ.get("PYTHONPATH", str(ROOT)), **more}


def ready_house(machine: Machine) -> dict[str, Any]:
    """Steps 6 and 7, which people do in their browsers: roles, keys, the first list of readers, open doors."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.ready_house", "quayside"],
        cwd=ROOT,
        env=inside(machine),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    facts: dict[str, Any] = json.loads(done.stdout)
    return facts


def report(machine: Machine, facts: dict[str, Any]) -> str:
    """Send one sealed report over HTTPS; its verified receipt."""
    ids = facts["ids"]
    reporter = world.Reporter("quayside")
    body = reporter.report(
        roster=base64url_decode(facts["roster"]),
        panel=[ids[key] for key in ("handler", "external")],
        reach=[[ids["lead"]], [ids["overseer"]], []],
        externals=1,
    )
    challenge = json.loads(machine.ask("/api/v1/orgs/quayside/challenge")[1])
    path = f"/api/v1/orgs/quayside/cases/{reporter.case_text}"
    status, answer = machine.ask(path, "PUT", body | {"pow": world.solve(challenge)})
    assert status == 201, answer
    policy = policies.parse(machine.ask("/log/quayside/policy")[1])
    receipt = json.loads(answer)["receipt"]
    receipts.verify(receipts.parse(receipt.encode()), policy)
    return reporter.case_text


def test_the_path_is_whole() -> None:
    assert list(blocks()) == [
        "install",
        "configure",
        "serve",
        "https",
        "setup",
        "people",
        "backup",
        "restore",
        "postgresql",
    ]


def test_an_operator_follows_the_path_and_comes_back_from_the_backup(machine: Machine) -> None:
    for step in ("install", "configure", "serve", "https"):
        machine.run(step)
    assert machine.ask("/healthz")[0] == 200
    said = machine.run("setup")
    links = re.findall(r"https://localhost(/work/accounts/invitation/[\w-]+/)", said)
    assert len(links) == 2
    assert [machine.ask(link)[0] for link in links] == [200, 200]
    (machine.root / "home" / "people.csv").write_text("number,name\n1,Ada Byrne\n2,李娜\n", encoding="utf-8")
    assert "2 rows" in machine.run("people")
    facts = ready_house(machine)
    first = report(machine, facts)
    figures = urlopen(f"http://127.0.0.1:{machine.ports['9464']}/metrics", timeout=20).read().decode()
    assert "answerable_database_up 1.0" in figures
    assert "quayside" not in figures
    assert "Verified" in machine.run("backup")
    second = report(machine, facts)
    machine.systemctl("stop", "answerable")
    assert machine.ask("/healthz")[0] in (502, 503)
    machine.run("restore")
    assert "remote_ip" not in (machine.root / "run" / "caddy.out").read_text(), "the proxy keeps an address"
    for case, there in ((first, True), (second, False)):
        found = subprocess.run(
            [sys.executable, "-m", "tests.ready_house", "--has", case],
            cwd=ROOT,
            env=inside(machine),
            capture_output=True,
            text=True,
            check=True,
        )
        assert json.loads(found.stdout) is there
    report(machine, facts)
    print(
        {step: round(seconds, 1) for step, seconds in machine.took.items()},
        "Caddy" if machine.caddy else "stand-in",
    )


REHEARSAL = pytest.mark.skipif("REHEARSAL" not in os.environ, reason="needs minutes: make rehearsal")


@REHEARSAL
def test_a_real_installation_with_postgresql_two_web_processes_and_250_000_people(tmp_path: Path) -> None:
    """The path's other road, from a release that is really installed; each web process is stopped once under way."""
    opt = tmp_path / "opt"
    opt.mkdir()
    release = subprocess.run(["git", "archive", "HEAD"], cwd=ROOT, check=True, capture_output=True).stdout
    subprocess.run(["tar", "-x", "-C", str(opt)], input=release, check=True)
    with postgres.cluster("fsync=off") as cluster:
        machine = Machine(tmp_path / "machine", installed=opt, **{"/var/run/postgresql": str(cluster.home)})
        os.environ |= {"PGHOST": str(cluster.home), "PGUSER": "postgres"}
        try:
            for step in ("install", "configure", "postgresql", "setup"):
                machine.run(step)
            write_people(machine.root / "home" / "people.csv", 250_000)
            assert "250000 rows" in machine.run("people")
            facts = ready_house(machine)
            report(machine, facts)
            for port in ("8001", "8002"):
                machine.systemctl("stop", f"answerable@{port}")
                report(machine, facts)
                machine.systemctl("start", f"answerable@{port}")
            assert "Verified" in machine.run("backup")
            print({step: round(seconds, 1) for step, seconds in machine.took.items()})
        finally:
            machine.stop()


def write_people(path: Path, count: int) -> None:
    """An export of so many people, each with a manager above."""
    with path.open("w", encoding="utf-8") as out:
        out.write("number,name,unit,manager,email\n")
        for number in range(1, count + 1):
            manager = number // 8 or ""
            out.write(f"{number},Person {number},Unit {number % 500},{manager},p{number}@quayside.example\n")

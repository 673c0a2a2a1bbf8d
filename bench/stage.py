"""A served organisation for benchmarks: a fresh data folder, a database, handlers with keys, doors open."""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests import server as servers

ROOT = Path(__file__).resolve().parents[1]
ORG = "bench"
# What a bench changes, and says: two bits of work for a solved challenge, and no rise with load.
SETTINGS = {"ANSWERABLE_WORK_BITS": "2", "ANSWERABLE_WORK_PER_SECOND": "1000000", "ANSWERABLE_HTTPS": "no"}


@dataclass
class Stage:
    """Where it is served, and what a maker of submissions must know."""

    server: servers.Server
    facts: dict[str, Any]

    @property
    def worker(self) -> int:
        """Process id of the serving worker."""
        children = Path(
            f"/proc/{self.server.process.pid}/task/{self.server.process.pid}/children"
        ).read_text()
        return int(children.split()[0])

    def cpu_seconds(self) -> float:
        """CPU time the worker has used."""
        fields = Path(f"/proc/{self.worker}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextlib.contextmanager
def served(database: str = "sqlite", **more: str) -> Iterator[Stage]:
    """Set the stage in a process of its own, then serve it."""
    with tempfile.TemporaryDirectory(prefix="answerable-bench-", dir=ROOT / "bench") as folder:
        data = Path(folder) / "data"
        data.mkdir()
        environment = {**SETTINGS, "ANSWERABLE_DATABASE": database, "ANSWERABLE_DATA": str(data), **more}
        prepared = subprocess.run(
            [sys.executable, "-m", "bench.prepare"],
            cwd=ROOT,
            env={**os.environ, **environment, "PGOPTIONS": "-c synchronous_commit=off"},  # of the set-up only
            capture_output=True,
            text=True,
            check=True,
        )
        with servers.running(data, **environment) as server:
            yield Stage(server, json.loads(prepared.stdout))


@contextlib.contextmanager
def postgres() -> Iterator[str]:
    """A durable PostgreSQL on the same disk as the SQLite beside it."""
    from tests.postgres import started

    with started(durable=True) as url:
        yield url

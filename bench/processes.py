"""Complete sealed submissions a second with one, two and four web processes over one PostgreSQL, and the ratio.

The generator spreads 32 clients evenly over the processes. One log has one writer at a time (its row is the lock), so more
processes share the checking of signatures and files, never the writing; on two cores there is not much to share.
"""

import json
import os
import subprocess
import sys
import tempfile
import threading
from contextlib import ExitStack
from pathlib import Path

from bench import load, stage, table
from bench.submissions import requests_of
from bench.table import Row
from tests import server as servers

COMMAND = "python -m bench processes"
COUNTS = (1, 2, 4)
REPORTS = 3000
CLIENTS = 32
SECONDS = 10.0


def measure(url: str, processes: int) -> float:
    """Submissions a second through so many processes."""
    with ExitStack() as stack:
        folder = Path(
            stack.enter_context(
                tempfile.TemporaryDirectory(prefix="answerable-bench-", dir=stage.ROOT / "bench")
            )
        )
        data = folder / "data"
        data.mkdir()
        environment = {**stage.SETTINGS, "ANSWERABLE_DATABASE": url, "ANSWERABLE_DATA": str(data)}
        prepared = subprocess.run(
            [sys.executable, "-m", "bench.prepare"],
            cwd=stage.ROOT,
            env={**os.environ, **environment, "PGOPTIONS": "-c synchronous_commit=off"},
            capture_output=True,
            text=True,
            check=True,
        )
        facts = json.loads(prepared.stdout)
        serving = [stack.enter_context(servers.running(data, **environment)) for _ in range(processes)]
        secret = (data / "secret-key").read_text()
        parts = [requests_of(facts, REPORTS // processes, each.port, secret) for each in serving]
        results: list[load.Result] = []
        threads = [
            threading.Thread(
                target=lambda port=each.port, part=part: results.append(
                    load.run(port, part, CLIENTS // processes, seconds=SECONDS)
                )
            )
            for each, part in zip(serving, parts, strict=True)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if any(result.others for result in results):
            raise RuntimeError(
                f"{processes} processes: other answers {[result.others for result in results]}"
            )
        return sum(len(result.seconds) for result in results) / max(result.duration for result in results)


def main() -> None:
    """Each count over a fresh database."""
    rows: list[Row] = []
    first = 0.0
    for count in COUNTS:
        with stage.postgres() as url:
            rate = measure(url, count)
        first = first or rate
        name = f"submissions, PostgreSQL, {count} web process{'es' if count > 1 else ''}, {CLIENTS} clients"
        rows += [
            Row(name, rate, "/s", "", "", COMMAND),
            Row(f"{name}: times one process", rate / first, "", "", "", COMMAND),
        ]
        for row in rows[-2:]:
            table.show(row)
    table.save(rows)

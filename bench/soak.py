"""A day of a busy organisation in ten minutes: is memory flat? `python -m bench soak` (SOAK_SECONDS=60 for a shorter look).

2,880 reports, twelve times as many other requests, 24 publications, a keeper that goes round all the time. Memory of the worker is
read every two seconds; the first fifth, in which caches and pools fill, does not count.
"""

import os
import statistics
import tempfile
import threading
import time
from contextlib import suppress
from http.client import HTTPException
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

from bench.table import Row, save, show
from tests import server as servers
from tests.inside import inside
from tests.senders import Crowd, Line

COMMAND = "python -m bench soak"
SECONDS = float(os.environ.get("SOAK_SECONDS", "600"))
REPORTS = 2_880
PAGES = (
    "/o/bench/en/",
    "/api/v1/orgs/bench",
    "/api/v1/orgs/bench/rosters",
    "/log/bench/checkpoint",
    "/work/accounts/login/",
    "/nothing/here",
    "/readyz",
)


def memory(pid: int) -> float:
    """MiB of a process that are really in use (private and its share of the rest)."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    return int(next(line.split()[1] for line in text.splitlines() if line.startswith("Pss:"))) / 1024


def report(crowd: Crowd, stop: threading.Event, pause: float, sent: list[int]) -> None:
    line = Line(crowd.port)
    while not stop.wait(pause):
        with suppress(OSError, HTTPException, KeyError):
            sent.append(crowd.send(crowd.report(), line)[0])
            crowd.sent.clear()
    line.close()


def browse(base: str, stop: threading.Event, pause: float, seen: list[int]) -> None:
    while not stop.wait(pause):
        for page in PAGES:
            try:
                with urlopen(base + page, timeout=30) as answer:
                    answer.read()
                    seen.append(int(answer.status))
            except HTTPError as error:
                seen.append(error.code)
            except OSError:
                seen.append(0)


def slope(points: list[tuple[float, float]]) -> float:
    """MiB an hour of the soak, by least squares."""
    return statistics.linear_regression(*zip(*points, strict=True)).slope * 3600


def main() -> None:
    publish = max(1, round(SECONDS / 24))
    settings = {"ANSWERABLE_PUBLICATION_SECONDS": str(publish), "ANSWERABLE_KEEPER_SECONDS": "1"}
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        data.mkdir()
        facts = inside(data, "", module="bench.prepare", **settings)
        with servers.running(data, **settings) as server:
            crowd, stop = Crowd(server.port, facts), threading.Event()
            sent: list[int] = []
            seen: list[int] = []
            every = SECONDS / REPORTS
            threads = [
                threading.Thread(target=report, args=(crowd, stop, every * 2, sent)),
                threading.Thread(target=report, args=(crowd, stop, every * 2, sent)),
                threading.Thread(target=browse, args=(server.base, stop, every * 2, seen)),
            ]
            for thread in threads:
                thread.start()
            points, began, worker = [], time.monotonic(), server.worker
            while (at := time.monotonic() - began) < SECONDS:
                points.append((at, memory(worker)))
                time.sleep(2)
            stop.set()
            for thread in threads:
                thread.join()
            if server.worker != worker or any(status >= 500 or status == 0 for status in [*sent, *seen]):
                raise RuntimeError("the worker was replaced, or an answer failed")
    warm = [point for point in points if point[0] > SECONDS / 5]
    first, last = (
        statistics.median(m for _, m in part) for part in (warm[: len(warm) // 4], warm[-len(warm) // 4 :])
    )
    rows = [
        Row(f"soak: reports taken in {SECONDS:,.0f} s", sent.count(201), "reports", "", "", COMMAND),
        Row("soak: other answers", len(seen), "answers", "", "", COMMAND),
        Row("soak: memory of the worker, first quarter once warm", first, "MiB", "", "", COMMAND),
        Row("soak: the same, last quarter", last, "MiB", "flat: within 5 %", "", COMMAND),
        Row("soak: growth", (last - first) / first * 100, "%", "< 5 %", "", COMMAND),
        Row("soak: slope", slope(warm), "MiB/h", "", "", COMMAND),
    ]
    for row in rows:
        show(row)
    save(rows)


if __name__ == "__main__":
    main()

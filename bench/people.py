"""A directory of 250,000 people from a file: check, preview and apply; the same again; a week's changes; its pages."""

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench import crowd
from bench import inside as sets
from bench.table import Row

COMMAND = "python -m bench people"
COUNT = int(os.environ.get("BENCH_PEOPLE", "250000"))


def inside(organisation: Any, name: str) -> list[Row]:
    """In a process with a database of its own."""
    from answerable.organisation import queries
    from answerable.organisation.directory.checking import check

    people = crowd.rows(COUNT)
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as folder:
        data = crowd.write(Path(folder) / "people.csv", people).read_bytes()
        if name == "SQLite":  # checking needs no database: once is enough
            rows.append(_row(f"people check, CSV, {COUNT:,} rows", _timed(lambda: check(data)), "< 10"))
            book = crowd.write_workbook(Path(folder) / "people.xlsx", people).read_bytes()
            rows.append(_row(f"people check, XLSX, {COUNT:,} rows", _timed(lambda: check(book)), ""))
        first = _timed(lambda: _import(organisation, data))
        rows.append(_row(f"people import, {COUNT:,} new, {name}", first, "< 60"))
        rows.append(Row(f"people import, {name}", COUNT / first, "rows/s", "", "", COMMAND))
        again = _timed(lambda: _import(organisation, data))
        rows.append(_row(f"people import, nothing to change, {name}", again, "< 60"))
        for at in range(0, COUNT, 100):
            people[at][8] = "moved"
            people[at][5] = f"new{at}@tidewick.example"
        del people[-COUNT // 200 :]
        data = crowd.write(Path(folder) / "people.csv", people).read_bytes()
        week = _timed(lambda: _import(organisation, data))
        rows.append(_row(f"people import, 1 % changed, 0.5 % left, {name}", week, "< 60"))
    for what, ask in (
        ("first page", lambda: queries.people(organisation)),
        ("a page by a word in names", lambda: queries.people(organisation, text="诗雨")),
        ("how many", lambda: queries.how_many(organisation)),
        ("who can read reports", lambda: queries.people_with(organisation, "handler", "lead")),
    ):
        ask()
        milliseconds = min(_timed(ask) for _ in range(3)) * 1000
        rows.append(Row(f"people: {what}, {COUNT:,}, {name}", milliseconds, "ms", "< 300", "", COMMAND))
    return rows


def _import(organisation: Any, data: bytes) -> None:
    from django.utils import timezone

    from answerable.organisation.directory import plans

    prepared = plans.prepare(organisation, data, whole=True, by=None, now=timezone.now())
    if prepared.faults:
        raise RuntimeError(str(prepared.faults[:3]))
    plans.apply(
        prepared.plan.pk,
        organisation=organisation,
        by=None,
        digest=bytes(prepared.plan.digest),
        now=timezone.now(),
    )


def _timed(do: Callable[[], Any]) -> float:
    start, busy = time.perf_counter(), time.process_time()
    do()
    taken = time.perf_counter() - start
    busy = time.process_time() - busy
    if taken > 1:
        print(f"{taken:.1f} s, of which {busy:.1f} s of this process's CPU", file=sys.stderr)
    return taken


def _row(name: str, seconds: float, limit: str) -> Row:
    return Row(name, seconds, "s", limit, "", COMMAND)


def main() -> None:
    sets.both("people")

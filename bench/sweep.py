"""The keeper's sweep over 1,000,000 open deadlines: nothing due, 200 due, and how late a running keeper notices one."""

import os
import statistics
import time
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from bench import inside as sets
from bench.table import Row

COMMAND = "python -m bench sweep"
LADDERS = 200_000
PROMISES = ("own-acknowledged", "own-owner", "own-feedback", "eu-acknowledged", "eu-feedback")
PATIENCE = 60.0


def inside(organisation: Any, name: str) -> list[Row]:
    """In a process with a database of its own."""
    from django.utils import timezone

    from answerable.promises import actions

    _fill(organisation)
    idle = []
    for _ in range(20):
        start = time.perf_counter()
        moved = actions.sweep(timezone.now())
        idle.append((time.perf_counter() - start) * 1000)
        if moved:
            raise RuntimeError("something was due")
    _cases(organisation, 40, timezone.now() - timedelta(days=400))
    start = time.perf_counter()
    moved = actions.sweep(timezone.now())
    busy = (time.perf_counter() - start) * 1000
    if moved != 200:
        raise RuntimeError(f"{moved} moved on, not 200")
    open_ = f"{LADDERS * len(PROMISES):,} open deadlines, {name}"
    return [
        Row(f"sweep, nothing due, {open_}", statistics.median(idle), "ms", "< 10", "", COMMAND),
        Row(f"sweep, 200 due, {open_}", busy, "ms", "", "", COMMAND),
        Row(f"missed until escalated by a keeper, {open_}", _noticed(organisation), "s", "< 60", "", COMMAND),
    ]


def _cases(organisation: Any, count: int, received: datetime) -> None:
    """Cases whose promises count from `received`."""
    from django.db import transaction

    from answerable.promises.actions import Start, start

    with transaction.atomic():
        start(
            [
                Start(
                    organisation_id=organisation.pk,
                    case=uuid4(),
                    received=received.replace(microsecond=0),
                    jurisdiction="IE",
                    start_rung=0,
                    panel=[],
                    reach=[[], [], []],
                    event_key=os.urandom(32),
                )
                for _ in range(count)
            ]
        )


def _fill(organisation: Any) -> None:
    """A million open deadlines, all in the future, made inside the database."""
    from django.db import connection

    lite = connection.vendor == "sqlite"
    org = organisation.pk.hex if lite else str(organisation.pk)
    case = "lower(hex(randomblob(16)))" if lite else "gen_random_uuid()"
    numbers = (
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %s) SELECT {} FROM n"
        if lite
        else "SELECT {} FROM generate_series(1, %s) AS n(i)"
    )
    key = "randomblob(32)" if lite else "decode(repeat('ab', 32), 'hex')"
    now = "datetime('now')" if lite else "now()"
    ladders = numbers.format(f"{case}, '{org}', {key}, 1, '[]', '[[],[],[]]', 0, 'IE', {now}")
    # From ten days on, in steps of a second, so that the index is as varied as in life.
    due = (
        "datetime('now', (864000 + l.place %% 8000000) || ' seconds')"
        if lite
        else ("now() + make_interval(secs => 864000 + l.place %% 8000000)")
    )
    place = "l2.rowid" if lite else "row_number() OVER ()"
    false = "0" if lite else "false"
    with connection.cursor() as cursor:
        if lite:  # while it fills: keys are random, so the index wants to be in memory
            cursor.execute("PRAGMA cache_size = -400000")
        cursor.execute(
            'INSERT INTO promises_caseladder ("case", organisation_id, event_key, next_seq, panel, reach,'
            f" start_rung, jurisdiction, received) {ladders}",
            [LADDERS],
        )
        for promise in PROMISES:
            cursor.execute(
                "INSERT INTO promises_deadline"  # noqa: S608 - no input
                " (ladder_id, organisation_id, promise, rule, due_at, next_at, late)"
                f" SELECT l.\"case\", '{org}', %s, 'own/1 PT24H hours', {due}, {due}, {false}"
                f' FROM (SELECT l2."case", {place} AS place FROM promises_caseladder l2) l',
                [promise],
            )
        if not lite:
            cursor.execute("ANALYZE")


def _noticed(organisation: Any) -> float:
    """Seconds from a due time until a keeper that runs in a server of its own has logged the miss."""
    from pathlib import Path

    from django.conf import settings
    from django.utils import timezone

    from answerable.promises.models import Deadline
    from tests import server as servers

    environment = {name: value for name, value in os.environ.items() if name.startswith("ANSWERABLE_")}
    environment.pop("ANSWERABLE_DATA")
    with servers.running(Path(settings.ANSWERABLE_DATA), **environment):
        due = (timezone.now() + timedelta(seconds=3)).replace(microsecond=0)
        _cases(organisation, 1, due - timedelta(hours=24))
        mine = Deadline.objects.filter(due_at=due, promise="own-acknowledged")
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            missed = mine.values_list("missed_at", flat=True).first()
            if missed is not None:
                return (timezone.now() - due).total_seconds()
            time.sleep(0.05)
    raise RuntimeError("the keeper did not notice within a minute")


def main() -> None:
    sets.both("sweep")

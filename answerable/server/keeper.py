"""The keeper: the loop that makes time pass. It sweeps promises, publishes logs, and sends notices.

Several may run, in several processes: every effect has a unique key, so what two of them do is done once. A
task that fails is told by the name of its error, without a word, and never stops the others; it is tried
again the next time.
"""

import logging
import threading
import time
from collections.abc import Callable
from datetime import datetime

from django.conf import settings
from django.db import connection
from django.utils import timezone

from answerable.archive import actions as archive
from answerable.cases import erasure
from answerable.drill import actions as drill
from answerable.intake import actions as intake
from answerable.ledger import actions as ledger
from answerable.ledger.errors import LogBehind
from answerable.notices import actions as notices
from answerable.notices import deciding, groups, watching
from answerable.organisation import actions as organisation
from answerable.organisation.directory import plans
from answerable.organisation.models import Beat
from answerable.promises import actions as promises
from answerable.roster import actions as rosters
from answerable.server.schema import Watch

__all__ = ["TASKS", "Task", "end", "run", "start", "tick"]

Task = Callable[[datetime], object]

_log = logging.getLogger(__name__)

MOST_ROUNDS = 50
"""How often in a row a sweep that found plenty goes on before the other tasks have their turn."""


def _sweep(now: datetime) -> None:
    for _ in range(MOST_ROUNDS):
        if not promises.sweep(now):
            return


class Seldom:
    """A task that waits at least `seconds` of this process's own time between two runs."""

    def __init__(self, task: Task, *, seconds: float) -> None:
        self._task = task
        self._seconds = seconds
        self._again = 0.0

    def __call__(self, now: datetime) -> None:
        if time.monotonic() >= self._again:
            self._task(now)
            self._again = time.monotonic() + self._seconds


def _beat(now: datetime) -> None:
    """Say that a keeper goes round; not on every round, for each time is a durable write."""
    said = {"at": now, "version": settings.VERSION}
    Beat.objects.update_or_create(name="keeper", defaults=said)


TASKS: list[tuple[str, Task]] = [
    ("beat", Seldom(_beat, seconds=20)),
    ("sweep", _sweep),
    ("announce", intake.announce),
    ("hand over", Seldom(intake.hand_over, seconds=5)),
    ("deliver", notices.deliver),
    ("spread", groups.spread),
    ("tell", groups.tell),
    ("watch", Seldom(watching.watch, seconds=60)),
    ("drill", Seldom(drill.hold_aside, seconds=60)),
    ("climb", Seldom(drill.climb, seconds=60)),
    ("remind", Seldom(deciding.remind, seconds=900)),
    ("digest", Seldom(watching.digest, seconds=300)),
    ("publish", ledger.publish),
    ("tidy", Seldom(intake.tidy, seconds=60)),
    ("chains", Seldom(rosters.start_chains, seconds=60)),
    ("erase", Seldom(erasure.run, seconds=600)),  # once a day, and again where much was due
    ("backup", Seldom(archive.keep_backed_up, seconds=60)),
    ("tidy plans", Seldom(lambda now: plans.tidy(now=now), seconds=600)),
    ("tidy sessions", Seldom(organisation.tidy_sessions, seconds=300)),
]
"""In order. A capability's housekeeping is one more line here."""


def tick(now: datetime) -> list[str]:
    """Do each task once. Returns the names of those that failed."""
    failed = []
    for name, task in TASKS:
        try:
            task(now)
        except Exception as error:  # noqa: BLE001 - one task's trouble is not the others'
            failed.append(name)
            _log.error("keeper: %s failed (%s)", name, type(error).__name__)
        finally:
            _give_back()
    return failed


def _give_back() -> None:
    """A thread that waits keeps no connection."""
    if not connection.in_atomic_block:
        connection.close()


def run(stop: threading.Event, clock: Callable[[], datetime] = timezone.now) -> None:
    """Tick until `stop` is set, every KEEPER_SECONDS."""
    try:
        ledger.check_at_start()
    except LogBehind as error:
        _log.critical("%s", error)  # appends refuse by themselves; reading goes on
    except Exception as error:  # noqa: BLE001 - such as a database that isn't up yet: ticks will tell
        _log.error("keeper: the check at start failed (%s)", type(error).__name__)
    finally:
        _give_back()
    watch = Watch()
    while not stop.is_set():
        if not _rests(watch):
            tick(clock())
        stop.wait(settings.KEEPER_SECONDS)


def _rests(watch: Watch) -> bool:
    """Whether the schema is not this process's own (`server.schema`): then it changes nothing."""
    try:
        return watch.stopped
    finally:
        _give_back()


def start() -> threading.Event:
    """Run the keeper in a thread of this process. Setting the event that comes back ends it."""
    stop = threading.Event()
    threading.Thread(target=run, args=(stop,), name="keeper", daemon=True).start()
    return stop


def end(stop: threading.Event, *, seconds: float) -> None:
    """Tell the keeper of this process to end, and wait for the round that it is in."""
    stop.set()
    for thread in threading.enumerate():
        if thread.name == "keeper":
            thread.join(seconds)

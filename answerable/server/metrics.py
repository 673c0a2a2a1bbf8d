"""Figures for Prometheus, at an address of their own, that tell nobody when a report came.

PROTOCOLS 2.11 keeps a reporter's time to the hour outside the log. A counter that moves by one at the moment of a visit, or a
gauge that jumps when a promise falls due, would give the second back to whoever scrapes. So (docs/decisions/0015):

- what counts requests, of handlers too, who come when a notice tells them to, is shown as it stood when the hour changed, and
  counts in tens;
- what is counted in the database is counted as of the last full hour, in fives;
- no label names an organisation, a person, a case, or an address.

What concerns the machine (keeper, disk, version) is shown as it is.
"""

import logging
import shutil
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import Sum
from django.utils import timezone
from prometheus_client import CollectorRegistry, make_wsgi_app
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric

from answerable.drill import queries as drills
from answerable.intake.rules import hour
from answerable.ledger.models import Log
from answerable.notices import queries as notices
from answerable.organisation.models import Beat
from answerable.promises.models import Deadline

__all__ = ["Counts", "Installation", "class_of", "counts", "listen"]

BOUNDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
TENS, FIVES = 10, 5
DISK_STEP = 256 << 20

_log = logging.getLogger(__name__)


def class_of(path: str) -> str:
    """The kind of an address, never the address: "work", "log", or "reporter" for everything else."""
    if path.startswith(("/work/", "/scim/")):
        return "work"
    return "log" if path.startswith("/log/") else "reporter"


class Counts:
    """Requests of this process by class and status, and how long they took; shown an hour at a time."""

    def __init__(self, clock: Callable[[], datetime] = timezone.now) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._now: defaultdict[tuple[str, str], list[float]] = defaultdict(_nothing)
        self._shown: dict[tuple[str, str], list[float]] = {}
        self._hour = hour(clock())

    def add(self, kind: str, status: int, seconds: float) -> None:
        """One more request of a class was answered."""
        with self._lock:
            self._turn()
            cells = self._now[kind, f"{status // 100}xx"]
            cells[next((i for i, bound in enumerate(BOUNDS) if seconds <= bound), len(BOUNDS))] += 1
            cells[-1] += seconds

    def _turn(self) -> None:
        """When the hour has changed, show what stands before anything of the new hour is added."""
        current = hour(self._clock())
        if current != self._hour:
            self._hour = current
            self._shown = {key: list(cells) for key, cells in self._now.items()}

    def collect(self) -> Iterator[Metric]:
        """For a registry: a counter of requests and a histogram of their seconds."""
        with self._lock:
            self._turn()
            shown = sorted((key, list(cells)) for key, cells in self._shown.items())
        requests = CounterMetricFamily(
            "answerable_requests", "Requests, in tens, as of the last full hour.", labels=["class", "status"]
        )
        times: dict[str, list[float]] = {}
        for (kind, status), cells in shown:
            requests.add_metric([kind, status], _step(sum(cells[:-1]), TENS))
            times[kind] = [a + b for a, b in zip(times.get(kind, _nothing()), cells, strict=True)]
        yield requests
        seconds = HistogramMetricFamily(
            "answerable_request_seconds",
            "How long answers took, in tens, as of the last full hour.",
            labels=["class"],
        )
        for kind, cells in sorted(times.items()):
            rising, total = [], 0.0
            for bound, count in zip([*map(str, BOUNDS), "+Inf"], cells[:-1], strict=True):
                total += count
                rising.append((bound, _step(total, TENS)))
            mean = cells[-1] / total if total else 0.0
            seconds.add_metric([kind], rising, sum_value=round(mean * rising[-1][1], 1))
        yield seconds


def _nothing() -> list[float]:
    return [0.0] * (len(BOUNDS) + 2)


def _step(value: float, step: int) -> float:
    return value // step * step


class Installation:
    """What the database and the disk say, over all organisations together."""

    def collect(self) -> Iterator[Metric]:
        """For a registry. What can't be read is left out: `answerable_database_up` says so."""
        now = timezone.now()
        yield _info()
        free = shutil.disk_usage(settings.ANSWERABLE_DATA).free
        yield _gauge(
            "answerable_disk_free_bytes", "Room for data, in steps of 256 MiB.", free // DISK_STEP * DISK_STEP
        )
        try:
            yield from self._counted(now)
            yield _gauge("answerable_database_up", "Whether the database answers.", 1)
        except DatabaseError:
            yield _gauge("answerable_database_up", "Whether the database answers.", 0)
        finally:
            connection.close()

    def _counted(self, now: datetime) -> Iterator[Metric]:
        beats = dict(Beat.objects.values_list("name", "at"))
        if "keeper" in beats:
            age = max(0.0, (now - beats["keeper"]).total_seconds())
            yield _gauge("answerable_keeper_age_seconds", "Since a keeper last went round.", round(age, 1))
        yield _gauge(
            "answerable_oldest_unsent_hours",
            "Full hours that the oldest notice has waited for.",
            unsent_hours(now),
        )
        overdue = Deadline.objects.filter(kept_at=None, due_at__lt=hour(now)).count()
        yield _gauge(
            "answerable_overdue_promises",
            "Promises past due and not kept, as of the last full hour, rounded up to fives.",
            -(-overdue // FIVES) * FIVES,
        )
        yield _gauge(
            "answerable_drills_failing",
            "Organisations whose last daily drill did not succeed.",
            drills.failing(),
        )
        leaves = Log.objects.aggregate(all=Sum("published_size"))["all"] or 0
        yield _gauge("answerable_log_published_leaves", "Leaves that the public logs show together.", leaves)


def unsent_hours(now: datetime) -> int:
    """Notices carry the hour only, so one of this hour or the last has waited for no full hour yet."""
    waited = notices.oldest_unsent(now)
    return max(0, int(waited / timedelta(hours=1)) - 1) if waited else 0


def _gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(name, text, value=value)


def _info() -> Metric:
    found = GaugeMetricFamily("answerable_info", "1, with the version.", labels=["version"])
    found.add_metric([settings.VERSION], 1)
    return found


counts = Counts()
"""Of this process."""


class _Quiet(WSGIRequestHandler):
    timeout = 10

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Nothing: whoever scrapes is nobody's business either."""


def listen(address: str) -> int:
    """Answer `/metrics` at host:port (port 0: any free one) in a thread of this process; the port."""
    host, _, port = address.rpartition(":")
    registry = CollectorRegistry()
    registry.register(counts)
    registry.register(Installation())
    server: WSGIServer = make_server(
        host.strip("[]"), int(port), make_wsgi_app(registry), handler_class=_Quiet
    )
    threading.Thread(target=server.serve_forever, name="metrics", daemon=True).start()
    return int(server.server_port)

"""The overseers' board as numbers: clocks and counts of one organisation, never which case or whose."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Count, Min, Q

from answerable.organisation.models import Organisation
from answerable.promises import rules
from answerable.promises.errors import NotFound
from answerable.promises.models import CaseLadder, Deadline

WEEKS = 13
MOST_LISTED = 20

_KEPT = Q(kept_at__isnull=False, late=False)
_LATE = Q(kept_at__isnull=False, late=True)


@dataclass(frozen=True, slots=True)
class Column:
    """A week by its first day: how many promises that fell due in it, or were kept early, were kept and
    missed.
    """

    first: date
    kept: int
    missed: int


@dataclass(frozen=True, slots=True)
class Row:
    """The counts of one promise."""

    name: Mapping[str, str]
    open: int
    kept: int
    late: int
    missed: int


@dataclass(frozen=True, slots=True)
class Miss:
    """A promise that was not kept in time. `hours`: how late it was kept, or how late it is now. `rung`: the
    highest told.
    """

    title: Mapping[str, str]
    due: datetime
    hours: int
    kept: bool
    rung: int | None


@dataclass(frozen=True, slots=True)
class Board:
    """All that the board shows. `longest`: since when the oldest case without any kept promise waits, or
    None. `nobody`: cases whose last reader is gone.
    """

    since: date
    until: date
    kept: int
    late: int
    missed: int
    open: int
    longest: timedelta | None
    nobody: int
    weeks: list[Column]
    rows: list[Row]
    misses: list[Miss]


def board(organisation: Organisation, now: datetime) -> Board:
    """The board of the last thirteen weeks, weeks starting on Monday in the organisation's time zone."""
    zone = ZoneInfo(organisation.time_zone)
    today = now.astimezone(zone).date()
    first = today - timedelta(days=today.weekday(), weeks=WEEKS - 1)
    start = datetime.combine(first, datetime.min.time(), zone)
    mine = Deadline.objects.filter(organisation=organisation)
    past = Q(kept_at=None, due_at__lt=now)
    rows = _rows(mine.filter(Q(due_at__gte=start) | Q(kept_at=None)), now)
    settled = (
        mine.filter(due_at__gte=start).filter(_KEPT | _LATE | past).values_list("due_at", "kept_at", "late")
    )
    missed = mine.filter(_LATE | past, due_at__gte=start).order_by("-due_at")[:MOST_LISTED]
    waiting = CaseLadder.objects.filter(organisation=organisation, deadlines__kept_at=None).exclude(
        deadlines__kept_at__isnull=False
    )
    oldest = waiting.aggregate(first=Min("received"))["first"]
    return Board(
        since=first,
        until=today,
        kept=sum(row.kept for row in rows),
        late=sum(row.late for row in rows),
        missed=sum(row.missed for row in rows),
        open=sum(row.open for row in rows),
        longest=max(now - oldest, timedelta()) if oldest else None,
        nobody=CaseLadder.objects.filter(organisation=organisation, nobody_since__isnull=False).count(),
        weeks=_weeks(list(settled), first, zone),
        rows=rows,
        misses=[_miss(each, now) for each in missed],
    )


def digest(organisation: Organisation, now: datetime) -> dict[str, int]:
    """The counts of an overseer's digest: `missed` counts those kept late, too."""
    shown = board(organisation, now)
    return {"kept": shown.kept, "missed": shown.late + shown.missed, "open": shown.open}


def _rows(deadlines: "object", now: datetime) -> list[Row]:
    counted = deadlines.values("promise").annotate(  # type: ignore[attr-defined]
        kept=Count("id", filter=_KEPT),
        late=Count("id", filter=_LATE),
        missed=Count("id", filter=Q(kept_at=None, due_at__lt=now)),
        open=Count("id", filter=Q(kept_at=None, due_at__gte=now)),
    )
    return [
        Row(_title(each["promise"]), each["open"], each["kept"], each["late"], each["missed"])
        for each in counted.order_by("promise")
    ]


def _weeks(
    settled: list[tuple[datetime, datetime | None, bool]], first: date, zone: ZoneInfo
) -> list[Column]:
    kept: Counter[int] = Counter()
    missed: Counter[int] = Counter()
    for due, kept_at, late in settled:
        in_time = kept_at is not None and not late
        day = (kept_at if in_time and kept_at is not None else due).astimezone(zone).date()
        (kept if in_time else missed)[(day - first).days // 7] += 1
    return [Column(first + timedelta(weeks=n), kept[n], missed[n]) for n in range(WEEKS)]


def _miss(deadline: Deadline, now: datetime) -> Miss:
    end = deadline.kept_at or now
    hours = max(0, int((end - deadline.due_at).total_seconds() // 3600))
    return Miss(_title(deadline.promise), deadline.due_at, hours, deadline.kept_at is not None, deadline.rung)


def _title(promise: str) -> Mapping[str, str]:
    try:
        return rules.rule(promise).title
    except NotFound:  # of a pack that a later version dropped
        return {"en": promise, "zh": promise}

"""Decisions about backups: what they are called, which are kept, and whether a restore would lose something."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from answerable.archive.errors import ArchiveError

_NAME = re.compile(r"answerable-(\d{8}T\d{6})Z\.age")


@dataclass(frozen=True)
class Keep:
    """How many backups stay: the newest of each of so many days, ISO weeks and months that have one."""

    daily: int = 7
    weekly: int = 4
    monthly: int = 3


def keep_of(text: str) -> Keep:
    """The setting `backup_keep`, "days,weeks,months". Raises ArchiveError."""
    try:
        daily, weekly, monthly = (int(part) for part in text.split(","))
    except ValueError as error:
        raise ArchiveError(f'backup_keep is "days,weeks,months", such as 7,4,3, not "{text}"') from error
    if min(daily, weekly, monthly) < 0 or not daily + weekly + monthly:
        raise ArchiveError("backup_keep must keep something")
    return Keep(daily, weekly, monthly)


def name_of(now: datetime) -> str:
    """The file name of a backup made now."""
    return f"answerable-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}.age"


def made_at(name: str) -> datetime | None:
    """When a backup of this name was made; None for a name that is not ours."""
    found = _NAME.fullmatch(name)
    if found is None:
        return None
    try:
        return datetime.strptime(found[1], "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None


def outdated(names: Iterable[str], keep: Keep) -> list[str]:
    """Which of these files a rotation drops, oldest first. Names that are not ours are never among them."""
    times = {name: made for name in names if (made := made_at(name)) is not None}
    newest_first = sorted(times, key=times.__getitem__, reverse=True)
    kept: set[str] = set()
    periods: list[tuple[int, Callable[[datetime], Any]]] = [
        (keep.daily, lambda made: made.date()),
        (keep.weekly, lambda made: made.isocalendar()[:2]),
        (keep.monthly, lambda made: (made.year, made.month)),
    ]
    for count, period in periods:
        seen: dict[Any, str] = {}
        for name in newest_first:
            seen.setdefault(period(times[name]), name)
        kept.update(list(seen.values())[:count])
    return [name for name in reversed(newest_first) if name not in kept]


def due(last: datetime | None, now: datetime, hour: int) -> bool:
    """Whether the daily backup is due: none since the newest `hour` o'clock UTC that has passed."""
    now = now.astimezone(UTC)
    at = now.replace(hour=hour, minute=0, second=0, microsecond=0)
    if at > now:
        at = at.fromtimestamp(at.timestamp() - 86400, UTC)
    return last is None or last < at


@dataclass(frozen=True)
class Head:
    """How far one log has come: in a backup, in a database, or by a checkpoint file."""

    origin: str
    size: int


def lost(here: Mapping[str, Head], backup: Mapping[str, Head]) -> list[str]:
    """In words, for each log (by organisation id) that knows more here than in the backup: what a restore would lose."""
    lines = []
    for key, head in sorted(here.items(), key=lambda item: item[1].origin):
        there = backup.get(key)
        if there is None:
            lines.append(f"log {head.origin} ({head.size} leaves) is not in the backup at all")
        elif head.size > there.size:
            lines.append(
                f"log {head.origin} has {head.size} leaves here and {there.size} in the backup: leaves {there.size} to "
                f"{head.size - 1} would be lost with what they stand for, and every receipt for them, or against a "
                f"checkpoint of more than {there.size} leaves, would be an orphan"
            )
    return lines

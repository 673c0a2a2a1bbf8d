"""When a promise is due (spec/calendar.md): spans of time, counted in an organisation's time zone.

- Hours are elapsed time.
- Days and months keep the time of day in the zone; the day it starts on is not counted. A month that lacks the day
  ends earlier: 31 January and one month is the last of February. Months are added before days.
- Working days leave out weekends and holidays; a make-up day (China moves some weekends) counts.
- A time of day that the clocks skip becomes as much later as they skip; of one that comes twice, the first is meant.

Results are UTC, in whole seconds. Which days are holidays is the caller's to say.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from itertools import count

from answerable_protocol.errors import Unreadable

__all__ = [
    "WEEKEND",
    "Duration",
    "add_days",
    "add_hours",
    "add_months",
    "add_working_days",
    "due",
    "end_of_day",
    "is_working_day",
]

WEEKEND = frozenset({5, 6})
"""Saturday and Sunday, as `date.weekday` counts."""
_DURATION = re.compile(r"P(?:([1-9][0-9]{0,3})M)?(?:([1-9][0-9]{0,4})D)?(?:T([1-9][0-9]{0,5})H)?")
_LONGEST_SEARCH = 20_000


@dataclass(frozen=True, slots=True)
class Duration:
    """A span such as PT24H, P7D, P3M or P3M7D (ISO 8601): months, then days, then hours; at least one of them."""

    months: int = 0
    days: int = 0
    hours: int = 0

    @classmethod
    def parse(cls, text: str) -> "Duration":
        """The span in an ISO 8601 text of months, days and hours. Raises Unreadable for any other."""
        match = _DURATION.fullmatch(text)
        if match is None or text == "P":
            raise Unreadable("a span is not of the form PT24H, P7D, P3M or P3M7D")
        months, days, hours = (int(part or 0) for part in match.groups())
        return cls(months, days, hours)

    def __str__(self) -> str:
        parts = ["P"]
        if self.months:
            parts.append(f"{self.months}M")
        if self.days:
            parts.append(f"{self.days}D")
        if self.hours:
            parts.append(f"T{self.hours}H")
        return "".join(parts)


def _utc(moment: datetime) -> datetime:
    if moment.tzinfo is None or moment.microsecond:
        raise Unreadable("a time needs a zone and whole seconds")
    return moment.astimezone(UTC)


def _on(day: date, moment: datetime, zone: tzinfo) -> datetime:
    """`day` at the time of day that `moment` has in the zone."""
    # fold=0: of a doubled time the first; a skipped one is read with the offset before, so it lands after the gap.
    at = moment.astimezone(zone).time().replace(fold=0)
    try:
        return datetime.combine(day, at, zone).astimezone(UTC)
    except OverflowError:
        raise Unreadable("that is beyond the calendar") from None


def _later(day: date, days: int) -> date:
    try:
        return day + timedelta(days=days)
    except OverflowError:
        raise Unreadable("that is beyond the calendar") from None


def _check_count(number: int) -> None:
    if number < 1:
        raise Unreadable("a span is at least one")


def add_hours(start: datetime, hours: int) -> datetime:
    """`start` and so many hours of elapsed time."""
    _check_count(hours)
    try:
        return _utc(start) + timedelta(hours=hours)
    except OverflowError:
        raise Unreadable("that is beyond the calendar") from None


def add_days(start: datetime, days: int, zone: tzinfo) -> datetime:
    """The same time of day, so many days later."""
    _check_count(days)
    local = _utc(start).astimezone(zone)
    return _on(_later(local.date(), days), start, zone)


def add_months(start: datetime, months: int, zone: tzinfo) -> datetime:
    """The same day of the month and time of day, so many months later; the month's last day where it lacks that day."""
    _check_count(months)
    day = _utc(start).astimezone(zone).date()
    return _on(_months_later(day, months), start, zone)


def _months_later(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if year > 9998:
        raise Unreadable("that is beyond the calendar")
    after = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    return date(year, month + 1, min(day.day, (after - timedelta(days=1)).day))


def is_working_day(
    day: date,
    holidays: Collection[date] = frozenset(),
    make_up: Collection[date] = frozenset(),
    weekend: Collection[int] = WEEKEND,
) -> bool:
    """Whether people work on `day`: a make-up day counts, whatever else it is."""
    return day in make_up or (day.weekday() not in weekend and day not in holidays)


def _working_days_later(
    day: date, days: int, holidays: Collection[date], make_up: Collection[date], weekend: Collection[int]
) -> date:
    left = days
    for passed in count(1):
        if passed > _LONGEST_SEARCH:
            break
        at = _later(day, passed)
        left -= is_working_day(at, holidays, make_up, weekend)
        if not left:
            return at
    raise Unreadable("there are not enough working days")


def add_working_days(
    start: datetime,
    days: int,
    zone: tzinfo,
    *,
    holidays: Collection[date] = frozenset(),
    make_up: Collection[date] = frozenset(),
    weekend: Collection[int] = WEEKEND,
) -> datetime:
    """The same time of day on the `days`-th working day after the day of `start`."""
    _check_count(days)
    day = _utc(start).astimezone(zone).date()
    return _on(_working_days_later(day, days, holidays, make_up, weekend), start, zone)


def end_of_day(moment: datetime, zone: tzinfo) -> datetime:
    """The last second of the day, in the zone, that `moment` falls on."""
    day = _utc(moment).astimezone(zone).date()
    following = _later(day, 1)
    try:
        midnight = datetime.combine(following, datetime.min.time(), zone)
        return midnight.astimezone(UTC) - timedelta(seconds=1)
    except OverflowError:
        raise Unreadable("that is beyond the calendar") from None


def due(
    start: datetime,
    duration: Duration,
    zone: tzinfo,
    *,
    working: bool = False,
    holidays: Collection[date] = frozenset(),
    make_up: Collection[date] = frozenset(),
    weekend: Collection[int] = WEEKEND,
) -> datetime:
    """When what was promised at `start` is due: months, then days (working ones if so said), then hours.

    Raises Unreadable for a naive time, a fraction of a second, an empty span, or a result beyond the calendar.
    """
    if not (duration.months or duration.days or duration.hours):
        raise Unreadable("a span is at least one")
    moment = _utc(start)
    day = moment.astimezone(zone).date()
    if duration.months:
        day = _months_later(day, duration.months)
    if duration.days and working:
        day = _working_days_later(day, duration.days, holidays, make_up, weekend)
    elif duration.days:
        day = _later(day, duration.days)
    if duration.months or duration.days:
        moment = _on(day, moment, zone)
    return add_hours(moment, duration.hours) if duration.hours else moment

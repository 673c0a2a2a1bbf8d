"""When something is promised, which rung hears of a miss, and when. Pure: packs are data, time is an
argument.

Every promise is computed from **receipt**, never from an act of the organisation: an acknowledgement that
never comes must not move the feedback that follows it. What was computed is fixed in the receipt; a later
change of a pack or of a public holiday moves nothing.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

import holidays as library
from answerable_protocol import calendar
from answerable_protocol.calendar import Duration
from answerable_protocol.errors import ProtocolError
from answerable_protocol.leaf import event_label
from answerable_protocol.message import KINDS

from answerable.promises.errors import BadPack, NotFound

__all__ = [
    "LAST_RUNG",
    "RUNGS",
    "RUNG_AFTER",
    "Calendar",
    "DuePromise",
    "Next",
    "Rule",
    "calendar_note",
    "calendar_of",
    "due_promises",
    "event_label",
    "first_rung",
    "load_pack",
    "note_for",
    "people_of",
    "rule",
    "rules_for",
    "steps_due",
]

PACKS: Final = Path(__file__).parent / "packs"
COUNTS: Final = ("hours", "calendar", "working")

RUNGS: Final = ("panel", "lead", "overseers", "external")
LAST_RUNG: Final = len(RUNGS) - 1
RUNG_AFTER: Final = timedelta(hours=24)
"""From rung to rung. Counted from the due time, so that no clock that jumps can move it."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One promise of a pack.

    `span`: ISO 8601, counted in hours, calendar days and months, or working days (`count`). `keeps`: the
    kinds of message that keep it. `longest`: no date is further away than this, whatever holidays and clocks
    do. `status`: how far the law's text was verified ("own" for a promise of our own).
    """

    id: str
    pack: str
    version: int
    span: Duration
    count: str
    keeps: tuple[str, ...]
    longest: Duration
    title: Mapping[str, str]
    text: Mapping[str, str]
    law: str | None
    source: str
    status: str

    @property
    def name(self) -> str:
        """The rule as receipts name it, such as `fr/1 P7D working`."""
        return f"{self.pack}/{self.version} {self.span} {self.count}"


class DuePromise(NamedTuple):
    """A promise with its date. `id`, `rule` as in receipts; `note`: what must be said beside the date."""

    id: str
    rule: str
    due: datetime
    note: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Calendar:
    """The days of a country in some years. `unknown`: years whose decree on moved days is not out yet."""

    holidays: frozenset[date]
    make_up: frozenset[date]
    weekend: frozenset[int]
    unknown: frozenset[int]


# Where a yearly decree moves working days; the library knows a year once it lists that year's make-up days.
_BY_DECREE: Final = frozenset({"CN"})


@lru_cache(maxsize=256)
def calendar_of(country: str, years: tuple[int, ...]) -> Calendar:
    """Public holidays, make-up days and weekend of a country. A country we don't know has weekends only."""
    try:
        days = library.country_holidays(country, years=years)
    except NotImplementedError:
        return Calendar(frozenset(), frozenset(), calendar.WEEKEND, frozenset())
    make_up = frozenset(day for day in days.weekend_workdays if day.year in years)
    unknown = {year for year in years if country in _BY_DECREE and year not in {day.year for day in make_up}}
    return Calendar(
        holidays=frozenset(days) - make_up,
        make_up=make_up,
        weekend=frozenset(days.weekend),
        unknown=frozenset(unknown),
    )


def calendar_note(country: str, years: Iterable[int]) -> dict[str, str]:
    """What is said beside a date whose year's moved working days are not decreed yet."""
    listed = ", ".join(str(year) for year in sorted(years))
    return {
        "en": f"The working days moved in {listed} ({country}) are not decreed yet. This date stays.",
        "zh": f"{listed} 年的调休安排（{country}）还没有公布，这个日期不会因此改动。",
    }


def load_pack(data: bytes) -> tuple[Any, list[Rule]]:
    """The jurisdictions ("*" or a list) and the rules of a pack's JSON. Raises BadPack."""
    try:
        pack = json.loads(data)
        rules = [_rule(pack, each) for each in pack["rules"]]
        where = pack["jurisdictions"]
    except (ValueError, KeyError, TypeError, ProtocolError) as error:
        raise BadPack(f"a rule pack can't be read: {type(error).__name__}") from error
    if where != "*" and not (isinstance(where, list) and all(isinstance(each, str) for each in where)):
        raise BadPack("a rule pack names no jurisdictions")
    return where, rules


def _rule(pack: Mapping[str, Any], each: Mapping[str, Any]) -> Rule:
    made = Rule(
        id=each["id"],
        pack=pack["pack"],
        version=pack["version"],
        span=Duration.parse(each["span"]),
        count=each["count"],
        keeps=tuple(each["keeps"]),
        longest=Duration.parse(each["longest"]),
        title={"en": each["title"]["en"], "zh": each["title"]["zh"]},
        text={"en": each["text"]["en"], "zh": each["text"]["zh"]},
        law=each["law"],
        source=each["source"],
        status=each["status"],
    )
    if made.count not in COUNTS or not made.keeps or not set(KINDS).issuperset(made.keeps):
        raise BadPack("a rule of a pack counts in no way we know, or no kind of message keeps it")
    return made


@lru_cache(maxsize=1)
def _packs() -> tuple[tuple[Any, list[Rule]], ...]:
    # own first: its promises stand first in every list
    paths = sorted(PACKS.glob("*.json"), key=lambda path: (path.stem != "own", path.stem))
    return tuple(load_pack(path.read_bytes()) for path in paths)


@lru_cache(maxsize=256)
def rules_for(jurisdiction: str | None) -> tuple[Rule, ...]:
    """The promises made under a jurisdiction (a country's two letters, or None): our own, and the law's."""
    return tuple(rule for where, rules in _packs() if where == "*" or jurisdiction in where for rule in rules)


def rule(promise: str) -> Rule:
    """The rule of a promise id, of whatever pack. Raises NotFound."""
    for _, rules in _packs():
        for each in rules:
            if each.id == promise:
                return each
    raise NotFound("no such promise")


@lru_cache(maxsize=1024)
def due_promises(received: datetime, jurisdiction: str | None, time_zone: str) -> tuple[DuePromise, ...]:
    """What is promised to a report received then (aware, whole seconds), each with its date in UTC."""
    zone = ZoneInfo(time_zone)
    return tuple(_due(each, received, jurisdiction, zone) for each in rules_for(jurisdiction))


def note_for(
    each: Rule, jurisdiction: str | None, received: datetime, due: datetime
) -> dict[str, str] | None:
    """What must be said beside a date: that the working days of a year are not decreed yet. Else None."""
    if each.count != "working" or jurisdiction is None:
        return None
    years = range(received.year, due.year + 1)
    passed = calendar_of(jurisdiction, (received.year, received.year + 1)).unknown & set(years)
    return calendar_note(jurisdiction, passed) if passed else None


def _due(each: Rule, received: datetime, jurisdiction: str | None, zone: ZoneInfo) -> DuePromise:
    if each.count != "working" or jurisdiction is None:
        return DuePromise(each.id, each.name, calendar.due(received, each.span, zone))
    first = received.astimezone(zone).year
    days = calendar_of(jurisdiction, (first, first + 1))
    due = calendar.due(
        received,
        each.span,
        zone,
        working=True,
        holidays=days.holidays,
        make_up=days.make_up,
        weekend=days.weekend,
    )
    return DuePromise(
        each.id, each.name, due, note_for(each, jurisdiction, received.astimezone(zone), due.astimezone(zone))
    )


# --- the ladder ---


def first_rung(start_rung: int) -> int:
    """The rung that hears of a miss at once, beside the panel: one above where the ladder starts."""
    return min(start_rung + 1, LAST_RUNG)


def people_of(rung: int, panel: Sequence[str], reach: Sequence[Sequence[str]]) -> list[str]:
    """The ids on a rung of one case: 0 the panel, 1 to 3 the three lists of its reach."""
    return list(panel if rung == 0 else reach[rung - 1] if rung <= len(reach) else [])


class Next(NamedTuple):
    """What a sweep does with one missed deadline: the rungs to tell now, in order, and when to come back."""

    rungs: list[int]
    next_at: datetime | None


def steps_due(
    due: datetime,
    now: datetime,
    *,
    told: int | None,
    start_rung: int,
    panel: Sequence[str],
    reach: Sequence[Sequence[str]],
) -> Next:
    """The rungs to tell by `now` of a promise that was due and not kept; `told`: the highest told before,
    None if none.

    An empty rung takes no time: the one above it is told instead. After days without a sweep every rung that
    is due is told once, in order.
    """
    climb = [rung for rung in range(first_rung(start_rung), LAST_RUNG + 1) if people_of(rung, panel, reach)]
    left = [
        (rung, due + place * RUNG_AFTER) for place, rung in enumerate(climb) if told is None or rung > told
    ]
    rungs = [0] if told is None and panel else []
    rungs += [rung for rung, at in left if at <= now]
    later = [at for _, at in left if at > now]
    return Next(rungs, later[0] if later else None)

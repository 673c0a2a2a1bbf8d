"""Until when a closed case or a private record is kept, and why, and when a case that nobody closes is told of.

Pure: rules are data (`packs/*.json`), time is an argument.

A rule counts from closing, in calendar months. `delete_by` says on which day a case is erased: the one of its jurisdiction if
there is one, else our own. `keep_at_least` moves that day on, never back. A hold stops everything.

A private record belongs to no jurisdiction that we know: of those of its organisation, the longest `record_delete_by`
counts, from the day it came. A case that nobody closes is never erased; `tell_open_after` says from when it is told of.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from answerable_protocol.calendar import Duration, add_months
from answerable_protocol.errors import ProtocolError

from answerable.cases.errors import BadRetentionPack

PACKS: Final = Path(__file__).parent / "packs"
KINDS: Final = ("delete_by", "keep_at_least", "record_delete_by", "tell_open_after")
WARN_BEFORE: Final = timedelta(days=30)
"""How long before the day the panel is told, so that a hold can still be set."""

HOLD_REASONS: Final[Mapping[str, Mapping[str, str]]] = {
    "court": {"en": "Proceedings before a court or tribunal", "zh": "法院或仲裁程序"},
    "authority": {"en": "An inquiry by an authority", "zh": "主管机关的调查"},
    "appeal": {"en": "An appeal, or a claim that is expected", "zh": "申诉，或可能提起的请求"},
    "retaliation": {"en": "The retaliation check is not over", "zh": "报复核查还没结束"},
    "asked": {"en": "The reporter asked to keep it", "zh": "报告人要求保留"},
}
"""Codes: the words behind them stay in the panel's sealed notes."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a pack. `status`: how far the law's text was verified ("own" for our own)."""

    id: str
    kind: str
    months: int
    title: Mapping[str, str]
    law: str | None
    note: Mapping[str, str]
    source: str
    status: str


class Due(NamedTuple):
    """The day (of the organisation) on which a case is erased, and the rule that says so."""

    day: date
    rule: Rule


def load_pack(data: bytes) -> tuple[Any, list[Rule]]:
    """The jurisdictions ("*" or a list) and the rules of a pack's JSON. Raises BadRetentionPack."""
    try:
        pack = json.loads(data)
        where, rules = pack["jurisdictions"], [_rule(each) for each in pack["rules"]]
    except (ValueError, KeyError, TypeError, AttributeError, ProtocolError) as error:
        raise BadRetentionPack(type(error).__name__) from error
    if where != "*" and not (isinstance(where, list) and all(isinstance(each, str) for each in where)):
        raise BadRetentionPack("jurisdictions")
    return where, rules


def _rule(each: Mapping[str, Any]) -> Rule:
    span = Duration.parse(each["span"])
    made = Rule(
        id=each["id"],
        kind=each["kind"],
        months=span.months,
        title={"en": each["title"]["en"], "zh": each["title"]["zh"]},
        law=each["law"],
        note={"en": each["note"]["en"], "zh": each["note"]["zh"]},
        source=each["source"],
        status=each["status"],
    )
    if made.kind not in KINDS or made.months < 1 or str(span) != f"P{made.months}M":
        raise BadRetentionPack("kind or span")
    return made


@lru_cache(maxsize=1)
def _packs() -> tuple[tuple[Any, list[Rule]], ...]:
    return tuple(load_pack(path.read_bytes()) for path in sorted(PACKS.glob("*.json")))


@lru_cache(maxsize=256)
def rules_for(jurisdiction: str) -> tuple[Rule, ...]:
    """The rules of a jurisdiction (two letters, or "" for none): the law's first, then our own."""
    law = [rule for where, rules in _packs() if where != "*" and jurisdiction in where for rule in rules]
    return (*law, *(rule for where, rules in _packs() if where == "*" for rule in rules))


def due(closed: datetime, jurisdiction: str, time_zone: str) -> Due:
    """When a case that was closed then (aware) is erased."""
    zone, found = ZoneInfo(time_zone), rules_for(jurisdiction)
    rule = next(each for each in found if each.kind == "delete_by")
    days = [
        add_months(closed, each.months, zone).astimezone(zone).date()
        for each in found
        if each is rule or each.kind == "keep_at_least"
    ]
    return Due(max(days), rule)


def record_due(received: datetime, jurisdictions: Iterable[str], time_zone: str) -> Due:
    """When a private record that came then (aware) is erased: by the longest rule of its organisation's places."""
    zone = ZoneInfo(time_zone)
    found = [
        each for place in (*jurisdictions, "") for each in rules_for(place) if each.kind == "record_delete_by"
    ]
    rule = max(found, key=lambda each: each.months)
    return Due(add_months(received, rule.months, zone).astimezone(zone).date(), rule)


def open_too_long(received: datetime, jurisdiction: str, today: date, time_zone: str) -> bool:
    """Whether a case that came then and was never closed is to be told of."""
    zone = ZoneInfo(time_zone)
    rule = next(each for each in rules_for(jurisdiction) if each.kind == "tell_open_after")
    return add_months(received, rule.months, zone).astimezone(zone).date() <= today


def years_open(received: datetime, now: datetime) -> int:
    """Whole years since a case came, by 365 days: 0, 1, 2, …"""
    return max(0, (now - received).days // 365)


def quarter_of(day: date) -> tuple[int, int]:
    """The year and quarter (1 to 4) of a day."""
    return day.year, (day.month + 2) // 3


def by_quarter(days: Iterable[date]) -> list[tuple[int, int, int]]:
    """(year, quarter, how many), in order of time. No day: it would tell when a case was closed."""
    return [(*quarter, count) for quarter, count in sorted(Counter(map(quarter_of, days)).items())]


def gone_from_backups(last_erased: date, keep: str) -> date | None:
    """From when no backup holds any more what was erased on this day; None where we don't know how long they live.

    `keep`: the setting `backup_keep`, "days,weeks,months". The oldest is from the first of its month.
    """
    try:
        days, weeks, months = (int(each) for each in keep.split(","))
    except ValueError:
        return None
    return last_erased + timedelta(days=max(days, 7 * (weeks + 1), 31 * (months + 1)) + 1)

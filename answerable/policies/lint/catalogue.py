"""The 48 points themselves: what they are called, how grave a gap is, which law stands behind them, what to write.

The law is by rule id with its source and its verification status, and is not legal advice: have counsel check it.
"""

import json
import tomllib
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from answerable.policies.lint.engine import POINTS

_DATA = Path(__file__).with_name("data")
_EVERYWHERE = {"ISO", "ILO"}
_PARENTS = {"US-CA": "CA", "US-NY": "NY", "US-IL": "IL"}
_WITHIN = {"CA": "US", "NY": "US", "IL": "US", "DE": "EU", "FR": "EU"}

Level = Literal["must", "should"]


@dataclass(frozen=True, slots=True)
class Law:
    """A rule of law: id, our own words, its source, and whether somebody verified it."""

    id: str
    text: str
    source: str
    status: str

    @property
    def pack(self) -> str:
        return self.id.split("-")[0]


@dataclass(frozen=True, slots=True)
class Point:
    """One of the 48 points. `name` and `ask` by "en" and "zh"."""

    number: int
    name: dict[str, str]
    ask: dict[str, str]
    level: Level
    law: tuple[Law, ...]

    def law_of(self, jurisdictions: Collection[str]) -> tuple[Law, ...]:
        """The law of these places; all of it when none is named. Standards and conventions always stand there."""
        wanted = packs_of(jurisdictions)
        return tuple(
            [each for each in self.law if not wanted or each.pack in wanted or each.pack in _EVERYWHERE]
        )


def packs_of(jurisdictions: Collection[str]) -> set[str]:
    """The packs that hold in places: California has that of the United States, too, and Germany that of the EU."""
    packs = {_PARENTS.get(each.upper(), each.upper()) for each in jurisdictions}
    return packs | {_WITHIN[each] for each in packs if each in _WITHIN}


@lru_cache(maxsize=1)
def points() -> dict[int, Point]:
    """All 48, by number."""
    raw = tomllib.loads((_DATA / "points.toml").read_text(encoding="utf-8"))
    return {number: _point(number, raw[str(number)]) for number in POINTS}


@lru_cache(maxsize=1)
def laws() -> dict[str, Law]:
    """The rules of law that a point or an annex stands on, by id."""
    raw = json.loads((_DATA / "laws.json").read_text(encoding="utf-8"))
    return {each: Law(each, law["text"], law["source"], law["status"]) for each, law in raw.items()}


def _point(number: int, raw: dict[str, object]) -> Point:
    ids: list[str] = list(raw["law"])  # type: ignore[call-overload]
    return Point(
        number,
        {"en": str(raw["en"]), "zh": str(raw["zh"])},
        {"en": str(raw["ask_en"]), "zh": str(raw["ask_zh"])},
        "must" if raw["level"] == "must" else "should",
        tuple([laws()[each] for each in ids]),
    )

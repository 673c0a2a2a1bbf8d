"""Reads the 48 points out of a policy by rules that are data (data/points.<lang>.toml).

Words alone decide nothing: a rule asks for several things near one another, in units that speak of this subject at all. A unit that
only plans ("will be set up in due time") or is about something else (trade secrets, pay review, fraud) is left out before.
"""

import re
import tomllib
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from answerable.policies.lint.units import Unit, units

State = Literal["present", "weak", "absent"]
POINTS = range(1, 49)
_DATA = Path(__file__).with_name("data")
_CLASS = re.compile(r"\{([a-z_]+)\}")


@dataclass(frozen=True, slots=True)
class Finding:
    """One point in one text. `start` and `end` are characters of the text, None where absent."""

    point: int
    state: State
    start: int | None = None
    end: int | None = None
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """What shows a point.

    `all` near one another (within `near` units; 1 is the same unit), or at least `least` of `of`; `about` in the unit, near it
    or in its heading; nothing of `no` in the unit.
    """

    name: str
    point: int
    state: State
    all: tuple[str, ...] = ()
    of: tuple[str, ...] = ()
    least: int = 0
    about: str = ""
    no: str = ""
    near: int = 1
    everywhere: bool = False


@dataclass(frozen=True, slots=True)
class Book:
    """The rules of one language."""

    planned: re.Pattern[str]
    elsewhere: re.Pattern[str]
    subject: re.Pattern[str]
    rules: tuple[Rule, ...]


@lru_cache(maxsize=4)
def book(lang: str) -> Book:
    """The rules of a language: "en" or "zh"."""
    raw = tomllib.loads((_DATA / f"points.{lang}.toml").read_text(encoding="utf-8"))
    words: dict[str, str] = raw["words"]

    def whole(pattern: str) -> str:
        while _CLASS.search(pattern):
            pattern = _CLASS.sub(lambda found: f"(?:{words[found[1]]})", pattern)
        return pattern

    rules = []
    for point, entry in raw["point"].items():
        for at, each in enumerate(entry["rule"], 1):
            rules.append(_rule(int(point), at, each, whole))
    planned, elsewhere, subject = [
        _compiled(whole(f"{{{name}}}")) for name in ("planned", "elsewhere", "subject")
    ]
    return Book(planned, elsewhere, subject, tuple(rules))


def _rule(point: int, at: int, each: dict[str, Any], whole: Any) -> Rule:
    return Rule(
        name=f"{point}.{at}",
        point=point,
        state=each.get("state", "present"),
        all=tuple(whole(one) for one in each.get("all", ())),
        of=tuple(whole(one) for one in each.get("of", ())),
        least=each.get("least", 0),
        about=whole(each.get("about", "")),
        no=whole(each.get("no", "")),
        near=each.get("near", 1),
        everywhere=each.get("everywhere", False),
    )


class Reading:
    """A text with what is left of it once plans and other subjects are taken out, and where each pattern stands in it."""

    def __init__(self, text: str, lang: str) -> None:
        self.text, self.lang = text, lang
        self.book = book(lang)
        self.units = units(text, lang)
        self.kept: list[str] = []
        self.starts: list[int] = []
        at = 0
        for unit in self.units:
            kept = "" if self._left_out(unit) else unit.text
            self.kept.append(kept)
            self.starts.append(at)
            at += len(kept) + 1
        self.joined = "\n".join(self.kept)
        self.lowered = _lowered(self.joined)
        self._places: dict[str, dict[int, tuple[int, int]]] = {}
        self._headed: dict[str, set[int]] = {}

    def _left_out(self, unit: Unit) -> bool:
        text = _lowered(unit.text)
        if self.book.planned.search(text):
            return True
        return bool(self.book.elsewhere.search(text)) and not self.book.subject.search(text)

    def places(self, pattern: str) -> dict[int, tuple[int, int]]:
        """The units in which a pattern stands, each with the first place in the text."""
        known = self._places.get(pattern)
        if known is None:
            known = {}
            for found in _compiled(pattern).finditer(self.joined if _minds_case(pattern) else self.lowered):
                at = bisect_right(self.starts, found.start()) - 1
                if at not in known and found.end() > found.start():
                    begin = self.units[at].start + found.start() - self.starts[at]
                    known[at] = (begin, begin + len(found[0]))
            self._places[pattern] = known
        return known

    def headed(self, pattern: str) -> set[int]:
        """The units whose heading holds the pattern."""
        known = self._headed.get(pattern)
        if known is None:
            search = _compiled(pattern).search
            said: dict[str, bool] = {}
            known = set()
            for at, unit in enumerate(self.units):
                if unit.heading not in said:
                    said[unit.heading] = search(_lowered(unit.heading)) is not None
                if said[unit.heading]:
                    known.add(at)
            self._headed[pattern] = known
        return known


_SMALL = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ’", "abcdefghijklmnopqrstuvwxyz'")
_LETTER = re.compile(r"(?<!\\)[A-Z]")


def _lowered(text: str) -> str:
    """The text in small letters, as long as before: `re` searches that several times faster than it ignores case."""
    return text.translate(_SMALL)


def _minds_case(pattern: str) -> bool:
    return "(?-i:" in pattern


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> re.Pattern[str]:
    if _minds_case(pattern):
        return re.compile(pattern, re.IGNORECASE)
    return re.compile(_LETTER.sub(lambda found: found[0].lower(), pattern.replace("’", "'")))


def _close(places: Iterable[int], at: int, near: int) -> bool:
    return any(abs(each - at) < near for each in places)


def _match(rule: Rule, reading: Reading) -> tuple[int, int] | None:
    """Where the rule is met first, or None."""
    if rule.everywhere:
        return _anywhere(rule, reading)
    first = rule.all[0] if rule.all else None
    candidates = reading.places(first) if first else _together(rule, reading)
    for at in sorted(candidates):
        if rule.no and at in reading.places(rule.no):
            continue
        if not all(_close(reading.places(each), at, rule.near) for each in rule.all[1:]):
            continue
        if first and rule.of and _count(rule, reading, at) < rule.least:
            continue
        if rule.about and not _about(rule, reading, at):
            continue
        return candidates[at]
    return None


def _about(rule: Rule, reading: Reading, at: int) -> bool:
    return at in reading.headed(rule.about) or _close(reading.places(rule.about), at, max(2, rule.near))


def _count(rule: Rule, reading: Reading, at: int) -> int:
    return sum(_close(reading.places(each), at, rule.near) for each in rule.of)


def _together(rule: Rule, reading: Reading) -> dict[int, tuple[int, int]]:
    """The units from which on enough of `of` stand within `near` units."""
    found: dict[int, tuple[int, int]] = {}
    for each in rule.of:
        for at, place in reading.places(each).items():
            if at not in found or place < found[at]:
                found[at] = place
    return {
        at: place
        for at, place in found.items()
        if sum(any(at <= one < at + rule.near for one in reading.places(each)) for each in rule.of)
        >= rule.least
    }


def _anywhere(rule: Rule, reading: Reading) -> tuple[int, int] | None:
    if rule.no and reading.places(rule.no):
        return None
    if not all(reading.places(each) for each in rule.all):
        return None
    there = [each for each in rule.of if reading.places(each)]
    if len(there) < rule.least:
        return None
    places = reading.places((list(rule.all) + there)[0])
    return places[min(places)]


def read(text: str, lang: str) -> list[Finding]:
    """All 48 points of a policy, in order. `lang` is "en" or "zh" ("zh-CN" is taken, too)."""
    reading = Reading(text, "zh" if lang.lower().startswith("zh") else "en")
    found: dict[int, Finding] = {}
    for rule in reading.book.rules:
        known = found.get(rule.point)
        if known is not None and (
            known.state == "absent" or (rule.state != "absent" and known.state <= rule.state)
        ):
            continue
        place = _match(rule, reading)
        if place is not None and rule.state == "absent":
            found[rule.point] = Finding(rule.point, "absent", rule=rule.name)
        elif place is not None:
            found[rule.point] = Finding(rule.point, rule.state, *place, rule.name)
    return [found.get(point, Finding(point, "absent")) for point in POINTS]


def states(findings: Sequence[Finding]) -> dict[int, State]:
    """Point to state."""
    return {each.point: each.state for each in findings}

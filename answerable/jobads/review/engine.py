"""Finds what is wrong in an advertisement, by rules that are data (data/rules.*.toml).

A rule looks for who is spoken of together with a limit, a preference, an exclusion or an offer; a word alone decides
nothing. What looks like a finding and is none is let go by a filter with a name, so that a report can say why.
"""

import re
import tomllib
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from ahocorasick_rs import AhoCorasick, MatchKind

from answerable.jobads.review.normal import Normal, normal

_DATA = Path(__file__).with_name("data")
_CLASS = re.compile(r"\{([a-z_]+)\}")
CATEGORIES: Final = (
    "gender_requirement",
    "age_requirement",
    "age_coded_wording",
    "appearance_requirement",
    "marital_status",
    "pregnancy_childbearing",
    "objectification_perk",
    "gendered_job_title",
    "gender_coded_wording",
    "drinking_requirement",
    "nationality_ethnicity_origin",
    "religion",
    "disability_health",
    "other_irrelevant",
)


@dataclass(frozen=True, slots=True)
class Finding:
    """A finding: characters [start, end) of the given text, its category and the rule that made it."""

    category: str
    start: int
    end: int
    rule: str
    lang: str


@dataclass(frozen=True, slots=True)
class LetGo:
    """What looked like a finding, and the filter that let it go."""

    category: str
    start: int
    end: int
    rule: str
    filter: str


@dataclass(frozen=True, slots=True)
class Review:
    """What was found in one text, and what was let go."""

    findings: tuple[Finding, ...]
    let_go: tuple[LetGo, ...] = ()


@dataclass(frozen=True, slots=True)
class Filter:
    """Lets a match go when its pattern stands in the clause, sentence or line, right before or after the match, or
    before the quotation marks that it stands in."""

    name: str
    within: str
    pattern: re.Pattern[str]


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """What is looked for, as data. The group `s` of `find`, or all of it, is the place."""

    name: str
    category: str
    find: re.Pattern[str]
    unless: tuple[Filter, ...]
    sections: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Book:
    """The rules of one language, and for each cue (letters without which a rule can't match) the rules that it wakes."""

    lang: str
    cues: AhoCorasick
    wakes: tuple[tuple[Rule, ...], ...]
    heading: re.Pattern[str]
    sentence: re.Pattern[str]
    clause: re.Pattern[str]


_SENTENCE = {
    "zh": re.compile(r"[。;；！!？?\n]|\.(?=\s|$)"),
    "en": re.compile(r"[.!?](?=\s|$)|\n|[•·]|;(?=\s)"),
}
_CLAUSE = {
    "zh": re.compile(r"[。;；！!？?\n,，、]|\.(?=\s|$)|(?<=[^\d])\s(?=[^\d])"),
    "en": re.compile(r"[.!?](?=\s|$)|\n|[•·]|[;,](?=\s)"),
}


_LINE = re.compile(r"\n")
_QUOTE = re.compile('["“”「」『』]')


@lru_cache(maxsize=4)
def book(lang: str) -> Book:
    """The rules for "zh" or "en"."""
    raw = tomllib.loads((_DATA / f"rules.{lang}.toml").read_text(encoding="utf-8"))
    words: dict[str, str] = raw["words"]
    flags = re.ASCII if lang == "en" else re.NOFLAG  # an English word may stand between Chinese ones

    def whole(pattern: str) -> str:
        while _CLASS.search(pattern):
            pattern = _CLASS.sub(lambda found: f"(?:{words[found[1]]})", pattern)
        return pattern

    def compiled(pattern: str) -> re.Pattern[str]:
        return re.compile(whole(pattern), flags)

    filters = {
        name: Filter(name, each["within"], compiled(each["pattern"])) for name, each in raw["filter"].items()
    }
    wakes: defaultdict[str, list[Rule]] = defaultdict(list)
    for name, entry in raw["group"].items():
        for at, each in enumerate(entry["rule"], 1):
            rule = _rule(f"{lang}.{name}.{at}", each, filters, compiled, raw.get("always", ()))
            for cue in each.get("cues", entry["cues"]):
                wakes[cue].append(rule)
    return Book(
        lang,
        AhoCorasick(list(wakes), matchkind=MatchKind.Standard),
        tuple([tuple(each) for each in wakes.values()]),
        re.compile(
            "|".join(f"(?P<{name}>{whole(pattern)})" for name, pattern in raw["section"].items()), flags
        ),
        _SENTENCE[lang],
        _CLAUSE[lang],
    )


def _rule(
    name: str, each: dict[str, Any], filters: dict[str, Filter], compiled: Any, always: Sequence[str]
) -> Rule:
    return Rule(
        each.get("name", name),
        each["category"],
        compiled(each["find"]),
        tuple([filters[one] for one in (*each.get("unless", ()), *always)]),
        frozenset(each.get("not_in", ())),
    )


@dataclass(slots=True)
class _Text:
    """A normal text with its boundaries, found only when a match asks for them."""

    normal: Normal
    book: Book
    _ends: dict[str, list[int]] = field(default_factory=dict)
    _headings: list[tuple[int, str]] | None = None
    _said: dict[str, bool] = field(default_factory=dict)

    def says(self, each: "Filter") -> bool:
        """Whether a filter of the whole text holds."""
        if each.name not in self._said:
            self._said[each.name] = each.pattern.search(self.normal.text) is not None
        return self._said[each.name]

    def around(self, kind: str, start: int, end: int) -> tuple[int, int]:
        """The clause or sentence that holds [start, end)."""
        ends = self._ends.get(kind)
        if ends is None:
            kinds = {"sentence": self.book.sentence, "line": _LINE}
            pattern = kinds.get(kind, self.book.clause)
            ends = [found.end() for found in pattern.finditer(self.normal.text)]
            self._ends[kind] = ends
        low = bisect_right(ends, start)
        high = bisect_right(ends, max(start, end - 1))
        return ends[low - 1] if low else 0, ends[high] if high < len(ends) else len(self.normal.text)

    def section(self, at: int) -> str:
        """The kind of section that a place lies in, "" if no heading stands before it."""
        if self._headings is None:
            self._headings = [
                (found.start(), found.lastgroup or "")
                for found in self.book.heading.finditer(self.normal.text)
            ]
        index = bisect_right(self._headings, (at, "~")) - 1
        return self._headings[index][1] if index >= 0 else ""


_NEAR, _FAR, _QUOTED = 28, 300, 90


def _lets_go(each: Filter, text: _Text, start: int, end: int) -> bool:
    plain = text.normal.text
    if each.within == "before":
        return each.pattern.search(plain[max(0, start - _NEAR) : start]) is not None
    if each.within == "after":
        return each.pattern.match(plain[end : end + _NEAR]) is not None
    if each.within == "near":
        return each.pattern.search(plain, max(0, start - _NEAR), min(len(plain), end + _NEAR)) is not None
    if each.within == "quotes":
        return _quoted(each, plain, start)
    if each.within == "match":
        return each.pattern.search(plain[start:end]) is not None
    if each.within == "text":
        return text.says(each)
    low, high = text.around(each.within, start, end)
    low, high = max(low, start - _FAR), min(high, end + _FAR)
    return each.pattern.search(plain, low, high) is not None


def _quoted(each: Filter, plain: str, start: int) -> bool:
    """Whether the place stands in quotation marks that words of the pattern lead to, in one line."""
    low = max(0, start - _FAR)
    low = plain.rfind("\n", low, start) + 1 or low
    marks = [found.start() for found in _QUOTE.finditer(plain, low, start)]
    if not marks or len(marks) % 2 == 0 or start - marks[-1] > _QUOTED:
        return False
    return each.pattern.search(plain[max(low, marks[-1] - _NEAR) : marks[-1]]) is not None


def _place(match: re.Match[str]) -> tuple[int, int]:
    """Where the finding is: the group `s` or `t` of the rule, or all of it."""
    return match.span(match.lastgroup) if match.lastgroup is not None else match.span()


def _read(text: _Text) -> tuple[list[Finding], list[LetGo]]:
    found: list[Finding] = []
    gone: list[LetGo] = []
    plain = text.normal.text
    places: dict[Rule, list[int]] = {}
    for cue, start, _ in text.book.cues.find_matches_as_indexes(plain, overlapping=True):
        for rule in text.book.wakes[cue]:
            places.setdefault(rule, []).append(start)
    lines: dict[int, tuple[int, int]] = {}
    for rule, starts in places.items():
        for low, high in _windows(plain, starts, lines):
            for match in rule.find.finditer(plain, low, high):
                _judge(rule, match, text, found, gone)
    return found, gone


def _judge(rule: Rule, match: re.Match[str], text: _Text, found: list[Finding], gone: list[LetGo]) -> None:
    plain = text.normal.text
    start, end = _place(match)
    while start < end and plain[start].isspace():
        start += 1
    while end > start and plain[end - 1] in _TRAILING:
        end -= 1
    if end <= start:
        return
    given = text.normal.back_span(start, end)
    if rule.sections and text.section(start) in rule.sections:
        gone.append(LetGo(rule.category, *given, rule.name, f"in-{text.section(start)}"))
        return
    filtered = next((each for each in rule.unless if _lets_go(each, text, start, end)), None)
    if filtered is not None:
        gone.append(LetGo(rule.category, *given, rule.name, filtered.name))
    else:
        found.append(Finding(rule.category, *given, rule.name, text.book.lang))


_TRAILING = " \t\r\n,，、;；。:："
_BEFORE, _AFTER, _LEAST = 90, 130, 60


def _windows(plain: str, cues: Sequence[int], known: dict[int, tuple[int, int]]) -> list[tuple[int, int]]:
    """Stretches around the cues, each within one line, joined where they meet. Rules look nowhere else."""
    joined: list[tuple[int, int]] = []
    for at in cues:
        if joined and at + _LEAST < joined[-1][1]:
            continue
        window = known.get(at)
        if window is None:
            line = plain.rfind("\n", max(0, at - _BEFORE), at) + 1
            stop = plain.find("\n", at, at + _AFTER)
            low = line or max(0, at - _BEFORE)
            window = known[at] = (low, stop if stop >= 0 else min(len(plain), at + _AFTER))
        if joined and window[0] <= joined[-1][1]:
            joined[-1] = (joined[-1][0], window[1])
        else:
            joined.append(window)
    return joined


def _apart(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Of findings of one category that overlap, the longest; at most `MOST` in all."""
    kept: defaultdict[str, list[tuple[int, int, Finding]]] = defaultdict(list)
    for each in sorted(findings, key=lambda one: (one.start - one.end, one.start))[:MOST]:
        others = kept[each.category]
        at = bisect_right(others, each.start, key=lambda one: one[0])
        if (at and others[at - 1][1] > each.start) or (at < len(others) and others[at][0] < each.end):
            continue
        others.insert(at, (each.start, each.end, each))
    found = [each for others in kept.values() for _, _, each in others]
    return tuple(sorted(found, key=lambda one: (one.start, one.end, one.category)))


MOST: Final = 5_000
"""As many findings of one text are looked at."""

_CHINESE = re.compile(r"[㐀-鿿]")
_LATIN = re.compile(r"[A-Za-z]{3}")
LONGEST: Final = 200_000


def review(text: str) -> Review:
    """What is wrong with an advertisement. Both languages are read wherever they stand.

    Of a text longer than `LONGEST` only that much is read; callers refuse such texts before.
    """
    given = normal(text[:LONGEST])
    found: list[Finding] = []
    gone: list[LetGo] = []
    for lang, script in (("zh", _CHINESE), ("en", _LATIN)):
        if script.search(given.text) is None:
            continue
        more, less = _read(_Text(given, book(lang)))
        found += more
        gone += less
    return Review(_apart(found), tuple(gone)) if found or gone else _NOTHING


_NOTHING = Review(())

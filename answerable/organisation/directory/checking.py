"""Whether a directory file is sound, row by row and as a whole. Pure: what is known besides the file is an argument.

1. Headings: ours or an alias, each once, the needed ones there, none that we don't know.
2. Rows: as many cells as headings; each cell by itself (length, hidden characters, formulas, form).
3. The whole: numbers and e-mail addresses once, managers there and not in a circle, units of the list if there is one.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from answerable.organisation.directory import columns
from answerable.organisation.directory.faults import Fault, Faults, Unreadable
from answerable.organisation.directory.reading import HELD, Table, letters, read

MOST_ROWS: Final = 500_000

_BETWEEN = "\ue000"  # for private use: found in a cell it only makes the slow look happen
_HIDDEN = (
    "\\x00-\\x1f\\x7f-\\x9f\\u00ad\\u034f\\u061c\\u180e\\u200b\\u200e\\u200f\\u2028-\\u202e\\u2060-\\u206f"
    "\\ufeff\\ufff9-\\ufffd\\ufffe\\uffff\\ud800-\\udfff\\U000e0000-\\U000e0fff"
)
_STARTS_FORMULA = "[=@+＝＠＋]|[-－](?!$)"
_HIDDEN_IN = re.compile(f"[{_HIDDEN}]")
_FORMULA = re.compile(_STARTS_FORMULA)
_SUSPECT = re.compile(f"[{_HIDDEN}]|(?:^|{_BETWEEN})(?:[=@+＝＠＋]|[-－](?!{_BETWEEN}|$))")
_EMAIL = re.compile(
    r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@(?:[^\W_](?:(?:[^\W_]|-){0,61}[^\W_])?\.)+(?:[^\W\d_]{2,63}|xn--[a-z0-9-]{1,59})"
)
_PHONE = re.compile(r"\+?[0-9]{3,20}")
_PHONE_FILLING = dict.fromkeys(map(ord, " \u00a0\u3000-.()/（）－"))
_LANGUAGES: Final[Mapping[str, str]] = {
    **dict.fromkeys(("en", "eng", "english", "英文", "英语", "en-us", "en-gb", "anglais"), "en"),
    **dict.fromkeys(
        (
            "zh",
            "zho",
            "chi",
            "chinese",
            "中文",
            "汉语",
            "普通话",
            "简体中文",
            "zh-cn",
            "zh-hans",
            "zh_cn",
            "mandarin",
        ),
        "zh",
    ),
}
_BETWEEN_LANGUAGES = re.compile(r"[\s,;/|、，；]+")


class PersonRow(NamedTuple):
    """One checked row; a column that the file hasn't got is "" or ()."""

    line: int
    number: str
    name: str
    name_latin: str
    unit: str
    manager: str
    email: str
    phone: str
    languages: tuple[str, ...]
    place: str


class UnitRow(NamedTuple):
    """One checked row of a list of units."""

    line: int
    code: str
    name: str
    parent: str


@dataclass
class Checked:
    """What a file holds, and what is wrong with it. `given`: the columns it has; `units`: its list, or None."""

    rows: list[PersonRow] = field(default_factory=list)
    count: int = 0
    faults: Faults = field(default_factory=Faults)
    encoding: str = ""
    given: frozenset[str] = frozenset()
    units: list[UnitRow] | None = None


@dataclass(frozen=True)
class Known:
    """What the check may believe besides the file: `managers` by number (their own manager's number or ""), `units`."""

    managers: Mapping[str, str] = field(default_factory=dict)
    units: Mapping[str, str] | None = None
    """What a row may say → the unit's code; None if any unit will do."""
    any_manager: bool = False
    """A manager who isn't in the file may be in the directory: nothing is said about them."""


def check(data: bytes, *, units: bytes | None = None, known: Known = Known()) -> Checked:
    """Read and check a file, and the list of units in a file of its own. Never raises: what can't be read is a fault."""
    done = Checked()
    try:
        table = read(
            data, done.faults, column_of=lambda heading: columns.PEOPLE_HEADINGS.get(columns.folded(heading))
        )
        done.encoding = table.encoding
        listed = table.units
        if units is not None:
            listed = read(units, done.faults, column_of=lambda heading: f"units.{heading.strip()[:60]}")
        if listed is not None:
            done.units = check_units(listed, done.faults)
            known = Known(known.managers, unit_words(done.units), known.any_manager)
        _check_people(table, done, known)
    except Unreadable as stopped:
        done.faults.add(*stopped.fault)
    return done


def unit_words(units: Sequence[UnitRow]) -> dict[str, str]:
    """What a row may say to mean one of these units: its code, or its name if only one has it."""
    by_name: dict[str, str] = {}
    for unit in units:
        by_name[unit.name] = "" if unit.name in by_name else unit.code
    return {
        **{name: code for name, code in by_name.items() if name and code},
        **{each.code: each.code for each in units},
    }


def check_units(table: Table, faults: Faults) -> list[UnitRow]:
    """The rows of a list of units; faults name their columns `units.…`."""
    where = _places(table, columns.UNIT_HEADINGS, columns.UNITS_NEEDED, faults, prefix="units.")
    if where is None:
        return []
    found: list[UnitRow] = []
    lines: dict[str, int] = {}
    for line, cells in table.rows:
        row = {name: _clean(cells[at]) if at < len(cells) else "" for name, at in where.items()}
        for name, text in row.items():
            if code := _why_not_plain(text, 200):
                faults.add(line, f"units.{name}", code)
        unit = UnitRow(line, row["code"], row.get("name", "") or row["code"], row.get("parent", ""))
        if not unit.code:
            faults.add(line, "units.code", "empty-cell")
        elif unit.code in lines:
            faults.add(line, "units.code", "duplicate-unit", lines[unit.code])
        else:
            lines[unit.code] = line
            found.append(unit)
        if len(found) > MOST_ROWS:
            raise Unreadable(Fault(line, None, "too-big"))
    for unit in found:
        if unit.parent and unit.parent not in lines:
            faults.add(unit.line, "units.parent", "unknown-unit")
    above = {unit.code: unit.parent for unit in found if unit.parent in lines}
    for code in in_circles(above):
        faults.add(lines[code], "units.parent", "unit-loop")
    return found


def _check_people(table: Table, done: Checked, known: Known) -> None:
    where = _places(table, columns.PEOPLE_HEADINGS, columns.NEEDED, done.faults)
    if where is None:
        return
    done.given = frozenset(where)
    one = _Rows(where, known, done.faults)
    width, add = len(table.heading), done.rows.append
    for line, cells in table.rows:
        done.count += 1
        if done.count > MOST_ROWS:
            raise Unreadable(Fault(line, None, "too-big"))
        if len(cells) != width and not _fit(cells, width, short=table.short_rows):
            done.faults.add(line, None, "wrong-cells")
            continue
        add(one.row(line, cells))
    if not done.count:
        done.faults.add(0, None, "no-rows")
    _check_managers(done, known)


def _fit(cells: list[str], width: int, *, short: bool) -> bool:
    """Cut empty cells at the end, or fill up where the format leaves them out; False if it doesn't fit."""
    if len(cells) < width:
        if short:
            cells += [""] * (width - len(cells))
        return short
    if any(each.strip() for each in cells[width:]):
        return False
    del cells[width:]
    return True


def _places(
    table: Table, headings: Mapping[str, str], needed: frozenset[str], faults: Faults, *, prefix: str = ""
) -> dict[str, int] | None:
    """Where each of our columns stands, or None if a needed one is missing."""
    where: dict[str, int] = {}
    while table.heading and not table.heading[-1].strip():
        table.heading.pop()
    for at, heading in enumerate(table.heading):
        name = headings.get(columns.folded(heading.strip()))
        if name is None:
            shown = _HIDDEN_IN.sub("", heading.strip())[:60].replace(HELD, "") or letters(at)
            faults.add(table.heading_line, prefix + shown, "unknown-column")
        elif name in where:
            faults.add(table.heading_line, prefix + name, "duplicate-column")
        else:
            where[name] = at
    for name in sorted(needed - where.keys()):
        faults.add(table.heading_line, prefix + name, "missing-column")
    return None if needed - where.keys() else where


class _Rows:
    """Checks rows one by one and remembers what may stand only once."""

    def __init__(self, where: Mapping[str, int], known: Known, faults: Faults) -> None:
        self._at = [where.get(name, -1) for name in columns.PEOPLE]
        self._longest = [columns.LONGEST[name] for name in columns.PEOPLE]
        self._units, self._faults = known.units, faults
        self.numbers: dict[str, int] = {}
        self._emails: dict[str, int] = {}
        self._spoken: dict[str, tuple[str, ...] | None] = {"": ()}
        self._same: dict[str, str] = {}  # one copy of each unit and place

    def row(self, line: int, cells: list[str]) -> PersonRow:
        cells.append("")  # what a missing column reads, at -1
        values = [cells[at].strip() for at in self._at]
        phone, values[6] = values[6], ""
        joined = _BETWEEN.join(values)
        if not joined.isascii() and not unicodedata.is_normalized("NFC", joined):
            values = [unicodedata.normalize("NFC", each) for each in values]
            joined = _BETWEEN.join(values)
        if _SUSPECT.search(joined) or len(max(values, key=len)) > 64:
            self._look_closely(line, values)
        number, name, latin, unit, manager, email, _, language, place = values
        add = self._faults.add
        if not number.isascii():
            number = unicodedata.normalize("NFKC", number).strip()
        if not manager.isascii():
            manager = unicodedata.normalize("NFKC", manager).strip()
        if number in self.numbers and number != HELD:
            add(line, "number", "duplicate-number", self.numbers[number])
        elif number:
            self.numbers[number] = line
        else:
            add(line, "number", "empty-cell")
        if not name:
            add(line, "name", "empty-cell")
        if email:
            email = self._email(line, email)
        if phone:
            phone = self._phone(line, phone)
        if unit and self._units is not None and unit != HELD:
            if unit not in self._units:
                add(line, "unit", "unknown-unit")
            unit = self._units.get(unit, unit)
        spoken = self._spoken.get(language)
        if spoken is None:
            spoken = self._languages(line, language)
        same = self._same.setdefault
        return PersonRow(
            line,
            number,
            name,
            latin,
            same(unit, unit),
            same(manager, manager),
            email,
            phone,
            spoken,
            same(place, place),
        )

    def _look_closely(self, line: int, values: list[str]) -> None:
        for at, text in enumerate(values):
            if code := _why_not_plain(text, self._longest[at]):
                self._faults.add(line, columns.PEOPLE[at], code)
                values[at] = HELD  # said once is enough

    def _email(self, line: int, text: str) -> str:
        if text == HELD:
            return ""
        if not text.isascii():
            text = unicodedata.normalize("NFKC", text)
        text = text.lower()
        local = text.partition("@")[0]
        if len(text) > 254 or len(local) > 64 or not _EMAIL.fullmatch(text):
            self._faults.add(line, "email", "bad-email")
        elif text in self._emails:
            self._faults.add(line, "email", "duplicate-email", self._emails[text])
        else:
            self._emails[text] = line
        return text

    def _phone(self, line: int, text: str) -> str:
        if text == HELD:
            return ""
        if len(text) > 64:
            self._faults.add(line, "phone", "too-long")
            return ""
        if text[0] in "=@＝＠":
            self._faults.add(line, "phone", "formula")
            return ""
        plain = unicodedata.normalize("NFKC", text).translate(_PHONE_FILLING)
        if not _PHONE.fullmatch(plain):
            self._faults.add(line, "phone", "bad-phone")
        return plain

    def _languages(self, line: int, text: str) -> tuple[str, ...]:
        if text == HELD:
            return ()
        words = [each for each in _BETWEEN_LANGUAGES.split(text.casefold()) if each]
        spoken = tuple(dict.fromkeys(_LANGUAGES.get(each, "") for each in words))
        if "" in spoken or not spoken:
            self._faults.add(line, "language", "bad-language")
            return ()
        if len(self._spoken) < 1000:
            self._spoken[text] = spoken
        return spoken


def _clean(text: str) -> str:
    return unicodedata.normalize("NFC", text.strip())


def _why_not_plain(text: str, longest: int) -> str | None:
    """The code of what makes this text unfit for any cell."""
    if text == HELD:
        return None
    if _HIDDEN_IN.search(text):
        return "control-character"
    if _FORMULA.match(text):
        return "formula"
    return "too-long" if len(text) > longest else None


def _check_managers(done: Checked, known: Known) -> None:
    if "manager" not in done.given:
        return
    lines = {row.number: row.line for row in done.rows}
    above: dict[str, str] = dict(known.managers)
    for row in done.rows:
        above.pop(row.number, None)
    for row in done.rows:
        manager = row.manager
        if not manager or manager == HELD:
            continue
        if manager == row.number:
            done.faults.add(row.line, "manager", "own-manager")
        elif manager in lines or manager in known.managers:
            if lines.get(row.number) == row.line:
                above[row.number] = manager
        elif not known.any_manager:
            done.faults.add(row.line, "manager", "unknown-manager")
    for number in in_circles(above):
        if number in lines:
            done.faults.add(lines[number], "manager", "manager-loop")


def in_circles(above: Mapping[str, str]) -> list[str]:
    """Everyone from whom the way up leads back to themselves. Linear in the number of people."""
    seen: dict[str, int] = {}
    found: list[str] = []
    for turn, start in enumerate(above):
        way: list[str] = []
        here = start
        while here in above and here not in seen:
            seen[here] = turn
            way.append(here)
            here = above[here]
        if seen.get(here) == turn and here in above:
            found += way[way.index(here) :]
    return found

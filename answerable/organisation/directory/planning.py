"""What a checked file would change: who joined, who moved or changed, who left. Pure: the present state is an argument.

People are matched by employee number; somebody kept by hand who has no number is matched by e-mail address and from then on
kept by files. A whole list says who is there: whoever was kept by files and is not on it has left. People kept by hand or by SCIM
never leave by a list, and SCIM's are not changed by one. The last administrator never leaves.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from answerable.organisation import rules
from answerable.organisation.directory.checking import PersonRow, UnitRow
from answerable.organisation.directory.faults import Fault

FIELDS: Final = ("name", "name_latin", "unit", "manager", "email", "phone", "language", "place")
"""What a row says of a person besides their number, by column, in the order of `Stands.said`."""


class Stands(NamedTuple):
    """Somebody as the directory has them now. `key` is their id as the database gives it.

    `said`: as FIELDS; unit by code; manager by number ("#" and the key for one without a number).
    """

    key: Any
    number: str
    source: str
    present: bool
    shown: tuple[str, str]
    said: tuple[str, str, str, str, str, str, tuple[str, ...], str]
    account: int | None
    roles: tuple[str, ...]


class Change(NamedTuple):
    """Somebody stays, or comes back, and is written anew."""

    was: Stands
    row: PersonRow
    said: tuple[Any, ...]
    fields: tuple[str, ...]


@dataclass
class Plan:
    """All that applying a file would do. `kept`: administrators who stay although they are not on the list."""

    joined: list[tuple[PersonRow, tuple[Any, ...]]] = field(default_factory=list)
    returned: list[Change] = field(default_factory=list)
    moved: list[Change] = field(default_factory=list)
    changed: list[Change] = field(default_factory=list)
    left: list[Stands] = field(default_factory=list)
    kept: list[Stands] = field(default_factory=list)
    unchanged: int = 0
    elsewhere: int = 0
    """Rows about people whom SCIM keeps: left as they are."""
    new_units: list[str] = field(default_factory=list)
    changed_units: int = 0
    present_before: int = 0
    """People present and kept by files."""
    faults: list[Fault] = field(default_factory=list)

    @property
    def nothing(self) -> bool:
        """Whether applying it would change nothing."""
        return not (
            self.joined
            or self.returned
            or self.moved
            or self.changed
            or self.left
            or self.new_units
            or self.changed_units
        )

    @property
    def needs_second(self) -> bool:
        """Whether so many leave that a second administrator must agree."""
        return too_many_leave(len(self.left), self.present_before)


def too_many_leave(leaving: int, present: int) -> bool:
    """More than one in ten, and more than one person."""
    return leaving > 1 and leaving * 10 > present


def plan(
    rows: Sequence[PersonRow],
    given: Collection[str],
    *,
    whole: bool,
    stands: Sequence[Stands],
    languages: tuple[str, ...],
    units: Sequence[UnitRow] | None = None,
    units_now: Mapping[str, tuple[str, str]],
) -> Plan:
    """Compare. `languages` are for whom the file names none; `units_now` is code → (name, parent's code)."""
    made = Plan(present_before=sum(each.present and each.source == "file" for each in stands))
    by_number = {each.number: each for each in stands if each.number}
    by_email = {each.said[4]: each for each in stands if each.present and each.said[4]}
    given_at = [name in given for name in FIELDS]
    matched: set[Any] = set()
    matches: list[tuple[PersonRow, Stands | None]] = []
    for row in rows:
        was = by_number.get(row.number)
        if was is None and row.email:
            holder = by_email.get(row.email)
            if holder is not None and holder.source == "hand" and not holder.number:
                was = holder
        if was is not None:
            matched.add(was.key)
        matches.append((row, was))
    leaving = [
        each
        for each in stands
        if whole and each.present and each.source == "file" and each.key not in matched
    ]
    made.left, made.kept = _but_the_last_administrator(leaving, stands)
    gone = {each.key for each in made.left}
    for row, was in matches:
        if was is not None and was.source == "scim" and was.present:
            made.elsewhere += 1
            continue
        said = _said(row, was, given_at, languages)
        holder = by_email.get(said[4])
        # Whoever is matched gives the address up by their own row; twice in one file was checked before.
        if (
            holder is not None
            and (was is None or holder.key != was.key)
            and holder.key not in gone
            and (holder.key not in matched or holder.source == "scim" or "email" not in given)
        ):
            made.faults.append(Fault(row.line, "email", "email-taken"))
        _sort(made, row, was, said)
    _plan_units(made, rows, units, units_now)
    return made


def _but_the_last_administrator(
    leaving: list[Stands], stands: Sequence[Stands]
) -> tuple[list[Stands], list[Stands]]:
    held = {each.key for each in leaving}
    stays = any(each.present and "administrator" in each.roles and each.key not in held for each in stands)
    if stays:
        return leaving, []
    kept = [each for each in leaving if "administrator" in each.roles]
    return [each for each in leaving if "administrator" not in each.roles], kept


def _said(
    row: PersonRow, was: Stands | None, given_at: list[bool], languages: tuple[str, ...]
) -> tuple[Any, ...]:
    new: tuple[Any, ...] = (
        row.name,
        row.name_latin,
        row.unit,
        row.manager,
        row.email,
        row.phone,
        row.languages or languages,
        row.place,
    )
    if all(given_at):
        return new
    old = was.said if was else ("", "", "", "", "", "", languages, "")
    return tuple(mine if known else theirs for mine, theirs, known in zip(new, old, given_at, strict=True))


def _sort(made: Plan, row: PersonRow, was: Stands | None, said: tuple[Any, ...]) -> None:
    if was is None:
        made.joined.append((row, said))
        return
    if said == was.said and was.present and was.source == "file" and was.number == row.number:
        made.unchanged += 1
        return
    fields = tuple(name for name, old, new in zip(FIELDS, was.said, said, strict=True) if old != new)
    change = Change(was, row, said, fields)
    if not was.present:
        made.returned.append(change)
    elif "unit" in fields or "manager" in fields:
        made.moved.append(change)
    else:
        made.changed.append(change)


def _plan_units(
    made: Plan, rows: Iterable[PersonRow], units: Sequence[UnitRow] | None, now: Mapping[str, tuple[str, str]]
) -> None:
    if units is not None:
        made.new_units = [each.code for each in units if each.code not in now]
        made.changed_units = sum(
            each.code in now and now[each.code] != (each.name, each.parent) for each in units
        )
        return
    wanted: dict[str, None] = {}
    for code in {row.unit: None for row in rows if row.unit}:
        for each in (*above(code), code):
            wanted[each] = None
    made.new_units = [code for code in wanted if code not in now]


def above(code: str) -> list[str]:
    """The units that "Works/Hall 2/Shift B" lies in, outermost first."""
    parts = code.split("/")
    if any(not part.strip() for part in parts):
        return []
    return ["/".join(parts[:depth]) for depth in range(1, len(parts))]


def digest(made: Plan) -> bytes:
    """SHA-256 of all that the plan would do, so that nothing else is done than what was shown."""
    total = hashlib.sha256()
    for kind, lines in (
        ("joined", ((row.number, said) for row, said in made.joined)),
        (
            "written",
            (
                (str(each.was), each.row.number, each.said)
                for each in (*made.returned, *made.moved, *made.changed)
            ),
        ),
        ("left", ((str(each),) for each in made.left)),
        ("units", ((each,) for each in (*made.new_units, str(made.changed_units)))),
    ):
        total.update(kind.encode())
        for line in lines:
            total.update(repr(line).encode())
    return total.digest()


def names(said: Sequence[Any]) -> tuple[str, str]:
    """(on English pages, on Chinese pages)."""
    return rules.shown_names(said[0], said[1])

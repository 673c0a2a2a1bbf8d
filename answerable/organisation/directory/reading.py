"""A file's bytes as a table: heading, rows, and the list of units if the workbook brings one."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from answerable.organisation.directory import delimited, encoding, xlsx
from answerable.organisation.directory.faults import Fault, Faults, Unreadable

LARGEST: Final = 200 * 1024 * 1024
"""Bytes of a file."""
HELD: Final = xlsx.HELD

Row = tuple[int, list[str]]


@dataclass
class Table:
    """`rows` may be read once, and may raise Unreadable; `short_rows` says whether cells at the end may be left out."""

    heading: list[str]
    heading_line: int
    rows: Iterator[Row]
    encoding: str
    short_rows: bool
    units: "Table | None" = None


def read(data: bytes, faults: Faults, *, column_of: Callable[[str], str | None]) -> Table:
    """The table in `data`. `column_of` names a heading as ours. Raises Unreadable; formulas go to `faults`."""
    if len(data) > LARGEST:
        raise Unreadable(Fault(0, None, "too-big"))
    if not data.strip(b" \r\n\t\0\xef\xbb\xbf\xff\xfe"):
        raise Unreadable(Fault(0, None, "empty-file"))
    if data.startswith(b"PK\x03\x04"):
        return _workbook(data, faults, column_of)
    if data.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        raise Unreadable(Fault(0, None, "old-excel"))
    if (
        data.lstrip()[:5].lower() in {b"<html", b"<!doc", b"<?xml", b"%pdf-", b"{\\rtf"}
        or data[:2] == b"\x1f\x8b"
    ):
        raise Unreadable(Fault(0, None, "not-a-table"))
    text, name = encoding.decoded(data)
    rows = delimited.rows(text.replace(HELD, "\ufffd") if HELD in text else text)
    line, heading = _first(rows)
    return Table(heading, line, rows, name, short_rows=False)


def _workbook(data: bytes, faults: Faults, column_of: Callable[[str], str | None]) -> Table:
    book = xlsx.Workbook(data)
    people, units = book.people_sheet(), book.unit_sheet()
    if people is None:
        raise Unreadable(Fault(0, None, "not-a-table"))
    table = _sheet(book, people, faults, column_of)
    if units is not None:
        table.units = _sheet(book, units, faults, lambda heading: f"{units}.{heading.strip()[:60]}")
    return table


def _sheet(book: xlsx.Workbook, sheet: str, faults: Faults, column_of: Callable[[str], str | None]) -> Table:
    heading: list[str] = []

    def named(at: int) -> str:
        return (column_of(heading[at]) if at < len(heading) else None) or letters(at)

    rows = book.rows(sheet, faults, named)
    line, first = _first(rows)
    heading += first
    return Table(heading, line, rows, "xlsx", short_rows=True)


def _first(rows: Iterator[Row]) -> Row:
    found = next(rows, None)
    if found is None:
        raise Unreadable(Fault(0, None, "empty-file"))
    return found


def letters(at: int) -> str:
    """How a spreadsheet names a column: 0 is A, 26 is AA."""
    name = ""
    at += 1
    while at:
        at, rest = divmod(at - 1, 26)
        name = chr(65 + rest) + name
    return name

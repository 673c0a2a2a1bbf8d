"""Rows of a CSV file: separated by comma, semicolon or tab, quoted as RFC 4180 has it, one heading line."""

import csv
import io
from collections.abc import Iterator
from typing import Final

from answerable.organisation.directory.faults import Fault, Unreadable

LONGEST_LINE: Final = 20_000
"""Characters; a person's line has some two hundred."""
LONGEST_ROW: Final = 64
"""Lines that one row may take, by line ends inside quotation marks: more is a quotation mark that never ends."""

Row = tuple[int, list[str]]


def rows(text: str) -> Iterator[Row]:
    """(line where the row begins, its cells), blank lines left out. Raises Unreadable where it can't go on."""
    lines = _Lines(text)
    reader = csv.reader(lines, delimiter=_separator(text), strict=True)
    line = 1
    try:
        for cells in reader:
            lines.begun = reader.line_num
            if any(cells):
                yield line, cells
            line = reader.line_num + 1
    except csv.Error:
        raise Unreadable(Fault(line, None, "bad-quotes")) from None


class _Lines:
    """The lines of a text by \\n, \\r\\n and \\r only, none too long, none too many without a row's end."""

    def __init__(self, text: str) -> None:
        self._lines = iter(io.StringIO(text, newline=""))
        self._read = 0
        self.begun = 0

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self._read += 1
        if len(line) > LONGEST_LINE:
            raise Unreadable(Fault(self._read, None, "long-line"))
        if self._read - self.begun > LONGEST_ROW:
            raise Unreadable(Fault(self.begun + 1, None, "bad-quotes"))
        return line


def _separator(text: str) -> str:
    head = text[:LONGEST_LINE].lstrip("\r\n").split("\n", 1)[0]
    return max(",;\t", key=head.count)

"""Rows of an XLSX workbook (ECMA-376), streamed: values as they are stored, no formula is believed or run.

Read with our own few lines over expat and not with a library: those at hand either give a formula's last value without
saying that it is one, or take a minute for 250,000 rows, and none counts what it unpacks. (docs/decisions/0016)
"""

import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import IO, Any, Final
from xml.parsers import expat

from answerable.organisation.directory.columns import UNIT_SHEETS
from answerable.organisation.directory.faults import Fault, Faults, Unreadable

MOST_UNPACKED: Final = 512 * 1024 * 1024
MOST_STRINGS_UNPACKED: Final = 192 * 1024 * 1024
MOST_PARTS: Final = 5_000
MOST_CELLS: Final = 256
"""Columns of a row that are looked at."""
HELD: Final = "\ufdd0"
"""Stands in a cell that has its fault already, so that it isn't found empty, too. A noncharacter: no text has it."""
LONGEST_CELL: Final = 1_000
"""Characters of a cell that are kept: more than any column takes, so the check finds it too long."""
_CHUNK = 64 * 1024
_ZEROS = re.compile(r"0{2,64}\Z")
# zipfile raises the last two for a method of packing it does not know, and for a locked file.
_BROKEN = (zipfile.BadZipFile, zlib.error, expat.ExpatError, EOFError, NotImplementedError, RuntimeError)

Row = tuple[int, list[str]]
_Attributes = dict[str, str]


class Workbook:
    """An opened workbook: `sheets` by name, in order. Every method raises Unreadable for a damaged or hostile file."""

    def __init__(self, data: bytes) -> None:
        self._left = MOST_UNPACKED
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except (*_BROKEN, ValueError, OSError):
            raise _broken() from None
        if len(self._zip.infolist()) > MOST_PARTS:
            raise Unreadable(Fault(0, None, "too-big"))
        if "xl/workbook.xml" not in self._zip.namelist():
            raise Unreadable(Fault(0, None, "not-a-table"))
        targets = _Relations(self._parse, "xl/_rels/workbook.xml.rels").targets
        self.sheets = {
            name: _path(targets[key])
            for name, key in _Sheets(self._parse, "xl/workbook.xml").found
            if key in targets
        }
        self._strings: list[str] = []
        self._widths: list[int] = []
        self._is_read = False

    def people_sheet(self) -> str | None:
        """The first sheet that is not a list of units."""
        return next((name for name in self.sheets if name.strip().casefold() not in UNIT_SHEETS), None)

    def unit_sheet(self) -> str | None:
        """The sheet named as a list of units, if there is one."""
        return next((name for name in self.sheets if name.strip().casefold() in UNIT_SHEETS), None)

    def rows(self, sheet: str, faults: Faults, column_of: Callable[[int], str]) -> Iterator[Row]:
        """(row number, cells) of one sheet, empty rows left out; formulas and error values are added to `faults`."""
        if not self._is_read:
            self._is_read = True
            here = set(self._zip.namelist())
            if "xl/sharedStrings.xml" in here:
                self._strings = _Strings(self._parse, "xl/sharedStrings.xml").found
            if "xl/styles.xml" in here:
                self._widths = _Styles(self._parse, "xl/styles.xml").widths
        reading = _SheetRows(self._strings, self._widths)
        for _ in self._feed(self.sheets[sheet], reading.parser()):
            ready, reading.ready = reading.ready, []
            yield from ready
            if reading.heading_is_read:  # and so the reader of these rows can name the columns
                for line, at, code in reading.faults:
                    faults.add(line, column_of(at), code)
                reading.faults = []

    def _parse(self, part: str, parser: expat.XMLParserType) -> None:
        for _ in self._feed(part, parser):
            pass

    def _feed(self, part: str, parser: expat.XMLParserType) -> Iterator[None]:
        limit = MOST_STRINGS_UNPACKED if part.endswith("sharedStrings.xml") else self._left
        try:
            with self._zip.open(part) as opened:
                stream: IO[bytes] = opened
                while chunk := stream.read(_CHUNK):
                    self._left -= len(chunk)
                    limit -= len(chunk)
                    if min(self._left, limit) < 0:
                        raise Unreadable(Fault(0, None, "too-big"))
                    parser.Parse(chunk, False)
                    yield
            parser.Parse(b"", True)
            yield
        except (*_BROKEN, KeyError, OSError, ValueError):
            raise _broken() from None


def _broken() -> Unreadable:
    return Unreadable(Fault(0, None, "broken-workbook"))


def _path(target: str) -> str:
    return target.removeprefix("/") if target.startswith("/") else f"xl/{target}"


def _parser(start: Callable[[str, _Attributes], Any]) -> expat.XMLParserType:
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.StartDoctypeDeclHandler = _refuse_doctype
    return parser


def _refuse_doctype(*_: object) -> None:
    raise _broken()


class _Relations:
    def __init__(self, parse: Callable[[str, Any], None], part: str) -> None:
        self.targets: dict[str, str] = {}
        parse(part, _parser(self._start))

    def _start(self, name: str, attributes: _Attributes) -> None:
        if name.endswith("Relationship") and "Target" in attributes:
            self.targets[attributes.get("Id", "")] = attributes["Target"]


class _Sheets:
    def __init__(self, parse: Callable[[str, Any], None], part: str) -> None:
        self.found: list[tuple[str, str]] = []
        parse(part, _parser(self._start))

    def _start(self, name: str, attributes: _Attributes) -> None:
        if name.rpartition(":")[2] == "sheet":
            key = next((value for each, value in attributes.items() if each.endswith(":id")), "")
            self.found.append((attributes.get("name", ""), key))


class _Strings:
    """Shared strings: runs of rich text joined, phonetic guides (rPh) left out."""

    def __init__(self, parse: Callable[[str, Any], None], part: str) -> None:
        self.found: list[str] = []
        self._parts: list[str] = []
        self._length = 0
        self._in_text = self._in_guide = False
        parser = _parser(self._start)
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parse(part, parser)

    def _start(self, name: str, _: _Attributes) -> None:
        name = name.rpartition(":")[2]
        if name == "t":
            self._in_text = not self._in_guide
        elif name == "rPh":
            self._in_guide = True
        elif name == "si":
            self._parts = []
            self._length = 0

    def _end(self, name: str) -> None:
        name = name.rpartition(":")[2]
        if name == "t":
            self._in_text = False
        elif name == "rPh":
            self._in_guide = False
        elif name == "si":
            self.found.append(_plain("".join(self._parts)))

    def _text(self, text: str) -> None:
        if self._in_text and self._length < LONGEST_CELL:
            self._parts.append(text)
            self._length += len(text)


class _Styles:
    """For each cell style the width of a format such as 00000, which shows leading zeros; else 0."""

    def __init__(self, parse: Callable[[str, Any], None], part: str) -> None:
        self.widths: list[int] = []
        self._formats: dict[str, int] = {}
        self._inside = False
        parser = _parser(self._start)
        parser.EndElementHandler = self._end
        parse(part, parser)

    def _start(self, name: str, attributes: _Attributes) -> None:
        name = name.rpartition(":")[2]
        if name == "numFmt":
            code = attributes.get("formatCode", "").strip('"')
            self._formats[attributes.get("numFmtId", "")] = len(code) if _ZEROS.match(code) else 0
        elif name == "cellXfs":
            self._inside = True
        elif name == "xf" and self._inside:
            self.widths.append(self._formats.get(attributes.get("numFmtId", ""), 0))

    def _end(self, name: str) -> None:
        if name.rpartition(":")[2] == "cellXfs":
            self._inside = False


@dataclass
class _SheetRows:
    strings: list[str]
    widths: list[int]
    ready: list[Row] = field(default_factory=list)
    faults: list[tuple[int, int, str]] = field(default_factory=list)
    heading_is_read: bool = False
    _line: int = 0
    _cells: list[str] = field(default_factory=list)
    _at: int = 0
    _kind: str = "n"
    _style: str = ""
    _text: str = ""
    _taking: bool = False
    _formula: bool = False
    _guide: bool = False

    def parser(self) -> expat.XMLParserType:
        parser = _parser(self._start)
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        return parser

    def _start(self, name: str, attributes: _Attributes) -> None:
        if ":" in name:
            name = name.rpartition(":")[2]
        if name in {"v", "t"}:
            self._taking = not self._guide
        elif name == "c":
            reference = attributes.get("r")
            self._at = _column(reference) if reference else len(self._cells)
            self._kind = attributes.get("t", "n")
            self._style = attributes.get("s", "")
            self._text = ""
            self._formula = False
        elif name == "f":
            self._formula = True
        elif name == "row":
            self._line = int(attributes.get("r") or self._line + 1)
            self._cells = []
        elif name == "rPh":
            self._guide = True

    def _characters(self, text: str) -> None:
        if self._taking and len(self._text) < LONGEST_CELL:
            self._text += text

    def _end(self, name: str) -> None:
        if ":" in name:
            name = name.rpartition(":")[2]
        if name in {"v", "t"}:
            self._taking = False
        elif name == "c":
            self._end_cell()
        elif name == "row":
            if any(self._cells):
                self.ready.append((self._line, self._cells))
                self.heading_is_read = True
            self._cells = []
        elif name == "rPh":
            self._guide = False

    def _end_cell(self) -> None:
        if not 0 <= self._at < MOST_CELLS:
            return
        text = self._value()
        while len(self._cells) < self._at:
            self._cells.append("")
        if len(self._cells) == self._at:
            self._cells.append(text)
        else:
            self._cells[self._at] = text

    def _value(self) -> str:
        if self._formula:
            self._fault("formula")
            return HELD
        kind = self._kind
        if kind == "s":
            return self.strings[int(self._text)] if self._text.isdecimal() and self._known() else ""
        if kind in {"str", "inlineStr", "d"}:
            return _plain(self._text)
        if kind == "e":
            self._fault("bad-cell")
            return HELD
        if kind == "b":
            return "TRUE" if self._text == "1" else "FALSE"
        return self._number()

    def _known(self) -> bool:
        return len(self._text) < 9 and int(self._text) < len(self.strings)

    def _number(self) -> str:
        text = self._text
        if not text.isdecimal():
            try:
                value = float(text) if text else 0.0
            except ValueError:
                raise _broken() from None
            if not text:
                return ""
            if abs(value) >= 1e15 or value != value:
                self._fault("digits-lost")
                return HELD
            text = str(int(value)) if value.is_integer() else text[:64]
        elif len(text) > 15:
            self._fault("digits-lost")
            return HELD
        width = self.widths[int(self._style)] if self._known_style() else 0
        return text.zfill(width) if width else text

    def _fault(self, code: str) -> None:
        self.faults.append((self._line, self._at, code))

    def _known_style(self) -> bool:
        return self._style.isdecimal() and len(self._style) < 7 and int(self._style) < len(self.widths)


def _plain(text: str) -> str:
    return text[:LONGEST_CELL].replace(HELD, "\ufffd")


def _column(reference: str) -> int:
    """ "B5" is 1. -1 if there is no letter."""
    at = 0
    for letter in reference[:4]:
        if not "A" <= letter <= "Z":
            break
        at = at * 26 + ord(letter) - 64
    return at - 1

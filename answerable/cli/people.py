"""`answerable people check FILE`: whether a directory file is sound. Needs no database and no settings."""

import json
import sys
from pathlib import Path
from typing import TextIO

from answerable.organisation.directory.checking import Checked, Known, check
from answerable.organisation.directory.faults import Fault, Faults
from answerable.organisation.directory.reading import LARGEST

SOUND, FAULTY, NO_FILE = 0, 1, 2


def run_check(file: str, *, units: str | None, addition: bool, form: str, out: TextIO | None = None) -> int:
    """Check and print; 0 if sound, 1 if there are faults, 2 if a file can't be opened."""
    out = out or sys.stdout
    try:
        data = read_file(Path(file))
        listed = read_file(Path(units)) if units else None
    except OSError:
        unopened = Checked()
        unopened.faults.add(*Fault(0, None, "no-file"))
        _print(unopened, form, out)
        return NO_FILE
    checked = check(data, units=listed, known=Known(any_manager=addition))
    _print(checked, form, out)
    return FAULTY if checked.faults else SOUND


def read_file(path: Path) -> bytes:
    """At most one byte more than we read, so that an endless file ends. Raises OSError."""
    with path.open("rb") as opened:
        return opened.read(LARGEST + 1)


def as_json(faults: Faults) -> list[dict[str, object]]:
    """[{"line", "column", "error", "message": {"en", "zh"}}], in order of lines."""
    return [
        {"line": each.line, "column": each.column, "error": each.code, "message": each.said}
        for each in faults
    ]


def _print(checked: Checked, form: str, out: TextIO) -> None:
    faults = checked.faults
    if form == "json":
        said: dict[str, object] = {"rows": checked.count, "errors": as_json(faults)}
        if faults.left_out:
            said["left_out"] = faults.left_out
        if checked.encoding:
            said["encoding"] = checked.encoding
        print(json.dumps(said, ensure_ascii=True), file=out)
        return
    for each in faults:
        place = ", ".join(
            filter(
                None,
                [f"line {each.line}" if each.line else "the file", each.column and f"column {each.column}"],
            )
        )
        print(f"{place}: {each.said['en']} {each.said['zh']} [{each.code}]", file=out)
    if faults.left_out:
        print(f"and {faults.left_out} more", file=out)
    read_as = f", read as {checked.encoding}" if checked.encoding else ""
    found = f"{faults.count} to mend" if faults else "nothing to mend"
    print(f"{checked.count} rows{read_as}: {found}", file=out)

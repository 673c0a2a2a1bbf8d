"""`answerable people check FILE`: whether a directory file is sound; needs no database and no settings.

`answerable people import ORG FILE [--apply]`: what it would change, and that done.
"""

import json
import sys
from pathlib import Path
from typing import TextIO

from answerable.organisation.directory.checking import Checked, Known, check
from answerable.organisation.directory.faults import WORDS, Fault, Faults
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


def run_import(slug: str, file: str, *, units: str | None, addition: bool, apply: bool) -> int:
    """Show what the file would change and, asked to, apply it; 0 if done or nothing to do, 1 if refused, 2 if not found."""
    from django.utils import timezone

    from answerable.organisation import queries
    from answerable.organisation.directory import plans
    from answerable.organisation.errors import OrganisationError

    organisation = next((each for each in queries.every() if each.slug == slug), None)
    try:
        data, listed = read_file(Path(file)), read_file(Path(units)) if units else None
    except OSError:
        data, listed = None, None
    if organisation is None or data is None:
        print("no such organisation" if organisation is None else WORDS["no-file"][0], file=sys.stderr)
        return NO_FILE
    prepared = plans.prepare(
        organisation, data, units=listed, whole=not addition, by=None, now=timezone.now()
    )
    plan = prepared.plan
    for each in prepared.faults:
        print(_line(each))
    if prepared.faults:
        return FAULTY
    for kind, count in plan.summary["counts"].items():
        print(f"{kind:10} {count}")
    for each in plan.summary["left_with_roles"]:
        print(f"leaves with a role: {each['number'] or each['en']}: {', '.join(each['roles'])}")
    for each in plan.summary["kept"]:
        print(f"stays as the last administrator: {each['number'] or each['en']}")
    if plan.summary["nothing"]:
        print("nothing to change")
        return SOUND
    if plan.needs_second:
        print(
            "more than one in ten would leave: an administrator must confirm this in the browser, within a day"
        )
        return FAULTY
    if not apply:
        print("nothing was changed; --apply does it")
        return SOUND
    try:
        plans.apply(
            plan.pk, organisation=organisation, by=None, digest=bytes(plan.digest), now=timezone.now()
        )
    except OrganisationError:
        print("nothing was changed: the directory changed meanwhile; run it again", file=sys.stderr)
        return FAULTY
    print("applied")
    return SOUND


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
        print(_line(each), file=out)
    if faults.left_out:
        print(f"and {faults.left_out} more", file=out)
    read_as = f", read as {checked.encoding}" if checked.encoding else ""
    found = f"{faults.count} to mend" if faults else "nothing to mend"
    print(f"{checked.count} rows{read_as}: {found}", file=out)


def _line(each: Fault) -> str:
    place = ", ".join(
        filter(
            None,
            [f"line {each.line}" if each.line else "the file", each.column and f"column {each.column}"],
        )
    )
    return f"{place}: {each.said['en']} {each.said['zh']} [{each.code}]"

"""`answerable training check`: needs neither settings nor a database."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from answerable.training.packages.check import Package, check_path
from answerable.training.packages.words import BadPackage


def add(commands: Any) -> None:
    """The parser of `answerable training`."""
    acts = commands.add_parser("training", help="courses and course packages").add_subparsers(
        dest="act", required=True
    )
    check = acts.add_parser("check", help="may this SCORM 1.2 or 2004 package come in? 1 if not")
    check.add_argument("package", metavar="PACKAGE.zip", type=Path)
    check.add_argument("--format", choices=["human", "json"], default="human")
    check.add_argument("--lang", choices=["en", "zh"], default="en", help="of the sentences")


def command(given: argparse.Namespace) -> int:
    """0 if the package may come in, 1 if not."""
    try:
        found = check_path(given.package)
    except BadPackage as error:
        _write(given, None, error.said.text(given.lang), [])
        return 1
    _write(given, found, None, [each.text(given.lang) for each in found.repaired])
    return 0


def _write(given: argparse.Namespace, found: Package | None, reason: str | None, repaired: list[str]) -> None:
    if given.format == "json":
        print(
            json.dumps(
                {"ok": found is not None, "reason": reason, "repaired": repaired},
                ensure_ascii=False,
                indent=1,
            )
        )
        return
    if found is None:
        print(reason)
        return
    print(f"SCORM {found.version}: {found.title or given.package.name}")
    for title, path in found.starts[:50]:
        print(f"  {title} → {path}".replace("  →", "→") if title else f"  {path}")
    for each in repaired:
        print(f"  + {each}")
    sys.stdout.flush()

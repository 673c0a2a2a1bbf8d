"""`answerable policies lint` and `evaluate`: neither needs settings or a database."""

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from answerable.policies.errors import BadPolicy
from answerable.policies.lint import evaluate, report
from answerable.policies.lint.document import Document, language, parse

LONGEST_LINE = 10 * 1024 * 1024


def add(commands: Any) -> None:
    """The parser of `answerable policies`."""
    acts = commands.add_parser("policies", help="check a policy against the 48 points").add_subparsers(
        dest="act", required=True
    )
    lint = acts.add_parser("lint", help="which of the 48 points a policy holds; 1 if a must is missing")
    lint.add_argument(
        "files", nargs="+", metavar="FILE", help="Markdown, with or without front matter; - is stdin"
    )
    lint.add_argument("--jurisdiction", nargs="+", action="extend", default=[], metavar="CN", help="places")
    lint.add_argument("--lang", choices=["en", "zh"], help="of the text; else read from it")
    lint.add_argument("--format", choices=["human", "json", "sarif", "jsonl"], default="human")
    measure = acts.add_parser("evaluate", help="precision and recall of missing points on labelled policies")
    measure.add_argument("file", metavar="FILE.jsonl")


def command(given: argparse.Namespace) -> int:
    """0 if all is well, 1 if a must is missing, 2 for a file that can't be read."""
    try:
        if given.act == "evaluate":
            print(evaluate.table(evaluate.evaluate(_labelled(given.file))))
            return 0
        if given.format == "jsonl":
            return _lines(given.files, given.jurisdiction)
        return _documents(given.files, given.jurisdiction, given.lang, given.format)
    except BadPolicy as error:
        print(f"answerable: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        return 2


def _documents(files: Sequence[str], places: Sequence[str], lang: str | None, form: str) -> int:
    documents: list[tuple[str, Document]] = []
    for name in files:
        try:
            documents.append((name, parse(_bytes(name), lang)))
        except BadPolicy as error:
            raise BadPolicy(f"{name}: {error}") from None
    if form == "sarif":
        print(report.as_sarif(documents, places))
    else:
        write: Callable[[str, Document, Sequence[str]], str] = (
            report.as_json if form == "json" else report.as_text
        )
        for name, document in documents:
            print(write(name, document, places or document.jurisdictions))
    return int(any(report.failed(report.findings_of(document)) for _, document in documents))


def _lines(files: Sequence[str], places: Sequence[str]) -> int:
    for name in files:
        for number, each in _objects(name):
            text, said = each.get("text"), each.get("lang", "")
            if not isinstance(text, str) or not isinstance(said, str):
                raise BadPolicy(f"{name}, line {number}: text or lang is not a text")
            own = each.get("jurisdiction") or []
            named = places or (
                [own] if isinstance(own, str) else [place for place in own if isinstance(place, str)]
            )
            found = {"id": each.get("id"), "points": report.line(text, language(text, said), named)}
            print(json.dumps(found, ensure_ascii=False))
    return 0


def _labelled(name: str) -> Iterator[dict[str, Any]]:
    for number, each in _objects(name):
        whole = all(isinstance(each.get(key), list) for key in ("present", "weak", "absent"))
        if not whole or not isinstance(each.get("text"), str) or not isinstance(each.get("lang"), str):
            raise BadPolicy(f"{name}, line {number}: it needs text, lang, present, weak and absent")
        yield each


def _objects(name: str) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, line in enumerate(_bytes(name).split(b"\n"), 1):
        if not line.strip():
            continue
        if len(line) > LONGEST_LINE:
            raise BadPolicy(f"{name}, line {number}: longer than {LONGEST_LINE:,} bytes")
        try:
            found = json.loads(line)
        except (ValueError, RecursionError):
            raise BadPolicy(f"{name}, line {number}: not JSON in UTF-8") from None
        if not isinstance(found, dict):
            raise BadPolicy(f"{name}, line {number}: not an object")
        yield number, found


def _bytes(name: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as error:
        raise BadPolicy(f"{name}: {error.strerror or 'can not be read'}") from None

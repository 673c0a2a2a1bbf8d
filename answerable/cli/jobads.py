"""`answerable jobads check` and `evaluate`: neither needs settings or a database."""

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from answerable.jobads.errors import BadAd
from answerable.jobads.review import evaluate, report
from answerable.jobads.review.law import PLACES
from answerable.jobads.review.reading import MOST_BYTES, decoded, plain

SUFFIXES = {".txt", ".md", ".html", ".htm"}


def add(commands: Any) -> None:
    """The parser of `answerable jobads`."""
    acts = commands.add_parser("jobads", help="review job advertisements").add_subparsers(
        dest="act", required=True
    )
    check = acts.add_parser(
        "check", help="what is wrong, where, which law, a better wording; 1 if express or inferred"
    )
    check.add_argument(
        "paths", nargs="+", metavar="PATH", help="files or folders of text or HTML; - is stdin"
    )
    check.add_argument("--jurisdiction", nargs="+", action="extend", choices=PLACES, help="places; else all")
    check.add_argument("--fail-on", choices=["express", "inferred", "advisory", "never"], default="inferred")
    check.add_argument("--format", choices=["human", "json", "sarif", "jsonl"], default="human")
    measure = acts.add_parser("evaluate", help="precision and recall on labelled ads")
    measure.add_argument("file", metavar="FILE.jsonl")


def command(given: argparse.Namespace) -> int:
    """0 if nothing so grave was found, 1 if there was, 2 for a file that can't be read."""
    try:
        if given.act == "evaluate":
            print(evaluate.table(evaluate.evaluate(_labelled(given.file))))
            return 0
        places = given.jurisdiction or PLACES
        if given.format == "jsonl":
            return _lines(given.paths, places)
        return _files(given.paths, places, given.format, given.fail_on)
    except BadAd as error:
        print(f"answerable: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        return 2


def _files(paths: Sequence[str], places: Sequence[str], form: str, fail_on: str) -> int:
    ads = [(name, _read(name)) for name in _names(paths)]
    if form == "sarif":
        print(report.as_sarif(ads, places))
    else:
        write: Callable[[str, str, Sequence[str]], str] = report.as_json if form == "json" else report.as_text
        for name, text in ads:
            print(write(name, text, places))
    order = ["express", "inferred", "advisory", "never"]
    failing = order[: order.index(fail_on) + 1] if fail_on != "never" else []
    return int(any(report.gravest(text, places) in failing for _, text in ads))


def _names(paths: Sequence[str]) -> Iterator[str]:
    for name in paths:
        path = Path(name)
        if name != "-" and path.is_dir():
            yield from (str(each) for each in sorted(path.rglob("*")) if each.suffix.lower() in SUFFIXES)
        else:
            yield name


def _read(name: str) -> str:
    try:
        text = plain(decoded(_bytes(name)))
    except BadAd as error:
        raise BadAd(f"{name}: {error}") from None
    if not text.strip():
        raise BadAd(f"{name}: there is no text in it")
    return text


def _lines(paths: Sequence[str], places: Sequence[str]) -> int:
    for name in paths:
        for number, each in _objects(name):
            if not isinstance(each.get("text"), str):
                raise BadAd(f"{name}, line {number}: it has no text")
            print(
                json.dumps(
                    {"id": each.get("id"), "findings": report.line(each["text"], places)}, ensure_ascii=False
                )
            )
    return 0


def _labelled(name: str) -> Iterator[dict[str, Any]]:
    for number, each in _objects(name):
        labels = each.get("labels")
        whole = (
            isinstance(each.get("text"), str)
            and isinstance(each.get("lang"), str)
            and isinstance(labels, list)
        )
        if not whole or not all(
            isinstance(one, dict)
            and isinstance(one.get("category"), str)
            and isinstance(one.get("start"), int)
            and isinstance(one.get("end"), int)
            for one in labels or []
        ):
            raise BadAd(f"{name}, line {number}: it needs text, lang and labels with category, start and end")
        yield each


def _objects(name: str) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, line in enumerate(_bytes(name).split(b"\n"), 1):
        if not line.strip():
            continue
        if len(line) > MOST_BYTES:
            raise BadAd(f"{name}, line {number}: longer than {MOST_BYTES // 1024 // 1024} MB")
        try:
            found = json.loads(line)
        except (ValueError, RecursionError):
            raise BadAd(f"{name}, line {number}: not JSON in UTF-8") from None
        if not isinstance(found, dict):
            raise BadAd(f"{name}, line {number}: not an object")
        yield number, found


def _bytes(name: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as error:
        raise BadAd(f"{name}: {error.strerror or 'can not be read'}") from None

"""`answerable policies lint`, `evaluate`, `draft` and `diff`: none needs settings or a database."""

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from answerable.policies.errors import BadAnswers, BadPolicy
from answerable.policies.lint import evaluate, report
from answerable.policies.lint.document import Document, language, parse
from answerable.policies.text import clauses, difference

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
    drafting = acts.add_parser("draft", help="a complete policy from twelve answers in TOML")
    drafting.add_argument(
        "answers", nargs="?", metavar="ANSWERS.toml", help="- is stdin; left out: an example to fill in"
    )
    drafting.add_argument("--lang", choices=["en", "zh"], default="zh")
    diff = acts.add_parser(
        "diff", help="two versions by clause, sentence, and word or character; 1 if they differ"
    )
    diff.add_argument("before", metavar="BEFORE.md")
    diff.add_argument("after", metavar="AFTER.md")
    diff.add_argument("--lang", choices=["en", "zh"], help="of the texts; else read from the later one")
    diff.add_argument("--format", choices=["human", "json"], default="human")
    measure = acts.add_parser("evaluate", help="precision and recall of missing points on labelled policies")
    measure.add_argument("file", metavar="FILE.jsonl")


def command(given: argparse.Namespace) -> int:
    """0 if all is well, 1 if a must is missing, 2 for a file that can't be read."""
    try:
        if given.act == "evaluate":
            print(evaluate.table(evaluate.evaluate(_labelled(given.file))))
            return 0
        if given.act == "draft":
            return _draft(given.answers, given.lang)
        if given.act == "diff":
            return _diff(given.before, given.after, given.lang, given.format)
        if given.format == "jsonl":
            return _lines(given.files, given.jurisdiction)
        return _documents(given.files, given.jurisdiction, given.lang, given.format)
    except (BadPolicy, BadAnswers) as error:
        print(f"answerable: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        return 2


def _draft(name: str | None, lang: str) -> int:
    # Brings Django's templates, which no other command here needs.
    from answerable.policies.draft import answers, write

    if name is None:
        print(write.EXAMPLE.read_text(encoding="utf-8"), end="")
        return 0
    print(write.draft(answers.read(_bytes(name)), lang), end="")
    return 0


def _diff(before: str, after: str, lang: str | None, form: str) -> int:
    later = parse(_bytes(after), lang)
    earlier = parse(_bytes(before), lang or later.lang)
    changes = difference.difference(earlier, later)
    found = clauses.problems(later, earlier)
    if form == "json":
        print(
            json.dumps(
                {
                    "before": clauses.fingerprint(earlier.text),
                    "after": clauses.fingerprint(later.text),
                    "clauses": [
                        {"id": each.id, "title": each.title, "kind": each.kind, "pieces": each.pieces}
                        for each in changes
                    ],
                    "problems": [
                        {"line": each.line, "kind": each.kind, "words": each.words(later.lang)}
                        for each in found
                    ],
                },
                ensure_ascii=False,
                indent=1,
            )
        )
    else:
        print(difference.as_text(changes, later.lang))
        for each in found:
            print(f"{after}:{each.line}: {each.words(later.lang)}")
    return int(any(each.kind != "same" for each in changes))


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
        say: Callable[[str, Document, Sequence[str]], str] = (
            report.as_json if form == "json" else report.as_text
        )
        for name, document in documents:
            print(say(name, document, places or document.jurisdictions))
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

"""Drafts: complete by our own linter in both languages, with every place's law, and only from answers that make sense."""

import contextlib
import json
import subprocess
import sys
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from answerable.policies.draft import answers, places
from answerable.policies.draft.write import EXAMPLE, draft
from answerable.policies.errors import BadAnswers
from answerable.policies.lint import report, style
from answerable.policies.lint.catalogue import laws, points
from answerable.policies.lint.document import Document, parse
from answerable.policies.text.clauses import clauses, problems

RAW: dict[str, Any] = tomllib.loads(EXAMPLE.read_text(encoding="utf-8"))
OWN = {
    1: "P0", 5: "P2", 11: "R1", 19: "C2", 24: "C4", 25: "C4", 27: "C5", 30: "C7",
    34: "C6", 35: "T1", 41: "G1", 44: "P3", 46: "C11",
}  # fmt: skip
"""Points that one clause alone makes."""


def made(lang: str, **others: Any) -> Document:
    return parse(draft(answers.check({**RAW, **others}), lang).encode())


def without_notes(document: Document) -> Document:
    text = "\n".join(line for line in document.text.split("\n") if not line.startswith("> "))
    return parse(text.encode())


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("alcohol", [True, False])
def test_a_draft_holds_all_48_points_even_without_its_notes(lang: str, alcohol: bool) -> None:
    found = report.findings_of(without_notes(made(lang, alcohol=alcohol, places=list(places.CODES))))
    assert {each.point: each.state for each in found if each.state != "present"} == {}


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_clause_that_is_taken_out_is_missed(lang: str) -> None:
    whole = without_notes(made(lang))
    parts = {each.id: each for each in clauses(whole)}
    for point, clause in OWN.items():
        cut = parse((whole.text[: parts[clause].start] + whole.text[parts[clause].end :]).encode())
        (found,) = [each for each in report.findings_of(cut) if each.point == point]
        assert found.state != "present", (point, clause)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_draft_reads_easily_and_keeps_the_form(lang: str) -> None:
    document = made(lang, places=list(places.CODES), interim=True)
    body = document.text[document.body :]
    assert style.reading(body, lang).within
    assert [each for each in style.remarks(body, lang) if each.rule == "banned-words"] == []
    assert problems(document) == []
    assert document.lang == lang
    assert {"P0", "R1", "C1", "S1", "G2", "A", *[f"A-{code}" for code in places.CODES]} <= {
        each.id for each in clauses(document)
    }


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_clause_says_why_it_is_there(lang: str) -> None:
    start = {"en": "> Why this is here: ", "zh": "> 为什么有这一条："}[lang]
    document = made(lang)
    for each in clauses(document):
        if each.level == 2 and each.id != "A":
            assert start in each.text, each.id


def test_each_place_has_its_law_with_its_status_and_says_where_a_lawyer_has_to_look() -> None:
    assert len(places.CODES) == 14
    for code, rules in places.rules().items():
        for lang, look in (("en", "a lawyer has to look"), ("zh", "须律师核对")):
            (annex,) = [each for each in places.annexes([code], 10_000, lang) if each["code"] == code]
            lines = annex["law"].split("\n")
            assert len(lines) == len(rules)
            for rule, line in zip(rules, lines, strict=True):
                assert rule in line
                assert laws()[rule].source in line
                assert (look in line) == (laws()[rule].status != "found")


def test_a_place_brings_the_larger_one_and_a_small_firm_has_fewer_duties() -> None:
    assert [each["code"] for each in places.annexes(["US-CA", "DE"], 500, "en")] == [
        "EU",
        "DE",
        "US",
        "US-CA",
    ]
    small, large = [places.annexes(["FR"], count, "en")[-1]["law"] for count in (20, 500)]
    assert "FR-07" in large
    assert "FR-07" not in small


def test_the_must_points_of_the_48_are_those_of_the_rules_page() -> None:
    must = {1, 3, 6, 12, 14, 15, 17, 20, 21, 22, 24, 25, 27, 28, 30, 32, 34, 35, 41}
    assert {number for number, point in points().items() if point.level == "must"} == must


BAD: list[tuple[str, dict[str, Any]]] = [
    ("places", {"places": []}),
    ("places", {"places": ["XX"]}),
    ("languages", {"languages": ["fr"]}),
    ("authoritative", {"languages": ["en"], "authoritative": "zh"}),
    ("headcount", {"headcount": 0}),
    ("headcount", {"headcount": True}),
    ("consulted", {"consulted": "the union"}),
    ("channel", {"channel": "javascript:alert(1)"}),
    ("name", {"name": "A <b>firm</b>"}),
    ("name", {"name": {"en": "A firm"}}),
    ("signer", {"signer": "x" * 200}),
    ("person", {"person": "{{ settings }}"}),
    ("alcohol", {"alcohol": "yes"}),
    ("years", {"years": 99}),
    ("date", {"date": "soon"}),
    ("phone", {"phone": "ask Bob"}),
    ("version", {"version": "a b"}),
    ("colour", {"colour": "red"}),
]


@pytest.mark.parametrize(("field", "others"), BAD, ids=[f"{at}-{each[0]}" for at, each in enumerate(BAD)])
def test_an_answer_that_makes_no_sense_is_named(field: str, others: dict[str, Any]) -> None:
    with pytest.raises(BadAnswers, match=f"^{field}: "):
        answers.check({**RAW, **others})


def test_a_consultation_stands_in_the_text_with_its_day() -> None:
    held = {
        "consulted": {"en": "the workers' congress", "zh": "职工代表大会"},
        "consulted_on": date(2026, 3, 2),
    }
    assert "discussed with the workers' congress on 2026-03-02" in made("en", **held).text
    assert "于2026 年 3 月 2 日经职工代表大会讨论" in made("zh", **held).text


@settings(max_examples=100, deadline=None)
@given(st.one_of(st.binary(max_size=300), st.text(max_size=300).map(str.encode)))
def test_whatever_the_file_of_answers_holds_only_our_error_escapes(data: bytes) -> None:
    with contextlib.suppress(BadAnswers):
        answers.read(data)


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from(sorted(RAW)),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.dates(),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["en", "zh", "x"]), inner, max_size=3)
        ),
        max_leaves=5,
    ),
)
def test_whatever_an_answer_is_only_our_error_escapes_and_a_draft_is_whole(field: str, value: Any) -> None:
    with contextlib.suppress(BadAnswers):
        for lang in ("en", "zh"):
            assert problems(parse(draft(answers.check({**RAW, field: value}), lang).encode())) == []


def test_the_command_writes_the_example_and_a_draft_that_passes_the_linter(tmp_path: Path) -> None:
    def run(*arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "answerable", "policies", *arguments]
        return subprocess.run(
            command, input=given, capture_output=True, text=True, timeout=60, encoding="utf-8"
        )

    example = run("draft").stdout
    drafted = run("draft", "-", "--lang", "en", given=example)
    assert drafted.returncode == 0
    (tmp_path / "policy.md").write_text(drafted.stdout, encoding="utf-8")
    linted = run("lint", str(tmp_path / "policy.md"), "--format", "json")
    assert linted.returncode == 0
    assert json.loads(linted.stdout)["jurisdictions"] == ["CN", "HK"]
    refused = run("draft", "-", given=example.replace("headcount = 1200", "headcount = 0"))
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "headcount" in refused.stderr

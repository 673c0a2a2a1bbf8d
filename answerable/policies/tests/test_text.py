"""A policy's form, its fingerprint, and the difference between two versions."""

import contextlib
import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from answerable.policies.errors import BadPolicy
from answerable.policies.lint.document import Document, parse
from answerable.policies.text.clauses import clauses, cleaned, fingerprint, problems
from answerable.policies.text.difference import difference

TEXT = """---
version: 2026.1
status: interim
jurisdictions: [CN]
---
# Policy

Read [R1](#R1) first.

## Right to refuse {#R1}

You may refuse. Nothing follows from it.

## Clock {#C3}

We answer within 14 days.
"""


def read(text: str) -> Document:
    return parse(text.encode())


def kinds(text: str, earlier: str | None = None, source: str | None = None) -> list[tuple[str, int]]:
    found = problems(read(text), read(earlier) if earlier else None, read(source) if source else None)
    assert all(each.words("en") != each.words("zh") for each in found)
    return [(each.kind, each.line) for each in found]


def test_clauses_have_their_ids_titles_and_places() -> None:
    found = clauses(read(TEXT))
    assert [(each.id, each.title, each.level) for each in found] == [
        ("", "Policy", 1),
        ("R1", "Right to refuse", 2),
        ("C3", "Clock", 2),
    ]
    assert TEXT[found[1].start : found[1].end].startswith("## Right to refuse {#R1}")
    assert kinds(TEXT) == []


def test_a_heading_in_a_block_of_code_is_no_clause() -> None:
    assert [each.id for each in clauses(read("## One {#A1}\n\n```\n## Two {#A2}\n```\n"))] == ["A1"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (TEXT.replace("interim", "urgent"), ("status", 1)),
        (TEXT.replace("{#C3}", "{#R1}"), ("twice", 14)),
        (TEXT.replace(" {#C3}", ""), ("no-id", 14)),
        (TEXT.replace("(#R1)", "(#R9)"), ("link", 8)),
        (TEXT.replace("Nothing", "<b>Nothing</b>"), ("html", 12)),
        (TEXT.replace("(#R1)", "(javascript:alert(1))"), ("script", 8)),
        (TEXT.replace("interim", "binding"), ("evidence", 1)),
        (TEXT.replace("interim", "binding\nadopted: {body: congress, on: 2026-03-02}"), ("evidence", 1)),
    ],
)
def test_what_is_wrong_with_the_form_is_said_with_its_line(text: str, found: tuple[str, int]) -> None:
    assert found in kinds(text)


def test_binding_in_china_with_the_evidence_and_elsewhere_without_is_right() -> None:
    adopted = "binding\nadopted: {body: congress, on: 2026-03-02, evidence: sha256:00ff}"
    assert kinds(TEXT.replace("interim", adopted)) == []
    assert kinds(TEXT.replace("interim", "binding").replace("CN", "DE")) == []


def test_a_clause_that_vanished_and_a_translation_that_is_behind_are_told() -> None:
    assert ("vanished", 1) in kinds(TEXT.split("## Clock")[0], earlier=TEXT)
    assert kinds(TEXT.replace("status:", "translates: 2025.2\nstatus:"), source=TEXT) == [("behind", 1)]
    assert kinds(TEXT.replace("status:", "translates: 2026.1\nstatus:"), source=TEXT) == []


def test_html_and_scripts_are_taken_out_and_the_words_stay() -> None:
    assert cleaned("a <b onclick='x'>b</b> [c](javascript:alert(1)) <!-- d -->e") == "a b [c]()) e"
    assert cleaned("2 < 3 and 5 > 4, 右引号”（全角）\u200f") == "2 < 3 and 5 > 4, 右引号”（全角）\u200f"


def test_a_fingerprint_minds_neither_line_ends_nor_how_an_accent_is_written() -> None:
    assert (
        fingerprint("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    )  # FIPS 180-4: no bytes
    assert (
        fingerprint("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    )  # FIPS 180-4
    assert fingerprint("e\u0301\r\nb\rc") == fingerprint("é\nb\nc")
    assert fingerprint("a") != fingerprint("a ")


def test_a_changed_number_shows_as_a_number_and_a_new_and_a_gone_clause_as_such() -> None:
    later = TEXT.replace("14 days", "10 days").replace(
        "## Clock", "## Help {#C9}\n\nYou get help.\n\n## Clock"
    )
    found = {each.id or each.title: each for each in difference(read(TEXT), read(later))}
    assert [(each.id, each.kind) for each in found.values()] == [
        ("", "same"),
        ("R1", "same"),
        ("C9", "new"),
        ("C3", "changed"),
    ]
    assert found["C3"].pieces == (
        ("keep", "We answer within "),
        ("del", "14"),
        ("ins", "10"),
        ("keep", " days."),
    )
    assert found["C3"].counts == (2, 2)
    back = difference(read(later), read(TEXT))
    assert [(each.id, each.kind) for each in back] == [
        ("", "same"),
        ("R1", "same"),
        ("C9", "gone"),
        ("C3", "changed"),
    ]


def test_chinese_is_compared_by_character() -> None:
    old, new = (
        "## 期限 {#C3}\n\n三十日内书面答复。到期未答复的，上报。",
        "## 期限 {#C3}\n\n二十日内书面答复。到期未答复的，上报。",
    )
    (found,) = difference(read(old), read(new))
    assert found.pieces[:3] == (
        ("del", "三"),
        ("ins", "二"),
        ("keep", "十日内书面答复。到期未答复的，上报。"),
    )


def test_a_clause_that_only_moved_is_the_same() -> None:
    head, first, second = (
        TEXT.partition("## Right")[0],
        "## Right to refuse {#R1}\n\nYou may.\n\n",
        "## Clock {#C3}\n\nSoon.\n",
    )
    assert [each.kind for each in difference(read(head + first + second), read(head + second + first))] == [
        "same"
    ] * 3


SENTENCES = st.lists(
    st.sampled_from(
        ["We act. ", "We act within 3 days. ", "谁都不例外。", "三日内答复；", "No?\n", "a.b c! "]
    ),
    max_size=8,
)


@settings(max_examples=150, deadline=None)
@given(SENTENCES, SENTENCES, st.sampled_from(["en", "zh"]))
def test_a_difference_gives_both_versions_back(old: list[str], new: list[str], lang: str) -> None:
    before, after = ["## T {#X1}\n" + "".join(each) for each in (old, new)]
    (found,) = difference(parse(before.encode(), lang), parse(after.encode(), lang))
    assert "".join(text for mark, text in found.pieces if mark != "ins") == "".join(old).strip()
    assert "".join(text for mark, text in found.pieces if mark != "del") == "".join(new).strip()


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet=st.sampled_from(list("#{}()[]<>!-`~ab1 \n:中。")), max_size=200))
def test_whatever_a_text_holds_only_our_error_escapes(text: str) -> None:
    with contextlib.suppress(BadPolicy):
        document = read(text)
        problems(document, read(TEXT))
        difference(read(TEXT), document)


def test_the_command_shows_what_changed_and_what_is_wrong(tmp_path: Path) -> None:
    before, after = tmp_path / "1.md", tmp_path / "2.md"
    before.write_text(TEXT, encoding="utf-8")
    after.write_text(TEXT.replace("14 days", "10 days").replace("(#R1)", "(#R9)"), encoding="utf-8")

    def run(*arguments: str) -> tuple[int, str]:
        command = [sys.executable, "-m", "answerable", "policies", "diff", *arguments]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, encoding="utf-8")
        return done.returncode, done.stdout

    status, text = run(str(before), str(after))
    assert status == 1
    assert "[-14-]{+10+}" in text
    assert "2.md:8: The link #R9 leads to no clause." in text
    status, text = run(str(before), str(before), "--format", "json")
    assert status == 0
    assert json.loads(text)["before"] == json.loads(text)["after"] == fingerprint(TEXT)

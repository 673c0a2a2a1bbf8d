"""What Python and TypeScript each have to say, since neither can import the other, and no vector holds."""

import re
from pathlib import Path

import pytest
from answerable_protocol import leaf, manifest, message, roster, sealed

from answerable.intake import rules, views
from answerable.promises import rules as promises

SRC = Path(__file__).resolve().parents[1] / "browser" / "src"


def number(path: str, name: str) -> int:
    """The constant of a module: a number, or a product of numbers."""
    text = (SRC / path).read_text(encoding="utf-8")
    found = re.search(rf"^(?:export )?const {name}(?:: number)? = ([\d_* ]+)$", text, re.MULTILINE)
    assert found, f"{path} has no number {name}"
    product = 1
    for factor in found[1].split("*"):
        product *= int(factor)
    return product


def strings(path: str, name: str) -> list[str]:
    """The constant of a module: a list of strings."""
    text = (SRC / path).read_text(encoding="utf-8")
    found = re.search(rf"^(?:export )?const {name}\b[^=]*= \[([^\]]*)\]", text, re.MULTILINE)
    assert found, f"{path} has no list {name}"
    return re.findall(r'"([^"]*)"', found[1])


@pytest.mark.parametrize(
    ("path", "name", "ours"),
    [
        ("files/upload.ts", "PIECE", rules.CHUNK),
        ("core/panel.ts", "MOST_PANEL", manifest.MOST_PANEL),
    ],
)
def test_a_limit_is_the_same_on_both_sides(path, name, ours):
    assert number(path, name) == ours


@pytest.mark.parametrize(
    ("path", "name", "ours"),
    [
        ("core/message.ts", "KINDS", message.KINDS),
        ("core/sealed.ts", "PURPOSES", sealed.PURPOSES),
        ("core/roster.ts", "ROLES", roster.ROLES),
        ("core/leaf.ts", "PRIVATE_TYPES", leaf.CASE_TYPES),
        ("core/leaf.ts", "PUBLIC_TYPES", leaf.PUBLIC_TYPES),
    ],
)
def test_a_list_of_words_is_the_same_on_both_sides(path, name, ours):
    assert sorted(strings(path, name)) == sorted(ours)


def test_the_rungs_are_the_same_everywhere():
    above = strings("core/panel.ts", "RUNGS")
    assert [rung["role"] for rung in views.RUNGS] == ["handler", *above]
    assert [rung["number"] for rung in views.RUNGS] == list(range(len(promises.RUNGS)))
    assert len(above) == manifest.RUNGS == promises.LAST_RUNG

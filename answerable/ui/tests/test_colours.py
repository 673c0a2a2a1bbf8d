"""An accent colour can be read on every ground of ours, and the suggestion is the nearest that can."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from answerable.ui import colours
from answerable.ui.colours import AA, AAA, DARK_GROUNDS, LIGHT_GROUNDS

anything = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")
ratios = st.sampled_from([AA, AAA])
grounds = st.sampled_from([LIGHT_GROUNDS, DARK_GROUNDS])


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [("#000000", "#ffffff", 21), ("#777777", "#ffffff", 4.48), ("#0000ff", "#ffffff", 8.59)],
)
def test_contrast_is_that_of_wcag(one, other, ratio):
    assert colours.contrast(one, other) == pytest.approx(ratio, abs=0.01)
    assert colours.contrast(other, one) == colours.contrast(one, other)


@given(anything, ratios, grounds)
def test_the_suggestion_can_be_read_on_every_ground(accent, ratio, where):
    found = colours.nearest(accent, ratio, where)
    assert colours.is_colour(found)
    assert colours.least_contrast(found, where) >= ratio


@given(anything, ratios, grounds)
def test_a_colour_that_can_be_read_is_left_as_it_is(accent, ratio, where):
    found = colours.nearest(accent, ratio, where)
    assert colours.nearest(found, ratio, where) == found
    if colours.least_contrast(accent, where) >= ratio:
        assert found == accent


@given(anything, ratios)
def test_a_nearer_one_could_not_be_read(accent, ratio):
    """The suggestion sits at the edge: its contrast is hardly more than what was asked for."""
    found = colours.nearest(accent, ratio)
    if found != accent:
        assert colours.least_contrast(found) < ratio * 1.08


@given(anything)
def test_every_theme_can_be_read_by_day_and_night(accent):
    made = colours.theme(colours.nearest(accent))
    for grounds, look in ((LIGHT_GROUNDS, made.light), (DARK_GROUNDS, made.dark)):
        for ground in (*grounds, look["jade-tint"]):
            assert colours.contrast(look["jade"], ground) >= AA
        assert colours.contrast(look["on-jade"], look["jade"]) >= AA


def test_the_grounds_are_those_of_the_style_sheets():
    ui = Path(colours.__file__).parent
    for sheet in (ui / "static/work/work.css", ui.parents[1] / "browser/css/reporter.css"):
        if sheet.exists():
            text = sheet.read_text()
            assert re.findall(r"--paper: (#\w{6})", text)[:2] == [LIGHT_GROUNDS[0], DARK_GROUNDS[0]]
            assert re.findall(r"--sheet: (#\w{6})", text)[:2] == [LIGHT_GROUNDS[1], DARK_GROUNDS[1]]


def test_our_own_jade_is_as_readable_as_the_look_says():
    assert colours.least_contrast("#095047") >= AAA

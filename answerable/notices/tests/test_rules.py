"""Every mail looks the same from outside."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from answerable.notices import rules

NOW = datetime(2026, 11, 5, 9, 10, tzinfo=UTC)
LETTERS = st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=1, max_size=60)


@given(LETTERS, LETTERS, st.sampled_from([[], ["en"], ["zh"], ["en", "zh"], ["fr"]]), st.uuids())
def test_every_mail_has_the_same_size_and_subject(name, organisation, languages, notice):
    raw = rules.mail(
        notice,
        to=f"{name}@{organisation}.example",
        sender="answerable@localhost",
        languages=languages,
        link=f"https://report.{organisation}.example/work/{organisation}/notices/",
        host="localhost",
        now=NOW,
    )
    assert len(raw) == rules.MAIL_BYTES
    assert raw.count(b"Subject: ") == 1
    assert all(len(line) <= 78 for line in raw.split(b"\r\n") if line.startswith(b"X-Padding"))


def test_a_repeat_would_carry_the_same_number():
    one, two = (
        rules.mail(
            UUID(int=7), to="a@b.example", sender="s@h", languages=["en"], link="x", host="h", now=when
        )
        for when in (NOW, NOW + timedelta(days=1))
    )
    number = b"Message-ID: <00000000-0000-0000-0000-000000000007@h>"
    assert number in one
    assert number in two


def test_people_read_their_own_languages():
    assert "请登录" not in rules.words_for(["en"], "x")
    assert "Please sign in" not in rules.words_for(["zh"], "x")
    both = rules.words_for(["zh", "en"], "x")
    assert "请登录" in both
    assert "Please sign in" in both
    assert rules.words_for([], "x") == both


@pytest.mark.parametrize(("tries", "minutes"), [(1, 1), (2, 5), (3, 15), (4, 60), (5, 240), (23, 240)])
def test_pauses_grow_to_four_hours(tries, minutes):
    assert rules.next_try(tries, now=NOW) == NOW + timedelta(minutes=minutes)


def test_after_four_days_it_stops():
    assert rules.next_try(rules.TRIES, now=NOW) is None

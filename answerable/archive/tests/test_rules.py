"""Which backups stay, when the next is due, and what a rollback would lose."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from answerable.archive import rules
from answerable.archive.errors import ArchiveError
from answerable.archive.rules import Head, Keep

NIGHT = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)


def nights(count: int) -> list[str]:
    return [rules.name_of(NIGHT - timedelta(days=day)) for day in range(count)]


def test_a_week_of_days_a_month_of_weeks_and_a_quarter_stay():
    names = nights(200)
    kept = set(names) - set(rules.outdated(names, Keep(7, 4, 3)))
    assert {rules.name_of(NIGHT - timedelta(days=day)) for day in range(7)} <= kept
    days = sorted((made for name in kept if (made := rules.made_at(name))), reverse=True)
    assert len(days) <= 14
    assert days[-1].month == 9, "the newest of September is the third month's"


def test_a_second_backup_of_a_day_replaces_the_first():
    earlier, later = rules.name_of(NIGHT), rules.name_of(NIGHT + timedelta(hours=5))
    assert rules.outdated([earlier, later], Keep(7, 0, 0)) == [earlier]


def test_files_of_other_names_are_never_dropped():
    assert (
        rules.outdated(["payroll.zip", "answerable-x.age", "answerable-20261399T000000Z.age"], Keep(1, 0, 0))
        == []
    )


@given(st.lists(st.integers(0, 4000), unique=True), st.integers(0, 9), st.integers(0, 9), st.integers(0, 9))
def test_the_newest_always_stays(hours, daily, weekly, monthly):
    names = [rules.name_of(NIGHT - timedelta(hours=each)) for each in hours]
    dropped = rules.outdated(names, Keep(daily, weekly, monthly))
    if names and daily + weekly + monthly:
        assert max(names) not in dropped
        assert len(names) - len(dropped) <= daily + weekly + monthly


@given(st.text())
def test_any_setting_is_a_rotation_or_an_error_of_ours(text):
    with suppress(ArchiveError):
        assert rules.keep_of(text)


def test_a_backup_is_due_once_the_hour_has_passed_since_the_last():
    assert rules.due(None, NIGHT, 2)
    assert not rules.due(NIGHT, NIGHT + timedelta(hours=23, minutes=59), 2)
    assert rules.due(NIGHT, NIGHT + timedelta(hours=24), 2)
    assert rules.due(NIGHT - timedelta(minutes=1), NIGHT, 2)


def test_a_rollback_names_the_leaves_that_would_be_lost():
    here = {"a": Head("x/log/a", 12), "b": Head("x/log/b", 5), "c": Head("x/log/c", 3)}
    backup = {"a": Head("x/log/a", 10), "b": Head("x/log/b", 5)}
    first, second = rules.lost(here, backup)
    assert "leaves 10 to 11" in first
    assert "not in the backup" in second
    assert rules.lost(backup, here) == []


@pytest.mark.parametrize("text", ["0,0,0", "-1,2,3", "7"])
def test_a_rotation_that_keeps_nothing_is_refused(text):
    with pytest.raises(ArchiveError):
        rules.keep_of(text)

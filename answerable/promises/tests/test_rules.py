"""Dates are computed from receipt, in the organisation's time zone, and a miss climbs the ladder by itself."""

import json
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from answerable_protocol import calendar
from hypothesis import given
from hypothesis import strategies as st

from answerable.promises import rules
from answerable.promises.errors import BadPack, NotFound, PromisesError

DAY = timedelta(days=1)


def due(received: datetime, jurisdiction: str | None, zone: str = "Europe/Paris") -> dict[str, datetime]:
    return {each.id: each.due for each in rules.due_promises(received, jurisdiction, zone)}


def test_everyone_gets_our_own_promises_and_each_law_its_own() -> None:
    own = ["own-acknowledged", "own-owner", "own-feedback"]
    assert [each.id for each in rules.rules_for(None)] == own
    assert [each.id for each in rules.rules_for("CN")] == own
    assert [each.id for each in rules.rules_for("IE")] == [*own, "eu-acknowledged", "eu-feedback"]
    assert [each.id for each in rules.rules_for("FR")] == [*own, "fr-acknowledged", "fr-feedback"]


def test_a_day_is_24_hours_even_when_the_clocks_change() -> None:
    received = datetime(2026, 10, 24, 12, 0, tzinfo=UTC)  # the night after, Paris gets an hour more
    assert due(received, None)["own-acknowledged"] == received + timedelta(hours=24)


def test_seven_days_keep_the_time_of_day_over_a_change_of_clocks() -> None:
    received = datetime(2026, 10, 23, 12, 0, tzinfo=UTC)  # 14:00 in Paris, summer time
    assert due(received, "DE")["eu-acknowledged"] == datetime(
        2026, 10, 30, 13, 0, tzinfo=UTC
    )  # 14:00, winter time


def test_three_months_are_calendar_months_from_receipt() -> None:
    received = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)
    assert due(received, "IE", "Europe/Dublin")["eu-feedback"] == datetime(2027, 2, 28, 9, 0, tzinfo=UTC)


def test_french_working_days_leave_out_weekends_and_public_holidays() -> None:
    received = datetime(
        2026, 5, 6, 8, 0, tzinfo=UTC
    )  # Wednesday; then 8 May and Ascension (14 May) are holidays
    assert due(received, "FR")["fr-acknowledged"].date() == date(2026, 5, 19)


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1)),  # noqa: DTZ001
    st.sampled_from([None, "CN", "IE", "FR"]),
    st.sampled_from(["UTC", "Asia/Shanghai", "Europe/Paris", "America/New_York", "Pacific/Apia"]),
)
def test_no_date_is_further_away_than_the_span_that_browsers_check(
    received: datetime, jurisdiction: str | None, zone: str
) -> None:
    moment = received.replace(microsecond=0, tzinfo=UTC)
    for each in rules.due_promises(moment, jurisdiction, zone):
        longest = rules.rule(each.id).longest
        assert moment < each.due <= moment + timedelta(days=longest.days, hours=longest.hours)
        assert each.due.tzinfo is UTC


def test_a_year_whose_moved_working_days_are_not_decreed_is_said_so() -> None:
    pack = json.loads((rules.PACKS / "fr.json").read_bytes())
    working = rules.load_pack(json.dumps(pack).encode())[1][0]
    zone = ZoneInfo("Asia/Shanghai")
    known = rules._due(working, datetime(2026, 3, 2, 2, 0, tzinfo=UTC), "CN", zone)
    unknown = rules._due(working, datetime(2034, 3, 1, 2, 0, tzinfo=UTC), "CN", zone)
    assert known.note is None
    assert unknown.note is not None
    assert "2034" in unknown.note["en"]
    assert "调休" in unknown.note["zh"]


def test_a_make_up_day_in_china_counts_as_a_working_day() -> None:
    days = rules.calendar_of("CN", (2026, 2027))
    moved = date(2026, 10, 10)  # a Saturday worked for the National Day holiday
    assert moved.weekday() == 5
    assert calendar.is_working_day(moved, days.holidays, days.make_up, days.weekend)


def test_a_country_we_do_not_know_has_weekends_only() -> None:
    assert rules.calendar_of("XX", (2026, 2027)).holidays == frozenset()


def test_every_rule_says_its_title_and_text_in_both_languages_and_where_it_comes_from() -> None:
    for jurisdiction in (None, "IE", "FR"):
        for rule in rules.rules_for(jurisdiction):
            assert all(rule.title.values())
            assert all(rule.text.values())
            assert rule.source
            assert (rule.law is None) == (rule.pack == "own")


def test_no_such_promise() -> None:
    with pytest.raises(NotFound):
        rules.rule("own-nothing")


@given(
    st.binary()
    | st.recursive(
        st.none() | st.text() | st.integers(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(st.sampled_from(["rules", "jurisdictions", "pack", "id"]), inner)
        ),
    ).map(lambda value: json.dumps(value).encode())
)
def test_any_bytes_are_a_pack_or_our_own_error(data: bytes) -> None:
    with suppress(PromisesError):
        rules.load_pack(data)


@pytest.mark.parametrize(
    "change",
    [{"count": "moons"}, {"span": "P1Y"}, {"keeps": []}, {"keeps": ["shout"]}, {"title": {"en": "x"}}],
)
def test_a_pack_that_is_not_whole_is_refused(change: dict[str, object]) -> None:
    pack = json.loads((rules.PACKS / "own.json").read_bytes())
    pack["rules"][0] |= change
    with pytest.raises(BadPack):
        rules.load_pack(json.dumps(pack).encode())


# --- the ladder ---

DUE = datetime(2026, 11, 5, 9, 0, tzinfo=UTC)
REACH = [["l"], ["o"], ["x"]]


def steps(hours: float, told: int | None, start: int = 0, reach: list[list[str]] = REACH) -> rules.Next:
    return rules.steps_due(
        DUE, DUE + timedelta(hours=hours), told=told, start_rung=start, panel=["p"], reach=reach
    )


def test_a_miss_is_told_to_the_panel_and_the_lead_at_once_and_then_a_rung_a_day() -> None:
    assert steps(0, None) == ([0, 1], DUE + DAY)
    assert steps(24, 1) == ([2], DUE + 2 * DAY)
    assert steps(48, 2) == ([3], None)


def test_after_days_without_a_sweep_every_rung_is_told_once_in_order() -> None:
    assert steps(1000, None) == ([0, 1, 2, 3], None)
    assert steps(1000, 1) == ([2, 3], None)


def test_an_empty_rung_takes_no_time() -> None:
    assert steps(0, None, reach=[[], ["o"], ["x"]]) == ([0, 2], DUE + DAY)
    assert steps(24, 2, reach=[[], ["o"], ["x"]]) == ([3], None)
    assert steps(0, None, reach=[[], [], []]) == ([0], None)


@pytest.mark.parametrize(("start", "first"), [(0, 1), (1, 2), (2, 3), (3, 3), (4, 3)])
def test_the_ladder_starts_above_whom_she_told(start: int, first: int) -> None:
    assert steps(0, None, start=start).rungs == [0, first]


def test_a_clock_that_goes_back_tells_nobody_again() -> None:
    assert steps(-5, 1) == ([], DUE + DAY)

"""Promises are due when a person who looks at the wall calendar and clock would say so."""

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from answerable_protocol import calendar
from answerable_protocol.calendar import Duration
from answerable_protocol.errors import ProtocolError, Unreadable

PARIS = ZoneInfo("Europe/Paris")
SHANGHAI = ZoneInfo("Asia/Shanghai")
FRENCH_2026 = frozenset(
    {
        date(2026, 1, 1), date(2026, 4, 6), date(2026, 5, 1), date(2026, 5, 8), date(2026, 5, 14), date(2026, 5, 25),
        date(2026, 7, 14), date(2026, 8, 15), date(2026, 11, 1), date(2026, 11, 11), date(2026, 12, 25),
    }
)  # fmt: skip
moments = st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1)).map(  # noqa: DTZ001
    lambda moment: moment.replace(microsecond=0, tzinfo=UTC)
)
zones = st.sampled_from(
    ["Europe/Paris", "Asia/Shanghai", "America/St_Johns", "Australia/Lord_Howe", "Pacific/Apia"]
)


def paris(*parts, fold=0):
    return datetime(*parts, tzinfo=PARIS, fold=fold)


def due(start, span, **rules):
    return calendar.due(start, Duration.parse(span), PARIS, **rules)


def test_hours_are_elapsed_time_and_days_keep_the_time_of_day_when_clocks_change():
    start = paris(2026, 3, 28, 12, 0)
    assert due(start, "PT24H") == paris(2026, 3, 29, 13, 0)
    assert due(start, "P1D") == paris(2026, 3, 29, 12, 0)
    start = paris(2026, 10, 24, 12, 0)
    assert due(start, "PT24H") == paris(2026, 10, 25, 11, 0)
    assert due(start, "P1D") == paris(2026, 10, 25, 12, 0)


def test_a_time_that_the_clocks_skip_becomes_as_much_later():
    assert due(paris(2026, 3, 28, 2, 30), "P1D") == paris(2026, 3, 29, 3, 30)
    assert due(paris(2026, 2, 28, 2, 30), "P1M1D") == paris(2026, 3, 29, 3, 30)


def test_of_a_time_that_comes_twice_the_first_is_meant():
    assert due(paris(2026, 10, 24, 2, 30), "P1D") == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert due(paris(2026, 10, 25, 2, 30, fold=1), "P1D") == paris(2026, 10, 26, 2, 30)


@pytest.mark.parametrize(
    ("start", "span", "expected"),
    [
        ((2026, 1, 31), "P1M", (2026, 2, 28)),
        ((2028, 1, 31), "P1M", (2028, 2, 29)),
        ((2028, 2, 29), "P12M", (2029, 2, 28)),
        ((2028, 2, 29), "P48M", (2032, 2, 29)),
        ((2026, 11, 30), "P3M", (2027, 2, 28)),
        ((2026, 12, 31), "P1M", (2027, 1, 31)),
        ((2026, 5, 31), "P1M", (2026, 6, 30)),
        ((2026, 1, 31), "P1M1D", (2026, 3, 1)),
        ((2028, 2, 28), "P1D", (2028, 2, 29)),
        ((2026, 3, 9), "P3M7D", (2026, 6, 16)),
        ((2026, 12, 1), "P3M", (2027, 3, 1)),
    ],
)
def test_months_end_where_the_month_does(start, span, expected):
    assert due(paris(*start, 9), span) == paris(*expected, 9)


def test_seven_working_days_in_a_french_may_leave_out_its_holidays():
    # 1, 8 and 14 May are holidays; 2, 3, 9, 10 weekends.
    found = due(paris(2026, 4, 30, 10), "P7D", working=True, holidays=FRENCH_2026)
    assert found == paris(2026, 5, 13, 10)
    assert due(paris(2026, 4, 30, 10), "P9D", working=True, holidays=FRENCH_2026) == paris(2026, 5, 18, 10)
    assert due(paris(2026, 4, 30, 10), "P7D", working=True) == paris(2026, 5, 11, 10)


def test_a_made_up_sunday_counts_and_golden_week_does_not():
    holidays = frozenset(date(2026, 10, day) for day in range(1, 8))
    start = datetime(2026, 9, 30, 9, tzinfo=SHANGHAI)
    rules = {"working": True, "holidays": holidays, "make_up": frozenset({date(2026, 10, 10)})}
    found = calendar.due(start, Duration(days=3), SHANGHAI, **rules)
    assert found == datetime(2026, 10, 10, 9, tzinfo=SHANGHAI)
    assert calendar.is_working_day(date(2026, 10, 10), make_up={date(2026, 10, 10)})


def test_the_day_is_the_organisations_not_greenwichs():
    start = datetime(2026, 1, 30, 17, tzinfo=UTC)  # 31 January, 01:00 in Shanghai
    assert calendar.due(start, Duration(months=1), SHANGHAI) == datetime(2026, 2, 27, 17, tzinfo=UTC)


def test_a_day_ends_at_its_last_second_also_when_it_has_23_or_25_hours():
    assert calendar.end_of_day(paris(2026, 3, 29, 1), PARIS) == paris(2026, 3, 29, 23, 59, 59)
    assert calendar.end_of_day(paris(2026, 10, 25, 1), PARIS) == datetime(
        2026, 10, 25, 22, 59, 59, tzinfo=UTC
    )


def test_where_nobody_ever_works_there_is_no_answer():
    with pytest.raises(Unreadable):
        due(paris(2026, 1, 1), "P1D", working=True, weekend=range(7))


@pytest.mark.parametrize("span", ["P9999M", "P99999D", "PT999999H", "P9999M99999D"])
def test_a_result_beyond_the_calendar_is_refused(span):
    with pytest.raises(Unreadable):
        due(datetime(9990, 1, 1, tzinfo=UTC), span)


def test_a_naive_time_a_fraction_and_an_empty_span_are_refused():
    for start in (datetime(2026, 1, 1), datetime(2026, 1, 1, 0, 0, 0, 5, tzinfo=UTC)):  # noqa: DTZ001
        with pytest.raises(Unreadable):
            due(start, "P1D")
    with pytest.raises(Unreadable):
        calendar.due(paris(2026, 1, 1), Duration(), PARIS)


@given(moments, zones, st.integers(1, 500), st.integers(1, 60))
def test_what_is_due_is_later_and_in_whole_utc_seconds(start, zone, days, months):
    for span in (Duration(days=days), Duration(months=months), Duration(months, days), Duration(hours=days)):
        found = calendar.due(start, span, ZoneInfo(zone))
        assert found.tzinfo is UTC
        assert not found.microsecond
        assert found > start
        assert found <= calendar.due(start, Duration(span.months, span.days + 1, span.hours), ZoneInfo(zone))


@given(moments, st.integers(1, 60))
def test_working_days_never_end_on_a_day_of_rest(start, days):
    found = calendar.add_working_days(start, days, PARIS, holidays=FRENCH_2026)
    assert calendar.is_working_day(found.astimezone(PARIS).date(), FRENCH_2026)
    assert found - start >= timedelta(days=days) - timedelta(hours=2)


@given(st.text(), st.text(alphabet="PTMDHYW0123456789", max_size=9))
def test_any_text_is_a_span_or_refused(noise, near):
    for text in (noise, near):
        with suppress(ProtocolError):
            assert str(Duration.parse(text)) == text

"""Bytes that every format uses are read strictly and written in one way."""

import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from answerable_protocol import encoding
from answerable_protocol.errors import ProtocolError, Unreadable

values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(codec="ascii")), inner),
    max_leaves=20,
)


@given(values)
def test_what_is_written_is_read_again_and_is_what_plain_json_would_say(value):
    data = encoding.canonical(value)
    assert encoding.parse_json(data) == value == json.loads(data)
    assert encoding.canonical(encoding.parse_json(data)) == data


@given(st.text(st.characters(codec="utf-8") | st.characters(categories=["Cs"])))
def test_half_characters_become_replacement_characters_as_in_a_browser(text):
    # What String.prototype.toWellFormed does, unit by unit.
    units = text.encode("utf-16-le", "surrogatepass")
    units = [int.from_bytes(units[i : i + 2], "little") for i in range(0, len(units), 2)]
    out = []
    for i, unit in enumerate(units):
        high = 0xD800 <= unit < 0xDC00 and i + 1 < len(units) and 0xDC00 <= units[i + 1] < 0xE000
        low = 0xDC00 <= unit < 0xE000 and i > 0 and 0xD800 <= units[i - 1] < 0xDC00
        out.append(0xFFFD if 0xD800 <= unit < 0xE000 and not (high or low) else unit)
    expected = b"".join(unit.to_bytes(2, "little") for unit in out).decode("utf-16-le")
    assert encoding.utf8(text) == expected.encode()
    assert json.loads(encoding.canonical([text])) == [expected]


@given(st.binary() | st.text().map(str.encode))
def test_any_bytes_are_json_or_refused(noise):
    with suppress(Unreadable):
        encoding.canonical(encoding.parse_json(noise))


@given(st.text(alphabet='{}[]",:0123456789-+.eEtrufalsn\\d8 \n', max_size=40))
def test_anything_that_looks_like_json_is_read_as_it_is_written_or_refused(text):
    with suppress(Unreadable):
        value = encoding.parse_json(text.encode())
        assert encoding.parse_json(encoding.canonical(value)) == value


@pytest.mark.parametrize("text", ["[" * 100_000, "9" * 5000, '{"a":' * 100_000])
def test_json_that_would_exhaust_the_reader_is_refused(text):
    with pytest.raises(Unreadable):
        encoding.parse_json(text.encode())


@pytest.mark.parametrize("value", [1.0, 2**53, {"é": 1}, {1: 1}, b"", {1}, object(), [[float("nan")]]])
def test_what_is_outside_the_subset_is_not_written(value):
    with pytest.raises(Unreadable):
        encoding.canonical(value)


def test_a_value_nested_in_itself_is_not_written():
    value = []
    value.append(value)
    with pytest.raises(Unreadable):
        encoding.canonical(value)


@given(st.text() | st.text(alphabet="AQgwYR+/-_=", max_size=9))
def test_base64_has_one_text_for_one_value(text):
    for decode, encode in (
        (encoding.base64_decode, encoding.base64_encode),
        (encoding.base64url_decode, encoding.base64url_encode),
    ):
        with suppress(Unreadable):
            assert encode(decode(text)) == text


@given(st.binary(max_size=100))
def test_base64_gives_the_bytes_back(data):
    assert encoding.base64_decode(encoding.base64_encode(data), len(data)) == data
    assert encoding.base64url_decode(encoding.base64url_encode(data), len(data)) == data
    with pytest.raises(Unreadable):
        encoding.base64_decode(encoding.base64_encode(data), len(data) + 1)


@given(st.text(), st.text(alphabet="0123456789-:TZ", max_size=22))
def test_any_text_is_a_time_and_a_day_or_refused(noise, near):
    for text in (noise, near):
        with suppress(Unreadable):
            assert encoding.time_text(encoding.time_value(text)) == text
        with suppress(Unreadable):
            assert encoding.date_text(encoding.date_value(text)) == text
        with suppress(Unreadable):
            assert encoding.id_text(encoding.id_bytes(text)) == text


def test_times_are_written_in_utc_and_need_a_zone_and_whole_seconds():
    paris = timezone(timedelta(hours=2))
    assert encoding.time_text(datetime(2026, 6, 1, 1, 30, tzinfo=paris)) == "2026-05-31T23:30:00Z"
    assert encoding.time_text(datetime(26, 1, 1, tzinfo=UTC)) == "0026-01-01T00:00:00Z"
    for moment in (datetime(2026, 6, 1), datetime(2026, 6, 1, 0, 0, 0, 1, tzinfo=UTC)):  # noqa: DTZ001
        with pytest.raises(Unreadable):
            encoding.time_text(moment)


def test_a_field_that_its_length_can_not_tell_is_refused():
    assert encoding.lp(b"a" * 65_535)[:2] == b"\xff\xff"
    for part in (b"a" * 65_536, "é" * 32_768):
        with pytest.raises(ProtocolError):
            encoding.lp(part)
    with pytest.raises(ProtocolError):
        encoding.i2osp(256, 1)
    with pytest.raises(ProtocolError):
        encoding.i2osp(-1, 4)

"""Log lines have our own words, a class and places: nothing of a request, whatever raised it."""

import io
import json
import logging

import pytest

from answerable.server.logs import JSONFormatter, PlainFormatter, WithoutWords

MARK = "Kessandra-Vloom 雨伞"


@pytest.mark.parametrize("formatter", [PlainFormatter(), JSONFormatter()], ids=["text", "json"])
def test_no_word_of_a_request_is_logged_in_any_form(formatter: logging.Formatter) -> None:
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.addFilter(WithoutWords())
    handler.setFormatter(formatter)
    foreign, ours = logging.getLogger("django.request"), logging.getLogger("answerable.x")
    for logger in (foreign, ours):
        logger.addHandler(handler)
    try:
        foreign.error("%s: 10.9.8.7 %s", MARK, MARK, extra={"request": MARK, "status_code": 500})
        try:
            raise ValueError(MARK)
        except ValueError:
            foreign.exception(MARK)
            ours.exception("a batch failed", stack_info=True)
    finally:
        for logger in (foreign, ours):
            logger.removeHandler(handler)
    said = out.getvalue()
    assert "Kessandra" not in said
    assert "10.9.8.7" not in said
    assert json.dumps(MARK)[1:-1] not in said
    assert "ValueError at test_no_word_of_a_request_is_logged_in_any_form" in said


def test_json_lines_are_json_with_a_time_in_utc() -> None:
    record = logging.LogRecord("answerable.x", logging.INFO, "f.py", 1, "%d works\nand more", (3,), None)
    record.created = 1_793_872_800.5
    line = JSONFormatter().format(record)
    assert "\n" not in line
    assert json.loads(line) == {
        "at": "2026-11-05T10:00:00.500+00:00",
        "level": "info",
        "logger": "answerable.x",
        "text": "3 works\nand more",
    }

"""Logs without words: what failed and where in our code, never a value, an address or a path of a request."""

import json
import logging
import traceback
from datetime import UTC, datetime
from types import TracebackType

_Raised = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class WithoutWords(logging.Filter):
    """Drops the arguments of foreign log records: they may hold a path, a body or an address."""

    def filter(self, record: logging.LogRecord) -> bool:
        if not record.name.startswith("answerable"):
            record.msg, record.args = f"{record.name}: {record.funcName}", ()
        record.__dict__.pop("request", None)
        return True


def places_of(ei: _Raised) -> str:
    """An exception by its class and the places in the code, without its message."""
    kind, _, trace = ei
    places = [f"{frame.name}:{frame.lineno}" for frame in traceback.extract_tb(trace)]
    return f"{kind.__name__ if kind else 'Error'} at {' < '.join(reversed(places[-8:]))}"


class PlainFormatter(logging.Formatter):
    """Time, level, text; an exception by its class and the places in the code, without its message."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(message)s")

    def formatException(self, ei: _Raised) -> str:  # noqa: N802 - the library's name
        return places_of(ei)

    def formatStack(self, stack_info: str) -> str:  # noqa: ARG002, N802 - source lines may hold anything
        return ""


class JSONFormatter(logging.Formatter):
    """One JSON object a line: `at` (UTC), `level`, `logger`, `text`, and `raised` for an exception. Nothing else of a record."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "text": record.getMessage(),
        }
        if record.exc_info:
            line["raised"] = places_of(record.exc_info)
        return json.dumps(line, ensure_ascii=False)

"""Logs without words: what failed and where in our code, never a value, an address or a path of a request."""

import logging
import traceback
from types import TracebackType

_Raised = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class WithoutWords(logging.Filter):
    """Drops the arguments of foreign log records: they may hold a path, a body or an address."""

    def filter(self, record: logging.LogRecord) -> bool:
        if not record.name.startswith("answerable"):
            record.msg, record.args = f"{record.name}: {record.funcName}", ()
        record.__dict__.pop("request", None)
        return True


class PlainFormatter(logging.Formatter):
    """Time, level, text; an exception by its class and the places in the code, without its message."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(message)s")

    def formatException(self, ei: _Raised) -> str:  # noqa: N802 - the library's name
        kind, _, trace = ei
        places = [f"{frame.name}:{frame.lineno}" for frame in traceback.extract_tb(trace)]
        return f"{kind.__name__ if kind else 'Error'} at {' < '.join(reversed(places[-8:]))}"

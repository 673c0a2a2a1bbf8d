"""Tells a full disk and a busy database apart from our own mistakes, on both databases."""

import errno
import sqlite3
from collections.abc import Iterator

import psycopg

from answerable.ledger.errors import Busy, LedgerError, NoRoom

_FULL_STATES = {"53100"}
# Lock not available, deadlock, serialisation, too many connections, shutting down, read-only (a standby, or fenced).
_BUSY_STATES = {"25006", "55P03", "40P01", "40001", "53300", "57P01", "57P02", "57P03", "57014"}
# SQLite says "full" for ENOSPC alone; a write refused by a quota or a limit comes as an input/output error.
_SQLITE_FULL = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR}
_SQLITE_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: BaseException | None = error
    while seen is not None:
        yield seen
        seen = seen.__cause__


def typed(error: BaseException) -> LedgerError | None:
    """`NoRoom` or `Busy` if that is what `error` comes from, else None."""
    for each in _chain(error):
        if isinstance(each, OSError) and each.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
            return NoRoom("the disk of the data folder is full")
        state = getattr(each, "sqlstate", None)
        code = getattr(each, "sqlite_errorcode", None)
        if state in _FULL_STATES or (code is not None and code & 0xFF in _SQLITE_FULL):
            return NoRoom("the disk of the database is full or refuses to write")
        if state in _BUSY_STATES or (isinstance(state, str) and state.startswith("08")):
            return Busy("the database is busy or away")
        if code is not None and code & 0xFF in _SQLITE_BUSY:
            return Busy("the database is locked by somebody else")
        # PostgreSQL's client without the server's code: never reached, gone in between, or the pool has none left.
        if state is None and isinstance(each, psycopg.OperationalError):
            return Busy("the database gives no connection")
    return None

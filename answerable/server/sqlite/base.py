"""Django's SQLite backend over a SQLite that is safe to use.

The SQLite of stock Pythons (3.7.0 to 3.51.2) can corrupt its write-ahead log when a writer resets it; see
sqlite.org/wal.html, "the WAL-reset bug". `pysqlite3` carries a mended one, and we refuse to start on any other.

Connections are pooled: a server thread that retires never closes its own, so every burst would leak some.
"""

import queue
import sys
from collections import defaultdict
from typing import Any

import pysqlite3
import pysqlite3.dbapi2

# Swapped only while Django's backend is imported, so that nobody else in this process gets another sqlite3.
_ours = {"sqlite3": pysqlite3, "sqlite3.dbapi2": pysqlite3.dbapi2}
_stock = {name: sys.modules.pop(name) for name in _ours if name in sys.modules}
sys.modules.update(_ours)
try:
    from django.db.backends.sqlite3 import base
finally:
    for _name in _ours:
        del sys.modules[_name]
    sys.modules.update(_stock)

if base.Database is not pysqlite3.dbapi2 or base.Database.sqlite_version_info < (3, 51, 3):  # type: ignore[attr-defined]
    raise ImportError("this SQLite can corrupt its write-ahead log: install pysqlite3 0.6.1 or newer")

_idle: defaultdict[str, queue.LifoQueue[Any]] = defaultdict(queue.LifoQueue)


class DatabaseWrapper(base.DatabaseWrapper):
    """Hands a closed connection to the next thread that opens one."""

    _pool_name: str

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        self._pool_name = str(conn_params["database"])
        try:
            return _idle[self._pool_name].get_nowait()
        except queue.Empty:
            return super().get_new_connection(conn_params)

    def _close(self) -> None:
        if self.connection is None or self.is_in_memory_db():
            super()._close()  # type: ignore[misc]
            return
        if self.connection.in_transaction:
            self.connection.rollback()
        _idle[self._pool_name].put(self.connection)

    def close_pool(self) -> None:
        """As on PostgreSQL. A connection must not be carried across a fork: its locks stay behind."""
        close_idle(str(self.settings_dict["NAME"]))


def close_idle(name: str) -> None:
    """Really close the pooled connections of one database file."""
    while True:
        try:
            _idle[name].get_nowait().close()
        except queue.Empty:
            return

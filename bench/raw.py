"""What the disk gives: durable single commits of a 4 kB row a second, on one connection, without anything of ours."""

import os
import time
from pathlib import Path


def sqlite(folder: Path, seconds: float = 3.0) -> float:
    """Commits a second of SQLite, WAL and synchronous=FULL."""
    import pysqlite3

    connection = pysqlite3.connect(str(folder / "raw.sqlite3"), isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE row (id INTEGER PRIMARY KEY, body BLOB)")
    return _rate(lambda body: connection.execute("INSERT INTO row (body) VALUES (?)", (body,)), seconds)


def postgres(url: str, seconds: float = 3.0) -> float:
    """Commits a second of PostgreSQL, synchronous_commit=on."""
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS raw_row (id serial PRIMARY KEY, body bytea)")
        return _rate(
            lambda body: connection.execute("INSERT INTO raw_row (body) VALUES (%s)", (body,)), seconds
        )


def _rate(insert: object, seconds: float) -> float:
    bodies = [os.urandom(4096) for _ in range(64)]
    done, start = 0, time.perf_counter()
    while time.perf_counter() - start < seconds:
        insert(bodies[done % 64])  # type: ignore[operator]
        done += 1
    return done / (time.perf_counter() - start)

"""A PostgreSQL of the tests' own: Debian's binaries, a folder in /tmp, a socket, no network, no root."""

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest


def binaries() -> Path:
    """The newest PostgreSQL that Debian installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    if not found:
        raise RuntimeError("PostgreSQL is missing: run `make tools`")
    return found[-1]


class Cluster:
    """A cluster that tests may stop and start again. `url` is what the setting `database` takes."""

    def __init__(self, *options: str, copied_from: "Cluster | None" = None) -> None:
        self._bin = binaries()
        self.home = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))  # a socket's path holds 107 bytes
        self.url = f"postgresql://postgres@/postgres?host={self.home}"
        self._plain = options
        self._options = [part for option in options for part in ("-c", option)]
        self._who: dict[str, Any] = {"cwd": self.home, "env": {"PATH": str(self._bin), "LC_ALL": "C.UTF-8"}}
        if os.getuid() == 0:  # PostgreSQL refuses root
            shutil.chown(self.home, "postgres", "postgres")
            self._who |= {"user": "postgres", "group": "postgres", "extra_groups": []}
        if copied_from is None:
            init = ["-D", self.home / "d", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync"]
            subprocess.run([self._bin / "initdb", *init], check=True, **self._who, **_QUIET)
        else:
            source = f"host={copied_from.home} user=postgres application_name=standby"
            copy = ["-d", source, "-D", self.home / "d", "-R", "-X", "stream", "-c", "fast", "--no-sync"]
            subprocess.run([self._bin / "pg_basebackup", *copy], check=True, **self._who, **_QUIET)
        self._server: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it answers. Raises RuntimeError if it ends instead."""
        command = [self._bin / "postgres", "-D", self.home / "d", "-k", self.home, "-h", "", *self._options]
        self._server = subprocess.Popen(command, start_new_session=True, **self._who, **_QUIET)
        ready = [self._bin / "pg_isready", "-q", "-h", self.home]
        while subprocess.run(ready, check=False, **self._who, **_QUIET).returncode:
            if self._server.poll() is not None:
                raise RuntimeError("PostgreSQL did not start")
            time.sleep(0.05)

    def stop(self) -> None:
        """End it at once, sessions and all."""
        if self._server is not None:
            self._server.send_signal(signal.SIGINT)
            self._server.wait(20)
            self._server = None

    def kill(self) -> None:
        """End it and every session of it as a machine that loses its power would."""
        if self._server is not None:
            os.killpg(self._server.pid, signal.SIGKILL)
            self._server.wait(20)
            self._server = None

    def standby(self) -> "Cluster":
        """A copy that follows this one synchronously: from now on, a commit here waits until it is durable there."""
        made = Cluster(*self._plain, copied_from=self)
        made.start()
        name = "ALTER SYSTEM SET synchronous_standby_names = 'FIRST 1 (standby)'"
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(name)
            connection.execute("SELECT pg_reload_conf()")
            asked = "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'"
            while not connection.execute(asked).fetchone()[0]:  # type: ignore[index]
                time.sleep(0.05)
        return made

    def promote(self) -> None:
        """Make a standby the one that takes writes, and wait until it does. It waits for no other standby."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute("SELECT pg_promote(wait => true)")
            connection.execute("ALTER SYSTEM RESET synchronous_standby_names")
            connection.execute("SELECT pg_reload_conf()")

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self.home, ignore_errors=True)


_QUIET: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


@contextlib.contextmanager
def cluster(*options: str) -> Iterator[Cluster]:
    """A cluster, started, with these further settings (`name=value`)."""
    made = Cluster(*options)
    try:
        made.start()
        yield made
    finally:
        made.remove()


@contextlib.contextmanager
def own_database() -> Iterator[str]:
    """The address of an empty database on the cluster of `make test`, dropped at the end; skips where there is none."""
    cluster_url = os.environ.get("ANSWERABLE_TEST_POSTGRES", "")
    if not cluster_url:
        pytest.skip("no PostgreSQL: `make test` starts one")
    name = f"test_{uuid4().hex[:12]}"
    with psycopg.connect(cluster_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        try:
            yield cluster_url.replace("/postgres?", f"/{name}?")
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextlib.contextmanager
def started(*, durable: bool = False) -> Iterator[str]:
    """Yields a `postgresql://` address, as the setting `database` takes it. `durable` keeps fsync on (for benchmarks)."""
    with cluster(f"fsync={'on' if durable else 'off'}", "max_connections=200") as running:
        yield running.url

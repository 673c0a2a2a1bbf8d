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


def binaries() -> Path:
    """The newest PostgreSQL that Debian installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    if not found:
        raise RuntimeError("PostgreSQL is missing: run `make tools`")
    return found[-1]


@contextlib.contextmanager
def started(*, durable: bool = False) -> Iterator[str]:
    """Yields a `postgresql://` address, as the setting `database` takes it. `durable` keeps fsync on (for benchmarks)."""
    bindir = binaries()
    home = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))  # a socket's path holds 107 bytes
    who: dict[str, Any] = {"cwd": home, "env": {"PATH": str(bindir), "LC_ALL": "C.UTF-8"}}
    if os.getuid() == 0:  # PostgreSQL refuses root
        shutil.chown(home, "postgres", "postgres")
        who |= {"user": "postgres", "group": "postgres", "extra_groups": []}
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    init = [bindir / "initdb", "-D", home / "d", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync"]
    subprocess.run(init, check=True, **who, **quiet)
    sync = "on" if durable else "off"
    command = [
        bindir / "postgres",
        "-D",
        home / "d",
        "-k",
        home,
        "-h",
        "",
        "-c",
        f"fsync={sync}",
        "-c",
        "max_connections=200",
    ]
    server = subprocess.Popen(command, **who, **quiet)
    try:
        while subprocess.run([bindir / "pg_isready", "-q", "-h", home], check=False, **quiet).returncode:
            if server.poll() is not None:
                raise RuntimeError("PostgreSQL did not start")
            time.sleep(0.05)
        yield f"postgresql://postgres@/postgres?host={home}"
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(20)
        shutil.rmtree(home, ignore_errors=True)

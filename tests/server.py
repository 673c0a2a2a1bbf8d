"""A real server in a process of its own, on a free port, over a data folder of its own."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Server:
    """A running server; `output` holds all it printed."""

    process: subprocess.Popen[bytes]
    port: int
    data: Path
    output: Path

    @property
    def base(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def worker(self) -> int:
        """Process id of the worker that serves."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return int(children.split()[-1])

    def kill(self) -> None:
        """End the main process as a crash would: its worker must die with it."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(20)

    def stop(self) -> None:
        """End it as an operator would."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(15)
        if self.process.poll() is None:
            self.kill()


def start(
    data: Path, *, command: str = "serve", port: int | None = None, wait: float = 120, **environment: str
) -> Server:
    """Start `answerable <command>` and wait until it answers. Raises RuntimeError with its output if it does not."""
    port = port or free_port()
    data.mkdir(parents=True, exist_ok=True)
    output = data.parent / f"{data.name}-{port}.out"
    settings = {
        "ANSWERABLE_CONFIG": "",
        "ANSWERABLE_DATA": str(data),
        "ANSWERABLE_HTTPS": "no",
        "ANSWERABLE_WORK_BITS": "4",
        **environment,
    }
    with output.open("ab") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "answerable", command, "--port", str(port)],
            cwd=ROOT,
            env={**{k: v for k, v in os.environ.items() if not k.startswith("ANSWERABLE_")}, **settings},
            stdout=out,
            stderr=out,
        )
    server = Server(process, port, data, output)
    end = time.monotonic() + wait
    while time.monotonic() < end:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended: {output.read_text(errors='replace')[-3000:]}")
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v1/openapi.json", timeout=2).read()
        except urllib.error.HTTPError:
            return server
        except OSError:
            time.sleep(0.1)
        else:
            return server
    server.stop()
    raise RuntimeError(f"the server did not answer: {output.read_text(errors='replace')[-3000:]}")


def run(data: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run one command of the product to its end."""
    from tests.inside import environment as settings

    command = [sys.executable, "-m", "answerable", *arguments]
    return subprocess.run(
        command,
        cwd=ROOT,
        env=settings(data, environment),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@contextlib.contextmanager
def running(data: Path, **options: str) -> Iterator[Server]:
    """A server for the length of a `with` block."""
    server = start(data, **options)  # type: ignore[arg-type]
    try:
        yield server
    finally:
        server.stop()

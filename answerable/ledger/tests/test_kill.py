"""kill -9 in the middle of writing: nothing acknowledged is lost, nothing is doubled, the log verifies."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

CHILD = "answerable.ledger.tests.crash_child"


def child(data: Path, mode: str) -> subprocess.Popen[str]:
    environment = os.environ | {
        "ANSWERABLE_DATA": str(data),
        "DJANGO_SETTINGS_MODULE": "answerable.server.settings",
    }
    return subprocess.Popen(
        [sys.executable, "-m", CHILD, mode], env=environment, stdout=subprocess.PIPE, text=True
    )


def done(data: Path, mode: str) -> list[str]:
    process = child(data, mode)
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    return out.splitlines()


def killed_after(data: Path, lines: int) -> list[str]:
    """The events that were acknowledged to a client before the writer was killed, without warning."""
    with child(data, "write") as process:
        assert process.stdout is not None
        seen = [process.stdout.readline() for _ in range(lines)]
        time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        seen += process.stdout.readlines()
    assert process.returncode == -signal.SIGKILL
    return [line.strip() for line in seen if line.endswith("\n")]


def test_a_writer_killed_again_and_again_loses_and_doubles_nothing(tmp_path: Path) -> None:
    done(tmp_path, "prepare")
    acknowledged: list[str] = []
    for lines in (150, 900):
        acknowledged += killed_after(tmp_path, lines)
        there = done(tmp_path, "check")
        assert len(set(there)) == len(there)
        assert set(acknowledged) <= set(there)
    assert len(acknowledged) > 1_000

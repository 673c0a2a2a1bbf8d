"""`make test`, after the checks: Python on SQLite, the site again on PostgreSQL, the browser's code, real journeys."""

import os
import subprocess
import sys
import time
from pathlib import Path

from tests.postgres import started

ROOT = Path(__file__).resolve().parents[1]
PYTEST = [sys.executable, "-m", "pytest"]


def step(name: str, command: list[str], folder: Path = ROOT, **environment: str) -> bool:
    """Run one part with its output shown; True if it passed."""
    print(f"== {name}", flush=True)
    start = time.monotonic()
    done = subprocess.run(command, cwd=folder, env={**os.environ, **environment}, check=False)
    print(
        f"== {name}: {'passed' if done.returncode == 0 else 'FAILED'} in {time.monotonic() - start:.0f} s",
        flush=True,
    )
    return done.returncode == 0


def main() -> int:
    """All parts, also after one failed; 1 if any did."""
    os.environ["PYTHONPATH"] = str(ROOT)
    results = [
        step("browser's code", ["npm", "test", "--silent"], ROOT / "browser"),
        step("protocol and site on SQLite", [*PYTEST, "-n", "2", "protocol/tests", "answerable"]),
        step("reporter's pages in Chromium", [*PYTEST, "-n", "2", "browser/test"]),
    ]
    with started() as url:
        databases = {"ANSWERABLE_DATABASE": url}
        results.append(
            step("site on PostgreSQL", [*PYTEST, "-n", "2", "-m", "not browser", "answerable"], **databases)
        )
        results.append(
            step(
                "journeys, crashes, sentinels",
                [*PYTEST, "-n", "2", "--dist", "loadfile", "tests"],
                ANSWERABLE_TEST_POSTGRES=url,
            )
        )
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())

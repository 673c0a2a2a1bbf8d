"""`make test`, after the checks: Python on SQLite, the site again on PostgreSQL, the browser's code, real journeys."""

import os
import subprocess
import sys
import time
from pathlib import Path

from tests.postgres import started

ROOT = Path(__file__).resolve().parents[1]
PYTEST = [sys.executable, "-m", "pytest", "-rs"]  # whatever is skipped is said with its reason
only_alone: list[str] = []
THOROUGH = "ANSWERABLE_THOROUGH" in os.environ
"""`make thorough` also runs what is left out below, for the time it takes."""
LEFT_OUT = [
    "answerable/archive/tests/test_restore.py::test_an_archive_without_its_end_is_a_cut_file",
    "answerable/archive/tests/test_restore.py::test_an_older_versions_backup_is_brought_to_this_one",
    "answerable/archive/tests/test_restore.py::test_a_key_file_may_be_locked_by_a_password",
    "tests/test_upgrade.py::test_a_killed_upgrade_goes_on_where_it_was",
    "tests/test_operators_path.py",
    "tests/test_database_away.py",
    "tests/test_failover.py",
]
ONCE = ["answerable/archive", "answerable/policies", "answerable/jobads"]
"""Left out of the second run, on PostgreSQL: a restore takes seconds each, and the readers of texts have no database."""


def fewer(*more: str) -> list[str]:
    """pytest's options that leave out the long tests."""
    return [] if THOROUGH else [f"--deselect={each}" for each in (*LEFT_OUT, *more)]


def step(name: str, command: list[str], folder: Path = ROOT, **environment: str) -> bool:
    """Run one part with its output shown; True if it passed.

    A test of real browsers, processes and clocks may lose a race on a busy machine. What failed is run once more, alone
    and in the open; failing twice is a failure, and what passed only the second time is named at the end.
    """
    print(f"== {name}", flush=True)
    start = time.monotonic()
    code, failed = shown(command, folder, environment)
    if code and failed and command[: len(PYTEST)] == PYTEST:
        print(f"== {name}: once more, alone: {' '.join(failed)}", flush=True)
        code, _ = shown([*PYTEST, *failed], folder, environment)
        if not code:
            only_alone.extend(failed)
    print(f"== {name}: {'passed' if code == 0 else 'FAILED'} in {time.monotonic() - start:.0f} s", flush=True)
    return code == 0


def shown(command: list[str], folder: Path, environment: dict[str, str]) -> tuple[int, list[str]]:
    """Exit status and the names of failed tests of a command whose output is passed on."""
    failed = []
    with subprocess.Popen(
        command, cwd=folder, env={**os.environ, **environment}, stdout=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout
        for line in running.stdout:
            print(line, end="", flush=True)
            if line.startswith(("FAILED ", "ERROR ")) and "::" in line:
                failed.append(line.split(" ", 1)[1].split(" - ")[0].strip())
    return running.returncode, failed


def main() -> int:
    """All parts, also after one failed; 1 if any did."""
    os.environ["PYTHONPATH"] = str(ROOT)
    results = [
        step("browser's code", ["npm", "test", "--silent"], ROOT / "browser"),
        step("protocol and site on SQLite", [*PYTEST, "-n", "2", *fewer(), "protocol/tests", "answerable"]),
        step("reporter's pages in Chromium", [*PYTEST, "-n", "2", "browser/test"]),
    ]
    with started() as url:
        databases = {"ANSWERABLE_DATABASE": url}
        results.append(
            step(
                "site on PostgreSQL",
                [*PYTEST, "-n", "2", "-m", "not browser", *fewer(*ONCE), "answerable"],
                **databases,
            )
        )
        results.append(
            step(
                "journeys, crashes, sentinels",
                [*PYTEST, "-n", "2", "--dist", "loadfile", *fewer(), "tests"],
                ANSWERABLE_TEST_POSTGRES=url,
            )
        )
    if not THOROUGH:
        print(
            f"not run here, but by `make thorough`: {', '.join(LEFT_OUT)}; on PostgreSQL: {', '.join(ONCE)}"
        )
    for name in only_alone:
        print(f"passed only when run again, alone: {name}")
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())

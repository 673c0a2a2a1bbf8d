"""`make check`: everything that can be told without running the product. Prints one line a check, details on failure."""

import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PYTHON = [sys.executable, "-m"]
BIN = Path(sys.executable).parent
CHECKS: list[tuple[str, list[str], Path]] = [
    ("format", [*PYTHON, "ruff", "format", "--check", "-q", "."], ROOT),
    ("lint", [*PYTHON, "ruff", "check", "-q", "."], ROOT),
    ("types", [*PYTHON, "mypy", "--no-error-summary"], ROOT),
    (
        "types of the protocol",
        [*PYTHON, "mypy", "--no-error-summary", "--strict", "-p", "answerable_protocol"],
        ROOT / "protocol",
    ),
    ("architecture", [str(BIN / "lint-imports"), "--no-cache"], ROOT),
    ("dependencies", [*PYTHON, "deptry", "answerable"], ROOT),
    ("requirements.txt", [sys.executable, str(ROOT / "tests" / "requirements.py")], ROOT),
    ("templates", [*PYTHON, "djlint", "answerable", "--lint", "--quiet"], ROOT),
    (
        "migrations",
        [
            *PYTHON,
            "django",
            "makemigrations",
            "--check",
            "--dry-run",
            "--settings",
            "answerable.server.settings",
        ],
        ROOT,
    ),
    ("browser types and lint", ["npm", "run", "-s", "check"], ROOT / "browser"),
    ("browser bundle, byte for byte", [sys.executable, str(ROOT / "tests" / "rebuild.py")], ROOT),
]


def main() -> int:
    """Run every check, also after one failed; 1 if any did."""
    failed = []
    for name, command, folder in CHECKS:
        start = time.monotonic()
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        print(
            f"{'ok  ' if done.returncode == 0 else 'FAIL'} {name} ({time.monotonic() - start:.1f} s)",
            flush=True,
        )
        if done.returncode:
            failed.append(name)
            print(done.stdout[-6000:], done.stderr[-4000:], sep="\n", flush=True)
    if failed:
        print(f"check: {len(failed)} of {len(CHECKS)} failed: {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

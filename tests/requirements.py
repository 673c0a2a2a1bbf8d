"""Compares requirements.txt (for plain pip) with what uv.lock says; `--write` renews it."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
EXPORT = ["export", "-q", "--locked", "--no-dev", "--no-emit-workspace", "--no-header", "--no-annotate"]


def main() -> int:
    """0 if they agree."""
    command = [str(ROOT / ".boot" / "bin" / "uv"), *EXPORT]
    fresh = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    path = ROOT / "requirements.txt"
    if "--write" in sys.argv:
        path.write_text(fresh, encoding="utf-8")
    if path.read_text(encoding="utf-8") != fresh:
        print("requirements.txt is behind uv.lock: python tests/requirements.py --write")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Builds the browser's bundle again and compares every byte with the committed one."""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BUNDLE = ROOT / "answerable" / "ui" / "bundle"


def digests(folder: Path) -> dict[str, str]:
    """Relative path to SHA-256 of every file below `folder`."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def main() -> int:
    """0 if a fresh build equals the committed bundle, 1 and the list of differences if not."""
    with tempfile.TemporaryDirectory() as scratch:
        out = Path(scratch) / "bundle"
        subprocess.run(
            ["node", "build.mjs"],
            cwd=ROOT / "browser",
            env={**os.environ, "BUNDLE_OUT": str(out)},
            check=True,
            stdout=subprocess.DEVNULL,
        )
        fresh, kept = digests(out), digests(BUNDLE)
        shutil.rmtree(out)
    different = sorted(name for name in fresh.keys() | kept.keys() if fresh.get(name) != kept.get(name))
    for name in different:
        print(f"differs: {name}")
    return 1 if different or not fresh else 0


if __name__ == "__main__":
    sys.exit(main())

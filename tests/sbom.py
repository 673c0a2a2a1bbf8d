"""`make sbom`: what the product is made of, as one CycloneDX file: Python packages, browser packages, and SQLite inside one.

Python from requirements.txt (what is installed, with hashes), the browser from its lock file without tools for building.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
OUT = ROOT / "dist" / "sbom.cdx.json"


def python_packages() -> dict[str, Any]:
    command = [str(Path(sys.executable).parent / "cyclonedx-py"), "requirements", "--output-reproducible"]
    bare = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "UV_"))}
    more = ["--pyproject", "pyproject.toml", "--mc-type", "application", "--of", "JSON", "requirements.txt"]
    done = subprocess.run([*command, *more], cwd=ROOT, env=bare, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def browser_packages() -> dict[str, Any]:
    command = [
        "npm",
        "sbom",
        "--package-lock-only",
        "--omit",
        "dev",
        "--omit",
        "optional",
        "--sbom-format",
        "cyclonedx",
    ]
    done = subprocess.run(command, cwd=ROOT / "browser", capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def sqlite() -> list[dict[str, Any]]:
    """The database engine that a wheel carries inside: scanners look for it by its own name."""
    try:
        import pysqlite3
    except ImportError:
        return []
    version = pysqlite3.sqlite_version
    return [{"type": "library", "bom-ref": f"sqlite@{version}", "name": "sqlite", "version": version,
             "cpe": f"cpe:2.3:a:sqlite:sqlite:{version}:*:*:*:*:*:*:*"}]  # fmt: skip


def made() -> dict[str, Any]:
    """Both lists in one; no address of any registry or folder of the machine it is made on."""
    bom, browser = python_packages(), browser_packages()
    parts = [*bom.get("components", []), *browser.get("components", []), *sqlite()]
    for each in parts:
        each.pop("externalReferences", None)
        each["properties"] = []
        if str(each.get("description", "")).startswith("requirements line"):
            each["description"] = ""
    bom["components"] = [{name: value for name, value in each.items() if value} for each in parts]
    links = [*bom.get("dependencies", []), *browser.get("dependencies", [])]
    bom["dependencies"] = list({each["ref"]: each for each in links}.values())
    bom["metadata"].pop("tools", None)
    return bom


def main() -> int:
    bom = made()
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps(bom, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    print(f"{len(bom['components'])} components written to {OUT.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""`make scan`: schemathesis over every route of docs/openapi.json and wapiti over the pages, against a running server.

What they say, and why it is so, stands in docs/scans.md. Exit 1 if schemathesis finds a failure or wapiti a vulnerability that
is not explained there.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests import server as servers
from tests.inside import ROOT, inside

BIN = Path(sys.executable).parent
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
NOT = "wapp nikto wp_enum cms brute_login_form buster log4shell shellshock spring4shell ssrf takeover network_device"
MODULES = ",".join(["all", *(f"-{name}" for name in NOT.split())])
"""All but those that ask the world outside, or look for other makers' programs."""
EXPLAINED = {"HttpOnly Flag cookie", "Secure Flag cookie"}
"""Kinds of findings of wapiti that docs/scans.md explains."""


def schemathesis(base: str, *, seconds: int, examples: int) -> int:
    command = [
        str(BIN / "schemathesis"),
        "run",
        str(ROOT / "docs" / "openapi.json"),
        *("--url", base, "--checks", CHECKS, "--max-examples", str(examples), "--max-time", str(seconds)),
        *("--request-timeout", "30", "--generation-deterministic", "--no-shrink", "--warnings", "off"),
        "--continue-on-failure",
    ]
    with tempfile.TemporaryDirectory() as folder:
        return subprocess.run(command, check=False, cwd=folder).returncode


def wapiti(base: str, folder: Path, *, seconds: int) -> dict[str, list[dict[str, str]]]:
    """Findings by kind."""
    out = folder / "wapiti.json"
    command = [
        *(str(ROOT / ".boot" / "bin" / "uv"), "tool", "run", "-q", "--from", "wapiti3==3.2.3", "wapiti"),
        *("-u", f"{base}/o/bench/en/", "--scope", "domain", "-m", MODULES, "-f", "json", "-o", str(out)),
        *(
            "--max-scan-time",
            str(seconds),
            "--flush-session",
            "--store-session",
            str(folder),
            "--no-bugreport",
        ),
        *(
            "-s",
            f"{base}/work/accounts/login/",
            "-s",
            f"{base}/log/bench/checkpoint",
            "--verbose",
            "1",
            "--max-attack-time",
            "10",
            "-d",
            "3",
        ),
    ]
    bare = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    subprocess.run(command, check=False, cwd=folder, env=bare, timeout=seconds + 120)
    found = json.loads(out.read_text(encoding="utf-8"))
    return {kind: each for kind, each in found["vulnerabilities"].items() if each}


def main() -> int:
    """Both, one after the other."""
    seconds = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    with tempfile.TemporaryDirectory() as name:
        data = Path(name) / "data"
        data.mkdir()
        inside(data, "", module="bench.prepare")
        with servers.running(data) as server:
            failed = schemathesis(server.base, seconds=seconds, examples=20)
            found = wapiti(server.base, Path(name), seconds=seconds)
            with_trace = "Traceback" in server.output.read_text(errors="replace")
    for kind, each in found.items():
        print(
            f"wapiti: {kind}: {len(each)}, such as {each[0]['method']} {each[0]['path']}: {each[0]['info']}"
        )
    unexplained = set(found) - EXPLAINED
    print(
        f"schemathesis: {failed}; wapiti: {len(found)} kinds, unexplained: {sorted(unexplained) or 'none'}; trace: {with_trace}"
    )
    return 1 if failed or unexplained or with_trace else 0


if __name__ == "__main__":
    sys.exit(main())

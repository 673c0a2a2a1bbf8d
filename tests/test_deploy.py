"""What lies in deploy/ is understood by the programs it is for, where this machine has them."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
UNITS = sorted((ROOT / "deploy" / "systemd").glob("*.service"))


def needs(program: str) -> str:
    found = shutil.which(program) or shutil.which(program, path="/usr/sbin")
    if not found:
        pytest.skip(f"{program} is not here")
    return found


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.stem)
def test_a_unit_is_tight(unit: Path) -> None:
    command = [needs("systemd-analyze"), "security", "--offline=true", "--threshold=15", str(unit)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-500:] + done.stderr


def test_units_differ_only_in_what_they_start() -> None:
    bodies = {
        re.sub(r"^(#|Description=|ExecStart=).*$", "", path.read_text(), flags=re.MULTILINE) for path in UNITS
    }
    assert len(UNITS) == 3
    assert len(bodies) == 1


def test_caddy_understands_its_file() -> None:
    command = [
        needs("caddy"),
        "validate",
        "--adapter",
        "caddyfile",
        "--config",
        str(ROOT / "deploy/Caddyfile"),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_no_proxy_keeps_or_passes_an_address() -> None:
    nginx, caddy = ((ROOT / "deploy" / name).read_text() for name in ("nginx.conf", "Caddyfile"))
    assert nginx.count("access_log off;") == nginx.count("server {")
    assert re.findall(r"^\s*log\b.*", caddy, flags=re.MULTILINE) == [
        "\tlog default {"
    ]  # messages; no access log
    assert "exclude http.log.error" in caddy
    assert "$remote_addr" not in nginx
    assert "header_up -X-Forwarded-For" in caddy


def test_the_container_is_not_root_and_installs_by_hash() -> None:
    text = (ROOT / "deploy" / "Containerfile").read_text()
    assert re.search(r"^USER 10001:10001$", text, flags=re.MULTILINE)
    assert "--require-hashes" in text
    assert "HEALTHCHECK" in text
    sources = [
        part
        for line in re.findall(r"^COPY (?!--from)(.*)$", text, flags=re.MULTILINE)
        for part in line.split()[:-1]
    ]
    assert all((ROOT / source).exists() for source in sources)

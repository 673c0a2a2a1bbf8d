"""Follows the blocks of docs/for-operators.md that say `sh path <name>`, word for word, in a scratch folder.

What is put in place of the real thing, and nothing else:
- absolute folders and ports lie in the scratch folder; `report.example.org` is this machine (Caddy's own authority signs);
- `sudo` runs as whoever runs the test; `apt-get`, `useradd` do nothing (the machine has, or lacks, what it has);
- `systemctl` starts what the unit's ExecStart says, with the unit's Environment, and stops it with SIGTERM;
- without Caddy, `tests/tls.py` ends TLS in its place, and says so.
"""

import json
import os
import re
import shlex
import shutil
import ssl
import stat
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

from tests.server import ROOT, free_port

DOC = ROOT / "docs" / "for-operators.md"
BLOCK = re.compile(r"^```sh path (?P<name>\w+)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks() -> dict[str, str]:
    """The path's blocks by name, as they stand in the document."""
    return {found["name"]: found["body"] for found in BLOCK.finditer(DOC.read_text(encoding="utf-8"))}


INSTALL = """#!/bin/sh
a=""
for x; do
    case "$skip$x" in
    -o | -g) skip=1 ;;
    1*) skip="" ;;
    *) a="$a $x" ;;
    esac
done
exec /usr/bin/install $a
"""
"""Without the owners, who are not on this machine."""
OURS = "{\n\tadmin off\n\tskip_install_trust\n\tauto_https disable_redirects\n\tlog default"


class Machine:
    """A make-believe Debian machine in a scratch folder."""

    def __init__(self, root: Path, *, installed: Path = ROOT, **more: str) -> None:
        self.root, self.installed = root, installed
        self.tls, self.took = free_port(), {}  # type: ignore[var-annotated]
        ports = {port: str(free_port()) for port in ("8000", "8001", "8002", "9464")}
        self.ports = ports
        self.instead = {
            "/opt/answerable": str(installed),
            "/etc/": f"{root}/etc/",
            "/var/lib/": f"{root}/lib/",
            "/usr/local/bin/": f"{root}/bin/",
            "/mnt/backup": f"{root}/backup",
            "https://report.example.org": f"https://localhost:{self.tls}",
            "report.example.org {": f"https://localhost:{self.tls} {{\n\ttls internal",
            "report.example.org": "localhost",
            "127.0.0.1:9464": f"127.0.0.1:{ports['9464']}",
            **more,
        }
        for folder in ("bin", "etc/systemd/system", "etc/caddy", "lib", "run", "home"):
            (root / folder).mkdir(parents=True, exist_ok=True)
        self.caddy = shutil.which("caddy")
        (root / "machine.json").write_text(
            json.dumps(
                {
                    "instead": self.instead,
                    "ports": ports,
                    "tls": self.tls,
                    "root": str(root),
                    "caddy": self.caddy,
                }
            )
        )
        self._stand_ins(installed)

    def _stand_ins(self, installed: Path) -> None:
        """Programs that stand in for those of a real machine."""
        path = shlex.quote(os.environ.get("PYTHONPATH", str(ROOT)))
        python = f"#!/bin/sh\nPYTHONPATH={path} exec {shlex.quote(sys.executable)} -m tests.operators"
        stand_ins = {
            "sudo": '#!/bin/sh\n[ "$1" = -u ] && shift 2\nexec "$@"\n',
            "install": INSTALL,
            "systemctl": f'{python} systemctl "$@"\n',
            **dict.fromkeys(("apt-get", "useradd"), "#!/bin/sh\nexit 0\n"),
        }
        if installed == ROOT:  # what `make install` would have made
            stand_ins |= {
                "make": "#!/bin/sh\nexit 0\n",
                "answerable": f'#!/bin/sh\nexec {sys.executable} -m answerable "$@"\n',
            }
        for name, text in stand_ins.items():
            path = self.root / "bin" / name
            path.write_text(text)
            path.chmod(path.stat().st_mode | stat.S_IXUSR)

    @property
    def environment(self) -> dict[str, str]:
        bare = {name: value for name, value in os.environ.items() if not name.startswith("ANSWERABLE_")}
        if self.installed != ROOT:
            bare.pop("PYTHONPATH", None)
        return {
            **bare,
            "PATH": f"{self.root}/bin:{bare['PATH']}",
            "HOME": str(self.root / "home"),
            "XDG_DATA_HOME": str(self.root / "lib"),
            "PYTHONDONTWRITEBYTECODE": "1",
            "MACHINE": str(self.root / "machine.json"),
            "ANSWERABLE_CONFIG": str(self.root / "etc/answerable/answerable.toml"),
            "CURL_CA_BUNDLE": str(self.authority),
        }

    @property
    def authority(self) -> Path:
        """The certificate that signs for this machine."""
        return self.root / "lib/caddy/pki/authorities/local/root.crt"

    def run(self, name: str) -> str:
        """Follow one block; what it printed. AssertionError with all of it if one line fails."""
        body = changed(blocks()[name], self.instead)
        began = time.monotonic()
        command = ["bash", "-euo", "pipefail", "-c", body]
        done = subprocess.run(
            command,
            cwd=self.root / "home",
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=400,
        )
        self.took[name] = time.monotonic() - began
        assert done.returncode == 0, (
            f"step {name}:\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}\n{self.log()}"
        )
        return done.stdout

    def systemctl(self, *arguments: str) -> None:
        """As an operator would, between the steps."""
        subprocess.run([self.root / "bin/systemctl", *arguments], env=self.environment, check=True)

    def log(self) -> str:
        """What services printed last."""
        return "\n".join(f"{path.name}: {path.read_text()[-1500:]}" for path in self.root.glob("run/*.out"))

    def ask(self, path: str, method: str = "GET", body: Any = None) -> tuple[int, bytes]:
        """One request over HTTPS, the certificate checked."""
        trust = ssl.create_default_context(cafile=str(self.authority))
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"https://localhost:{self.tls}{path}", data=data, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30, context=trust) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    def stop(self) -> None:
        """End every service that was started."""
        for path in self.root.glob("run/*.pid"):
            _stop(path)


def changed(text: str, instead: dict[str, str]) -> str:
    """`text` with everything put in place; longer names first, each place once."""
    names = sorted(instead, key=len, reverse=True)
    return re.sub("|".join(map(re.escape, names)), lambda found: instead[found[0]], text)


def _stop(pidfile: Path) -> None:
    pid = int(pidfile.read_text())
    pidfile.unlink()
    try:
        os.kill(pid, 15)
    except ProcessLookupError:
        return
    for _ in range(350):
        if (
            not Path(f"/proc/{pid}").exists()
            or Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
        ):
            return
        time.sleep(0.1)
    raise SystemExit(f"process {pid} did not stop within 35 seconds")


def systemctl(arguments: list[str]) -> None:
    """The few of its verbs that the path uses."""
    machine = json.loads(Path(os.environ["MACHINE"]).read_text())
    root = Path(machine["root"])
    verb, *units = [each for each in arguments if each != "--now"]
    for unit in units:
        pidfile = root / "run" / f"{unit}.pid"
        if verb in {"stop", "disable", "restart"} and pidfile.exists():
            _stop(pidfile)
        if verb in {"start", "enable", "restart"}:
            command, environment = _service(unit, machine, root)
            with (root / "run" / f"{unit}.out").open("ab") as out:
                started = subprocess.Popen(
                    command, env={**os.environ, **environment}, stdout=out, stderr=out, start_new_session=True
                )
            pidfile.write_text(str(started.pid))
            _wait(unit, machine, root, started)


def _service(unit: str, machine: dict[str, Any], root: Path) -> tuple[list[str], dict[str, str]]:
    """What a unit starts, and its environment."""
    if unit == "caddy":
        if not machine["caddy"]:
            return [sys.executable, "-m", "tests.tls"], {}
        path = root / "etc/caddy/Caddyfile"
        ports = {f"127.0.0.1:{port}": f"127.0.0.1:{own}" for port, own in machine["ports"].items()}
        text = changed(path.read_text(), machine["instead"] | ports)
        path.write_text(text.replace("{\n\tlog default", OURS, 1))
        return [machine["caddy"], "run", "--adapter", "caddyfile", "--config", str(path)], {}
    name, _, instance = unit.partition("@")
    text = (root / f"etc/systemd/system/{name}{'@' if instance else ''}.service").read_text()
    text = changed(text, machine["instead"]).replace("%i", machine["ports"].get(instance, instance))
    found = dict(re.findall(r"^(ExecStart|Environment)=(.*)$", text, flags=re.MULTILINE))
    environment = dict(part.split("=", 1) for part in found["Environment"].split())
    command = found["ExecStart"].split()
    if machine["instead"]["/opt/answerable"] == str(ROOT):
        command[0:1] = [sys.executable, "-m", "answerable"]
    else:
        os.environ.pop("PYTHONPATH", None)
    return command, environment | {"ANSWERABLE_LISTEN_PORT": machine["ports"]["8000"]}


def _wait(unit: str, machine: dict[str, Any], root: Path, started: subprocess.Popen[bytes]) -> None:
    """Until a service answers; systemd would not, but a person takes longer than a script."""
    port = (
        machine["tls"]
        if unit == "caddy"
        else machine["ports"].get(unit.partition("@")[2], machine["ports"]["8000"])
    )
    if unit == "answerable-keep":
        return
    for _ in range(900):
        if started.poll() is not None:
            raise SystemExit(f"{unit} ended: {(root / 'run' / f'{unit}.out').read_text()[-2000:]}")
        done = subprocess.run(
            [
                "curl",
                "-fsS",
                "-o",
                os.devnull,
                f"{'https' if unit == 'caddy' else 'http'}://localhost:{port}/readyz",
            ],
            check=False,
            capture_output=True,
        )
        if done.returncode == 0:
            return
        time.sleep(0.1)
    raise SystemExit(f"{unit} does not answer: {done.stderr.decode()}")


if __name__ == "__main__":
    systemctl(sys.argv[2:])

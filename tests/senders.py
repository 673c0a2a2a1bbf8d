"""Reporters over plain HTTP, without a browser: many at once, each stubborn."""

import http.client
import json
import threading
import time
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from answerable_protocol.encoding import base64url_decode

from answerable.intake.tests import world


class Line:
    """A keep-alive connection that opens again when it broke."""

    def __init__(self, port: int, timeout: float = 40) -> None:
        self._connection = http.client.HTTPConnection("localhost", port, timeout=timeout)

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, dict[str, Any]]:
        """Status and JSON. Raises OSError or HTTPException when no answer came."""
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        try:
            names = {name.replace("_", "-"): value for name, value in headers.items()}
            self._connection.request(method, path, data, names)
            answer = self._connection.getresponse()
            return answer.status, json.loads(answer.read())
        except BaseException:
            self._connection.close()
            raise

    def close(self) -> None:
        self._connection.close()


@dataclass
class Sent:
    """One report: what was sent, how often, and each answer that came."""

    case: str
    body: dict[str, Any]
    answers: list[tuple[int, dict[str, Any]]] = field(default_factory=list)

    @property
    def acknowledged(self) -> bool:
        return any(status in (200, 201) for status, _ in self.answers)

    @property
    def receipt(self) -> str:
        return next(str(body["receipt"]) for status, body in self.answers if status in (200, 201))


@dataclass
class Crowd:
    """Makes and sends reports to the organisation of `bench.prepare`."""

    port: int
    facts: dict[str, Any]
    sent: list[Sent] = field(default_factory=list)

    def report(self, length: int = 3000, **more: Any) -> Sent:
        """A new report, not yet sent."""
        ids = self.facts["ids"]
        reporter = world.Reporter("bench")
        body = reporter.report(
            roster=base64url_decode(self.facts["roster"]),
            panel=[ids[key] for key in ("lead", "h1", "ext")],
            reach=[[ids["lead2"]], [ids["over1"], ids["over2"]], [ids["ext"]]],
            externals=1,
            jurisdiction="IE",
            length=length,
            **more,
        )
        return Sent(reporter.case_text, body)

    def send(self, report: Sent, line: Line | None = None) -> tuple[int, dict[str, Any]]:
        """Solve a new challenge and send once."""
        own = line or Line(self.port)
        try:
            _, challenge = own.ask("GET", "/api/v1/orgs/bench/challenge")
            work = {"pow": world.solve(challenge)}
            answer = own.ask("PUT", f"/api/v1/orgs/bench/cases/{report.case}", report.body | work)
        finally:
            if line is None:
                own.close()
        report.answers.append(answer)
        return answer

    def flood(self, reports: int, clients: int) -> list[threading.Thread]:
        """Start clients that send so many reports, each again and again until it is acknowledged."""
        left = iter(range(reports))
        taking = threading.Lock()
        give_up = time.monotonic() + 90

        def one() -> None:
            with closing(Line(self.port)) as line:
                while True:
                    with taking:
                        if next(left, None) is None:
                            return
                    report = self.report()
                    self.sent.append(report)
                    while not report.acknowledged and time.monotonic() < give_up:
                        try:
                            self.send(report, line)
                        except (OSError, http.client.HTTPException, json.JSONDecodeError):
                            time.sleep(0.02)

        threads = [threading.Thread(target=one) for _ in range(clients)]
        for thread in threads:
            thread.start()
        return threads

    @property
    def acknowledged(self) -> list[Sent]:
        return [each for each in list(self.sent) if each.acknowledged]


def gone(pid: int, seconds: float = 5) -> bool:
    """Whether a process ended, at once or soon."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return True
        if state == "Z":
            return True
        time.sleep(0.02)
    return False

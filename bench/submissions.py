"""Complete sealed submissions a second: durable, receipt with inclusion proof in the answer.

Each submission is one PUT over HTTP with everything that a browser sends for a case of four on the panel: manifest,
signature, report of 4 kB of random bytes in its envelope, keys file for five, solved challenge. Every one is another case.
"""

import json
import os
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench import load, raw, stage, table
from bench.table import Row

COMMAND = "python -m bench submissions"
PEERS = "Hush Line 27, GlobaLeaks 14 (half refused at 8), OpenWhistle 3.6"
COUNTS = {1: 300, 8: 2000, 32: 6000}
SECONDS = 12.0  # at most, of each count of clients
MEGABYTE = 1024 * 1024


def requests_of(facts: dict[str, Any], count: int, port: int, secret: str, attachment: int = 0) -> list[Any]:
    """`count` prepared HTTP requests; with an attachment, lists of requests (the report, then its chunk)."""
    half = count // 2
    with ProcessPoolExecutor(2) as pool:
        parts = [pool.submit(_made, facts, n, port, secret, attachment) for n in (half, count - half)]
        return [request for part in parts for request in part.result()]


def _made(facts: dict[str, Any], count: int, port: int, secret: str, attachment: int) -> list[Any]:
    os.environ |= {
        **stage.SETTINGS,
        "ANSWERABLE_SECRET_KEY": secret,
        "DJANGO_SETTINGS_MODULE": "answerable.server.settings",
    }
    import django

    django.setup()
    import hashlib
    from uuid import UUID

    from answerable_protocol.encoding import base64url_decode, base64url_encode
    from django.utils import timezone

    from answerable.intake import work
    from answerable.intake.tests import world

    ids = facts["ids"]
    panel = [ids[key] for key in ("lead", "h1", "h2", "ext")]
    reach = [[ids["lead"], ids["lead2"]], [ids["over1"], ids["over2"]], [ids["ext"]]]
    roster = base64url_decode(facts["roster"])
    made: list[Any] = []
    for _ in range(count):
        reporter = world.Reporter(stage.ORG)
        file = world.envelope("attachment", 1, attachment) if attachment else b""
        body = reporter.report(
            roster=roster,
            panel=panel,
            reach=reach,
            externals=1,
            jurisdiction="IE",
            length=3500,
            attachments=[file] if attachment else [],
        )
        challenge = work.challenge(UUID(facts["organisation"]), now=timezone.now(), bits=2)
        data = json.dumps(body | {"pow": world.solve(challenge)}).encode()
        address = f"/api/v1/orgs/{stage.ORG}/cases/{reporter.case_text}"
        put = _request(port, address, data, "Content-Type: application/json\r\n")
        if not attachment:
            made.append(put)
            continue
        digest = base64url_encode(hashlib.sha256(file).digest())
        chunks = []
        for start in range(0, len(file), MEGABYTE):
            part = file[start : start + MEGABYTE]
            part_digest = base64url_encode(hashlib.sha256(part).digest())
            span = f"Content-Range: bytes {start}-{start + len(part) - 1}/{len(file)}"
            headers = f"{span}\r\nX-Chunk-SHA256: {part_digest}\r\n"
            chunks.append(_request(port, f"{address}/attachments/{digest}", part, headers))
        made.append([put, *chunks])
    return made


def _request(port: int, address: str, data: bytes, headers: str) -> bytes:
    head = f"PUT {address} HTTP/1.1\r\nHost: localhost:{port}\r\nContent-Length: {len(data)}\r\n{headers}\r\n"
    return head.encode() + data


def measure(name: str, database: str, single: float) -> list[Row]:
    """All client counts over one served database."""
    rows = []
    with stage.served(database) as served:
        secret = (served.server.data / "secret-key").read_text()
        for clients, count in COUNTS.items():
            requests = requests_of(served.facts, count, served.server.port, secret)
            before = served.cpu_seconds()
            result = load.run(served.server.port, requests, clients, seconds=SECONDS)
            cpu = (served.cpu_seconds() - before) / max(1, len(result.seconds)) * 1000
            if result.others:
                raise RuntimeError(f"{name}, {clients} clients: other answers {result.others}")
            label = f"submissions, {name}, {clients} client{'s' if clients > 1 else ''}"
            aim = ">= 1,000 (aim .4 of raw)" if clients > 1 else ""
            rows += [
                Row(label, result.rate, "/s", aim, PEERS, COMMAND),
                Row(f"{label}: share of raw single commits", result.rate / single, "", ">= .2", "", COMMAND),
                Row(f"{label}: p50", result.percentile(0.5), "ms", "", "", COMMAND),
                Row(f"{label}: p99", result.percentile(0.99), "ms", "< 100 at 32", "", COMMAND),
                Row(f"{label}: CPU of the server each", cpu, "ms", "", "", COMMAND),
            ]
        rows += _with_attachment(name, served, secret)
    return rows


def _with_attachment(name: str, served: stage.Stage, secret: str) -> list[Row]:
    sets = requests_of(served.facts, 120, served.server.port, secret, MEGABYTE - 4096)
    duration = 0.0
    for step in zip(*sets, strict=True):  # all reports, then all first chunks, then the rest
        result = load.run(served.server.port, step, 8)
        if result.others:
            raise RuntimeError(f"{name}, attachments: other answers {result.others}")
        duration += result.duration
    rate = len(sets) / duration
    return [Row(f"submissions with a 1 MiB attachment, {name}, 8 clients", rate, "/s", "", "", COMMAND)]


def main() -> None:
    """SQLite, then PostgreSQL, each beside the raw rate of the same disk in the same run."""
    rows: list[Row] = []

    def keep(more: list[Row]) -> None:
        rows.extend(more)
        for row in more:
            table.show(row)

    with TemporaryDirectory(dir=stage.ROOT / "bench") as folder:
        single = raw.sqlite(Path(folder))
    keep([Row("raw single commits of 4 kB, SQLite FULL", single, "/s", "", "", COMMAND)])
    keep(measure("SQLite", "sqlite", single))
    with stage.postgres() as url:
        single = raw.postgres(url)
        keep([Row("raw single commits of 4 kB, PostgreSQL", single, "/s", "", "", COMMAND)])
        keep(measure("PostgreSQL", url, single))
    table.save(rows)

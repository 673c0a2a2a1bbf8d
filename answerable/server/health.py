"""`/healthz`: this process lives. `/readyz`: it should be sent requests. For supervisors and proxies; asked without a Host.

Not ready (503): the database does not answer or takes no writes, the schema is newer than this process or being upgraded, or
the disk is full. A late keeper is told in the answer and by `answerable doctor`, but does not make a process unready: were all
processes taken out for it, reports could not be sent any more.
"""

import json
import shutil
from collections.abc import Callable, Iterable
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.db import DatabaseError, close_old_connections, connection
from django.utils import timezone

from answerable.organisation.models import Beat
from answerable.server.schema import Watch

__all__ = ["KEEPER_LATE", "LEAST_ROOM", "handle", "state"]

KEEPER_LATE = timedelta(minutes=3)
LEAST_ROOM = 16 << 20
"""Below this a report of the largest size could not be taken for sure."""


def handle(
    environ: dict[str, Any], start_response: Callable[..., Any], watch: Watch
) -> Iterable[bytes] | None:
    """The answer at one of the two addresses, or None at any other."""
    path = environ["PATH_INFO"]
    if path not in {"/healthz", "/readyz"} or environ["REQUEST_METHOD"] not in {"GET", "HEAD"}:
        return None
    found = {"live": "yes"} if path == "/healthz" else state(watch)
    ready = found.pop("ready", "yes") == "yes"
    body = json.dumps(found, separators=(",", ":")).encode()
    status = HTTPStatus.OK if ready else HTTPStatus.SERVICE_UNAVAILABLE
    start_response(
        f"{status.value} {status.phrase}",
        [
            ("Content-Type", "application/json"),
            ("Cache-Control", "no-store"),
            ("X-Content-Type-Options", "nosniff"),
            ("Content-Length", str(len(body))),
        ],
    )
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]


def state(watch: Watch) -> dict[str, str]:
    """{"ready": "yes" | "no", "database", "schema", "keeper", "disk"}, each in one word."""
    found = {"database": "well", "schema": "well", "keeper": "well", "disk": "well"}
    try:
        found["database"] = "well" if _takes_writes() else "read-only"
        beat = Beat.objects.filter(name="keeper").values_list("at", flat=True).first()
        if beat is None or abs(timezone.now() - beat) > KEEPER_LATE:
            found["keeper"] = "late"
    except DatabaseError:
        found["database"] = "away"
    finally:
        close_old_connections()
    if watch.stopped:
        found["schema"] = "upgrading"
    if shutil.disk_usage(settings.ANSWERABLE_DATA).free < LEAST_ROOM:
        found["disk"] = "full"
    well = all(found[name] == "well" for name in ("database", "schema", "disk"))
    return {"ready": "yes" if well else "no", **found}


def _takes_writes() -> bool:
    """Whether the database would take a write. On SQLite the keeper's own writes tell: a lock taken here would delay others."""
    with connection.cursor() as cursor:
        if connection.vendor != "postgresql":
            cursor.execute("SELECT 1")
            return True
        cursor.execute("SELECT pg_is_in_recovery() OR current_setting('transaction_read_only')::bool")
        return not cursor.fetchone()[0]

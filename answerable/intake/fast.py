"""The bare road for sealed reports: `PUT /api/v1/orgs/<org>/cases/<case>` without Django's middleware.

It takes only what it understands whole; for anything else it answers None, and Django's view, which stands on the same `submit`,
sees the request untouched.
"""

import re
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.db import close_old_connections
from django.http.request import split_domain_port, validate_host
from django.utils import timezone

from answerable.intake.rules import MOST_BODY
from answerable.intake.submitting import submit
from answerable.organisation import queries as organisations
from answerable.organisation.errors import NotFound
from answerable.ui.api import JSON

_PATH = re.compile(r"/api/v1/orgs/([a-z0-9-]{1,63})/cases/([A-Za-z0-9_-]{22})")
_HEADERS = [
    ("Content-Type", JSON),
    ("Cache-Control", "no-store"),
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
    ("Referrer-Policy", "no-referrer"),
    ("X-Content-Type-Options", "nosniff"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
]


def handle(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes] | None:
    """The answer to a report's PUT, or None if this is something else."""
    if environ["REQUEST_METHOD"] != "PUT":
        return None
    found = _PATH.fullmatch(environ["PATH_INFO"])
    length = environ.get("CONTENT_LENGTH") or ""
    host = environ.get("HTTP_HOST", "")
    if (
        found is None
        or not length.isascii()
        or not length.isdigit()
        or int(length) > MOST_BODY
        or not _is_ours(host)
    ):
        return None
    try:
        try:
            organisation = organisations.organisation_at(host, found[1])
        except NotFound:
            return None
        if organisation.moved_to is not None:
            return None
        data = environ["wsgi.input"].read(int(length))
        status, body = submit(organisation, "case", found[2], data, now=timezone.now())
    finally:
        close_old_connections()
    start_response(f"{status} {HTTPStatus(status).phrase}", [*_HEADERS, ("Content-Length", str(len(body)))])
    return [body]


def _is_ours(host: str) -> bool:
    domain, _ = split_domain_port(host)
    return bool(domain) and validate_host(domain, settings.ALLOWED_HOSTS)

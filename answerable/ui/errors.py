"""The pages for what went wrong: in both languages, in the look, without a word of the request."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from answerable.ui.api import refuse


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    return answer(request, 400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    return answer(request, 403)


def no_csrf(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001
    return answer(request, 403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    return answer(request, 404)


def busy(request: HttpRequest) -> HttpResponse:
    said = answer(request, 503)
    said["Retry-After"] = "2"
    return said


_API_CODES = {400: "bad-request", 403: "not-allowed", 404: "not-found", 503: "busy"}


def answer(request: HttpRequest, status: int) -> HttpResponse:
    if "/api/" in request.path_info and status in _API_CODES:
        return refuse(_API_CODES[status])
    context: dict[str, Any] = {"status": status, "work": request.path_info.startswith("/work/")}
    # No request goes in: this page must also stand when sessions, people or the database don't.
    return render(None, "error.html", context, status=status)

"""One page with every sign-in of the demo organisation. Exists only where the setting `demo` is on."""

from datetime import datetime

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_safe

from answerable.cli.demo import seed

NO_PAGE_SCRIPT = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'"


def code_at(secret: bytes, now: datetime) -> str:
    """The six digits that an authenticator app would show now (RFC 6238, SHA-1, 30 s)."""
    return TOTP(secret, 6, SHA1(), 30).generate(int(now.timestamp())).decode()  # noqa: S303 - as apps do


@require_safe
def sign_ins(request: HttpRequest) -> HttpResponse:
    """Who can sign in, with what, and what a reporter's words are."""
    now = timezone.now()
    people = [{**person, "code": code_at(person["secret"], now)} for person in seed.cast()]
    answer = render(
        request,
        "demo/sign_ins.html",
        {"people": people, "cases": seed.known_words(), "password": seed.password()},
    )
    answer["Content-Security-Policy"] = NO_PAGE_SCRIPT
    answer["Refresh"] = "20"
    return answer


urlpatterns = [path("demo", sign_ins, name="demo")]

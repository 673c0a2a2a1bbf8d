"""Headers that every answer carries, and the language it speaks."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils import translation

Get = Callable[[HttpRequest], HttpResponseBase]

# PROTOCOLS 6, to the letter; no key holders' origins yet.
REPORTER_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src blob:; "
    "font-src 'self'; worker-src 'self'; connect-src 'self'; form-action 'none'; frame-ancestors 'none'; "
    "base-uri 'none'; require-trusted-types-for 'script'"
)
# Signed-in pages have forms, and allauth's passkey scripts are files of ours.
WORK_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src blob:; "
    "font-src 'self'; worker-src 'self'; connect-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}


class SecurityHeaders:
    """The content policy of each side, and no copies of private pages anywhere."""

    def __init__(self, get_response: Get) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        path = request.path_info
        work = path == "/work" or path.startswith("/work/")
        for name, value in _ALWAYS.items():
            response.headers[name] = value
        # Under "no-referrer" a browser sends forms with "Origin: null", which Django must refuse.
        response.headers["Referrer-Policy"] = "same-origin" if work else "no-referrer"
        response.headers.setdefault("Content-Security-Policy", WORK_CSP if work else REPORTER_CSP)
        # A voice message is recorded on the reporter's page; nothing else of the device is ever asked for.
        microphone = "(self)" if path.startswith(("/o/", "/work/")) else "()"
        response.headers["Permissions-Policy"] = (
            f"camera=(), geolocation=(), microphone={microphone}, payment=(), usb=(), browsing-topics=()"
        )
        if work or path.startswith("/api/"):
            response.headers["Cache-Control"] = "no-store"
        return response


class Language:
    """English or Chinese: from the address, else the choice made (under /work/), else the browser's wish."""

    def __init__(self, get_response: Get) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        code = language_of(request)
        with translation.override(code):
            request.LANGUAGE_CODE = code
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", "zh-CN" if code == "zh-hans" else "en")
        return response


def language_of(request: HttpRequest) -> str:
    """Django's code of the language: "en" or "zh-hans"."""
    parts = request.path_info.split("/")
    if parts[1:2] == ["o"] and parts[3:4] in (["en"], ["zh"]):
        return "zh-hans" if parts[3] == "zh" else "en"
    chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
    if chosen in dict(settings.LANGUAGES):
        return str(chosen)
    return preferred(request.headers.get("Accept-Language", ""))


def preferred(accept: str) -> str:
    """The first of our languages in an Accept-Language header, English without one."""
    best, best_weight = "en", 0.0
    for item in accept[:500].split(","):
        name, _, weight = item.partition(";q=")
        try:
            value = float(weight or 1)
        except ValueError:
            continue
        family = name.strip().lower().split("-")[0]
        if family in {"en", "zh"} and value > best_weight:
            best, best_weight = ("zh-hans" if family == "zh" else "en"), value
    return best

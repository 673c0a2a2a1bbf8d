"""The reporter's pages: static files, the same bytes for everybody; and the one page that works without scripts."""

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from answerable.organisation import queries as organisations
from answerable.organisation.errors import NotFound
from answerable.organisation.models import Organisation
from answerable.ui import bundle
from answerable.ui.middleware import preferred

NO_SCRIPTS_CSP = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; font-src 'self'; form-action 'none'; "
    "frame-ancestors 'none'; base-uri 'none'"
)

# Where "leave at once" leads while an organisation names no page of its own: one that opens where the language is read.
LEAVE = {"en": "https://www.wikipedia.org/", "zh": "https://www.baidu.com/"}


def organisation_here(request: HttpRequest, org: str) -> Organisation:
    """The organisation of an address. Raises Http404."""
    try:
        return organisations.organisation_at(request.get_host(), org)
    except NotFound:
        raise Http404 from None


@csrf_exempt
@require_safe
def choose_language(request: HttpRequest, org: str) -> HttpResponse:
    organisation_here(request, org)
    lang = "zh" if preferred(request.headers.get("Accept-Language", "")).startswith("zh") else "en"
    return HttpResponseRedirect(
        f"/o/{org}/{lang}/", headers={"Vary": "Accept-Language", "Cache-Control": "no-store"}
    )


@csrf_exempt
@require_safe
def page(request: HttpRequest, org: str, lang: str, name: str = "start") -> HttpResponse:
    organisation_here(request, org)
    try:
        body, headers = bundle.page(lang, name, accept_encoding=request.headers.get("Accept-Encoding", ""))
    except bundle.NoSuchPage:
        raise Http404 from None
    if "ETag" in headers and request.headers.get("If-None-Match") == headers["ETag"]:
        return HttpResponse(
            status=304, headers={"ETag": headers["ETag"], "Cache-Control": headers["Cache-Control"]}
        )
    return HttpResponse(body, headers=headers)


@csrf_exempt
@require_safe
def other_ways(request: HttpRequest, org: str, lang: str) -> HttpResponse:
    """How to reach the external member without this site sealing anything. It takes nothing in."""
    organisation = organisation_here(request, org)
    if lang not in {"en", "zh"}:
        raise Http404
    contact: dict[str, Any] = organisation.outside_contact or {}
    name = contact.get("name") or {}
    scheme = "https" if settings.SECURE_ORIGIN else "http"
    context = {
        "lang": lang,
        "html_lang": "zh-CN" if lang == "zh" else "en",
        "other": "en" if lang == "zh" else "zh",
        "org": organisation.slug,
        "organisation": organisation,
        "organisation_name": organisation.name[lang],
        "contact_name": name.get(lang) or name.get("en") or "",
        "telephone": contact.get("telephone") or "",
        "telephone_link": "".join(each for each in contact.get("telephone") or "" if each in "+0123456789"),
        "leave_url": organisation.leave_url or LEAVE[lang],
        "css": _css(),
        "post": _in(contact.get("post"), lang),
        "email": contact.get("email") or "",
        "pgp": contact.get("pgp") or "",
        "address": f"{scheme}://{request.get_host()}/o/{organisation.slug}/",
    }
    response = render(request, f"other-ways.{lang}.html", context)
    response.headers["Content-Security-Policy"] = NO_SCRIPTS_CSP
    response.headers["Content-Language"] = "zh-CN" if lang == "zh" else "en"
    response.headers["Cache-Control"] = "no-store"
    return response


def _in(given: Any, lang: str) -> str:
    """A text that may be the same in both languages, or one for each."""
    if isinstance(given, dict):
        return str(given.get(lang) or given.get("en") or "")
    return str(given or "")


def _css() -> str | None:
    """The reporter's style sheet; the page reads well without it, where the bundle was not built."""
    try:
        return bundle.asset("reporter.css")
    except bundle.NoSuchAsset:
        return None

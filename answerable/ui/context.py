"""What every server-made page knows."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import translation


def page(request: HttpRequest) -> dict[str, Any]:
    """`lang` ("en" or "zh"), its html code, the other language, and who is here, if anyone is."""
    lang = "zh" if (translation.get_language() or "en").startswith("zh") else "en"
    return {
        "lang": lang,
        "html_lang": "zh-CN" if lang == "zh" else "en",
        "version": settings.VERSION,
        "demo": settings.DEMO,
        "organisation": getattr(request, "organisation", None),
        "person": getattr(request, "person", None),
        "roles": getattr(request, "roles", frozenset()),
    }

"""What the browser build made, as committed in ui/bundle: static pages, assets named with their hash.

manifest.json: {"version", "csp", "entries": {"console.js": "console.<hash>.js", …}, …};
pages/<en|zh>/<name>.html; assets/<name>.<hash>.<ext>. Beside any file there may be a .br and a .gz of it.
"""

import hashlib
import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from whitenoise.middleware import WhiteNoiseMiddleware

PAGES = ("start", "report", "return", "help", "keep", "about")
LANGUAGES = {"en": "en", "zh": "zh-CN"}
_ENCODINGS = (("br", ".br"), ("gzip", ".gz"))


class BundleError(Exception):
    """Root of what can go wrong with the browser's bundle."""


class NoSuchPage(BundleError):
    """No page of this name in this language."""


class NoSuchAsset(BundleError):
    """The bundle has no asset of this name: it was not built, or the name is wrong."""


def page(lang: str, name: str, *, accept_encoding: str = "") -> tuple[bytes, dict[str, str]]:
    """The bytes and headers of a reporter's page: the same for every organisation and every reader.

    `accept_encoding` is the request's header; the smallest form it allows is answered.
    NoSuchPage for another name.
    """
    if lang not in LANGUAGES or name not in PAGES:
        raise NoSuchPage("page")
    plain = _folder() / "pages" / lang / f"{name}.html"
    headers = {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Language": LANGUAGES[lang],
        "Cache-Control": "no-cache",
        "Vary": "Accept-Encoding",
    }
    accepted = {
        item.split(";")[0].strip() for item in accept_encoding.lower().split(",") if "q=0" not in item
    }
    for encoding, suffix in _ENCODINGS:
        packed = plain.with_name(plain.name + suffix)
        if encoding in accepted and packed.is_file():
            body = _read(packed, packed.stat().st_mtime_ns)
            return body, {**headers, "Content-Encoding": encoding, "ETag": _etag(body)}
    try:
        body = _read(plain, plain.stat().st_mtime_ns)
    except FileNotFoundError:
        raise NoSuchPage("the pages are not built") from None
    return body, {**headers, "ETag": _etag(body)}


def asset(name: str) -> str:
    """The address of an asset by its plain name: "console.js" gives "/assets/console.<hash>.js"."""
    path = _folder() / "manifest.json"
    try:
        entries = _manifest(path, path.stat().st_mtime_ns).get("entries", {})
        return f"/assets/{Path(entries[name]).name}"
    except (FileNotFoundError, KeyError):
        raise NoSuchAsset(name) from None


class Assets(WhiteNoiseMiddleware):  # type: ignore[misc]
    """The bundle's assets under /assets/, for ever; the site's own static files as WhiteNoise serves them."""

    def __init__(self, get_response: Any = None) -> None:
        super().__init__(get_response)
        assets = _folder() / "assets"
        if assets.is_dir():
            self.add_files(str(assets), prefix="assets/")

    def immutable_file_test(self, path: str, url: str) -> bool:
        return url.startswith("/assets/") or bool(super().immutable_file_test(path, url))

    @staticmethod
    def serve(static_file: Any, request: HttpRequest) -> HttpResponseBase:
        response: HttpResponseBase = WhiteNoiseMiddleware.serve(static_file, request)
        del response.headers["Access-Control-Allow-Origin"]  # nobody else's page needs our scripts
        return response


def _folder() -> Path:
    return Path(settings.BUNDLE)


@lru_cache(maxsize=64)
def _read(path: Path, _changed: int) -> bytes:
    return path.read_bytes()


@lru_cache(maxsize=2)
def _manifest(path: Path, _changed: int) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def _etag(body: bytes) -> str:
    return f'"{hashlib.sha256(body).hexdigest()[:32]}"'

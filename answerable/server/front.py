"""What stands before Django: bodies are read here, and a sealed report on its way in goes past Django's middleware.

A report needs no session, no language and no page, and a thousand of them may come in a second; the same checks and
the same action stand behind the Django view, which answers whenever this road does not apply.

A body comes as slowly as its sender likes, and each waits in one of the server's few threads. So only some of the threads
may wait for bodies at a time: a few dozen slow senders can delay other senders, but not the pages, mailboxes and console.
"""

import threading
import time
from collections.abc import Callable, Iterable
from io import BytesIO
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from django.conf import settings
from django.db import close_old_connections

from answerable.intake import fast
from answerable.organisation import access
from answerable.server import health, metrics
from answerable.server.errors import code_of
from answerable.server.schema import Watch
from answerable.ui.api import JSON, refusal_parts

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

READING = {"GET", "HEAD", "OPTIONS"}
PATIENCE = 0.25
"""Seconds that a request waits for its turn to be read, before it is told to try again."""


def readers(threads: int) -> int:
    """How many of the server's threads may wait for bodies: three in four, and never all of them."""
    return max(1, threads * 3 // 4)


def front(django: Application) -> Application:
    """Read the body, try the fast road first, then the site."""
    turns = threading.BoundedSemaphore(readers(settings.BLOCKING_THREADS))
    uploading = threading.BoundedSemaphore(1)

    watch = Watch()

    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        asked = health.handle(environ, start_response, watch)
        if asked is not None:
            return asked
        began, said = time.monotonic(), [500]

        def start(status: str, headers: Any, *more: Any) -> Any:
            said[0] = int(status[:3])
            return start_response(status, headers, *more)

        try:
            return answer(environ, start)
        finally:
            metrics.counts.add(metrics.class_of(environ["PATH_INFO"]), said[0], time.monotonic() - began)

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        length = _length(environ)
        if length > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:  # Django would spool a form's files, however many
            if length > access.LARGEST_UPLOAD or not access.may_upload(environ):
                return _refused("413 Content Too Large", "too-large", start_response)
            if not uploading.acquire(blocking=False):  # one at a time, and on the disk
                return _refused("503 Service Unavailable", "busy", start_response)
            try:
                with _spooled(environ["wsgi.input"], length) as body:
                    environ["wsgi.input"] = body
                    return list(django(environ, start_response))
            finally:
                uploading.release()
        if length > 0:
            if not turns.acquire(timeout=PATIENCE):
                return _refused("503 Service Unavailable", "busy", start_response)
            try:
                environ["wsgi.input"] = BytesIO(environ["wsgi.input"].read(length))
            finally:
                turns.release()
        if environ["REQUEST_METHOD"] not in READING and _stopped(watch):
            return _refused("503 Service Unavailable", "upgrading", start_response)
        try:
            found = fast.handle(environ, start_response)
        except Exception as error:
            code = code_of(error)
            if code == "failed":
                raise
            status = "507 Insufficient Storage" if code == "no-room" else "503 Service Unavailable"
            return _refused(status, code, start_response)
        return django(environ, start_response) if found is None else found

    return application


def _spooled(stream: Any, length: int) -> IO[bytes]:
    body = SpooledTemporaryFile(max_size=1 << 20)  # noqa: SIM115 - closed by the caller
    while length > 0 and (part := stream.read(min(length, 1 << 18))):
        body.write(part)
        length -= len(part)
    body.seek(0)
    return body


def _stopped(watch: Watch) -> bool:
    try:
        return watch.stopped
    finally:
        close_old_connections()


def _length(environ: dict[str, Any]) -> int:
    """The announced length of the body; 0 for none, or for what is no number: then the site reads nothing."""
    text = environ.get("CONTENT_LENGTH") or ""
    return int(text[:18]) if text.isascii() and text.isdigit() else 0


def _refused(status: str, code: str, start_response: Callable[..., Any]) -> list[bytes]:
    _, body = refusal_parts(code, {})
    headers = [
        ("Content-Type", JSON),
        ("Cache-Control", "no-store"),
        ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
        ("Referrer-Policy", "no-referrer"),
        ("X-Content-Type-Options", "nosniff"),
        ("Content-Length", str(len(body))),
    ]
    start_response(status, headers)
    return [body]

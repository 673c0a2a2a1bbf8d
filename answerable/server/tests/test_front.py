"""Slow senders keep some of the threads, never all."""

import threading
from io import BytesIO
from types import SimpleNamespace
from typing import Any

import pytest

from answerable.server import front


class SlowBody:
    """A body that does not end before it is told to."""

    def __init__(self) -> None:
        self.asked, self.end = threading.Event(), threading.Event()

    def read(self, length: int) -> bytes:
        self.asked.set()
        assert self.end.wait(10)
        return b"x" * length


@pytest.fixture(autouse=True)
def schema(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """Stands in for the database's schema: nobody upgrades unless a test says so."""
    watch = SimpleNamespace(stopped=False)
    monkeypatch.setattr(front, "Watch", lambda: watch)
    return watch


def site(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    start_response("200 OK", [])
    return [environ["wsgi.input"].read()]


def ask(application: Any, method: str, body: Any, length: str = "") -> tuple[str, bytes]:
    said: list[str] = []
    environ = {"REQUEST_METHOD": method, "PATH_INFO": "/x", "CONTENT_LENGTH": length, "wsgi.input": body}
    answer = application(environ, lambda status, _headers: said.append(status))
    return said[0], b"".join(answer)


def test_slow_bodies_delay_other_bodies_but_no_page(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.BLOCKING_THREADS = 4
    monkeypatch.setattr(front, "PATIENCE", 0.01)
    application = front.front(site)
    slow = [SlowBody() for _ in range(3)]
    answers: list[tuple[str, bytes]] = []
    threads = [
        threading.Thread(target=lambda body=body: answers.append(ask(application, "POST", body, "3")))
        for body in slow
    ]
    for thread in threads:
        thread.start()
    assert all(body.asked.wait(10) for body in slow)

    status, body = ask(application, "POST", SlowBody(), "3")
    assert (status, b'"busy"' in body) == ("503 Service Unavailable", True)
    assert ask(application, "GET", BytesIO()) == ("200 OK", b"")

    for body_ in slow:
        body_.end.set()
    for thread in threads:
        thread.join(10)
    assert answers == [("200 OK", b"xxx")] * 3


def test_some_threads_are_always_left() -> None:
    assert [front.readers(threads) for threads in (1, 2, 4, 32)] == [1, 1, 3, 24]


def test_a_body_larger_than_anything_of_ours_is_refused_unread() -> None:
    body = SlowBody()
    for length in ("3145729", "9" * 5000):
        status, answer = ask(front.front(site), "POST", body, length)
        assert (status, b'"too-large"' in answer) == ("413 Content Too Large", True)
    assert not body.asked.is_set()


def test_while_somebody_upgrades_nothing_is_taken_and_reading_goes_on(schema: SimpleNamespace) -> None:
    schema.stopped = True
    application = front.front(site)
    status, body = ask(application, "POST", BytesIO(b"xxx"), "3")
    assert (status, b'"upgrading"' in body) == ("503 Service Unavailable", True)
    assert ask(application, "GET", BytesIO()) == ("200 OK", b"")

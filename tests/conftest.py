"""Browsers and servers for the journeys."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from tests import server as servers

CHROMIUM = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class Post:
    """What arrived by mail, byte for byte."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.arrived: list[bytes] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        self.arrived.append(envelope.original_content)
        return "250 taken"


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    return {**browser_type_launch_args, "executable_path": "/usr/bin/chromium", "args": CHROMIUM}


@pytest.fixture(scope="session")
def post() -> Iterator[Post]:
    """A real SMTP server that keeps all that the demo organisation sends."""
    office = Post(servers.free_port())
    controller = Controller(office, hostname="127.0.0.1", port=office.port)
    controller.start()
    yield office
    controller.stop()


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory, post: Post) -> Iterator[servers.Server]:
    """The demo organisation, served for all journeys of this run, with mail and a keeper that ticks each second."""
    settings = {
        "ANSWERABLE_MAIL_HOST": "127.0.0.1",
        "ANSWERABLE_MAIL_PORT": str(post.port),
        "ANSWERABLE_KEEPER_SECONDS": "1",
        "ANSWERABLE_PUBLICATION_SECONDS": "3",
    }
    with servers.running(tmp_path_factory.mktemp("demo") / "data", command="demo", **settings) as running:
        yield running


@pytest.fixture(scope="session")
def axe() -> str:
    """axe-core's source, to be evaluated in a page (passes the content security policy and trusted types)."""
    import axe_playwright_python

    return next(Path(axe_playwright_python.__file__).parent.rglob("axe.min.js")).read_text(encoding="utf-8")


@pytest.fixture
def accessible(axe: str):
    """Fails with axe's findings on the page as it stands."""

    def check(page: Any) -> None:
        page.evaluate(axe)
        found = page.evaluate(
            "async () => (await axe.run(document, {runOnly: ['wcag2a','wcag2aa','wcag21a','wcag21aa','wcag22aa','best-practice']}))"
            ".violations.map(v => v.id + ': ' + v.nodes.map(n => n.target.join(' ')).slice(0, 3).join(' | '))"
        )
        assert not found, "\n".join(found)

    return check


def text_of(page: Any) -> str:
    """What a person sees, white space collapsed."""
    return re.sub(r"\s+", " ", page.inner_text("body"))

"""The server of test/report/server.ts, started anew for each test, and a walker through the report's pages."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

# pytest imports both conftest files; the one above builds and names the bundle.
from browser.test.conftest import BUNDLE, build

WORDS = "[...document.querySelectorAll('[data-testid=words] li')].map((li) => li.firstChild.textContent)"


class Channel:
    """An organisation's server; `control` gives it bad days, `received` opens what it got as the panel would."""

    def __init__(self, facts: dict[str, Any]) -> None:
        self.base = f"http://127.0.0.1:{facts['port']}"
        self.anchor: str = facts["anchor"]
        self.people: list[dict[str, Any]] = facts["people"]

    def control(self, page: Page, what: str, **order: Any) -> Any:
        return page.request.post(f"{self.base}/control/{what}", data=order).json()

    def received(self, page: Page, words: str = "", language: str = "en") -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.control(page, "received", words=words, language=language)
        return found

    def named(self, name: str) -> str:
        found: str = next(one["id"] for one in self.people if one["name"]["en"] == name)
        return found


@pytest.fixture(scope="session")
def channel_program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("test/report/server.ts", tmp_path_factory.mktemp("channel") / "server.mjs", "node")


@pytest.fixture
def channel(channel_program: Path) -> Iterator[Channel]:
    with subprocess.Popen(
        ["node", str(channel_program), str(BUNDLE)], stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout
            yield Channel(json.loads(process.stdout.readline()))
        finally:
            process.terminate()


class Walk:
    """Goes through the steps as a reporter does, answering as little as the test needs."""

    def __init__(self, page: Page, channel: Channel) -> None:
        self.page, self.channel = page, channel
        self.words: list[str] = []

    def begin(self, language: str = "en", anchor: str = "#") -> None:
        self.page.goto(f"{self.channel.base}/o/tidewick/{language}/report{anchor}")
        self.at("begin")

    def at(self, *steps: str) -> None:
        self.page.wait_for_selector(", ".join(f"main[data-step={step}]" for step in steps), timeout=15_000)

    def on(self, step: str) -> None:
        self.page.click("#next")
        self.at(step)

    def write(self, text: str = "He held the door shut.", language: str = "en", anchor: str = "#") -> None:
        self.begin(language, anchor)
        self.on("readers")
        self.on("what")
        self.page.fill("#what", text)

    def to_confirm(self) -> None:
        self.page.click("#next")
        for step in ("told", "files", "appear", "check", "words"):
            if self.page.locator("main").get_attribute("data-step") != step:
                self.at(step)
            if step != "words":
                self.page.click("#next")
        self.keep_words()
        self.on("confirm")

    def keep_words(self) -> None:
        self.at("words")
        self.words = self.page.evaluate(WORDS)

    def confirm(self) -> None:
        for field in self.page.get_by_test_id("word").all():
            field.fill(self.words[int(field.get_attribute("data-position") or 0) - 1])

    def send(self) -> None:
        self.confirm()
        self.page.click("#send")


@pytest.fixture
def walk(page: Page, channel: Channel, complaints: list[str]) -> Walk:
    return Walk(page, channel)

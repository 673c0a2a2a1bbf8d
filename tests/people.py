"""Reporters and handlers in a real browser, against the running demo organisation."""

import io
import re
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from answerable_protocol.encoding import id_text
from playwright.sync_api import Browser, BrowserContext, Page, expect

from answerable.cli.demo import seed
from answerable.cli.demo.make_fixture import person_id
from answerable.cli.demo.views import code_at
from tests.server import Server

PHONE: dict[str, Any] = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "locale": "en-GB"}
WORDS = "[...document.querySelectorAll('[data-testid=words] li')].map((li) => li.firstChild.textContent)"
CAST = {person["key"]: person for person in seed.cast()}
BY_ID = {id_text(person_id(key).bytes): key for key in CAST}


def watched(context: BrowserContext, complaints: list[str]) -> Page:
    """A page whose script errors and refused resources are collected."""
    page = context.new_page()
    page.on("pageerror", lambda error: complaints.append(f"error: {error}"))
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    return page


def photo_with_place() -> bytes:
    """A JPEG as a phone takes it, with GPS in its EXIF."""
    import piexif
    from PIL import Image

    exif = piexif.dump(
        {"GPS": {piexif.GPSIFD.GPSLatitudeRef: b"N", piexif.GPSIFD.GPSLatitude: ((53, 1), (20, 1), (11, 1))}}
    )
    out = io.BytesIO()
    Image.new("RGB", (64, 48), (40, 90, 80)).save(out, "JPEG", exif=exif)
    return out.getvalue()


class Reporter:
    """Somebody with a phone. `words` and `receipt` are what she keeps."""

    def __init__(self, page: Page, demo: Server, language: str = "en") -> None:
        self.page, self.demo, self.language = page, demo, language
        self.words: list[str] = []
        self.panel: list[str] = []

    def at(self, *steps: str) -> None:
        self.page.wait_for_selector(", ".join(f"main[data-step={step}]" for step in steps), timeout=30_000)

    def on(self, step: str) -> None:
        """To the next page of ours; the organisation's own questions are passed over, unless one is `step`."""
        self.page.click("#next")
        self.page.wait_for_selector(f"main[data-step={step}], main[data-step^=own-]", timeout=30_000)
        while self.page.locator(f"main[data-step^=own-]:not([data-step={step}])").count():
            here = self.page.get_attribute("main", "data-step")
            self.page.click("#skip")
            self.page.wait_for_selector(f"main:not([data-step={here}])")
        self.at(step)

    def begin(self) -> None:
        """From the organisation's first page to the first question."""
        self.page.goto(f"{self.demo.base}/o/tidewick/{self.language}/")
        self.page.click("#start-report")
        self.at("begin")

    def choose_readers(self, *involved: str) -> None:
        """Ticks who is involved and remembers who will read it."""
        self.on("readers")
        for key in involved:
            self.page.check(f"[data-testid=close][data-person='{id_text(person_id(key).bytes)}']")
        members = self.page.get_by_test_id("panel-member").all()
        self.panel = [BY_ID[member.get_attribute("data-person") or ""] for member in members]

    def keep_words(self) -> None:
        self.at("words")
        self.words = self.page.evaluate(WORDS)

    def send(self) -> None:
        """Confirms two words and sends; waits for the receipt."""
        self.on("confirm")
        self.confirm()

    def confirm(self) -> None:
        """The two words that are asked for, then the receipt."""
        for field in self.page.get_by_test_id("word").all():
            field.fill(self.words[int(field.get_attribute("data-position") or 0) - 1])
        self.page.click("#send")
        self.at("receipt")

    def come_back(self, page: Page) -> None:
        """On another device, with nothing but the words."""
        self.page = page
        page.goto(f"{self.demo.base}/o/tidewick/{self.language}/return")
        page.fill("#twelve", " ".join(self.words))
        page.click("[data-testid=open-mailbox]")
        page.wait_for_selector("[data-testid=thread]", timeout=30_000)


_signed_in: dict[tuple[int, str], Any] = {}
"""Cookies by (port, person): a code of an authenticator works once in its thirty seconds, so each signs in once."""


def sign_in(browser: Browser, demo: Server, key: str, complaints: list[str], **context: Any) -> Page:
    """Signs one of the demo's people in, with password and code; who did before comes with their cookies."""
    known = _signed_in.get((demo.port, key))
    page = watched(browser.new_context(**{"locale": "en-GB", "storage_state": known, **context}), complaints)
    if known:
        page.goto(f"{demo.base}/work/")
        return page
    page.goto(f"{demo.base}/work/accounts/login/")
    page.fill("input[name=login]", CAST[key]["email"])
    page.fill("input[name=password]", seed.password())
    page.click("form:has(input[name=password]) button[type=submit]")
    page.wait_for_selector("input[name=code]")
    page.fill("input[name=code]", code_at(CAST[key]["secret"], datetime.now(UTC)))
    page.click("form:has(input[name=code]) button[type=submit]")
    page.wait_for_url(re.compile(r"/work/(?!accounts/)"))
    _signed_in[demo.port, key] = page.context.storage_state()
    return page


def unlock(page: Page, demo: Server, key: str) -> None:
    """Opens the console and the handler's key."""
    page.goto(f"{demo.base}/work/tidewick/team/")
    page.fill("[data-testid=passphrase]", CAST[key]["phrase"])
    page.click("[data-testid=unlock-button]")
    expect(page.get_by_test_id("cases")).to_be_visible(timeout=30_000)


def wait_for(happened: Any, seconds: float = 20) -> Any:
    """What `happened()` gives once it gives something."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = happened()
        if found:
            return found
        time.sleep(0.2)
    raise AssertionError("it did not happen in time")


def every_byte(folder: Path) -> bytes:
    """All files below a folder, one after the other."""
    return b"\n".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())

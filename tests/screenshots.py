"""`make screenshots`: starts a demo organisation, walks it as its people do, and writes docs/screenshots/.

Each picture is named <page>-<language>-<width>.png and reduced to a palette of 128 colours. Everything on them is
invented.
"""

import io
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "answerable.server.settings")
os.environ.setdefault("ANSWERABLE_DATA", tempfile.mkdtemp(prefix="answerable-screenshots-"))

import django

django.setup()

from PIL import Image  # noqa: E402
from playwright.sync_api import Browser, Page, sync_playwright  # noqa: E402

from answerable.cli.demo import seed  # noqa: E402
from answerable.cli.demo.views import code_at  # noqa: E402
from tests import people, server  # noqa: E402
from tests.conftest import CHROMIUM  # noqa: E402
from tests.people import CAST, Reporter  # noqa: E402
from tests.server import ROOT, Server  # noqa: E402

OUT = ROOT / "docs" / "screenshots"
TOTAL = 3_000_000
CODE_SECONDS = 30


def keep(page: Page, name: str, *, most: int = 2200) -> None:
    """Takes the whole page, at most `most` pixels of it, and writes it with a palette."""
    page.evaluate("() => { scrollTo(0, 0); document.activeElement?.blur() }")
    page.wait_for_timeout(200)
    shot = Image.open(io.BytesIO(page.screenshot(full_page=True))).convert("RGB")
    shot = shot.crop((0, 0, shot.width, min(shot.height, most)))
    shot.quantize(128, dither=Image.Dither.NONE).save(OUT / f"{name}.png", optimize=True)
    print(f"  {name}.png  {shot.width} × {shot.height}")


@contextmanager
def sheet(browser: Browser, width: int, language: str, **more: Any) -> Iterator[Page]:
    """A page of a fresh visitor, who must see no error."""
    complaints: list[str] = []
    locale = "zh-CN" if language == "zh" else "en-GB"
    size: Any = {"width": width, "height": 740 if width < 700 else 900}
    context = browser.new_context(viewport=size, locale=locale, timezone_id="Europe/Dublin", **more)
    yield people.watched(context, complaints)
    context.close()
    if complaints:
        raise SystemExit("\n".join(complaints))


def reporter_pages(browser: Browser, demo: Server) -> None:
    with sheet(browser, 1280, "en") as page:
        page.goto(f"{demo.base}/o/tidewick/en/")
        keep(page, "start-en-1280")
    with sheet(browser, 360, "zh") as page:
        page.goto(f"{demo.base}/o/tidewick/zh/")
        keep(page, "start-zh-360")
        page.goto(f"{demo.base}/o/tidewick/zh/keep")
        keep(page, "keep-zh-360")
    with sheet(browser, 1280, "en", color_scheme="dark") as page:
        page.goto(f"{demo.base}/o/tidewick/en/help")
        keep(page, "help-en-1280-dark")


def a_report(browser: Browser, demo: Server) -> None:
    """The way through a report in Chinese on a phone, and in English on a desk."""
    with sheet(browser, 360, "zh") as page:
        reporter = Reporter(page, demo, "zh")
        reporter.begin()
        page.select_option("#jurisdiction", "CN")
        reporter.choose_readers("ruoyun")
        keep(page, "readers-zh-360")
        reporter.on("what")
        page.fill("#what", "聚餐时他一直给我倒酒。我说了两次不喝，他说客户会觉得没面子。")
        for step in ("told", "files", "appear", "check", "words"):
            reporter.on(step)
        reporter.keep_words()
        keep(page, "words-zh-360")
    with sheet(browser, 1280, "en") as page:
        reporter = Reporter(page, demo)
        reporter.begin()
        page.select_option("#jurisdiction", "IE")
        reporter.choose_readers("ruoyun")
        reporter.on("what")
        page.fill(
            "#what",
            "My manager kept filling my glass. I said no twice. He said the client would take it as an insult.",
        )
        keep(page, "what-en-1280")
        for step in ("told", "files", "appear", "check"):
            reporter.on(step)
        page.wait_for_selector("[data-testid=promise-draft] li")
        keep(page, "check-en-1280")
        reporter.on("words")
        reporter.keep_words()
        reporter.send()
        keep(page, "receipt-en-1280")


def mailboxes(browser: Browser, demo: Server) -> None:
    words = {case["key"]: (case["language"], case["words"]) for case in seed.known_words()}
    for key, width in (("client", 360), ("silence", 1280), ("retaliation", 1280)):
        language, twelve = words[key]
        with sheet(browser, width, language) as page:
            page.goto(f"{demo.base}/o/tidewick/{language}/return")
            page.fill("#twelve", twelve)
            page.click("[data-testid=open-mailbox]")
            page.wait_for_selector("[data-testid=thread]")
            keep(page, f"mailbox-{key}-{language}-{width}")


def sign_in(page: Page, demo: Server, key: str) -> None:
    """As `people.sign_in`, on a page that exists. A code opens once, so each person signs in once a run."""
    page.goto(f"{demo.base}/work/accounts/login/")
    page.fill("input[name=login]", CAST[key]["email"])
    page.fill("input[name=password]", seed.password())
    page.click("form:has(input[name=password]) button[type=submit]")
    page.wait_for_selector("input[name=code]")
    if time.time() % CODE_SECONDS > CODE_SECONDS - 3:
        time.sleep(4)
    page.fill("input[name=code]", code_at(CAST[key]["secret"], datetime.now(UTC)))
    page.click("form:has(input[name=code]) button[type=submit]")
    page.wait_for_url("**/work/**")


def work_pages(browser: Browser, demo: Server) -> None:
    with sheet(browser, 1280, "en") as page:
        sign_in(page, demo, "maeve")
        page.goto(f"{demo.base}/work/tidewick/team/")
        page.wait_for_selector("[data-testid=passphrase]")
        people.unlock(page, demo, "maeve")
        page.get_by_test_id("cases").get_by_text("In spring I was a witness").wait_for()
        keep(page, "inbox-en-1280")
        page.evaluate("location.hash = '#roster'")
        page.wait_for_timeout(800)
        keep(page, "roster-en-1280")
    with sheet(browser, 1280, "en") as page:
        sign_in(page, demo, "peiwen")
        people.unlock(page, demo, "peiwen")
        page.get_by_test_id("cases").get_by_text("On Thursday four of us").first.click()
        page.wait_for_selector("[data-testid=report]")
        keep(page, "case-en-1280", most=2400)
    with sheet(browser, 360, "zh") as page:
        sign_in(page, demo, "guangqing")
        people.unlock(page, demo, "guangqing")
        page.wait_for_timeout(1500)
        keep(page, "inbox-zh-360")
    with sheet(browser, 1280, "en") as page:
        sign_in(page, demo, "orla")
        page.goto(f"{demo.base}/work/tidewick/board/")
        keep(page, "board-en-1280")
    with sheet(browser, 1280, "en") as page:
        sign_in(page, demo, "emeka")
        page.goto(f"{demo.base}/work/tidewick/administration/poster/")
        page.emulate_media(media="print")
        page.set_viewport_size({"width": 794, "height": 1123})
        keep(page, "poster", most=1123)


def main() -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    for old in OUT.glob("*.png"):
        old.unlink()
    with (
        tempfile.TemporaryDirectory() as folder,
        server.running(Path(folder) / "data", command="demo") as demo,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=CHROMIUM)
        for walk in (reporter_pages, a_report, mailboxes, work_pages):
            walk(browser, demo)
        browser.close()
    total = sum(picture.stat().st_size for picture in OUT.glob("*.png"))
    print(f"{len(list(OUT.glob('*.png')))} pictures, {total / 1e6:.1f} MB")
    if total > TOTAL:
        raise SystemExit("too large: take fewer, or smaller ones")


if __name__ == "__main__":
    main()

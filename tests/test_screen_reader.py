"""Each journey by ear: a virtual screen reader in the page says where we are, what each control is, and what is wrong."""

import subprocess
from collections.abc import Collection
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests import people
from tests.people import PHONE, Reporter
from tests.server import ROOT, Server

pytestmark = pytest.mark.browser

CONTROLS = ("button", "link", "textbox", "radio", "checkbox", "combobox", "listbox", "disclosure triangle")
STATES = {
    "radio": ("checked", "not checked"),
    "checkbox": ("checked", "not checked"),
    "combobox": ("expanded", "not expanded"),
}


@pytest.fixture(scope="session")
def voice() -> str:
    """Guidepup's virtual screen reader as one script that sets `window.reader`."""
    done = subprocess.run(
        ["node_modules/.bin/esbuild", "--bundle", "--format=iife", "--global-name=made", "--log-level=error"],
        cwd=ROOT / "browser",
        input='export { virtual } from "@guidepup/virtual-screen-reader/browser.js"',
        capture_output=True,
        text=True,
        check=True,
    )
    return f"{done.stdout}\nwindow.reader = made.virtual"


def closed_up(text: str) -> str:
    """Without white space: line breaks are drawn, not heard."""
    return "".join(text.split())


class Ear:
    """Somebody who listens to a page."""

    def __init__(self, page: Page, voice: str) -> None:
        self.page, self.voice = page, voice

    def start(self) -> None:
        """On a new document."""
        self.page.evaluate(self.voice)
        self.page.evaluate("() => window.reader.start({ container: document.body })")

    def focus_heading(self) -> None:
        """As a document's first reading does, once: afterwards pages must do it themselves."""
        script = "(each) => { each.tabIndex = -1; each.blur(); each.focus() }"
        self.page.locator("main h1").first.evaluate(script)

    def heard(self) -> list[str]:
        """What was spoken since the last time."""
        said: list[str] = self.page.evaluate(
            """async () => {
                const said = await window.reader.spokenPhraseLog()
                await window.reader.clearSpokenPhraseLog()
                return said
            }"""
        )
        return said

    def whole(self) -> list[str]:
        """The page from its beginning to its end, and back to where the focus is."""
        said: list[str] = self.page.evaluate(
            """async () => {
                const focus = document.activeElement
                await window.reader.stop()
                await window.reader.start({ container: document.body })
                for (let n = 0; n < 2000; n++) {
                    if ((await window.reader.lastSpokenPhrase()) === "end of document") break
                    await window.reader.next()
                }
                const said = await window.reader.spokenPhraseLog()
                focus?.focus()
                await window.reader.clearSpokenPhraseLog()
                return said
            }"""
        )
        assert said[-1] == "end of document"
        return said

    def arrives(self, but: Collection[str] = ()) -> None:
        """The new step's heading is spoken at once, and everything on the page has name, role and state.

        `but`: plain words of the page that sound like a control, such as “link” and “radio” of the word list.
        """
        heading = closed_up(self.page.locator("main h1").first.inner_text())
        said: list[str] = []

        def announced() -> bool:
            said.extend(self.heard())
            return any(heading in closed_up(each) and each.startswith("heading") for each in said)

        try:
            people.wait_for(announced, 5)
        except AssertionError:
            focus = self.page.evaluate("() => document.activeElement?.outerHTML.slice(0, 120)")
            raise AssertionError(f"“{heading}” is not announced: {said[-9:]}; the focus: {focus}") from None
        page = self.whole()
        assert "main" in page or any(phrase.startswith("main") for phrase in page)
        assert [each for each in page if each.startswith("heading") and each.endswith("level 1")] != []
        for place, phrase in enumerate(page):
            parts = phrase.split(", ")
            if parts[0] not in CONTROLS or phrase in but:
                continue
            assert len(parts) > 1, f"nameless: {page[place - 3 : place + 4]}"
            assert parts[1] not in ("checked", "not checked", "required", "expanded"), f"nameless: {phrase}"
            states = STATES.get(parts[0])
            assert states is None or any(state in parts for state in states), f"without its state: {phrase}"


PLACES: dict[str, dict[str, Any]] = {
    "en": {"text": "He kept filling my glass.", "locale": "en-GB"},
    "zh": {"text": "他一直给我倒酒。", "locale": "zh-CN"},
}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_report_and_coming_back_by_ear(language: str, browser: Browser, demo: Server, voice: str) -> None:
    place = PLACES[language]
    complaints: list[str] = []
    context = browser.new_context(**{**PHONE, "locale": place["locale"]})
    page = people.watched(context, complaints)
    reporter = Reporter(page, demo, language)
    ear = Ear(page, voice)
    reporter.begin()
    ear.start()
    ear.focus_heading()
    ear.arrives()
    for step in ("readers", "what"):
        reporter.on(step)
        ear.arrives()

    page.fill("#what", place["text"])
    for step in ("told", "files", "appear", "check"):
        reporter.on(step)
        ear.arrives()
    reporter.on("words")
    reporter.keep_words()
    ear.arrives(but=reporter.words)
    spoken = ear.whole()
    assert all(any(word in phrase for phrase in spoken) for word in reporter.words)
    reporter.on("confirm")
    ear.arrives()

    page.click("#send")  # nothing written: what is missing is told
    page.wait_for_selector(".errors")
    told = " ".join(ear.heard())
    errors = page.locator(".errors a").all_inner_texts()
    assert errors
    assert all(error in told or error in " ".join(ear.whole()) for error in errors)
    assert page.evaluate("() => document.activeElement.closest('.errors') !== null")
    assert "alert" in told or "group" in told or page.locator(".errors h2").inner_text() in told
    for field in page.locator("[aria-invalid=true]").all():
        described = field.get_attribute("aria-describedby") or field.get_attribute("aria-errormessage")
        assert described
        assert any(page.locator(f"#{one}").inner_text() for one in described.split())

    reporter.confirm()
    ear.arrives()

    page.goto(f"{demo.base}/o/tidewick/{language}/return")
    ear.start()
    page.fill("#twelve", "abandon")
    ear.heard()
    page.click("[data-testid=open-mailbox]")
    page.wait_for_selector(".errors")
    told = " ".join(ear.heard())
    assert page.locator(".errors a, .errors p, .errors h2").first.inner_text() in told
    page.fill("#twelve", " ".join(reporter.words))
    page.click("[data-testid=open-mailbox]")
    page.wait_for_selector("[data-testid=thread]", timeout=30_000)
    ear.arrives()
    assert place["text"] in " ".join(ear.whole())
    page.fill("#reply", place["text"] * 2)
    page.click("#send-reply")
    page.wait_for_function(
        "() => document.querySelector('[data-testid=reply-state]')?.textContent", timeout=20_000
    )
    state = page.get_by_test_id("reply-state").inner_text()
    assert state in " ".join(ear.heard()), "that it was sent is not spoken"
    assert not complaints, complaints
    context.close()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_handlers_answer_by_ear(language: str, browser: Browser, demo: Server, voice: str) -> None:
    complaints: list[str] = []
    page = people.sign_in(browser, demo, "aoife", complaints, locale=PLACES[language]["locale"])
    page.goto(f"{demo.base}/work/tidewick/team/")
    page.wait_for_selector("[data-testid=passphrase]")
    assert (page.get_attribute("html", "lang") or "").startswith(language)
    ear = Ear(page, voice)
    ear.start()
    ear.focus_heading()
    ear.arrives()
    page.fill("[data-testid=passphrase]", "not the phrase at all")
    ear.heard()
    page.click("[data-testid=unlock-button]")
    page.wait_for_selector("[role=status].error", timeout=20_000)
    said = page.locator("[role=status].error").inner_text()
    assert said in " ".join(ear.heard())
    page.fill("[data-testid=passphrase]", people.CAST["aoife"]["phrase"])
    page.click("[data-testid=unlock-button]")
    page.get_by_test_id("cases").wait_for(timeout=30_000)
    ear.arrives()
    page.get_by_test_id("cases").locator("a, button").first.click()
    page.wait_for_selector("[data-testid=report]")
    ear.arrives()
    answer = f"{PLACES[language]['text']} {language}"
    page.fill("#answer", answer)
    ear.heard()
    page.click("[data-testid=send]")
    expect(page.get_by_test_id("thread")).to_contain_text(answer, timeout=20_000)
    told: list[str] = []

    def sent() -> bool:
        told.extend(ear.heard())
        return any(each.startswith("polite: ") and "…" not in each for each in told)

    people.wait_for(sent, 5)
    page.context.close()

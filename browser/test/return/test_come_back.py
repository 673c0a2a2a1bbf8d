"""Coming back with twelve words: only they open the mailbox, nothing is doubled, and nothing stays behind."""

import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import axe_playwright_python
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

MAILBOX = Callable[..., Page]
AXE = Path(axe_playwright_python.__file__).parent / "axe.min.js"


@pytest.fixture
def sign_in(page: Page, world: Any, complaints: list[str]) -> Callable[[str, str], None]:
    def type_words(words: str, language: str = "en") -> None:
        page.goto(f"{world.base}/o/tidewick/{language}/return")
        page.fill("#twelve", words)
        page.click("[data-testid=open-mailbox]")
        page.wait_for_selector("[data-testid=errors], [data-testid=thread]")

    return type_words


def test_a_word_that_is_not_on_the_list_is_named(sign_in: Any, page: Page, world: Any) -> None:
    words = world.words("main").split()
    sign_in(" ".join([*words[:4], "tidewick", *words[5:]]))
    expect(page.get_by_test_id("errors")).to_contain_text("“tidewick”, word 5, is not on the list")
    chinese = world.words("main", "zh")
    sign_in(chinese[:2] + "囍" + chinese[3:], "zh")
    expect(page.get_by_test_id("errors")).to_contain_text("第 3 个“囍”不在字表里")


def test_a_slip_and_words_of_no_mailbox_are_answered_alike(sign_in: Any, page: Page, world: Any) -> None:
    words = world.words("main").split()
    sign_in(" ".join([words[1], words[0], *words[2:]]))
    slip = page.get_by_test_id("errors").inner_text()
    # Valid words, but nobody's: the BIP-39 phrase of sixteen zero bytes.
    sign_in("abandon " * 11 + "about")
    assert page.get_by_test_id("errors").inner_text() == slip
    assert "wrong or out of order" in slip


def test_whose_case_was_erased_is_told_the_day(sign_in: Any, page: Page, world: Any) -> None:
    world.control(page, "fault", path="POST .*mailbox/open", kind="erased", times=1)
    sign_in(world.words("main"))
    said = page.get_by_test_id("errors")
    expect(said).to_contain_text("it was erased on")
    expect(said).to_contain_text("7 Mar 2031")
    expect(said).to_contain_text("your receipt still verifies")


def test_too_few_words_are_counted(sign_in: Any, page: Page, world: Any) -> None:
    sign_in(" ".join(world.words("main").split()[:11]))
    expect(page.get_by_test_id("errors")).to_contain_text("There are 11 words here. It takes twelve")


def test_words_open_in_either_list_with_any_spaces_and_capitals(sign_in: Any, page: Page, world: Any) -> None:
    numbered = "\n".join(f"{i}. {word.upper()}" for i, word in enumerate(world.words("main").split(), 1))
    sign_in(numbered)
    expect(page.locator("h1")).to_have_text("There is an answer")
    sign_in(" ".join(world.words("main", "zh")), "en")
    expect(page.locator("h1")).to_have_text("There is an answer")
    sign_in(world.words("main", "zh"), "zh")
    expect(page.locator("h1")).to_have_text("有答复了")


def test_the_mailbox_shows_who_answered_what_was_kept_and_what_was_missed(come_back: MAILBOX) -> None:
    page = come_back()
    thread = page.get_by_test_id("thread")
    expect(thread).to_contain_text("Peiwen He")
    expect(thread).to_contain_text("Kept “A person writes to you”")
    expect(thread).to_contain_text("Mara Voss joined on")
    expect(thread).to_contain_text("added by Ruoyun Shen")
    missed = page.locator("[data-promise=own-owner]")
    expect(missed).to_have_attribute("data-state", "missed")
    expect(missed).to_contain_text("It went to Zhiyao Lu by itself")
    expect(missed).to_contain_text("13 hours late")
    expect(page.get_by_test_id("faults")).to_have_count(0)


def test_a_message_that_was_tampered_with_is_not_shown_and_said(come_back: MAILBOX) -> None:
    page = come_back("forged")
    expect(page.get_by_test_id("faults")).to_contain_text("“A person writes to you” is marked as kept")
    expect(page.get_by_test_id("entry-damaged")).to_contain_text("whose signature is wrong")
    expect(page.locator("body")).not_to_contain_text("We read it.")


def test_a_closed_report_gives_its_reason(come_back: MAILBOX) -> None:
    page = come_back("shut")
    expect(page.locator("h1")).to_have_text("Your report was closed")
    expect(page.get_by_test_id("closed")).to_contain_text("a warning stands in his file")


def test_a_file_of_the_case_opens_and_is_what_was_sealed(come_back: MAILBOX) -> None:
    page = come_back()
    with page.expect_download() as download:
        page.get_by_test_id("entry-message").first.get_by_test_id("open-file").click()
    assert Path(download.value.path()).read_text() == "the policy, page 4"
    assert download.value.suggested_filename == "answer.txt"


def test_an_answer_whose_receipt_was_lost_is_sent_once(come_back: MAILBOX, world: Any) -> None:
    page = come_back()
    before = sent_by_reporter(world, page)
    world.control(page, "fault", path="POST .*mailbox/messages", kind="after", times=99)
    page.fill("#reply", "Not really. There is another dinner on Friday.")
    page.click("#send-reply")
    expect(page.get_by_test_id("errors")).to_contain_text("press again, and it goes out once", timeout=15_000)
    assert page.locator("#reply").get_attribute("readonly") is not None, "it stays as it was sealed"
    world.control(page, "fault", path="-", kind="after", times=0)
    page.click("#send-reply")
    expect(page.get_by_test_id("reply-state")).to_have_text("Sent. The receipt is with the others.")
    expect(page.get_by_test_id("thread")).to_contain_text("another dinner on Friday")
    assert sent_by_reporter(world, page) == [*before, len(before)]


def sent_by_reporter(world: Any, page: Page) -> list[int]:
    return [one["n"] for one in world.control(page, "messages") if one["author"] == "reporter"]


def test_pressing_twice_sends_once_and_the_next_counts_on(come_back: MAILBOX, world: Any) -> None:
    page = come_back()
    before = sent_by_reporter(world, page)
    page.fill("#reply", "One.")
    page.dblclick("#send-reply")
    expect(page.get_by_test_id("reply-state")).to_have_text("Sent. The receipt is with the others.")
    page.fill("#reply", "Two.")
    page.click("#send-reply")
    expect(page.get_by_test_id("thread")).to_contain_text("Two.")
    assert sent_by_reporter(world, page) == [*before, len(before), len(before) + 1]


def test_a_photo_goes_with_an_answer_cleaned_and_whole(come_back: MAILBOX, world: Any) -> None:
    page = come_back()
    out = io.BytesIO()
    Image.new("RGB", (300, 200), (9, 80, 71)).save(out, "JPEG", comment=b"Peiwen")
    page.get_by_test_id("file-input").set_input_files(
        {"name": "IMG_Peiwen.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}
    )
    expect(page.get_by_test_id("file-list")).to_contain_text("photo-1.jpg")
    expect(page.get_by_test_id("file-list")).to_contain_text("taken out: hidden text")
    page.click("#send-reply")
    expect(page.get_by_test_id("reply-state")).to_have_text(
        "Sent. The receipt is with the others.", timeout=15_000
    )
    assert all(one["done"] for one in world.control(page, "attachments"))


def test_a_voice_message_is_heard_before_it_is_kept(come_back: MAILBOX) -> None:
    page = come_back()
    page.get_by_test_id("voice-start").click()
    page.get_by_test_id("voice-stop").wait_for()
    page.wait_for_timeout(1500)
    page.get_by_test_id("voice-stop").click()
    assert page.locator("audio").get_attribute("src")
    expect(page.get_by_test_id("file-list")).to_be_hidden()
    page.get_by_test_id("voice-keep").click()
    expect(page.get_by_test_id("file-list")).to_contain_text("voice-1.weba")


def test_a_new_answer_comes_by_itself_and_what_is_being_written_stays(
    page: Page, come_back: MAILBOX, world: Any
) -> None:
    page.clock.install()
    come_back()
    page.fill("#reply", "half a sen")
    world.control(page, "answer", text="One more thing.")
    world.control(page, "expire")
    page.clock.run_for(21_000)
    expect(page.get_by_test_id("thread")).to_contain_text("One more thing.")
    expect(page.get_by_test_id("news")).to_have_text("There is something new below.")
    assert page.input_value("#reply") == "half a sen"


def test_ten_minutes_without_a_touch_forget_everything(page: Page, come_back: MAILBOX) -> None:
    page.clock.install()
    come_back()
    page.fill("#reply", "half a sen")
    page.clock.run_for(541_000)
    expect(page.get_by_test_id("soon")).to_contain_text("this page forgets everything")
    page.get_by_test_id("stay").click()
    expect(page.get_by_test_id("soon")).to_have_count(0)
    page.clock.run_for(601_000)
    expect(page.locator("h1")).to_have_text("The page forgot everything")
    assert not re.search("glass|half a sen|Peiwen", page.content())
    page.get_by_test_id("again").click()
    assert page.input_value("#twelve") == ""


def test_nothing_is_stored_and_no_cookie_goes(come_back: MAILBOX, world: Any) -> None:
    page = come_back()
    kept = (
        "() => [localStorage.length, sessionStorage.length, document.cookie, location.search + location.hash]"
    )
    assert page.evaluate(kept) == [0, 0, "", ""]
    assert page.evaluate("async () => (await indexedDB.databases()).length") == 0
    assert "COOKIE" not in world.control(page, "log")["log"]


def test_leaving_at_once_takes_everything_along(come_back: MAILBOX) -> None:
    page = come_back()
    page.fill("#reply", "half a sen")
    page.route("**/left", lambda route: route.fulfill(body="elsewhere"))
    for _ in range(3):
        page.keyboard.press("Escape")
    page.wait_for_url("**/left")
    page.go_back()
    page.wait_for_timeout(500)
    assert not re.search("glass|half a sen|Peiwen", page.content())


def test_receipts_are_kept_as_file_and_picture_and_the_calendar_says_nothing(come_back: MAILBOX) -> None:
    page = come_back()
    with page.expect_download() as download:
        page.click("#calendar")
    calendar = Path(download.value.path()).read_text()
    assert "SUMMARY:Have a look" in calendar
    assert not re.search("tidewick|answerable|report|http", calendar, re.IGNORECASE)
    page.get_by_test_id("show-receipts").click()
    page.locator(".receipts button").first.click()
    sheet = page.get_by_test_id("receipt")
    expect(sheet).to_contain_text("The log of Tidewick Group, entry")
    with page.expect_download() as download:
        sheet.get_by_test_id("receipt-download").click()
    assert Path(download.value.path()).read_text().startswith("c2sp.org/tlog-proof@v1\n")
    assert re.fullmatch(r"receipt-\d+\.tlog-proof", download.value.suggested_filename)
    sheet.get_by_test_id("receipt-picture").click()
    picture = sheet.get_by_test_id("kept-picture").locator("img")
    assert (picture.get_attribute("src") or "").startswith("data:image/png")


def test_a_private_record_opens_and_can_be_kept(come_back: MAILBOX) -> None:
    page = come_back("record")
    expect(page.locator("h1")).to_have_text("Your private record")
    expect(page.get_by_test_id("entry-record")).to_contain_text("He said it again today.")
    page.click("#keep-record")
    expect(page.get_by_test_id("record-state")).to_contain_text("It stays as it is")


def test_a_private_record_is_handed_to_the_report_s_own_pages(come_back: MAILBOX, page: Page) -> None:
    """In the same document: its words pass through no address and no store, and the mailbox's clock ends."""
    page.clock.install()
    come_back("record")
    page.click("#send-record")
    expect(page.locator("main")).not_to_have_attribute("data-step", "record")
    page.clock.run_for(660_000)
    expect(page.locator("h1")).not_to_have_text("The page forgot everything")
    assert page.evaluate("() => [localStorage.length, sessionStorage.length, location.search]") == [0, 0, ""]
    assert "said it again" not in page.url


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("which", ["", "main", "forged", "record"])
def test_nothing_stands_in_the_way_of_anybody(
    page: Page, world: Any, come_back: MAILBOX, which: str, language: str
) -> None:
    """axe with AAA contrast and target size, at 320 px; nothing scrolls sideways, nothing to press is under 44 px."""
    page.set_viewport_size({"width": 320, "height": 700})
    page.emulate_media(color_scheme="light", reduced_motion="reduce")  # colours change at once, not by and by
    if which:
        come_back(which, language)
        page.get_by_test_id("show-receipts").click()
        page.locator(".receipts button").first.click()
    else:
        page.goto(f"{world.base}/o/tidewick/{language}/return")
        page.wait_for_selector("#twelve")
    page.evaluate("scrollTo(0, 0)")  # else the sticky head covers what was scrolled under it
    page.evaluate(AXE.read_text())
    found = page.evaluate(
        "async () => (await axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice'],"
        " rules: { 'color-contrast-enhanced': { enabled: true }, 'target-size': { enabled: true } } }))"
        ".violations.map((v) => v.id + ': ' + v.nodes.map((n) => n.html.slice(0, 120)).join(' | '))"
    )
    assert found == []
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")  # where nothing but the colours changes
    assert not page.evaluate(
        "async () => (await axe.run({ runOnly: { type: 'rule', values: ['color-contrast', 'color-contrast-enhanced'] } }))"
        ".violations.map((v) => v.id + ': ' + v.nodes.map((n) => n.html.slice(0, 120)).join(' | '))"
    )
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    small = page.evaluate(
        "() => [...document.querySelectorAll('main button, main summary, main textarea, .leave')]"
        ".filter((e) => e.getClientRects().length && e.getBoundingClientRect().height < 43.9).map((e) => e.outerHTML.slice(0, 90))"
    )
    assert small == []

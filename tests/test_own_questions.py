"""The organisation's own questions, end to end: asked, passed over, sealed, read; and asked once more by the panel."""

from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests import people
from tests.people import PHONE, Reporter
from tests.server import Server

pytestmark = pytest.mark.browser


@pytest.fixture
def complaints() -> Any:
    """Script errors and refused resources; there must be none."""
    found: list[str] = []
    yield found
    assert not found, "\n".join(found)


def answered(page: Page) -> dict[str, str]:
    """What stands in the first list of own questions, by the question."""
    return answered_in(page.get_by_test_id("own-answers").first)


def answered_in(rows: Locator) -> dict[str, str]:
    asked, said = rows.locator("dt").all_inner_texts(), rows.locator("dd").all_inner_texts()
    return dict(zip(asked, said, strict=True))


def test_own_questions_are_asked_by_their_conditions_and_read_by_the_panel(
    browser: Browser, demo: Server, complaints: list[str], accessible: Any
) -> None:
    reporter = Reporter(people.watched(browser.new_context(**PHONE), complaints), demo)
    page = reporter.page
    reporter.begin()
    reporter.choose_readers()
    reporter.on("what")
    page.fill("#what", "The client held my wrist under the table.")
    reporter.on("own-q1")
    accessible(page)
    page.check("#own-q1-yes")
    reporter.on("own-q2")
    page.check("#own-q2-o2")
    reporter.on("own-q3")
    accessible(page)
    page.click("#skip")
    reporter.at("own-q4")
    page.fill("#own-q4", "He is a cousin of the site lead.")
    page.go_back()
    page.go_back()
    page.go_back()
    reporter.at("own-q1")
    expect(page.locator("#own-q1-yes")).to_be_checked()
    page.check("#own-q1-no")
    page.click("#next")
    reporter.at("own-q3")  # what hangs on a yes is not asked
    page.go_back()
    page.check("#own-q1-yes")
    for step in ("own-q2", "own-q3", "own-q4"):
        page.click("#next")
        reporter.at(step)
    for step in ("told", "files", "appear", "check"):
        reporter.on(step)
    expect(page.get_by_test_id("answers")).to_contain_text("He is a cousin of the site lead.")
    expect(page.get_by_test_id("answers")).to_contain_text("The client")
    reporter.on("words")
    reporter.keep_words()
    reporter.send()

    key = next(key for key in reporter.panel if people.CAST[key]["role"] == "external")
    desk = people.sign_in(browser, demo, key, complaints)
    people.unlock(desk, demo, key)
    desk.get_by_test_id("cases").get_by_text("The client held my wrist").first.click()
    expect(desk.get_by_test_id("report")).to_contain_text("As asked then, in English: version 1.")
    assert answered(desk) == {
        "Did it happen at a client event, at a dinner or on a trip?": "Yes",
        "Who arranged it?": "The client",
        "What would help you at work just now?\n"
        "Nothing happens by ticking: the people you chose talk with you first.": "not answered",
        "What should we be careful about when we look into it?": "He is a cousin of the site lead.",
    }
    accessible(desk)

    desk.fill("#answer", "Thank you. Two things would help us.")
    desk.click("#ask-more summary")
    desk.check("#ask-q1")
    desk.check("#ask-q2")
    desk.fill("#ask-text", "May we call the restaurant?")
    desk.select_option("#ask-kind", "yes-no")
    accessible(desk)
    desk.click("[data-testid=send]")
    expect(desk.get_by_test_id("asked")).to_contain_text("May we call the restaurant?", timeout=20_000)

    again = people.watched(browser.new_context(**PHONE), complaints)
    reporter.come_back(again)
    form = again.get_by_test_id("ask")
    accessible(again)
    expect(form.get_by_text("Who arranged it?")).to_be_hidden()  # until the first is a yes
    form.locator("[data-question=q1] [value=yes]").check()
    form.locator("[data-question=q2] [value=o1]").check()
    form.get_by_test_id("send-answers").click()
    expect(form).to_have_count(0, timeout=20_000)
    thread = again.get_by_test_id("thread")
    expect(thread.get_by_test_id("own-answers").last).to_contain_text("Our own team")
    expect(thread.get_by_test_id("own-answers").last).to_contain_text("not answered")

    desk.click("a[href='#inbox'] >> nth=0")  # there and back reads the case anew
    desk.get_by_test_id("cases").get_by_text("The client held my wrist").first.click()
    theirs = desk.locator("[data-author=reporter]").get_by_test_id("own-answers")
    expect(theirs).to_contain_text("Our own team", timeout=40_000)
    assert answered_in(theirs)["May we call the restaurant?"] == "not answered"
    desk.context.close()

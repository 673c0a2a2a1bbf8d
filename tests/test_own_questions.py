"""The organisation's own questions, end to end: asked, passed over, sealed, read; and asked once more by the panel."""

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

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
    rows = page.get_by_test_id("own-answers").first
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
    expect(desk.get_by_test_id("report")).to_contain_text("As asked then: version 1.")
    assert answered(desk) == {
        "Did it happen at a client event, at a dinner or on a trip?": "Yes",
        "Who arranged it?": "The client",
        "What would help you at work just now?": "not answered",
        "What should we be careful about when we look into it?": "He is a cousin of the site lead.",
    }
    accessible(desk)
    desk.context.close()

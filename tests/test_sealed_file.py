"""A report that the server does not take is not lost: she hands the sealed file over, and a handler sends it in."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Route, expect

from tests import people
from tests.people import PHONE, Reporter
from tests.server import Server

pytestmark = pytest.mark.browser

TOLD = "The server would not take it, so I hand it to you. Sentinel: lantern-ferry."


def refuse(route: Route) -> None:
    if route.request.method == "PUT":
        route.fulfill(
            status=422,
            content_type="application/json",
            body='{"error": "bad-size", "message": {"en": "", "zh": ""}}',
        )
    else:
        route.continue_()


def test_a_refused_report_comes_in_by_a_handlers_hand(browser: Browser, demo: Server, tmp_path: Path) -> None:
    page = browser.new_context(**PHONE, accept_downloads=True).new_page()
    page.route("**/api/v1/orgs/tidewick/cases/*", refuse)
    reporter = Reporter(page, demo)
    reporter.begin()
    reporter.choose_readers()
    reporter.on("what")
    page.fill("#what", TOLD)
    for step in ("told", "files", "appear", "check", "words"):
        reporter.on(step)
    reporter.keep_words()
    reporter.on("confirm")
    for field in page.get_by_test_id("word").all():
        field.fill(reporter.words[int(field.get_attribute("data-position") or 0) - 1])
    page.click("#send")
    expect(page.get_by_test_id("send-refused")).to_be_visible(timeout=30_000)
    with page.expect_download() as download:
        page.click("#save-sealed")
    sealed = tmp_path / "sealed.json"
    download.value.save_as(sealed)
    assert b"lantern-ferry" not in sealed.read_bytes()

    complaints: list[str] = []
    outside = next(key for key in people.CAST if people.CAST[key].get("phrase") and key not in reporter.panel)
    stranger = people.sign_in(browser, demo, outside, complaints)
    people.unlock(stranger, demo, outside)
    stranger.get_by_test_id("to-sealed").click()
    stranger.set_input_files("#sealed-file", sealed)
    expect(stranger.locator(".status.error")).to_be_visible()
    expect(stranger.get_by_test_id("report")).to_have_count(0)

    handler = people.sign_in(browser, demo, reporter.panel[0], complaints)
    people.unlock(handler, demo, reporter.panel[0])
    handler.get_by_test_id("to-sealed").click()
    handler.fill("#sealed-text", sealed.read_text())
    handler.click("#sealed-open")
    expect(handler.get_by_test_id("report")).to_contain_text("lantern-ferry")
    expect(handler.get_by_test_id("mismatch")).to_have_count(0)
    handler.click("#sealed-send")
    expect(handler.get_by_test_id("next-up")).to_be_visible(timeout=30_000)
    assert not complaints

    reporter.come_back(browser.new_context(**PHONE).new_page())
    expect(reporter.page.get_by_test_id("thread")).to_contain_text("lantern-ferry")
    expect(reporter.page.get_by_test_id("faults")).to_have_count(0)

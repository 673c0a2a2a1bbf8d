"""The main job, end to end, in a real browser: she reports, they answer, she reads it; the receipt holds offline."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests import people
from tests.people import PHONE, Reporter
from tests.server import Server

pytestmark = pytest.mark.browser


@pytest.fixture
def complaints() -> Any:
    """Script errors and refused resources of every page in a test; there must be none."""
    found: list[str] = []
    yield found
    assert not found, "\n".join(found)


def verify(receipt: Path, policy: Path, language: str = "en") -> subprocess.CompletedProcess[str]:
    command = [
        str(Path(sys.executable).parent / "answerable-verify"),
        "receipt",
        str(receipt),
        "--policy",
        str(policy),
    ]
    return subprocess.run([*command, "--lang", language], capture_output=True, text=True, check=False)


def answer(page: Page, text: str) -> None:
    page.fill("#answer", text)
    page.click("[data-testid=send]")
    expect(page.get_by_test_id("thread")).to_contain_text(text, timeout=20_000)


def test_a_report_is_sent_proven_read_and_answered(
    browser: Browser, demo: Server, complaints: list[str], accessible: Any, tmp_path: Path
) -> None:
    reporter = Reporter(people.watched(browser.new_context(**PHONE, accept_downloads=True), complaints), demo)
    page = reporter.page
    reporter.begin()
    page.select_option("#jurisdiction", "IE")
    reporter.choose_readers("ruoyun")
    assert "ruoyun" not in reporter.panel
    reporter.on("what")
    accessible(page)
    page.fill("#what", "He kept filling my glass after I said no. Sentinel words: umbrella-cartography.")
    reporter.on("told")
    reporter.on("files")
    upload = {"name": "stairs.jpg", "mimeType": "image/jpeg", "buffer": people.photo_with_place()}
    page.set_input_files("[data-testid=file-input]", [upload])
    expect(page.get_by_test_id("file-list").locator("li")).to_have_count(1)
    page.wait_for_timeout(500)
    reporter.on("appear")
    reporter.on("check")
    accessible(page)
    reporter.on("words")
    reporter.keep_words()
    reporter.send()
    accessible(page)
    expect(page.get_by_test_id("receipt-faults")).to_have_count(0)
    expect(page.get_by_test_id("uploads")).to_have_attribute("data-state", "done", timeout=30_000)

    with page.expect_download() as download:
        page.get_by_test_id("receipt").locator("button").first.click()
    receipt = tmp_path / "receipt.tlog-proof"
    download.value.save_as(receipt)
    policy = tmp_path / "policy"
    policy.write_bytes(page.request.get(f"{demo.base}/log/tidewick/policy").body())
    proven = verify(receipt, policy)
    assert proven.returncode == 0, proven.stdout + proven.stderr
    assert "own signature and clock only" in proven.stdout
    receipt.write_bytes(receipt.read_bytes().replace(b"A", b"B", 1))
    assert verify(receipt, policy).returncode in (1, 2)

    key = next(key for key in reporter.panel if people.CAST[key]["role"] == "external")
    handler = people.sign_in(browser, demo, key, complaints)
    people.unlock(handler, demo, key)
    accessible(handler)
    handler.get_by_test_id("cases").get_by_text("He kept filling my glass after I said no").first.click()
    expect(handler.get_by_test_id("report")).to_contain_text("umbrella-cartography")
    expect(handler.get_by_test_id("report")).not_to_contain_text("mismatch")
    accessible(handler)
    answer(handler, "Thank you for telling us. I am here until ten tonight.")

    again = people.watched(browser.new_context(**PHONE), complaints)
    reporter.come_back(again)
    expect(again.get_by_test_id("thread")).to_contain_text("I am here until ten tonight")
    expect(again.locator("[data-promise=own-acknowledged]")).to_have_attribute("data-state", "kept")
    accessible(again)


def test_the_same_in_chinese(browser: Browser, demo: Server, complaints: list[str]) -> None:
    phone = {**PHONE, "locale": "zh-CN"}
    reporter = Reporter(people.watched(browser.new_context(**phone), complaints), demo, "zh")
    reporter.begin()
    reporter.choose_readers()
    reporter.on("what")
    reporter.page.fill("#what", "聚餐时他一直灌我酒，我说了不喝。")
    for step in ("told", "files", "appear", "check", "words"):
        reporter.on(step)
    reporter.keep_words()
    assert all(len(word) == 1 for word in reporter.words)
    reporter.send()
    expect(reporter.page.get_by_test_id("receipt-faults")).to_have_count(0)
    again = people.watched(browser.new_context(**phone), complaints)
    reporter.come_back(again)
    expect(again.get_by_test_id("thread")).to_contain_text("我说了不喝")

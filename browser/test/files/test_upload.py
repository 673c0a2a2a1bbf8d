"""Large files go up piece by piece, through lost lines, without being held in memory."""

import base64
import os
from typing import Any

import pytest
from playwright.sync_api import Page

MEGABYTE = 1024 * 1024


@pytest.fixture
def harness(page: Page, world: Any) -> Page:
    page.goto(f"{world.base}/harness")
    page.wait_for_selector("html[data-ready]")
    return page


def case_bytes(world: Any) -> list[int]:
    return list(base64.urlsafe_b64decode(world.facts["main"]["case"] + "=="))


def test_a_long_film_arrives_whole_and_is_never_held(harness: Page, world: Any) -> None:
    """48 MB in every run, of which the page may hold half; FILM_MB=200 for the figure that the issue asks for."""
    size = int(os.environ.get("FILM_MB", "48"))
    cdp = harness.context.new_cdp_session(harness)

    def heap() -> int:
        cdp.send("HeapProfiler.collectGarbage")
        used = cdp.send("Runtime.getHeapUsage")
        return int(used["usedSize"]) + int(used.get("backingStorageSize", 0))

    before, most = heap(), 0
    harness.evaluate(
        "([size, id]) => { window.sealing = sealLarge(size, id).then((s) => (window.sealed = s)) }",
        [size, case_bytes(world)],
    )
    while not harness.evaluate("() => window.sealed ?? null"):
        most = max(most, heap())
        harness.wait_for_timeout(100)
    sealed = harness.evaluate("() => window.sealed")
    assert sealed["plain"] == size * MEGABYTE
    world.control(harness, "list", sha256=sealed["sha256"], size=sealed["size"])
    harness.evaluate(
        "(id) => { upload(id).then((done) => (window.uploaded = done)) }", world.facts["main"]["case"]
    )
    while not harness.evaluate("() => window.uploaded ?? null"):
        most = max(most, heap())
        harness.wait_for_timeout(100)
    done = harness.evaluate("() => window.uploaded")
    assert done["last"]["sent"] == sealed["size"], "the server compared the whole hash before it said so"
    print(f"most of the heap above the start: {(most - before) / MEGABYTE:.1f} MiB")
    # Holding the file, or its sealed bytes, would be the whole size and more.
    assert most - before < 24 * MEGABYTE


def test_lost_lines_busy_servers_and_lost_answers_only_make_it_later(harness: Page, world: Any) -> None:
    sealed = harness.evaluate("(id) => sealLarge(6, id)", case_bytes(world))
    world.control(harness, "list", sha256=sealed["sha256"], size=sealed["size"])
    world.control(harness, "fault", path="PUT .*attachments", kind="lost", times=2)
    done = harness.evaluate("(id) => upload(id)", world.facts["main"]["case"])
    assert done["last"]["sent"] == sealed["size"]
    assert [wait for wait in done["waits"] if wait], "the page was told to wait"
    assert done["waits"][-1] is None, "and that it goes on"


def test_an_unlisted_file_is_refused_for_good(harness: Page, world: Any) -> None:
    harness.evaluate("(id) => sealLarge(1, id)", case_bytes(world))
    with pytest.raises(Exception, match="refused"):
        harness.evaluate("(id) => upload(id)", world.facts["main"]["case"])

"""The reporter's pages in a real browser: what is sent is what she chose, once, and nothing else ever leaves."""

import io
import re
from pathlib import Path
from typing import Any

import axe_playwright_python
import pytest
from PIL import Image
from playwright.sync_api import FilePayload, Page, expect

AXE = Path(axe_playwright_python.__file__).parent / "axe.min.js"
STORED = """async () => [localStorage.length, sessionStorage.length, document.cookie, (await indexedDB.databases()).length,
    JSON.stringify(history.state), location.href]"""
BROKEN_LISTS = [
    ("unsigned", "roster-signatures"),
    ("unlogged", "roster-not-logged"),
    ("other", "other-roster"),
]
WECHAT = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/116.0 Mobile MicroMessenger/8.0.49"
TAGS = ["wcag2a", "wcag2aa", "wcag2aaa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def faults_of(page: Page) -> list[str]:
    """Everything axe knows in light colours; in dark ones nothing but the colours changes, so only contrast is asked."""
    page.evaluate(AXE.read_text())
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    found: list[str] = page.evaluate(
        """(tags) => axe.run(document, { runOnly: tags, rules: { "color-contrast-enhanced": { enabled: true } } })
            .then(({ violations }) => violations.map((one) => one.id + " " + one.nodes[0].html))""",
        TAGS,
    )
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    found += page.evaluate(
        """() => axe.run(document, { runOnly: { type: "rule", values: ["color-contrast", "color-contrast-enhanced"] } })
            .then(({ violations }) => violations.map((one) => "dark: " + one.id + " " + one.nodes[0].html))"""
    )
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    return found


def photo() -> FilePayload:
    picture = io.BytesIO()
    Image.new("RGB", (40, 30), (9, 80, 71)).save(picture, "JPEG")
    return {"name": "corridor.jpg", "mimeType": "image/jpeg", "buffer": picture.getvalue()}


def test_the_panel_she_chose_reads_what_she_wrote_and_nobody_she_ticked(
    walk: Any, channel: Any, page: Page
) -> None:
    walk.begin(anchor=f"#r={channel.anchor}")
    page.select_option("#jurisdiction", "IE")
    walk.on("readers")
    peiwen = channel.named("Peiwen He")
    page.check(f"[data-testid=close][data-person='{peiwen}']")
    expect(page.locator(f"[data-testid=panel-member][data-person='{peiwen}']")).to_have_count(0)
    walk.on("what")
    page.fill("#what", "He held the door shut.\n第二天他当众问我。")
    page.click("[data-testid=ask-drink] summary")
    page.check("#drink-yes")
    walk.on("told")
    page.click("#told-add")
    page.select_option("#told-0-person", channel.named("Ruoyun Shen"))
    page.fill("#told-0-on", "2026-11-02")
    expect(page.locator("#told-effect")).to_contain_text("an overseer")
    walk.on("files")
    page.set_input_files("[data-testid=file-input]", [photo()])
    expect(page.get_by_test_id("file-list").locator("li")).to_have_count(1)
    page.wait_for_timeout(500)
    walk.on("appear")
    page.check("#appear-confidential")
    page.fill("#name", "Ana Q")
    page.fill("#contact", "087 000")
    walk.on("check")
    page.check("#urgency-soon")
    expect(page.get_by_test_id("promise-draft").locator("li")).to_have_count(4)
    walk.on("words")
    walk.keep_words()
    walk.on("confirm")
    walk.send()
    walk.at("receipt")
    expect(page.get_by_test_id("receipt")).to_be_visible()
    expect(page.get_by_test_id("receipt-faults")).to_have_count(0)
    expect(page.get_by_test_id("uploads")).to_have_attribute("data-state", "done", timeout=15_000)
    (got,) = channel.received(page)
    assert got["mismatches"] == []
    assert got["report"]["answers"]["what"] == "He held the door shut.\n第二天他当众问我。"
    assert got["report"]["answers"]["drink"] == "yes"
    assert "name" not in got["report"]["answers"]
    assert got["report"]["excluded"] == [peiwen]
    assert peiwen not in got["manifest"]["panel"]
    assert all(peiwen not in rung for rung in got["manifest"]["reach"])
    assert got["report"]["earlier_disclosures"] == [
        {"to": "Ruoyun Shen", "on": "2026-11-02", "person": channel.named("Ruoyun Shen")}
    ]
    assert (got["manifest"]["start_rung"], got["manifest"]["urgency"], got["manifest"]["jurisdiction"]) == (
        2,
        "soon",
        "IE",
    )
    assert got["identity"] == {"name": "Ana Q", "contact": "087 000"}
    assert [one["sha256"] for one in got["files"]] == [
        one["sha256"] for one in got["manifest"]["attachments"]
    ]
    log = channel.control(page, "log")["log"]
    assert "COOKIE" not in log
    assert "REFERER" not in log


def test_a_report_in_chinese_gives_twelve_characters_and_arrives(walk: Any, channel: Any, page: Page) -> None:
    walk.write("那天聚餐之后，他不让我走。", "zh")
    walk.to_confirm()
    assert len(walk.words) == 12
    assert all(len(word) == 1 for word in walk.words)
    walk.send()
    walk.at("receipt")
    assert channel.received(page)[0]["report"]["answers"]["what"] == "那天聚餐之后，他不让我走。"


def test_nothing_is_sent_or_stored_before_she_sends(walk: Any, channel: Any, page: Page) -> None:
    walk.write("a sentinel that must stay here")
    walk.to_confirm()
    log = channel.control(page, "log")["log"]
    assert not [line for line in log if line.startswith(("PUT", "POST"))]
    stored = page.evaluate(STORED)
    assert stored[:4] == [0, 0, "", 0]
    assert "sentinel" not in str(stored)


def test_a_double_click_sends_once(walk: Any, channel: Any, page: Page) -> None:
    walk.write()
    walk.to_confirm()
    walk.confirm()
    page.dblclick("#send")
    walk.at("receipt")
    assert [one["puts"] for one in channel.received(page)] == [1]


def test_a_line_lost_after_the_server_took_it_doubles_nothing(walk: Any, channel: Any, page: Page) -> None:
    walk.write()
    walk.to_confirm()
    channel.control(page, "fault", path="PUT .*cases/", kind="after", times=1)
    walk.send()
    walk.at("receipt")
    (got,) = channel.received(page)
    assert got["puts"] == 2
    assert got["mismatches"] == []


def test_without_a_line_the_page_waits_and_goes_on(walk: Any, channel: Any, page: Page) -> None:
    walk.write()
    walk.to_confirm()
    channel.control(page, "fault", path="challenge", kind="drop", times=4)
    walk.send()
    expect(page.get_by_test_id("stage")).to_contain_text("No connection", timeout=10_000)
    page.click("#try-now")
    walk.at("receipt")


def test_more_work_is_done_when_the_server_asks_for_it(walk: Any, channel: Any, page: Page) -> None:
    walk.write()
    walk.to_confirm()
    channel.control(page, "fault", path="PUT .*cases/", kind="work", times=1)
    channel.control(page, "log")
    walk.send()
    walk.at("receipt")
    puts = [
        line for line in channel.control(page, "log")["log"] if re.match(r"PUT .*/cases/[\w-]{22}$", line)
    ]
    assert len(puts) == 2


def test_a_full_server_is_said_and_the_sealed_file_can_go_elsewhere(
    walk: Any, channel: Any, page: Page
) -> None:
    walk.write()
    walk.to_confirm()
    channel.control(page, "fault", path="PUT .*cases/", kind="full", times=1)
    walk.send()
    expect(page.get_by_test_id("send-refused")).to_have_attribute("data-code", "no-room")
    expect(page.get_by_test_id("elsewhere")).to_contain_text("lu@hengyan.example")
    with page.expect_download() as held:
        page.click("#save-sealed")
    sealed = Path(held.value.path()).read_text()
    assert '"manifest"' in sealed
    assert "door" not in sealed
    page.click("#try-again")
    walk.at("receipt")


def test_a_list_that_changed_meanwhile_is_shown_again_with_her_words_kept(
    walk: Any, channel: Any, page: Page
) -> None:
    walk.write("still here")
    walk.to_confirm()
    channel.control(page, "roster", how="next")
    walk.send()
    walk.at("readers")
    expect(page.locator("main")).to_contain_text("changed while you were writing")
    walk.on("what")
    assert page.input_value("#what") == "still here"
    kept = walk.words
    walk.to_confirm()
    assert walk.words == kept
    walk.send()
    walk.at("receipt")
    assert channel.received(page)[0]["mismatches"] == []


@pytest.mark.parametrize(("how", "code"), BROKEN_LISTS)
def test_a_list_that_does_not_add_up_is_refused_before_a_word_is_written(
    walk: Any, channel: Any, page: Page, how: str, code: str
) -> None:
    channel.control(page, "roster", how=how)
    walk.begin(anchor=f"#r={channel.anchor}")
    walk.on("refused")
    expect(page.get_by_test_id("list-refused")).to_have_attribute("data-code", code)
    expect(page.locator("textarea")).to_have_count(0)
    assert faults_of(page) == []


def test_ticking_everyone_leaves_nobody_and_says_where_to_turn(walk: Any, page: Page) -> None:
    walk.begin()
    walk.on("readers")
    for box in page.get_by_test_id("close").all():
        box.check()
    expect(page.get_by_test_id("nobody")).to_be_visible()
    page.click("#next")
    expect(page.get_by_test_id("errors")).to_be_focused()


def test_confidential_is_offered_only_with_someone_from_outside(walk: Any, channel: Any, page: Page) -> None:
    walk.begin()
    walk.on("readers")
    page.check(f"[data-testid=close][data-person='{channel.named('Zhiyao Lu')}']")
    for step in ("what", "told", "files", "appear"):
        walk.on(step)
    expect(page.locator("#appear-confidential")).to_have_count(0)
    expect(page.get_by_test_id("no-confidential")).to_be_visible()


def test_an_empty_report_is_not_sealed(walk: Any, page: Page) -> None:
    walk.begin()
    for step in ("readers", "what", "told", "files", "appear", "check"):
        walk.on(step)
    page.click("#next")
    expect(page.get_by_test_id("errors")).to_contain_text("Write a few words")


def test_the_back_button_stays_inside_and_keeps_every_answer(walk: Any, page: Page) -> None:
    walk.write("one two three")
    page.click("[data-testid=ask-where] summary")
    page.fill("#where", "Quay Room")
    walk.on("told")
    page.go_back()
    walk.at("what")
    assert (page.input_value("#what"), page.input_value("#where")) == ("one two three", "Quay Room")
    page.click("#back")
    walk.at("readers")
    page.go_forward()
    walk.at("what")
    assert page.input_value("#what") == "one two three"


def test_a_wrong_word_is_named_and_nothing_goes(walk: Any, channel: Any, page: Page) -> None:
    walk.write()
    walk.to_confirm()
    walk.confirm()
    first = page.get_by_test_id("word").first
    first.fill("zzz")
    page.click("#send")
    expect(page.get_by_test_id("errors")).to_contain_text(
        f"Word {first.get_attribute('data-position')} is another one"
    )
    assert channel.received(page) == []


@pytest.mark.parametrize("way", ["button", "keys"])
def test_leaving_at_once_replaces_the_page_and_leaves_no_word(
    walk: Any, channel: Any, page: Page, way: str
) -> None:
    walk.write("what must not be seen")
    if way == "button":
        page.click("#leave")
    else:
        page.focus("#what")
        for _ in range(3):
            page.keyboard.press("Escape")
    page.wait_for_url(f"{channel.base}/left")
    page.go_back()
    page.wait_for_timeout(500)
    assert "what must not be seen" not in page.content()
    assert page.evaluate("[...document.querySelectorAll('textarea')].every((one) => one.value === '')")


def test_a_private_record_is_sealed_to_her_words_alone(walk: Any, channel: Any, page: Page) -> None:
    page.goto(f"{channel.base}/o/tidewick/en/report#record")
    walk.at("begin")
    walk.on("what")
    page.fill("#what", "for later")
    for step in ("files", "check", "words"):
        walk.on(step)
    walk.keep_words()
    walk.on("confirm")
    walk.send()
    walk.at("receipt")
    expect(page.get_by_test_id("receipt")).to_contain_text("private record")
    (got,) = channel.received(page, " ".join(walk.words))
    assert got["kind"] == "records"
    assert got["record"]["answers"]["what"] == "for later"
    assert "GET /api/v1/orgs/tidewick/rosters" not in channel.control(page, "log")["log"]


def test_the_posters_anchor_goes_along_every_link(channel: Any, page: Page) -> None:
    page.goto(f"{channel.base}/o/tidewick/en/#r={channel.anchor}")
    page.click("#to-help")
    page.wait_for_selector("#lines h2")
    assert page.url.endswith(f"/help#r={channel.anchor}")
    page.click(".step a")
    page.click("#start-report")
    page.wait_for_selector("main[data-step=begin]")
    assert page.url.endswith(f"/report#r={channel.anchor}")


def test_wechat_is_told_how_to_open_a_real_browser(channel: Any, browser: Any) -> None:
    context = browser.new_context(user_agent=WECHAT)
    page = context.new_page()
    page.goto(f"{channel.base}/o/tidewick/zh/")
    expect(page.get_by_test_id("browser-notice")).to_contain_text("在浏览器打开")
    context.close()


def test_without_scripts_the_page_says_what_to_do(channel: Any, browser: Any) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    for name in ("", "report"):
        page.goto(f"{channel.base}/o/tidewick/en/{name}")
        expect(page.locator("noscript b").first).to_be_visible()
        expect(page.locator("noscript b").first).to_contain_text("needs JavaScript")
        expect(page.locator("main a[href='other-ways']").first).to_be_visible()
    context.close()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_page_has_a_barrier_at_the_width_of_a_phone(
    walk: Any, channel: Any, page: Page, language: str
) -> None:
    """In light and in dark colours."""
    page.set_viewport_size({"width": 320, "height": 640})
    found: dict[str, list[str]] = {}

    def look(name: str) -> None:
        found[name] = faults_of(page)
        if page.evaluate("document.documentElement.scrollWidth") > 320:
            found[name].append("scrolls sideways")

    for name in ("", "help", "keep", "about"):
        page.goto(f"{channel.base}/o/tidewick/{language}/{name}")
        page.wait_for_selector("#org-name:not(:empty)")
        look(name or "start")
    walk.begin(language)
    look("begin")
    for step in ("readers", "what", "told", "files", "appear", "check", "words"):
        walk.on(step)
        if step == "what":
            page.fill("#what", "…")
            page.click("[data-testid=ask-ongoing] summary")
        if step == "told":
            page.click("#told-add")
        if step == "appear":
            page.check("#appear-confidential")
            page.fill("#name", "A")
            page.fill("#contact", "B")
        look(step)
    walk.keep_words()
    walk.on("confirm")
    look("confirm")
    walk.send()
    walk.at("receipt")
    look("receipt")
    assert {name: faults for name, faults in found.items() if faults} == {}


def test_titles_tell_nobody_what_the_page_is_about(walk: Any, page: Page) -> None:
    walk.write()
    assert re.fullmatch(r"Step 3 of 7 – Answerable", page.title())
    assert page.evaluate("document.activeElement.id") in {"what", ""}


def test_each_page_puts_the_focus_on_its_heading(walk: Any, page: Page) -> None:
    walk.begin()
    for step in ("readers", "what", "told"):
        walk.on(step)
        assert page.evaluate("document.activeElement.tagName") == "H1"

"""Pages judged by engines of others: vnu (HTML), alfa (ACT rules), axe at AAA on the reporter's pages; light and dark."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, Page

from tests import people
from tests.people import PHONE, Reporter
from tests.server import ROOT, Server

pytestmark = pytest.mark.browser

BROWSER = ROOT / "browser"
VNU = BROWSER / "node_modules/vnu-jar/build/dist/vnu.jar"
NATIVE = BROWSER / "node_modules/@siteimprove/alfa-dom/dist/native.js"
Scheme = Literal["light", "dark"]
SCHEMES: list[Scheme] = ["light", "dark"]
STATIC = ["", "report", "return", "help", "keep", "about", "other-ways"]
AAA = ["wcag2a", "wcag2aa", "wcag2aaa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def html_errors(pages: list[Path]) -> list[str]:
    """What the Nu HTML checker calls an error or a warning."""
    done = subprocess.run(
        ["java", "-Xss1m", "-jar", str(VNU), "--stdout", "--format", "json", *map(str, pages)],
        capture_output=True,
        text=True,
        check=False,
    )
    said = json.loads(done.stdout)["messages"]
    # SVG 2 gives pathLength to every shape (section 9.6.1); the checker's grammar is that of SVG 1.1.
    said = [
        each
        for each in said
        if "Attribute “pathLength” not allowed on element “circle”" not in each["message"]
    ]
    return [
        f"{Path(each['url']).name}:{each.get('lastLine')}: {each['message']}"
        for each in said
        if each["type"] == "error" or each.get("subType") == "warning"
    ]


def test_no_page_has_an_html_error(browser: Browser, demo: Server, tmp_path: Path) -> None:
    """As served, and as it stands after our scripts drew it."""
    pages: list[Path] = []

    def keep(name: str, text: str) -> None:
        pages.append(tmp_path / f"{name}.html")
        pages[-1].write_text(
            text if text.lower().startswith("<!doctype") else f"<!doctype html>\n{text}", "utf-8"
        )

    context = browser.new_context(**PHONE)
    page = context.new_page()
    for language in ("en", "zh"):
        for name in STATIC:
            answer = page.goto(f"{demo.base}/o/tidewick/{language}/{name}", wait_until="networkidle")
            assert answer
            keep(f"{language}-{name or 'start'}-served", answer.text())
            keep(f"{language}-{name or 'start'}-drawn", page.content())
    keep("login", page.request.get(f"{demo.base}/work/accounts/login/").text())
    keep("not-found", page.request.get(f"{demo.base}/o/nobody/en/").text())
    context.close()
    complaints: list[str] = []
    for who, paths in {
        "emeka": ["administration/", "administration/poster/", "notices/"],
        "orla": ["board/"],
        "peiwen": ["team/", ""],
    }.items():
        page = people.sign_in(browser, demo, who, complaints)
        for path in paths:
            answer = page.goto(f"{demo.base}/work/tidewick/{path}", wait_until="networkidle")
            assert answer
            keep(f"{who}-{path.replace('/', '-') or 'home'}", answer.text())
        if who == "peiwen":
            people.unlock(page, demo, who)
            keep("console-drawn", page.content())
        page.context.close()
    found = html_errors(pages)
    assert not found, "\n".join(found)


def test_the_checker_of_html_finds_an_error(tmp_path: Path) -> None:
    page = tmp_path / "wrong.html"
    page.write_text("<!doctype html><html lang=en><title>x</title><p><div></div></p><img src=x>")
    assert any("alt" in error for error in html_errors([page]))


class Judges:
    """Collects pages for alfa, which judges all at once, and asks axe about each."""

    def __init__(self, axe: str) -> None:
        self.axe, self.pages, self.found = axe, [], []  # type: ignore[var-annotated]
        self.native = (
            NATIVE.read_text("utf-8")
            .replace("export var Native", "var Native")
            .replace("//# sourceMappingURL", "//")
        )

    def look(self, page: Page, name: str, *, level: str, dark: bool) -> None:
        size = page.viewport_size or {"width": 0, "height": 0}
        document = page.evaluate(
            f"async () => {{ {self.native}\nreturn JSON.stringify(await Native.fromNode(document)) }}"
        )
        kept = {"name": name, "dark": dark, "level": level, "document": json.loads(document)}
        self.pages.append(kept | size)
        page.evaluate(self.axe)
        highest = level == "AAA"
        options: dict[str, Any] = {"runOnly": AAA if highest else [tag for tag in AAA if tag != "wcag2aaa"]}
        asked = ["target-size", *(["color-contrast-enhanced"] if highest else [])]  # off unless asked for
        options["rules"] = {rule: {"enabled": True} for rule in asked}
        self.found += page.evaluate(
            "async ([name, options]) => (await axe.run(document, options)).violations.map((v) => "
            "name + ': ' + v.id + ' ' + v.nodes.map((n) => n.target.join(' ') + ' ' + n.failureSummary).slice(0, 2).join(' | '))",
            [name, options],
        )

    def alfa(self) -> list[str]:
        done = subprocess.run(
            ["node", "tools/alfa.mjs"],
            cwd=BROWSER,
            input=json.dumps(self.pages),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.stdout.count("rules applied") == len(self.pages), done.stderr[-2000:]
        return [line for line in done.stdout.splitlines() if not line.startswith("#")]


@pytest.fixture
def judges(axe: str) -> Judges:
    return Judges(axe)


SMALL = """() => [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary')]
  .filter((each) => each.checkVisibility({visibilityProperty: true}) && !each.closest('[inert], [aria-hidden=true]'))
  .map((each) => [each, (each.type === 'radio' || each.type === 'checkbox') && each.closest('label') || each])
  .map(([each, whole]) => [each, whole.getBoundingClientRect()])
  .filter(([each, box]) => box.width > 1 && box.height > 1 && (box.width < 44 || box.height < 44))
  .filter(([each]) => getComputedStyle(each).display !== 'inline')
  .map(([each, box]) => `${each.outerHTML.slice(0, 90)} ${Math.round(box.width)}x${Math.round(box.height)}`)"""


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_reporters_pages_have_no_fault_at_aaa(
    scheme: Scheme, browser: Browser, demo: Server, judges: Judges
) -> None:
    dark = scheme == "dark"
    context = browser.new_context(**PHONE, color_scheme=scheme, reduced_motion="reduce")
    page = context.new_page()
    small: list[str] = []

    def look(name: str) -> None:
        judges.look(page, f"{name} {scheme}", level="AAA", dark=dark)
        small.extend(f"{name}: {one}" for one in page.evaluate(SMALL))

    for name in STATIC:
        page.goto(f"{demo.base}/o/tidewick/en/{name}", wait_until="networkidle")
        look(name or "start")
    page.goto(f"{demo.base}/o/tidewick/zh/", wait_until="networkidle")
    look("start in Chinese")
    reporter = Reporter(page, demo)
    reporter.begin()
    look("begin")
    for step in ("readers", "what"):
        reporter.on(step)
        look(step)
    page.fill("#what", "It happened after the dinner, in the lift.")
    for step in ("told", "files", "appear", "check", "words"):
        reporter.on(step)
        look(step)
    reporter.keep_words()
    reporter.on("confirm")
    look("confirm")
    page.click("#send")
    page.wait_for_selector("[role=alert], .errors")
    look("confirm, refused")
    context.close()
    judged = [*judges.found, *judges.alfa()]
    assert not judged, "\n".join(judged)
    assert not small, "\n".join(small)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_work_pages_have_no_fault_at_aa(
    scheme: Scheme, browser: Browser, demo: Server, judges: Judges
) -> None:
    dark = scheme == "dark"
    context = browser.new_context(color_scheme=scheme)
    page = context.new_page()
    page.goto(f"{demo.base}/work/accounts/login/")
    judges.look(page, f"login {scheme}", level="AA", dark=dark)
    context.close()
    complaints: list[str] = []
    for who, paths in {"emeka": ["administration/"], "orla": ["board/"]}.items():
        page = people.sign_in(browser, demo, who, complaints, color_scheme=scheme)
        for path in paths:
            page.goto(f"{demo.base}/work/tidewick/{path}", wait_until="networkidle")
            judges.look(page, f"{path} {scheme}", level="AA", dark=dark)
        page.context.close()
    page = people.sign_in(browser, demo, "peiwen", complaints, color_scheme=scheme)
    page.goto(f"{demo.base}/work/tidewick/team/", wait_until="networkidle")
    judges.look(page, f"locked console {scheme}", level="AA", dark=dark)
    people.unlock(page, demo, "peiwen")
    judges.look(page, f"inbox {scheme}", level="AA", dark=dark)
    page.get_by_test_id("cases").locator("a, button").first.click()
    page.wait_for_selector("[data-testid=report]")
    judges.look(page, f"case {scheme}", level="AA", dark=dark)
    page.context.close()
    judged = [*judges.found, *judges.alfa()]
    assert not judged, "\n".join(judged)


def test_the_judges_find_faults(browser: Browser, judges: Judges, small_page: Callable[[str], Page]) -> None:
    page = small_page(
        "<title>x</title><h1>Hello</h1><p style='color:#707070'>pale</p><button></button><img src='data:,'>"
    )
    judges.look(page, "wrong", level="AAA", dark=False)
    found = "\n".join(judges.found)
    assert "button-name" in found
    assert "color-contrast-enhanced" in found
    said = "\n".join(judges.alfa())
    assert "sia-r12" in said  # a button without a name
    assert "sia-r2" in said  # an image without one
    assert "sia-r66" in said  # contrast at AAA
    assert page.evaluate(SMALL)


@pytest.fixture
def small_page(browser: Browser) -> Any:
    """A page of our own making."""
    context = browser.new_context(**PHONE)

    def make(body: str) -> Page:
        page = context.new_page()
        page.set_content(f"<!doctype html><html lang='en'>{body}</html>")
        return page

    yield make
    context.close()

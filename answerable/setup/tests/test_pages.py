"""The set-up and the pages after it on a phone, in both languages, in a real Chromium, with axe."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from answerable.organisation import actions as organisations
from answerable.organisation.models import Organisation
from answerable.setup import actions
from answerable.setup.tests.conftest import ANSWERS
from answerable.ui.tests.test_pictures import png

# Playwright keeps an event loop in the thread of the tests, and Django would refuse its database there.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PHONE = {"width": 360, "height": 740}
WORDS = {
    "en-GB": {"go": "Save and go on", "make": "Make the organisation", "begin": "Begin", "use": "Use #"},
    "zh-CN": {"go": "保存并继续", "make": "建立单位", "begin": "开始", "use": "改用"},
}


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    flags = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
    return {**browser_type_launch_args, "executable_path": "/usr/bin/chromium", "args": flags}


@pytest.fixture(scope="session")
def axe() -> str:
    import axe_playwright_python

    return next(Path(axe_playwright_python.__file__).parent.rglob("axe.min.js")).read_text(encoding="utf-8")


def _sound(page: Page, axe: str | None) -> None:
    """Nothing scrolls sideways, and axe (half a second a page: in one language each) finds nothing."""
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    if axe is None:
        return
    page.evaluate(axe)
    kinds = "['wcag2a','wcag2aa','wcag21aa','wcag22aa','best-practice']"
    found = page.evaluate(
        f"async () => (await axe.run({{runOnly: {kinds}}})).violations.map(v => v.id + v.nodes[0].target)"
    )
    assert found == []


@pytest.fixture(params=["en-GB", "zh-CN"])
def phone(request, browser: Browser):
    context = browser.new_context(viewport=PHONE, locale=request.param)
    page = context.new_page()
    page.words, page.lang = WORDS[request.param], request.param[:2]
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda said: errors.append(said.text) if "Content Security" in said.text else None)
    yield page
    assert errors == []
    context.close()


def test_whoever_holds_the_code_sets_up_an_organisation_on_a_phone(phone, live_server, data, axe):
    code = actions.begin(datetime.now(UTC))
    axe = axe if phone.lang == "zh" else None

    def go(step: str) -> None:
        expect(phone).to_have_url(f"{live_server.url}/work/setup/{step}/")
        _sound(phone, axe)

    def on() -> None:
        phone.get_by_role("button", name=phone.words["go"], exact=True).click()

    phone.goto(f"{live_server.url}/work/setup/")
    _sound(phone, axe)
    phone.locator("#id_code").fill(code)
    phone.get_by_role("button", name=phone.words["begin"]).click()
    go("name")
    phone.locator("#id_name_en").fill("Quayside Foods")
    on()
    go("languages")
    on()
    go("address")
    phone.locator("#id_slug").fill("quayside")
    on()
    go("places")
    for place in ("IE", "US"):
        phone.locator(f"input[value={place}]").check()
    on()
    go("zones")
    phone.locator("#id_zone_US").select_option("America/Chicago")
    on()
    go("look")
    phone.locator("#id_accent").fill("#ff9a3c")
    on()
    go("look")
    phone.locator("#id_picture").set_input_files(
        files=[{"name": "m.png", "mimeType": "image/png", "buffer": png()}]
    )
    phone.get_by_role("button", name=phone.words["use"]).click()
    go("contact")
    phone.locator("#id_contact_en").fill("Aoife Burke")
    phone.locator("#id_telephone").fill("+353 1 555 0100")
    on()
    go("administrators")
    for field, value in ANSWERS["administrators"].items():
        phone.locator(f"#id_{field}").fill(value)
    on()
    go("check")
    phone.get_by_role("button", name=phone.words["make"]).click()
    expect(phone.locator(".secret")).to_have_count(2)
    _sound(phone, axe)
    made = Organisation.objects.get()
    assert made.origin == live_server.url.removeprefix("http://") + "/log/quayside"
    assert made.accent == "#a35800"
    assert made.mark
    # The reporter's page wears the colour and the mark, and says that nothing is taken yet, and whom to ask.
    phone.goto(f"{live_server.url}/o/quayside/{phone.lang}/")
    expect(phone.locator(".brand img.mark-shown")).to_be_visible()
    expect(phone.locator("#closed")).to_contain_text("+353 1 555 0100")
    jade = phone.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--jade').trim()")
    assert jade == "#a35800"
    expect(phone.locator("#start-report")).to_be_hidden()
    _sound(phone, axe)


def test_checklist_settings_and_proposals_on_a_phone(phone, live_server, people, client_for, axe, now):
    organisation = people["administrator"].organisation
    axe = axe if phone.lang == "en" else None
    organisations.open_unchecked(organisation, now=now)
    organisation.refresh_from_db()
    actions.change(organisation, "contact", ANSWERS["contact"], by=people["administrator"], now=now)
    cookies = client_for(people["administrator"]).cookies
    phone.context.add_cookies(
        [
            {"name": name, "value": each.value, "url": f"{live_server.url}/work/"}
            for name, each in cookies.items()
        ]
    )
    for path in (
        "administration/",
        "opening/",
        "opening/mail/",
        "settings/",
        "settings/look/",
        "settings/contact/",
        "settings/places/",
        "proposals/",
    ):
        phone.goto(f"{live_server.url}/work/tidewick/{path}")
        assert "/accounts/" not in phone.url, phone.url
        _sound(phone, axe)
        if folder := os.environ.get("SHOTS"):
            name = f"{path.strip('/').replace('/', '-')}-{phone.words['begin']}"
            phone.screenshot(path=f"{folder}/{name}.png", full_page=True)
    expect(phone.locator("section.sheet")).to_contain_text("+353 1 555 0100")

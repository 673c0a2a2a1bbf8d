"""What handlers do at their desks, in real browsers against the real server: keys and roster, panels, lies, locks, evidence."""

import io
import json
import re
import subprocess
import wave
import zipfile
from base64 import b32decode, b64encode
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.request import urlopen

import pytest
from answerable_protocol.encoding import base64url_decode, base64url_encode, id_text, sha256
from playwright.sync_api import Browser, Page, expect

from answerable.cli.demo import seed
from answerable.cli.demo.make_fixture import ORIGIN, person_id
from answerable.cli.demo.views import code_at
from answerable.intake.tests import world
from tests import people
from tests import server as servers
from tests.inside import inside
from tests.people import CAST, PHONE, Reporter
from tests.senders import Line
from tests.server import ROOT, Server

pytestmark = pytest.mark.browser

ORG = "tidewick"
PASSWORD = "seven herons over the weir"


def pid(key: str) -> str:
    """A person's id as it stands in addresses and manifests."""
    return id_text(person_id(key).bytes)


@dataclass
class Report:
    """A report that came in, sealed by the browser's own code under Node."""

    case: str
    words: list[str]


class House:
    """The demo organisation on a server of its own, and the desks of its people, each signed in and unlocked once."""

    def __init__(self, browser: Browser, server: Server) -> None:
        self.browser, self.server = browser, server
        self.complaints: list[str] = []
        self._desks: dict[str, Page] = {}

    def desk(self, key: str) -> Page:
        """Somebody's console, open, at the inbox."""
        if key not in self._desks:
            page = people.sign_in(self.browser, self.server, key, self.complaints)
            people.unlock(page, self.server, key)
            self._desks[key] = page
        return show(self._desks[key], "inbox")

    def public(self, path: str) -> Any:
        with urlopen(f"{self.server.base}/api/v1/orgs/{ORG}/{path}", timeout=20) as answer:
            return json.load(answer)

    def newest_roster(self) -> str:
        return str(self.public("rosters")["rosters"][-1])

    def make(self, *reports: dict[str, Any], **more: Any) -> dict[str, Any]:
        """What a reporter's browser would send: see browser/test/console/maker.ts."""
        wanted = {
            "org": ORG,
            "roster": self.newest_roster(),
            "created": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "reports": reports,
            **more,
        }
        command = ["node", str(ROOT / "browser/test/console/maker.mjs")]
        done = subprocess.run(command, input=json.dumps(wanted), capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[-2000:]
        made: dict[str, Any] = json.loads(done.stdout)
        return made

    def receive(self, *reports: dict[str, Any]) -> list[Report]:
        """Seals these reports and sends them in, with their files."""
        made = self.make(*reports)["reports"]
        with closing(Line(self.server.port)) as line:
            for each in made:
                at = f"/api/v1/orgs/{ORG}/cases/{each['case']}"
                _, challenge = line.ask("GET", f"/api/v1/orgs/{ORG}/challenge")
                status, answer = line.ask("PUT", at, each["body"] | {"pow": world.solve(challenge)})
                assert status == 201, answer
                for file in each["files"]:
                    piece = base64url_decode(file["file"])
                    marks = {
                        "Content_Range": f"bytes 0-{len(piece) - 1}/{len(piece)}",
                        "X_Chunk_SHA256": base64url_encode(sha256(piece)),
                    }
                    status, answer = line.ask("PUT", f"{at}/attachments/{file['sha256']}", piece, **marks)
                    assert status == 200, answer
                    assert answer["done"], answer
        return [Report(each["case"], each["words"]) for each in made]

    def come_back(self, report: Report) -> Reporter:
        """The reporter's own mailbox, with nothing but her words."""
        reporter = Reporter(people.watched(self.browser.new_context(**PHONE), self.complaints), self.server)
        reporter.words = report.words
        reporter.come_back(reporter.page)
        return reporter


@pytest.fixture(scope="module")
def whole_house(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    running = servers.start(tmp_path_factory.mktemp("console") / "data", command="demo", wait=180)
    try:
        yield House(browser, running)
    finally:
        running.stop()


@pytest.fixture
def house(whole_house: House) -> Iterator[House]:
    """The house; at the end of each test nobody's page may have complained."""
    whole_house.complaints.clear()
    yield whole_house
    assert not whole_house.complaints, "\n".join(whole_house.complaints)


def show(page: Page, view: str) -> Page:
    """Goes to another page of the console without loading it anew: the keys stay in memory."""
    page.evaluate("view => { location.hash = '#' + view }", view)
    return page


def open_case(page: Page, report: Report) -> Page:
    """The case as it is now."""
    show(page, "inbox")
    expect(page.get_by_test_id("cases")).to_be_visible()
    show(page, f"case/{report.case}")
    expect(page.get_by_test_id("report")).to_be_visible(timeout=20_000)
    return page


def send(page: Page, text: str, kind: str | None = None) -> None:
    if kind is not None:
        page.check(f"#kind-{kind}")
    page.fill("#answer", text)
    page.click("[data-testid=send]")
    expect(page.get_by_test_id("thread")).to_contain_text(text, timeout=20_000)


def write_back(reporter: Reporter, text: str) -> None:
    reporter.page.fill("#reply", text)
    reporter.page.click("[data-testid=send-reply]")
    expect(reporter.page.get_by_test_id("thread")).to_contain_text(text, timeout=20_000)


def change_panel(page: Page, *, add: str | None = None, remove: str | None = None) -> None:
    page.click("[data-testid=change-panel]")
    if add is not None:
        page.check(f"#panel-{pid(add)}")
    if remove is not None:
        page.uncheck(f"#panel-{pid(remove)}")
    page.click("#seal-panel")


def detail(page: Page, house: House, report: Report) -> dict[str, Any]:
    """The case as the server gives it to whoever sits at this page."""
    answer = page.request.get(f"{house.server.base}/work/{ORG}/api/v1/cases/{report.case}")
    assert answer.status == 200
    return dict(answer.json())


def panel_of(*keys: str) -> list[str]:
    return sorted(pid(key) for key in keys)


def test_a_panel_changes_and_each_reads_what_is_theirs(house: House, accessible: Any) -> None:
    (report,) = house.receive(
        {
            "what": "He waited for me at the lift again. Sentinel: heron-ferry.",
            "panel": panel_of("zhiyao", "peiwen", "guangqing"),
            "excluded": [pid("ruoyun")],
        }
    )
    peiwen = open_case(house.desk("peiwen"), report)
    accessible(peiwen)
    send(peiwen, "Thank you. I have read it, and I am in charge.", "owner")
    her = house.come_back(report)
    write_back(her, "He did it again on Tuesday.")

    peiwen = open_case(peiwen, report)
    peiwen.click("[data-testid=change-panel]")
    expect(peiwen.locator(f"#panel-{pid('aoife')}")).to_have_count(1)
    expect(peiwen.locator(f"#panel-{pid('ruoyun')}")).to_have_count(0)
    accessible(peiwen)
    peiwen.click("[data-testid=change-panel]")
    change_panel(peiwen, add="aoife")
    expect(peiwen.get_by_test_id("panel")).to_contain_text("Aoife Brennan joined", timeout=20_000)
    aoife = open_case(house.desk("aoife"), report)
    expect(aoife.get_by_test_id("report")).to_contain_text("heron-ferry")
    expect(aoife.get_by_test_id("thread")).to_contain_text("He did it again on Tuesday.")
    expect(aoife.get_by_test_id("thread")).to_contain_text("I am in charge")
    guangqing = open_case(house.desk("guangqing"), report)

    change_panel(peiwen, remove="guangqing")
    expect(peiwen.get_by_test_id("panel")).to_contain_text("Guangqing Meng left", timeout=20_000)
    send(peiwen, "Guangqing is no longer here. Sentinel: lantern-quay.", "answer")
    now = detail(peiwen, house, report)
    assert [each["epoch"] for each in now["keys"]] == [0, 1, 2]
    assert pid("guangqing") not in now["keys"][2]["panel"]

    guangqing = show(guangqing, "inbox")
    expect(guangqing.locator(f"[data-case='{report.case}']")).to_have_count(0, timeout=20_000)
    show(guangqing, f"case/{report.case}")
    expect(guangqing.get_by_test_id("case-error")).to_be_visible(timeout=20_000)
    house.complaints.clear()  # the refused request, as Chromium says it
    show(guangqing, "inbox")
    guangqing.route(f"**/cases/{report.case}", lambda route: route.fulfill(json=now))
    open_case(guangqing, report)
    expect(guangqing.get_by_test_id("thread")).to_contain_text("I am in charge")
    expect(guangqing.get_by_test_id("thread")).not_to_contain_text("lantern-quay")
    guangqing.unroute(f"**/cases/{report.case}")
    show(guangqing, "inbox")

    change_panel(open_case(peiwen, report), add="wanzhou")
    expect(peiwen.get_by_test_id("panel")).to_contain_text("Wanzhou Lin joined", timeout=20_000)
    wanzhou = open_case(house.desk("wanzhou"), report)
    expect(wanzhou.get_by_test_id("report")).to_contain_text("heron-ferry")
    expect(wanzhou.get_by_test_id("thread")).to_contain_text("lantern-quay")
    expect(wanzhou.get_by_test_id("mismatch")).to_have_count(0)

    her = house.come_back(report)
    thread = her.page.get_by_test_id("thread")
    expect(thread).to_contain_text("lantern-quay")
    expect(thread).to_contain_text("I am in charge")
    changes = her.page.get_by_test_id("entry-panel")
    expect(changes).to_have_count(3)
    expect(changes.nth(0)).to_contain_text(re.compile(r"Aoife Brennan joined .*Peiwen He"))
    expect(changes.nth(1)).to_contain_text(re.compile(r"Guangqing Meng left .*Peiwen He"))
    expect(changes.nth(2)).to_contain_text(re.compile(r"Wanzhou Lin joined .*Peiwen He"))
    expect(her.page.get_by_test_id("readers")).not_to_contain_text("Guangqing")
    expect(her.page.get_by_test_id("faults")).to_have_count(0)
    accessible(her.page)
    write_back(her, "Good. I will write to you four.")
    expect(open_case(wanzhou, report).get_by_test_id("thread")).to_contain_text("I will write to you four.")


def test_what_a_lying_reporters_browser_sends_is_said_and_told(house: House, accessible: Any) -> None:
    panel = panel_of("zhiyao", "peiwen", "aoife")
    elsewhere, excluded, draft = house.receive(
        {"what": "One.", "panel": panel, "lie": {"keys_to": panel_of("zhiyao", "peiwen", "wanzhou")}},
        {"what": "Two.", "panel": panel, "lie": {"sealed_excluded": [pid("peiwen")]}},
        {"what": "Three.", "panel": panel, "lie": {"other_reach": True}},
    )
    zhiyao = house.desk("zhiyao")
    for report, words in (
        (excluded, "ticked as involved can read this"),
        (draft, "Panel or reach are not those that the reporter sealed"),
    ):
        open_case(zhiyao, report)
        expect(zhiyao.get_by_test_id("mismatch")).to_contain_text(words)
    accessible(zhiyao)

    aoife = house.desk("aoife")
    show(aoife, f"case/{elsewhere.case}")
    expect(aoife.get_by_test_id("case-error")).to_contain_text("sealed to somebody else", timeout=20_000)
    accessible(aoife)

    peiwen = house.desk("peiwen")
    for report, code in (
        (elsewhere, "cannot-open"),
        (excluded, "excluded-can-read"),
        (draft, "draft"),
    ):
        codes = people.wait_for(
            lambda report=report: [each["code"] for each in detail(peiwen, house, report)["flags"]]
        )
        assert codes == [code]
    show(peiwen, "key")
    show(peiwen, "inbox")
    expect(peiwen.locator(f"[data-case='{elsewhere.case}']")).to_contain_text("did not fit", timeout=20_000)
    told = peiwen.request.get(f"{house.server.base}/work/{ORG}/api/v1/notices").json()["notices"]
    assert sum(each["kind"] == "flag" for each in told) == 3
    open_case(peiwen, elsewhere)
    expect(peiwen.get_by_test_id("flags")).to_contain_text("Aoife Brennan")
    accessible(peiwen)


def test_a_case_is_owned_fed_back_closed_and_written_to_again(house: House, accessible: Any) -> None:
    (report,) = house.receive({"what": "The jokes went on.", "panel": panel_of("zhiyao", "peiwen")})
    desk = open_case(house.desk("peiwen"), report)
    offered = {
        "acknowledge": {"own-acknowledged", "eu-acknowledged"},
        "owner": {"own-acknowledged", "own-owner", "eu-acknowledged"},
        "answer": {"own-acknowledged", "eu-acknowledged"},
        "feedback": {"own-acknowledged", "eu-acknowledged", "own-feedback", "eu-feedback"},
    }
    for kind, wanted in offered.items():
        desk.check(f"#kind-{kind}")
        ticks = desk.get_by_test_id("keeps").locator("input").all()
        assert {tick.get_attribute("value") for tick in ticks} == wanted, kind
    send(desk, "I am in charge from here on.", "owner")
    promises = desk.get_by_test_id("promises")
    expect(promises.locator("[data-promise=own-owner]")).to_have_attribute("data-state", "kept")
    expect(promises.locator("[data-promise=own-feedback]")).to_have_attribute(
        "data-state", re.compile("due|next")
    )
    send(desk, "We spoke with him; he has apologised in writing.", "feedback")
    expect(promises.locator("[data-promise=own-feedback]")).to_have_attribute("data-state", "kept")
    send(desk, "Closed, because you asked us to end it here.", "close")
    expect(desk.get_by_test_id("closed")).to_be_visible()
    accessible(desk)

    her = house.come_back(report)
    expect(her.page.get_by_test_id("closed")).to_contain_text("because you asked us to end it here")
    expect(her.page.locator("[data-promise=own-feedback]")).to_have_attribute("data-state", "kept")
    accessible(her.page)
    write_back(her, "It began again today.")
    expect(open_case(desk, report).get_by_test_id("thread")).to_contain_text("It began again today.")


def test_two_handlers_at_once_see_each_other(house: House, accessible: Any) -> None:
    (report,) = house.receive(
        {"what": "Two will answer this.", "panel": panel_of("zhiyao", "peiwen", "aoife")}
    )
    peiwen = open_case(house.desk("peiwen"), report)
    aoife = open_case(house.desk("aoife"), report)
    before = detail(peiwen, house, report)
    # Peiwen's page keeps what it has until she presses: her next look at the server is the one before sending.
    peiwen.route(f"**/cases/{report.case}", lambda route: route.fulfill(json=before))
    send(aoife, "Aoife here: I have read it.", "acknowledge")
    peiwen.check("#kind-answer")
    peiwen.fill("#answer", "Peiwen here: I have read it, too.")
    peiwen.unroute(f"**/cases/{report.case}")
    peiwen.click("[data-testid=send]")
    expect(peiwen.get_by_test_id("look-first")).to_contain_text(
        "Aoife Brennan wrote meanwhile", timeout=20_000
    )
    expect(peiwen.get_by_test_id("thread")).to_contain_text("Aoife here")
    expect(peiwen.locator("#answer")).to_have_value("Peiwen here: I have read it, too.")
    accessible(peiwen)
    peiwen.click("[data-testid=send]")
    expect(peiwen.get_by_test_id("thread")).to_contain_text("Peiwen here", timeout=20_000)
    expect(open_case(aoife, report).get_by_test_id("thread")).to_contain_text("Peiwen here")
    send(aoife, "Aoife again.", "answer")

    rows = detail(peiwen, house, report)["messages"]
    numbers = [(people.BY_ID[row["author"]], row["n"]) for row in rows]
    assert numbers == [("aoife", 0), ("peiwen", 0), ("aoife", 1)]
    assert [row["prev"] for row in rows[1:]] == [row["sha256"] for row in rows[:2]]
    her = house.come_back(report)
    for said in ("Aoife here", "Peiwen here", "Aoife again"):
        expect(her.page.get_by_test_id("thread")).to_contain_text(said)
    expect(her.page.locator(".fault")).to_have_count(0)


def test_locking_wipes_what_was_open(house: House, accessible: Any) -> None:
    (report,) = house.receive(
        {"what": "Sentinel words: cobalt-orchard.", "panel": panel_of("zhiyao", "maeve")}
    )
    page = people.sign_in(house.browser, house.server, "maeve", house.complaints)
    page.clock.install()
    people.unlock(page, house.server, "maeve")
    expect(page.locator(f"[data-case='{report.case}']")).to_contain_text("cobalt-orchard", timeout=20_000)

    def open_and_type() -> None:
        open_case(page, report)
        page.fill("#answer", "Half a sentence, plum-harbour")

    def wiped() -> bool:
        stored = "JSON.stringify([{...localStorage}, {...sessionStorage}])"
        everything = page.evaluate(
            f"document.documentElement.outerHTML + [...document.querySelectorAll('textarea,input')].map(e => e.value) + {stored}"
        )
        return not re.search("cobalt-orchard|plum-harbour|AGE-SECRET", everything)

    open_and_type()
    assert not wiped()
    page.clock.fast_forward("14:00")
    expect(page.get_by_test_id("report")).to_be_visible()
    page.clock.fast_forward("02:00")
    expect(page.get_by_test_id("unlock")).to_be_visible()
    assert wiped()
    assert "cobalt" not in page.title()
    accessible(page)

    page.fill("[data-testid=passphrase]", CAST["maeve"]["phrase"])
    page.click("[data-testid=unlock-button]")
    expect(page.get_by_test_id("report")).to_contain_text("cobalt-orchard", timeout=30_000)
    expect(page.locator("#answer")).to_have_value("Half a sentence, plum-harbour")
    page.click("[data-testid=lock-now]")
    expect(page.get_by_test_id("unlock")).to_be_visible()
    assert wiped()
    page.context.close()


def test_evidence_opens_in_memory_and_never_as_a_page(house: House, accessible: Any) -> None:
    files = [
        ("voice.wav", "audio/wav", sound()),
        ("corridor.webm", "video/webm", film(house.browser)),
        ("letter.pdf", "application/pdf", pdf()),
        ("page.html", "text/html", b"<!doctype html><script>window.ran = true</script><h1>ran</h1>"),
        (
            "drawing.svg",
            "image/svg+xml",
            b'<svg xmlns="http://www.w3.org/2000/svg" onload="window.ran = true"/>',
        ),
        ("photo.jpg", "image/jpeg", people.photo_with_place()),
    ]
    wish = [{"name": name, "type": kind, "bytes": b64encode(data).decode()} for name, kind, data in files]
    (report,) = house.receive({"what": "With files.", "panel": panel_of("zhiyao", "peiwen"), "files": wish})
    desk = open_case(house.desk("peiwen"), report)
    asked: list[str] = []
    desk.on("request", lambda request: asked.append(request.url))
    rows = desk.get_by_test_id("evidence").locator("li")
    for name, _, _ in files:
        rows.filter(has_text=name).get_by_role("button", name=f"Open {name}").click()
        expect(rows.filter(has_text=name).get_by_role("button", name="Save a copy")).to_be_visible(
            timeout=30_000
        )

    for tag in ("audio", "video"):
        length = people.wait_for(lambda tag=tag: desk.evaluate(f"document.querySelector('{tag}')?.duration"))
        assert length > 0.2
        assert desk.evaluate(f"document.querySelector('{tag}').src").startswith("blob:")
    drawn = """(where) => {
        const { width, height } = document.querySelector(where)
        return [...document.querySelector(where).getContext("2d").getImageData(0, 0, width, height).data]
            .some((value, at) => at % 4 < 3 && value < 120)
    }"""
    assert desk.evaluate(drawn, "[data-testid=picture]")
    assert desk.evaluate(drawn, "[data-testid=pdf] canvas")
    for name in ("page.html", "drawing.svg"):
        row = rows.filter(has_text=name)
        expect(row).to_contain_text("not shown here")
        expect(row).to_contain_text("no longer sealed")
        with desk.expect_download() as download:
            row.get_by_role("button", name="Save a copy").click()
        assert download.value.suggested_filename == f"{name}.txt"
    assert desk.evaluate("window.ran === undefined && !document.querySelector('iframe, object, embed, img')")
    ours = [f"{house.server.base}/work/{ORG}/api/v1/", f"{house.server.base}/assets/", "blob:", "data:"]
    assert all(url.startswith(tuple(ours)) for url in asked), asked
    accessible(desk)
    desk.click("[data-testid=lock-now]")
    expect(desk.locator("audio, video, canvas")).to_have_count(0)
    people.unlock(desk, house.server, "peiwen")


def test_a_roster_with_one_reader_more_raises_the_alarm(house: House, accessible: Any) -> None:
    (report,) = house.receive({"what": "For two.", "panel": panel_of("zhiyao", "peiwen")})
    zhiyao = house.desk("zhiyao")
    keys = {made["key"]: made for made in seed.fixture()["people"]}
    extra = {
        "id": base64url_encode(sha256(b"nobody")[:16]),
        "name": {"en": "Slipped In", "zh": "混入者"},
        "duty": {"en": "Handler", "zh": "经办人"},
        "languages": ["en"],
        "role": "handler",
        "recipient": keys["aoife"]["recipient"],
        "sign": keys["aoife"]["sign"],
        "from": "2026-11-25",
    }
    signers = [
        {"id": pid(key), "file": keys[key]["wrapped"], "phrase": keys[key]["phrase"]}
        for key in ("wanzhou", "hengyan")
    ]
    rogue = house.make(slipped_in={"person": extra, "origin": ORIGIN, "signers": signers})["roster"]
    page = people.watched(zhiyao.context, house.complaints)
    served = house.public("rosters")

    def look(rosters: list[str]) -> None:
        page.unroute_all()
        page.route("**/rosters", lambda route: route.fulfill(json={**served, "rosters": rosters}))
        page.goto(f"{house.server.base}/work/{ORG}/team/")
        page.reload()

    look([*served["rosters"], rogue])  # validly signed by two, and not in the log
    expect(page.get_by_test_id("roster-alarm")).to_contain_text("not proven to be in the log", timeout=20_000)
    accessible(page)
    show(page, "roster")
    expect(page.get_by_test_id("roster-unseen")).to_contain_text("Slipped In")
    expect(page.get_by_test_id("roster-alarm")).to_contain_text("Seal nothing")
    accessible(page)
    page.fill("[data-testid=passphrase]", CAST["zhiyao"]["phrase"])
    page.click("[data-testid=unlock-button]")
    expect(page.get_by_test_id("unlocked-until")).to_be_visible(timeout=30_000)
    open_case(page, report)
    page.click("[data-testid=change-panel]")
    page.check(f"#panel-{extra['id']}")
    page.click("#seal-panel")
    expect(page.get_by_test_id("panel")).to_contain_text("nothing is sealed by it", timeout=20_000)
    assert detail(page, house, report)["keys"][-1]["epoch"] == 0
    text, signatures = rogue.split("\n\n")
    look([*served["rosters"], f"{text}\n\n{signatures.splitlines()[0]}\n"])  # signed by one alone
    expect(page.get_by_test_id("roster-alarm")).to_contain_text(
        "don’t follow from each other", timeout=20_000
    )
    show(page, "inbox")
    look(served["rosters"])
    expect(page.get_by_test_id("cases")).to_be_visible(timeout=20_000)
    expect(page.get_by_test_id("roster-alarm")).to_have_count(0)
    page.close()


def test_a_new_handler_comes_in_and_reporters_can_choose_them(house: House, accessible: Any) -> None:
    administrator = people.sign_in(house.browser, house.server, "emeka", house.complaints)
    administrator.goto(f"{house.server.base}/work/{ORG}/administration/poster/")
    anchor = re.search(r"#r=\S+", administrator.inner_text("main"))
    assert anchor
    newcomer, secret_words = accept(house, invite(house, administrator, accessible), accessible)
    expect(newcomer.get_by_test_id("roster-state")).to_contain_text("waits to be signed")
    accessible(newcomer)
    assert "Nuala" not in house.newest_roster()

    peiwen = show(house.desk("peiwen"), "roster")
    expect(peiwen.get_by_test_id("propose")).to_contain_text("Nuala Byrne", timeout=20_000)
    accessible(peiwen)
    peiwen.click("#propose-roster")
    peiwen.click("[data-testid^=sign-draft-]", timeout=20_000)
    expect(peiwen.get_by_test_id("draft-signatures")).to_contain_text("You", timeout=20_000)
    accessible(peiwen)
    assert "Nuala" not in house.newest_roster()
    zhiyao = show(house.desk("zhiyao"), "roster")
    expect(zhiyao.get_by_test_id("changes")).to_contain_text("Nuala Byrne", timeout=20_000)
    zhiyao.click("[data-testid^=sign-draft-]")
    expect(zhiyao.get_by_test_id("roster-people")).to_contain_text("Nuala Byrne", timeout=20_000)
    expect(zhiyao.get_by_test_id("roster-alarm")).to_have_count(0)
    newcomer.reload()
    expect(newcomer.get_by_test_id("roster-state")).to_contain_text(
        "Your key stands in roster", timeout=20_000
    )
    newcomer.fill("[data-testid=passphrase]", " ".join(secret_words))
    newcomer.click("[data-testid=unlock-button]")
    expect(newcomer.get_by_test_id("unlocked-until")).to_be_visible(timeout=30_000)

    her = people.watched(house.browser.new_context(**PHONE), house.complaints)
    her.goto(f"{house.server.base}/o/{ORG}/en/{anchor[0]}")
    reporter = Reporter(her, house.server)
    her.click("#start-report")
    reporter.at("begin")
    reporter.on("readers")
    expect(her.get_by_test_id("list-refused")).to_have_count(0)
    expect(her.locator("main")).to_contain_text("Nuala Byrne")
    shown = her.evaluate(
        "[...document.querySelectorAll('[data-testid=close]')].map(box => box.dataset.person)"
    )
    nuala = next(each for each in shown if each not in people.BY_ID)
    (report,) = house.receive({"what": "For the new one.", "panel": [pid("zhiyao"), nuala]})
    expect(open_case(newcomer, report).get_by_test_id("report")).to_contain_text("For the new one.")


def invite(house: House, page: Page, accessible: Any) -> str:
    """The administrator adds a handler and gets the link that is shown once."""
    page.goto(f"{house.server.base}/work/{ORG}/administration/people/add/")
    accessible(page)
    page.fill("input[name=name_en]", "Nuala Byrne")
    page.fill("input[name=duty_en]", "Handler, Galway")
    page.fill("input[name=email]", "nuala.byrne@tidewick.example")
    page.get_by_role("button", name="Add", exact=True).click()
    page.get_by_role("button", name="Give Handler").click()
    page.get_by_role("button", name="Invite", exact=True).click()
    link = page.locator("#invitation-link").inner_text()
    accessible(page)
    page.reload()
    expect(page.locator("#invitation-link")).to_have_count(0)
    return link


def accept(house: House, link: str, accessible: Any) -> tuple[Page, list[str]]:
    """The invited one signs in for the first time and makes a key; the console, and the seven words."""
    page = people.watched(house.browser.new_context(locale="en-GB"), house.complaints)
    page.goto(link)
    accessible(page)
    page.fill("input[name=password]", PASSWORD)
    page.get_by_role("button", name="Use a password").click()
    page.get_by_role("link", name="Set up an app").click()
    secret = b32decode(page.locator("#authenticator_secret").inner_text())
    page.fill("input[name=code]", code_at(secret, datetime.now(UTC)))
    page.get_by_role("button", name="Turn it on").click()
    page.get_by_role("link", name="Go on").click()
    page.goto(f"{house.server.base}/work/{ORG}/team/")
    page.wait_for_selector("#make-key")
    accessible(page)
    page.click("#make-key")
    words = page.locator("[data-testid=words] li").all_inner_texts()
    assert len(words) == 7
    accessible(page)
    page.click("#words-kept")
    fields = page.locator("input[data-testid^=word-]").all()
    assert len(fields) == 2
    for field in fields:
        field.fill("wrong")
    page.click("#confirm-words")
    expect(
        page.get_by_role("status").filter(has_text=re.compile("word", re.IGNORECASE)).first
    ).to_be_visible()
    accessible(page)
    for field in fields:
        field.fill(words[int((field.get_attribute("id") or "").split("-")[1]) - 1])
    page.click("#confirm-words")
    page.wait_for_selector("[data-testid=roster-state]", timeout=30_000)
    return page, words


def test_every_view_is_open_to_everybody(house: House, accessible: Any) -> None:
    desk = house.desk("aoife")
    for view in ("inbox", "roster", "key", "notices", "sealed", "handover"):
        show(desk, view)
        expect(desk.locator("h1")).to_be_visible()
        accessible(desk)
    desk.click("#language")
    expect(desk.locator("html")).to_have_attribute("lang", "zh-CN")
    accessible(desk)
    desk.click("#language")


def test_cases_are_handed_over_when_somebody_steps_down_and_when_somebody_leaves(
    house: House, accessible: Any
) -> None:
    one, two, three, alone = house.receive(
        {"what": "First to hand over.", "panel": panel_of("zhiyao", "peiwen", "guangqing")},
        {
            "what": "Second to hand over.",
            "panel": panel_of("zhiyao", "guangqing"),
            "excluded": [pid("wanzhou")],
        },
        {"what": "Third to hand over.", "panel": panel_of("zhiyao", "guangqing")},
        {"what": "Nobody will read this. Sentinel: ebb-lantern.", "panel": panel_of("guangqing")},
    )
    peiwen = open_case(house.desk("peiwen"), one)
    peiwen.click("[data-testid=step-down]")
    accessible(peiwen)
    peiwen.check("#reason-conflict")
    peiwen.click("#step-down-now")
    expect(peiwen.get_by_test_id("cases")).to_be_visible(timeout=20_000)
    expect(peiwen.locator(f"[data-case='{one.case}']")).to_have_count(0, timeout=20_000)

    zhiyao = open_case(house.desk("zhiyao"), one)
    expect(zhiyao.get_by_test_id("panel-note")).to_contain_text("A conflict of interest.")
    expect(zhiyao.get_by_test_id("waiting")).to_contain_text("Peiwen He stepped down")
    accessible(zhiyao)
    zhiyao.click("#hand-over")
    expect(zhiyao.get_by_test_id("panel")).to_contain_text("Peiwen He left", timeout=20_000)
    expect(zhiyao.get_by_test_id("waiting")).to_have_count(0)

    if "guangqing" in house._desks:
        house._desks.pop("guangqing").close()
    inside(house.server.data, "leaves", CAST["guangqing"]["email"])
    show(zhiyao, "inbox")
    zhiyao.get_by_test_id("to-handover").click(timeout=40_000)
    rows = zhiyao.get_by_test_id("handover-rows")
    expect(rows.locator(f"[data-case='{two.case}']")).to_contain_text(
        "Guangqing Meng has left", timeout=20_000
    )
    expect(rows.locator(f"[data-case='{two.case}']")).to_contain_text("Only you are left")
    accessible(zhiyao)
    zhiyao.select_option("#joins", pid("wanzhou"))
    zhiyao.click("#hand-over-all")
    expect(rows.locator(f"[data-case='{three.case}']")).to_contain_text(
        "2 people read it now", timeout=60_000
    )
    expect(rows.locator(f"[data-case='{two.case}']")).to_contain_text("Wanzhou Lin was not added")
    accessible(zhiyao)
    keys = detail(zhiyao, house, three)["keys"]
    assert keys[-1]["panel"] == panel_of("zhiyao", "wanzhou")
    assert detail(zhiyao, house, two)["keys"][-1]["panel"] == panel_of("zhiyao")
    open_case(zhiyao, two).click("[data-testid=step-down]")
    expect(zhiyao.get_by_test_id("last-reader")).to_contain_text("Add somebody")

    her = house.come_back(alone)
    expect(her.page.get_by_test_id("nobody")).to_contain_text("Please send it again to others")
    expect(her.page.get_by_test_id("leaving")).to_have_count(1)
    accessible(her.page)
    her.page.click("#send-again")
    her.at("begin")
    her.on("readers")
    her.on("what")
    expect(her.page.locator("#what")).to_have_value(re.compile("ebb-lantern"))


def test_cases_from_elsewhere_come_in_sealed_and_nothing_readable_leaves_the_browser(
    house: House, accessible: Any
) -> None:
    sentinel = "sandpiper-weir"
    lines = [
        "number,received,text,files,department",
        f"7,5 March 2019,He waited at the lift again. Sentinel: {sentinel}.,{sentinel}.txt,Sales",
        "8,2020,,,",
    ]
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("report.pdf", pdf())
        file.writestr("files/photo.jpg", b"JPEG " + sentinel.encode())
    desk = show(house.desk("peiwen"), "import")
    sent: list[bytes] = []
    desk.on("request", lambda request: sent.append(request.url.encode() + (request.post_data_buffer or b"")))
    desk.set_input_files(
        "#import-files",
        [
            {"name": "old.csv", "mimeType": "text/csv", "buffer": "\n".join(lines).encode()},
            {"name": f"{sentinel}.txt", "mimeType": "text/plain", "buffer": sentinel.encode() * 9},
            {"name": "report-12.zip", "mimeType": "application/zip", "buffer": archive.getvalue()},
        ],
    )
    items = desk.get_by_test_id("import-items")
    expect(items.locator("> li")).to_have_count(2, timeout=20_000)
    expect(desk.get_by_test_id("import-faults")).to_contain_text("old.csv, line 3: The text is empty.")
    expect(items.locator("[data-reference='12']")).to_contain_text("A letter")
    desk.select_option(f"#seat-all-{pid('zhiyao')}", "reads")
    desk.select_option(f"#seat-all-{pid('wanzhou')}", "involved")
    desk.check("#import-words")
    accessible(desk)
    desk.click("#import-run")
    twelve = desk.get_by_test_id("import-twelve")
    expect(twelve).to_have_count(2, timeout=60_000)
    words = twelve.first.locator("li").all_inner_texts()
    accessible(desk)
    assert any(b"/attachments/" in each for each in sent)
    everything = b"\n".join(sent) + people.every_byte(house.server.data)
    for readable in (sentinel, "5 March 2019", "A letter", "Sales", words[0] + " " + words[1]):
        assert readable.encode() not in everything, readable

    desk.set_input_files(
        "#import-files",
        [{"name": "old.csv", "mimeType": "text/csv", "buffer": "\n".join(lines).encode()}],
    )
    expect(items.locator("[data-reference='7']")).to_contain_text("You brought it in before", timeout=20_000)
    expect(desk.locator("#import-0")).not_to_be_checked()

    zhiyao = house.desk("zhiyao")
    row = zhiyao.locator("[data-case]", has_text="Imported: He waited at the lift again")
    expect(row).to_be_visible(timeout=30_000)
    show(zhiyao, f"case/{row.get_attribute('data-case')}")
    imported = zhiyao.get_by_test_id("imported")
    expect(imported).to_contain_text("not sent by the reporter", timeout=20_000)
    expect(imported).to_contain_text("5 March 2019 (as stated there)")
    expect(zhiyao.get_by_test_id("report")).to_contain_text("Brought in by Peiwen He")
    expect(zhiyao.get_by_test_id("report")).to_contain_text("Sales")
    expect(zhiyao.get_by_test_id("excluded")).to_contain_text("Wanzhou Lin")
    expect(zhiyao.get_by_test_id("mismatch")).to_have_count(0)
    accessible(zhiyao)
    send(zhiyao, "Your case is kept here now.", "acknowledge")

    her = house.come_back(Report("", words))
    expect(her.page.get_by_test_id("thread")).to_contain_text("Your case is kept here now.")
    expect(her.page.get_by_test_id("faults")).to_have_count(0)


def sound() -> bytes:
    """Half a second of a low tone."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(
            b"".join(
                (9000 * (1 if i // 20 % 2 else -1)).to_bytes(2, "little", signed=True) for i in range(4000)
            )
        )
    return out.getvalue()


def film(browser: Browser) -> bytes:
    """Half a second of film, as a browser records it."""
    page = browser.new_page()
    recorded = page.evaluate(
        """async () => {
            const canvas = document.body.appendChild(document.createElement("canvas"))
            const draw = setInterval(() => {
                canvas.getContext("2d").fillStyle = `hsl(${Math.random() * 360} 60% 50%)`
                canvas.getContext("2d").fillRect(0, 0, 300, 150)
            }, 40)
            const recorder = new MediaRecorder(canvas.captureStream(20), { mimeType: "video/webm;codecs=vp8" })
            const parts = []
            recorder.ondataavailable = ({ data }) => parts.push(data)
            recorder.start()
            await new Promise((done) => setTimeout(done, 700))
            await new Promise((done) => { recorder.onstop = done; recorder.stop() })
            clearInterval(draw)
            return [...new Uint8Array(await new Blob(parts).arrayBuffer())]
        }"""
    )
    page.close()
    return bytes(recorded)


def pdf() -> bytes:
    """One page with one line of text."""
    content = b"BT /F1 36 Tf 20 60 Td (A letter) Tj ET"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 240 120] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    out, starts = bytearray(b"%PDF-1.4\n"), []
    for number, each in enumerate(objects, 1):
        starts.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, each)
    table = b"".join(b"%010d 00000 n \n" % start for start in starts)
    out += b"xref\n0 6\n0000000000 65535 f \n%strailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % (
        table,
        len(out),
    )
    return bytes(out)

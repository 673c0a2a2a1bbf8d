"""An administrator looks for a readable word: in every stored, sent, printed and served byte there is none."""

import base64
import gzip
import json
import re
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from answerable_protocol import words as lists
from playwright.sync_api import APIRequestContext, Browser, Error, Page, expect

from answerable.cli.demo import seed
from tests import people, routes
from tests.conftest import Post
from tests.people import PHONE, Reporter, wait_for
from tests.server import Server

pytestmark = pytest.mark.browser

MARK = "Zinnober7731"
CHINESE = "芝麻开门赤瓦"
NOBODYS = "A" * 22


def forms(word: bytes) -> set[bytes]:
    """How these bytes may stand somewhere: plain, hex, base64 at each alignment and in both alphabets."""
    found = {word, word.hex().encode(), word.hex().upper().encode()}
    for shift in range(3):
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            # Without the characters at both ends that depend on what stands beside.
            text = encode(bytes(shift) + word)
            found.add(text[(0, 2, 3)[shift] : len(text) - 4 if (shift + len(word)) % 3 else len(text)])
    return {each for each in found if len(each) >= 6}


def forms_of_text(text: str) -> set[bytes]:
    """Of a text, in UTF-8 and UTF-16 and as JSON and addresses write it."""
    escaped = json.dumps(text)[1:-1].encode()
    found = {escaped, "".join(f"%{byte:02X}" for byte in text.encode()).encode()}
    for coding in ("utf-8", "utf-16-le", "utf-16-be"):
        found |= forms(text.encode(coding))
    return found


def hits(data: bytes, wanted: set[bytes]) -> list[bytes]:
    return [each for each in wanted if each in data]


def unpacked(data: bytes) -> Iterator[bytes]:
    """The bytes, and whatever in them is a gzip or zlib stream."""
    yield data
    for start in re.finditer(rb"\x1f\x8b\x08|\x78[\x01\x5e\x9c\xda]", data):
        stream = zlib.decompressobj(zlib.MAX_WBITS | 32)
        try:
            yield stream.decompress(data[start.start() : start.start() + (1 << 20)], 1 << 20)
        except zlib.error:
            continue


@dataclass
class Story:
    """A case full of marked words, and who is who in it."""

    reporter: Reporter
    case: str
    files: list[str]
    handler: str
    mailbox: dict[str, Any] = field(default_factory=dict)

    @property
    def secrets(self) -> set[bytes]:
        """Her words, what they encode, and unlock phrases, in any form."""
        found: set[bytes] = set()
        phrases = [person["phrase"] for person in seed.cast() if person["phrase"]]
        for phrase in [" ".join(self.reporter.words), *phrases]:
            for parts in (phrase, phrase.replace(" ", ""), phrase.replace(" ", ",")):
                found |= forms_of_text(parts)
        return found | forms(entropy(self.reporter.words)) | {b"AGE-SECRET-KEY", b"age-secret-key"}


def entropy(words: list[str]) -> bytes:
    """The 128 bits that twelve words of the English list are (BIP-39, without the checksum's four bits)."""
    number = 0
    for word in words:
        number = number << 11 | lists.english().index(word)
    return (number >> 4).to_bytes(16, "big")


@pytest.fixture(scope="module")
def story(browser: Browser, demo: Server) -> Iterator[Story]:
    """She types marked words wherever she can; a handler answers and notes with marked words."""
    context = browser.new_context(**PHONE)
    complaints: list[str] = []
    reporter = Reporter(people.watched(context, complaints), demo)
    page = reporter.page
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url))
    reporter.begin()
    reporter.choose_readers("ruoyun")
    reporter.on("what")
    page.fill("#what", f"{MARK}-text said it. {CHINESE}")
    reporter.on("own-q4")
    page.fill("#own-q4", f"{MARK}-own {CHINESE}")
    reporter.on("told")
    reporter.on("files")
    upload = {
        "name": f"{MARK}-name.txt",
        "mimeType": "text/plain",
        "buffer": f"{MARK}-content {CHINESE}".encode(),
    }
    page.set_input_files("[data-testid=file-input]", [upload])
    page.get_by_test_id("file-rename").click()
    expect(page.get_by_test_id("file-list")).to_contain_text(f"{MARK}-name")
    reporter.on("appear")
    page.check("#appear-confidential")
    page.fill("#name", f"{MARK}-person")
    page.fill("#contact", f"{MARK}-contact@example.org")
    reporter.on("check")
    reporter.on("words")
    reporter.keep_words()
    reporter.send()
    expect(page.get_by_test_id("uploads")).to_have_attribute("data-state", "done", timeout=30_000)
    (case,) = {found[1] for url in sent if (found := re.search(r"/cases/([\w-]{22})$", url))}
    files = sorted({found[1] for url in sent if (found := re.search(r"/attachments/([\w-]{43})$", url))})

    reporter.come_back(people.watched(context, complaints))
    reporter.page.fill("#reply", f"{MARK}-message {CHINESE}")
    reporter.page.click("#send-reply")
    expect(reporter.page.get_by_test_id("thread")).to_contain_text(f"{MARK}-message", timeout=20_000)

    key = next(key for key in reporter.panel if people.CAST[key]["role"] != "external")
    desk = people.sign_in(browser, demo, key, complaints)
    people.unlock(desk, demo, key)
    desk.get_by_test_id("cases").get_by_text(f"{MARK}-text").first.click()
    expect(desk.get_by_test_id("report")).to_contain_text(f"{MARK}-text")
    desk.fill("#answer", f"{MARK}-answer {CHINESE}")
    desk.click("#ask-more summary")
    desk.fill("#ask-text", f"{MARK}-ask {CHINESE}")
    desk.click("[data-testid=send]")
    expect(desk.get_by_test_id("thread")).to_contain_text(f"{MARK}-answer", timeout=20_000)
    desk.locator("details:has(#note) summary").click()
    desk.fill("#note", f"{MARK}-note {CHINESE}")
    desk.click("#send-note")
    expect(desk.get_by_test_id("thread")).to_contain_text(f"{MARK}-note", timeout=20_000)
    form = reporter.page.get_by_test_id("ask")
    form.locator("textarea").fill(f"{MARK}-reply {CHINESE}", timeout=40_000)
    form.get_by_test_id("send-answers").click()
    expect(reporter.page.get_by_test_id("thread")).to_contain_text(f"{MARK}-reply", timeout=20_000)
    assert not complaints, complaints
    assert not [url for url in sent if MARK in url]
    yield Story(reporter, case, files, key)
    for each in (context, desk.context):
        each.close()


def blunders(base: str, request: APIRequestContext, case: str) -> None:
    """Marked words where no server expects them: what is refused must not be kept, printed or given back."""
    org = f"{base}/api/v1/orgs/tidewick"
    headers = {
        "User-Agent": f"{MARK}-agent",
        "Referer": f"{base}/{MARK}-referer",
        "Cookie": f"work-session={MARK}-cookie",
        "Content-Type": "application/json",
        "X-Forwarded-For": f"{MARK}-address",
    }
    marked = json.dumps({"case": case, "text": f"{MARK}-member"})
    answers = [
        request.put(f"{org}/cases/{case}", data=f'{{"{MARK}-broken', headers=headers),
        request.put(f"{org}/cases/{MARK}-case", data=marked, headers=headers),
        request.post(f"{org}/mailbox/open", data=marked, headers=headers),
        request.post(f"{org}/mailbox/messages", data=marked, headers=headers),
        request.get(f"{org}/promises?jurisdiction={MARK}-land", headers=headers),
        request.get(f"{base}/o/tidewick/en/{MARK}-path", headers=headers),
        request.get(f"{base}/o/{MARK}-org/", headers=headers),
        request.get(f"{base}/work/tidewick/{MARK}-path", headers=headers),
        request.post(f"{base}/work/accounts/login/", form={"password": f"{MARK}-password"}, headers=headers),
    ]
    try:
        answers.append(
            request.put(f"{org}/cases/{case}", data=f"{MARK}-large".encode() * 600_000, headers=headers)
        )
    except Error as error:  # it is refused unread, and the line may close while the browser still writes
        if not re.search("EPIPE|ECONNRESET", str(error)):
            raise
    for answer in answers:
        assert 400 <= answer.status < 500, (answer.status, answer.url)
        told = answer.body() + json.dumps(answer.headers).encode()
        assert not hits(told, forms_of_text(MARK)), answer.url


def stored(data: Path) -> Iterator[tuple[str, bytes]]:
    """Every file of the data folder, and each cell of the database as it is inside."""
    for path in sorted(data.rglob("*")):
        if path.is_file():
            yield path.name, path.read_bytes()
    with closing(sqlite3.connect(f"file:{data}/answerable.sqlite3?mode=ro", uri=True)) as database:
        names = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for name in names:
            for row in database.execute(f'SELECT * FROM "{name}"'):  # noqa: S608 - names from the schema
                yield (
                    name,
                    b"\0".join(cell if isinstance(cell, bytes) else str(cell).encode() for cell in row),
                )


def found_in(places: Iterator[tuple[str, bytes]], wanted: set[bytes]) -> set[str]:
    return {name for name, data in places for part in unpacked(data) if hits(part, wanted)}


WANTED = forms_of_text(MARK) | forms_of_text(CHINESE)


def test_no_stored_mailed_or_printed_byte_holds_a_word(
    story: Story, demo: Server, post: Post, browser: Browser
) -> None:
    with closing(browser.new_context()) as context:
        blunders(demo.base, context.request, story.case)
    wait_for(lambda: len(post.arrived) >= len(story.reporter.panel), 30)
    places = [*stored(demo.data), ("printed", demo.output.read_bytes()), ("mail", b"\n".join(post.arrived))]
    assert not found_in(iter(places), WANTED)
    unprinted = [
        place for place in places if place[0] != "printed"
    ]  # the demo prints its phrases, and says why
    assert not found_in(iter(unprinted), story.secrets)
    assert story.case.encode() not in b"\n".join(post.arrived)


def test_the_search_would_find_a_word_in_any_form(tmp_path: Path) -> None:
    words = [f"x{MARK}y".encode(), f"“{CHINESE}”".encode()]
    for word in words:
        cases = [
            word,
            word.hex().encode(),
            *(base64.b64encode(bytes(shift) + word) for shift in range(3)),
            *(base64.urlsafe_b64encode(b"\xff" * shift + word + b"?>") for shift in range(3)),
            gzip.compress(word * 3),
            b"head" + zlib.compress(word * 3),
            json.dumps(word.decode()).encode(),
            word.decode().encode("utf-16"),
        ]
        for case in cases:
            assert found_in(iter([("here", b"before " + case + b" after")]), WANTED), case
    with closing(sqlite3.connect(tmp_path / "answerable.sqlite3")) as database:
        database.execute("CREATE TABLE kept (a, b)")
        database.execute("INSERT INTO kept VALUES (?, ?)", (1, gzip.compress(words[0])))
        database.commit()
    assert found_in(stored(tmp_path), WANTED) == {"kept", "answerable.sqlite3"}


def test_the_search_would_find_her_secret(story: Story) -> None:
    secret = base64.urlsafe_b64encode(entropy(story.reporter.words))
    assert found_in(iter([("here", b'{"k":"' + secret + b'"}')]), story.secrets)
    assert len(entropy(story.reporter.words)) == 16


def walk(page: Page, base: str, story: Story) -> dict[str, tuple[int, bytes]]:
    """Every address that exists, asked for by whoever this is; the API's also with POST."""
    ids = [str(people.person_id(key)) for key in ("ruoyun", story.handler)]
    values = {
        "org": ["tidewick"],
        "case": [story.case, NOBODYS],
        "sha256": story.files,
        "person_id": ids,
        "provider_id": ids,
        "channel_id": ids,
        "version": ["1"],
        "question": ["q1"],
        "plan_id": ids,
        "kind": ["oidc"],
        "step": ["name"],
        "proposal": ids,
        "lang": ["en", "zh"],
        "page": ["report", "return"],
        "name": ["report"],
        "resource_id": ids,
        "rest": ["Bulk"],
        "number": ["0", "1"],
        "index": ["0", "1", "2"],
        "pk": ["1"],
        "wrapped": ["1"],
        "token": ["token"],
        "key": ["1"],
        "path": ["0/000", "entries/000", *(f"entries/000.p/{n}" for n in range(1, 256, 16))],
    }
    cookies = {cookie["name"]: cookie["value"] for cookie in page.context.cookies()}
    found = {}
    for address in routes.addresses(values):
        if "logout" in address:
            continue
        answer = page.request.get(base + address, max_redirects=0)
        headers = {name: value for name, value in answer.headers.items() if name != "date"}
        found[f"GET {address}"] = (answer.status, answer.body() + json.dumps(headers).encode())
        if "/api/" in address:
            headers = {"X-CSRFToken": cookies.get("work-csrf", ""), "Origin": base}
            answer = page.request.post(base + address, data={}, headers=headers, max_redirects=0)
            found[f"POST {address}"] = (answer.status, answer.body())
    return found


@pytest.mark.parametrize(
    "who", ["emeka", "orla", "ruoyun", None], ids=["administrator", "overseer", "off", "anonymous"]
)
def test_no_answer_to_whoever_is_not_on_the_panel_holds_a_word(
    who: str | None, story: Story, browser: Browser, demo: Server
) -> None:
    complaints: list[str] = []
    page = people.sign_in(browser, demo, who, complaints) if who else browser.new_context().new_page()
    answers = walk(page, demo.base, story)
    page.context.close()
    assert len(answers) > 60
    assert not [address for address, (status, _) in answers.items() if status >= 500]
    hers = {
        address: answer
        for address, answer in answers.items()
        if f"/work/tidewick/api/v1/cases/{story.case}" in address
    }
    assert len(hers) >= 8
    for address, answer in hers.items():  # word for word as about a case that does not exist
        assert answer[0] in (400, 401, 403, 404, 405), address
        assert answer == answers[address.replace(story.case, NOBODYS)], address
    bodies = [(address, data) for address, (_, data) in answers.items()]
    wanted = WANTED | {story.case.encode()} if who is None else WANTED
    spoken = [(address, data) for address, data in bodies if story.case not in address]
    assert not found_in(iter(bodies), WANTED)
    assert not found_in(iter(spoken), wanted | story.secrets)

"""Two organisations in one installation, and a third on a host of its own: no address, id, token or cookie crosses."""

import http.client
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from answerable_protocol import login
from answerable_protocol.ed25519 import Signer
from answerable_protocol.encoding import base64url_decode, base64url_encode, id_bytes
from playwright.sync_api import Browser, Page

from answerable.cli.demo.views import code_at
from answerable.intake.tests import world
from tests import routes, twins
from tests import server as servers
from tests.inside import ROOT, environment

HOSTS = "localhost,127.0.0.1,[::1],orchard.localhost"


@dataclass
class Twins:
    """The running server and what a stranger may have got hold of, by organisation."""

    server: servers.Server
    of: dict[str, Any]

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        host: str = "",
        headers: dict[str, str] | None = None,
    ) -> tuple[int, bytes]:
        """The path goes out exactly as it stands here, whatever it holds."""
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        with closing(http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=20)) as line:
            line.putrequest(method, path, skip_host=True)
            line.putheader("Host", host or f"localhost:{self.server.port}")
            line.putheader("Content-Length", str(len(data or b"")))
            for name, value in (headers or {}).items():
                line.putheader(name, value)
            line.endheaders(data)
            answer = line.getresponse()
            return answer.status, answer.read() + json.dumps(answer.getheaders()).encode()

    def token(self, slug: str, host: str = "localhost") -> str:
        """Of the reporter's open mailbox in one organisation."""
        host = f"{host}:{self.server.port}"
        case, base = self.of[slug]["case"], f"/api/v1/orgs/{slug}/mailbox"
        nonce = self.opened(self.ask("POST", f"{base}/challenge", {"case": case}, host=host))["nonce"]
        status, answer = self.ask("POST", f"{base}/open", self.signed(slug, slug, nonce, host), host=host)
        assert status == 200, answer
        return str(self.opened((status, answer))["token"])

    def signed(self, slug: str, org: str, nonce: str, host: str) -> dict[str, str]:
        """The body that opens the mailbox of `slug`'s reporter at organisation `org`."""
        mine = self.of[slug]
        said = login.signing_bytes(f"http://{host}", org, id_bytes(mine["case"]), base64url_decode(nonce))
        signature = Signer(base64url_decode(mine["seed"])).sign(said)
        return {"case": mine["case"], "nonce": nonce, "signature": base64url_encode(signature)}

    @staticmethod
    def opened(answer: tuple[int, bytes]) -> dict[str, Any]:
        found: dict[str, Any] = json.JSONDecoder().raw_decode(answer[1].decode())[0]
        return found

    def marks(self, slug: str) -> list[bytes]:
        """What only an answer about this organisation holds."""
        mine = self.of[slug]
        people = [person["id"] for person in mine["people"].values()]
        texts = [
            f"Name of {slug}",
            f"{slug}之名",
            mine["case"],
            mine["body"]["report"][:60],
            mine["bytes"][:60],
            *people,
        ]
        raw = [base64url_decode(mine["bytes"])[:60]]
        return [each.encode() for each in texts] + [json.dumps(f"{slug}之名")[1:-1].encode()] + raw


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Twins]:
    data = tmp_path_factory.mktemp("apart") / "data"
    data.mkdir()
    settings = {"ANSWERABLE_HOSTS": HOSTS}
    made = subprocess.run(
        [sys.executable, "-m", "tests.twins"],
        cwd=ROOT,
        env=environment(data, settings),
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stderr[-2000:]
    with servers.running(data, **settings) as server:
        yield Twins(server, json.loads(made.stdout))


def crosses(both: Twins, answer: tuple[int, bytes], slug: str) -> list[bytes]:
    return [mark for mark in both.marks(slug) if mark in answer[1]]


def test_each_answers_under_its_own_name(both: Twins) -> None:
    for slug, host in [("harbour", ""), ("meadow", ""), ("orchard", "orchard.localhost")]:
        status, answer = both.ask("GET", f"/api/v1/orgs/{slug}", host=host)
        assert status == 200
        assert f"Name of {slug}".encode() in answer


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/orgs/harbour/../meadow",
        "/api/v1/orgs/harbour/%2e%2e/meadow",
        "/api/v1/orgs/harbour%2f..%2fmeadow",
        "/api/v1/orgs/harbour%2F%2E%2E%2Fmeadow",
        "/api/v1/orgs/harbour//meadow",
        "/api/v1/orgs//meadow",
        "//api/v1/orgs/meadow",
        "/api/v1/orgs/harbour\\..\\meadow",
        "/api/v1/orgs/harbour%5c..%5cmeadow",
        "/api/v1/orgs/harbour;/meadow",
        "/api/v1/orgs/harbour%00meadow",
        "/api/v1/orgs/harbour%0d%0aHost:%20x/meadow",
        "/api/v1/orgs/harbour?org=meadow",
        "/api/v1/orgs/%6deadow%2fx",
        "/log/harbour/../meadow/checkpoint",
        "/log/harbour%2f..%2fmeadow/checkpoint",
        "/log/harbour/tile/../../meadow/checkpoint",
        "/log/harbour/tile/0/..%2f..%2f..%2fmeadow/checkpoint",
        "/o/harbour/en/../../meadow/en/other-ways",
        "/o/harbour/en/..%2f..%2fmeadow%2fen%2fother-ways",
        "/o/harbour%2fen%2f../../meadow/en/other-ways",
        "http://meadow/api/v1/orgs/harbour%2f..%2fmeadow",
    ],
)
def test_no_path_that_begins_at_one_ends_at_the_other(both: Twins, path: str) -> None:
    answer = both.ask("GET", path)
    assert answer[0] in (200, 301, 302, 400, 404)
    assert not crosses(both, answer, "meadow")
    assert b"log/meadow" not in answer[1]
    if answer[0] in (301, 302):
        assert b"meadow" not in answer[1]


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "LOCALHOST",
        "127.0.0.1",
        "[::1]",
        "localhost.",
        "orchard.localhost@localhost",
        "localhost:80@orchard.localhost",
        "orchard.localhost, localhost",
        "orchard.localhost.localhost",
        "xorchard.localhost",
        "orchard.localhost%00",
        "orchard.localhost/x",
        "",
    ],
)
def test_an_organisation_with_a_host_answers_at_no_other(both: Twins, host: str) -> None:
    for path in (
        "/api/v1/orgs/orchard",
        "/o/orchard/en/",
        "/o/orchard/en/other-ways",
        "/log/orchard/checkpoint",
    ):
        for forwarded in (
            {},
            {"X-Forwarded-Host": "orchard.localhost", "Forwarded": "host=orchard.localhost"},
        ):
            answer = both.ask("GET", path, host=host or "localhost", headers=forwarded)
            assert answer[0] in (400, 404), (host, path)
            assert not crosses(both, answer, "orchard")


@pytest.mark.parametrize(
    "host", ["orchard.localhost", "ORCHARD.localhost", "orchard.localhost.", "orchard.localhost:8000"]
)
def test_the_host_of_one_answers_for_no_other(both: Twins, host: str) -> None:
    assert both.ask("GET", "/api/v1/orgs/orchard", host=host)[0] == 200
    for slug in ("harbour", "meadow"):
        for path in (f"/api/v1/orgs/{slug}", f"/o/{slug}/en/", f"/log/{slug}/checkpoint"):
            answer = both.ask("GET", path, host=host, headers={"X-Forwarded-Host": "localhost"})
            assert answer[0] == 404
            assert not crosses(both, answer, slug)


def test_two_hosts_in_one_request_are_refused(both: Twins) -> None:
    answer = both.ask("GET", "/api/v1/orgs/orchard", host="localhost", headers={"host": "orchard.localhost"})
    assert answer[0] in (400, 404)
    assert not crosses(both, answer, "orchard")


def test_the_token_of_one_mailbox_opens_nothing_at_the_other(both: Twins) -> None:
    token = both.token("meadow")
    bearer = {"Authorization": f"Bearer {token}"}
    meadow, harbour = "/api/v1/orgs/meadow", "/api/v1/orgs/harbour"
    assert both.ask("GET", f"{meadow}/mailbox", headers=bearer)[0] == 200
    file = both.of["meadow"]["file"]
    assert both.ask("GET", f"{meadow}/mailbox/files/{file}", headers=bearer)[0] == 200
    for method, path in [
        ("GET", f"{harbour}/mailbox"),
        ("GET", f"{harbour}/mailbox/files/{file}"),
        ("GET", f"{harbour}/mailbox/files/{both.of['harbour']['file']}"),
        ("POST", f"{harbour}/mailbox/messages"),
        ("GET", f"{meadow}/mailbox/files/{both.of['harbour']['file']}"),
    ]:
        answer = both.ask(method, path, {} if method == "POST" else None, headers=bearer)
        assert answer[0] in (401, 404), path
        assert not crosses(both, answer, "harbour")
        assert not crosses(both, answer, "meadow")


def test_her_signature_opens_her_mailbox_at_her_own_organisation_and_host_alone(both: Twins) -> None:
    port = both.server.port
    mine = both.of["meadow"]["case"]
    for slug, org, said_host, host in [
        ("meadow", "harbour", "localhost", "localhost"),  # her case, the other organisation
        ("harbour", "meadow", "localhost", "localhost"),
        ("meadow", "meadow", "127.0.0.1", "localhost"),  # signed for another origin
        ("orchard", "orchard", "orchard.localhost", "localhost"),
    ]:
        base = f"/api/v1/orgs/{org}/mailbox"
        asked = both.ask("POST", f"{base}/challenge", {"case": both.of[slug]["case"]}, host=f"{host}:{port}")
        nonce = both.opened(asked).get("nonce", base64url_encode(bytes(32)))
        body = both.signed(slug, org, nonce, f"{said_host}:{port}")
        status, answer = both.ask("POST", f"{base}/open", body, host=f"{host}:{port}")
        assert status in (401, 404), (slug, org, answer)
    # A nonce of one organisation is none at the other.
    nonce = both.opened(both.ask("POST", "/api/v1/orgs/harbour/mailbox/challenge", {"case": mine}))["nonce"]
    body = both.signed("meadow", "meadow", nonce, f"localhost:{port}")
    assert both.ask("POST", "/api/v1/orgs/meadow/mailbox/open", body)[0] == 401


def test_a_report_for_one_is_not_taken_by_the_other(both: Twins) -> None:
    reporter = world.Reporter("meadow")
    ids = {key: person["id"] for key, person in both.of["meadow"]["people"].items()}
    note = both.opened(both.ask("GET", "/api/v1/orgs/meadow/rosters"))["rosters"][-1]
    from answerable_protocol.encoding import sha256

    body = reporter.report(
        roster=sha256(note.partition("\n\n")[0].encode() + b"\n"),
        panel=sorted([ids["handler"], ids["external"]]),
        reach=[[ids["lead"]], [ids["overseer"]], []],
        externals=1,
    )
    for org in ("harbour", "meadow"):
        for issuer in ("harbour", "meadow"):
            work = world.solve(both.opened(both.ask("GET", f"/api/v1/orgs/{issuer}/challenge")))
            path = f"/api/v1/orgs/{org}/cases/{reporter.case_text}"
            status, _ = both.ask("PUT", path, body | {"pow": work})
            if org == issuer == "meadow":
                assert status == 201
            else:
                assert status in (422, 428), (org, issuer)
    file = both.of["meadow"]["file"]
    for method in ("GET", "PUT"):
        for case in (both.of["meadow"]["case"], both.of["harbour"]["case"]):
            path = f"/api/v1/orgs/harbour/cases/{case}/attachments/{file}"
            headers = {"Content-Range": "bytes 0-0/1", "X-Chunk-SHA256": base64url_encode(sha256(b"x"))}
            assert both.ask(method, path, b"x" if method == "PUT" else None, headers=headers)[0] == 404


def sign_in(browser: Browser, both: Twins, slug: str, key: str, host: str = "localhost") -> Page:
    """One of an organisation's people, with password and code."""
    page = browser.new_context(locale="en-GB").new_page()
    page.goto(f"http://{host}:{both.server.port}/work/accounts/login/")
    page.fill("input[name=login]", f"{key}@{slug}.example")
    page.fill("input[name=password]", twins.PASSWORD)
    page.click("form:has(input[name=password]) button[type=submit]")
    page.wait_for_selector("input[name=code]")
    page.fill("input[name=code]", code_at(twins.secret(slug, key), datetime.now(UTC)))
    page.click("form:has(input[name=code]) button[type=submit]")
    page.wait_for_url(re.compile(r"/work/(?!accounts/)"))
    return page


@pytest.mark.browser
@pytest.mark.parametrize("key", ["handler", "external", "administrator", "overseer"])
def test_whoever_works_at_one_finds_nothing_of_the_other(key: str, browser: Browser, both: Twins) -> None:
    page = sign_in(browser, both, "harbour", key)
    base = both.server.base
    cookies = {cookie["name"]: cookie["value"] for cookie in page.context.cookies()}
    headers = {"X-CSRFToken": cookies.get("work-csrf", ""), "Origin": base}
    own = page.request.get(f"{base}/work/harbour/")
    assert own.status == 200
    for org, other in [("meadow", "meadow"), ("harbour", "meadow"), ("orchard", "orchard")]:
        mine = both.of[other]
        values = {
            "org": [org],
            "case": [mine["case"]],
            "sha256": [mine["file"]],
            "person_id": [mine["people"]["handler"]["uuid"]],
            "provider_id": [mine["people"]["handler"]["uuid"]],
            "channel_id": [mine["people"]["handler"]["uuid"]],
            "version": ["1"],
            "question": ["q1"],
            "plan_id": [mine["people"]["handler"]["uuid"]],
            "kind": ["oidc"],
            "step": ["name"],
            "proposal": [mine["people"]["handler"]["uuid"]],
            "number": ["0"],
            "index": ["0"],
            "pk": ["1"],
            "wrapped": ["1"],
            "token": ["token"],
            "key": ["1"],
            "lang": ["en"],
            "page": ["report"],
            "name": ["report"],
            "resource_id": [mine["people"]["handler"]["uuid"]],
            "rest": ["Bulk"],
            "path": ["0/000"],
        }
        for address in routes.addresses(values):
            if not address.startswith(f"/work/{org}/"):
                continue
            for ask in (page.request.get, page.request.post):
                answer = ask(base + address, headers=headers, max_redirects=0)
                if org != "harbour":
                    assert answer.status in (403, 404, 405), (address, answer.status)
                else:
                    assert answer.status < 500, address
                assert not crosses(both, (answer.status, answer.body()), other), address
    page.context.close()


@pytest.mark.browser
def test_a_session_brought_to_another_host_opens_only_what_is_there(browser: Browser, both: Twins) -> None:
    page = sign_in(browser, both, "harbour", "lead")  # nobody's code works twice in its thirty seconds
    cookie = "; ".join(f"{each['name']}={each['value']}" for each in page.context.cookies())
    page.context.close()
    headers = {"Cookie": cookie}
    assert both.ask("GET", "/work/harbour/api/v1/me", headers=headers)[0] == 200
    for host in ("orchard.localhost", "localhost"):
        answer = both.ask("GET", "/work/orchard/api/v1/me", host=host, headers=headers)
        assert answer[0] in (401, 404)
        assert not crosses(both, answer, "orchard")
    assert both.ask("GET", "/work/harbour/api/v1/me", host="orchard.localhost", headers=headers)[0] in (
        401,
        404,
    )


def test_each_data_stands_in_its_own_folder(both: Twins) -> None:
    folders = {path.name for path in (both.server.data / "attachments").iterdir()}
    assert folders == {made["id"].replace("-", "") for made in both.of.values()}
    found = [path for path in Path(both.server.data / "attachments").rglob("*") if path.is_file()]
    assert len(found) == 3

"""Signing in through an organisation's own OpenID Connect provider: a real one, started here, and one that lies."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlsplit

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from django.test import Client
from django.utils import timezone
from oidc_provider_mock import run_server_in_thread

from answerable.conftest import TOTP_SECRET
from answerable.organisation import actions, oidc, providers, queries
from answerable.organisation.claims import Claims
from answerable.organisation.errors import ProviderTrouble
from answerable.organisation.models import Account, Provider, Subject
from answerable.organisation.tests.test_signin import code

# The mock provider's libraries warn of each other's age, in its thread.
pytestmark = [
    pytest.mark.usefixtures("fresh_limits"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]
NOW = timezone.now
SIGN_IN = "/work/tidewick/administration/sign-in/"


@pytest.fixture(autouse=True)
def _fresh_keys():
    oidc._known.clear()


@pytest.fixture(scope="module")
def issuer():
    with run_server_in_thread(require_nonce=True) as server:
        yield f"http://localhost:{server.server_port}"


def made(organisation, issuer, **more):
    fields = {"name": "Work account", "issuer": issuer, "client_id": "answerable", "secret": "s3", **more}
    provider = providers.set_up(organisation, kind="oidc", fields=fields, now=NOW())
    assert providers.passed_test(provider, changed_at=provider.changed_at, now=NOW())
    assert providers.switch(provider, on=True)
    provider.refresh_from_db()
    return provider


@pytest.fixture
def provider(organisation, issuer):
    return made(organisation, issuer)


def start(provider, **query):
    return f"/work/accounts/with/{provider.organisation.slug}/{provider.pk}/", query


def go(client, provider, subject, **query):
    """From our page to the provider, in there as `subject`, and back: our last answer."""
    left = client.get(*start(provider, **query))
    assert left.status_code == 302, left.content
    there = httpx.post(left.headers["Location"], data={"sub": subject})
    back = urlsplit(there.headers["Location"])
    return client.get(f"{back.path}?{back.query}")


def knows(issuer, subject, **claims):
    httpx.put(f"{issuer}/users/{subject}", json=claims)


def test_a_member_is_found_by_a_verified_address_once_and_by_the_subject_ever_after(people, provider, issuer):
    knows(issuer, "s-1", email="Member@tidewick.example", email_verified=True)
    client = Client()
    assert (
        go(client, provider, "s-1", next="/work/tidewick/notices/").headers["Location"].endswith("/notices/")
    )
    assert client.get("/work/tidewick/").status_code == 200
    knows(issuer, "s-1", email="administrator@tidewick.example", email_verified=True)  # renamed over there
    again = Client()
    go(again, provider, "s-1")
    assert again.get("/work/tidewick/").context["person"] == people["member"]
    knows(
        issuer, "s-2", email="member@tidewick.example", email_verified=True
    )  # the address goes to somebody else
    other = Client()
    assert go(other, provider, "s-2").status_code == 403
    assert other.get("/work/tidewick/").status_code == 302


@pytest.mark.parametrize(
    ("address", "verified"),
    [
        ("member@tidewick.example", False),
        ("member@tidewick.example", None),
        ("nobody@tidewick.example", True),
        ("handler@tidewick.example", True),
        ("overseer@tidewick.example", True),
        ("administrator@tidewick.example", True),
        ("", True),
    ],
)
def test_an_address_alone_opens_no_role_and_makes_nobody(people, provider, issuer, address, verified):
    claims = {"email": address} | ({} if verified is None else {"email_verified": verified})
    knows(issuer, "s-3", **claims)
    client = Client()
    assert go(client, provider, "s-3").status_code == 403
    assert not Account.objects.exists()
    assert not Subject.objects.exists()


def test_somebody_who_has_left_does_not_come_back_this_way(people, provider, issuer):
    knows(issuer, "s-4", email="member@tidewick.example", email_verified=True)
    go(Client(), provider, "s-4")
    people["member"].refresh_from_db()
    actions.leave(people["member"], by=None, now=NOW())
    client = Client()
    go(client, provider, "s-4")
    assert client.get("/work/tidewick/").status_code == 302


def test_an_invitation_binds_and_a_reader_still_makes_a_factor_of_their_own(people, provider, issuer):
    token = actions.invite(people["handler"], by=None, now=NOW())
    page = Client().get(f"/work/accounts/invitation/{token}/").content.decode()
    assert "With Work account" in page
    client = Client()
    assert go(client, provider, "s-5", invitation=token).status_code == 302
    assert client.get("/work/tidewick/").headers["Location"] == "/work/accounts/second-factor/"
    assert "second factor of your own" in client.get("/work/accounts/second-factor/").content.decode()
    assert go(Client(), provider, "s-6", invitation=token).status_code == 403  # it works once


def linked(people, provider, subject):
    person = people["handler"]
    actions.make_account(person, password=None, totp_secret=TOTP_SECRET, now=NOW())
    providers.bind(provider, Claims(subject, "", False, False), person.account, now=NOW())
    return person


def test_a_reader_is_asked_for_their_own_code_after_the_provider(people, provider):
    linked(people, provider, "s-7")
    client = Client()
    assert go(client, provider, "s-7").headers["Location"] == "/work/accounts/2fa/authenticate/"
    assert client.get("/work/tidewick/").status_code == 302
    assert client.post("/work/accounts/2fa/authenticate/", {"code": code()}).status_code == 302
    assert client.get("/work/tidewick/").status_code == 200


@pytest.mark.parametrize(
    ("amr", "opens"), [(["mfa", "pwd"], True), (["pwd"], False), ("mfa", False), (None, False)]
)
def test_the_provider_s_second_factor_counts_only_where_chosen_and_said(organisation, people, amr, opens):
    with Liar() as liar:
        provider = made(organisation, liar.issuer, counts_second_factor=True)
        linked(people, provider, "s-8")
        client = Client()
        liar.come(client, provider, sub="s-8", **({"amr": amr} if amr else {}))
        assert (client.get("/work/tidewick/").status_code == 200) is opens


def test_one_links_it_while_signed_in_and_not_with_an_old_proof(people, provider, client_for):
    client = client_for(people["handler"])
    go(client, provider, "s-9", **{"for": "link"})
    assert Subject.objects.get().account == people["handler"].account
    session = client.session
    session["account_authentication_methods"] = [{"method": "mfa", "at": time.time() - 400}]
    session.save()
    old = client.get(*start(provider, **{"for": "link"}))
    assert "/reauthenticate/" in old.headers["Location"]


def test_a_subject_bound_to_one_is_not_taken_by_another(people, provider, client_for):
    linked(people, provider, "s-10")
    client = client_for(people["lead"])
    assert go(client, provider, "s-10", **{"for": "link"}).status_code == 403
    assert Subject.objects.get().account == people["handler"].account


def test_the_provider_s_word_is_no_fresh_proof(people, provider, issuer, client_for, now):
    actions.give_role(people["member"], "overseer", by=None, now=now)
    linked_to = people["member"]
    knows(issuer, "s-11", email="x@x.example")
    token = actions.invite(linked_to, by=None, now=NOW())
    client = Client()
    go(client, provider, "s-11", invitation=token)
    assert client.get("/work/tidewick/board/").status_code == 200
    assert (
        client.get(*start(provider, **{"for": "link"})).headers["Location"] == "/work/accounts/second-factor/"
    )


def test_the_other_organisation_s_provider_opens_nothing_here(people, other_organisation, issuer, provider):
    theirs = made(other_organisation, issuer)
    knows(issuer, "s-12", email="member@tidewick.example", email_verified=True)
    client = Client()
    assert go(client, theirs, "s-12").status_code == 403
    crossed = f"/work/accounts/with/tidewick/{theirs.pk}/"
    assert Client().get(crossed).status_code == 404
    assert Client().get(f"{crossed}back/?state=x&code=y").status_code == 404


def test_an_answer_that_this_browser_did_not_ask_for_signs_nobody_in(people, provider, issuer):
    """Login CSRF, a second use, and a state of one's own making."""
    knows(issuer, "s-13", email="member@tidewick.example", email_verified=True)
    mine = Client()
    left = mine.get(*start(provider))
    there = httpx.post(left.headers["Location"], data={"sub": "s-13"})
    back = urlsplit(there.headers["Location"])
    assert Client().get(f"{back.path}?{back.query}").status_code == 403
    assert mine.get(f"{back.path}?code=x&state=made-up").status_code == 403
    assert (
        mine.get(f"{back.path}?{back.query}").status_code == 403
    )  # the first wrong answer ended the request


@pytest.mark.parametrize(
    "onward", ["https://evil.example/", "//evil.example/", "/o/tidewick/", "/work/\\evil.example"]
)
def test_coming_back_leads_to_no_other_site(people, provider, issuer, onward):
    knows(issuer, "s-14", email="member@tidewick.example", email_verified=True)
    there = urlsplit(go(Client(), provider, "s-14", next=onward).headers["Location"])
    assert there.netloc == ""
    assert there.path in {"/work/", "/work/%5Cevil.example"}  # a path of ours, if not a page


def test_an_administrator_sets_it_up_tests_it_and_only_then_switches_it_on(people, client_for, issuer):
    client = client_for(people["administrator"])
    fields = {"name": "Work", "issuer": issuer, "client_id": "c", "secret": "very-secret-word"}
    answer = client.post(f"{SIGN_IN}add/oidc/", fields)
    assert answer.status_code == 302
    provider = Provider.objects.get()
    assert "very-secret-word" not in provider.sealed_secret
    page = answer.headers["Location"]
    assert "very-secret-word" not in client.get(page).content.decode()
    client.post(f"{page}switch/", {"do": "on"})
    provider.refresh_from_db()
    assert not provider.on
    assert Client().get(*start(provider)).status_code == 404  # off: nobody leaves for it
    assert Client().get(*start(provider, **{"for": "test"})).status_code == 302  # to sign in
    assert "It answers as it should" in go(client, provider, "me", **{"for": "test"}).content.decode()
    client.post(f"{page}switch/", {"do": "on"})
    assert "Work" in Client().get("/work/accounts/login/?next=/work/tidewick/").content.decode()
    client.post(f"{page}change/", {**fields, "secret": "", "name": "Other"})
    provider.refresh_from_db()
    assert (provider.on, provider.name) == (True, "Other")
    client.post(f"{page}change/", {**fields, "secret": "", "client_id": "another"})
    provider.refresh_from_db()
    assert (provider.on, provider.tested_at) == (False, None)


@pytest.mark.parametrize("key", ["handler", "lead", "overseer", "member"])
def test_nobody_else_sees_or_changes_it(people, client_for, provider, key, outsider):
    for client, refused in ((client_for(people[key]), 403), (outsider, 404)):
        for path in ("", "add/oidc/", f"{provider.pk}/", f"{provider.pk}/change/"):
            assert client.get(SIGN_IN + path).status_code == refused
        assert client.post(f"{SIGN_IN}{provider.pk}/switch/", {"do": "off"}).status_code == refused
        assert client.get(*start(provider, **{"for": "test"})).status_code == 404
    provider.refresh_from_db()
    assert provider.on


def test_another_issuer_means_other_people_and_off_ends_their_sessions(people, provider, issuer):
    knows(issuer, "s-15", email="member@tidewick.example", email_verified=True)
    client = Client()
    go(client, provider, "s-15")
    providers.switch(provider, on=False)
    assert client.get("/work/tidewick/").status_code == 302
    providers.change(provider, fields={"issuer": "https://elsewhere.example"}, now=NOW())
    assert not Subject.objects.exists()


@pytest.mark.parametrize(
    "issuer",
    [
        "http://example.org",
        "https://",
        "ftp://localhost/",
        "http://127.0.0.1:1",
        "x",
        "http://[",
        "file:///etc/passwd",
    ],
)
def test_an_issuer_that_is_none_is_told_and_not_kept(people, client_for, issuer):
    client = client_for(people["administrator"])
    answer = client.post(
        f"{SIGN_IN}add/oidc/", {"name": "W", "issuer": issuer, "client_id": "c", "secret": "s"}
    )
    assert answer.status_code == 200
    assert not Provider.objects.exists()


class Liar:
    """A provider that signs whatever a test asks for."""

    def __enter__(self):
        self.key = rsa.generate_private_key(65537, 2048)
        self.token = ""
        liar = self

        class Answers(BaseHTTPRequestHandler):
            def do_GET(self):
                self.give(liar.about() if "openid" in self.path else liar.keys())

            def do_POST(self):
                self.rfile.read(int(self.headers["Content-Length"]))
                self.give({"id_token": liar.token, "access_token": "x"})

            def give(self, what):
                body = json.dumps(what).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args):
                return

        self.server = HTTPServer(("127.0.0.1", 0), Answers)
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,))
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    def about(self):
        names = ("authorization_endpoint", "token_endpoint", "jwks_uri")
        return {"issuer": self.issuer, **{name: f"{self.issuer}/{name}" for name in names}}

    def keys(self):
        one = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
        return {"keys": [{**one, "kid": "k", "use": "sig"}]}

    def come(self, client, provider, *, key=None, algorithm="RS256", kid="k", nonce=None, **claims):
        left = client.get(*start(provider))
        asked = parse_qs(urlsplit(left.headers["Location"]).query)
        now = int(time.time())
        said = {
            "iss": self.issuer,
            "aud": "answerable",
            "sub": "s-1",
            "iat": now,
            "exp": now + 60,
            "nonce": asked["nonce"][0] if nonce is None else nonce,
            "email": "member@tidewick.example",
            "email_verified": True,
        } | claims
        said |= {name: now + claims[name] for name in ("exp", "iat") if isinstance(claims.get(name), int)}
        key = rsa.generate_private_key(65537, 2048) if key == "a stranger’s" else key
        said = {name: value for name, value in said.items() if value != "absent"}
        key = self.key if key is None else key or None
        self.token = jwt.encode(said, key, algorithm=algorithm, headers={"kid": kid})
        path = start(provider)[0]
        return client.get(f"{path}back/", {"state": asked["state"][0], "code": "c"})


@pytest.fixture(scope="module")
def liar():
    with Liar() as made_up:
        yield made_up


@pytest.mark.parametrize(
    "lie",
    [
        {"key": "a stranger’s"},
        {"key": "x" * 64, "algorithm": "HS256"},
        {"key": "", "algorithm": "none"},
        {"kid": "unknown"},
        {"iss": "https://elsewhere.example"},
        {"aud": "somebody-else"},
        {"aud": ["answerable", "somebody-else"]},
        {"azp": "somebody-else"},
        {"exp": -120},
        {"iat": 3600},
        {"exp": "absent"},
        {"sub": "absent"},
        {"sub": ""},
        {"sub": "x" * 256},
        {"nonce": "of-another-request"},
        {"nonce": "absent"},
    ],
    ids=str,
)
def test_a_token_that_does_not_hold_opens_nothing(people, organisation, liar, lie):
    provider = made(organisation, liar.issuer)
    client = Client()
    assert liar.come(client, provider, **lie).status_code == 403
    assert client.get("/work/tidewick/").status_code == 302
    assert not Account.objects.exists()


def test_the_same_token_without_a_lie_opens(people, organisation, liar):
    client = Client()
    liar.come(client, made(organisation, liar.issuer))
    assert client.get("/work/tidewick/").status_code == 200


def test_a_provider_that_is_down_is_said_so(organisation, people):
    provider = made(organisation, "http://127.0.0.1:9")
    assert Client().get(*start(provider)).status_code == 403
    with pytest.raises(ProviderTrouble):
        oidc.discover("http://127.0.0.1:9")
    assert queries.people(organisation)

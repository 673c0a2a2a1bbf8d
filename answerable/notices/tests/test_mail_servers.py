"""Mail servers as they are: encrypted, with tokens, greylisting, down for a day, dribbling."""

import base64
import json
import socket
import threading
import time
from datetime import timedelta
from urllib.parse import parse_qs

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from hypothesis import given
from hypothesis import strategies as st

from answerable.notices import actions, mail, queries
from answerable.notices.errors import NoToken, NotTaken, ServerDown
from answerable.notices.mail import Conversation, Office
from answerable.notices.models import Notice
from answerable.notices.senders.oauth import Access, Tokens
from answerable.notices.senders.wire import Answer, Wire
from answerable.notices.tests.conftest import Post
from answerable.notices.tests.services import authority, service

WIRE = Wire(seconds=2, private=["127.0.0.1"], plain=True)
MESSAGE = b"Subject: x\r\n\r\nx\r\n"


class TokenPost(Post):
    """A mail server that takes tokens only, as Microsoft's and Google's do."""

    good = "token-2"

    def __init__(self, port):
        super().__init__(port)
        self.tokens = []

    async def auth_XOAUTH2(self, server, args):  # noqa: N802
        line = base64.b64decode(args[1]).decode()
        account, bearer, *_ = line.split("\x01")
        self.tokens.append(bearer.removeprefix("auth=Bearer "))
        if account == "user=box@tidewick.example" and self.tokens[-1] == self.good:
            return AuthResult(success=True)
        # A refusal is a 334 with a reason, then, after an empty line, 535.
        await server.challenge_auth(base64.b64encode(b'{"status":"401"}'), encode_to_b64=False)
        return AuthResult(success=False, handled=False)


@pytest.fixture
def office(unused_port):
    """Starts a server; gives it and how to speak with it."""
    running = []

    def start(post=None, **how):
        post = post or Post(port=unused_port)
        security = how.pop("security", "none")
        controls = how.pop("controls", {})
        controller = Controller(post, hostname="127.0.0.1", port=unused_port, **controls)
        controller.start()
        running.append(controller)
        how.setdefault("sender", "answerable@tidewick.example")
        return post, Office(
            host="localhost", port=unused_port, security=security, private=["localhost"], **how
        )

    yield start
    for each in running:
        each.stop()


def send(office, now, seconds=2.0):
    with Conversation(office, now=now, seconds=seconds, wire=WIRE) as server:
        server.announce(sender=office.sender, to="a@tidewick.example")
        server.hand_over(MESSAGE)


@pytest.mark.parametrize("security", ["starttls", "implicit"])
def test_mail_goes_encrypted_to_a_server_that_our_authority_vouches_for(office, tmp_path, now, security):
    made = authority(tmp_path)
    key = "tls_context" if security == "starttls" else "ssl_context"
    controls = {key: made.context} | ({"require_starttls": True} if security == "starttls" else {})
    post, there = office(security=security, controls=controls, authorities=made.pem)
    send(there, now)
    assert len(post.arrived) == 1


@pytest.mark.parametrize("security", ["starttls", "implicit"])
def test_nothing_is_said_to_a_server_that_nobody_vouches_for(office, tmp_path, now, security):
    made = authority(tmp_path)
    key = "tls_context" if security == "starttls" else "ssl_context"
    post, there = office(security=security, controls={key: made.context})
    with pytest.raises(ServerDown):
        send(there, now)
    assert post.arrived == []


def test_a_server_that_offers_no_encryption_gets_neither_mail_nor_password(office, now):
    post, there = office(security="starttls", account="a", password="b")
    with pytest.raises(ServerDown):
        send(there, now)
    assert post.arrived == []


def test_an_inside_mail_server_is_refused_unless_the_operator_allows_it(office, now):
    _, there = office()
    with pytest.raises(ServerDown, match="private"):
        send(Office(host="localhost", port=there.port, security="none", sender="a@b.example"), now)


def token_office(office, unused_port, endpoint, **more):
    access = Access(url=endpoint.url, client="client", secret=f"secret-{unused_port}", **more)
    return office(
        TokenPost(unused_port),
        account="box@tidewick.example",
        access=access,
        controls={"auth_require_tls": False},
    )


def token(text, seconds=3600):
    return (200, json.dumps({"access_token": text, "expires_in": seconds, "token_type": "Bearer"}).encode())


def test_a_token_signs_in_and_is_kept_for_the_next_mail(office, unused_port, now):
    with service() as endpoint:
        endpoint.answers = [token("token-2")]
        post, there = token_office(
            office, unused_port, endpoint, scope="https://outlook.office365.com/.default"
        )
        send(there, now)
        send(there, now + timedelta(minutes=50))
        assert len(post.arrived) == 2
        (asked,) = [parse_qs(body.decode()) for _, _, body in endpoint.asked]
        assert asked["grant_type"] == ["client_credentials"]
        assert asked["scope"] == ["https://outlook.office365.com/.default"]
        send(there, now + timedelta(minutes=59))
        assert len(endpoint.asked) == 2


def test_a_token_that_the_server_refuses_is_renewed_once(office, unused_port, now):
    with service() as endpoint:
        endpoint.answers = [token("token-1"), token("token-2")]
        post, there = token_office(office, unused_port, endpoint, refresh="a-refresh-token")
        send(there, now)
        assert post.tokens == ["token-1", "token-2"]
        asked = parse_qs(endpoint.asked[0][2].decode())
        assert (asked["grant_type"], asked["refresh_token"]) == (["refresh_token"], ["a-refresh-token"])


def test_a_token_refused_twice_is_a_server_down_and_says_535(office, unused_port, now):
    with service() as endpoint:
        endpoint.answers = [token("token-9")]
        post, there = token_office(office, unused_port, endpoint)
        with pytest.raises(ServerDown, match=r"^535$"):
            send(there, now)
        assert len(post.tokens) == 2


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (400, {"error": "invalid_grant", "error_description": "AADSTS70008: a secret text"}, "invalid_grant"),
        (401, {"error": "invalid_client"}, "invalid_client"),
        (200, {"error": "temporarily_unavailable"}, "temporarily_unavailable"),
        (200, {"access_token": "has\nlines"}, "200"),
        (500, b"<html>", "500"),
        (400, {"error": "<script>"}, "400"),
    ],
)
def test_an_endpoint_s_error_is_read_and_its_words_are_not_repeated(status, body, code, now):
    with service() as endpoint:
        endpoint.say(status, body)
        with pytest.raises(NoToken) as caught:
            Tokens().get(Access(endpoint.url, "c", "s"), WIRE, now=now)
        assert str(caught.value) == code


class Fixed(Wire):
    def __init__(self, answer):
        self.answer = answer

    def post(self, *_, **__):
        return self.answer


@given(
    st.integers(100, 599),
    st.binary(max_size=200)
    | st.builds(
        lambda x: json.dumps(x).encode(),
        st.dictionaries(
            st.sampled_from(["access_token", "expires_in", "error"]), st.text() | st.integers() | st.none()
        ),
    ),
)
def test_any_answer_of_an_endpoint_is_a_token_or_none(status, body):
    from datetime import UTC, datetime

    try:
        found = Tokens().get(
            Access("x", "c", "s"), Fixed(Answer(status, body)), now=datetime(2026, 11, 5, tzinfo=UTC)
        )
    except NoToken:
        return
    assert found.isascii()


def test_a_greylisting_server_gets_the_mail_at_the_second_try(organisation, people, post_office, now):
    """450 for whoever is new for a while, then yes: the outbox comes back by itself."""
    post_office.at_rcpt = ["450 4.2.0 greylisted, come back", "450 4.2.0 greylisted, come back"]
    actions.post(organisation, [people["lead"].pk], kind="missed", event="e", now=now)
    taken = [actions.deliver(now + timedelta(minutes=minute)) for minute in range(8)]
    assert taken == [0, 0, 0, 0, 0, 0, 1, 0]
    assert len(post_office.arrived) == 1


def test_a_server_down_for_a_day_gets_everything_afterwards_once(
    organisation, people, post_office, settings, unused_port, now
):
    settings.EMAIL_PORT = 1
    for hour in range(24):
        when = now + timedelta(hours=hour)
        actions.post(organisation, [people["lead"].pk], kind="missed", event=f"e{hour}", now=when)
        assert actions.deliver(when) == 0
    later = now + timedelta(hours=24)
    assert queries.oldest_unsent(later) == timedelta(hours=24)
    settings.EMAIL_PORT = unused_port
    assert actions.deliver(later) == 24
    assert len({each["Message-ID"] for each in post_office.mails()}) == 24
    assert queries.oldest_unsent(later) is None
    assert set(Notice.objects.values_list("tries", flat=True)) == {1}


def test_a_full_disk_at_the_mail_server_is_waited_out(organisation, people, post_office, now):
    post_office.at_data = ["452 4.3.1 insufficient system storage"]
    actions.post(organisation, [people["lead"].pk], kind="missed", event="e", now=now)
    assert actions.deliver(now) == 0
    assert actions.deliver(now + timedelta(minutes=1)) == 1


def test_a_server_that_dribbles_letters_is_hung_up_on(monkeypatch, now):
    """Each letter comes within the time limit of one read; the whole conversation must end nevertheless."""
    monkeypatch.setattr(mail, "LONGEST", 0.5)
    listener = socket.create_server(("127.0.0.1", 0))
    stop = threading.Event()

    def dribble():
        with listener.accept()[0] as line:
            line.sendall(b"220 slow\r\n")
            while not stop.wait(0.1):
                try:
                    line.sendall(b"2")
                except OSError:
                    return

    thread = threading.Thread(target=dribble, daemon=True)
    thread.start()
    began = time.monotonic()
    there = Office(
        host="127.0.0.1", port=listener.getsockname()[1], sender="a@b.example", security="none", private=None
    )
    with pytest.raises((ServerDown, NotTaken)):
        send(there, now, seconds=0.4)
    assert time.monotonic() - began < 3
    stop.set()
    thread.join(2)
    listener.close()

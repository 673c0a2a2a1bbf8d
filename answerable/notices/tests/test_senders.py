"""Each sender reads its service's own verdict: a 200 with an error inside is a failure."""

import hashlib
import hmac
import socket
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from answerable.notices.errors import BadAddress
from answerable.notices.senders import addresses, dingtalk, feishu, slack, teams, webhook, wecom
from answerable.notices.senders.outcome import Refused, Taken, Unsure
from answerable.notices.senders.wire import Answer, Wire
from answerable.notices.tests.services import authority, service

ALL = [wecom, dingtalk, feishu, slack, teams, webhook]
SECRET = "a secret of enough letters"


@pytest.fixture
def wire():
    return Wire(seconds=1, private=["127.0.0.1", "localhost"], plain=True)


@pytest.fixture
def there():
    with service() as made:
        yield made


@pytest.mark.parametrize(
    ("sender", "status", "body"),
    [
        (wecom, 200, b'{"errcode":0,"errmsg":"ok"}'),
        (dingtalk, 200, b'{"errcode":0,"errmsg":"ok"}'),
        (feishu, 200, b'{"code":0,"msg":"success","data":{}}'),
        (feishu, 200, b'{"StatusCode":0,"StatusMessage":"success"}'),
        (slack, 200, b"ok"),
        (teams, 202, b""),
        (teams, 200, b"1"),
        (webhook, 204, b""),
        (webhook, 200, b'{"taken": true}'),
    ],
)
def test_the_service_s_own_yes_is_taken(sender, status, body, wire, there, now):
    there.say(status, body)
    assert sender.send(there.url, "words", wire, secret=SECRET, now=now) == Taken()
    assert b"words" in there.asked[0][2]


@pytest.mark.parametrize(
    ("sender", "status", "body", "refused"),
    [
        (wecom, 200, b'{"errcode":45009,"errmsg":"api freq out of limit"}', Refused("45009", again=True)),
        (wecom, 200, b'{"errcode":93000,"errmsg":"invalid webhook url"}', Refused("93000", again=False)),
        (dingtalk, 200, b'{"errcode":310000,"errmsg":"sign not match"}', Refused("310000", again=False)),
        (dingtalk, 200, b'{"errcode":130101,"errmsg":"send too fast"}', Refused("130101", again=True)),
        (feishu, 200, b'{"code":19024,"msg":"Key Words Not Found"}', Refused("19024", again=False)),
        (feishu, 200, b'{"code":9499,"msg":"too many request"}', Refused("9499", again=True)),
        (feishu, 400, b'{"code":19021,"msg":"sign match fail"}', Refused("19021", again=False)),
        (slack, 404, b"no_service", Refused("no_service", again=False)),
        (slack, 200, b"<html>welcome to the lobby's Wi-Fi</html>", Refused("not-ok", again=False)),
        (
            teams,
            200,
            b"Webhook message delivery failed with error: HTTP error 429",
            Refused("429", again=True),
        ),
        (teams, 200, b"anything", Refused("not-1", again=False)),
        (webhook, 200, b'{"taken": false}', Refused("not-taken", again=False)),
        (webhook, 200, b"", Refused("not-taken", again=False)),
    ],
)
def test_an_error_inside_an_answer_is_a_failure(sender, status, body, refused, wire, there, now):
    there.say(status, body)
    assert sender.send(there.url, "words", wire, secret=SECRET, now=now) == refused


@pytest.mark.parametrize("sender", ALL)
@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (302, Refused("redirect", again=False)),
        (403, Refused("403", again=False)),
        (429, Refused("429", again=True)),
        (500, Refused("500", again=True)),
        (504, Unsure("504")),
    ],
)
def test_a_status_says_whether_to_try_again(sender, status, outcome, wire, there, now):
    there.headers["Location"] = there.url + "elsewhere"
    there.say(status, b"")
    assert sender.send(there.url, "words", wire, secret=SECRET, now=now) == outcome
    assert len(there.asked) == 1


@pytest.mark.parametrize("sender", ALL)
@given(status=st.integers(100, 599), body=st.binary(max_size=200))
def test_any_answer_is_an_outcome(sender, status, body):
    assert isinstance(sender.read(Answer(status, body)), Taken | Refused | Unsure)


@pytest.mark.parametrize("sender", [wecom, dingtalk, feishu])
@given(body=st.binary(max_size=100))
def test_without_its_code_nothing_counts_as_taken(sender, body):
    if b"0" not in body:
        assert not isinstance(sender.read(Answer(200, body)), Taken)


def test_who_falls_silent_after_the_message_may_have_it(wire, there, now):
    there.pause = threading.Event()
    assert slack.send(there.url, "words", wire, now=now) == Unsure("silent")


def test_who_is_not_there_surely_has_it_not(wire, unused_port, now):
    assert slack.send(f"http://127.0.0.1:{unused_port}/", "x", wire, now=now) == Refused(
        "no-connection", again=True
    )


def test_an_endless_answer_ends(wire, there, now):
    there.say(200, b"x" * 300_000)
    assert slack.send(there.url, "x", wire, now=now) == Unsure("endless")


def test_the_signatures_are_those_of_the_services(wire, there, now):
    """DingTalk: over "<ms>\\n<secret>" under the secret; Feishu: over nothing, under "<s>\\n<secret>"."""
    there.say(200, b'{"errcode":0,"code":0}')
    dingtalk.send(there.url + "robot/send?access_token=t", "x", wire, secret="SECx", now=now)
    feishu.send(there.url, "x", wire, secret="fs", now=now)
    path, _, _ = there.asked[0]
    stamp = int(now.timestamp())
    made = hmac.new(b"SECx", f"{stamp}000\nSECx".encode(), hashlib.sha256).digest()
    from base64 import b64encode
    from urllib.parse import parse_qs, urlsplit

    query = parse_qs(urlsplit(path).query)
    assert query == {"access_token": ["t"], "timestamp": [f"{stamp}000"], "sign": [b64encode(made).decode()]}
    sent = there.heard()[1]
    made = hmac.new(f"{stamp}\nfs".encode(), b"", hashlib.sha256).digest()
    assert (sent["timestamp"], sent["sign"]) == (str(stamp), b64encode(made).decode())


def test_a_receiver_can_check_that_we_spoke(wire, there, now):
    """The check of docs/for-operators.md."""
    there.say(204, b"")
    webhook.send(there.url, "words", wire, secret=SECRET, now=now)
    _, headers, body = there.asked[0]
    expected = hmac.new(
        SECRET.encode(), headers["Answerable-Timestamp"].encode() + b"." + body, hashlib.sha256
    )
    assert hmac.compare_digest(headers["Answerable-Signature"], "v1=" + expected.hexdigest())


def test_a_webhook_without_a_secret_sends_nothing(wire, there, now):
    assert webhook.send(there.url, "words", wire, now=now) == Refused("no-secret", again=False)
    assert there.asked == []


def test_a_proxy_of_the_environment_is_not_used(wire, there, now, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    assert slack.send(there.url, "x", wire, now=now) == Taken()


@pytest.mark.parametrize(
    "inside",
    [
        "127.0.0.1",
        "10.1.2.3",
        "192.168.0.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",  # noqa: S104
        "::1",
        "fe80::1",
        "fc00::1",
        "::ffff:10.0.0.1",
        "64:ff9b::a00:1",
        "2002:a00:1::",
        "224.0.0.1",
        "255.255.255.255",
    ],
)
def test_an_inside_address_is_refused_after_the_name_was_resolved(inside, monkeypatch, now):
    family = socket.AF_INET6 if ":" in inside else socket.AF_INET
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [(family, 1, 6, "", (inside, 443))])
    assert slack.send("https://hooks.example/", "x", Wire(), now=now) == Refused("private", again=False)


def test_one_inside_address_among_several_is_enough_to_refuse(monkeypatch):
    both = [(socket.AF_INET, 1, 6, "", (each, 443)) for each in ("93.184.215.14", "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: both)
    with pytest.raises(BadAddress, match="private"):
        addresses.resolve("x.example", 443, private=[])
    assert addresses.resolve("x.example", 443, private=["x.example"]) == "93.184.215.14"


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://hooks.example/", "not-https"),
        ("ftp://hooks.example/", "not-https"),
        ("https:///x", "not-an-address"),
        ("https://a:b@hooks.example/", "not-an-address"),
        ("https://hooks.example/#x", "not-an-address"),
        ("https://hooks.example:99999/", "not-an-address"),
        ("https://hooks.example/ x", "not-an-address"),
        ("https://[::1/", "not-an-address"),
    ],
)
def test_what_is_no_https_address_is_refused(url, why):
    with pytest.raises(BadAddress, match=why):
        addresses.check_url(url)


@given(st.text(max_size=60))
def test_any_text_is_an_address_or_refused(noise):
    for text in (noise, "https://" + noise):
        try:
            host, port, rest = addresses.check_url(text)
        except BadAddress:
            continue
        assert host
        assert 0 < port < 65536
        assert rest.startswith("/")


def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path, now):
    made = authority(tmp_path)
    with service(tls=made.context) as there:
        url = there.url.replace("127.0.0.1", "localhost")
        stranger = Wire(seconds=2, private=["localhost"])
        assert slack.send(url, "x", stranger, now=now) == Refused("no-connection", again=True)
        import ssl

        friend = Wire(seconds=2, private=["localhost"], trust=ssl.create_default_context(cadata=made.pem))
        assert slack.send(url, "x", friend, now=now) == Taken()


def test_a_certificate_for_another_name_is_refused(tmp_path, now):
    import ssl

    made = authority(tmp_path, "elsewhere.example")
    with service(tls=made.context) as there:
        trusting = Wire(seconds=2, private=["localhost"], trust=ssl.create_default_context(cadata=made.pem))
        url = there.url.replace("127.0.0.1", "localhost")
        assert slack.send(url, "x", trusting, now=now) == Refused("no-connection", again=True)
        assert there.asked == []

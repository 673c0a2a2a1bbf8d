"""Coming back: words, mailbox, messages."""

from datetime import timedelta
from typing import Any

import pytest
from answerable_protocol.encoding import base64url_decode, id_text, sha256

from answerable.intake.models import MailboxSession, Message
from answerable.intake.tests import world
from answerable.intake.tests.stage import Stage
from answerable.intake.tests.test_reports import payload, refused
from answerable.intake.tests.world import Reporter

pytestmark = pytest.mark.django_db(transaction=True)


def opened(stage: Stage, body: dict[str, Any]) -> Any:
    return stage.post("mailbox/open", body)


def nonce(stage: Stage, reporter: Reporter) -> str:
    answer = stage.post("mailbox/challenge", {"case": reporter.case_text})
    assert answer.status_code == 200
    return str(answer.json()["nonce"])


def test_whatever_is_wrong_the_answer_is_the_same(stage: Stage) -> None:
    """Wrong words lead to an id that isn't there: same challenge, same failure, as for a wrong key or a replay."""
    reporter, nobody = stage.sent(), stage.reporter()
    thief = Reporter("tidewick", case=reporter.case)
    used = nonce(stage, reporter)
    assert opened(stage, reporter.login(used)).status_code == 200
    wrong = [
        opened(stage, nobody.login(nonce(stage, nobody))),
        opened(stage, thief.login(nonce(stage, reporter))),
        opened(stage, reporter.login(used)),
        opened(stage, reporter.login(nonce(stage, nobody))),
        opened(stage, reporter.login(world.b64(bytes(32)))),
        opened(stage, reporter.login(nonce(stage, reporter), origin="http://elsewhere.example")),
        opened(stage, reporter.login(nonce(stage, reporter)) | {"case": id_text(bytes(16))}),
    ]
    assert {each.status_code for each in wrong} == {401}
    assert len({each.content for each in wrong}) == 1
    assert len(base64url_decode(nonce(stage, nobody))) == len(base64url_decode(used)) == 32


def test_a_challenge_is_over_after_two_minutes_and_a_session_after_thirty_idle(
    stage: Stage, now: Any
) -> None:
    from answerable.intake import mailbox
    from answerable.intake.errors import NoMailbox

    reporter = stage.sent()
    given = mailbox.challenge(stage.organisation, reporter.case_text, now=now)
    body = reporter.login(given, origin="o")

    def go(at: Any) -> str:
        return mailbox.open_mailbox(
            stage.organisation, reporter.case_text, given, body["signature"], origin="o", now=at
        )[0]

    for at in (now + timedelta(seconds=125), now - timedelta(minutes=5)):
        with pytest.raises(NoMailbox):
            go(at)
    token = go(now + timedelta(seconds=60))
    header = f"Bearer {token}"
    at = now + timedelta(minutes=1)
    for _ in range(3):  # each use starts the half hour anew
        at += timedelta(minutes=29)
        assert mailbox.case_behind(stage.organisation, header, now=at)
    with pytest.raises(NoMailbox):
        mailbox.case_behind(stage.organisation, header, now=at + timedelta(minutes=31))
    assert mailbox.tidy(at + timedelta(minutes=31)) >= 1
    assert not MailboxSession.objects.exists()


def test_a_token_is_not_stored_as_it_is(stage: Stage) -> None:
    token = base64url_decode(stage.token(stage.sent()))
    assert bytes(MailboxSession.objects.get().token_sha256) == sha256(token)


def test_a_message_is_taken_once_and_seen_in_order(stage: Stage) -> None:
    reporter = stage.sent()
    first = reporter.message(n=0)
    answer, again = stage.write(reporter, first), stage.write(reporter, first)
    assert (answer.status_code, again.status_code) == (201, 201)
    assert payload(again.json()["receipt"]) == payload(answer.json()["receipt"])
    assert payload(answer.json()["receipt"])["author"] == "reporter"
    seen = sha256(base64url_decode(first["file"]))
    assert stage.write(reporter, reporter.message(n=1, prev=seen)).status_code == 201
    box = stage.mailbox(reporter)
    assert [(each["n"], each["author"]) for each in box["messages"]] == [(0, "reporter"), (1, "reporter")]
    assert {each["type"] for each in box["receipts"]} == {"report.received", "message"}
    assert box["messages"][0]["at"].endswith(":00:00Z")  # a reporter's hour, not her minute


def test_a_message_replayed_left_out_changed_or_forged_is_refused(stage: Stage) -> None:
    reporter, other = stage.sent(), stage.sent()
    first = reporter.message(n=0)
    assert stage.write(reporter, first).status_code == 201
    assert refused(stage.write(reporter, reporter.message(n=0))) == "already-other"
    assert refused(stage.write(reporter, reporter.message(n=2))) == "conflict"
    assert refused(stage.write(other, first)) == "bad-signature"  # replayed in another case
    assert refused(stage.write(reporter, first | {"n": 1})) == "bad-signature"
    assert refused(stage.write(reporter, reporter.message(n=1, kind="answer"))) == "bad-message"
    assert refused(stage.write(reporter, reporter.message(n=1, promises=["own-owner"]))) == "bad-message"
    two = world.envelope("message", 2)
    assert refused(stage.write(reporter, reporter.message(n=1, file=two))) == "bad-envelope"
    assert refused(stage.post("mailbox/messages", reporter.message(n=1))) == "no-mailbox"
    assert Message.objects.count() == 1


def test_without_a_token_there_is_nothing(stage: Stage) -> None:
    for header in (
        "",
        "Bearer",
        "Bearer x",
        f"Bearer {world.b64(bytes(32))}",
        f"Basic {world.b64(bytes(32))}",
    ):
        answer = stage.get("mailbox", Authorization=header)
        assert (answer.status_code, answer.json()["error"]) == (401, "no-mailbox")

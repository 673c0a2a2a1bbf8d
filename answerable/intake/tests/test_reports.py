"""What happens to a sealed report on its way in."""

import json
import os
from typing import Any

import pytest
from answerable_protocol import receipt
from answerable_protocol.encoding import base64url_decode, canonical, id_text, parse_json
from answerable_protocol.receipt import Receipt

from answerable.intake import actions, work
from answerable.intake.models import Case, KeysFile, Seat, Spent
from answerable.intake.tests import world
from answerable.intake.tests.stage import Stage
from answerable.intake.tests.world import b64
from answerable.notices.models import Notice
from answerable.organisation.models import Organisation
from answerable.promises.models import Deadline

pytestmark = pytest.mark.django_db(transaction=True)


def payload(text: str) -> dict[str, Any]:
    found: Receipt = receipt.parse(text.encode())
    return dict(parse_json(found.payload))


def refused(answer: Any) -> str:
    assert 400 <= answer.status_code < 500, answer.content
    return str(answer.json()["error"])


def test_a_report_is_received_with_receipt_promises_and_clock(stage: Stage) -> None:
    reporter = stage.reporter()
    answer = stage.send(reporter, confidential=True, jurisdiction="IE", urgency="now")
    assert answer.status_code == 201, answer.content
    body = answer.json()
    assert {each["id"] for each in body["promises"]} >= {"own-acknowledged", "own-owner", "eu-acknowledged"}
    inside = payload(body["receipt"])
    assert (inside["case"], inside["received"]) == (reporter.case_text, body["received"])
    assert inside["promises"] == body["promises"]
    assert receipt.parse(body["receipt"].encode()).payload == canonical(inside)
    case = Case.objects.get()
    assert case.identity
    assert case.received.minute == case.received.second == 0
    assert {str(each.person_id) for each in Seat.objects.all()} == {
        str(stage.people[key].pk) for key in ("handler", "external")
    }
    assert KeysFile.objects.get().epoch == 0
    assert Deadline.objects.count() == len(body["promises"])


def test_the_same_report_again_gives_the_same_receipt_and_another_is_refused(stage: Stage) -> None:
    reporter = stage.reporter()
    body = stage.body(reporter)
    first = stage.put(f"cases/{reporter.case_text}", body)
    again = stage.put(f"cases/{reporter.case_text}", body)
    without_work = stage.put(f"cases/{reporter.case_text}", {**body, "pow": None})
    assert (first.status_code, again.status_code, without_work.status_code) == (201, 200, 200)
    for each in (again, without_work):
        assert payload(each.json()["receipt"]) == payload(first.json()["receipt"])
        assert each.json()["promises"] == first.json()["promises"]
    other = stage.put(f"cases/{reporter.case_text}", stage.body(reporter))
    assert (other.status_code, refused(other)) == (409, "already-other")
    assert Case.objects.count() == 1


def test_what_is_not_as_the_protocol_says_is_refused_and_nothing_is_stored(stage: Stage) -> None:
    """Each way to be wrong has its own code; none leaves a row behind."""

    def attempt(change: dict[str, Any] | None = None, **parts: Any) -> str:
        reporter = stage.reporter()
        return refused(
            stage.put(f"cases/{reporter.case_text}", stage.body(reporter, **parts) | (change or {}))
        )

    stranger = id_text(os.urandom(16))
    handler, external = stage.id("handler"), stage.id("external")
    assert attempt({"signature": b64(bytes(64))}) == "bad-signature"
    assert attempt({"signature": "!"}) == "bad-signature"
    assert attempt(org="saltholm") == "wrong-organisation"
    assert attempt(panel=["handler"], reach=[[stranger], [], []]) == "not-in-roster"
    assert attempt(panel=["overseer"]) == "not-in-roster"  # an overseer has no key to seal to
    assert attempt(roster=os.urandom(32)) == "stale-roster"
    assert (
        attempt({"report": b64(world.envelope("report", 1))}) == "bad-manifest"
    )  # another file than the signed one
    assert attempt({"report": None}) == "bad-manifest"
    assert attempt({"identity": b64(world.envelope("identity", 2))}) == "bad-manifest"
    assert attempt({"event_key": b64(bytes(31))}) == "bad-manifest"
    assert attempt({"manifest": b64(b"{}")}) == "bad-manifest"
    assert attempt(attachments=[os.urandom(70_001)]) == "bad-size"
    assert attempt({"report": b64(bytes(1024 * 1024 + 1))}) == "bad-size"
    assert handler != external
    for model in (Case, KeysFile, Seat, Spent, Deadline):
        assert not model.objects.exists()  # type: ignore[attr-defined]


def test_a_file_for_one_reader_more_or_of_another_kind_is_refused(stage: Stage) -> None:
    """The stanza count must be exact, the stanzas hybrid, the header canonical, the size padded."""
    good = world.envelope("report", 1)
    x25519 = good.replace(b"-> mlkem768x25519 ", b"-> X25519 ", 1)
    spoiled = {
        "one reader more": (world.envelope("report", 2), "bad-envelope"),
        "another kind": (x25519, "bad-envelope"),
        "not an age file": (b"age-encryption.org/v2" + good[21:], "bad-envelope"),
        "another size": (good + b"x", "bad-size"),
        "another line end": (good.replace(b"\n", b"\r\n", 1), "bad-envelope"),
    }
    for why, (file, code) in spoiled.items():
        reporter = stage.reporter()
        body = stage.body(reporter)
        manifest = json.loads(base64url_decode(body["manifest"]))
        manifest["report"] = b64(world.sha256(file))
        body |= reporter.signed(canonical(manifest)) | {"report": b64(file)}
        assert refused(stage.put(f"cases/{reporter.case_text}", body)) == code, why


def test_an_old_roster_is_refused_so_that_nobody_seals_to_who_has_left(stage: Stage) -> None:
    from answerable.roster import actions as rosters

    reporter = stage.reporter()
    body = stage.body(reporter)
    members = [each for key, each in stage.handlers.items() if key != "second_handler"]
    signers = [stage.handlers["handler"], stage.handlers["external"]]
    note = world.signed_roster(
        "tidewick", stage.organisation.origin, members, number=1, previous=stage.roster, by=signers
    )
    rosters.publish_next(stage.organisation, note, now=stage.organisation.opened_at)
    assert refused(stage.put(f"cases/{reporter.case_text}", body)) == "stale-roster"
    assert stage.send(reporter).status_code == 201


def test_work_is_asked_for_once_per_report_and_never_refuses_for_good(stage: Stage) -> None:
    reporter, second = stage.reporter(), stage.reporter()
    body = stage.body(reporter)
    without = stage.put(f"cases/{reporter.case_text}", {**body, "pow": None})
    assert (without.status_code, refused(without)) == (428, "work-needed")
    assert (
        stage.put(f"cases/{reporter.case_text}", {**body, "pow": world.solve(without.json())}).status_code
        == 201
    )
    spent = stage.body(second) | {"pow": world.solve(without.json())}
    answer = stage.put(f"cases/{second.case_text}", spent)
    assert answer.status_code == 428
    assert (
        stage.put(f"cases/{second.case_text}", spent | {"pow": world.solve(answer.json())}).status_code == 201
    )


def test_work_for_another_organisation_or_of_another_hour_does_not_count(
    stage: Stage, other_organisation: Organisation, now: Any
) -> None:
    from datetime import timedelta

    from answerable.intake.errors import WorkNeeded

    foreign = world.solve(work.challenge(other_organisation.pk, now=now, bits=4))
    ours = world.solve(work.challenge(stage.organisation.pk, now=now, bits=4))
    assert work.check(stage.organisation.pk, ours, now=now, bits=4)
    for given, at, bits in [
        (foreign, now, 4),
        (ours, now + timedelta(minutes=11), 4),
        (ours, now - timedelta(minutes=1), 4),  # the clock jumped back: a new challenge is given
        (ours, now, 9),
        ({**ours, "counter": True}, now, 4),
        ({"challenge": 1}, now, 4),
    ]:
        with pytest.raises(WorkNeeded):
            work.check(stage.organisation.pk, given, now=at, bits=bits)


def test_work_rises_while_too_much_comes_and_falls_after() -> None:
    meter = work.Meter(base=12, per_second=100)
    clock = 1e9
    meter.bits(clock=clock)
    for _ in range(30):
        clock += 1
        meter.bits(arrived=500, clock=clock)
    assert meter.bits(clock=clock) == work.MOST_BITS
    for _ in range(30):
        clock += 1
        meter.bits(clock=clock)
    assert meter.bits(clock=clock) == 12


def test_a_repeated_event_key_is_refused_and_spoils_nobody_elses_batch(stage: Stage) -> None:
    first = stage.sent()
    second = stage.reporter()
    second.log_key = first.log_key
    assert refused(stage.send(second)) == "bad-manifest"


def test_a_private_record_is_dated_and_opens_again_but_takes_no_messages(stage: Stage) -> None:
    reporter = stage.reporter()
    body = reporter.record() | {"pow": stage.work()}
    answer = stage.put(f"records/{reporter.case_text}", body)
    assert answer.status_code == 201, answer.content
    assert "promises" not in answer.json()
    assert payload(answer.json()["receipt"])["record"] == b64(world.sha256(base64url_decode(body["record"])))
    box = stage.mailbox(reporter)
    assert (box["kind"], box["record"], box["promises"]) == ("record", body["record"], [])
    assert refused(stage.write(reporter, reporter.message())) == "not-found"
    assert not Seat.objects.exists()


def test_a_closed_door_takes_nothing(stage: Stage) -> None:
    from answerable.organisation import queries

    Organisation.objects.update(opened_at=None)
    queries.forget_organisations()
    assert refused(stage.send(stage.reporter())) == "not-open"


def test_the_panel_gets_one_quiet_notice_each(stage: Stage, now: Any) -> None:
    Notice.objects.all().delete()
    reporter = stage.sent()
    stage.write(reporter, reporter.message())
    assert actions.announce(now) == 2
    assert actions.announce(now) == 0
    assert {(each.minute, each.second) for each in Notice.objects.values_list("at", flat=True)} == {(0, 0)}
    assert sorted(Notice.objects.values_list("kind", flat=True)) == ["new-message"] * 2 + ["new-report"] * 2


def test_two_organisations_never_meet(stage: Stage, other_organisation: Organisation, now: Any) -> None:
    """A case of one is not there in the other, by any path; nor is its file, mailbox or roster."""
    from answerable.ledger import actions as ledger
    from answerable.organisation import actions as organisations

    ledger.create_log(other_organisation, now)
    organisations.open_unchecked(other_organisation, now=now)
    file = world.envelope("attachment", 1)
    reporter = stage.reporter()
    body = stage.body(reporter, attachments=[file])
    assert stage.put(f"cases/{reporter.case_text}", body).status_code == 201
    token = stage.token(reporter)
    other = "/api/v1/orgs/saltholm"
    assert (
        stage.client.put(f"{other}/cases/{reporter.case_text}", json.dumps(body)).json()["error"]
        == "wrong-organisation"
    )
    where = f"{other}/cases/{reporter.case_text}/attachments/{b64(world.sha256(file))}"
    assert stage.client.get(where).status_code == 404
    bearer = {"Authorization": f"Bearer {token}"}
    assert stage.client.get(f"{other}/mailbox", headers=bearer).status_code == 401
    for tricky in ("tidewick/../saltholm", "saltholm%2f..%2ftidewick", "TIDEWICK", "tidewick%00"):
        assert stage.client.get(f"/api/v1/orgs/{tricky}/mailbox", headers=bearer).status_code in {404, 401}

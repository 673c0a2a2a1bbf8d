"""The panel's work: who sees a case, how a promise is kept, what the other side sees of it."""

from collections.abc import Callable

import pytest
from answerable_protocol import leaf
from answerable_protocol.encoding import sha256
from django.test import Client

from answerable.cases.models import Note
from answerable.intake.models import Case, Seat
from answerable.intake.tests import world
from answerable.intake.tests.stage import Desk, Stage
from answerable.intake.tests.test_reports import payload, refused
from answerable.intake.tests.world import b64
from answerable.ledger.models import Entry

pytestmark = pytest.mark.django_db(transaction=True)
At = Callable[[str], Desk]


def test_a_case_is_in_the_inbox_of_its_panel_and_of_nobody_else(
    stage: Stage, desk: At, outsider: Client
) -> None:
    """Whoever is not on the panel sees no row, no count, no gap: the same as if it weren't there."""
    reporter = stage.sent(confidential=True)
    [row] = desk("handler").get("inbox").json()["cases"]
    assert row["case"] == reporter.case_text
    assert row["unanswered"]
    assert row["next"]["promise"] in {"own-acknowledged", "own-owner"}
    whole = desk("external").get(f"cases/{reporter.case_text}")
    assert whole.status_code == 200, whole.content
    assert whole.json()["identity"]
    assert desk("handler").get(f"cases/{reporter.case_text}").json()["identity"] is None
    for key in ("second_handler", "lead"):
        stranger = desk(key)
        assert stranger.get("inbox").json()["cases"] == []
        there, not_there = (stranger.get(f"cases/{each}") for each in (reporter.case_text, b64(bytes(16))))
        assert (there.status_code, there.content) == (not_there.status_code, not_there.content)
        assert there.status_code == 404
        assert stranger.get(f"inbox?after={reporter.case_text}").status_code == 404
        assert refused(stranger.answer(reporter)) == "not-found"
    for key in ("overseer", "administrator", "member"):
        assert desk(key).get("inbox").status_code == 403
    charlie = Desk(stage, "nobody", outsider)
    assert charlie.get("inbox").status_code == 404
    assert charlie.get(f"cases/{reporter.case_text}").status_code == 404
    assert Desk(stage, "nobody", Client()).get("inbox").status_code == 401


def test_an_answer_keeps_the_promises_it_lists_and_both_sides_see_it(stage: Stage, desk: At) -> None:
    reporter = stage.sent()
    handler = desk("handler")
    sent = handler.answer(reporter, kind="owner", promises=["own-owner", "own-acknowledged"])
    assert sent.status_code == 201, sent.content
    kept = {each["promise"]: payload(each["receipt"]) for each in sent.json()["kept"]}
    assert kept["own-owner"]["kind"] == "owner"
    assert kept["own-owner"]["author"] == stage.id("handler")
    labels = {
        bytes(each) for each in Entry.objects.filter(type="promise.kept").values_list("label", flat=True)
    }
    assert labels == {reporter.kept_label("own-owner"), reporter.kept_label("own-acknowledged")}
    box = stage.mailbox(reporter)
    assert {each["id"]: each["state"] for each in box["promises"]}["own-owner"] == "kept"
    assert [each["kind"] for each in box["messages"]] == ["owner"]
    assert {each["type"] for each in box["receipts"]} == {"report.received", "message", "promise.kept"}
    labelled = set(
        Entry.objects.filter(label__isnull=False).exclude(type="promise.kept").values_list("label", flat=True)
    )
    assert {bytes(each) for each in labelled} == {leaf.event_label(reporter.event_key, seq) for seq in (0, 1)}
    [row] = handler.get("inbox").json()["cases"]
    assert not row["unanswered"]


def test_a_promise_is_kept_once_by_the_right_kind_with_its_own_label(stage: Stage, desk: At) -> None:
    reporter = stage.sent()
    handler, external = desk("handler"), desk("external")
    assert refused(handler.answer(reporter, kind="text", promises=["own-owner"])) == "wrong-kind"
    assert refused(handler.answer(reporter, kind="owner", promises=["own-owner"], kept={})) == "bad-message"
    assert refused(handler.answer(reporter, kind="owner", promises=["no-such"])) == "bad-message"
    assert handler.answer(reporter, kind="owner", promises=["own-owner"]).status_code == 201
    assert refused(external.answer(reporter, kind="owner", promises=["own-owner"])) == "conflict"


def test_a_label_spent_by_another_blocks_no_answer(stage: Stage, desk: At) -> None:
    """A member of the panel who spends the label of a promise on another can't stop the others from keeping it."""
    reporter = stage.sent()
    squatter, honest = desk("handler"), desk("external")
    junk = {"own-acknowledged": reporter.kept_label("own-owner")}
    assert (
        squatter.answer(reporter, kind="acknowledge", promises=["own-acknowledged"], kept=junk).status_code
        == 201
    )
    sent = honest.answer(reporter, kind="owner", promises=["own-owner"])
    assert sent.status_code == 201, sent.content
    [kept] = sent.json()["kept"]
    assert payload(kept["receipt"])["promise"] == "own-owner"
    states = {each["id"]: each["state"] for each in stage.mailbox(reporter)["promises"]}
    assert states["own-owner"] == "kept"


def test_two_who_answer_at_once_both_stand_and_see_each_other(stage: Stage, desk: At) -> None:
    """Each counts their own messages; both name the same newest file as seen."""
    reporter = stage.sent()
    handler, external = desk("handler"), desk("external")
    body = (
        handler.keys.message("tidewick", reporter.case_text, kind="acknowledge", kept={})
        if handler.keys
        else {}
    )
    where = f"cases/{reporter.case_text}/messages"
    assert handler.post(where, body).status_code == 201
    assert handler.post(where, body).status_code == 201  # a double click
    assert external.answer(reporter, kind="answer").status_code == 201
    messages = external.get(f"cases/{reporter.case_text}").json()["messages"]
    assert [(each["author"], each["n"]) for each in messages] == [
        (stage.id("handler"), 0),
        (stage.id("external"), 0),
    ]
    assert refused(external.post(where, body)) == "bad-signature"  # in another's name


def test_a_case_closes_once_and_its_reporter_can_still_write(stage: Stage, desk: At) -> None:
    reporter = stage.sent()
    handler, external = desk("handler"), desk("external")
    assert handler.answer(reporter, kind="close").status_code == 201
    assert refused(external.answer(reporter, kind="close")) == "closed"
    assert handler.get("inbox").json()["cases"][0]["closed"]
    assert stage.write(reporter, reporter.message()).status_code == 201
    box = stage.mailbox(reporter)
    assert box["closed"]
    assert "closed" in {each["type"] for each in box["events"]}


def test_a_note_is_the_panels_own(stage: Stage, desk: At) -> None:
    file = world.envelope("note", 2)
    attached = world.envelope("attachment", 1, 50)
    reporter = stage.sent()
    where = f"cases/{reporter.case_text}/notes"
    listed = [{"sha256": b64(sha256(attached)), "size": len(attached)}]
    handler = desk("handler")
    assert handler.post(where, {"file": b64(file), "attachments": listed}).status_code == 201
    assert handler.post(where, {"file": b64(file), "attachments": listed}).status_code == 201
    assert (
        refused(handler.post(where, {"file": b64(world.envelope("note", 3)), "attachments": []}))
        == "bad-envelope"
    )
    assert refused(desk("lead").post(where, {"file": b64(file), "attachments": []})) == "not-found"
    [note] = handler.get(f"cases/{reporter.case_text}").json()["notes"]
    assert note["sha256"] == b64(sha256(file))
    assert Note.objects.count() == 1
    upload = f"/work/tidewick/api/v1/cases/{reporter.case_text}/attachments/{listed[0]['sha256']}"
    answer = handler.client.put(
        upload,
        attached,
        content_type="application/octet-stream",
        headers={
            "Content-Range": f"bytes 0-{len(attached) - 1}/{len(attached)}",
            "X-Chunk-SHA256": b64(sha256(attached)),
        },
    )
    assert answer.json() == {"received": len(attached), "done": True}
    name = listed[0]["sha256"]
    assert b"".join(handler.get(f"cases/{reporter.case_text}/files/{name}").streaming_content) == attached
    assert stage.mailbox(reporter)["attachments"] == []
    bearer = {"Authorization": f"Bearer {stage.token(reporter)}"}
    assert stage.get(f"mailbox/files/{name}", **bearer).status_code == 404


def test_the_panel_changes_by_a_signed_file_and_who_leaves_sees_nothing_more(stage: Stage, desk: At) -> None:
    reporter = stage.sent()
    handler, external, lead = desk("handler"), desk("external"), desk("lead")
    assert handler.keys
    where = f"cases/{reporter.case_text}/panel"
    panel = [stage.id("handler"), stage.id("lead")]
    body = handler.keys.panel_change("tidewick", reporter.case_text, panel, 1)
    assert refused(lead.post(where, body)) == "not-found"
    assert refused(external.post(where, body)) == "bad-signature"
    file = b64(world.envelope("keys", 4))
    assert refused(handler.post(where, body | {"file": file})) == "bad-signature"
    overseer = handler.keys.panel_change("tidewick", reporter.case_text, [stage.id("overseer")], 1)
    assert refused(handler.post(where, overseer)) == "not-in-roster"
    assert (
        refused(handler.post(where, handler.keys.panel_change("tidewick", reporter.case_text, panel, 2)))
        == "conflict"
    )
    answer = handler.post(where, body)
    assert answer.status_code == 201, answer.content
    assert payload(answer.json()["receipt"])["panel"] == sorted(panel)
    assert handler.post(where, body).status_code == 201  # the same again
    assert external.get(f"cases/{reporter.case_text}").status_code == 404
    assert external.get("inbox").json()["cases"] == []
    assert [each["keys_epoch"] for each in lead.get("inbox").json()["cases"]] == [1]
    box = stage.mailbox(reporter)
    assert [each["epoch"] for each in box["keys"]] == [0, 1]
    assert box["keys"][1]["author"] == stage.id("handler")
    assert "panel" in {each["type"] for each in box["events"]}
    assert Seat.objects.count() == 2


def test_a_flag_is_told_to_the_panel_by_code_only(stage: Stage, desk: At) -> None:
    reporter = stage.sent()
    where = f"cases/{reporter.case_text}/flags"
    assert desk("handler").post(where, {"code": "excluded-on-panel"}).status_code == 201
    assert refused(desk("handler").post(where, {"code": "Some words!"})) == "bad-request"
    assert refused(desk("lead").post(where, {"code": "x"})) == "not-found"
    assert desk("external").get("inbox").json()["cases"][0]["flags"] == 1


def test_the_inbox_goes_on_where_a_page_ended(
    stage: Stage, desk: At, monkeypatch: pytest.MonkeyPatch
) -> None:
    from answerable.cases import rules

    monkeypatch.setattr(rules, "PAGE", 2)
    sent = [stage.sent().case_text for _ in range(3)]
    handler = desk("handler")
    first = handler.get("inbox").json()
    second = handler.get(f"inbox?after={first['next']}").json()
    assert [each["case"] for each in first["cases"] + second["cases"]] == sent[::-1]
    assert second["next"] is None


def test_the_console_opens_for_those_who_read_and_for_nobody_else(
    stage: Stage, desk: At, outsider: Client
) -> None:
    for key, status in {
        "handler": 200,
        "lead": 200,
        "external": 200,
        "overseer": 403,
        "administrator": 403,
    }.items():
        assert desk(key).client.get("/work/tidewick/team/").status_code == status, key
    policy = desk("handler").client.get("/work/tidewick/team/").headers["Content-Security-Policy"]
    assert "require-trusted-types-for 'script'" in policy
    assert "script-src 'self';" in policy
    assert outsider.get("/work/tidewick/team/").status_code == 404
    assert Client().get("/work/tidewick/team/").status_code == 302


def test_a_case_can_be_seen_by_its_panel_only_in_its_own_organisation(stage: Stage, outsider: Client) -> None:
    """Charlie, with every role in the other organisation, asks there for the case of this one."""
    reporter = stage.sent()
    for path in (f"cases/{reporter.case_text}", f"inbox?after={reporter.case_text}"):
        assert outsider.get(f"/work/saltholm/api/v1/{path}").status_code == 404
    assert outsider.get("/work/saltholm/api/v1/inbox").json()["cases"] == []
    assert Case.objects.count() == 1

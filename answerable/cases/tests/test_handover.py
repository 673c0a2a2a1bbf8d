"""Handing over: who steps down or leaves opens nothing more, the others seal anew, and nobody is left without words."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from answerable_protocol.encoding import id_text
from django.test import Client

from answerable.intake import actions as intake
from answerable.intake.models import Departure, Seat
from answerable.intake.tests import world
from answerable.intake.tests.stage import Desk, Stage
from answerable.intake.tests.test_reports import payload, refused
from answerable.intake.tests.world import Reporter, b64
from answerable.notices.models import Notice
from answerable.organisation import actions as organisations
from answerable.promises.models import Deadline

pytestmark = pytest.mark.django_db(transaction=True)
At = Callable[[str], Desk]


def step_down(desk: Desk, reporter: Reporter) -> object:
    return desk.post(f"cases/{reporter.case_text}/step-down", {})


def told(stage: Stage, kind: str) -> set[str]:
    """Who has a notice of this kind, by the key of the stage."""
    names = {person.pk: key for key, person in stage.people.items()}
    return {names[one] for one in Notice.objects.filter(kind=kind).values_list("person_id", flat=True)}


def goes(stage: Stage, key: str, now: datetime) -> None:
    organisations.leave(stage.people[key], by=None, now=now)
    intake.hand_over(now)


def dues(reporter: Reporter) -> list[tuple[str, datetime]]:
    return list(Deadline.objects.order_by("id").values_list("promise", "due_at"))


def test_who_steps_down_reads_nothing_more_and_the_others_seal_anew(stage: Stage, desk: At) -> None:
    reporter = stage.sent(panel=["handler", "lead", "external"])
    before = dues(reporter)
    lead, handler = desk("lead"), desk("handler")
    assert lead.answer(reporter, kind="acknowledge").status_code == 201
    assert step_down(lead, reporter).status_code == 201

    assert lead.get("inbox").json()["cases"] == []
    assert lead.get(f"cases/{reporter.case_text}").status_code == 404
    assert refused(lead.answer(reporter, kind="answer")) == "not-found"
    assert refused(step_down(lead, reporter)) == "not-found"
    assert told(stage, "handover") == {"handler", "external"}
    [row] = handler.get("inbox").json()["cases"]
    [waits] = row["leaving"]
    assert (waits["person"], waits["why"]) == (stage.id("lead"), "stepped-down")
    assert stage.mailbox(reporter)["leaving"] == [waits]

    assert handler.keys
    where = f"cases/{reporter.case_text}/panel"
    with_them = handler.keys.panel_change(
        "tidewick", reporter.case_text, [stage.id("handler"), stage.id("lead")], 1
    )
    assert refused(handler.post(where, with_them)) == "conflict"
    panel = sorted([stage.id("handler"), stage.id("external")])
    sent = handler.post(where, handler.keys.panel_change("tidewick", reporter.case_text, panel, 1))
    assert sent.status_code == 201, sent.content
    assert payload(sent.json()["receipt"])["panel"] == panel
    assert handler.get("inbox").json()["cases"][0]["leaving"] == []
    box = stage.mailbox(reporter)
    assert box["leaving"] == []
    assert [each["author"] for each in box["messages"]] == [
        stage.id("lead")
    ]  # the name stays on what they wrote
    assert dues(reporter) == before  # the clock runs on


def test_the_last_reader_stays_until_somebody_is_added(stage: Stage, desk: At) -> None:
    reporter = stage.sent(panel=["handler", "external"])
    assert step_down(desk("external"), reporter).status_code == 201
    assert refused(step_down(desk("handler"), reporter)) == "last-reader"
    assert desk("handler").get(f"cases/{reporter.case_text}").status_code == 200
    handler = desk("handler")
    assert handler.keys
    panel = [stage.id("handler"), stage.id("second_handler")]
    change = handler.keys.panel_change("tidewick", reporter.case_text, panel, 1)
    assert handler.post(f"cases/{reporter.case_text}/panel", change).status_code == 201
    assert step_down(handler, reporter).status_code == 201


def test_those_beside_a_case_learn_nothing_of_who_steps_down(
    stage: Stage, desk: At, outsider: Client
) -> None:
    reporter = stage.sent(panel=["handler", "external"])
    for key in ("second_handler", "lead"):
        there, nowhere = (
            desk(key).post(f"cases/{each}/step-down", {}) for each in (reporter.case_text, b64(bytes(16)))
        )
        assert (there.status_code, there.content) == (nowhere.status_code, nowhere.content)
        assert there.status_code == 404
    for key in ("overseer", "administrator", "member"):
        assert step_down(desk(key), reporter).status_code == 403  # type: ignore[attr-defined]
    assert step_down(Desk(stage, "nobody", outsider), reporter).status_code == 404  # type: ignore[attr-defined]
    assert step_down(Desk(stage, "nobody", Client()), reporter).status_code == 401  # type: ignore[attr-defined]
    assert step_down(desk("handler"), reporter).status_code == 201  # type: ignore[attr-defined]
    assert told(stage, "handover") == {"external"}


def test_who_leaves_opens_the_handover_of_each_open_case(stage: Stage, desk: At, now: datetime) -> None:
    mine, closed, other = (
        stage.sent(panel=["handler", "external"]),
        stage.sent(panel=["handler", "second_handler"]),
        stage.sent(panel=["lead", "external"]),
    )
    assert desk("second_handler").answer(closed, kind="close").status_code == 201
    Notice.objects.all().delete()
    goes(stage, "handler", now)
    assert told(stage, "reader-gone") == {"lead"}
    assert told(stage, "handover") == {"external"}  # not of the closed one
    rows = {each["case"]: each["leaving"] for each in desk("external").get("inbox").json()["cases"]}
    assert [each["why"] for each in rows[mine.case_text]] == ["left"]
    assert rows[other.case_text] == []
    count = Notice.objects.count()
    intake.hand_over(now + timedelta(minutes=1))
    assert Notice.objects.count() == count

    external = desk("external")
    assert external.keys
    where = f"cases/{mine.case_text}/panel"
    both = [stage.id("handler"), stage.id("external")]
    change = external.keys.panel_change("tidewick", mine.case_text, both, 1)
    assert refused(external.post(where, change)) == "not-in-roster"  # the roster still names them
    alone = external.keys.panel_change("tidewick", mine.case_text, [stage.id("external")], 1)
    assert external.post(where, alone).status_code == 201


def test_a_lead_hears_of_a_departure_also_where_no_case_waits(stage: Stage, now: datetime) -> None:
    """Else the notice would say that there is a case which the lead was kept out of."""
    goes(stage, "handler", now)
    assert told(stage, "reader-gone") == {"lead"}
    assert told(stage, "handover") == set()


def test_a_role_taken_away_counts_as_leaving_and_given_back_as_coming_back(
    stage: Stage, desk: At, now: datetime
) -> None:
    reporter = stage.sent(panel=["handler", "external"])
    handler = stage.people["handler"]
    organisations.take_role(handler, "handler", by=None, now=now)
    intake.hand_over(now)
    assert [each["why"] for each in stage.mailbox(reporter)["leaving"]] == ["left"]
    organisations.give_role(handler, "handler", by=None, now=now)
    intake.hand_over(now)
    assert stage.mailbox(reporter)["leaving"] == []
    assert not Departure.objects.exists()
    assert desk("handler").get(f"cases/{reporter.case_text}").status_code == 200


def test_a_report_made_with_the_old_roster_waits_for_a_handover_too(
    stage: Stage, desk: At, now: datetime
) -> None:
    goes(stage, "handler", now)
    reporter = stage.sent(panel=["handler", "external"])
    intake.hand_over(now)
    assert [each["person"] for each in stage.mailbox(reporter)["leaving"]] == [stage.id("handler")]
    assert told(stage, "handover") == {"external"}


def test_where_nobody_is_left_to_read_it_is_said_to_all_who_may_know(
    stage: Stage, desk: At, client_for: Callable[..., Client], now: datetime
) -> None:
    reach = [[stage.id("lead")], [stage.id("overseer")], [stage.id("external")]]
    reporter = stage.sent(panel=["handler"], reach=reach)
    stage.sent(panel=["lead", "second_handler"], reach=[[], [], []])
    board = client_for(stage.people["overseer"])
    assert b"Nobody can read" not in board.get("/work/tidewick/board/").content
    Notice.objects.all().delete()
    goes(stage, "handler", now)
    assert told(stage, "nobody-reads") == {"external"}
    assert told(stage, "handover") == set()
    assert (
        b'<dt>Nobody can read</dt><dd class="is-missed">1</dd>' in board.get("/work/tidewick/board/").content
    )
    box = stage.mailbox(reporter)
    assert [each["person"] for each in box["leaving"]] == box["keys"][0]["panel"]


def test_notes_go_to_those_who_still_read(stage: Stage, desk: At, now: datetime) -> None:
    reporter = stage.sent(panel=["handler", "lead", "external"])
    handler = desk("handler")

    def write(readers: int) -> object:
        file = b64(world.envelope("note", readers))
        return handler.post(f"cases/{reporter.case_text}/notes", {"file": file, "attachments": []})

    assert refused(write(2)) == "bad-envelope"
    goes(stage, "lead", now)
    assert write(2).status_code == 201  # type: ignore[attr-defined]
    assert write(3).status_code == 201  # type: ignore[attr-defined] - sealed just before the news came
    assert refused(write(1)) == "bad-envelope"
    assert refused(write(4)) == "bad-envelope"


def test_new_messages_are_announced_to_those_who_still_read(stage: Stage, desk: At, now: datetime) -> None:
    reporter = stage.sent(panel=["handler", "lead", "external"])
    intake.announce(now)
    assert step_down(desk("lead"), reporter).status_code == 201  # type: ignore[attr-defined]
    Notice.objects.all().delete()
    assert stage.write(reporter, reporter.message()).status_code == 201
    intake.announce(now)
    assert told(stage, "new-message") == {"handler", "external"}
    assert Seat.objects.get(person_id=stage.people["lead"].pk).stepped_down_at
    assert id_text(stage.people["lead"].pk.bytes) in desk("handler").get("inbox").json()["cases"][0]["panel"]

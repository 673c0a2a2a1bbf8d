"""What is due goes, all of it, on its day; a hold stops it; the log and what the reporter holds still verify."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from answerable_protocol import policy, receipt
from answerable_protocol.encoding import id_bytes
from django.db import IntegrityError, connection, transaction
from django.test import Client

from answerable.cases import erasure, retention
from answerable.cases.errors import AlreadySo, BadRetentionPack, NotFound, NotTheirs
from answerable.cases.models import Flag, Hold, Note, RetentionRun
from answerable.intake import actions as intake
from answerable.intake.models import Attachment, Case, Erased, KeysFile, MailboxSession, Message, Seat
from answerable.intake.store import path_of
from answerable.intake.tests import world
from answerable.intake.tests.stage import Desk, Stage
from answerable.intake.tests.world import Reporter
from answerable.ledger import actions as ledger
from answerable.ledger import queries as ledger_queries
from answerable.ledger.models import Entry
from answerable.notices.models import Notice
from answerable.organisation.models import Person
from answerable.promises import actions as promises
from answerable.promises.models import CaseLadder, Deadline

pytestmark = pytest.mark.django_db(transaction=True)
At = Callable[[str], Desk]
YEARS = timedelta(days=3 * 366 + 1)


def uuid_of(reporter: Reporter) -> UUID:
    return UUID(bytes=id_bytes(reporter.case_text))


def now_() -> datetime:
    return datetime.now(UTC)


def closed_case(stage: Stage, desk: At, **more: object) -> Reporter:
    """A case with everything a case can have, closed."""
    file = world.envelope("attachment", 1, 10)
    name = world.b64(world.sha256(file))
    reporter = stage.sent(attachments=[file], confidential=True, **more)
    where = f"cases/{reporter.case_text}/attachments/{name}"
    assert stage.chunk(where, file, 0, len(file)).status_code == 200
    handler = desk("handler")
    stage.worked(reporter, handler)
    promises.sweep(now_() + timedelta(days=40))
    intake.announce(now_())
    stage.mailbox(reporter)
    assert handler.answer(reporter, kind="close", n=1).status_code == 201
    return reporter


def entries_of(reporter: Reporter) -> list[Entry]:
    """The entries of the log that can still be opened and name her case, in order."""
    said = reporter.case_text.encode()
    opened = Entry.objects.filter(payload__isnull=False).order_by("pk")
    return [each for each in opened if each.payload is not None and said in bytes(each.payload)]


def rows_left() -> dict[str, int]:
    tables = (
        Case,
        Seat,
        KeysFile,
        Message,
        Attachment,
        MailboxSession,
        Note,
        Flag,
        Hold,
        CaseLadder,
        Deadline,
    )
    return {each.__name__: each.objects.count() for each in tables}


def test_a_case_is_gone_from_every_table_every_file_and_every_notice(stage: Stage, desk: At) -> None:
    reporter = closed_case(stage, desk)
    other = stage.sent()
    sealed = bytes(Case.objects.get(pk=uuid_of(reporter)).report)[-48:]
    first, *_ = entries_of(reporter)
    before = {each.pk for each in entries_of(reporter)}
    kept = ledger_queries.receipt(first)
    listed = Attachment.objects.filter(case=uuid_of(reporter)).values_list("sha256", flat=True)
    files = [path_of(stage.organisation.pk, uuid_of(reporter), bytes(each)) for each in listed]
    assert files
    assert all(path.is_file() for path in files)
    assert Notice.objects.filter(event__contains=reporter.case_text).exists()
    others = rows_left()

    assert erasure.run(now_() + YEARS) == 1

    left = rows_left()
    assert left["Case"] == 1
    assert Case.objects.get().pk == uuid_of(other)
    assert all(left[name] < others[name] for name in others if name != "Hold"), left
    assert not any(path.exists() for path in files)
    assert not Notice.objects.filter(event__contains=reporter.case_text).exists()
    assert not Notice.objects.filter(event__contains=str(uuid_of(reporter))).exists()
    stages = Deadline.objects.values_list("pk", flat=True)
    for event in Notice.objects.filter(event__startswith="promise:").values_list("event", flat=True):
        assert int(event.split(":")[1]) in stages
    for entry in Entry.objects.filter(pk__in=before):
        assert (entry.type, entry.nonce, entry.payload) == ("", None, None)
    assert len(before) >= 6
    assert not entries_of(reporter)
    if connection.vendor == "sqlite":
        raw = Path(connection.settings_dict["NAME"]).read_bytes()
        assert sealed not in raw
        assert uuid_of(reporter).hex.encode() in raw  # of the line that tells its reporter, and nothing else
    # The log is whole, and what she keeps at home proves what it always proved.
    assert ledger.fsck(stage.organisation) >= len(before)
    trust = policy.parse(ledger_queries.trust_policy(stage.organisation).encode())
    assert receipt.verify(receipt.parse(kept.encode()), trust)


def test_its_reporter_is_told_and_nobody_else(stage: Stage, desk: At) -> None:
    reporter = closed_case(stage, desk)
    token = stage.token(reporter)
    today = (now_() + YEARS).date()
    erasure.run(now_() + YEARS)
    assert stage.get("mailbox", Authorization=f"Bearer {token}").status_code == 401
    nonce = stage.post("mailbox/challenge", {"case": reporter.case_text}).json()["nonce"]
    answer = stage.post("mailbox/open", reporter.login(nonce))
    assert answer.status_code == 410
    assert answer.json()["error"] == "erased"
    assert abs(date.fromisoformat(answer.json()["on"]) - today) <= timedelta(days=1)
    # Who knows the case's id and not its words learns nothing: the same answer as for an id that never was.
    stranger = stage.reporter()
    for case in (reporter.case_text, stranger.case_text):
        nonce = stage.post("mailbox/challenge", {"case": case}).json()["nonce"]
        wrong = stage.post("mailbox/open", {**stranger.login(nonce), "case": case})
        assert (wrong.status_code, wrong.json()["error"]) == (401, "no-mailbox")
    assert desk("handler").get(f"cases/{reporter.case_text}").status_code == 404
    # Sent once more, it is refused: its first label was used.
    assert stage.send(reporter).status_code == 422


def test_nothing_goes_before_its_day_and_what_is_open_never(stage: Stage, desk: At) -> None:
    reporter = closed_case(stage, desk)
    stage.sent()
    day = next(iter(erasure.closed(stage.organisation))).due.day
    assert day.year == Case.objects.get(pk=uuid_of(reporter)).closed_at.year + 3  # type: ignore[union-attr]
    noon = datetime(day.year, day.month, day.day, 4, tzinfo=UTC)  # in Shanghai
    assert erasure.run(noon - timedelta(days=1)) == 0
    assert erasure.run(noon) == 1
    assert erasure.run(noon + timedelta(hours=1)) == 0
    assert erasure.run(noon + timedelta(days=20000)) == 0  # the open one
    assert RetentionRun.objects.get(day=day).erased == 1


def test_the_panel_is_told_a_month_before(stage: Stage, desk: At) -> None:
    closed_case(stage, desk)
    day = next(iter(erasure.closed(stage.organisation))).due.day
    noon = datetime(day.year, day.month, day.day, 4, tzinfo=UTC)
    erasure.run(noon - timedelta(days=31))
    assert not Notice.objects.filter(kind="erasing-soon").exists()
    for days in (30, 29):
        erasure.run(noon - timedelta(days=days))
    told = set(Notice.objects.filter(kind="erasing-soon").values_list("person_id", flat=True))
    assert told == {stage.people[each].pk for each in ("handler", "lead", "external")}
    assert Notice.objects.filter(kind="erasing-soon").count() == 3
    erasure.run(noon)
    assert not Notice.objects.filter(kind="erasing-soon").exists()


def test_a_hold_stops_it_until_two_people_lift_it(stage: Stage, desk: At, people: dict[str, Person]) -> None:
    reporter, late = closed_case(stage, desk), now_() + YEARS
    with pytest.raises(NotTheirs):
        erasure.hold(people["handler"], reporter.case_text, "court", now=now_())
    with pytest.raises(NotFound):
        erasure.hold(people["second_handler"], reporter.case_text, "court", now=now_())
    erasure.hold(people["lead"], reporter.case_text, "court", now=now_())
    with pytest.raises(AlreadySo):
        erasure.hold(people["external"], reporter.case_text, "appeal", now=now_())
    assert erasure.run(late) == 0
    assert Case.objects.filter(pk=uuid_of(reporter)).exists()
    with pytest.raises(NotTheirs):  # the first of the two is a lead or an external member
        erasure.lift(people["handler"], reporter.case_text, now=now_())
    assert not erasure.lift(people["lead"], reporter.case_text, now=now_())
    with pytest.raises(NotTheirs):
        erasure.lift(people["lead"], reporter.case_text, now=now_())
    assert erasure.run(late + timedelta(days=1)) == 0
    assert erasure.lift(people["handler"], reporter.case_text, now=now_())
    with pytest.raises(AlreadySo):
        erasure.lift(people["external"], reporter.case_text, now=now_())
    assert erasure.run(late + timedelta(days=2)) == 1


def test_the_database_lets_no_one_person_lift_a_hold(stage: Stage, people: dict[str, Person]) -> None:
    case = Case.objects.get(pk=uuid_of(stage.sent()))
    one = people["lead"].pk
    held = Hold.objects.create(case=case, reason="court", by=one, at=now_())
    lifted = {"lifted_by": one, "lifted_at": now_()}
    for change in (lifted, lifted | {"lift_asked_by": one, "lift_asked_at": now_()}, {"lifted_at": now_()}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Hold.objects.filter(pk=held.pk).update(**change)


def test_one_that_fails_keeps_no_other_and_is_tried_again(
    stage: Stage, desk: At, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = closed_case(stage, desk), stage.sent()
    assert desk("handler").answer(second, kind="close").status_code == 201
    real = intake.erase

    def stuck(case: object, *, on: date) -> bool:
        if case == uuid_of(first):
            raise OSError("disk")
        return real(case, on=on)  # type: ignore[arg-type]

    monkeypatch.setattr(erasure.intake, "erase", stuck)
    assert erasure.run(now_() + YEARS) == 1
    assert not RetentionRun.objects.exists()
    monkeypatch.undo()
    assert erasure.run(now_() + YEARS) == 1
    assert Erased.objects.count() == 2


def test_another_case_that_was_robbed_of_a_label_keeps_its_leaf(stage: Stage, desk: At) -> None:
    """Somebody on a panel can make another case's next labels their own; erasing that case must not open theirs up."""
    reporter, thief = closed_case(stage, desk), stage.sent()
    [theirs] = entries_of(thief)
    ladder = CaseLadder.objects.get(case=uuid_of(reporter))
    with transaction.atomic():
        label = promises.next_label(uuid_of(reporter))
        payload = theirs.payload
        assert payload is not None
        [stolen] = ledger.append(
            stage.organisation, [ledger.NewLeaf("promise.kept", bytes(payload), label)], now_()
        )
    assert ladder.next_seq < CaseLadder.objects.get(case=uuid_of(reporter)).next_seq
    assert erasure.run(now_() + YEARS) == 1
    assert Entry.objects.get(pk=stolen.pk).payload is not None


def test_pages_show_numbers_to_those_who_run_and_cases_to_their_panel(
    stage: Stage, client_for: Callable[[Person], Client], desk: At, outsider: Client
) -> None:
    reporter = closed_case(stage, desk)
    at = {
        key: client_for(stage.people[key]) for key in ("lead", "second_handler", "administrator", "overseer")
    }
    for key in ("administrator", "overseer"):
        page = at[key].get("/work/tidewick/retention/")
        assert page.status_code == 200
        assert reporter.case_text[:8] not in page.content.decode()
        assert at[key].get("/work/tidewick/retention/cases/").status_code == 403
    own = at["lead"].get("/work/tidewick/retention/cases/").content.decode()
    assert reporter.case_text in own
    assert (
        reporter.case_text not in at["second_handler"].get("/work/tidewick/retention/cases/").content.decode()
    )
    assert outsider.get("/work/tidewick/retention/").status_code == 404
    assert outsider.get("/work/tidewick/retention/cases/").status_code == 404
    hold = f"/work/tidewick/retention/cases/{reporter.case_text}/hold/"
    assert at["second_handler"].post(hold, {"reason": "court"}).status_code in (403, 404)
    assert at["lead"].post(hold, {"reason": "because"}).status_code == 404
    assert at["lead"].post(hold, {"reason": "court"}).status_code == 302
    assert Hold.objects.get().reason == "court"
    assert "Held" in at["lead"].get("/work/tidewick/retention/cases/").content.decode()
    erasure.run(now_() + YEARS)
    assert "Held back now" in at["overseer"].get("/work/tidewick/retention/").content.decode()


@pytest.mark.parametrize(
    ("jurisdiction", "law"), [("DE", "HinSchG § 11(5)"), ("FR", None), ("", None), ("XX", None)]
)
def test_a_law_s_rule_comes_before_our_own_and_ours_is_marked(jurisdiction: str, law: str | None) -> None:
    found = retention.due(datetime(2027, 2, 28, 23, 30, tzinfo=UTC), jurisdiction, "Asia/Shanghai")
    assert found.day == date(2030, 3, 1)  # closed on 1 March in Shanghai
    assert found.rule.law == law
    assert (found.rule.status == "own") == (law is None)


def test_what_must_be_kept_longer_is(monkeypatch: pytest.MonkeyPatch) -> None:
    own = retention.rules_for("")
    keep = retention.Rule("x", "keep_at_least", 60, {}, "Law", {}, "", "found")
    monkeypatch.setattr(retention, "rules_for", lambda _: (keep, *own))
    assert retention.due(datetime(2027, 1, 5, tzinfo=UTC), "XX", "UTC").day == date(2032, 1, 5)


def test_backups_are_said_to_hold_it_until_they_rotate() -> None:
    assert retention.gone_from_backups(date(2027, 1, 31), "7,4,3") == date(2027, 6, 5)
    assert retention.gone_from_backups(date(2027, 1, 31), "7,0,0") == date(2027, 3, 4)
    assert retention.gone_from_backups(date(2027, 1, 31), "") is None


@pytest.mark.parametrize(
    "data", [b"", b"[]", b"{}", b'{"jurisdictions":1,"rules":[]}', b'{"jurisdictions":"*","rules":[{}]}']
)
def test_a_broken_pack_is_a_known_error(data: bytes) -> None:
    with pytest.raises(BadRetentionPack):
        retention.load_pack(data)


def kept_record(stage: Stage) -> Reporter:
    file = world.envelope("attachment", 1, 10)
    reporter = stage.reporter()
    body = reporter.record([file]) | {"pow": stage.work()}
    assert stage.put(f"records/{reporter.case_text}", body).status_code == 201
    where = f"records/{reporter.case_text}/attachments/{world.b64(world.sha256(file))}"
    assert stage.chunk(where, file, 0, len(file)).status_code == 200
    return reporter


def test_a_private_record_is_kept_for_ten_years_says_so_and_then_goes_whole(stage: Stage) -> None:
    """To the day; its author is told the day while it is kept, and that it is gone afterwards."""
    reporter = kept_record(stage)
    other = stage.sent()
    day = date.fromisoformat(stage.mailbox(reporter)["kept_until"])
    came = Case.objects.get(pk=uuid_of(reporter)).received
    assert day == retention.record_due(came, ["CN"], stage.organisation.time_zone).day
    assert (day.year, day.month) == (came.year + 10, came.month)
    assert stage.mailbox(other)["kept_until"] is None
    where = path_of(stage.organisation.pk, uuid_of(reporter), bytes(Attachment.objects.get().sha256))
    the_day_before = datetime(day.year, day.month, day.day, 1, tzinfo=UTC) - timedelta(days=1)
    assert erasure.run(the_day_before) == 0
    assert erasure.run(the_day_before + timedelta(days=1)) == 1
    assert Case.objects.get().pk == uuid_of(other)  # never closed: never erased
    assert not where.exists()
    assert Erased.objects.get().erased_on == day
    assert not entries_of(reporter)


def test_the_longest_rule_of_an_organisation_s_places_counts_for_records() -> None:
    came = datetime(2026, 2, 28, 12, tzinfo=UTC)
    assert retention.record_due(came, [], "UTC").day == date(2036, 2, 28)
    assert retention.record_due(came, ["DE", "CN"], "UTC").rule.id == "own-erase-record"


def test_a_case_that_nobody_closes_is_told_of_every_quarter_and_counted(stage: Stage, desk: At) -> None:
    reporter = stage.sent()
    now = now_()

    def told() -> set[str]:
        return set(Notice.objects.filter(kind="open-long").values_list("event", flat=True))

    erasure.run(now + timedelta(days=360))
    assert told() == set()
    assert erasure.counts(stage.organisation, now + timedelta(days=360)).open == []
    for days in (370, 371, 372, 470):
        erasure.run(now + timedelta(days=days))
    assert len(told()) == 2
    panel = {seat.person_id for seat in Seat.objects.filter(case=uuid_of(reporter))}
    assert set(Notice.objects.filter(kind="open-long").values_list("person_id", flat=True)) == panel
    assert erasure.counts(stage.organisation, now + timedelta(days=470)).open == [(1, 1)]
    assert Case.objects.filter(pk=uuid_of(reporter)).exists()


def test_the_page_counts_only_what_is_older_than_a_year(stage: Stage, desk: At) -> None:
    """A count that moves when a report comes would tell its moment."""
    stage.sent()
    page = desk("administrator").client.get("/work/tidewick/retention/").content.decode()
    assert "No case has been open for a year." in page
    assert "Private records: ten years" in page

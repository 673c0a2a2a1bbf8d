"""Deadlines that nobody can stop: kept, missed, escalated once each, whatever the keeper and its clock do."""

import os
import re
import threading
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from answerable_protocol import leaf
from answerable_protocol.encoding import parse_object
from django.db import IntegrityError, connection, transaction
from django.db.models import F

from answerable.ledger import actions as ledger
from answerable.ledger import files
from answerable.ledger.models import Entry
from answerable.notices.models import Notice
from answerable.organisation import actions as organisations
from answerable.organisation.models import Organisation, Person
from answerable.promises import actions, queries
from answerable.promises.errors import AlreadyKept, NotFound
from answerable.promises.models import CaseLadder, Deadline, Escalation

RECEIVED = datetime(2026, 11, 5, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
DUE = RECEIVED + 24 * HOUR
People = dict[str, Person]


@pytest.fixture(autouse=True)
def _log(organisation: Organisation) -> None:
    ledger.create_log(organisation, RECEIVED)


@pytest.fixture
def begin(organisation: Organisation, people: People) -> Callable[..., uuid.UUID]:
    """Starts a case: the handler on its panel, lead, overseer and external member on the rungs above."""

    def make(
        *, start_rung: int = 0, reach: list[list[str]] | None = None, jurisdiction: str | None = None
    ) -> uuid.UUID:
        case = uuid.uuid4()
        rungs = [["lead"], ["overseer"], ["external"]] if reach is None else reach
        actions.start(
            [
                actions.Start(
                    organisation_id=organisation.pk,
                    case=case,
                    received=RECEIVED,
                    jurisdiction=jurisdiction,
                    start_rung=start_rung,
                    panel=[people["handler"].pk],
                    reach=[[people[role].pk for role in rung] for rung in rungs],
                    event_key=case.bytes * 2,
                )
            ]
        )
        return case

    return make


def told(role_of: People, kind: str | None = None) -> set[str]:
    """The roles that have a notice."""
    names = {person.pk: role for role, person in role_of.items()}
    rows = Notice.objects.all() if kind is None else Notice.objects.filter(kind=kind)
    return {names[row.person_id] for row in rows}


def state(case: uuid.UUID, promise: str = "own-acknowledged", now: datetime | None = None) -> str:
    return {each.id: each.state for each in queries.for_case(case, now)}[promise]


def test_a_case_starts_with_the_promises_of_its_jurisdiction(begin: Callable[..., uuid.UUID]) -> None:
    case = begin(jurisdiction="IE")
    found = queries.for_case(case)
    assert {each.id for each in found} == {
        "own-acknowledged",
        "own-owner",
        "own-feedback",
        "eu-acknowledged",
        "eu-feedback",
    }
    assert found[0].due == DUE
    assert found[0].title == {"en": "A person writes to you", "zh": "有人回信"}
    assert {each.state for each in found} == {"due"}


def test_an_answer_keeps_a_promise_once(organisation: Organisation, begin: Callable[..., uuid.UUID]) -> None:
    case = begin()
    actions.keep(organisation, case, "own-acknowledged", DUE)  # the last moment still counts
    assert state(case) == "kept"
    with pytest.raises(AlreadyKept):
        actions.keep(organisation, case, "own-acknowledged", DUE)
    with pytest.raises(NotFound):
        actions.keep(organisation, case, "own-nothing", DUE)


def test_another_organisation_cannot_keep_it(
    other_organisation: Organisation, begin: Callable[..., uuid.UUID]
) -> None:
    with pytest.raises(NotFound):
        actions.keep(other_organisation, begin(), "own-acknowledged", DUE)


def test_nothing_happens_before_a_promise_is_missed(begin: Callable[..., uuid.UUID]) -> None:
    begin()
    assert actions.sweep(DUE - timedelta(seconds=1)) == 0
    assert not Notice.objects.exists()
    assert not Entry.objects.exists()


def test_a_miss_goes_into_the_log_and_up_a_rung_however_often_the_keeper_looks(
    organisation: Organisation, people: People, begin: Callable[..., uuid.UUID]
) -> None:
    case = begin()
    actions.keep(organisation, case, "own-owner", RECEIVED)
    for _ in range(3):
        actions.sweep(DUE)
    assert told(people) == {"handler", "lead"}
    assert Notice.objects.count() == 2
    assert list(Escalation.objects.values_list("rung", flat=True).order_by("rung")) == [0, 1]
    [entry] = Entry.objects.all()
    assert entry.type == "promise.missed"
    assert bytes(entry.label or b"") == leaf.event_label(case.bytes * 2, 1)
    assert parse_object(bytes(entry.payload or b""))["promise"] == "own-acknowledged"
    assert [each.type for each in queries.events_of(case)] == ["missed", "escalated"]
    assert state(case) == "missed"
    assert ledger.fsck(organisation) == 1


def test_it_climbs_a_rung_a_day_to_the_external_member(
    people: People, begin: Callable[..., uuid.UUID]
) -> None:
    begin()
    for day, roles in enumerate([{"handler", "lead"}, {"overseer"}, {"external"}, set()]):
        Notice.objects.all().delete()
        actions.sweep(DUE + day * 24 * HOUR)
        assert told(people) == roles


def test_after_an_outage_it_catches_up_once_in_order(people: People, begin: Callable[..., uuid.UUID]) -> None:
    case = begin()
    actions.sweep(DUE + 10 * 24 * HOUR)
    actions.sweep(DUE)  # the clock is put back
    actions.sweep(DUE + 11 * 24 * HOUR)
    assert told(people) == {"handler", "lead", "overseer", "external"}
    rungs = Escalation.objects.filter(deadline__promise="own-acknowledged").order_by("id")
    assert list(rungs.values_list("rung", flat=True)) == [0, 1, 2, 3]
    assert Entry.objects.count() == 2  # acknowledged and owner; feedback is not due yet
    assert {each.rung for each in queries.for_case(case) if each.state == "missed"} == {3}


def test_those_left_out_of_reach_are_never_told(people: People, begin: Callable[..., uuid.UUID]) -> None:
    """She excluded the lead: the rung is empty, and the miss goes past it at once."""
    begin(reach=[[], ["overseer"], ["external"]])
    actions.sweep(DUE)
    assert told(people) == {"handler", "overseer"}
    actions.sweep(DUE + 30 * 24 * HOUR)
    assert "lead" not in told(people)


def test_somebody_who_left_is_passed_over(people: People, begin: Callable[..., uuid.UUID]) -> None:
    begin()
    Person.objects.filter(pk=people["lead"].pk).update(left_at=RECEIVED)
    actions.sweep(DUE)
    assert told(people) == {"handler", "overseer"}


def test_told_someone_already_reaches_the_rung_above_at_receipt(
    people: People, begin: Callable[..., uuid.UUID]
) -> None:
    begin(start_rung=1)
    assert told(people, "told-before") == {"lead"}
    actions.sweep(DUE)
    assert told(people, "escalated") == {"overseer"}


def test_one_kept_late_before_the_keeper_looked_is_still_logged_as_missed(
    organisation: Organisation, people: People, begin: Callable[..., uuid.UUID]
) -> None:
    case = begin()
    actions.keep(organisation, case, "own-acknowledged", DUE + HOUR)
    actions.keep(organisation, case, "own-owner", DUE)
    assert state(case) == "late"
    actions.sweep(DUE + 2 * HOUR)
    assert Entry.objects.get().type == "promise.missed"
    assert told(people) == set()


def test_an_answer_after_a_miss_stops_the_climb(
    organisation: Organisation, people: People, begin: Callable[..., uuid.UUID]
) -> None:
    case = begin()
    actions.sweep(DUE)
    for promise in ("own-acknowledged", "own-owner"):
        actions.keep(organisation, case, promise, DUE + HOUR)
    actions.sweep(DUE + 5 * 24 * HOUR)
    assert told(people) == {"handler", "lead"}
    assert state(case) == "late"


def test_a_panel_that_changed_is_the_panel_that_is_told(
    people: People, begin: Callable[..., uuid.UUID]
) -> None:
    case = begin()
    actions.set_panel(case, [people["second_handler"].pk], RECEIVED)
    actions.sweep(DUE)
    assert told(people, "missed") == {"second_handler"}
    with pytest.raises(NotFound):
        actions.set_panel(uuid.uuid4(), [], RECEIVED)


def test_labels_are_never_given_twice(begin: Callable[..., uuid.UUID]) -> None:
    case = begin()
    labels = [actions.next_label(case) for _ in range(5)]
    assert queries.event_labels(case)[1:] == labels
    assert len({*labels, *queries.event_labels(case)}) == 6
    with pytest.raises(NotFound):
        actions.next_label(uuid.uuid4())


def test_a_log_that_refuses_holds_up_only_its_own_organisation(
    organisation: Organisation,
    other_organisation: Organisation,
    people: People,
    begin: Callable[..., uuid.UUID],
) -> None:
    """And once it is mended, what was missed is logged and told as if nothing had been."""
    ledger.create_log(other_organisation, RECEIVED)
    begin()
    theirs = actions.Start(other_organisation.pk, uuid.uuid4(), RECEIVED, None, 0, [], [], os.urandom(32))
    actions.start([theirs])
    path = files.checkpoint_path(organisation.pk)
    good = path.read_text() if path.exists() else None
    path.write_text("nonsense")
    assert actions.sweep(DUE) == 2
    assert told(people) == set()
    path.write_text(good) if good else path.unlink()
    assert actions.sweep(DUE) == 2
    assert told(people) == {"handler", "lead"}


# --- nobody can stop, move or delete it ---


@pytest.mark.parametrize(
    "change",
    [
        {"due_at": DUE + HOUR},
        {"promise": "own-other"},
        {"next_at": None},
        {"next_at": DUE + 1000 * HOUR},
    ],
)
def test_the_database_refuses_to_move_an_open_promise(
    begin: Callable[..., uuid.UUID], change: dict[str, object]
) -> None:
    begin()
    with pytest.raises(IntegrityError), transaction.atomic():
        Deadline.objects.update(**change)


@pytest.mark.parametrize("change", [{"missed_at": None, "rung": None}, {"missed_at": RECEIVED}, {"rung": 0}])
def test_the_database_refuses_to_forget_a_miss(
    begin: Callable[..., uuid.UUID], change: dict[str, object]
) -> None:
    begin()
    actions.sweep(DUE)
    with pytest.raises(IntegrityError), transaction.atomic():
        Deadline.objects.filter(missed_at__isnull=False).update(**change)


def test_the_database_refuses_to_change_who_can_be_told(begin: Callable[..., uuid.UUID]) -> None:
    begin()
    with pytest.raises(IntegrityError), transaction.atomic():
        CaseLadder.objects.update(reach=[[], [], []])
    with pytest.raises(IntegrityError), transaction.atomic():
        CaseLadder.objects.update(next_seq=F("next_seq") - 1)


def test_no_action_deletes_or_moves_a_deadline() -> None:
    """Only `forget` deletes, with the whole case, when its time to be erased has come (docs/decisions/0020)."""
    source = Path(actions.__file__).read_text(encoding="utf-8")
    parts = re.split(r"^def ", source, flags=re.MULTILINE)
    assert [part.partition("(")[0] for part in parts if ".delete(" in part] == ["forget"]
    assert "due_at=" not in source.replace("due_at__lt=", "").replace("due_at=promise.due", "")


@pytest.mark.django_db(transaction=True)
def test_several_keepers_at_once_tell_everyone_once(people: People, begin: Callable[..., uuid.UUID]) -> None:
    for _ in range(12):
        begin()

    def keeper() -> None:
        try:
            while actions.sweep(DUE, limit=3):
                pass
        finally:
            connection.close()

    threads = [threading.Thread(target=keeper) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    actions.sweep(DUE)
    assert Entry.objects.count() == 24
    assert Escalation.objects.count() == 48
    assert Notice.objects.count() == 48
    assert not Deadline.objects.filter(next_at__lte=DUE).exists()


def test_an_outsider_is_never_told(
    people: People, other_organisation: Organisation, begin: Callable[..., uuid.UUID]
) -> None:
    charlie = organisations.add_person(
        other_organisation, name_en="C", name_zh="查", email="c@saltholm.example"
    )
    begin()
    actions.sweep(DUE + 30 * 24 * HOUR)
    assert not Notice.objects.filter(person=charlie).exists()


def test_whoever_burns_the_labels_to_come_stops_neither_the_clock_nor_the_ladder(
    organisation: Organisation, people: People, begin: Callable[..., uuid.UUID]
) -> None:
    """A handler of the case holds its log key, so the next labels are no secret to them."""
    case = begin()
    burnt = [leaf.event_label(case.bytes * 2, seq) for seq in (1, 2, 3)]
    with transaction.atomic():
        ledger.append(organisation, [ledger.NewLeaf("promise.kept", b"{}", each) for each in burnt], RECEIVED)

    actions.sweep(DUE + HOUR)

    assert state(case, now=DUE + HOUR) == "missed"
    assert {"handler", "lead"} <= told(people)
    labels = [bytes(each.label or b"") for each in Entry.objects.filter(type="promise.missed")]
    assert labels == [leaf.event_label(case.bytes * 2, seq) for seq in (4, 5)]


def test_a_notice_of_someone_told_before_names_the_hour_of_the_report_and_no_more(
    organisation: Organisation, people: People
) -> None:
    case = uuid.uuid4()
    start = actions.Start(
        organisation_id=organisation.pk,
        case=case,
        received=RECEIVED + timedelta(minutes=42, seconds=17),
        jurisdiction=None,
        start_rung=2,
        panel=[people["handler"].pk],
        reach=[[], [people["overseer"].pk], []],
        event_key=case.bytes * 2,
    )
    actions.start([start])
    [notice] = Notice.objects.filter(kind="told-before")
    assert notice.at == notice.next_try == RECEIVED

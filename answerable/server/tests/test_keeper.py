"""The keeper does each task once a tick, whatever the others do, and what it does is done once."""

import logging
import os
import threading
import time
import uuid
from datetime import UTC, datetime, timedelta

import pytest

from answerable.ledger import actions as ledger
from answerable.ledger import files
from answerable.ledger.models import Log
from answerable.organisation.models import Organisation, Person
from answerable.promises import actions as promises
from answerable.promises.models import Deadline, Escalation
from answerable.server import keeper

RECEIVED = datetime(2026, 11, 5, 9, 0, tzinfo=UTC)
DUE = RECEIVED + timedelta(hours=24)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def case(organisation: Organisation, people: dict[str, Person]) -> uuid.UUID:
    ledger.create_log(organisation, RECEIVED)
    made = uuid.uuid4()
    panel, reach = [people["handler"].pk], [[people["lead"].pk], [], []]
    promises.start([promises.Start(organisation.pk, made, RECEIVED, None, 0, panel, reach, os.urandom(32))])
    return made


def test_three_ticks_give_one_escalation(organisation: Organisation, case: uuid.UUID) -> None:
    for _ in range(3):
        assert keeper.tick(DUE) == []
    assert Escalation.objects.filter(deadline__promise="own-acknowledged").count() == 2  # panel and lead
    assert Log.objects.get().published_size > 0
    ledger.fsck(organisation)


def test_one_failing_task_stops_no_other_and_says_no_word(
    case: uuid.UUID, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_: datetime) -> None:
        raise RuntimeError("somebody's words")

    monkeypatch.setattr(keeper, "TASKS", [("bad", fail), *keeper.TASKS])
    with caplog.at_level(logging.INFO):
        assert keeper.tick(DUE) == ["bad"]
    assert "words" not in caplog.text
    assert Escalation.objects.exists()


def test_several_keepers_at_once_do_each_thing_once(organisation: Organisation, case: uuid.UUID) -> None:
    threads = [threading.Thread(target=keeper.tick, args=(DUE,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    keeper.tick(DUE)
    assert Escalation.objects.count() == 4
    assert Log.objects.get().published_size in {16, 32}
    ledger.fsck(organisation)


def test_a_restored_backup_is_said_at_start_and_the_keeper_runs_on(
    organisation: Organisation, case: uuid.UUID, caplog: pytest.LogCaptureFixture
) -> None:
    files.checkpoint_path(organisation.pk).write_text("nonsense")
    stop = threading.Event()
    stop.set()
    keeper.run(stop)
    assert "restored backup" in caplog.text
    assert Deadline.objects.filter(missed_at=None).count() == 3


def test_a_seldom_task_waits() -> None:
    seen: list[datetime] = []
    seldom = keeper.Seldom(seen.append, seconds=60)
    seldom(DUE)
    seldom(DUE)
    assert seen == [DUE]


def test_it_ends_when_told(case: uuid.UUID) -> None:
    stop = keeper.start()
    time.sleep(0.2)
    stop.set()
    for thread in threading.enumerate():
        if thread.name == "keeper":
            thread.join(10)
            assert not thread.is_alive()

"""The batch writer: durable before anyone is told, one bad work alone fails, and the writer outlives every
trouble.
"""

import errno
import os
import sqlite3
import threading
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

import pytest
from answerable_protocol.receipt import Proven
from django.db import IntegrityError, OperationalError, connection

from answerable.ledger import actions, files, queries, trouble
from answerable.ledger.errors import Busy, LedgerError, LogBehind, NoRoom, NotFound, WorkFailed
from answerable.ledger.models import Entry, Log
from answerable.ledger.rules import NewLeaf
from answerable.ledger.sequencer import Sequencer, Work
from answerable.organisation.models import Organisation

pytestmark = pytest.mark.django_db(transaction=True)


class Note(Work):
    """One event; its payload says what to do with it."""

    def __init__(
        self, organisation_id: uuid.UUID, payload: bytes = b"{}", label: bytes | None = None
    ) -> None:
        super().__init__(organisation_id)
        self.payload = payload
        self.label = label or os.urandom(32)
        self.indexes: list[int] = []

    @classmethod
    def write(cls, batch: Sequence["Note"], now: datetime) -> None:  # noqa: ARG003
        for work in batch:
            if work.payload == b"refuse":
                work.refuse(NotFound("refused"))
            elif work.payload == b"explode":
                raise ZeroDivisionError
            else:
                work.leaves = [NewLeaf("message", work.payload, work.label)]

    @classmethod
    def written(cls, batch: Sequence["Note"]) -> None:
        for work in batch:
            work.indexes = [entry.index for entry in work.entries]


class Pair(Note):
    """Two events at once."""

    @classmethod
    def write(cls, batch: Sequence["Note"], now: datetime) -> None:  # noqa: ARG003
        for work in batch:
            work.leaves = [NewLeaf("message", b"1", os.urandom(32)), NewLeaf("message", b"2", os.urandom(32))]


@pytest.fixture
def writer(log: Log) -> Iterator[Sequencer]:
    made = Sequencer()
    yield made
    made.stop()


def all_at_once(writer: Sequencer, works: Sequence[Work]) -> list[Any]:
    """What each of these gets when they wait together: itself, or its error."""

    def one(work: Work) -> Any:
        try:
            return writer.submit(work)
        except Exception as error:  # noqa: BLE001
            return error

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(one, works))


def in_one_batch(writer: Sequencer, works: Sequence[Work]) -> list[Any]:
    """The same, but surely in one transaction."""
    for work in works:
        work._done.acquire()
    writer.write(works)
    return [work._failure or work.error or work for work in works]


def test_a_work_comes_back_with_its_entry_and_a_receipt_that_holds(
    writer: Sequencer, organisation: Organisation, proven: Callable[[str], Proven]
) -> None:
    work = writer.submit(Note(organisation.pk, b'{"a":1}'))
    assert proven(work.receipts[0]).receipt.payload == b'{"a":1}'
    assert work.indexes == [0]
    assert Entry.objects.get().payload == b'{"a":1}'
    assert files.filed_checkpoint(organisation.pk) == Log.objects.get().checkpoint


def test_many_at_once_each_get_their_own(
    writer: Sequencer, organisation: Organisation, proven: Callable[[str], Proven]
) -> None:
    works = [Note(organisation.pk, str(n).encode()) for n in range(40)] + [
        Pair(organisation.pk) for _ in range(10)
    ]
    for work in all_at_once(writer, works):
        for entry, receipt in zip(work.entries, work.receipts, strict=True):
            found = proven(receipt).receipt
            assert (found.index, found.payload) == (entry.index, entry.payload)
        assert len(work.entries) == (2 if isinstance(work, Pair) else 1)
        assert isinstance(work, Pair) or work.entries[0].payload == work.payload
    assert actions.fsck(organisation) == 60


def test_a_refused_work_does_not_spoil_the_batch(writer: Sequencer, organisation: Organisation) -> None:
    good, refused, also = in_one_batch(
        writer, [Note(organisation.pk), Note(organisation.pk, b"refuse"), Note(organisation.pk)]
    )
    assert isinstance(refused, NotFound)
    assert [good.indexes, also.indexes] == [[0], [1]]


@pytest.mark.parametrize("payload", [b"explode", b"x" * 70_000])
def test_only_the_poisonous_work_fails(writer: Sequencer, organisation: Organisation, payload: bytes) -> None:
    works = [Note(organisation.pk), Note(organisation.pk, payload), Note(organisation.pk)]
    good, bad, also = in_one_batch(writer, works)
    assert isinstance(bad, LedgerError)
    assert sorted(good.indexes + also.indexes) == [0, 1]
    assert actions.fsck(organisation) == 2


def test_a_label_used_twice_fails_the_second_only(writer: Sequencer, organisation: Organisation) -> None:
    label = os.urandom(32)
    results = in_one_batch(writer, [Note(organisation.pk, label=label), Note(organisation.pk, label=label)])
    assert [type(each) for each in results] == [Note, WorkFailed]
    assert isinstance(results[1].__cause__, IntegrityError)
    assert "label" not in str(results[1])
    assert actions.fsck(organisation) == 1


def test_works_of_two_organisations_go_into_their_own_logs(
    writer: Sequencer, organisation: Organisation, other_organisation: Organisation, now: datetime
) -> None:
    actions.create_log(other_organisation, now)
    works = [Note((organisation, other_organisation)[n % 2].pk) for n in range(10)]
    in_one_batch(writer, works)
    assert (actions.fsck(organisation), actions.fsck(other_organisation)) == (5, 5)


def test_one_organisation_that_refuses_does_not_stop_the_other(
    writer: Sequencer, organisation: Organisation, other_organisation: Organisation, now: datetime
) -> None:
    actions.create_log(other_organisation, now)
    files.checkpoint_path(organisation.pk).write_text("nonsense")
    bad, good = in_one_batch(writer, [Note(organisation.pk), Note(other_organisation.pk)])
    assert isinstance(bad, LogBehind)
    assert good.indexes == [0]


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (OSError(errno.ENOSPC, "no space"), NoRoom),
        (sqlite3.SQLITE_FULL, NoRoom),
        (sqlite3.SQLITE_BUSY, Busy),
        ("53100", NoRoom),
        ("40P01", Busy),
        ("08006", Busy),
    ],
)
def test_a_full_disk_or_a_locked_database_is_told_to_all_and_nothing_is_acknowledged(
    writer: Sequencer,
    organisation: Organisation,
    monkeypatch: pytest.MonkeyPatch,
    error: Any,
    told: type[Exception],
) -> None:
    def fail(*_: object) -> None:
        raise _as_django(error)

    with monkeypatch.context() as patch:
        patch.setattr(actions, "append_batch", fail)
        results = in_one_batch(writer, [Note(organisation.pk) for _ in range(3)])
    assert [type(each) for each in results] == [told] * 3
    assert not Entry.objects.exists()
    assert writer.submit(Note(organisation.pk)).indexes == [0]  # the writer lives on


def _as_django(error: Any) -> Exception:
    if isinstance(error, Exception):
        return error
    cause = OperationalError()
    setattr(cause, "sqlite_errorcode" if isinstance(error, int) else "sqlstate", error)
    raised = OperationalError("from below")
    raised.__cause__ = cause
    return raised


def test_a_full_disk_for_the_checkpoint_file_hands_out_no_receipt(
    writer: Sequencer, organisation: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Committed, but not acknowledged; once there is room, the same entry gets its receipt."""

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "no space")

    with monkeypatch.context() as patch:
        patch.setattr(files.os, "fdatasync", full)
        with pytest.raises(NoRoom):
            writer.submit(Note(organisation.pk))
    assert files.filed_checkpoint(organisation.pk) != Log.objects.get().checkpoint
    entry = queries.entry(organisation, 0)
    assert queries.receipt(entry)
    assert files.filed_checkpoint(organisation.pk) == Log.objects.get().checkpoint


def test_a_really_locked_database_is_busy_and_then_goes_on(
    writer: Sequencer, organisation: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL locks rows and waits")
    import pysqlite3

    holder = pysqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    monkeypatch.setitem(connection.settings_dict["OPTIONS"], "timeout", 0.2)

    def short(self: Sequencer) -> None:
        connection.ensure_connection()
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA busy_timeout = 200")
        original(self)

    original = Sequencer._run
    monkeypatch.setattr(Sequencer, "_run", short)
    try:
        with pytest.raises(Busy):
            writer.submit(Note(organisation.pk))
    finally:
        holder.execute("ROLLBACK")
        holder.close()
    assert writer.submit(Note(organisation.pk)).indexes == [0]


def test_stopping_writes_what_waits_and_a_later_work_starts_it_again(
    writer: Sequencer, organisation: Organisation
) -> None:
    assert writer.submit(Note(organisation.pk)).indexes == [0]
    writer.stop()
    assert writer.submit(Note(organisation.pk)).indexes == [1]


def test_a_stop_amid_work_loses_nothing(writer: Sequencer, organisation: Organisation) -> None:
    stopper = threading.Timer(0.01, writer.stop)
    stopper.start()
    results = all_at_once(writer, [Note(organisation.pk) for _ in range(50)])
    stopper.join()
    assert all(isinstance(each, Note) for each in results)
    assert actions.fsck(organisation) == 50


def test_several_writers_share_one_log(log: Log, organisation: Organisation) -> None:
    """As several processes would: the row, or the database, is the lock."""
    writers = [Sequencer() for _ in range(3)]
    works = [Note(organisation.pk) for _ in range(60)]
    with ThreadPoolExecutor(60) as pool:
        results = list(pool.map(lambda n: writers[n % 3].submit(works[n]), range(60)))
    for writer in writers:
        writer.stop()
    assert sorted(index for each in results for index in each.indexes) == list(range(60))
    assert actions.fsck(organisation) == 60


def test_a_child_process_has_a_writer_of_its_own(log: Log) -> None:
    from answerable.ledger import sequencer

    before = sequencer._own
    child = os.fork()
    if child == 0:
        os._exit(0 if sequencer._own is not before and sequencer._own._thread is None else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert sequencer._own is before


@pytest.mark.parametrize("error", [ValueError("x"), IntegrityError("x"), OperationalError("no such table")])
def test_our_own_mistakes_are_not_called_busy(error: Exception) -> None:
    assert trouble.typed(error) is None

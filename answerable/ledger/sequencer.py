"""The batch writer: many requests, one transaction, one durable commit.

One thread per process takes a work from a queue, drains what else waits (up to 256, without lingering:
waiting even a millisecond costs a lone client most of its rate), and writes all of it in one transaction:

    Work.write(batch, now)    each class checks its works and stores their rows; a work may be refused, or get
    leaves
    append                    the leaves of all works of one organisation, one signed checkpoint
    Work.written(batch)       each class stores the indexes of its entries
    commit, checkpoint file   durable
    wake                      each waiting request gets its work back, or its error, and makes its own receipts
                              from the tail in memory, while the next batch is on its way to the disk

Refused works take no part in the rest. An exception in the shared transaction undoes all of it, and the works
are then written one by one, so that only the one at fault fails. A full disk or a locked database is told to
every waiter as `NoRoom` or `Busy`; the thread lives on. Nobody is told "received" before the commit and the
checkpoint file.

Several processes may each have such a thread on PostgreSQL: the log's row is the lock.
"""

import logging
import os
import queue
import threading
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, Self, TypeVar

from django.db import connection, transaction
from django.utils import timezone

from answerable.ledger import actions
from answerable.ledger.actions import Batch, NewLeaf
from answerable.ledger.errors import Busy, LedgerError, NoRoom, WorkFailed
from answerable.ledger.models import Entry
from answerable.ledger.trouble import typed

MOST = 256
WAIT_SECONDS = 60
IDLE_SECONDS = 0.2

_log = logging.getLogger(__name__)


class Work:
    """Something that one request wants written. Subclass it with the request's values.

    Made with the organisation's id; `write` and `written` see works of several organisations in one call.
    After `submit`, `entries` are the leaves' rows in order and `receipts` their .tlog-proof texts.
    """

    def __init__(self, organisation_id: uuid.UUID) -> None:
        self.organisation_id = organisation_id
        self._done = threading.Lock()
        self._failure: BaseException | None = None
        self.begin()

    def begin(self) -> None:
        """Forget an earlier try. Subclasses that keep results of `write` extend this."""
        self.error: Exception | None = None
        self.leaves: list[NewLeaf] = []
        self.entries: list[Entry] = []
        self._batch: Batch | None = None

    @property
    def receipts(self) -> list[str]:
        """The .tlog-proof text of each entry, made when asked for; none before the work is durable."""
        batch = self._batch
        return [batch.receipt_once_filed(entry) for entry in self.entries] if batch is not None else []

    def refuse(self, error: Exception) -> None:
        """Answer this work with `error`; the others of the batch go on."""
        self.error = error

    @classmethod
    def write(cls, batch: Sequence[Self], now: datetime) -> None:
        """Check each work, store its rows, and set on each either an error (`refuse`) or `leaves`."""
        raise NotImplementedError

    @classmethod
    def written(cls, batch: Sequence[Self]) -> None:
        """In the same transaction, once `entries` are set: store what depends on their indexes."""


W = TypeVar("W", bound=Work)


class Sequencer:
    """One process's writer. Its thread starts with the first work."""

    def __init__(self, clock: Callable[[], datetime] = timezone.now) -> None:
        self._clock = clock
        self._queue: queue.SimpleQueue[Work | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()

    def submit(self, work: W) -> W:
        """Have `work` written; it comes back once that is durable. Raises its refusal, NoRoom, Busy or
        WorkFailed.
        """
        work._done.acquire()
        self._start()
        self._queue.put(work)
        for _ in range(WAIT_SECONDS):
            if work._done.acquire(timeout=1):
                break
            self._start()  # the thread may have been told to stop in between
        else:
            raise Busy("the writer did not get to this work in time")
        work._done.release()
        if work._failure is not None:
            raise work._failure
        if work.error is not None:
            raise work.error
        return work

    def stop(self) -> None:
        """Write what waits, then end the thread. A later work starts a new one."""
        with self._starting:
            thread, self._thread = self._thread, None
            if thread is not None and thread.is_alive():
                self._queue.put(None)
                thread.join(WAIT_SECONDS)

    def _start(self) -> None:
        if self._thread is not None and self._thread.is_alive():
            return
        with self._starting:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="sequencer", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        stopping = False
        while not stopping:
            works, stopping = self._next()
            if works:
                self.write(works)
        connection.close()

    def _next(self) -> tuple[list[Work], bool]:
        """What waits now, at least one work unless the end has come. Gives the connection back while idle."""
        try:
            first = (
                self._queue.get(timeout=IDLE_SECONDS)
                if connection.connection is not None
                else self._queue.get()
            )
        except queue.Empty:
            connection.close()
            first = self._queue.get()
        works: list[Work] = []
        while first is not None:
            works.append(first)
            if len(works) == MOST:
                return works, False
            try:
                first = self._queue.get_nowait()
            except queue.Empty:
                return works, False
        return works, True

    def write(self, works: Sequence[Work]) -> None:
        """Write one batch and wake those who wait for it. Never raises."""
        try:
            _write(works, self._clock())
        except BaseException as error:  # noqa: BLE001 - whatever it is, it belongs to the waiters and not to this thread
            self._recover(works, error)
        finally:
            for work in works:
                work._done.release()

    def _recover(self, works: Sequence[Work], error: BaseException) -> None:
        known = _known(error)
        if known is not None or len(works) == 1:
            for work in works:
                work._failure = known or _failed(work, error)
            return
        _log.warning(
            "a batch of %d works failed (%s): writing them one by one", len(works), type(error).__name__
        )
        for work in works:
            try:
                _write([work], self._clock())
            except BaseException as own:  # noqa: BLE001 - as above
                work._failure = _known(own) or _failed(work, own)


def _known(error: BaseException) -> LedgerError | None:
    """The error as everyone who waits is told it, if it is not about one work."""
    if isinstance(error, (NoRoom, Busy)):
        return error
    found = typed(error)
    if found is not None:
        found.__cause__ = error
        connection.close()
    return found


def _failed(work: Work, error: BaseException) -> LedgerError:
    if isinstance(error, LedgerError):
        return error
    failure = WorkFailed(f"{type(work).__name__}: {type(error).__name__}")
    failure.__cause__ = error
    return failure


def _by(works: Iterable[Work], key: Callable[[Work], Any]) -> list[list[Work]]:
    groups: defaultdict[Any, list[Work]] = defaultdict(list)
    for work in works:
        groups[key(work)].append(work)
    return list(groups.values())


def _write(works: Sequence[Work], now: datetime) -> None:
    """One transaction over all of `works`; then the checkpoint file."""
    for work in works:
        work.begin()
    batches: list[tuple[Batch, list[Work]]] = []
    with transaction.atomic():
        for group in _by(works, type):
            type(group[0]).write(group, now)
        accepted = [work for work in works if work.error is None]
        # Logs are locked in one order, so that two processes can't wait for each other.
        for group in sorted(
            _by(accepted, lambda work: work.organisation_id), key=lambda g: g[0].organisation_id
        ):
            leaves = [leaf for work in group for leaf in work.leaves]
            if leaves:
                batch = actions.append_batch(group[0].organisation_id, leaves, now)
                batches.append((batch, group))
                entries = iter(batch.entries)
                for work in group:
                    work.entries = [next(entries) for _ in work.leaves]
        for group in _by(accepted, type):
            type(group[0]).written(group)
    for batch, group in batches:
        batch.file()
        for work in group:
            work._batch = batch


_own = Sequencer()


def submit(work: W) -> W:
    """Have `work` written by this process's writer; it comes back, with `entries` and `receipts`, once
    durable.
    """
    return _own.submit(work)


def stop() -> None:
    """End this process's writer after what waits; a later work starts it again."""
    _own.stop()


def _after_fork() -> None:
    """A child has no writer thread, and must not answer for its parent's works."""
    global _own
    _own = Sequencer()


os.register_at_fork(after_in_child=_after_fork)

__all__ = ["Busy", "NoRoom", "Sequencer", "Work", "WorkFailed", "stop", "submit"]

"""Taking a sealed report or record: checked in the request's own thread, written in batches by the ledger's sequencer.

Contract: when `receive` returns, the report, its clock and its leaf are durable. The same manifest again gives the same
receipt's event; another one under the same id is refused.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final, Self, TypeVar
from uuid import UUID

from answerable_protocol.encoding import base64url_encode, id_bytes, id_text, sha256, time_text
from answerable_protocol.leaf import event_label
from answerable_protocol.manifest import Manifest, RecordManifest
from django.db import DatabaseError

from answerable.intake import queries, rules, work
from answerable.intake.errors import (
    AlreadyOther,
    BadManifest,
    Busy,
    Moved,
    NoRoom,
    NotFound,
    NotOpen,
    StaleRoster,
    WorkNeeded,
)
from answerable.intake.models import Attachment, Case, KeysFile, Seat, Spent
from answerable.intake.rules import Checked
from answerable.ledger import errors as ledger_errors
from answerable.ledger import queries as ledger
from answerable.ledger import rows, sequencer, trouble
from answerable.ledger.actions import NewLeaf
from answerable.organisation.models import Organisation
from answerable.promises import actions as promises
from answerable.promises.rules import DuePromise
from answerable.roster import queries as rosters

REPORTER: Final = "reporter"
NEVER: Final = datetime.min.replace(tzinfo=UTC)
Submit = Callable[[sequencer.Work], sequencer.Work]
W = TypeVar("W", bound=sequencer.Work)


@dataclass(frozen=True, slots=True)
class Received:
    """What a reporter is told: the receipt, when it was received (to the second), and what is due when."""

    receipt: str
    received: str
    promises: list[dict[str, str]]
    again: bool


class Receive(sequencer.Work):
    """One submission on its way into the database and the log."""

    def __init__(
        self,
        organisation_id: UUID,
        checked: Checked,
        spending: work.Spending | None,
        time_zone: str | None = None,
    ) -> None:
        super().__init__(organisation_id)
        self.checked, self.spending, self.time_zone = checked, spending, time_zone
        self.label = event_label(checked.event_key, 0)
        self.panel, self.reach = _people(checked.manifest)

    def begin(self) -> None:
        super().begin()
        self.again = False
        self.received = ""
        self.at = NEVER
        self.promises: list[dict[str, str]] = []
        self.promised = "[]"  # the same as JSON

    @classmethod
    def write(cls, batch: Sequence[Self], now: datetime) -> None:
        fresh = _unspent(_current(_unknown(batch)))
        fresh = _unlabelled(fresh)
        at = now.replace(microsecond=0)
        hour, received = rules.hour(at), time_text(at)
        cases = [each for each in fresh if each.checked.kind == "case"]
        promised = promises.start([_start(each, at) for each in cases]) if cases else []
        for each, due in zip(cases, promised, strict=True):
            each.promises, each.promised = _told(tuple(due))
        for each in fresh:
            each.at, each.received = hour, received
            each.leaves = [_leaf(each)]

    @classmethod
    def written(cls, batch: Sequence[Self]) -> None:
        fresh = [each for each in batch if each.entries and each.at is not NEVER]
        cases = [each for each in fresh if each.checked.kind == "case"]
        rows.insert(Case, _CASE, [_case(each) for each in fresh])
        rows.insert(KeysFile, _KEYS, [_keys(each) for each in cases])
        rows.insert(Seat, _SEAT, [seat for each in cases for seat in _seats(each)])
        rows.insert(
            Attachment,
            ("case_id", "sha256", "size", "received", "done", "internal"),
            [
                (each.checked.case, one.sha256, one.size, 0, False, False)
                for each in fresh
                for one in each.checked.manifest.attachments
            ],
        )
        spendings = [each.spending for each in fresh if each.spending is not None]
        rows.insert(Spent, ("value", "expires_at"), [(each.value, each.expires) for each in spendings])


def _start(each: Receive, at: datetime) -> promises.Start:
    found = each.checked.manifest
    assert isinstance(found, Manifest)  # noqa: S101 - only cases have a clock
    return promises.Start(
        organisation_id=each.organisation_id,
        case=each.checked.case,
        received=at,
        jurisdiction=found.jurisdiction,
        start_rung=found.start_rung,
        panel=each.panel,
        reach=each.reach,
        event_key=each.checked.event_key,
        time_zone=each.time_zone,
    )


def _people(found: Manifest | RecordManifest) -> tuple[tuple[UUID, ...], tuple[tuple[UUID, ...], ...]]:
    """The panel and the rungs of a manifest; nobody of a record's."""
    if isinstance(found, Manifest):
        return _uuids(found.panel), tuple([_uuids(rung) for rung in found.reach])
    return (), ()


@lru_cache(maxsize=4096)  # the same few people stand on every panel
def _uuids(ids: tuple[str, ...]) -> tuple[UUID, ...]:
    return tuple([UUID(bytes=id_bytes(each)) for each in ids])


@lru_cache(maxsize=256)  # a batch's reports mostly get the same promises
def _told(due: tuple[DuePromise, ...]) -> tuple[list[dict[str, str]], str]:
    """Promises as receipts name them, and the same as canonical JSON: nothing but ASCII texts of our own."""
    told = [{"id": one.id, "rule": one.rule, "due": time_text(one.due)} for one in due]
    return told, json.dumps(told, sort_keys=True, separators=(",", ":"))


def _leaf(each: Receive) -> NewLeaf:
    """The leaf, its payload canonical JSON written out: every text in it is ASCII, and none needs an escape."""
    checked = each.checked
    case = id_text(checked.case.bytes)
    if checked.kind == "record":
        record = base64url_encode(sha256(checked.report))
        payload = f'{{"case":"{case}","received":"{each.received}","record":"{record}"}}'
        return NewLeaf("record.dated", payload.encode(), each.label)
    payload = (
        f'{{"case":"{case}","log_key":"{base64url_encode(checked.manifest.log_key)}",'
        f'"manifest":"{base64url_encode(checked.manifest_sha256)}","promises":{each.promised},'
        f'"received":"{each.received}"}}'
    )
    return NewLeaf("report.received", payload.encode(), each.label)


_CASE = (
    "id",
    "organisation_id",
    "kind",
    "manifest",
    "manifest_sha256",
    "signature",
    "case_pub",
    "report",
    "identity",
    "log_index",
    "received",
    "keys_epoch",
    "next_place",
    "told",
)


def _case(each: Receive) -> tuple[object, ...]:
    checked = each.checked
    return (
        checked.case,
        each.organisation_id,
        checked.kind,
        checked.manifest.data,
        checked.manifest_sha256,
        checked.signature,
        checked.manifest.case_pub,
        checked.report,
        checked.identity,
        each.entries[0].index,
        each.at,
        0,
        0,
        checked.kind == "record",
    )


_KEYS = ("case_id", "epoch", "panel", "file", "author", "at")


def _keys(each: Receive) -> tuple[object, ...]:
    found = each.checked.manifest
    panel = found.panel if isinstance(found, Manifest) else ()
    return (each.checked.case, 0, panel, each.checked.keys, REPORTER, each.at)


_SEAT = ("case_id", "person_id", "at")


def _seats(each: Receive) -> list[tuple[object, ...]]:
    return [(each.checked.case, one, each.at) for one in each.panel]


def _unknown(batch: Sequence[Receive]) -> list[Receive]:
    """Those whose case id is new. The same manifest again is marked; another under a known id is refused."""
    cases = [each.checked.case for each in batch]
    known = {
        UUID(str(case)): bytes(manifest)
        for case, manifest in rows.among(Case, "id", cases, ["id", "manifest_sha256"])
    }
    found = []
    for each in batch:
        before = known.setdefault(each.checked.case, each.checked.manifest_sha256)
        if before is each.checked.manifest_sha256:
            found.append(each)
        elif before == each.checked.manifest_sha256:
            each.again = True
        else:
            each.refuse(AlreadyOther("case"))
    return found


def _current(batch: Sequence[Receive]) -> list[Receive]:
    """Those made with the roster that is the newest as this transaction sees it."""
    newest = rosters.current_hashes({each.organisation_id for each in batch if each.checked.kind == "case"})
    found = []
    for each in batch:
        if each.checked.kind == "case" and newest.get(each.organisation_id) != each.checked.roster:
            each.refuse(StaleRoster("not the newest"))
        else:
            found.append(each)
    return found


def _unspent(batch: Sequence[Receive]) -> list[Receive]:
    """Those whose proof of work was not used before, here or in this batch."""
    values = [each.spending.value for each in batch if each.spending is not None]
    spent = {bytes(each) for (each,) in rows.among(Spent, "value", values, ["value"])}
    found = []
    for each in batch:
        if each.spending is not None:
            if each.spending.value in spent:
                each.refuse(WorkNeeded("spent"))
                continue
            spent.add(each.spending.value)
        found.append(each)
    return found


def _unlabelled(batch: Sequence[Receive]) -> list[Receive]:
    """Those whose event key made no label yet: one that did would fail the whole batch at the log."""
    by_organisation: dict[UUID, dict[bytes, Receive]] = {}
    found = []
    for each in batch:
        labels = by_organisation.setdefault(each.organisation_id, {})
        if each.label in labels:
            each.refuse(BadManifest("event_key was used before"))
        else:
            labels[each.label] = each
    for organisation_id, labels in by_organisation.items():
        taken = ledger.labels_taken(organisation_id, labels.keys())
        for label, each in labels.items():
            if label in taken:
                each.refuse(BadManifest("event_key was used before"))
            else:
                found.append(each)
    return found


def receive(
    organisation: Organisation,
    kind: str,
    case_text: str,
    body: Mapping[str, Any],
    *,
    now: datetime,
    worked: bool = True,
    submit: Submit = sequencer.submit,
) -> Received:
    """Take a submission ("case" or "record"), and say what its receipt is. Raises an IntakeError.

    `worked` False skips the proof of work: for what the server itself puts in, such as a demonstration.
    """
    if not organisation.takes_reports:
        raise NotOpen("not open to reports")
    case = rules.case_id(case_text)
    if kind == "case":
        checked = rules.check_report(
            body, org=organisation.slug, case=case, readers=_readers(organisation.pk)
        )
    else:
        checked = rules.check_record(body, org=organisation.slug, case=case)
    spending = None
    if worked:
        try:
            spending = work.check(
                organisation.pk, body.get("pow"), now=now, bits=work.meter().bits(arrived=1)
            )
        except WorkNeeded:
            if queries.manifest_of(organisation.pk, case) != checked.manifest_sha256:
                raise
            return _received_before(organisation, case)
    done = run(Receive(organisation.pk, checked, spending, organisation.time_zone), submit)
    if done.again:
        try:
            return _received_before(organisation, case)
        except NotFound:  # its twin in the same batch was refused after all
            raise Busy("try again") from None
    return Received(done.receipts[0], done.received, done.promises, again=False)


def _readers(organisation_id: UUID) -> Callable[[bytes], rules.Known]:
    def find(roster: bytes) -> rules.Known:
        known = rosters.by_hash(organisation_id, roster)
        if known is None:
            raise StaleRoster("no such roster")
        return known

    return find


def _received_before(organisation: Organisation, case: UUID) -> Received:
    """The answer that was given, made again from the log."""
    found = queries.case_of(organisation, case)
    [entry] = ledger.entries_at(organisation.pk, [found.log_index])
    payload = queries.payload_of(entry.payload)
    return Received(ledger.receipt(entry), payload["received"], payload.get("promises", []), again=True)


def run(work_: W, submit: Submit) -> W:
    """Have a work written; what went wrong comes as an IntakeError."""
    with told_plainly():
        submit(work_)
    return work_


@contextmanager
def told_plainly() -> Iterator[None]:
    """A full disk and a busy database come out as our own errors."""
    try:
        yield
    except (DatabaseError, OSError, ledger_errors.LedgerError) as error:
        known = error if isinstance(error, ledger_errors.LedgerError) else trouble.typed(error)
        if isinstance(known, ledger_errors.NoRoom):
            raise NoRoom("disk") from None
        if isinstance(known, ledger_errors.Busy):
            raise Busy("database") from None
        if isinstance(known, ledger_errors.LogClosed):
            raise Moved("another server") from None
        raise


__all__ = ["REPORTER", "Receive", "Received", "Submit", "receive", "run", "told_plainly"]

"""Reading what came in. Every look-up stays inside one organisation."""

import json
from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from answerable_protocol.encoding import base64url_encode, id_text, time_text

from answerable.intake import seams
from answerable.intake.errors import NotFound
from answerable.intake.handover import STAYS
from answerable.intake.models import Attachment, Case, Erased, KeysFile, Message, Seat
from answerable.ledger import queries as ledger
from answerable.organisation.models import Organisation
from answerable.promises import queries as clocks
from answerable.promises.queries import PromiseState

__all__ = [
    "Case",
    "KeysFile",
    "attachment_of",
    "authors_of",
    "case_of",
    "closed_for",
    "closed_of",
    "erased_days",
    "leaving",
    "manifest_of",
    "newest_keys",
    "open_of",
    "panel_of",
    "payload_of",
    "promise_json",
    "records_of",
    "seated_case",
    "seats_page",
    "whole",
]


def case_of(organisation: Organisation, case: UUID) -> Case:
    """A case or record of this organisation. Raises NotFound."""
    found = Case.objects.filter(pk=case, organisation=organisation).first()
    if found is None:
        raise NotFound("case")
    return found


def closed_of(organisation: Organisation) -> list[tuple[UUID, datetime]]:
    """Every closed case of this organisation, and when it was closed."""
    closed = Case.objects.filter(organisation=organisation, closed_at__isnull=False)
    rows = closed.order_by("closed_at", "pk").values_list("pk", "closed_at")
    return [(case, at) for case, at in rows if at is not None]


def records_of(organisation: Organisation, *, before: datetime) -> list[tuple[UUID, datetime]]:
    """Every private record that came before then, and when, oldest first."""
    found = Case.objects.filter(organisation=organisation, kind="record", received__lt=before)
    return list(found.order_by("received", "pk").values_list("pk", "received"))


def open_of(organisation: Organisation) -> list[tuple[UUID, datetime]]:
    """Every case that nobody has closed, and when it came, oldest first."""
    found = Case.objects.filter(organisation=organisation, kind="case", closed_at=None)
    return list(found.order_by("received", "pk").values_list("pk", "received"))


def closed_for(person_id: UUID, organisation: Organisation) -> list[tuple[UUID, datetime]]:
    """The closed cases on whose panel somebody is, longest closed first."""
    mine = Seat.objects.filter(STAYS, person_id=person_id, case__organisation=organisation)
    mine = mine.filter(case__closed_at__isnull=False).order_by("case__closed_at", "case_id")
    return [(case, at) for case, at in mine.values_list("case_id", "case__closed_at") if at is not None]


def erased_days(organisation: Organisation) -> list[date]:
    """The day of each case that was erased, oldest first."""
    found = Erased.objects.filter(organisation=organisation).order_by("erased_on")
    return list(found.values_list("erased_on", flat=True))


def manifest_of(organisation_id: UUID, case: UUID) -> bytes | None:
    """The SHA-256 of a case's manifest, None if there is no such case."""
    found = (
        Case.objects.filter(pk=case, organisation_id=organisation_id)
        .values_list("manifest_sha256", flat=True)
        .first()
    )
    return None if found is None else bytes(found)


def attachment_of(organisation_id: UUID, case: UUID, sha256: bytes) -> Attachment:
    """A file that was listed. Raises NotFound."""
    found = Attachment.objects.filter(
        case_id=case, case__organisation_id=organisation_id, sha256=sha256
    ).first()
    if found is None:
        raise NotFound("attachment")
    return found


def payload_of(payload: bytes | memoryview | None) -> dict[str, Any]:
    """The payload of a leaf that the server wrote. Raises NotFound if it was erased."""
    if payload is None:
        raise NotFound("erased")
    found: dict[str, Any] = json.loads(bytes(payload))
    return found


def seated_case(organisation_id: UUID, person_id: UUID, case: UUID) -> Case:
    """The case, if this person is on its panel. Raises NotFound, and never says which was missing."""
    mine = Seat.objects.filter(STAYS, person_id=person_id, case_id=case)
    found = Case.objects.filter(organisation_id=organisation_id, kind="case", pk=case).first()
    if found is None or not mine.exists():
        raise NotFound("case")
    return found


def seats_page(organisation_id: UUID, person_id: UUID, *, after: UUID | None, most: int) -> list[Case]:
    """Up to `most` cases on whose panel this person is, newest seat first, from behind the case `after`."""
    seats = Seat.objects.filter(STAYS, person_id=person_id, case__organisation_id=organisation_id).order_by(
        "-pk"
    )
    if after is not None:
        seats = seats.filter(pk__lt=seats.values_list("pk", flat=True).get(case_id=after))
    wanted = list(seats.values_list("case_id", flat=True)[:most])
    found = Case.objects.in_bulk(wanted)
    return [found[each] for each in wanted if each in found]


def authors_of(cases: Collection[UUID]) -> dict[UUID, list[str]]:
    """Who wrote the messages of each case, in order; cases without messages are left out."""
    found: defaultdict[UUID, list[str]] = defaultdict(list)
    rows = Message.objects.filter(case_id__in=cases).order_by("place").values_list("case_id", "author")
    for case, author in rows:
        found[case].append(author)
    return found


def newest_keys(cases: Collection[UUID]) -> dict[UUID, KeysFile]:
    """The newest keys file of each case."""
    return {each.case_id: each for each in KeysFile.objects.filter(case_id__in=cases).order_by("epoch")}


def panel_of(case: UUID) -> list[UUID]:
    """Who is on the panel now and reads the case."""
    return list(Seat.objects.filter(STAYS, case_id=case).values_list("person_id", flat=True))


def leaving(cases: Collection[UUID]) -> dict[UUID, list[dict[str, str]]]:
    """The seats of these cases that wait for a handover: {person, why, at} by case, none where none does."""
    found: defaultdict[UUID, list[dict[str, str]]] = defaultdict(list)
    for seat in Seat.objects.filter(~STAYS, case_id__in=cases).order_by("pk"):
        at = seat.stepped_down_at or seat.gone_at
        assert at is not None  # noqa: S101 - what STAYS says
        why = "stepped-down" if seat.stepped_down_at else "left"
        found[seat.case_id].append(
            {"person": id_text(seat.person_id.bytes), "why": why, "at": _whole_second(at)}
        )
    return found


def whole(
    case: Case, organisation: Organisation, *, identity: bool, internal: bool, now: datetime
) -> dict[str, Any]:
    """A case as JSON, as both mailbox and console get it.

    `identity`: with the identity file. `internal`: with files of the panel's notes.
    """
    messages = list(Message.objects.filter(case=case).order_by("place"))
    keys = list(KeysFile.objects.filter(case=case).order_by("epoch"))
    receipts = _receipts(case, organisation, messages, keys)
    files = Attachment.objects.filter(case=case).order_by("pk")
    report = base64url_encode(bytes(case.report))
    return {
        "case": id_text(case.pk.bytes),
        "kind": case.kind,
        "manifest": base64url_encode(bytes(case.manifest)),
        "signature": base64url_encode(bytes(case.signature)),
        ("report" if case.kind == "case" else "record"): report,
        "keys": [_keys(each, receipts) for each in keys],
        "identity": base64url_encode(bytes(case.identity))
        if identity and case.identity is not None
        else None,
        "received": time_text(case.received),
        "closed": case.closed_at is not None,
        "kept_until": _kept_until(case, organisation),
        "leaving": leaving([case.pk])[case.pk],
        "promises": [promise_json(each) for each in clocks.for_case(case.pk, now)],
        "attachments": [
            {
                "sha256": base64url_encode(bytes(each.sha256)),
                "size": each.size,
                "received": each.received,
                "done": each.done,
            }
            for each in (files if internal else files.filter(internal=False))
        ],
        "messages": [_message(each, receipts) for each in messages],
        "receipts": list(receipts.values()),
        "events": _events(case, keys),
        "server_time": time_text(now.replace(microsecond=0)),
    }


def _kept_until(case: Case, organisation: Organisation) -> str | None:
    day = seams.kept_until(organisation, case.received) if case.kind == "record" else None
    return day.isoformat() if day else None


def _receipts(
    case: Case, organisation: Organisation, messages: Sequence[Message], keys: Sequence[KeysFile]
) -> dict[int, dict[str, str]]:
    """{type, at, receipt} of every leaf of the case, by its index in the log."""
    times = {case.log_index: case.received}
    for message in messages:
        times |= dict.fromkeys([message.log_index, *message.kept.values()], message.at)
    times |= {each.log_index: each.at for each in keys if each.log_index is not None}
    missed = {each.promise: each.at for each in clocks.events_of(case.pk) if each.type == "missed"}
    entries = ledger.entries_with(organisation.pk, clocks.event_labels(case.pk)) if missed else []
    for entry in entries:
        if entry.type == "promise.missed" and entry.payload is not None:
            times[entry.index] = missed.get(payload_of(entry.payload)["promise"], case.received)
    found = [each for each in ledger.entries_at(organisation.pk, sorted(times)) if each.payload is not None]
    texts = ledger.receipts_for(found)
    return {
        entry.index: {"type": entry.type, "at": _whole_second(times[entry.index]), "receipt": text}
        for entry, text in zip(found, texts, strict=True)
    }


def _whole_second(moment: datetime) -> str:
    return time_text(moment.replace(microsecond=0))


def _keys(each: KeysFile, receipts: dict[int, dict[str, str]]) -> dict[str, Any]:
    return {
        "epoch": each.epoch,
        "panel": each.panel,
        "file": base64url_encode(bytes(each.file)),
        "author": each.author,
        "signature": base64url_encode(bytes(each.signature)) if each.signature is not None else None,
        "receipt": receipts[each.log_index]["receipt"] if each.log_index in receipts else None,
        "at": _whole_second(each.at),
    }


def _message(each: Message, receipts: dict[int, dict[str, str]]) -> dict[str, Any]:
    return {
        "author": each.author,
        "kind": each.kind,
        "promises": each.promises,
        "n": each.n,
        "prev": base64url_encode(bytes(each.prev)),
        "file": base64url_encode(bytes(each.file)),
        "sha256": base64url_encode(bytes(each.sha256)),
        "attachments": each.attachments,
        "signature": base64url_encode(bytes(each.signature)),
        "at": _whole_second(each.at),
        "receipt": receipts[each.log_index]["receipt"] if each.log_index in receipts else None,
    }


def promise_json(each: PromiseState) -> dict[str, Any]:
    """A promise as the API gives it."""
    return {
        "id": each.id,
        "rule": each.rule,
        "due": time_text(each.due),
        "title": dict(each.title),
        "text": dict(each.text),
        "law": each.law,
        "keeps": list(each.keeps),
        "state": each.state,
        "kept_at": _whole_second(each.kept_at) if each.kept_at else None,
        "missed_at": _whole_second(each.missed_at) if each.missed_at else None,
        "rung": each.rung,
        "note": dict(each.note) if each.note else None,
    }


def _events(case: Case, keys: Sequence[KeysFile]) -> list[dict[str, Any]]:
    found = [(each.at, each.type, each.promise, each.rung) for each in clocks.events_of(case.pk)]
    found += [(each.at, "panel", None, None) for each in keys if each.epoch]  # type: ignore[misc]
    if case.closed_at is not None:
        found.append((case.closed_at, "closed", None, None))  # type: ignore[arg-type]
    return [
        {"type": kind, "at": _whole_second(at), "promise": promise, "rung": rung}
        for at, kind, promise, rung in sorted(found, key=lambda each: each[0])
    ]

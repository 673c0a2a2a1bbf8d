"""Messages of a case, and changes of its panel: signed by their author, written in batches, each a leaf of the log.

Two authors may write at once: each counts their own messages, so neither is refused for the other's sake, and both are shown.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from answerable_protocol import panel as panels
from answerable_protocol import sealed
from answerable_protocol.encoding import (
    base64url_decode,
    base64url_encode,
    canonical,
    id_bytes,
    id_text,
    sha256,
)
from answerable_protocol.errors import ProtocolError
from answerable_protocol.manifest import Attachment as Listed

from answerable.intake import rules
from answerable.intake.errors import (
    AlreadyOther,
    BadMessage,
    BadSignature,
    Closed,
    Conflict,
    NotFound,
    NotInRoster,
    WrongKind,
)
from answerable.intake.handover import STAYS
from answerable.intake.models import Attachment, Case, KeysFile, Message, Seat
from answerable.intake.receiving import REPORTER, Submit, run
from answerable.intake.rules import CheckedMessage
from answerable.ledger import queries as ledger
from answerable.ledger import sequencer
from answerable.ledger.actions import NewLeaf
from answerable.notices import actions as notices
from answerable.organisation import queries as organisations
from answerable.organisation.models import Organisation, Person
from answerable.promises import actions as promises
from answerable.promises import queries as clocks
from answerable.roster import queries as rosters


@dataclass(frozen=True, slots=True)
class Sent:
    """What an author gets: the message's receipt, its time as shown, and the receipts of the promises it keeps."""

    receipt: str
    at: datetime
    kept: dict[str, str]


class Send(sequencer.Work):
    """One message on its way. `labels`: for each promise that it keeps, the kept-label that only the panel can make."""

    def __init__(
        self, organisation: Organisation, case: UUID, checked: CheckedMessage, labels: Mapping[str, bytes]
    ) -> None:
        super().__init__(organisation.pk)
        self.organisation, self.case, self.checked, self.labels = organisation, case, checked, labels

    def begin(self) -> None:
        super().begin()
        self.again: Message | None = None
        self.message: Message | None = None

    @classmethod
    def write(cls, batch: Sequence[Self], now: datetime) -> None:
        cases = _locked([each.case for each in batch])
        for each in batch:
            case = cases.get((each.organisation_id, each.case))
            if case is None:
                each.refuse(NotFound("case"))
            else:
                _write(each, case, now)

    @classmethod
    def written(cls, batch: Sequence[Self]) -> None:
        for each in batch:
            if each.entries:
                _written(each)


def _locked(ids: Sequence[UUID]) -> dict[tuple[UUID, UUID], Case]:
    """The cases of a batch, by organisation and id; locked in one order, since other processes write messages too."""
    rows = Case.objects.select_for_update().filter(pk__in=set(ids), kind="case").order_by("pk")
    return {(each.organisation_id, each.pk): each for each in rows.defer("report", "identity", "manifest")}


def _write(each: Send, case: Case, now: datetime) -> None:
    """Check one message against what is there, then store it; its log index follows in `written`."""
    header = each.checked.header
    mine = Message.objects.filter(case=case, author=header.author)
    before = mine.filter(n=header.n).first()
    if before is not None:
        if bytes(before.sha256) == header.sealed and bytes(before.signature) == each.checked.signature:
            each.again = before
        else:
            each.refuse(AlreadyOther("message"))
        return
    try:
        if header.n != mine.count():
            raise Conflict("the number does not follow")
        _check_author(case, header.author)
        _check_promises(each, case)
        if header.kind == "close":
            _close(case, now)
    except (BadMessage, Closed, Conflict, NotFound, WrongKind) as error:
        each.refuse(error)
        return
    for promise in header.promises:
        promises.keep(each.organisation, case.pk, promise, now)
    each.message = _store(each, case, now)
    each.leaves = [
        NewLeaf("message", _payload(each), promises.next_label(case.pk)),
        *(
            NewLeaf("promise.kept", _payload(each, promise), each.labels[promise])
            for promise in header.promises
        ),
    ]


def _check_author(case: Case, author: str) -> None:
    """A handler writes only while on the panel. Whoever is not finds no case at all."""
    if (
        author != REPORTER
        and not Seat.objects.filter(STAYS, case=case, person_id=UUID(bytes=id_bytes(author))).exists()
    ):
        raise NotFound("case")


def _check_promises(each: Send, case: Case) -> None:
    header, labels = each.checked.header, each.labels
    if set(labels) != set(header.promises) or len(set(labels.values())) != len(labels):
        raise BadMessage("one label for each promise kept")
    states = {state.id: state for state in clocks.for_case(case.pk)} if header.promises else {}
    for promise in header.promises:
        if promise not in states:
            raise BadMessage("no such promise in this case")
        if header.kind not in states[promise].keeps:
            raise WrongKind("this kind does not keep that promise")
        if states[promise].kept_at is not None:
            raise Conflict("kept before")
    # Somebody of the panel may have spent another promise's label: a junk leaf must not block a valid answer, and
    # what keeps a promise is the signed message, whatever the label of its leaf (PROTOCOLS 5, "kept file").
    spent = {
        bytes(entry.label or b"")
        for entry in ledger.entries_with(each.organisation_id, list(labels.values()))
    }
    each.labels = {promise: os.urandom(32) if label in spent else label for promise, label in labels.items()}


def _close(case: Case, now: datetime) -> None:
    if not Case.objects.filter(pk=case.pk, closed_at=None).update(closed_at=now.replace(microsecond=0)):
        raise Closed("case")


def _store(each: Send, case: Case, now: datetime) -> Message:
    header = each.checked.header
    place = Case.objects.values_list("next_place", flat=True).get(pk=case.pk)
    Case.objects.filter(pk=case.pk).update(next_place=place + 1)
    made = Message.objects.create(
        case=case,
        place=place,
        author=header.author,
        kind=header.kind,
        promises=list(header.promises),
        n=header.n,
        prev=header.prev,
        file=each.checked.file,
        sha256=header.sealed,
        attachments=rules.attachment_rows(each.checked.attachments),
        signature=each.checked.signature,
        log_index=0,
        at=rules.hour(now) if header.author == REPORTER else now.replace(microsecond=0),
    )
    list_attachments(case.pk, each.checked.attachments)
    return made


def list_attachments(case: UUID, listed: Sequence[Listed], *, internal: bool = False) -> None:
    """Let these files be uploaded to the case. One that was listed before stays as it is."""
    Attachment.objects.bulk_create(
        [Attachment(case_id=case, sha256=one.sha256, size=one.size, internal=internal) for one in listed],
        ignore_conflicts=True,
    )


def _payload(each: Send, promise: str | None = None) -> bytes:
    """The signed message as the log commits to it; for `promise.kept` with the promise it keeps (PROTOCOLS 5)."""
    header = each.checked.header
    found = {
        "author": header.author,
        "case": id_text(header.case),
        "kind": header.kind,
        "n": header.n,
        "prev": base64url_encode(header.prev),
        "promises": list(header.promises),
        "reply": base64url_encode(header.sealed),
        "sig": base64url_encode(each.checked.signature),
    }
    return canonical(found if promise is None else {**found, "promise": promise})


def _written(each: Send) -> None:
    kept = {
        promise: entry.index
        for promise, entry in zip(each.checked.header.promises, each.entries[1:], strict=True)
    }
    message = each.message
    assert message is not None  # noqa: S101 - entries come only to what was stored
    message.log_index, message.kept = each.entries[0].index, kept
    message.save(update_fields=["log_index", "kept"])


def send(
    organisation: Organisation,
    case: UUID,
    author: str,
    body: Mapping[str, Any],
    *,
    public: bytes,
    submit: Submit = sequencer.submit,
) -> Sent:
    """Take a message of `author` ("reporter" or a handler's id), whose key is `public`. Raises an IntakeError.

    A handler's body also has `kept`: [{promise, label}].
    """
    checked = rules.check_message(body, org=organisation.slug, case=case, author=author, public=public)
    done = run(Send(organisation, case, checked, _labels(body)), submit)
    if done.again is not None:
        return _sent_before(organisation, done.again)
    assert done.message is not None  # noqa: S101 - not refused, not a repetition
    kept = dict(zip(checked.header.promises, done.receipts[1:], strict=True))
    return Sent(done.receipts[0], done.message.at, kept)


def _labels(body: Mapping[str, Any]) -> dict[str, bytes]:
    given = body.get("kept", [])
    try:
        found = {each["promise"]: base64url_decode(each["label"], 32) for each in given}
    except (ProtocolError, AttributeError, KeyError, TypeError):
        raise BadMessage("kept") from None
    if len(found) != len(given):
        raise BadMessage("a promise stands twice")
    return found


def _sent_before(organisation: Organisation, message: Message) -> Sent:
    indexes = [message.log_index, *message.kept.values()]
    entries = {entry.index: entry for entry in ledger.entries_at(organisation.pk, indexes)}
    receipts = ledger.receipts_for([entries[index] for index in indexes])
    return Sent(receipts[0], message.at, dict(zip(message.kept, receipts[1:], strict=True)))


class ChangePanel(sequencer.Work):
    """A new keys file for a new panel, signed by somebody on the present one."""

    def __init__(
        self,
        organisation: Organisation,
        case: UUID,
        change: panels.PanelChange,
        file: bytes,
        author: str,
        signature: bytes,
    ) -> None:
        super().__init__(organisation.pk)
        self.organisation, self.case, self.change, self.file = organisation, case, change, file
        self.author, self.signature = author, signature

    def begin(self) -> None:
        super().begin()
        self.again: KeysFile | None = None
        self.at: datetime | None = None

    @classmethod
    def write(cls, batch: Sequence[Self], now: datetime) -> None:
        cases = _locked([each.case for each in batch])
        for each in batch:
            case = cases.get((each.organisation_id, each.case))
            try:
                if case is None:
                    raise NotFound("case")
                _change(each, case, now)
            except (AlreadyOther, Conflict, NotFound, NotInRoster) as error:
                each.refuse(error)

    @classmethod
    def written(cls, batch: Sequence[Self]) -> None:
        for each in batch:
            if each.entries:
                KeysFile.objects.filter(case_id=each.case, epoch=each.change.epoch).update(
                    log_index=each.entries[0].index
                )


def _change(each: ChangePanel, case: Case, now: datetime) -> None:
    _check_author(case, each.author)
    epoch = each.change.epoch
    before = KeysFile.objects.filter(case=case, epoch=epoch).first()
    if before is not None and bytes(before.file) == each.file and before.author == each.author:
        each.again = before
        return
    panel = sorted(each.change.panel)
    people = [UUID(bytes=id_bytes(one)) for one in panel]
    if len(organisations.may_read(people)) < len(people):
        raise NotInRoster("somebody who has left")
    if Seat.objects.filter(case=case, person_id__in=people).exclude(stepped_down_at=None).exists():
        raise Conflict("somebody on it has stepped down meanwhile")
    if not Case.objects.filter(pk=case.pk, keys_epoch=epoch - 1).update(keys_epoch=epoch):
        raise Conflict("another change was made before this one")
    each.at = now.replace(microsecond=0)
    KeysFile.objects.create(
        case=case,
        epoch=epoch,
        panel=panel,
        file=each.file,
        author=each.author,
        signature=each.signature,
        at=each.at,
    )
    Seat.objects.filter(case=case).exclude(person_id__in=people).delete()
    seated = set(Seat.objects.filter(case=case).values_list("person_id", flat=True))
    joined = [one for one in people if one not in seated]
    Seat.objects.bulk_create([Seat(case=case, person_id=one, at=case.received) for one in joined])
    promises.set_panel(case.pk, people, now)
    notices.post(
        each.organisation, joined, kind="new-report", event=f"case:{id_text(case.pk.bytes)}:{epoch}", now=now
    )
    payload = {
        "author": each.author,
        "case": id_text(case.pk.bytes),
        "epoch": epoch,
        "keys": base64url_encode(each.change.keys),
        "panel": panel,
        "sig": base64url_encode(each.signature),
    }
    each.leaves = [NewLeaf("panel.changed", canonical(payload), promises.next_label(case.pk))]


def change_panel(
    organisation: Organisation,
    case: UUID,
    author: Person,
    body: Mapping[str, Any],
    *,
    submit: Submit = sequencer.submit,
) -> Sent:
    """Replace the panel of a case by body {panel, epoch, file, signature}. Raises an IntakeError.

    Every name on the new panel has a key on the newest roster; the file is sealed to as many, and to the reporter. Whether
    to the right ones, and to nobody whom the reporter excluded, only the browsers can see: theirs refuse it.
    """
    author_id = id_text(author.pk.bytes)
    known = rosters.current(organisation.pk)
    if known is None or author_id not in known.sign:
        raise NotInRoster("author")
    file = rules.binary(body, "file", rules.MOST_KEYS, BadMessage)
    signature = rules.binary(body, "signature", 64, BadSignature)
    try:
        change = panels.PanelChange(organisation.slug, case.bytes, body["panel"], body["epoch"], sha256(file))
    except (ProtocolError, AttributeError, KeyError, TypeError):
        raise BadMessage("unreadable") from None
    if change.epoch < 1:
        raise BadMessage("epoch")
    if not known.keyed.issuperset(change.panel):
        raise NotInRoster("panel")
    try:
        panels.verify(change, signature, known.sign[author_id])
        sealed.check(file, "keys", len(change.panel) + 1)
    except ProtocolError as error:
        raise rules.refusal_of(error) from None
    done = run(ChangePanel(organisation, case, change, file, author_id, signature), submit)
    if done.again is not None:
        [entry] = ledger.entries_at(organisation.pk, [done.again.log_index or 0])
        return Sent(ledger.receipt(entry), done.again.at, {})
    assert done.at is not None  # noqa: S101 - not refused, not a repetition
    return Sent(done.receipts[0], done.at, {})

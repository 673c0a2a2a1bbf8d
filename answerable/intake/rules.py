"""What is taken and what is refused (PROTOCOLS 2.6 and 2.7), on plain values."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol
from uuid import UUID

from answerable_protocol import ed25519, manifest, message, sealed
from answerable_protocol.encoding import base64url_decode, base64url_encode, id_bytes, sha256
from answerable_protocol.errors import (
    BadEnvelope as ProtocolBadEnvelope,
)
from answerable_protocol.errors import (
    BadSize as ProtocolBadSize,
)
from answerable_protocol.errors import InvalidSignature, ProtocolError

from answerable.intake.errors import (
    BadEnvelope,
    BadManifest,
    BadMessage,
    BadSignature,
    BadSize,
    IntakeError,
    NotFound,
    NotInRoster,
    WrongOrganisation,
)

KIB: Final = 1024
MIB: Final = KIB * KIB
MOST_REPORT: Final = MIB
MOST_KEYS: Final = 64 * KIB
MOST_MESSAGE: Final = 300 * KIB
MOST_ATTACHMENT: Final = 512 * MIB
MOST_ATTACHMENTS: Final = 20
CHUNK: Final = MIB
MOST_BODY: Final = 2 * MIB  # of a submission, as JSON
LIMITS: Final = {
    "report": MOST_REPORT,
    "attachment": MOST_ATTACHMENT,
    "attachments": MOST_ATTACHMENTS,
    "chunk": CHUNK,
}


class Known(Protocol):
    """What a check asks of a roster: the ids of all, of those with a key, and of the external members."""

    @property
    def everyone(self) -> frozenset[str]: ...
    @property
    def keyed(self) -> frozenset[str]: ...
    @property
    def externals(self) -> frozenset[str]: ...


@dataclass(frozen=True, slots=True)
class CheckedMessage:
    """A message whose signature and envelope were checked."""

    header: message.Header
    file: bytes
    signature: bytes
    attachments: tuple[manifest.Attachment, ...]


@dataclass(slots=True)
class Checked:
    """A submission that may be stored. `keys` and `roster` are empty for a private record."""

    case: UUID
    kind: str
    manifest: manifest.Manifest | manifest.RecordManifest
    manifest_sha256: bytes
    signature: bytes
    event_key: bytes
    report: bytes
    keys: bytes
    identity: bytes | None

    @property
    def roster(self) -> bytes:
        """The SHA-256 of the roster it was made with."""
        return self.manifest.roster if isinstance(self.manifest, manifest.Manifest) else b""


def case_id(text: str) -> UUID:
    """The case of an address. Raises NotFound."""
    try:
        return UUID(bytes=id_bytes(text))
    except ProtocolError:
        raise NotFound("no case id") from None


def hash_of(text: str) -> bytes:
    """The hash of an address. Raises NotFound."""
    try:
        return base64url_decode(text, 32)
    except ProtocolError:
        raise NotFound("no hash") from None


def hour(moment: datetime) -> datetime:
    """As much of a reporter's time as rows keep (PROTOCOLS 2.11)."""
    return moment.replace(minute=0, second=0, microsecond=0)


def binary(body: Mapping[str, Any], name: str, most: int, error: type[IntakeError] = BadManifest) -> bytes:
    """The bytes of a base64url member; raises `error`, or BadSize if they are more than `most`."""
    text = body.get(name)
    if not isinstance(text, str):
        raise error(f"{name} is missing")
    if len(text) > -(-most * 4 // 3):
        raise BadSize(f"{name} is too large")
    try:
        return base64url_decode(text)
    except ProtocolError:
        raise error(f"{name} is not base64url") from None


def _signed_parts(body: Mapping[str, Any]) -> tuple[bytes, bytes, bytes]:
    data = binary(body, "manifest", manifest.LONGEST)
    signature = binary(body, "signature", 64, BadSignature)
    event_key = binary(body, "event_key", 32)
    if len(event_key) != 32:
        raise BadManifest("event_key has not 32 bytes")
    return data, signature, event_key


def _check_place(found: manifest.Manifest | manifest.RecordManifest, org: str, case: UUID) -> None:
    if found.org != org:
        raise WrongOrganisation("the manifest is for another organisation")
    if id_bytes(found.case) != case.bytes:
        raise BadManifest("the manifest is of another case")


def check_attachments(listed: Sequence[manifest.Attachment]) -> None:
    """Raises BadSize unless each listed file has a size that a file sealed to one recipient can have."""
    if len(listed) > MOST_ATTACHMENTS:
        raise BadSize("too many attachments")
    head = sealed.header_length(1)
    for each in listed:
        try:
            fits = each.size <= MOST_ATTACHMENT and sealed.is_size(
                "attachment", sealed.plaintext_size(each.size - head)
            )
        except ProtocolBadEnvelope:
            fits = False
        if not fits:
            raise BadSize("an attachment has a size that is not allowed")


def check_report(
    body: Mapping[str, Any], *, org: str, case: UUID, readers: Callable[[bytes], Known]
) -> Checked:
    """The submission in `body`, if all that PROTOCOLS 2.6 asks for holds. `readers` finds a roster by its hash.

    Raises an IntakeError that says what does not.
    """
    data, signature, event_key = _signed_parts(body)
    try:
        found = manifest.parse(data)
        _check_place(found, org, case)
        ed25519.verify(found.case_pub, signature, manifest.signing_bytes(data))
    except InvalidSignature:
        raise BadSignature("manifest") from None
    except ProtocolError:
        raise BadManifest("unreadable") from None
    known = readers(found.roster)
    if not (
        known.keyed.issuperset(found.panel) and all(known.everyone.issuperset(rung) for rung in found.reach)
    ):
        raise NotInRoster("panel or reach")
    check_attachments(found.attachments)
    report, keys = binary(body, "report", MOST_REPORT), binary(body, "keys", MOST_KEYS)
    identity = binary(body, "identity", MOST_REPORT) if body.get("identity") is not None else None
    try:
        manifest.check_files(found, report=report, keys=keys, identity=identity, externals=known.externals)
    except ProtocolError as error:
        raise refusal_of(error) from None
    return Checked(case, "case", found, sha256(data), signature, event_key, report, keys, identity)


def check_record(body: Mapping[str, Any], *, org: str, case: UUID) -> Checked:
    """The private record in `body`, as `check_report`."""
    data, signature, event_key = _signed_parts(body)
    try:
        found = manifest.parse_record(data)
        _check_place(found, org, case)
        ed25519.verify(found.case_pub, signature, manifest.signing_bytes(data))
    except InvalidSignature:
        raise BadSignature("manifest") from None
    except ProtocolError:
        raise BadManifest("unreadable") from None
    check_attachments(found.attachments)
    record = binary(body, "record", MOST_REPORT)
    try:
        manifest.check_record(found, record)
    except ProtocolError as error:
        raise refusal_of(error) from None
    return Checked(case, "record", found, sha256(data), signature, event_key, record, b"", None)


def refusal_of(error: ProtocolError) -> IntakeError:
    """Our error for what the protocol says of a file."""
    if isinstance(error, ProtocolBadSize):
        return BadSize("a file")
    if isinstance(error, ProtocolBadEnvelope):
        return BadEnvelope("a file")
    if isinstance(error, InvalidSignature):
        return BadSignature("a signature")
    return BadManifest("a file is not the one that the manifest names")


def check_message(
    body: Mapping[str, Any], *, org: str, case: UUID, author: str, public: bytes
) -> "CheckedMessage":
    """The message in `body`, if `public` signed it and it is sealed to the case alone. Raises an IntakeError."""
    file = binary(body, "file", MOST_MESSAGE, BadMessage)
    signature = binary(body, "signature", 64, BadSignature)
    if not isinstance(body.get("promises"), list):
        raise BadMessage("promises")
    try:
        header = message.Header(
            org=org,
            case=case.bytes,
            author=author,
            kind=body["kind"],
            promises=tuple(body["promises"]),
            n=body["n"],
            prev=base64url_decode(body["prev"]),
            sealed=sha256(file),
        )
    except (ProtocolError, AttributeError, KeyError, TypeError):
        raise BadMessage("unreadable") from None
    if author == message.REPORTER and (header.promises or header.kind != "text"):
        raise BadMessage("a reporter's message keeps no promise")
    try:
        message.verify(header, signature, public)
        sealed.check(file, "message", 1)
    except ProtocolError as error:
        raise refusal_of(error) from None
    return CheckedMessage(header, file, signature, listed_attachments(body.get("attachments")))


def attachment_rows(listed: Sequence[manifest.Attachment]) -> list[dict[str, Any]]:
    """Listed attachments as rows and JSON have them: [{sha256, size}]."""
    return [{"sha256": base64url_encode(each.sha256), "size": each.size} for each in listed]


def listed_attachments(given: Any) -> tuple[manifest.Attachment, ...]:
    """The attachments that a message or note lists as [{sha256, size}]. Raises BadMessage or BadSize."""
    try:
        found = tuple(
            [manifest.Attachment(base64url_decode(each["sha256"], 32), each["size"]) for each in given]
        )
    except (ProtocolError, AttributeError, KeyError, TypeError):
        raise BadMessage("attachments") from None
    if any(not isinstance(each.size, int) or isinstance(each.size, bool) or each.size < 0 for each in found):
        raise BadMessage("attachments")
    if len({each.sha256 for each in found}) != len(found):
        raise BadMessage("an attachment stands twice")
    check_attachments(found)
    return found

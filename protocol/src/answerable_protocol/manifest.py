"""Manifests (spec/manifest.md): the signed list of what a reporter sends, and for whom it is.

A manifest is JSON; its signature, by the case's own key, is over
lp("answerable/v1/manifest") || lp(SHA-256(the bytes received)). Members not listed here are ignored.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

from answerable_protocol import ed25519, fields, sealed
from answerable_protocol.encoding import (
    ID_BYTES,
    base64url_encode,
    canonical,
    id_text,
    lp,
    parse_object,
    sha256,
)
from answerable_protocol.errors import NotProven, Unreadable

__all__ = [
    "LONGEST",
    "MOST_PANEL",
    "Attachment",
    "Manifest",
    "RecordManifest",
    "build",
    "check_files",
    "check_record",
    "parse",
    "parse_record",
    "signing_bytes",
    "verify",
    "verify_record",
]

MOST_PANEL: Final = 12
MOST_ATTACHMENTS: Final = 200
RUNGS: Final = 3
LONGEST: Final = 65_535
_JURISDICTION = re.compile(r"[A-Z]{2}(?:-[A-Z0-9]{1,3})?")
_URGENCY = re.compile(r"now|soon")


@dataclass(frozen=True, slots=True)
class Attachment:
    """A sealed file that comes later: its SHA-256 and its length in bytes."""

    sha256: bytes
    size: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """A report's manifest. Ids are their 22 characters; hashes and keys are bytes.

    `panel` is sorted; `reach` has one list of up to two ids for each of three rungs, nobody in two of them.
    `data` are the bytes that were signed.
    """

    org: str
    case: str
    case_pub: bytes
    roster: bytes
    panel: tuple[str, ...]
    reach: tuple[tuple[str, ...], ...]
    report: bytes
    keys: bytes
    identity: bytes | None
    attachments: tuple[Attachment, ...]
    log_key: bytes
    jurisdiction: str | None
    urgency: str | None
    start_rung: int
    data: bytes


@dataclass(frozen=True, slots=True)
class RecordManifest:
    """The manifest of a private dated record, sealed to its writer alone."""

    org: str
    case: str
    case_pub: bytes
    record: bytes
    attachments: tuple[Attachment, ...]
    log_key: bytes
    data: bytes


def _attachments(members: dict[str, Any]) -> tuple[Attachment, ...]:
    found = []
    for each in fields.listing(members, "attachments", MOST_ATTACHMENTS):
        if not isinstance(each, dict):
            raise Unreadable("an attachment in a manifest is not an object")
        found.append(
            Attachment(fields.binary(each, "sha256", 32), fields.count(each, "size", sealed.LARGEST))
        )
    if len({each.sha256 for each in found}) != len(found):
        raise Unreadable("an attachment stands twice in a manifest")
    return tuple(found)


def _panel(members: dict[str, Any]) -> tuple[str, ...]:
    panel = fields.identifiers(fields.member(members, "panel"), "panel", MOST_PANEL)
    if not panel or list(panel) != sorted(panel):
        raise Unreadable("the panel is empty or not sorted")
    return panel


def _reach(members: dict[str, Any]) -> tuple[tuple[str, ...], ...]:
    rungs = fields.listing(members, "reach", RUNGS)
    if len(rungs) != RUNGS:
        raise Unreadable(f"reach does not have {RUNGS} rungs")
    reach = tuple([fields.identifiers(rung, "reach", 2) for rung in rungs])
    everyone = [each for rung in reach for each in rung]
    if len(set(everyone)) != len(everyone):
        raise Unreadable("somebody stands on two rungs of reach")
    return reach


def _members(data: bytes) -> dict[str, Any]:
    if len(data) > LONGEST:
        raise Unreadable("a manifest is at most 65,535 bytes long")
    members = parse_object(data)
    fields.version(members)
    return members


def parse(data: bytes) -> Manifest:
    """The manifest in these bytes. Raises Unreadable. The signature is not looked at: see `verify`."""
    members = _members(data)
    return Manifest(
        org=fields.organisation(members),
        case=fields.identifier(members, "case"),
        case_pub=fields.binary(members, "case_pub", 32),
        roster=fields.binary(members, "roster", 32),
        panel=_panel(members),
        reach=_reach(members),
        report=fields.binary(members, "report", 32),
        keys=fields.binary(members, "keys", 32),
        identity=fields.hash_or_none(members, "identity"),
        attachments=_attachments(members),
        log_key=fields.binary(members, "log_key", 32),
        jurisdiction=fields.optional_text(members, "jurisdiction", _JURISDICTION),
        urgency=fields.optional_text(members, "urgency", _URGENCY),
        start_rung=fields.count(members, "start_rung", RUNGS),
        data=data,
    )


def parse_record(data: bytes) -> RecordManifest:
    """The manifest of a private record in these bytes. Raises Unreadable."""
    members = _members(data)
    return RecordManifest(
        org=fields.organisation(members),
        case=fields.identifier(members, "case"),
        case_pub=fields.binary(members, "case_pub", 32),
        record=fields.binary(members, "record", 32),
        attachments=_attachments(members),
        log_key=fields.binary(members, "log_key", 32),
        data=data,
    )


def signing_bytes(data: bytes) -> bytes:
    """What the case's key signs for a manifest of these bytes."""
    return lp("answerable/v1/manifest") + lp(sha256(data))


def verify(data: bytes, signature: bytes) -> Manifest:
    """The manifest, if its own case key signed it. Raises Unreadable or InvalidSignature."""
    manifest = parse(data)
    ed25519.verify(manifest.case_pub, signature, signing_bytes(data))
    return manifest


def verify_record(data: bytes, signature: bytes) -> RecordManifest:
    """The manifest of a private record, if its own case key signed it. Raises Unreadable or InvalidSignature."""
    manifest = parse_record(data)
    ed25519.verify(manifest.case_pub, signature, signing_bytes(data))
    return manifest


def _check_file(data: bytes | None, expected: bytes | None, purpose: str, recipients: int) -> None:
    if (data is None) != (expected is None):
        raise NotProven(f"the {purpose} file is not what the manifest says")
    if data is None:
        return
    if sha256(data) != expected:
        raise NotProven(f"the {purpose} file is not the one that the manifest names")
    sealed.check(data, purpose, recipients)


def check_files(
    manifest: Manifest, *, report: bytes, keys: bytes, identity: bytes | None, externals: Collection[str]
) -> Manifest:
    """`manifest`, if these are its files, each sealed to the right number of recipients at an allowed size.

    `externals` are the ids of the roster's external members. Raises NotProven if a file is another one, or an identity
    file comes without an external member on the panel; BadEnvelope or BadSize as `sealed.check` does.
    """
    outside = sum(each in externals for each in manifest.panel)
    if identity is not None and not outside:
        raise NotProven("a confidential report needs an external member on its panel")
    _check_file(report, manifest.report, "report", 1)
    _check_file(keys, manifest.keys, "keys", len(manifest.panel) + 1)
    _check_file(identity, manifest.identity, "identity", outside + 1)
    return manifest


def check_record(manifest: RecordManifest, record: bytes) -> RecordManifest:
    """`manifest`, if this is its file, sealed to one recipient at an allowed size. Raises as `check_files`."""
    _check_file(record, manifest.record, "record", 1)
    return manifest


def build(
    *,
    org: str,
    case: bytes,
    case_pub: bytes,
    roster: bytes,
    panel: Collection[bytes],
    reach: Collection[Collection[bytes]],
    report: bytes,
    keys: bytes,
    log_key: bytes,
    identity: bytes | None = None,
    attachments: Collection[Attachment] = (),
    jurisdiction: str | None = None,
    urgency: str | None = None,
    start_rung: int = 0,
) -> bytes:
    """The bytes of a manifest: ids as 16 bytes, files and roster as their SHA-256. Raises Unreadable as `parse`."""
    if len(case) != ID_BYTES:
        raise Unreadable("a case id has 16 bytes")
    data = canonical(
        {
            "v": 1,
            "org": org,
            "case": id_text(case),
            "case_pub": base64url_encode(case_pub),
            "roster": base64url_encode(roster),
            "panel": sorted(id_text(each) for each in panel),
            "reach": [[id_text(each) for each in rung] for rung in reach],
            "report": base64url_encode(report),
            "keys": base64url_encode(keys),
            "identity": None if identity is None else base64url_encode(identity),
            "attachments": [
                {"sha256": base64url_encode(each.sha256), "size": each.size} for each in attachments
            ],
            "log_key": base64url_encode(log_key),
            "jurisdiction": jurisdiction,
            "urgency": urgency,
            "start_rung": start_rung,
        }
    )
    parse(data)
    return data

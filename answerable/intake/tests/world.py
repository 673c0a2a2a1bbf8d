"""Makes what browsers make, without a browser and without Django: structurally valid sealed files, manifests, signatures, messages.

The server can't open a sealed file, so random bytes of the right lengths stand for the encrypted parts. Everything signed is really
signed, with throw-away keys. Used by tests and by `bench/`.

    reporter = Reporter("tidewick")
    body = reporter.report(roster=roster, panel=[...], reach=[[...], [...], [...]])
    PUT /api/v1/orgs/tidewick/cases/{reporter.case_text}  body | {"pow": solve(challenge)}
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from answerable_protocol import leaf, login, manifest, message, panel, recipient, roster, sealed
from answerable_protocol import pow as proof_of_work
from answerable_protocol.ed25519 import Signer
from answerable_protocol.encoding import (
    base64_encode,
    base64url_decode,
    base64url_encode,
    id_bytes,
    id_text,
    sha256,
)

b64 = base64url_encode


def envelope(purpose: str, recipients: int, length: int = 1000) -> bytes:
    """A canonical age file for so many hybrid recipients, as long as one over a payload of `length` bytes."""
    lines = ["age-encryption.org/v1"]
    for _ in range(recipients):
        lines += [f"-> mlkem768x25519 {_bare(1120)}", _bare(32)]
    head = "\n".join([*lines, f"--- {_bare(32)}\n"]).encode()
    total = sealed.file_size(sealed.padded_size(purpose, length), recipients)
    return head + os.urandom(total - len(head))


def _bare(length: int) -> str:
    return base64_encode(os.urandom(length)).rstrip("=")


def solve(challenge: Mapping[str, Any]) -> dict[str, Any]:
    """The `pow` of a body, for a challenge as the API gives it."""
    text = challenge["challenge"]
    return {"challenge": text, "counter": proof_of_work.solve(base64url_decode(text), challenge["bits"])}


@dataclass
class Handler:
    """Somebody on a roster, with keys. `case_keys` of the cases they opened would be here, were anything really sealed."""

    id: str
    role: str = "handler"
    name: Mapping[str, str] = field(default_factory=lambda: {"en": "Somebody", "zh": "某人"})
    duty: Mapping[str, str] = field(default_factory=lambda: {"en": "Duty", "zh": "职务"})
    languages: tuple[str, ...] = ("en", "zh")
    signer: Signer = field(default_factory=lambda: Signer(os.urandom(32)))
    recipient: str = field(default_factory=lambda: recipient.encode(os.urandom(1216)))

    @property
    def sign(self) -> str:
        """The public signing key as JSON has it."""
        return b64(self.signer.public)

    def member(self) -> roster.Member:
        """Their line on the roster."""
        keyless = self.role == "overseer"
        return roster.Member(
            id=self.id,
            name=self.name,
            duty=self.duty,
            languages=self.languages,
            role=self.role,
            recipient=None if keyless else self.recipient,
            sign=None if keyless else self.signer.public,
            since=date(2026, 11, 1),
        )

    def sign_roster(self, text: str, origin: str) -> str:
        """Their signature line."""
        return roster.sign(text, origin, self.id, self.signer)

    def message(self, org: str, case: str, **parts: Any) -> dict[str, Any]:
        """The body of a message of theirs: see `signed_message`; `kept` maps promises to the case's log key."""
        return signed_message(org, case, self.id, self.signer, **parts)

    def panel_change(self, org: str, case: str, people: Sequence[str], epoch: int) -> dict[str, Any]:
        """The body of a panel change."""
        file = envelope("keys", len(people) + 1)
        change = panel.PanelChange(org, id_bytes(case), people, epoch, sha256(file))
        signature = self.signer.sign(panel.signing_bytes(change))
        return {"panel": sorted(people), "epoch": epoch, "file": b64(file), "signature": b64(signature)}


def signed_roster(
    org: str,
    origin: str,
    people: Sequence[Handler],
    *,
    number: int = 0,
    previous: bytes | None = None,
    by: Sequence[Handler] = (),
) -> str:
    """A roster's note, signed by `by`, or by everyone with a key."""
    text = roster.text(org, number, previous, [each.member() for each in people])
    signers = by or [each for each in people if each.role != "overseer"]
    return roster.assemble(text, [each.sign_roster(text, origin) for each in signers]).decode()


def signed_message(
    org: str,
    case: str,
    author: str,
    signer: Signer,
    *,
    kind: str = "text",
    promises: Sequence[str] = (),
    n: int = 0,
    prev: bytes = b"",
    file: bytes | None = None,
    attachments: Sequence[Mapping[str, Any]] = (),
    kept: Mapping[str, bytes] | None = None,
) -> dict[str, Any]:
    """The body of a message. `kept` maps each promise to its kept-label; without it there is no such member."""
    file = envelope("message", 1) if file is None else file
    header = message.Header(
        org=org,
        case=id_bytes(case),
        author=author,
        kind=kind,
        promises=tuple(promises),
        n=n,
        prev=prev,
        sealed=sha256(file),
    )
    body: dict[str, Any] = {
        "kind": kind,
        "promises": list(promises),
        "n": n,
        "prev": b64(prev),
        "file": b64(file),
        "signature": b64(signer.sign(message.signing_bytes(header))),
        "attachments": [dict(each) for each in attachments],
    }
    if kept is not None:
        body["kept"] = [{"promise": promise, "label": b64(label)} for promise, label in kept.items()]
    return body


@dataclass
class Reporter:
    """Somebody who reports, with the keys of one case."""

    org: str
    case: bytes = field(default_factory=lambda: os.urandom(16))
    signer: Signer = field(default_factory=lambda: Signer(os.urandom(32)))
    log_key: bytes = field(default_factory=lambda: os.urandom(32))

    @property
    def case_text(self) -> str:
        """The case id as it stands in addresses."""
        return id_text(self.case)

    @property
    def event_key(self) -> bytes:
        """What the server labels events with."""
        return leaf.event_key(self.log_key)

    def kept_label(self, promise: str) -> bytes:
        """The label that only the panel and she can make."""
        return leaf.kept_label(self.log_key, promise)

    def report(
        self,
        *,
        roster: bytes,
        panel: Sequence[str],
        reach: Sequence[Sequence[str]] = ((), (), ()),
        externals: int = 0,
        confidential: bool = False,
        attachments: Sequence[bytes] = (),
        length: int = 1000,
        **more: Any,
    ) -> dict[str, Any]:
        """The body of her report, without proof of work. `more` goes into the manifest."""
        report = envelope("report", 1, length)
        keys = envelope("keys", len(panel) + 1)
        identity = envelope("identity", externals + 1) if confidential else None
        data = manifest.build(
            org=more.pop("org", self.org),
            case=self.case,
            case_pub=self.signer.public,
            roster=roster,
            panel=[id_bytes(each) for each in panel],
            reach=[[id_bytes(each) for each in rung] for rung in reach],
            report=sha256(report),
            keys=sha256(keys),
            identity=None if identity is None else sha256(identity),
            log_key=leaf.log_key(self.log_key),
            attachments=[manifest.Attachment(sha256(each), len(each)) for each in attachments],
            **more,
        )
        return self.signed(data) | {
            "report": b64(report),
            "keys": b64(keys),
            "identity": None if identity is None else b64(identity),
        }

    def record(self, attachments: Sequence[bytes] = ()) -> dict[str, Any]:
        """The body of a private record, without proof of work."""
        record = envelope("record", 1)
        data = manifest.canonical(
            {
                "v": 1,
                "org": self.org,
                "case": self.case_text,
                "case_pub": b64(self.signer.public),
                "record": b64(sha256(record)),
                "attachments": [{"sha256": b64(sha256(each)), "size": len(each)} for each in attachments],
                "log_key": b64(leaf.log_key(self.log_key)),
            }
        )
        return self.signed(data) | {"record": b64(record)}

    def signed(self, data: bytes) -> dict[str, Any]:
        """Manifest, signature and event key of any manifest bytes."""
        return {
            "manifest": b64(data),
            "signature": b64(self.signer.sign(manifest.signing_bytes(data))),
            "event_key": b64(self.event_key),
        }

    def message(self, **parts: Any) -> dict[str, Any]:
        """The body of a message of hers: see `signed_message`."""
        return signed_message(self.org, self.case_text, "reporter", self.signer, **parts)

    def login(self, nonce: str, origin: str = "http://testserver") -> dict[str, str]:
        """The body that opens her mailbox."""
        bytes_ = login.signing_bytes(origin, self.org, self.case, base64url_decode(nonce))
        return {"case": self.case_text, "nonce": nonce, "signature": b64(self.signer.sign(bytes_))}

"""Leaves of the log (spec/leaf.md): what is public of an event, and what ties it to what is not.

A leaf shows an organisation, a day, a label that only those of the case can make, and a commitment. Deleting nonce and
payload erases the event; the leaf stays as noise. Only public types are named.
"""

import hmac
from dataclasses import dataclass
from datetime import date
from hashlib import sha256 as _sha256
from typing import Final

from answerable_protocol import merkle
from answerable_protocol.encoding import (
    base64_decode,
    base64_encode,
    date_text,
    date_value,
    i2osp,
    is_org,
    lp,
)
from answerable_protocol.errors import Unreadable

__all__ = [
    "CASE_TYPES",
    "LONGEST",
    "PUBLIC_TYPES",
    "Leaf",
    "build",
    "commitment",
    "event_key",
    "event_label",
    "kept_label",
    "leaf_hash",
    "log_key",
    "parse",
]

LONGEST: Final = 65_535
CASE_TYPES: Final = frozenset(
    (
        "report.received",
        "record.dated",
        "message",
        "promise.kept",
        "promise.missed",
        "panel.changed",
        "status",
        "escrow.filed",
        "escrow.withdrawn",
        "escrow.released",
    )
)
PUBLIC_TYPES: Final = frozenset(
    (
        "roster.updated",
        "keyholder.epoch",
        "counts",
        "policy.published",
        "letter.opened",
        "letter.signed",
        "letter.closed",
        "answer.given",
        "release.code",
    )
)
_FIRST: Final = "answerable/event/v1"


@dataclass(frozen=True, slots=True)
class Leaf:
    """A leaf: `type` is None unless public, `label` None where it is; `day` in UTC; `body` the 32-byte commitment."""

    org: str
    type: str | None
    label: bytes | None
    day: date
    body: bytes


def build(leaf: Leaf) -> bytes:
    """The bytes of a leaf. Raises Unreadable if a part is not of its form."""
    if not is_org(leaf.org) or len(leaf.body) != 32:
        raise Unreadable("a leaf needs an organisation and a commitment of 32 bytes")
    if leaf.type is None:
        if leaf.label is None or len(leaf.label) != 32:
            raise Unreadable("the leaf of a case needs a label of 32 bytes")
    elif leaf.type not in PUBLIC_TYPES or leaf.label is not None:
        raise Unreadable("only public types are named in a leaf, and they have no label")
    lines = [
        _FIRST,
        f"org {leaf.org}",
        *([] if leaf.type is None else [f"type {leaf.type}"]),
        "case " + ("-" if leaf.label is None else base64_encode(leaf.label)),
        f"date {date_text(leaf.day)}",
        f"body {base64_encode(leaf.body)}",
    ]
    return ("\n".join(lines) + "\n").encode("ascii")


def parse(data: bytes) -> Leaf:
    """The leaf in these bytes. Raises Unreadable unless `build` gives them again."""
    try:
        lines = data.decode("ascii").split("\n")
    except UnicodeDecodeError:
        raise Unreadable("a leaf is not ASCII") from None
    names = ["", "org ", "type ", "case ", "date ", "body ", ""]
    if len(lines) == 6:
        del names[2]
    if len(lines) != len(names) or lines[0] != _FIRST or lines[-1]:
        raise Unreadable("a leaf does not have its lines")
    values = {}
    for name, line in zip(names, lines, strict=True):
        if not line.startswith(name):
            raise Unreadable("a leaf does not have its lines")
        values[name.strip()] = line[len(name) :]
    leaf = Leaf(
        org=values["org"],
        type=values.get("type"),
        label=None if values["case"] == "-" else base64_decode(values["case"], 32),
        day=date_value(values["date"]),
        body=base64_decode(values["body"], 32),
    )
    build(leaf)
    return leaf


def leaf_hash(data: bytes) -> bytes:
    """SHA-256(0x00 || leaf), as it stands in the tree."""
    return merkle.leaf_hash(data)


def commitment(kind: str, nonce: bytes, payload: bytes) -> bytes:
    """`body`: binds a leaf to its type, a nonce of 32 bytes, and a payload of up to 65,535."""
    if kind not in CASE_TYPES and kind not in PUBLIC_TYPES:
        raise Unreadable("there is no such type of event")
    if len(nonce) != 32:
        raise Unreadable("a nonce has 32 bytes")
    return _sha256(lp(f"answerable/v1/commit/{kind}") + lp(nonce) + lp(payload)).digest()


def log_key(case_log_key: bytes) -> bytes:
    """The `log_key` of manifests and receipts: a hash of the case's log key, which stays secret."""
    return _sha256(lp("answerable/v1/log/key") + lp(case_log_key)).digest()


def event_key(case_log_key: bytes) -> bytes:
    """The key of event labels; the server gets it with the report."""
    return hmac.digest(case_log_key, lp("answerable/v1/log/event-key"), "sha256")


def event_label(key: bytes, seq: int) -> bytes:
    """The label of a case's leaf number `seq`, from 0, under its event key."""
    return hmac.digest(key, i2osp(seq, 4), "sha256")


def kept_label(case_log_key: bytes, promise: str) -> bytes:
    """The label of the `promise.kept` leaf of a promise; the server can't make it."""
    return hmac.digest(case_log_key, lp("answerable/v1/log/kept") + lp(promise), "sha256")

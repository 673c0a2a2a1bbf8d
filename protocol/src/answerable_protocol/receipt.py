"""Receipts (spec/receipt.md): C2SP tlog-proof files whose `extra` opens the leaf.

`extra` is base64 of canonical JSON {v: 1, leaf, type, nonce, payload}: the leaf's text, the event's type, and what its
commitment hides. A receipt proves that the log holds exactly this event at this index. By itself it proves nothing:
whose log counts is the reader's policy.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from json.encoder import encode_basestring_ascii as _quoted
from typing import Final

from answerable_protocol import checkpoint as checkpoints
from answerable_protocol import fields, merkle
from answerable_protocol import leaf as leaves
from answerable_protocol.encoding import (
    base64_decode,
    base64_encode,
    base64url_decode,
    base64url_encode,
    parse_object,
)
from answerable_protocol.errors import NotProven, Unreadable
from answerable_protocol.policy import Believed, Policy

__all__ = ["Proven", "Receipt", "make", "parse", "verify"]

_FIRST: Final = "c2sp.org/tlog-proof@v1"
_LONGEST: Final = 1 << 20
_MOST_HASHES: Final = 64
_INDEX = re.compile(r"0|[1-9][0-9]{0,18}")


@dataclass(frozen=True, slots=True)
class Receipt:
    """A receipt that was read, unverified: the leaf and its opening, its index, proof and checkpoint."""

    leaf: leaves.Leaf
    leaf_data: bytes
    type: str
    nonce: bytes
    payload: bytes
    index: int
    proof: tuple[bytes, ...]
    checkpoint: checkpoints.Checkpoint

    @property
    def leaf_hash(self) -> bytes:
        """The leaf's hash in the tree; with origin and index it names this entry to anyone."""
        return merkle.leaf_hash(self.leaf_data)


@dataclass(frozen=True, slots=True)
class Proven:
    """A receipt that was verified, and whose word that is."""

    receipt: Receipt
    believed: Believed

    @property
    def outside_clock(self) -> bool:
        """Whether any known witness cosigned; if not, only the organisation's own signature and clock speak."""
        return bool(self.believed.cosignatures)


def make(
    *,
    leaf: bytes,
    type: str,  # noqa: A002 - the word of the format
    nonce: bytes,
    payload: bytes,
    index: int,
    proof: Sequence[bytes],
    checkpoint: bytes,
) -> bytes:
    """The bytes of a receipt. What is put in is not checked here: `parse` and `verify` do."""
    # Canonical JSON, written out: four texts, of which only two can hold what JSON escapes.
    extra = (
        f'{{"leaf":{_quoted(leaf.decode("ascii"))},"nonce":"{base64url_encode(nonce)}",'
        f'"payload":"{base64url_encode(payload)}","type":{_quoted(type)},"v":1}}'
    ).encode()
    lines = [_FIRST, f"extra {base64_encode(extra)}", f"index {index}", *map(base64_encode, proof), "", ""]
    return "\n".join(lines).encode() + checkpoint


def parse(data: bytes) -> Receipt:
    """The receipt in these bytes, unverified. Raises Unreadable."""
    head, gap, signed = data.partition(b"\n\n")
    if not gap or len(data) > _LONGEST:
        raise Unreadable("this is not a receipt")
    try:
        lines = head.decode("ascii").split("\n")
    except UnicodeDecodeError:
        raise Unreadable("this is not a receipt") from None
    if len(lines) < 3 or lines[0] != _FIRST or len(lines) > 3 + _MOST_HASHES:
        raise Unreadable("this is not a receipt")
    if not lines[1].startswith("extra ") or not lines[2].startswith("index "):
        raise Unreadable("this proof is not a receipt: it does not open its entry")
    index = lines[2].removeprefix("index ")
    if not _INDEX.fullmatch(index) or int(index) >= 1 << 63:
        raise Unreadable("the index of a receipt is not a number")
    leaf_data, kind, nonce, payload = _opening(base64_decode(lines[1].removeprefix("extra ")))
    return Receipt(
        leaf=leaves.parse(leaf_data),
        leaf_data=leaf_data,
        type=kind,
        nonce=nonce,
        payload=payload,
        index=int(index),
        proof=tuple(base64_decode(line, 32) for line in lines[3:]),
        checkpoint=checkpoints.parse(signed),
    )


def _opening(data: bytes) -> tuple[bytes, str, bytes, bytes]:
    members = parse_object(data)
    fields.version(members)
    leaf, kind, payload = (fields.member(members, name) for name in ("leaf", "type", "payload"))
    if (
        not isinstance(leaf, str)
        or not leaf.isascii()
        or not isinstance(kind, str)
        or not isinstance(payload, str)
    ):
        raise Unreadable("the opening in a receipt is not of its form")
    if kind not in leaves.CASE_TYPES and kind not in leaves.PUBLIC_TYPES:
        raise Unreadable("a receipt is for an unknown type of event: made by a newer program?")
    return leaf.encode(), kind, fields.binary(members, "nonce", 32), base64url_decode(payload)


def _opened(receipt: Receipt) -> Receipt:
    expected = receipt.type if receipt.type in leaves.PUBLIC_TYPES else None
    if receipt.leaf.type != expected:
        raise NotProven("the receipt is for another type of event than its leaf")
    if leaves.commitment(receipt.type, receipt.nonce, receipt.payload) != receipt.leaf.body:
        raise NotProven("the receipt's content is not what the log's leaf commits to")
    return receipt


def verify(receipt: Receipt, policy: Policy) -> Proven:
    """The receipt as proven under `policy`.

    Raises NotProven, or one of its kinds: UnknownKey, InvalidSignature, QuorumNotMet, InvalidProof.
    """
    _opened(receipt)
    believed = policy.believe(receipt.checkpoint)
    merkle.verify_inclusion(
        receipt.leaf_hash,
        receipt.index,
        receipt.checkpoint.size,
        receipt.proof,
        receipt.checkpoint.root,
    )
    return Proven(receipt, believed)

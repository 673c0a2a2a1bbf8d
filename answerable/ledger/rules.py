"""Pure decisions about a log: what a leaf is made of, how many random ones are added, when to publish."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from answerable_protocol import leaf as leaves
from answerable_protocol.errors import ProtocolError
from answerable_protocol.leaf import CASE_TYPES, PUBLIC_TYPES

from answerable.ledger.errors import BadLeaf

__all__ = [
    "CASE_TYPES",
    "NOISE_LEAST",
    "PUBLIC_TYPES",
    "MadeLeaf",
    "NewLeaf",
    "due_for_publication",
    "made",
    "noise",
    "noise_count",
]

NOISE_LEAST = 16


@dataclass(frozen=True, slots=True)
class NewLeaf:
    """An event to be logged. `label`: 32 bytes, or None for a public type. The payload's bytes are kept as
    they are.
    """

    type: str
    payload: bytes
    label: bytes | None = None


@dataclass(frozen=True, slots=True)
class MadeLeaf:
    """A leaf as it stands in the log, and what opens it. `type` is empty, nonce and payload None for a random
    one.
    """

    type: str
    label: bytes | None
    data: bytes
    hash: bytes
    nonce: bytes | None
    payload: bytes | None


def made(new: NewLeaf, *, org: str, day: date, nonce: bytes) -> MadeLeaf:
    """The leaf of an event on a UTC day. Raises BadLeaf."""
    public = new.type in PUBLIC_TYPES
    try:
        body = leaves.commitment(new.type, nonce, new.payload)
        data = leaves.build(leaves.Leaf(org, new.type if public else None, new.label, day, body))
    except ProtocolError as error:
        raise BadLeaf(f"a leaf of type {new.type}: {error}") from error
    return MadeLeaf(new.type, new.label, data, leaves.leaf_hash(data), nonce, new.payload)


def noise(*, org: str, day: date, label: bytes, body: bytes) -> MadeLeaf:
    """A random leaf: 32 random bytes for label and body each, so that it looks like any event of a case."""
    data = leaves.build(leaves.Leaf(org, None, label, day, body))
    return MadeLeaf("", label, data, leaves.leaf_hash(data), None, None)


def noise_count(size: int, published: int | None = None) -> int:
    """How many random leaves to add at a publication of a log of `size` leaves: at least 16, up to a multiple of 16.

    With the size `published` last, an hour without any event and an hour with up to 16 add the same 32 leaves, so
    that not even "something came" shows; a busier hour shows in steps of 16.
    """
    if published is None:
        return NOISE_LEAST + -size % NOISE_LEAST
    events = size - published
    step = max(2 * NOISE_LEAST, -(-(events + NOISE_LEAST) // NOISE_LEAST) * NOISE_LEAST)
    return step - events + -published % NOISE_LEAST


def due_for_publication(published_at: datetime | None, now: datetime, every: timedelta) -> bool:
    """Whether the public should see a newer checkpoint.

    A clock that was far ahead and was put right must not keep the log hidden until it is that late again.
    """
    return published_at is None or abs(now - published_at) >= every

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
    "noise_day",
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


def noise_count(size: int, published: int) -> int:
    """How many random leaves to add at a publication of a log of `size` leaves, of which `published` were shown.

    At least 16, up to a multiple of 16. An hour without any event and an hour with up to 16 both show 32 more leaves,
    so that not even "something came" shows; a busier hour shows in steps of 16.
    """
    events = size - published
    step = max(2 * NOISE_LEAST, -(-(events + NOISE_LEAST) // NOISE_LEAST) * NOISE_LEAST)
    return step - events + -published % NOISE_LEAST


def due_for_publication(published_at: datetime | None, now: datetime, every: timedelta) -> bool:
    """Whether the public should see a newer checkpoint.

    A clock that was far ahead and was put right must not keep the log hidden until it is that late again.
    """
    return (
        published_at is None or abs(now - published_at) >= every or noise_day(published_at, now) < now.date()
    )


def noise_day(published_at: datetime | None, now: datetime) -> date:
    """The day that random leaves of a publication at `now` carry: of a day that has ended, still that day.

    A log is published once more right after midnight (UTC). Were its random leaves dated the new day, the leaves of
    the evening before would be the only ones with the old date, and each would be known for a real one.
    """
    if published_at is None or published_at.date() >= now.date():
        return now.date()
    return published_at.date()

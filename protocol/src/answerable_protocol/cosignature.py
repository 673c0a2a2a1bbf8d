"""Witness cosignatures (C2SP tlog-cosignature), Ed25519, type 0x04: "this tree grew honestly, as of this time"."""

from datetime import UTC, datetime
from typing import NamedTuple

from answerable_protocol import ed25519, note
from answerable_protocol.errors import InvalidSignature, Unreadable

__all__ = ["Cosignature", "cosign", "verify"]

_LATEST = 1 << 63


class Cosignature(NamedTuple):
    """Who cosigned, and when: seconds since 1970, 0 if the witness gives no time."""

    key: note.Key
    timestamp: int

    def at(self) -> datetime | None:
        """The time in UTC; None if the witness gave none, or one beyond the year 9999."""
        try:
            return datetime.fromtimestamp(self.timestamp, UTC) if self.timestamp else None
        except (OverflowError, ValueError, OSError):
            return None


def _message(text: str, timestamp: int) -> bytes:
    return f"cosignature/v1\ntime {timestamp}\n{text}".encode()


def cosign(text: str, name: str, signer: ed25519.Signer, timestamp: int) -> str:
    """The cosignature line over a checkpoint's text, for tests and small witnesses."""
    if not note.is_key_name(name) or not 0 <= timestamp < _LATEST:
        raise Unreadable("a cosignature needs a name without spaces and a time")
    key = note.Key(name, note.COSIGNATURE, signer.public)
    raw = timestamp.to_bytes(8, "big") + signer.sign(_message(text, timestamp))
    return note.signature_line(name, key.id, raw)


def verify(text: str, signature: note.Signature, key: note.Key) -> Cosignature:
    """The cosignature, if this key made it over `text`. Raises InvalidSignature."""
    timestamp = int.from_bytes(signature.raw[:8], "big")
    if len(signature.raw) != 72 or timestamp >= _LATEST:
        raise InvalidSignature("a cosignature is not of its length, or has an impossible time")
    ed25519.verify(key.public, signature.raw[8:], _message(text, timestamp))
    return Cosignature(key, timestamp)

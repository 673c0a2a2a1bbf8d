"""Sealed files (spec/sealed.md): padded plaintexts in age v1 files for hybrid recipients only.

The server can't see to whom a file is sealed. What it can see it checks strictly:
- the header is the one spelling of: the version line, exactly n `mlkem768x25519` stanzas, the MAC line;
- the file's length is that of a padded plaintext, so it tells a size step and nothing more.
"""

from typing import Final, NamedTuple

from answerable_protocol.encoding import ID_BYTES, i2osp, is_org, lp
from answerable_protocol.errors import BadEnvelope, BadSize, NotProven, Unreadable

__all__ = [
    "LARGEST",
    "MOST_RECIPIENTS",
    "PURPOSES",
    "Envelope",
    "check",
    "file_size",
    "header_length",
    "is_size",
    "open_plaintext",
    "padded_size",
    "padme",
    "plaintext",
    "plaintext_size",
]

PURPOSES: Final = ("report", "keys", "message", "note", "attachment", "identity", "record", "share")
MOST_RECIPIENTS: Final = 32
LARGEST: Final = 1 << 40
KIB: Final = 1024
_STEPS: Final = (4 * KIB, 16 * KIB, 64 * KIB, 256 * KIB)
_ATTACHMENT_STEPS: Final = (64 * KIB, 256 * KIB, KIB * KIB, 4 * KIB * KIB, 16 * KIB * KIB)
_CHUNK: Final = 64 * KIB
_TAG: Final = 16
_NONCE: Final = 16
_VERSION: Final = b"age-encryption.org/v1\n"
_STANZA: Final = b"-> mlkem768x25519 "
_MAC: Final = b"--- "
# An encapsulated key of 1,120 bytes is 1,494 characters, a wrapped file key of 32 bytes and a MAC are 43 each.
_SHARE: Final = 1494
_SHORT: Final = 43
_STANZA_LENGTH: Final = len(_STANZA) + _SHARE + 1 + _SHORT + 1
_MAC_LENGTH: Final = len(_MAC) + _SHORT + 1
_LETTERS: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
# The last character of a canonical text, of 1,120 and of 32 bytes: its last four or two bits are zero.
_SHARE_ENDS: Final = frozenset(b"AQgw")
_SHORT_ENDS: Final = frozenset(b"AEIMQUYcgkosw048")
_NEWLINE: Final = 0x0A


class Envelope(NamedTuple):
    """A sealed file that was checked: its recipients, the length of its header, and of its padded plaintext."""

    recipients: int
    header_length: int
    plaintext_length: int


def padme(length: int) -> int:
    """The Padmé size of `length` >= 2: at most 12 % more, and O(log log n) bits told."""
    if length < 2:
        raise Unreadable("Padmé sizes begin at 2 bytes")
    exponent = length.bit_length() - 1
    mask = (1 << (exponent - exponent.bit_length())) - 1
    return (length + mask) & ~mask


def _steps(purpose: str) -> tuple[int, ...]:
    if purpose not in PURPOSES:
        raise Unreadable("nothing is sealed for such a purpose")
    return _ATTACHMENT_STEPS if purpose == "attachment" else _STEPS


def padded_size(purpose: str, length: int) -> int:
    """How long the plaintext is made, when header and payload together have `length` bytes."""
    for step in _steps(purpose):
        if length <= step:
            return step
    return padme(length)


def is_size(purpose: str, length: int) -> bool:
    """Whether a padded plaintext can have this length."""
    steps = _steps(purpose)
    return length in steps or (length > steps[-1] and padme(length) == length)


def _header(purpose: str, org: str, case: bytes) -> bytes:
    _steps(purpose)
    if not is_org(org) or len(case) != ID_BYTES:
        raise Unreadable("a sealed file needs an organisation and the 16 bytes of a case")
    return lp(f"answerable/v1/sealed/{purpose}") + lp(org) + lp(case)


def plaintext(purpose: str, org: str, case: bytes, payload: bytes) -> bytes:
    """What is encrypted: header, payload, and zeros up to the next size."""
    opening = _header(purpose, org, case) + i2osp(len(payload), 8)
    size = padded_size(purpose, len(opening) + len(payload))
    return (opening + payload).ljust(size, b"\0")


def open_plaintext(purpose: str, org: str, case: bytes, data: bytes) -> bytes:
    """The payload of a decrypted file.

    Raises NotProven if it is for another purpose, organisation or case; Unreadable if its length or padding is wrong.
    """
    opening = _header(purpose, org, case)
    if not data.startswith(opening):
        raise NotProven("this was sealed for another purpose, organisation or case")
    start = len(opening) + 8
    length = int.from_bytes(data[len(opening) : start], "big")
    payload = data[start : start + length]
    if len(data) < start or len(payload) != length or len(data) != padded_size(purpose, start + length):
        raise Unreadable("the length inside a sealed file does not fit the file")
    if data.count(0, start + length) != len(data) - start - length:
        raise Unreadable("the padding of a sealed file is not zero")
    return payload


def header_length(recipients: int) -> int:
    """The length of the header for so many recipients: hybrid stanzas all have one length."""
    if not 1 <= recipients <= MOST_RECIPIENTS:
        raise BadEnvelope(f"a file is sealed to 1 to {MOST_RECIPIENTS} recipients")
    return len(_VERSION) + recipients * _STANZA_LENGTH + _MAC_LENGTH


def plaintext_size(payload_length: int) -> int:
    """The plaintext inside an age payload (nonce and encrypted chunks). Raises BadEnvelope if none fits."""
    body = payload_length - _NONCE
    chunks = -(-body // (_CHUNK + _TAG))
    size = body - chunks * _TAG
    # Of a longer file the last chunk holds something; none of ours is empty.
    if body <= _TAG or body - (chunks - 1) * (_CHUNK + _TAG) <= _TAG:
        raise BadEnvelope("the encrypted part of this file ends in the middle of a chunk")
    return size


def file_size(plaintext_length: int, recipients: int) -> int:
    """How long the sealed file of a padded plaintext is."""
    chunks = max(1, -(-plaintext_length // _CHUNK))
    return header_length(recipients) + _NONCE + plaintext_length + chunks * _TAG


def _is_canonical(head: bytes, recipients: int) -> bool:
    """Whether `head` is the header for so many hybrid recipients: every separator in its place, and no other."""
    if not head.startswith(_VERSION):
        return False
    at = len(_VERSION)
    for _ in range(recipients):
        share_end = at + len(_STANZA) + _SHARE
        end = at + _STANZA_LENGTH
        if (
            not head.startswith(_STANZA, at)
            or head[share_end - 1] not in _SHARE_ENDS
            or head[share_end] != _NEWLINE
            or head[end - 2] not in _SHORT_ENDS
            or head[end - 1] != _NEWLINE
        ):
            return False
        at = end
    if not head.startswith(_MAC, at) or head[-2] not in _SHORT_ENDS or head[-1] != _NEWLINE:
        return False
    # One pass in C over the long texts: what is left of a header without its letters is as long as it must be.
    others = len(head.translate(None, _LETTERS))
    return others == _others(recipients)


def _others(recipients: int) -> int:
    """The characters of a canonical header that are no base64 letters."""
    return len((_VERSION + (_STANZA + b"\n\n") * recipients + _MAC + b"\n").translate(None, _LETTERS))


def check(data: bytes, purpose: str, recipients: int, total: int | None = None) -> Envelope:
    """The measures of a sealed file, if it is canonical, for exactly so many hybrid recipients, and of an allowed size.

    `data` is the file, or its beginning, at least `header_length(recipients)` long, with `total` the whole file's
    length. Raises BadEnvelope for a header that is not exactly so, and BadSize for another length.
    """
    head = header_length(recipients)
    size = len(data) if total is None else total
    if not len(data) <= size <= LARGEST:
        raise BadSize("this file is larger than it was said to be, or than any file may be")
    if len(data) < head or not _is_canonical(data[:head], recipients):
        raise BadEnvelope(f"this is not a file sealed to exactly {recipients} hybrid recipients")
    inner = plaintext_size(size - head)
    if not is_size(purpose, inner):
        raise BadSize("the length of this file is none of the padded sizes")
    return Envelope(recipients, head, inner)

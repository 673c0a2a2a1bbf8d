"""Signed notes (C2SP signed-note) with Ed25519 keys, type 0x01.

Signatures by keys that the reader does not know are ignored; one by a known key that does not verify refuses the note.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from answerable_protocol import ed25519
from answerable_protocol.encoding import base64_decode, base64_encode, sha256
from answerable_protocol.errors import InvalidSignature, UnknownKey, Unreadable

__all__ = [
    "ED25519",
    "Key",
    "Note",
    "Signature",
    "assemble",
    "is_key_name",
    "parse",
    "parse_vkey",
    "sign",
    "signature_line",
    "verify",
    "vkey",
]

ED25519: Final = 0x01
COSIGNATURE: Final = 0x04
_LONGEST: Final = 1 << 20
_MOST_SIGNATURES: Final = 100
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_NAME = re.compile(r"[^\s+]+")


@dataclass(frozen=True, slots=True)
class Key:
    """A public key under a name; `kind` is the signature type, 0x01 or 0x04."""

    name: str
    kind: int
    public: bytes

    @property
    def id(self) -> bytes:
        """The four bytes that stand before a signature."""
        return sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.public)[:4]

    @property
    def fingerprint(self) -> str:
        """Name and id, such as `example.org/log/acme+530d903a`: to tell keys apart, not to trust one."""
        return f"{self.name}+{self.id.hex()}"


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature line: the key's name and id, and the bytes after the id."""

    name: str
    key_id: bytes
    raw: bytes

    @property
    def fingerprint(self) -> str:
        """Name and id of the key that is said to have signed."""
        return f"{self.name}+{self.key_id.hex()}"


@dataclass(frozen=True, slots=True)
class Note:
    """A note that was read: `text` with its last newline, and the signatures, none of them verified yet."""

    text: str
    signatures: tuple[Signature, ...]


def is_key_name(name: str) -> bool:
    """Whether `name` can name a key: not empty, no Unicode space, no "+", no control character."""
    return _NAME.fullmatch(name) is not None and not _CONTROL.search(name)


def vkey(key: Key) -> str:
    """The key as a line to configure: name, id, and base64 of type and key, joined by "+"."""
    return f"{key.fingerprint}+{base64_encode(bytes([key.kind]) + key.public)}"


def parse_vkey(text: str) -> Key:
    """The Ed25519 key of a vkey line. Raises Unreadable for another kind of key, or an id that is not the key's."""
    parts = text.split("+", 2)
    if len(parts) != 3 or not is_key_name(parts[0]):
        raise Unreadable("this is not a verifier key of the form name+id+key")
    raw = base64_decode(parts[2])
    if len(raw) != 33 or raw[0] not in (ED25519, COSIGNATURE):
        raise Unreadable("this verifier key is not an Ed25519 key")
    key = Key(parts[0], raw[0], raw[1:])
    if parts[1] != key.id.hex():
        raise Unreadable("the id in this verifier key is not the key's")
    try:
        ed25519.check_public(key.public)
    except InvalidSignature:
        raise Unreadable("this verifier key is not a key that anybody can sign with") from None
    return key


def _check_text(text: str) -> None:
    if not text.endswith("\n") or _CONTROL.search(text) or len(text) > _LONGEST:
        raise Unreadable("the text of a note ends with a newline and has no control characters")


def signature_line(name: str, key_id: bytes, raw: bytes) -> str:
    """The line of a signature, with its newline."""
    return f"— {name} {base64_encode(key_id + raw)}\n"


def sign(text: str, name: str, signer: ed25519.Signer) -> str:
    """The signature line of an Ed25519 key over `text`. Raises Unreadable for a text or name that no note can have."""
    _check_text(text)
    if not is_key_name(name):
        raise Unreadable("a key's name has no spaces and no plus sign")
    key = Key(name, ED25519, signer.public)
    return signature_line(name, key.id, signer.sign(_utf8(text)))


def _utf8(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise Unreadable("a note holds half a character") from None


def assemble(text: str, lines: Iterable[str]) -> bytes:
    """The bytes of a note from its text and its signature lines."""
    _check_text(text)
    return _utf8(text + "\n" + "".join(lines))


def parse(data: bytes) -> Note:
    """The note in these bytes, unverified. Raises Unreadable."""
    if len(data) > _LONGEST:
        raise Unreadable("a note is at most 1 MiB long")
    try:
        whole = data.decode()
    except UnicodeDecodeError:
        raise Unreadable("a note is not UTF-8") from None
    text, gap, rest = whole.rpartition("\n\n")
    if not gap or not rest.endswith("\n") or _CONTROL.search(whole):
        raise Unreadable("this is not a signed note")
    lines = rest[:-1].split("\n")
    if len(lines) > _MOST_SIGNATURES:
        raise Unreadable("a note has too many signatures")
    return Note(text + "\n", tuple(_parse_line(line) for line in lines))


def _parse_line(line: str) -> Signature:
    parts = line.split(" ")
    if len(parts) != 3 or parts[0] != "—" or not is_key_name(parts[1]):
        raise Unreadable("a signature line of a note is not of its form")
    raw = base64_decode(parts[2])
    if len(raw) < 5:
        raise Unreadable("a signature of a note is too short")
    return Signature(parts[1], raw[:4], raw[4:])


def verify(note: Note, keys: Sequence[Key]) -> tuple[Key, ...]:
    """Those of `keys`, all of type 0x01, that signed the note; at least one.

    Raises UnknownKey if none of them did, InvalidSignature if a signature of one of them is wrong.
    """
    known = {(key.name, key.id): key for key in keys if key.kind == ED25519}
    found = []
    for signature in note.signatures:
        key = known.get((signature.name, signature.key_id))
        if key is not None:
            ed25519.verify(key.public, signature.raw, note.text.encode())
            found.append(key)
    if not found:
        raise UnknownKey("no key that is trusted here has signed this")
    return tuple(dict.fromkeys(found))

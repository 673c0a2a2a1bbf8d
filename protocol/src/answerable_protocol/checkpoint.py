"""Checkpoints (C2SP tlog-checkpoint): the signed size and root of a log."""

import re
from dataclasses import dataclass

from answerable_protocol import note
from answerable_protocol.ed25519 import Signer
from answerable_protocol.encoding import base64_decode, base64_encode
from answerable_protocol.errors import Unreadable

__all__ = ["Checkpoint", "parse", "sign", "text"]

_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A checkpoint that was read: its `note`, unverified, says who signed."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...]
    note: note.Note


def text(origin: str, size: int, root: bytes) -> str:
    """The text of a checkpoint that its log signs, and its witnesses cosign."""
    if not note.is_key_name(origin) or not 0 <= size < 1 << 63 or len(root) != 32:
        raise Unreadable("a checkpoint needs an origin without spaces, a size, and a root of 32 bytes")
    return f"{origin}\n{size}\n{base64_encode(root)}\n"


def sign(origin: str, size: int, root: bytes, signer: Signer) -> bytes:
    """A checkpoint signed with the log's key, whose name is the origin. Cosignature lines may be put at its end."""
    body = text(origin, size, root)
    return note.assemble(body, [note.sign(body, origin, signer)])


def parse(data: bytes) -> Checkpoint:
    """The checkpoint in these bytes, unverified. Raises Unreadable."""
    read = note.parse(data)
    lines = read.text[:-1].split("\n")
    if len(lines) < 3 or not all(lines):
        raise Unreadable("a checkpoint has three lines, none of them empty")
    if not _SIZE.fullmatch(lines[1]) or int(lines[1]) >= 1 << 63:
        raise Unreadable("the size in a checkpoint is not a number")
    return Checkpoint(lines[0], int(lines[1]), base64_decode(lines[2], 32), tuple(lines[3:]), read)

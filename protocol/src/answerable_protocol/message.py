"""Messages of a case (spec/message.md): what their authors sign.

The signature binds the sealed words to the case, the author, the kind, the promises they keep, the author's own count,
and the newest message the author had seen; so a message can't be moved, left out or put in another's mouth unseen.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from answerable_protocol import ed25519, fields
from answerable_protocol.encoding import ID_BYTES, canonical, i2osp, id_bytes, is_org, lp
from answerable_protocol.errors import Unreadable

__all__ = ["KINDS", "REPORTER", "Header", "signing_bytes", "verify"]

KINDS: Final = ("acknowledge", "owner", "answer", "feedback", "close", "text")
REPORTER: Final = "reporter"


@dataclass(frozen=True, slots=True)
class Header:
    """What is signed of a message.

    `case` is 16 bytes; `author` a handler's id as text, or "reporter"; `n` counts the author's messages from 0; `prev`
    is the SHA-256 of the newest sealed file the author had seen, or empty; `sealed` the SHA-256 of this one's.
    Raises Unreadable if a part is not of its form.
    """

    org: str
    case: bytes
    author: str
    kind: str
    promises: Sequence[str]
    n: int
    prev: bytes
    sealed: bytes

    def __post_init__(self) -> None:
        if not is_org(self.org) or len(self.case) != ID_BYTES:
            raise Unreadable("a message needs an organisation and the 16 bytes of a case")
        if self.author != REPORTER:
            id_bytes(self.author)
        if self.kind not in KINDS:
            raise Unreadable("there is no such kind of message")
        fields.promise_ids(self.promises, "promises")
        if isinstance(self.n, bool) or not 0 <= self.n < 1 << 32:
            raise Unreadable("the number of a message is from 0 to 4,294,967,295")
        if len(self.prev) not in (0, 32) or len(self.sealed) != 32:
            raise Unreadable("a hash in a message is not 32 bytes long")


def signing_bytes(header: Header) -> bytes:
    """What the author signs. Ids are their 16 bytes; the promises are a JSON array, in the order given."""
    author = REPORTER.encode() if header.author == REPORTER else id_bytes(header.author)
    return (
        lp("answerable/v1/message")
        + lp(header.org)
        + lp(header.case)
        + lp(author)
        + lp(header.kind)
        + lp(canonical(list(header.promises)))
        + i2osp(header.n, 4)
        + lp(header.prev)
        + lp(header.sealed)
    )


def verify(header: Header, signature: bytes, public: bytes) -> Header:
    """`header`, if it is signed by this key: the roster's for a handler, case_pub for the reporter.

    Raises InvalidSignature.
    """
    ed25519.verify(public, signature, signing_bytes(header))
    return header

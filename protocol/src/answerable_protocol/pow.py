"""Proof of work (spec/pow.md): slows a flood down, refuses nobody."""

from hashlib import sha256
from typing import Final

from answerable_protocol.encoding import lp
from answerable_protocol.errors import NotProven, Unreadable

__all__ = ["check", "solve"]

MOST_BITS: Final = 64


def _prefix(challenge: bytes) -> bytes:
    return lp("answerable/v1/pow") + lp(challenge)


def _check_bits(bits: int) -> None:
    if not 0 <= bits <= MOST_BITS:
        raise Unreadable("the work asked for is from 0 to 64 bits")


def check(challenge: bytes, counter: int, bits: int) -> int:
    """`counter`, if SHA-256(lp(label) || lp(challenge) || I2OSP(counter, 8)) begins with `bits` zero bits.

    Raises NotProven otherwise. Whether the challenge is ours, fresh and unused is the server's to know.
    """
    _check_bits(bits)
    if not 0 <= counter < 1 << 64:
        raise Unreadable("a counter has 8 bytes")
    digest = sha256(_prefix(challenge) + counter.to_bytes(8, "big")).digest()
    if int.from_bytes(digest, "big") >> (256 - bits):
        raise NotProven("the work asked for was not done")
    return counter


def solve(challenge: bytes, bits: int) -> int:
    """The first counter that does the work: 2^bits hashes on average."""
    _check_bits(bits)
    prefix = sha256(_prefix(challenge))
    counter = 0
    while True:
        attempt = prefix.copy()
        attempt.update(counter.to_bytes(8, "big"))
        if not int.from_bytes(attempt.digest(), "big") >> (256 - bits):
            return counter
        counter += 1

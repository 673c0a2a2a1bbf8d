"""Fingerprints as words: 11 bits a word, from a list of 2,048 (BIP-39's English one by default).

The lists are data/bip39-english.txt and data/bip39-chinese-simplified.txt, from
https://github.com/bitcoin/bips/tree/master/bip-0039 (MIT).
"""

from collections.abc import Sequence
from functools import cache
from importlib import resources

from answerable_protocol.errors import Unreadable

__all__ = ["CHINESE_SHA256", "ENGLISH_SHA256", "chinese", "english", "fingerprint_words"]

ENGLISH_SHA256 = "2f5eed53a4727b4bf8880d8f3f199efc90e58503646d9ff8eff3a2ed3b24dbda"
"""SHA-256 of the published list, one word a line."""

CHINESE_SHA256 = "5c5942792bd8340cb8b27cd592f1015edf56a8c5b26276ee18a482428e7c5726"
"""The same of the Simplified Chinese list, one character a line."""


@cache
def english() -> tuple[str, ...]:
    """The 2,048 English words of BIP-39, in order."""
    data = resources.files("answerable_protocol").joinpath("data/bip39-english.txt")
    return tuple(data.read_text("ascii").split())


@cache
def chinese() -> tuple[str, ...]:
    """The 2,048 Simplified Chinese characters of BIP-39, in order."""
    data = resources.files("answerable_protocol").joinpath("data/bip39-chinese-simplified.txt")
    return tuple(data.read_text("utf-8").split())


def fingerprint_words(digest: bytes, count: int = 8, words: Sequence[str] | None = None) -> tuple[str, ...]:
    """The first `count` times 11 bits of `digest`, as words. `words` may be another list of 2,048.

    Raises Unreadable if the digest is too short, or the list has another length.
    """
    chosen = english() if words is None else words
    spare = len(digest) * 8 - count * 11
    if len(chosen) != 2048 or spare < 0 or count < 1:
        raise Unreadable("a fingerprint needs 2,048 words and enough bits")
    bits = int.from_bytes(digest, "big") >> spare
    return tuple(chosen[bits >> 11 * place & 2047] for place in reversed(range(count)))

"""age recipients `age1pq1…` (C2SP age): hybrid ML-KEM-768 and X25519 public keys in Bech32."""

from functools import reduce
from operator import xor
from typing import Final

from answerable_protocol.errors import Unreadable

__all__ = ["check", "encode"]

_PREFIX: Final = "age1pq"
_KEY_LENGTH: Final = 1216
_CHARACTERS: Final = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_VALUES: Final = {character: value for value, character in enumerate(_CHARACTERS)}
_GENERATORS: Final = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)


def _mix(top: int) -> int:
    return reduce(xor, (generator for bit, generator in enumerate(_GENERATORS) if top >> bit & 1), 0)


_MIXED: Final = tuple(_mix(top) for top in range(32))


def _checksum(values: list[int]) -> int:
    total = 1
    for value in values:
        top = total >> 25
        total = (total & 0x1FFFFFF) << 5 ^ value ^ _MIXED[top]
    return total


_EXPANDED: Final = [ord(c) >> 5 for c in _PREFIX] + [0] + [ord(c) & 31 for c in _PREFIX]


def encode(key: bytes) -> str:
    """The recipient of a hybrid public key of 1,216 bytes."""
    if len(key) != _KEY_LENGTH:
        raise Unreadable("a hybrid public key has 1,216 bytes")
    length = -(-len(key) * 8 // 5)
    bits = int.from_bytes(key, "big") << (length * 5 - len(key) * 8)
    values = [bits >> 5 * place & 31 for place in reversed(range(length))]
    check_value = _checksum([*_EXPANDED, *values, 0, 0, 0, 0, 0, 0]) ^ 1
    values += [check_value >> 5 * place & 31 for place in reversed(range(6))]
    return _PREFIX + "1" + "".join(_CHARACTERS[value] for value in values)


def check(text: str) -> str:
    """`text`, if it is a hybrid recipient, in lower case, with the right checksum and length. Raises Unreadable."""
    body = text.removeprefix(_PREFIX + "1")
    length = -(-_KEY_LENGTH * 8 // 5)
    if body == text or len(body) != length + 6 or not _VALUES.keys() >= set(body):
        raise Unreadable("this is not a hybrid recipient age1pq1…")
    values = [_VALUES[character] for character in body]
    if _checksum(_EXPANDED + values) != 1 or values[length - 1] & ((1 << (length * 5 - _KEY_LENGTH * 8)) - 1):
        raise Unreadable("this recipient is mistyped")
    return text

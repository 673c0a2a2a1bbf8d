"""Ed25519 (RFC 8032), so that Python and the browser accept the same signatures.

Refused before `cryptography` sees them, since libraries differ on them:
- a public key or R that is not the canonical encoding of a point (y >= p, or x = 0 with the sign bit set);
- an S that is not below L;
- a public key of small order: it verifies one signature for almost any message.
The equation is the one without cofactor.
"""

from typing import Final

from cryptography.exceptions import InvalidSignature as _InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from answerable_protocol.errors import InvalidSignature, Unreadable

__all__ = ["Signer", "check_public", "public_key", "sign", "verify"]

_P: Final = 2**255 - 19
_L: Final = 2**252 + 27742317777372353535851937790883648493
_SIGN: Final = 1 << 255
_MASK: Final = _SIGN - 1
_D: Final = -121665 * pow(121666, -1, _P) % _P


def _order_8_ys() -> set[int]:
    # Doubling a point of order 8 gives x = ±sqrt(-1), y = 0: so its own y^2 = x^2 * -1, and the curve equation
    # -x^2 + y^2 = 1 + d x^2 y^2 becomes d y^4 + 2 y^2 - 1 = 0 (with x^2 = -y^2).
    root = _sqrt((1 + _D) % _P)
    ys = set()
    for sign in (1, -1):
        square = (-1 + sign * root) * pow(_D, -1, _P) % _P
        if pow(square, (_P - 1) // 2, _P) == 1:
            y = _sqrt(square)
            ys |= {y, _P - y}
    return ys


def _sqrt(square: int) -> int:
    root = pow(square, (_P + 3) // 8, _P)
    return root if root * root % _P == square else root * pow(2, (_P - 1) // 4, _P) % _P


_SMALL_ORDER: Final = frozenset({0, 1, _P - 1} | _order_8_ys())


class Signer:
    """A signing key, loaded once. `public` is its 32 bytes. Raises Unreadable if the seed is not 32 bytes."""

    def __init__(self, seed: bytes) -> None:
        if len(seed) != 32:
            raise Unreadable("an Ed25519 seed has 32 bytes")
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.public: bytes = self._key.public_key().public_bytes_raw()

    def sign(self, message: bytes) -> bytes:
        """The 64 bytes of the signature over `message`."""
        return self._key.sign(message)


def public_key(seed: bytes) -> bytes:
    """The public key of a 32-byte seed."""
    return Signer(seed).public


def sign(seed: bytes, message: bytes) -> bytes:
    """The signature of a 32-byte seed over `message`. Who signs often keeps a Signer."""
    return Signer(seed).sign(message)


def check_public(public: bytes) -> bytes:
    """`public`, if it is 32 bytes that canonically encode no small-order point; else raises InvalidSignature.

    Whether the point lies on the curve shows only when a signature is verified.
    """
    if len(public) != 32:
        raise InvalidSignature("an Ed25519 public key has 32 bytes")
    y = int.from_bytes(public, "little") & _MASK
    if y >= _P:
        raise InvalidSignature("this public key is not canonical")
    if y in _SMALL_ORDER:
        raise InvalidSignature("this public key is of small order: it would verify almost anything")
    return public


def verify(public: bytes, signature: bytes, message: bytes) -> bytes:
    """`message`, if `signature` is the key's over it. Raises InvalidSignature otherwise."""
    check_public(public)
    if len(signature) != 64:
        raise InvalidSignature("an Ed25519 signature has 64 bytes")
    r = int.from_bytes(signature[:32], "little")
    y = r & _MASK
    if y >= _P or (r & _SIGN and y in (1, _P - 1)):
        raise InvalidSignature("the point in this signature is not canonical")
    if int.from_bytes(signature[32:], "little") >= _L:
        raise InvalidSignature("the number in this signature is not canonical")
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (_InvalidSignature, ValueError):
        raise InvalidSignature("the signature does not match") from None
    return message

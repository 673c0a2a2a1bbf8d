"""Sealing and opening age files for one hybrid recipient, in Python (C2SP age; the browser does it with typage).

Only drills need it: everything else on the server never opens a sealed file. One recipient a stanza, so a file for
several is a header with several stanzas.
"""

import hashlib
import hmac
import os
from collections.abc import Sequence
from typing import Final

from answerable_protocol.encoding import base64_decode, base64_encode
from answerable_protocol.errors import ProtocolError
from answerable_protocol.recipient import encode
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hpke import (
    AEAD,
    KDF,
    KEM,
    MLKEM768X25519PrivateKey,
    MLKEM768X25519PublicKey,
    Suite,
)
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from answerable.drill.errors import Failed

__all__ = ["Identity", "seal"]

_INFO: Final = b"age-encryption.org/mlkem768x25519"
_SHARE: Final = 1120
_CHUNK: Final = 64 * 1024
_SUITE: Final = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)


class Identity:
    """A hybrid key made from a seed of 32 bytes, as age's own (X-Wing: SHAKE-256 makes both halves of it)."""

    def __init__(self, seed: bytes) -> None:
        both = hashlib.shake_256(seed).digest(96)
        kem = MLKEM768PrivateKey.from_seed_bytes(both[:64])
        curve = X25519PrivateKey.from_private_bytes(both[64:])
        self._key = MLKEM768X25519PrivateKey(kem, curve)
        self.public: MLKEM768X25519PublicKey = self._key.public_key()
        self.recipient = encode(kem.public_key().public_bytes_raw() + curve.public_key().public_bytes_raw())

    def open(self, file: bytes) -> bytes:
        """The plaintext. Raises Failed("open")."""
        try:
            return self._open(file)
        except (InvalidTag, ProtocolError, ValueError, IndexError):
            raise Failed("open") from None

    def _open(self, file: bytes) -> bytes:
        end = file.index(b"\n--- ") + 5
        stop = file.index(b"\n", end)
        lines = file[: end - 5].decode("ascii").split("\n")
        for at in range(1, len(lines), 2):
            share = _bytes(lines[at].removeprefix("-> mlkem768x25519 "))
            try:
                key = _SUITE.decrypt(share + _bytes(lines[at + 1]), self._key, _INFO)
            except InvalidTag:
                continue
            if not hmac.compare_digest(_mac(key, file[: end - 1]), _bytes(file[end:stop].decode("ascii"))):
                raise ValueError
            return _stream(key, file[stop + 1 : stop + 17], file[stop + 17 :])
        raise ValueError


def seal(plaintext: bytes, recipients: Sequence[MLKEM768X25519PublicKey]) -> bytes:
    """An age file for these."""
    key = os.urandom(16)
    lines = ["age-encryption.org/v1"]
    for each in recipients:
        made = _SUITE.encrypt(key, each, _INFO)
        lines += [f"-> mlkem768x25519 {_bare(made[:_SHARE])}", _bare(made[_SHARE:])]
    head = "\n".join([*lines, "---"]).encode()
    nonce = os.urandom(16)
    box = ChaCha20Poly1305(_derived(key, nonce, b"payload"))
    chunks = [plaintext[start : start + _CHUNK] for start in range(0, max(1, len(plaintext)), _CHUNK)]
    body = b"".join(
        box.encrypt(_counter(n, last=n == len(chunks) - 1), chunk, None) for n, chunk in enumerate(chunks)
    )
    return head + f" {_bare(_mac(key, head))}\n".encode() + nonce + body


def _stream(key: bytes, nonce: bytes, body: bytes) -> bytes:
    box = ChaCha20Poly1305(_derived(key, nonce, b"payload"))
    step = _CHUNK + 16
    starts = range(0, max(1, len(body)), step)
    return b"".join(
        box.decrypt(_counter(n, last=start + step >= len(body)), body[start : start + step], None)
        for n, start in enumerate(starts)
    )


def _counter(n: int, *, last: bool) -> bytes:
    return n.to_bytes(11, "big") + bytes([last])


def _mac(key: bytes, head: bytes) -> bytes:
    return hmac.new(_derived(key, b"", b"header"), head, hashlib.sha256).digest()


def _derived(key: bytes, salt: bytes, info: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt or None, info).derive(key)


def _bare(data: bytes) -> str:
    return base64_encode(data).rstrip("=")


def _bytes(text: str) -> bytes:
    return base64_decode(text + "=" * (-len(text) % 4))

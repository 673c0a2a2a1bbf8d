"""Secrets that must lie in the database, encrypted there, so that a copy of the database alone tells none.

    text = secretbox.seal("password", purpose="channels")
    secretbox.unseal(text, purpose="channels")

The key comes from the installation's secret key, another for each purpose. Whoever has both the database and that key
has the secrets: a program that must send mail by itself can't do better.
"""

import base64
import hashlib
import hmac
from typing import Literal

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings

from answerable.organisation.errors import Unreadable

__all__ = ["Purpose", "seal", "unseal"]

Purpose = Literal["second-factors", "sign-in", "channels", "drill"]


def seal(text: str, *, purpose: Purpose) -> str:
    """ASCII text that only this installation turns back, for this purpose."""
    return _box(purpose).encrypt(text.encode()).decode()


def unseal(sealed: str, *, purpose: Purpose) -> str:
    """What was sealed. Unreadable if it was changed, or sealed under another secret key or for another purpose."""
    try:
        return _box(purpose).decrypt(sealed.encode()).decode()
    except (InvalidToken, UnicodeError):
        raise Unreadable(f"a secret of {purpose}") from None


def _box(purpose: Purpose) -> Fernet:
    key = hmac.new(settings.SECRET_KEY.encode(), f"answerable/{purpose}/1".encode(), hashlib.sha256).digest()
    return Fernet(base64.urlsafe_b64encode(key))

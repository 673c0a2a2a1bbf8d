"""Secrets that an installation sealed under its own key (`organisation.secretbox`), on their way to another installation.

In an organisation's archive they stand as `unsealed:<purpose>:<text>`, under the archive's seal alone; on arrival they are
sealed under the key there. Second factors, groups' addresses and sign-in secrets so go on working.
"""

from typing import Any, get_args

from answerable.organisation import secretbox
from answerable.organisation.errors import Unreadable

_SEALED = "gAAAAA"  # how every Fernet token begins
_MARK = "unsealed:"
PURPOSES: tuple[secretbox.Purpose, ...] = get_args(secretbox.Purpose)


def opened(value: Any) -> Any:
    """A column's value with every secret of ours opened."""
    return _each(value, _open)


def closed(value: Any) -> Any:
    """A column's value with every opened secret sealed under this installation's key."""
    return _each(value, _close)


def _each(value: Any, change: Any) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [_each(one, change) for one in value]
    if isinstance(value, dict):
        return {key: _each(one, change) for key, one in value.items()}
    return value


def _open(text: str) -> str:
    if not text.startswith(_SEALED):
        return text
    for purpose in PURPOSES:
        try:
            return f"{_MARK}{purpose}:{secretbox.unseal(text, purpose=purpose)}"
        except Unreadable:
            continue
    return text


def _close(text: str) -> str:
    if not text.startswith(_MARK):
        return text
    named, _, secret = text.removeprefix(_MARK).partition(":")
    for purpose in PURPOSES:
        if purpose == named:
            return secretbox.seal(secret, purpose=purpose)
    return text

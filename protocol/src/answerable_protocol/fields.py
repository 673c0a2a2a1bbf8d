"""Members of our JSON objects, each checked for its type and range. Errors name the member, never its content."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from answerable_protocol.encoding import (
    base64url_decode,
    date_value,
    is_org,
    time_value,
)
from answerable_protocol.errors import Unreadable

__all__ = [
    "MOST_PROMISES",
    "PROMISE",
    "bilingual",
    "binary",
    "count",
    "day",
    "hash_or_none",
    "identifier",
    "identifiers",
    "listing",
    "member",
    "moment",
    "optional_text",
    "organisation",
    "promise_ids",
    "short_text",
    "version",
]

PROMISE = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+){0,7}")
"""The form of a promise id, such as `own-acknowledged`."""
_ID = re.compile(r"[A-Za-z0-9_-]{21}[AQgw]")  # 16 bytes: the last four bits are zero
_LONGEST = 2000
MOST_PROMISES = 32
"""Of one message."""


def member(members: Mapping[str, Any], name: str) -> Any:
    """The member `name`. Raises Unreadable if it is missing."""
    try:
        return members[name]
    except KeyError:
        raise Unreadable(f"the member {name} is missing") from None


def version(members: Mapping[str, Any]) -> int:
    """`v`, which must be 1. Raises Unreadable otherwise."""
    found = member(members, "v")
    if found != 1 or found is True:
        raise Unreadable("the member v is not 1: made by a newer program?")
    return 1


def short_text(members: Mapping[str, Any], name: str) -> str:
    """A text of 1 to 2,000 characters without control characters."""
    found = member(members, name)
    if not isinstance(found, str) or not 0 < len(found) <= _LONGEST or not _plain(found):
        raise Unreadable(f"the member {name} is not a short text")
    return found


def _plain(text: str) -> bool:
    return all(character >= " " and character != "\x7f" for character in text)


def optional_text(members: Mapping[str, Any], name: str, form: re.Pattern[str]) -> str | None:
    """null, or a text of exactly this form."""
    found = member(members, name)
    if found is not None and not (isinstance(found, str) and form.fullmatch(found)):
        raise Unreadable(f"the member {name} is neither null nor of its form")
    return found


def organisation(members: Mapping[str, Any]) -> str:
    """`org`."""
    found = member(members, "org")
    if not isinstance(found, str) or not is_org(found):
        raise Unreadable("the member org is not an organisation's short name")
    return found


def binary(members: Mapping[str, Any], name: str, length: int) -> bytes:
    """Exactly `length` bytes in base64url."""
    found = member(members, name)
    if not isinstance(found, str):
        raise Unreadable(f"the member {name} is not base64url")
    try:
        return base64url_decode(found, length)
    except Unreadable:
        raise Unreadable(f"the member {name} is not {length} bytes in base64url") from None


def hash_or_none(members: Mapping[str, Any], name: str) -> bytes | None:
    """null, or 32 bytes in base64url."""
    return None if member(members, name) is None else binary(members, name, 32)


def count(members: Mapping[str, Any], name: str, most: int) -> int:
    """An integer from 0 to `most`."""
    found = member(members, name)
    if not isinstance(found, int) or isinstance(found, bool) or not 0 <= found <= most:
        raise Unreadable(f"the member {name} is not a number from 0 to {most}")
    return found


def listing(members: Mapping[str, Any], name: str, most: int) -> list[Any]:
    """An array of up to `most` items."""
    found = member(members, name)
    if not isinstance(found, list) or len(found) > most:
        raise Unreadable(f"the member {name} is not a list of up to {most}")
    return found


def identifier(members: Mapping[str, Any], name: str) -> str:
    """An id, as its 22 characters."""
    return _identifier(member(members, name), name)


def _identifier(found: Any, name: str) -> str:
    if not isinstance(found, str) or not _ID.fullmatch(found):
        raise Unreadable(f"the member {name} is not an id")
    return found


def identifiers(found: Any, name: str, most: int) -> tuple[str, ...]:
    """An array of up to `most` different ids."""
    if not isinstance(found, list) or len(found) > most:
        raise Unreadable(f"{name} is not a list of up to {most} ids")
    ids = tuple([_identifier(each, name) for each in found])
    if len(set(ids)) != len(ids):
        raise Unreadable(f"an id stands twice in {name}")
    return ids


def promise_ids(found: Sequence[Any], name: str) -> tuple[str, ...]:
    """Up to MOST_PROMISES different promise ids."""
    if len(found) > MOST_PROMISES or not all(
        isinstance(each, str) and len(each) <= 64 and PROMISE.fullmatch(each) for each in found
    ):
        raise Unreadable(f"{name} does not hold promise ids")
    if len(set(found)) != len(found):
        raise Unreadable(f"a promise stands twice in {name}")
    return tuple(found)


def moment(members: Mapping[str, Any], name: str) -> datetime:
    """A time in UTC."""
    found = member(members, name)
    if not isinstance(found, str):
        raise Unreadable(f"the member {name} is not a time")
    return time_value(found)


def day(members: Mapping[str, Any], name: str) -> date:
    """A day."""
    found = member(members, name)
    if not isinstance(found, str):
        raise Unreadable(f"the member {name} is not a day")
    return date_value(found)


def bilingual(members: Mapping[str, Any], name: str) -> dict[str, str]:
    """{"en": …, "zh": …}, each a short text; one may be empty."""
    found = member(members, name)
    if not isinstance(found, dict):
        raise Unreadable(f"the member {name} is not a text in two languages")
    return {
        language: "" if found.get(language) == "" else short_text(found, language)
        for language in ("en", "zh")
    }

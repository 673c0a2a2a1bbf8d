"""The bytes that every format here is made of (spec/encoding.md).

- `lp(x)` = I2OSP(len(x), 2) || x, so that joined fields can't slide into one another.
- JSON is written in the one form of RFC 8785 for objects with ASCII names, strings, integers of size below 2^53,
  true, false, null and arrays. It is read with any spacing and order, but no name twice, no fraction and no exponent.
- Base64 and base64url are read only in their one canonical form.
- Times are UTC with "Z" and whole seconds.
"""

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from answerable_protocol.errors import Unreadable

__all__ = [
    "ID_BYTES",
    "Json",
    "base64_decode",
    "base64_encode",
    "base64url_decode",
    "base64url_encode",
    "canonical",
    "date_text",
    "date_value",
    "i2osp",
    "id_bytes",
    "id_text",
    "is_org",
    "lp",
    "parse_json",
    "parse_object",
    "sha256",
    "time_text",
    "time_value",
    "utf8",
]

Json = Any
"""A JSON value as Python holds it: dict, list, str, int, bool or None. (A recursive type helps no caller.)"""

ID_BYTES = 16
_SAFE = 1 << 53
_DEEPEST = 64
_SURROGATE = re.compile("[\ud800-\udfff]")
_ESCAPED_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
_ORG = re.compile(r"[a-z0-9-]{1,63}")
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
_TO_URL = bytes.maketrans(b"+/", b"-_")
_FROM_URL = bytes.maketrans(b"-_+/=", b"+/!!!")
_PADDING = (b"", b"!", b"==", b"=")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def utf8(text: str) -> bytes:
    """The UTF-8 bytes of `text`; a surrogate without its partner becomes U+FFFD, as in a browser."""
    return _well_formed(text).encode("utf-8")


def i2osp(value: int, length: int) -> bytes:
    """`value` as `length` bytes, most significant first (RFC 8017, 4.1). Raises Unreadable if it doesn't fit."""
    try:
        return value.to_bytes(length, "big")
    except (OverflowError, ValueError):
        raise Unreadable(f"a number does not fit in {length} bytes") from None


def lp(part: bytes | str) -> bytes:
    """`part` with its length in two bytes before it. Text goes in as UTF-8. Raises Unreadable above 65,535 bytes."""
    raw = utf8(part) if isinstance(part, str) else part
    if len(raw) > 0xFFFF:
        raise Unreadable("a field is longer than 65,535 bytes")
    return len(raw).to_bytes(2, "big") + raw


def sha256(data: bytes) -> bytes:
    """SHA-256, 32 bytes."""
    return hashlib.sha256(data).digest()


def is_org(text: str) -> bool:
    """Whether `text` can name an organisation: 1 to 63 of a-z, 0-9 and "-"."""
    return _ORG.fullmatch(text) is not None


def _well_formed(text: str) -> str:
    if not _SURROGATE.search(text):
        return text
    # Python may hold an astral character as two surrogates, a browser always does: join those first.
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _writable(value: Json, depth: int = 0) -> Json:
    if depth > _DEEPEST:
        raise Unreadable("JSON is nested too deeply")
    if value is None or value is True or value is False:
        return value
    if isinstance(value, str):
        return _well_formed(value)
    if isinstance(value, int):
        if not -_SAFE < value < _SAFE:
            raise Unreadable("a number in JSON is not below 2^53")
        return int(value)
    if isinstance(value, list | tuple):
        return [_writable(item, depth + 1) for item in value]
    if isinstance(value, Mapping):
        if not all(isinstance(name, str) and name.isascii() for name in value):
            raise Unreadable("a member name in JSON is not ASCII")
        return {name: _writable(item, depth + 1) for name, item in value.items()}
    raise Unreadable(f"JSON here holds no {type(value).__name__}")


def canonical(value: Json) -> bytes:
    """The canonical JSON of `value` (RFC 8785 for our subset).

    Raises Unreadable for fractions, other types, numbers of 2^53 and more, and names that are not ASCII.
    """
    text = json.dumps(_writable(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode("utf-8")


def _members(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise Unreadable("a member stands twice in a JSON object")
    for name in members:
        if not name.isascii():
            raise Unreadable("a member name in JSON is not ASCII")
    return members


def _integer(text: str) -> int:
    if len(text) > 17 or text == "-0":
        raise Unreadable("a number in JSON is not an integer below 2^53")
    value = int(text)
    if not -_SAFE < value < _SAFE:
        raise Unreadable("a number in JSON is not below 2^53")
    return value


def _no_number(_text: str) -> Json:
    raise Unreadable("a number in JSON is not an integer")


_decoder = json.JSONDecoder(
    object_pairs_hook=_members, parse_int=_integer, parse_float=_no_number, parse_constant=_no_number
)


def parse_json(data: bytes) -> Json:
    """The value of JSON bytes, of our subset.

    Any spacing and member order is taken: who hashes a text hashes the bytes received. Raises Unreadable if a name
    stands twice, a number is no integer below 2^53, a surrogate is alone, or this is no UTF-8 JSON text at all.
    """
    try:
        value = _decoder.decode(data.decode("utf-8"))
    except (ValueError, RecursionError):
        raise Unreadable("this is not JSON in UTF-8") from None
    if b"\\" in data and _ESCAPED_SURROGATE.search(data):
        _refuse_lone_surrogates(value)
    return value


def _refuse_lone_surrogates(value: Json) -> None:
    stack = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, str):
            if _SURROGATE.search(item):
                raise Unreadable("a text in JSON holds half a character")
        elif isinstance(item, list):
            stack.extend(item)
        elif isinstance(item, dict):
            stack.extend(item.values())


def parse_object(data: bytes) -> dict[str, Json]:
    """Like parse_json, and the value is an object."""
    value = parse_json(data)
    if not isinstance(value, dict):
        raise Unreadable("this JSON is not an object")
    return value


def base64_encode(data: bytes) -> str:
    """Standard base64 with padding (RFC 4648, 4): notes and leaves."""
    return binascii.b2a_base64(data, newline=False).decode("ascii")


def base64_decode(text: str, length: int | None = None) -> bytes:
    """The bytes of standard base64 with padding. Raises Unreadable if not canonical, or not of `length` bytes."""
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        raise Unreadable("this is not base64") from None
    # The standard decoder takes bits that are not zero in the last character, and padding in odd places.
    if base64_encode(data) != text or (length is not None and len(data) != length):
        raise Unreadable("this base64 is not canonical, or of another length")
    return data


def base64url_encode(data: bytes) -> str:
    """Base64url without padding (RFC 4648, 5): everything binary in JSON and addresses."""
    return binascii.b2a_base64(data, newline=False).translate(_TO_URL).rstrip(b"=").decode("ascii")


def base64url_decode(text: str, length: int | None = None) -> bytes:
    """The bytes of base64url without padding. Raises Unreadable if not canonical, or not of `length` bytes."""
    over = len(text) % 4
    try:
        # Whatever is no letter of base64url becomes one that the strict decoder refuses.
        data = binascii.a2b_base64(
            text.encode("ascii").translate(_FROM_URL) + _PADDING[over], strict_mode=True
        )
    except ValueError:
        raise Unreadable("this is not base64url") from None
    # Only the last letters can still differ from the canonical text: their spare bits must be zero.
    if over and base64url_encode(data[-(len(data) % 3) :]) != text[-over:]:
        raise Unreadable("this base64url is not canonical")
    if length is not None and len(data) != length:
        raise Unreadable("this base64url is of another length")
    return data


def id_text(raw: bytes) -> str:
    """An id's 16 bytes as its 22 characters. Raises Unreadable for another length."""
    if len(raw) != ID_BYTES:
        raise Unreadable("an id has 16 bytes")
    return base64url_encode(raw)


def id_bytes(text: str) -> bytes:
    """An id's 22 characters as its 16 bytes. Raises Unreadable if they are not canonical."""
    return base64url_decode(text, ID_BYTES)


def time_text(moment: datetime) -> str:
    """`moment` as RFC 3339 in UTC with "Z". Raises Unreadable for a naive time or a fraction of a second."""
    if moment.tzinfo is None or moment.microsecond:
        raise Unreadable("a time needs a zone and whole seconds")
    return moment.astimezone(UTC).isoformat()[:19] + "Z"


def time_value(text: str) -> datetime:
    """The moment of an RFC 3339 text with "Z" and whole seconds. Raises Unreadable otherwise."""
    if not _TIME.fullmatch(text):
        raise Unreadable("a time is not of the form 2026-03-09T08:00:00Z")
    try:
        return datetime(*map(int, re.findall("[0-9]+", text)), tzinfo=UTC)  # type: ignore[arg-type,misc]
    except ValueError:
        raise Unreadable("a time does not exist") from None


def date_text(day: date) -> str:
    """`day` as YYYY-MM-DD."""
    return day.isoformat()[:10]


def date_value(text: str) -> date:
    """The day of a YYYY-MM-DD text. Raises Unreadable otherwise."""
    if not _DATE.fullmatch(text):
        raise Unreadable("a date is not of the form 2026-03-09")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Unreadable("a date does not exist") from None

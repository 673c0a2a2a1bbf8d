"""A small part of JSON Schema (2020-12): enough to check what comes in and to document what goes out.

Known words: type (one or a list), properties, required, additionalProperties (False, True or a schema), items, minItems, maxItems,
enum, const, pattern, minLength, maxLength, minimum, maximum. `description` and `format` say, and check nothing.
"""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

Schema = Mapping[str, Any]

_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "boolean": (bool,),
    "null": (type(None),),
    "integer": (int,),
}


class DoesNotFit(Exception):
    """A value is not what its schema says. The message names the place, never the value."""


def check(value: Any, schema: Schema, where: str = "body") -> None:
    """Raise DoesNotFit unless `value` fits `schema`."""
    if "type" in schema:
        _check_type(value, schema["type"], where)
    if "enum" in schema and value not in schema["enum"]:
        raise DoesNotFit(f"{where} is not one of the known values")
    if "const" in schema and value != schema["const"]:
        raise DoesNotFit(f"{where} is not the fixed value")
    if isinstance(value, dict):
        _check_object(value, schema, where)
    elif isinstance(value, list):
        _check_array(value, schema, where)
    elif isinstance(value, str):
        _check_string(value, schema, where)
    elif isinstance(value, int) and not isinstance(value, bool):
        _check_number(value, schema, where)


def _check_type(value: Any, wanted: str | list[str], where: str) -> None:
    for name in [wanted] if isinstance(wanted, str) else wanted:
        if isinstance(value, _TYPES[name]) and not (name == "integer" and isinstance(value, bool)):
            return
    raise DoesNotFit(f"{where} has another type")


def _check_object(value: dict[str, Any], schema: Schema, where: str) -> None:
    for name in schema.get("required", ()):
        if name not in value:
            raise DoesNotFit(f"{where} lacks {name}")
    properties = schema.get("properties", {})
    more = schema.get("additionalProperties", True)
    for name, item in value.items():
        if name in properties:
            check(item, properties[name], f"{where}.{name}")
        elif more is False:
            raise DoesNotFit(f"{where} has a member too many")
        elif isinstance(more, Mapping):
            check(item, more, f"{where}.*")


def _check_array(value: list[Any], schema: Schema, where: str) -> None:
    if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)):
        raise DoesNotFit(f"{where} has too few or too many items")
    if "items" in schema:
        for item in value:
            check(item, schema["items"], f"{where}[]")


def _check_number(value: int, schema: Schema, where: str) -> None:
    if not schema.get("minimum", value) <= value <= schema.get("maximum", value):
        raise DoesNotFit(f"{where} is out of range")


def _check_string(value: str, schema: Schema, where: str) -> None:
    if not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value)):
        raise DoesNotFit(f"{where} is too short or too long")
    if "pattern" in schema and not _pattern(schema["pattern"]).search(value):
        raise DoesNotFit(f"{where} is written otherwise")


@cache
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text.replace("$", r"\Z"))


def thing(required: Mapping[str, Schema], optional: Mapping[str, Schema] | None = None) -> dict[str, Any]:
    """An object with these members and no others."""
    return {
        "type": "object",
        "properties": {**required, **(optional or {})},
        "required": list(required),
        "additionalProperties": False,
    }


def items(of: Schema, most: int | None = None) -> dict[str, Any]:
    """An array of one kind."""
    return {"type": "array", "items": of} | ({} if most is None else {"maxItems": most})


def or_null(schema: Schema) -> dict[str, Any]:
    """The same, or null."""
    kind = schema["type"]
    widened = dict(schema) | {"type": [*([kind] if isinstance(kind, str) else kind), "null"]}
    if "enum" in schema:
        widened["enum"] = [*schema["enum"], None]
    return widened


def binary(length: int | None = None, most: int | None = None) -> dict[str, Any]:
    """Base64url without padding, of exactly `length` bytes or of at most `most`."""
    found: dict[str, Any] = {"type": "string", "pattern": "^[A-Za-z0-9_-]*$", "format": "base64url"}
    if length is not None:
        size = -(-length * 4 // 3)
        found |= {"minLength": size, "maxLength": size}
    elif most is not None:
        found["maxLength"] = -(-most * 4 // 3)
    return found


TEXT: Schema = {"type": "string"}
FLAG: Schema = {"type": "boolean"}
COUNT: Schema = {"type": "integer", "minimum": 0}
ID: Schema = {"type": "string", "pattern": "^[A-Za-z0-9_-]{22}$", "description": "16 bytes, base64url"}
HASH: Schema = {"type": "string", "pattern": "^[A-Za-z0-9_-]{43}$", "description": "SHA-256, base64url"}
TIME: Schema = {"type": "string", "pattern": "^[0-9-]{10}T[0-9:]{8}Z$", "format": "date-time"}
WORDS: Schema = thing({"en": TEXT, "zh": TEXT})

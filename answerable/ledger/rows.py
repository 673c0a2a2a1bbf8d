"""Many rows at once, without the ORM's cost per row and per query: it takes most of what a batch costs (`make bench`).

Values are put in as the ORM would put them: `insert` then `Model.objects.get()` gives the same values on both
databases. Statements go to the driver as they are, so that it prepares each once; errors come out as Django's own.
Rows go in by 64, 32, … 1, and looked-up values are filled up to such a count: so there are few different statements.
"""

import json
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connection, connections, models

MOST_AT_ONCE = 64
_Convert = Callable[[Any], Any]
_Insert = tuple[str, str, list[tuple[int, _Convert]]]
_known: dict[tuple[str, type[models.Model], tuple[str, ...]], _Insert] = {}


def run(sql: str, values: Sequence[Any]) -> list[Any]:
    """Execute one statement written with %s, without %% or any other %, and return its rows if it has any."""
    here = connections[DEFAULT_DB_ALIAS]  # `connection` looks it up anew for each attribute
    if here.connection is None:
        here.ensure_connection()
    raw = here.connection
    with here.wrap_database_errors:
        if here.vendor == "sqlite":
            found: list[Any] = raw.execute(_question_marks(sql), values).fetchall()
            return found
        with _psycopg_cursor(raw) as cursor:
            cursor.execute(sql, values, prepare=True)
            return cursor.fetchall() if cursor.description else []


def insert(model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Insert rows given as values of `columns` (attribute names, `x_id` for a foreign key). None is null.

    Columns left out get the database's default, not the model's: name all of them. Lists given as tuples to a JSON
    column are remembered as text.
    """
    head, marks, changed = _prepared(model, tuple(columns))
    values: list[list[Any]] = []
    for row in rows:
        line = list(row)
        for place, convert in changed:
            if line[place] is not None:
                line[place] = convert(line[place])
        values.append(line)
    at = 0
    size = MOST_AT_ONCE
    while at < len(values):
        while size > len(values) - at:
            size >>= 1
        run(_values(head, marks, size), [each for line in values[at : at + size] for each in line])
        at += size


def among(
    model: type[models.Model], key: str, values: Collection[Any], columns: Sequence[str], **same: Any
) -> list[Any]:
    """The `columns` of rows whose `key` is one of `values` and whose `same` columns are as given, as the driver gives
    them: on SQLite an id comes as its hex.
    """
    if not values:
        return []
    head, tail, convert, converts = _looked_up(model, key, tuple(columns), tuple(same))
    wanted = list(values) if convert is None else [convert(each) for each in values]
    fixed = [to(each) if to else each for to, each in zip(converts, same.values(), strict=True)]
    found: list[Any] = []
    for at in range(0, len(wanted), MOST_AT_ONCE):
        part = wanted[at : at + MOST_AT_ONCE]
        size = 1 << (len(part) - 1).bit_length()
        part += part[:1] * (size - len(part))
        found += run(_in(head, tail, size), [*part, *fixed])
    return found


@lru_cache(maxsize=1024)
def _question_marks(sql: str) -> str:
    return sql.replace("%s", "?")


@lru_cache(maxsize=1024)
def _values(head: str, marks: str, count: int) -> str:
    return head + ", ".join([marks] * count)


@lru_cache(maxsize=1024)
def _in(head: str, tail: str, count: int) -> str:
    return f"{head} IN ({', '.join(['%s'] * count)}){tail}"


def _psycopg_cursor(raw: Any) -> Any:
    # Django's own cursor writes values into the statement as text: bytes double, and nothing can be prepared.
    from psycopg import Cursor

    return Cursor(raw)


def _prepared(model: type[models.Model], columns: tuple[str, ...]) -> _Insert:
    key = (connection.vendor, model, columns)
    if key not in _known:
        fields = {field.attname: field for field in model._meta.concrete_fields}
        quote = connection.ops.quote_name
        names = ", ".join(quote(fields[column].column) for column in columns)
        head = f"INSERT INTO {quote(model._meta.db_table)} ({names}) VALUES "  # noqa: S608 - names only
        converters = [_converter(fields[column], connection.vendor) for column in columns]
        changed = [(place, convert) for place, convert in enumerate(converters) if convert]
        _known[key] = head, f"({', '.join(['%s'] * len(columns))})", changed
    return _known[key]


def _looked_up(
    model: type[models.Model], key: str, columns: tuple[str, ...], same: tuple[str, ...]
) -> tuple[str, str, _Convert | None, list[_Convert | None]]:
    return _look_up(connection.vendor, model, key, columns, same)


@lru_cache(maxsize=256)
def _look_up(
    vendor: str, model: type[models.Model], key: str, columns: tuple[str, ...], same: tuple[str, ...]
) -> tuple[str, str, _Convert | None, list[_Convert | None]]:
    fields = {field.attname: field for field in model._meta.concrete_fields}
    quote = connection.ops.quote_name
    names = ", ".join(quote(fields[column].column) for column in columns)
    head = f"SELECT {names} FROM {quote(model._meta.db_table)} WHERE {quote(fields[key].column)}"  # noqa: S608
    tail = "".join(f" AND {quote(fields[each].column)} = %s" for each in same)
    converts = [_converter(fields[each], vendor) for each in same]
    return head, tail, _converter(fields[key], vendor), converts


def _converter(field: "models.Field[Any, Any]", vendor: str) -> _Convert | None:
    while isinstance(field, models.ForeignKey):
        field = field.target_field
    if isinstance(field, models.JSONField):
        return _json
    if vendor != "sqlite":
        return None
    if isinstance(field, models.UUIDField):
        return _hex
    if isinstance(field, models.DateTimeField):
        return _moment
    return None


def _json(value: Any) -> str:
    return _json_of_tuple(value) if isinstance(value, tuple) else json.dumps(value)


@lru_cache(maxsize=1024)
def _json_of_tuple(value: tuple[Any, ...]) -> str:
    return json.dumps(value)


def _hex(value: UUID) -> str:
    return value.hex


@lru_cache(maxsize=1024)
def _moment(value: datetime) -> str:
    return str(value.astimezone(UTC).replace(tzinfo=None))

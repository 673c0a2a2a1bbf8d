"""Many rows at once, without the ORM's cost per row: it takes most of what a batch costs (`make bench`).

Values are put in as the ORM would put them: `insert` then `Model.objects.get()` gives the same values on both
databases.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC
from typing import Any

from django.db import connection, models

_Convert = Callable[[Any], Any]
_known: dict[tuple[str, type[models.Model], tuple[str, ...]], tuple[str, list[_Convert | None]]] = {}


def insert(model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Insert rows given as values of `columns` (attribute names, `x_id` for a foreign key). None is null.

    Columns left out get the database's default, not the model's: name all of them.
    """
    sql, converters = _prepared(model, tuple(columns))
    changed = [(place, convert) for place, convert in enumerate(converters) if convert]
    values = []
    for row in rows:
        line = list(row)
        for place, convert in changed:
            if line[place] is not None:
                line[place] = convert(line[place])
        values.append(line)
    if values:
        with connection.cursor() as cursor:
            cursor.executemany(sql, values)


def _prepared(model: type[models.Model], columns: tuple[str, ...]) -> tuple[str, list[_Convert | None]]:
    key = (connection.vendor, model, columns)
    if key not in _known:
        fields = {field.attname: field for field in model._meta.concrete_fields}
        quote = connection.ops.quote_name
        names = ", ".join(quote(fields[column].column) for column in columns)
        marks = ", ".join(["%s"] * len(columns))
        sql = f"INSERT INTO {quote(model._meta.db_table)} ({names}) VALUES ({marks})"  # noqa: S608 - names only
        _known[key] = sql, [_converter(fields[column]) for column in columns]
    return _known[key]


def _converter(field: "models.Field[Any, Any]") -> _Convert | None:
    while isinstance(field, models.ForeignKey):
        field = field.target_field
    if isinstance(field, models.JSONField):
        return json.dumps
    if connection.vendor != "sqlite":
        return None
    if isinstance(field, models.UUIDField):
        return lambda value: value.hex
    if isinstance(field, models.DateTimeField):
        return lambda value: str(value.astimezone(UTC).replace(tzinfo=None))
    return None

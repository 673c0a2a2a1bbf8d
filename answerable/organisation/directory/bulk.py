"""A quarter of a million rows in seconds: COPY on PostgreSQL, prepared statements on SQLite. Inside the caller's transaction.

Values are as the driver takes them (`driver_id`, JSON as text); errors come out as Django's own.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any
from uuid import UUID

from django.db import connection, models

AT_ONCE = 500
"""Ids in one IN (…)."""


def driver_id(value: UUID) -> Any:
    """A UUID as the database's driver has it."""
    return value.hex if connection.vendor == "sqlite" else value


def column(model: type[models.Model], attribute: str) -> str:
    """The quoted column of an attribute (`unit_id` for a foreign key)."""
    found = next(each for each in model._meta.concrete_fields if each.attname == attribute)
    return connection.ops.quote_name(found.column)


def select(sql: str, values: Sequence[Any]) -> Iterator[tuple[Any, ...]]:
    """Rows as the driver gives them, some at a time."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        while rows := cursor.fetchmany(5_000):
            yield from rows


def insert(model: type[models.Model], attributes: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Insert rows given as values of `attributes`; what is left out gets the model's default."""
    named = list(attributes)
    constant: list[Any] = []
    for each in model._meta.concrete_fields:
        if each.attname not in attributes and not isinstance(each, models.AutoField):
            named.append(each.attname)
            constant.append(each.get_db_prep_save(each.get_default(), connection))
    whole = ((*row, *constant) for row in rows) if constant else rows
    _load(model._meta.db_table, ", ".join(column(model, name) for name in named), len(named), whole)


def update(model: type[models.Model], attributes: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Set `attributes` of the rows whose id comes first in each of `rows`."""
    table, key = connection.ops.quote_name(model._meta.db_table), connection.ops.quote_name("id")
    names = [column(model, name) for name in attributes]
    if connection.vendor == "sqlite":
        into = ", ".join(f"{name} = %s" for name in names)
        turned = [(*row[1:], row[0]) for row in rows]
        if turned:
            with connection.cursor() as cursor:
                cursor.executemany(f"UPDATE {table} SET {into} WHERE {key} = %s", turned)  # noqa: S608 - names only
        return
    listed = ", ".join([key, *names])
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMP TABLE directory_new AS SELECT {listed} FROM {table} WITH NO DATA")  # noqa: S608
    _load("directory_new", listed, len(names) + 1, rows)
    into = ", ".join(f"{name} = directory_new.{name}" for name in names)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} SET {into} FROM directory_new WHERE {table}.{key} = directory_new.{key}"  # noqa: S608
        )
        cursor.execute("DROP TABLE directory_new")


def parts(values: Iterable[Any]) -> Iterator[list[Any]]:
    """By AT_ONCE."""
    left = iter(values)
    while part := list(islice(left, AT_ONCE)):
        yield part


def _load(table: str, listed: str, width: int, rows: Iterable[Sequence[Any]]) -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            marks = ", ".join(["%s"] * width)
            # Django's wrapper can't do with nothing to do.
            for part in _many(rows):
                cursor.executemany(f"INSERT INTO {table} ({listed}) VALUES ({marks})", part)  # noqa: S608
            return
        with connection.wrap_database_errors, cursor.copy(f"COPY {table} ({listed}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)


def _many(rows: Iterable[Sequence[Any]]) -> Iterator[list[Sequence[Any]]]:
    left = iter(rows)
    while part := list(islice(left, 10_000)):
        yield part

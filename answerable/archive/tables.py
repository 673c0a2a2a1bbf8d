"""Rows of every table in one canonical form, alike from SQLite and PostgreSQL: read, written, counted and hashed.

A row is one line of JSON: a list of its columns' values in the order of the archive's manifest. Bytes are base64, ids 32
hex digits, moments `2026-11-25T03:00:00.000000` in UTC, JSON itself with sorted keys. The hash of a table is the sum of
the SHA-256 of its lines, modulo 2**256: it does not depend on an order, which two databases may have differently.
"""

import base64
import hashlib
import json
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.apps import apps as current
from django.core.exceptions import ValidationError
from django.core.management.color import no_style
from django.db import connections, models

from answerable.archive.errors import Damaged

Model = type[models.Model]

LEFT_OUT = {
    "organisation.opensession": "people sign in again; a stolen backup holds no open session",
    "organisation.sharedcount": "counts of tries against limits: they expire within hours",
    "intake.spent": "used-up proofs of work: they expire within minutes",
    "intake.mailboxsession": "open mailboxes: they end with a tab, and say when somebody was here",
}
"""Tables that no archive holds, and why. `auth` and `contenttypes` are filled by migrations."""

_FILLED_BY_MIGRATIONS = {"auth", "contenttypes"}


def archived(apps: Any = current) -> list[Model]:
    """Every table that is archived, those that others point to first as far as they can be."""
    return [
        model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed
        and not model._meta.proxy
        and model._meta.app_label not in _FILLED_BY_MIGRATIONS
        and model._meta.label_lower not in LEFT_OUT
    ]


@dataclass
class Sum:
    """Count and order-free hash of the rows of one table."""

    rows: int = 0
    total: int = 0

    def add(self, line: bytes) -> None:
        self.rows += 1
        self.total = (self.total + int.from_bytes(hashlib.sha256(line).digest(), "big")) % (1 << 256)

    def json(self) -> list[Any]:
        """As it stands in an archive's end."""
        return [self.rows, f"{self.total:064x}"]


class Table:
    """One model's columns, with the ways of their values to and from a line."""

    def __init__(self, model: Model, columns: Sequence[str] | None = None) -> None:
        """`columns` (attribute names, as in a manifest) default to all of them. Raises Damaged for unknown ones."""
        self.model = model
        self.label = model._meta.label_lower
        fields = {field.attname: field for field in model._meta.concrete_fields}
        self.columns = sorted(fields) if columns is None else list(columns)
        unknown = set(self.columns) - fields.keys()
        if unknown:
            raise Damaged(f"table {self.label} has no column {', '.join(sorted(unknown))}")
        self.fields = [fields[name] for name in self.columns]
        self._kinds = [_kind(field) for field in self.fields]
        self._wide = any(kind in {"bytes", "json"} for kind in self._kinds)

    def lines(self, using: str, change: Callable[[Any], Any] | None = None, **only: Any) -> Iterator[bytes]:
        """Every row as its line, a few at a time in memory, within the caller's transaction; `change` sees text and JSON."""
        encode = [_ENCODE[kind] for kind in self._kinds]
        if change is not None:
            encode = [
                change if kind in {"plain", "json"} else to
                for kind, to in zip(self._kinds, encode, strict=True)
            ]
        rows = self.model._base_manager.using(using).filter(**only).order_by("pk").distinct()
        for row in rows.values_list(*self.columns).iterator(chunk_size=64 if self._wide else 2000):
            yield line_of(
                [None if value is None else to(value) for to, value in zip(encode, row, strict=True)]
            )

    def sum(self, using: str, **only: Any) -> Sum:
        """Count and hash of what a database holds."""
        found = Sum()
        for line in self.lines(using, **only):
            found.add(line)
        return found

    def values(self, line: bytes) -> list[Any]:
        """The values of a line. Raises Damaged."""
        try:
            row = json.loads(line)
            if not isinstance(row, list) or len(row) != len(self._kinds):
                raise ValueError("not so many columns")
            pairs = zip(self._kinds, row, strict=True)
            return [
                None if value is None and kind != "json" else _DECODE[kind](value) for kind, value in pairs
            ]
        except (ValueError, TypeError, AttributeError, ArithmeticError, RecursionError) as error:
            raise Damaged(f"a row of table {self.label} can't be read") from error

    def insert(self, rows: Iterable[Sequence[Any]], using: str) -> None:
        """Insert rows of values, as they are: no default, no date of today, no trigger of ours is on inserts."""
        here = connections[using]
        quote = here.ops.quote_name
        names = ", ".join(quote(field.column) for field in self.fields)
        head = f"{quote(self.model._meta.db_table)} ({names})"
        with here.cursor() as cursor:
            if here.vendor == "postgresql":
                with here.connection.cursor() as raw, raw.copy(f"COPY {head} FROM STDIN") as copy:
                    for row in rows:
                        copy.write_row(self._prepared(row, here))
                return
            marks = ", ".join(["%s"] * len(self.fields))
            sql = f"INSERT INTO {head} VALUES ({marks})"  # noqa: S608 - names only
            cursor.executemany(sql, [self._prepared(row, here) for row in rows])

    def _prepared(self, row: Sequence[Any], here: Any) -> list[Any]:
        # A JSON column's None came from null of SQL or of JSON: ours are never null of JSON.
        try:
            return [
                None if value is None else field.get_db_prep_save(value, here)
                for field, value in zip(self.fields, row, strict=True)
            ]
        except (ValueError, TypeError, ValidationError) as error:
            raise Damaged(f"a row of table {self.label} can't be read") from error


def line_of(values: Sequence[Any]) -> bytes:
    """The canonical line of values that JSON can hold."""
    return json.dumps(values, sort_keys=True, separators=(",", ":")).encode("ascii")


def reset_sequences(model_list: Sequence[Model], using: str) -> None:
    """The next automatic id comes after the highest that was put in."""
    here = connections[using]
    with here.cursor() as cursor:
        for sql in here.ops.sequence_reset_sql(no_style(), list(model_list)):
            cursor.execute(sql)


def _kind(field: "models.Field[Any, Any]") -> str:
    while isinstance(field, models.ForeignKey):
        field = field.target_field
    for types, kind in _KINDS:
        if isinstance(field, types):
            return kind
    return "plain"


_KINDS: list[tuple[Any, str]] = [
    (models.BinaryField, "bytes"),
    (models.JSONField, "json"),
    (models.UUIDField, "id"),
    (models.DateTimeField, "moment"),
    (models.DateField, "date"),
    (models.TimeField, "time"),
    (models.DurationField, "duration"),
    (models.DecimalField, "decimal"),
]


def _moment(value: datetime) -> str:
    return value.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds")


def _same_number(value: Any) -> Any:
    """PostgreSQL writes 1e16 as an integer; so do we."""
    if isinstance(value, float) and value.is_integer() and abs(value) >= 1e16:
        return int(value)
    if isinstance(value, list):
        return [_same_number(each) for each in value]
    if isinstance(value, dict):
        return {key: _same_number(each) for key, each in value.items()}
    return value


def _as_is(value: Any) -> Any:
    return value


_ENCODE: dict[str, Callable[[Any], Any]] = {
    "plain": _as_is,
    "bytes": lambda value: base64.b64encode(value).decode("ascii"),
    "json": _same_number,
    "id": lambda value: value.hex,
    "moment": _moment,
    "date": lambda value: value.isoformat(),
    "time": lambda value: value.isoformat(),
    "duration": lambda value: value // timedelta(microseconds=1),
    "decimal": str,
}
_DECODE: dict[str, Callable[[Any], Any]] = {
    "plain": _as_is,
    "bytes": lambda value: base64.b64decode(value, validate=True),
    "json": _as_is,
    "id": lambda value: uuid.UUID(hex=value),
    "moment": lambda value: datetime.fromisoformat(value).replace(tzinfo=UTC),
    "date": date.fromisoformat,
    "time": time.fromisoformat,
    "duration": lambda value: timedelta(microseconds=value),
    "decimal": Decimal,
}

"""Triggers for what a row must never do, alike on SQLite and PostgreSQL: the last guard, below our own code.

Used by migrations. A later migration that makes SQLite rebuild a guarded table drops its triggers silently:
guard it again at its end (the tests of each guard would tell).
"""

from collections.abc import Callable
from typing import Any

from django.db import migrations

_SQLITE = """
CREATE TRIGGER {name} BEFORE UPDATE ON {table} WHEN {when}
BEGIN SELECT RAISE(ABORT, '{name}'); END
"""
_POSTGRESQL = """
CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '{name}' USING ERRCODE = 'integrity_constraint_violation'; END $$;
CREATE TRIGGER {name} BEFORE UPDATE ON {table} FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION {name}()
"""


def guard(table: str, name: str, when: str) -> migrations.RunPython:
    """Refuse an update of `table` where the condition `when` over OLD and NEW holds; IntegrityError names
    `name`.
    """

    def on(apps: Any, editor: Any) -> None:  # noqa: ARG001 - Django's signature
        sql = _SQLITE if editor.connection.vendor == "sqlite" else _POSTGRESQL
        with editor.connection.cursor() as cursor:
            cursor.execute(sql.format(table=table, name=name, when=when))

    def off(apps: Any, editor: Any) -> None:  # noqa: ARG001
        with editor.connection.cursor() as cursor:
            if editor.connection.vendor == "sqlite":
                cursor.execute(f"DROP TRIGGER {name}")
            else:
                cursor.execute(f"DROP FUNCTION {name}() CASCADE")

    run: Callable[..., None] = on
    return migrations.RunPython(run, off)


def unguard(table: str, name: str) -> migrations.RunPython:
    """Take a guard away, for one that takes its place in the same migration."""

    def off(apps: Any, editor: Any) -> None:  # noqa: ARG001 - Django's signature
        with editor.connection.cursor() as cursor:
            if editor.connection.vendor == "sqlite":
                cursor.execute(f"DROP TRIGGER {name}")
            else:
                cursor.execute(f"DROP TRIGGER {name} ON {table}")
                cursor.execute(f"DROP FUNCTION {name}()")

    run: Callable[..., None] = off
    return migrations.RunPython(run, migrations.RunPython.noop)


def changes(*columns: str) -> str:
    """The condition that one of `columns` changes; null is a value like others."""
    return " OR ".join(f'(OLD."{column}" IS DISTINCT FROM NEW."{column}")' for column in columns)


def changes_once_set(*columns: str) -> str:
    """The condition that one of `columns` changes which had a value."""
    return " OR ".join(
        f'(OLD."{column}" IS NOT NULL AND OLD."{column}" IS DISTINCT FROM NEW."{column}")'
        for column in columns
    )

"""Whether this code and the database are of one version, and the upgrade from one to the next.

Two web processes of different versions may stand beside each other for a while. The rules:

1. a migration is applied whole or not at all (both databases change tables inside transactions), and by one at a time;
2. whoever upgrades says so first (`Beat` "upgrade"), waits until running processes of other versions have seen it, then starts;
3. a process stops taking anything, and its keeper rests, while somebody upgrades, and for good once the database holds
   migrations that it does not know. It goes on answering what only reads;
4. no process starts over a database that is newer than itself. The way back is the backup made before the upgrade.
"""

import contextlib
import hashlib
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import lru_cache

from django.apps import apps
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from answerable.organisation.models import Beat

__all__ = ["LOOK_SECONDS", "Newer", "Watch", "apply", "fingerprint", "newer", "pending", "upgrading"]

LOOK_SECONDS = 2.0
"""How old a process's knowledge of the schema may be."""
ANNOUNCED = timedelta(seconds=60)
"""How long the announcement of an upgrade counts; it is renewed while the upgrade runs."""
_LOCK = 0x616E7377  # of PostgreSQL's advisory locks, ours by name: "answ"


class Newer(Exception):
    """The database was upgraded by a newer version than this one. Says what to do."""


@lru_cache(maxsize=1)
def _known() -> frozenset[tuple[str, str]]:
    return frozenset(MigrationLoader(None, ignore_no_migrations=True).disk_migrations)


def fingerprint() -> str:
    """A short name of the schema that this code expects."""
    return hashlib.sha256(repr(sorted(_known())).encode()).hexdigest()[:16]


def newer() -> list[str]:
    """Migrations that the database has and this code does not know, of parts that this code has."""
    labels = {config.label for config in apps.get_app_configs()}
    applied = MigrationRecorder(connection).applied_migrations()
    return sorted(f"{app}.{name}" for app, name in set(applied) - _known() if app in labels)


def pending() -> list[str]:
    """Migrations that this code has and the database does not, in the order in which they would be applied."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


def refuse_newer() -> None:
    """Raises Newer over a database that this code does not understand."""
    if found := newer():
        raise Newer(
            f"the database was upgraded by a newer Answerable (it has {', '.join(found[:3])}). Nothing was changed. Install"
            " that version again, or restore the backup made before the upgrade: docs/for-operators.md, 'Upgrade and back'."
        )


def upgrading(now: datetime) -> bool:
    """Whether somebody of another version has announced an upgrade."""
    said = Beat.objects.filter(name="upgrade").values_list("at", "version").first()
    return said is not None and abs(now - said[0]) < ANNOUNCED and said[1] != fingerprint()


def apply(*, wait: float = 2 * LOOK_SECONDS + 1, before: Callable[[], None] | None = None) -> list[str]:
    """Bring the database to this version; what was applied. Raises Newer, and whatever `before` raises.

    `before` is called once, if there is something to do and something to lose. On PostgreSQL several may start at once: one
    upgrades, the others wait for it. On SQLite the caller holds the lock of the data folder.
    """
    from django.core.management import call_command

    with _alone():
        refuse_newer()
        todo = pending()
        if not todo:
            return []
        if before is not None and MigrationRecorder(connection).applied_migrations():
            before()
        with _announced(wait):
            call_command("migrate", interactive=False, verbosity=0)
    return todo


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """One upgrade at a time. The lock is the session's: whoever dies gives it back."""
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
    try:
        yield
    finally:
        with contextlib.suppress(DatabaseError), connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])


@contextlib.contextmanager
def _announced(wait: float) -> Iterator[None]:
    """Tell running processes of other versions, wait until they have seen it, and go on telling until the end."""
    if connection.vendor != "postgresql" or Beat._meta.db_table not in connection.introspection.table_names():
        yield  # a new database, or one that nobody else may serve
        return
    stop = threading.Event()

    def renew() -> None:
        try:
            while not stop.wait(ANNOUNCED.total_seconds() / 6):
                with contextlib.suppress(DatabaseError):
                    _announce()
        finally:
            connection.close()

    _announce()
    time.sleep(wait)
    renewing = threading.Thread(target=renew, daemon=True)
    renewing.start()
    try:
        yield
    finally:
        stop.set()
        renewing.join(10)
        Beat.objects.filter(name="upgrade").delete()


def _announce() -> None:
    said = {"at": timezone.now(), "version": fingerprint()}
    Beat.objects.update_or_create(name="upgrade", defaults=said)


class Watch:
    """What one process knows about the schema, at most LOOK_SECONDS old."""

    def __init__(self) -> None:
        self._looked = -LOOK_SECONDS
        self._outdated = False
        self._resting = False
        self._lock = threading.Lock()

    @property
    def stopped(self) -> bool:
        """Whether this process should take nothing: it is outdated, or somebody upgrades."""
        if (
            not self._outdated
            and time.monotonic() - self._looked >= LOOK_SECONDS
            and self._lock.acquire(False)
        ):
            try:
                self._looked = time.monotonic()
                self._outdated = bool(newer())
                self._resting = upgrading(timezone.now())
            except DatabaseError:
                pass  # whoever asks will find out by its own query
            finally:
                self._lock.release()
        return self._outdated or self._resting

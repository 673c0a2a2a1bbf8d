"""What each command does. Imported late, so that `answerable --help` needs no database."""

import argparse
import importlib
import os
import sys

from answerable.cli import archiving, upgrade


def command(given: argparse.Namespace) -> int:
    """Dispatch one parsed command line; returns the exit status."""
    if given.command == "demo":
        from answerable.cli import demo

        return demo.run(port=given.port, fresh=given.fresh)
    if given.command in archiving.COMMANDS:
        return archiving.run(given, _setup)
    _setup()
    if given.command == "config":
        from answerable.cli import config

        return config.show(given.format)
    if given.command == "doctor":
        doctor = importlib.import_module("answerable.server.doctor")
        return int(doctor.main(form=given.format, full=given.full, lang=given.lang))
    if given.command == "serve":
        from answerable.cli import setup

        return upgrade.start() or setup.at_start() or serve(given.host, given.port)
    if given.command == "setup":
        from answerable.cli import setup

        return upgrade.start() or setup.run(given.what, given.name, given.file)
    if given.command == "migrate":
        return upgrade.plan() if given.plan else upgrade.run()
    if given.command == "people":
        from answerable.cli import people

        return people.run_import(
            given.organisation, given.file, units=given.units, addition=given.addition, apply=given.apply
        )
    if given.command == "fsck":
        return fsck()
    return keep()


def _setup() -> None:
    import django

    django.setup()


def migrate() -> None:
    """Bring a database that nobody serves to this version, quietly; for the demo, tests and benchmarks."""
    importlib.import_module("answerable.server.schema").apply()


def serve(host: str | None = None, port: int | None = None) -> int:
    """Serve until told to stop. One process, many threads: SQLite's writer stays alone."""
    from django.conf import settings
    from django.db import connections
    from granian import Granian
    from granian.constants import Interfaces

    connections.close_all()
    for connection in connections.all(initialized_only=True):
        # A forked worker would inherit the pool: on SQLite without its locks, on PostgreSQL without its threads.
        if close_pool := getattr(connection, "close_pool", None):
            close_pool()
    os.environ["ANSWERABLE_PARENT"] = str(os.getpid())
    Granian(
        "answerable.server.wsgi:application",
        address=host or settings.LISTEN_HOST,
        port=port or settings.LISTEN_PORT,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=settings.BLOCKING_THREADS,
        blocking_threads_idle_timeout=600,
        websockets=False,
        respawn_failed_workers=True,
        workers_kill_timeout=20,
        log_access=False,
        log_enabled=False,
    ).serve()
    return 0


def fsck() -> int:
    """Re-check every organisation's log; 0 if all hold, 1 if one does not."""
    from answerable.ledger import actions as ledger
    from answerable.organisation import queries as organisations

    status = 0
    for organisation in organisations.every():
        try:
            size = ledger.fsck(organisation)
        except Exception as error:  # noqa: BLE001 - told to the operator, each by its name
            print(f"{organisation.slug}: {error}", file=sys.stderr)
            status = 1
        else:
            print(f"{organisation.slug}: {size} leaves, every hash and signature holds")
    return status


def keep() -> int:
    """Run the keeper in the foreground until told to stop; it finishes the round that it is in."""
    import signal
    import threading

    stop = threading.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda _number, _frame: stop.set())
    importlib.import_module("answerable.server.keeper").run(stop)
    return 0

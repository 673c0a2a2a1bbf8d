"""Run as a process: an organisation in a fresh database, then the part of a benchmark that works on the database itself.

`python -m bench.inside ledger` calls `bench.ledger.inside(organisation, name)` and prints its rows as JSON.
"""

import importlib
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bench import stage, table
from bench.table import Row


def both(part: str) -> None:
    """Run a part on SQLite and on PostgreSQL; print and save its rows."""
    rows = _run(part, "SQLite", "sqlite")
    with stage.postgres() as url:
        rows += _run(part, "PostgreSQL", url)
    table.save(rows)


def _run(part: str, name: str, database: str) -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="answerable-bench-", dir=stage.ROOT / "bench") as folder:
        environment = {
            **os.environ,
            **stage.SETTINGS,
            "ANSWERABLE_DATABASE": database,
            "ANSWERABLE_DATA": str(Path(folder) / "data"),
        }
        done = subprocess.run(
            [sys.executable, "-m", "bench.inside", part, name],
            cwd=stage.ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
    rows = [Row(**each) for each in json.loads(done.stdout)]
    for row in rows:
        table.show(row)
    return rows


def organisation() -> Any:
    """A database brought to this version, with one organisation that has a log."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "answerable.server.settings")
    import django

    django.setup()
    from django.db import connection

    from answerable.cli.run import migrate
    from answerable.organisation import actions

    if connection.vendor == "postgresql":
        os.environ["PGOPTIONS"] = "-c synchronous_commit=off"
    migrate()
    os.environ.pop("PGOPTIONS", None)
    connection.close()
    connection.close_pool() if hasattr(connection, "close_pool") else None
    made = actions.create_organisation(
        slug=stage.ORG,
        name_en="Bench",
        name_zh="基准",
        origin="localhost/log/bench",
        jurisdictions=[{"id": "IE"}],
    )
    from answerable.ledger import actions as ledger
    from answerable.ledger.models import Log

    if not Log.objects.filter(organisation=made).exists():
        from django.utils import timezone

        ledger.create_log(made, timezone.now())
    return made


def main() -> None:
    part, name = sys.argv[1:]
    rows = importlib.import_module(f"bench.{part}").inside(organisation(), name)
    print(json.dumps([asdict(row) for row in rows]))


if __name__ == "__main__":
    main()

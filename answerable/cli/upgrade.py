"""`answerable migrate`, and what `serve` does before it serves: never over a newer database, never beside another process."""

import contextlib
import importlib
import shlex
import subprocess
import sys
from collections.abc import Iterator

__all__ = ["plan", "run", "start"]


class NotSaved(Exception):
    """The command that saves everything before an upgrade failed; nothing was changed."""


def plan() -> int:
    """Say what an upgrade would do; 0 if nothing, 1 if something, 2 over a newer database."""
    schema = importlib.import_module("answerable.server.schema")
    if found := schema.newer():
        print(f"the database is newer than this version: {', '.join(found)}", file=sys.stderr)
        return 2
    todo = schema.pending()
    for each in todo:
        print(each)
    if not todo:
        print("nothing to do")
    return 1 if todo else 0


def run() -> int:
    """Upgrade, and say what was done."""
    return _upgrade(say=True)


def start() -> int:
    """Before serving: upgrade if that is wished for, refuse what can't be served. 0 to go on."""
    from django.conf import settings

    if settings.MIGRATE_AT_START:
        return _upgrade(say=False)
    schema = importlib.import_module("answerable.server.schema")
    try:
        schema.refuse_newer()
    except schema.Newer as error:
        print(f"answerable: {error}", file=sys.stderr)
        return 1
    if todo := schema.pending():
        print(f"answerable: run `answerable migrate` first ({len(todo)} changes)", file=sys.stderr)
        return 1
    return 0


def _upgrade(*, say: bool) -> int:
    guards = importlib.import_module("answerable.server.guards")
    schema = importlib.import_module("answerable.server.schema")
    try:
        schema.refuse_newer()
        done = []
        if schema.pending():
            with _nobody_serves():
                done = schema.apply(before=_save)
    except (guards.AlreadyServing, schema.Newer, NotSaved) as error:
        print(f"answerable: {error}", file=sys.stderr)
        return 1
    if say:
        print(f"{len(done)} changes; the database is of this version" if done else "nothing to do")
    return 0


@contextlib.contextmanager
def _nobody_serves() -> Iterator[None]:
    """On SQLite, hold the data folder while its database changes. Raises AlreadyServing."""
    from django.conf import settings

    if settings.DATABASE != "sqlite":
        yield
        return
    guards = importlib.import_module("answerable.server.guards")
    with guards.serving_alone(settings.ANSWERABLE_DATA):
        yield


def _save() -> None:
    """Run the command of the setting `before_upgrade`. Raises NotSaved."""
    from django.conf import settings

    if not settings.BEFORE_UPGRADE:
        return
    try:
        done = subprocess.run(shlex.split(settings.BEFORE_UPGRADE), check=False, stdin=subprocess.DEVNULL)
    except (OSError, ValueError) as error:
        raise NotSaved(
            f"before_upgrade could not be run ({type(error).__name__}): nothing was changed"
        ) from error
    if done.returncode:
        raise NotSaved(f"before_upgrade ended with {done.returncode}: nothing was changed")

"""Commands for the operator: `answerable demo`, `serve`, `migrate`, `fsck`, `keep`, `config`, `doctor`."""

import argparse
import os
import sys
from collections.abc import Sequence

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit status."""
    os.umask(0o077)  # whatever is made under the data folder is ours alone
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "answerable.server.settings")
    parser = argparse.ArgumentParser(prog="answerable", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    demo = commands.add_parser("demo", help="run a made-up organisation on this machine")
    demo.add_argument("--port", type=int, default=8000)
    demo.add_argument("--fresh", action="store_true", help="throw the demo's data away and start anew")
    serve = commands.add_parser("serve", help="run the site and its keeper")
    serve.add_argument("--host", default=None)
    serve.add_argument("--port", type=int, default=None)
    commands.add_parser("migrate", help="bring the database to this version")
    commands.add_parser("fsck", help="re-check every log, byte for byte")
    commands.add_parser("keep", help="run a keeper alone (PostgreSQL)")
    config = commands.add_parser("config", help="show every setting and where it came from")
    config.add_argument("--format", choices=["text", "json"], default="text")
    given = parser.parse_args(arguments)

    from django.core.exceptions import ImproperlyConfigured

    from answerable.cli import run

    try:
        return run.command(given)
    except ImproperlyConfigured as error:
        print(f"answerable: {error}", file=sys.stderr)
        return 2

"""Commands for the operator: `answerable demo`, `serve`, `migrate`, `fsck`, `keep`, `config`, `doctor`, `setup`."""

import argparse
import os
import sys
from collections.abc import Sequence

from answerable.cli import archiving, jobads, policies, training

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
    migrate = commands.add_parser("migrate", help="bring the database to this version")
    migrate.add_argument(
        "--plan", action="store_true", help="only say what would be done; 1 if there is something"
    )
    commands.add_parser("fsck", help="re-check every log, byte for byte")
    commands.add_parser("keep", help="run a keeper alone (PostgreSQL)")
    config = commands.add_parser("config", help="show every setting and where it came from")
    config.add_argument("--format", choices=["text", "json"], default="text")
    _people(commands.add_parser("people", help="people from a file"))
    archiving.add(commands)
    policies.add(commands)
    jobads.add(commands)
    training.add(commands)
    doctor = commands.add_parser("doctor", help="look at everything and say what to do")
    doctor.add_argument("--format", choices=["text", "json"], default="text")
    doctor.add_argument("--full", action="store_true", help="also re-check every log from its first leaf")
    doctor.add_argument("--lang", choices=["en", "zh"], default="en")
    setup = commands.add_parser("setup", help="make an organisation, or carry its configuration")
    setup.add_argument(
        "what", nargs="?", choices=["code", "export", "invite"], help="a code for the browser; …"
    )
    setup.add_argument("name", nargs="?", help="export: the organisation; invite: an administrator's e-mail")
    setup.add_argument(
        "--from", dest="file", metavar="FILE", help="a configuration in TOML; - reads it from stdin"
    )
    given = parser.parse_args(arguments)
    if given.command == "people" and given.act == "check":  # needs neither settings nor a database
        from answerable.cli import people

        return people.run_check(given.file, units=given.units, addition=given.addition, form=given.format)

    if given.command == "policies":
        return policies.command(given)
    if given.command == "jobads":
        return jobads.command(given)
    if given.command == "training":
        return training.command(given)

    from django.core.exceptions import ImproperlyConfigured

    from answerable.cli import run

    try:
        return run.command(given)
    except ImproperlyConfigured as error:
        print(f"answerable: {error}", file=sys.stderr)
        return 2


def _people(parser: argparse.ArgumentParser) -> None:
    acts = parser.add_subparsers(dest="act", required=True)
    check = acts.add_parser("check", help="check a CSV or XLSX file of people; needs no database")
    check.add_argument("file")
    check.add_argument("--units", metavar="FILE", help="a list of units; rows with others are refused")
    check.add_argument(
        "--addition", action="store_true", help="only some people: managers may be in the directory already"
    )
    check.add_argument("--format", choices=["text", "json"], default="text")
    bring = acts.add_parser("import", help="show what a file of people would change, and apply it")
    bring.add_argument("organisation", help="its short name")
    bring.add_argument("file")
    bring.add_argument("--units", metavar="FILE", help="a list of units; rows with others are refused")
    bring.add_argument("--addition", action="store_true", help="only some people: nobody leaves")
    bring.add_argument("--apply", action="store_true", help="apply it at once")

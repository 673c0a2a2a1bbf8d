"""`answerable backup`, `restore`, `move`, `organisation`: what `answerable.archive` can do, for the operator's terminal."""

import argparse
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

__all__ = ["COMMANDS", "add", "run"]

KEY_HELP = "file with the age private key (AGE-SECRET-KEY-…), plain or locked by a password"


def add(commands: Any) -> None:
    """The commands' arguments."""
    backup = commands.add_parser("backup", help="write a sealed backup while the server runs, and verify it")
    backup.add_argument("--to", help="folder or s3://bucket/prefix (default: the setting backup_to)")
    backup.add_argument(
        "--recipients", help="age public keys, or a file of them (default: backup_recipients)"
    )
    backup.add_argument(
        "--keep", help='"days,weeks,months" that stay (default: backup_keep); "all" drops none'
    )
    backup.add_argument("--list", action="store_true", help="show the last tries and what became of them")
    backup.add_argument(
        "--make-key",
        metavar="FILE",
        type=Path,
        help="only make a key pair, on a machine that is not the server",
    )
    backup.add_argument("--slot", help=argparse.SUPPRESS)
    restore = commands.add_parser("restore", help="bring a backup back, or check it")
    restore.add_argument("source", help="file, or s3://bucket/prefix/name.age")
    restore.add_argument("--identity", required=True, type=Path, help=KEY_HELP)
    restore.add_argument("--into", type=Path, help="data folder to make (default: the setting data)")
    restore.add_argument(
        "--check", action="store_true", help="restore into a scratch folder, check all, remove it"
    )
    restore.add_argument("--roll-back", action="store_true", help="even over newer data, which is kept aside")
    unpack = commands.add_parser("unpack")  # what backup and restore start
    unpack.add_argument("--keep-files", action="store_true")
    unpack.add_argument("--rows-only", action="store_true")
    unpack.add_argument("--kind", default="backup")
    unpack.add_argument("--arrive", action="store_true")
    acts = commands.add_parser("organisation", help="move one organisation to another server").add_subparsers(
        dest="act", required=True
    )
    export = acts.add_parser(
        "export", help="close it here, write it to a sealed file, send everyone to the new address"
    )
    export.add_argument("org", help="short name")
    export.add_argument("--to", required=True, help="file, or s3://bucket/prefix/name.age")
    export.add_argument(
        "--recipients", "--recipient", required=True, help="age public key of the other server's operator"
    )
    export.add_argument("--address", required=True, help="the other server, https://host")
    acts.add_parser("reopen", help="undo an export that was broken off").add_argument("org")
    arriving = acts.add_parser("import", help="bring an exported organisation up here")
    arriving.add_argument("source", help="file, or s3://bucket/prefix/name.age")
    arriving.add_argument("--identity", required=True, type=Path, help=KEY_HELP)
    move = commands.add_parser("move", help="move to another database")
    move.add_argument("what", choices=["sqlite-to-postgresql"])
    move.add_argument("--to", required=True, help="postgresql://name@host/database, new and empty")


def run(given: argparse.Namespace, setup: Callable[[], None]) -> int:
    """Run one of them; returns the exit status. What went wrong is told in words."""
    if given.command == "restore" and given.check:
        return _told(lambda: _check(given, setup))
    setup()
    return _told(lambda: COMMANDS[given.command](given))


def _told(work: Callable[[], int]) -> int:
    try:
        return work()
    except Exception as error:
        from answerable.archive.errors import ArchiveError

        if not isinstance(error, ArchiveError):
            raise
        print(f"answerable: {error}", file=sys.stderr)
        return 1


def _backup(given: argparse.Namespace) -> int:
    from django.conf import settings
    from django.utils import timezone

    from answerable.archive import actions, rules, sealing

    if given.make_key:
        password = os.environ.get("ANSWERABLE_IDENTITY_PASSWORD")
        print(f"public key, for backup_recipients: {sealing.make_identity(given.make_key, password)}")
        print(
            f"{given.make_key} is the private key: keep it off the server, and a copy elsewhere; without it no backup opens"
        )
        return 0
    if given.list:
        return _list()
    keep = None if given.keep == "all" else rules.keep_of(given.keep or settings.BACKUP_KEEP)
    to = given.to or settings.BACKUP_TO
    recipients = given.recipients or settings.BACKUP_RECIPIENTS
    report = actions.run(to, recipients, timezone.now(), keep=keep, slot=given.slot)
    print(f"{report.name}: {_amount(report.written.size)}, {report.rows} rows, {report.files} files")
    print(f"SHA-256 {report.written.sha256}")
    for slug, size in sorted(report.logs.items()):
        print(f"{slug}: {size} leaves, every hash and signature holds in the restored copy")
    print(
        "Verified: the stream was restored beside while it was sealed, each table compared by count and hash, each file by "
        "hash; the sealed file was read back. Not verified here: that your private key opens it. That needs the key, so run "
        "`answerable restore FILE --identity KEY --check` on your own machine now and then."
    )
    for name in report.dropped:
        print(f"dropped by rotation: {name}")
    if report.missing:
        print(
            f"answerable: {report.missing} files that the database lists are not on the disk", file=sys.stderr
        )
        return 1
    return 0


def _list() -> int:
    from answerable.archive.models import Backup

    for each in Backup.objects.order_by("-started")[:20]:
        if each.verified_at:
            state = f"verified, {_amount(each.size or 0)}, {each.place}/{each.name}"
        elif each.ended:
            state = f"failed: {each.problem}"
        else:
            state = "running, or killed"
        print(f"{each.started:%Y-%m-%d %H:%M} UTC  {state}")
    return 0


def _amount(size: int) -> str:
    for unit in ("bytes", "kB", "MB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "bytes" else f"{size:.1f} {unit}"
        size /= 1000  # type: ignore[assignment]
    return f"{size:.1f} GB"


def _check(given: argparse.Namespace, setup: Callable[[], None]) -> int:
    """Needs no settings and no server: the operator's own machine."""
    with tempfile.TemporaryDirectory(prefix="answerable-check-") as folder:
        os.environ["ANSWERABLE_DATA"] = folder
        os.environ["ANSWERABLE_DATABASE"] = "sqlite"
        setup()
        from answerable.archive import restoring, sealing

        identities = sealing.identities_of(given.identity)
        done = restoring.check(given.source, identities, Path(folder))
    _tell(done)
    print("The backup is whole: it decrypts with this key, every row, file, log and signature in it holds.")
    return 0


def _restore(given: argparse.Namespace) -> int:
    from answerable.archive import restoring, sealing

    identities = sealing.identities_of(given.identity)
    done = restoring.restore(given.source, identities, given.into, roll_back=given.roll_back)
    _tell(done)
    print(f"Restored into {done.folder}.")
    if done.aside:
        print(f"What was there is kept in {done.aside}; remove it once all is well.")
    for line in done.lost:
        print(f"Lost by this rollback: {line}.")
    print(
        f"What came in after {done.manifest['made']} is not in it. If anything did, somebody may hold a receipt that this log "
        "does not know: read docs/for-operators.md, 'After a restored backup', before you open to reports again."
    )
    return 0


def _tell(done: Any) -> None:
    manifest, summary = done.manifest, done.summary
    print(f"Backup of {manifest['made']}, by version {manifest['version']}, from {manifest['database']}.")
    print(
        f"{sum(summary['rows'].values())} rows, {summary['files']} files ({_amount(summary['file_bytes'])})."
    )
    for slug, size in sorted(summary["logs"].items()):
        print(f"{slug}: {size} leaves, every hash and signature holds")


def _unpack(given: argparse.Namespace) -> int:
    from answerable.archive import arriving, loading

    if given.arrive:
        status, line = arriving.unpack(sys.stdin.buffer)
        print(line)
        return status
    status, line = loading.unpack(
        sys.stdin.buffer, keep_files=given.keep_files, rows_only=given.rows_only, kind=given.kind
    )
    print(line)
    return status


def _move(given: argparse.Namespace) -> int:
    from django.utils import timezone

    from answerable.archive import moving

    done = moving.to_postgresql(given.to, timezone.now())
    width = max(len(label) for label, _, _ in done.tables)
    for label, rows, total in done.tables:
        print(f"{label:{width}}  {rows:>9} rows, {total[:16]}… on both sides")
    for slug, size in sorted(done.logs.items()):
        print(f"{slug}: {size} leaves, every hash and signature holds on PostgreSQL")
    print("Everything is there. Now change one setting, `database`, to this address, and start the server.")
    print(
        "The SQLite file was only read: keep it until all is well, and never serve it again: two logs of one name would grow."
    )
    print("People who were signed in sign in again.")
    return 0


def _organisation(given: argparse.Namespace) -> int:
    from django.utils import timezone

    from answerable.archive import leaving, restoring, sealing
    from answerable.archive.errors import NoPlace
    from answerable.organisation import queries
    from answerable.organisation.errors import NotFound

    if given.act == "import":
        done = restoring.bring(given.source, sealing.identities_of(given.identity))
        _tell(done)
        print("It is here, and its log goes on where it stopped. Its deadlines run on as they were.")
        print(
            "Its host name, or the links to it, must now lead here; the old server sends everyone on meanwhile."
        )
        return 0
    try:
        organisation = queries.by_slug(given.org)
    except NotFound:
        raise NoPlace(f"there is no organisation {given.org} here") from None
    if given.act == "reopen":
        leaving.reopen(organisation)
        print(f"{given.org} goes on here. Remove what was written of it: it must never be imported anywhere.")
        return 0
    recipients = sealing.recipients_of(given.recipients)
    report = leaving.export(organisation, given.to, recipients, given.address, timezone.now())
    print(
        f"{given.to}: {_amount(report.written.size)}, {report.rows} rows, {report.files} files, restored beside and compared"
    )
    print(f"SHA-256 {report.written.sha256}")
    print(
        f"{given.org} is closed here for good, at {report.logs[given.org]} leaves; everyone is sent to {given.address}."
    )
    print("Import the file on exactly one server, once: two would make two logs of one name.")
    return 0


COMMANDS: dict[str, Callable[[argparse.Namespace], int]] = {
    "backup": _backup,
    "restore": _restore,
    "unpack": _unpack,
    "move": _move,
    "organisation": _organisation,
}

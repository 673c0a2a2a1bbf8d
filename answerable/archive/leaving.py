"""An organisation goes to another server, whole: closed here, sealed into a file, verified, and marked as gone.

The order is the guard against a fork: nothing is appended here from before the snapshot on, so the file holds the last leaf
that this server will ever write. Until the file is whole and verified, `reopen` undoes it; afterwards nothing does.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import DatabaseError, transaction

from answerable.archive.actions import Report, teed, verified
from answerable.archive.child import alone, running, scratch
from answerable.archive.errors import ArchiveError, NoRoom, NotEmpty
from answerable.archive.places import read_back, split
from answerable.archive.sealing import Writer, seal
from answerable.archive.snapshot import ORGANISATION, Stream, snapshot
from answerable.ledger import actions as ledger
from answerable.ledger.errors import LedgerError
from answerable.ledger.errors import NoRoom as LedgerNoRoom
from answerable.ledger.trouble import typed
from answerable.notices.models import Dispatch, Notice
from answerable.organisation import queries as organisations
from answerable.organisation.models import Organisation

_ADDRESS = re.compile(r"https?://[A-Za-z0-9.:\[\]-]+")


def export(
    organisation: Organisation, to: str, recipients: Sequence[Any], address: str, now: datetime
) -> Report:
    """Write the organisation to the file `to`; from then on this server sends everyone to `address` (`https://host`).

    Raises ArchiveError; then the organisation goes on here as before. After a kill in the middle, run it again, or `reopen`.
    """
    if not _ADDRESS.fullmatch(address):
        raise ArchiveError("the new address is that of the other server, such as https://report.example.org")
    place, name = split(to)
    if name in place.names():
        raise NotEmpty(
            f"{to} is there already: this could be the only copy of an organisation that went; choose another name"
        )
    data = settings.ANSWERABLE_DATA
    made: dict[str, Any] = {}
    with (
        alone(data / "backup.lock", "a backup or another export is being made"),
        scratch(data, "backup-scratch") as folder,
    ):
        _close(organisation, address, now)
        try:
            with snapshot() as using:
                stream = Stream(using, now, organisation)

                def fill(out: Writer) -> None:
                    with running(folder, "sqlite", "--kind", ORGANISATION) as child:
                        seal(teed(stream.blocks(), child), out, recipients)
                        made.update(verified(child))

                written = place.write(name, fill)
            if missing := stream.made.missing():
                raise ArchiveError(
                    f"{missing} files that the database lists are not on the disk: bring them back first"
                )
            read_back(place, name, written)
            _gone(organisation, address)
        except BaseException:
            place.delete(name)
            reopen(organisation)
            raise
    return Report(name, written, stream.made.rows, stream.made.files, 0, made["logs"])


def _close(organisation: Organisation, address: str, now: datetime) -> None:
    with _told(), transaction.atomic():
        ledger.close(organisation, now)
        Organisation.objects.filter(pk=organisation.pk).update(moved_to=address)
    organisations.forget_organisations()


def _gone(organisation: Organisation, address: str) -> None:
    with _told(), transaction.atomic():
        ledger.leave(organisation, address)
        # The other server sends what still waits.
        Notice.objects.filter(organisation=organisation, mail="waiting").update(mail="none")
        Notice.objects.filter(organisation=organisation, spread=False).update(spread=True)
        Dispatch.objects.filter(channel__organisation=organisation, state="waiting").update(state="none")


def reopen(organisation: Organisation) -> None:
    """Take an export that was broken off back: the organisation goes on here. Raises ArchiveError once it has gone."""
    with _told(), transaction.atomic():
        ledger.reopen(organisation)
        Organisation.objects.filter(pk=organisation.pk).update(moved_to=None)
    organisations.forget_organisations()


@contextmanager
def _told() -> Iterator[None]:
    """What a log refuses, and a full disk, as ours."""
    try:
        yield
    except (LedgerError, DatabaseError) as error:
        if isinstance(typed(error), LedgerNoRoom):
            raise NoRoom("the disk is full: nothing was changed") from error
        raise ArchiveError(
            str(error) if isinstance(error, LedgerError) else "the database does not answer"
        ) from error


__all__ = ["export", "reopen"]

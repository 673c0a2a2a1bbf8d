"""What test_kill runs and kills: `write` submits events from eight threads for ever, `check` tells what is
there.

Prints one line per acknowledged event: its index and its label. Works on a data folder of its own
(ANSWERABLE_DATA).
"""

import os
import sys
import threading
from collections.abc import Sequence
from datetime import UTC, datetime

import django

os.environ["ANSWERABLE_DATABASE"] = "sqlite"
django.setup()

from django.core.management import call_command  # noqa: E402

from answerable.ledger import actions, queries, sequencer  # noqa: E402
from answerable.ledger.models import Entry  # noqa: E402
from answerable.ledger.rules import NewLeaf  # noqa: E402
from answerable.ledger.sequencer import Work  # noqa: E402
from answerable.organisation import actions as organisations  # noqa: E402
from answerable.organisation.models import Organisation  # noqa: E402

NOW = datetime(2026, 11, 5, 9, 10, tzinfo=UTC)


class Event(Work):
    """One event with a label of its own."""

    label: bytes

    @classmethod
    def write(cls, batch: Sequence["Event"], now: datetime) -> None:  # noqa: ARG003
        for work in batch:
            work.leaves = [NewLeaf("message", b"{}", work.label)]


def prepare() -> None:
    """An empty database with one organisation and its log."""
    call_command("migrate", verbosity=0, skip_checks=True)
    organisation = organisations.create_organisation(
        slug="tidewick",
        name_en="Tidewick",
        name_zh="潮汐",
        origin="localhost:8000/log/tidewick",
        time_zone="UTC",
    )
    actions.create_log(organisation, NOW)


def write() -> None:
    """Submit until killed."""
    actions.check_at_start()
    organisation = Organisation.objects.get()
    out = threading.Lock()

    def one() -> None:
        while True:
            work = Event(organisation.pk)
            work.label = os.urandom(32)
            sequencer.submit(work)
            with out:
                os.write(1, f"{work.entries[0].index} {work.label.hex()}\n".encode())

    for _ in range(8):
        threading.Thread(target=one).start()


def check() -> None:
    """Start again as a server would, check the whole log, and list what is in it."""
    actions.check_at_start()
    organisation = Organisation.objects.get()
    size = actions.fsck(organisation)
    queries.receipts_for(list(Entry.objects.order_by("-index")[:3]))
    for index, label in Entry.objects.order_by("index").values_list("index", "label"):
        os.write(1, f"{index} {bytes(label).hex()}\n".encode())
    assert Entry.objects.count() == size


if __name__ == "__main__":
    {"prepare": prepare, "write": write, "check": check}[sys.argv[1]]()

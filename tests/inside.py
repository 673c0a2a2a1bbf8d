"""Looks and acts inside an installation, in a process of its own: `python -m tests.inside <what> [number]`, JSON out."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]


def inside(data: Path, what: str, *more: str, module: str = "tests.inside", **settings: str) -> Any:
    """Run one of the functions below over a data folder; what it printed."""
    done = subprocess.run(
        [sys.executable, "-m", module, what, *more],
        cwd=ROOT,
        env=environment(data, settings),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout)


def environment(data: Path, settings: Mapping[str, str]) -> dict[str, str]:
    """This process's environment with the settings of one installation and no others."""
    bare = {name: value for name, value in os.environ.items() if not name.startswith("ANSWERABLE_")}
    ours = {
        "ANSWERABLE_CONFIG": "",
        "ANSWERABLE_DATA": str(data),
        "ANSWERABLE_HTTPS": "no",
        "ANSWERABLE_WORK_BITS": "4",
    }
    return {**bare, "DJANGO_SETTINGS_MODULE": "answerable.server.settings", **ours, **settings}


def what_is_there() -> dict[str, Any]:
    """Cases, log entries, missed deadlines and notices, as they stand in the database."""
    from answerable_protocol.encoding import id_text, parse_object

    from answerable.intake.models import Case
    from answerable.ledger.models import Entry
    from answerable.notices.models import Notice
    from answerable.promises.models import Deadline

    opened = Entry.objects.exclude(payload=None).filter(type__in=["report.received", "promise.missed"])
    payloads = [(each.type, parse_object(bytes(each.payload or b""))) for each in opened]
    return {
        "cases": [id_text(pk.bytes) for pk in Case.objects.values_list("pk", flat=True)],
        "entries": {
            index: bytes(leaf_hash).hex()
            for index, leaf_hash in Entry.objects.values_list("index", "leaf_hash")
        },
        "received": [payload["case"] for kind, payload in payloads if kind == "report.received"],
        "missed": [
            f"{payload['case']} {payload['promise']}"
            for kind, payload in payloads
            if kind == "promise.missed"
        ],
        "overdue": [
            f"{id_text(case.bytes)} {promise}"
            for case, promise in Deadline.objects.exclude(missed_at=None).values_list("ladder_id", "promise")
        ],
        "notices": [
            [str(person), kind, event]
            for person, kind, event in Notice.objects.values_list("person_id", "kind", "event")
        ],
    }


def overdue(number: str) -> list[str]:
    """Receive so many reports forty days ago, about which nobody did anything: three promises each are missed by now."""
    from django.utils import timezone

    from answerable.intake import actions as intake
    from answerable.intake.tests import world
    from answerable.ledger.sequencer import Sequencer
    from answerable.organisation.models import Organisation, Person
    from answerable.roster import queries as rosters

    organisation = Organisation.objects.get()
    ids = {each.name_en: world.id_text(each.pk.bytes) for each in Person.objects.all()}
    then = timezone.now() - timedelta(days=40)
    current = rosters.current(organisation.pk)
    assert current
    writer = Sequencer(clock=lambda: then)

    def receive(_: int) -> str:
        from django.db import connection

        reporter = world.Reporter(organisation.slug)
        body = reporter.report(
            roster=current.roster.sha256,
            panel=sorted(ids[key] for key in ("lead", "h1", "ext")),
            reach=[[ids["lead2"]], [ids["over1"], ids["over2"]], [ids["ext"]]],
            externals=1,
            jurisdiction="IE",
        )
        intake.receive_report(
            organisation, reporter.case_text, body, now=then, worked=False, submit=writer.submit
        )
        connection.close()
        return reporter.case_text

    with ThreadPoolExecutor(16) as pool:
        cases = list(pool.map(receive, range(int(number))))
    writer.stop()
    return cases


def leaves(email: str) -> str:
    """Record that whoever has this address has left, as the operator would."""
    from django.utils import timezone

    from answerable.organisation import actions
    from answerable.organisation.models import Person

    person = Person.objects.get(email=email)
    actions.leave(person, by=None, now=timezone.now())
    return str(person.pk)


if __name__ == "__main__":
    import django

    django.setup()
    known = {"what_is_there": what_is_there, "overdue": overdue, "leaves": leaves}
    print(json.dumps(known[sys.argv[1]](*sys.argv[2:])))

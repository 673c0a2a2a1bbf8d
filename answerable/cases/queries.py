"""What a handler may see: the cases on whose panel they are, and nothing that hints at others."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from answerable_protocol.encoding import base64url_encode, id_text, time_text
from django.db.models import Count

from answerable.cases import rules
from answerable.cases.errors import NotFound
from answerable.cases.models import Flag, Note
from answerable.intake import queries as intake
from answerable.intake import rules as intake_rules
from answerable.intake.actions import REPORTER
from answerable.intake.errors import NotFound as NoCase
from answerable.intake.queries import Case, KeysFile
from answerable.organisation.models import Organisation, Person
from answerable.promises import queries as clocks


def case_for(person: Person, text: str) -> Case:
    """The case of this id, if the person is on its panel. Raises NotFound: never says whether there is one."""
    try:
        return intake.seated_case(person.organisation_id, person.pk, intake_rules.case_id(text))
    except NoCase:
        raise NotFound("case") from None


def inbox(person: Person, *, after: str | None, now: datetime) -> tuple[list[dict[str, Any]], str | None]:
    """A page of somebody's cases, newest first, and where the next begins (None at the end)."""
    mark = case_for(person, after).pk if after is not None else None
    cases = intake.seats_page(person.organisation_id, person.pk, after=mark, most=rules.PAGE + 1)
    shown = cases[: min(rules.PAGE, rules.fits([len(each.report) for each in cases]))]
    more = len(shown) < len(cases)
    return _rows(shown, now), id_text(shown[-1].pk.bytes) if more else None


def _rows(cases: Sequence[Case], now: datetime) -> list[dict[str, Any]]:
    ids = [each.pk for each in cases]
    promises = clocks.for_cases(ids, now)
    authors, keys = intake.authors_of(ids), intake.newest_keys(ids)
    leaving = intake.leaving(ids)
    flags = dict(Flag.objects.filter(case_id__in=ids).values_list("case_id").annotate(Count("pk")))
    return [
        _row(each, promises[each.pk], authors.get(each.pk, []), keys[each.pk])
        | {"flags": flags.get(each.pk, 0), "leaving": leaving.get(each.pk, [])}
        for each in cases
    ]


def _row(
    case: Case, promises: Sequence[clocks.PromiseState], authors: Sequence[str], keys: KeysFile
) -> dict[str, Any]:
    due = rules.next_due(promises)
    reporter = sum(each == REPORTER for each in authors)
    return {
        "case": id_text(case.pk.bytes),
        "received": time_text(case.received),
        "report_size": len(case.report),
        "next": {"promise": due.id, "title": dict(due.title), "due": time_text(due.due)} if due else None,
        "missed": rules.missed(promises),
        "messages": {"reporter": reporter, "handlers": len(authors) - reporter},
        "unanswered": rules.unanswered(authors, REPORTER),
        "panel": keys.panel,
        "closed": case.closed_at is not None,
        "rung": rules.rung(promises),
        "keys_epoch": keys.epoch,
        "manifest": base64url_encode(bytes(case.manifest)),
        "keys_file": base64url_encode(bytes(keys.file)),
        "report": base64url_encode(bytes(case.report)),
    }


def whole(case: Case, organisation: Organisation, *, external: bool, now: datetime) -> dict[str, Any]:
    """A case as the console gets it: the mailbox's view, the notes and flags, the identity file for external members."""
    notes = Note.objects.filter(case=case).order_by("pk")
    flags = Flag.objects.filter(case=case).order_by("pk")
    return {
        **intake.whole(case, organisation, identity=external, internal=True, now=now),
        "notes": [
            {
                "author": each.author,
                "file": base64url_encode(bytes(each.file)),
                "sha256": base64url_encode(bytes(each.sha256)),
                "attachments": each.attachments,
                "at": time_text(each.at),
            }
            for each in notes
        ],
        "flags": [{"code": each.code, "author": each.author, "at": time_text(each.at)} for each in flags],
        "seq": case.next_place,
    }

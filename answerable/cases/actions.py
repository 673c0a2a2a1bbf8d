"""What somebody on a panel can do in a case. Each finds the case through its panel, so that others find nothing."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from answerable_protocol import sealed
from answerable_protocol.encoding import id_text, sha256
from answerable_protocol.errors import ProtocolError
from django.db import transaction

from answerable.cases import queries
from answerable.cases.errors import NotOnRoster
from answerable.cases.models import Flag, Note
from answerable.intake import actions as intake
from answerable.intake import queries as intake_queries
from answerable.intake import rules as intake_rules
from answerable.intake.actions import Sent, Submit
from answerable.intake.errors import BadMessage
from answerable.ledger import sequencer
from answerable.notices import actions as notices
from answerable.organisation.models import Person
from answerable.roster import queries as rosters

__all__ = ["answer", "change_panel", "flag", "note", "step_down"]


def answer(
    person: Person, case_text: str, body: Mapping[str, Any], *, submit: Submit = sequencer.submit
) -> Sent:
    """A signed, sealed message by a handler; it keeps the promises it lists. Raises NotFound, NotOnRoster or an IntakeError."""
    case = queries.case_for(person, case_text)
    author = id_text(person.pk.bytes)
    public = rosters.signing_key(person.organisation_id, author)
    if public is None:
        raise NotOnRoster(f"person {person.pk}")
    return intake.send(person.organisation, case.pk, author, body, public=public, submit=submit)


def change_panel(
    person: Person, case_text: str, body: Mapping[str, Any], *, submit: Submit = sequencer.submit
) -> Sent:
    """Seal the case to another panel. Raises NotFound or an IntakeError."""
    case = queries.case_for(person, case_text)
    return intake.change_panel(person.organisation, case.pk, person, body, submit=submit)


def step_down(person: Person, case_text: str, *, now: datetime) -> None:
    """Give one's seat back. Raises NotFound, or LastReader where nobody else could read the case."""
    intake.step_down(person, queries.case_for(person, case_text).pk, now=now)


@transaction.atomic
def note(person: Person, case_text: str, body: Mapping[str, Any], *, now: datetime) -> Note:
    """An internal note, sealed to the present panel. Raises NotFound or an IntakeError."""
    case = queries.case_for(person, case_text)
    file = intake_rules.binary(body, "file", intake_rules.MOST_MESSAGE, BadMessage)
    panel = intake_queries.newest_keys([case.pk])[case.pk].panel
    waiting = intake_queries.leaving([case.pk])[case.pk]
    _check_note(file, most=len(panel), least=len(panel) - len(waiting))
    listed = intake_rules.listed_attachments(body["attachments"])
    intake.list_attachments(case.pk, listed, internal=True)
    made, _ = Note.objects.get_or_create(
        case=case,
        sha256=sha256(file),
        defaults={
            "author": id_text(person.pk.bytes),
            "file": file,
            "attachments": intake_rules.attachment_rows(listed),
            "at": now.replace(microsecond=0),
        },
    )
    return made


def _check_note(file: bytes, *, most: int, least: int) -> None:
    """Sealed to the whole panel, or without those of it who read nothing any more. Raises an IntakeError."""
    for readers in range(least, most):
        with suppress(ProtocolError):
            sealed.check(file, "note", readers)
            return
    try:
        sealed.check(file, "note", most)
    except ProtocolError as error:
        raise intake_rules.refusal_of(error) from None


@transaction.atomic
def flag(person: Person, case_text: str, code: str, *, now: datetime) -> None:
    """Tell the panel that something did not fit. Raises NotFound."""
    case = queries.case_for(person, case_text)
    Flag.objects.get_or_create(
        case=case, author=id_text(person.pk.bytes), code=code, defaults={"at": now.replace(microsecond=0)}
    )
    panel = [each for each in intake_queries.panel_of(case.pk) if each != person.pk]
    notices.post(
        person.organisation, panel, kind="flag", event=f"flag:{id_text(case.pk.bytes)}:{code}", now=now
    )

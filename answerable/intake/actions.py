"""What can be done here; each module holds one subject."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from answerable.intake.announcing import announce
from answerable.intake.attachments import Chunk, Stand, receive_chunk, stand
from answerable.intake.erasing import erase
from answerable.intake.handover import hand_over, step_down
from answerable.intake.mailbox import case_behind, challenge, open_mailbox, tidy
from answerable.intake.messages import Sent, change_panel, list_attachments, send
from answerable.intake.models import Case
from answerable.intake.receiving import REPORTER, Received, Submit, receive
from answerable.ledger import sequencer
from answerable.organisation.models import Organisation

__all__ = [
    "REPORTER",
    "Chunk",
    "Received",
    "Sent",
    "Stand",
    "Submit",
    "add_message",
    "announce",
    "case_behind",
    "challenge",
    "change_panel",
    "erase",
    "hand_over",
    "list_attachments",
    "open_mailbox",
    "receive_chunk",
    "receive_record",
    "receive_report",
    "send",
    "stand",
    "step_down",
    "tidy",
]


def receive_report(
    organisation: Organisation,
    case: str,
    body: Mapping[str, Any],
    *,
    now: datetime,
    worked: bool = True,
    submit: Submit = sequencer.submit,
) -> Received:
    """Take a sealed report: body {manifest, signature, event_key, report, keys, identity, pow}. Raises an IntakeError."""
    return receive(organisation, "case", case, body, now=now, worked=worked, submit=submit)


def receive_record(
    organisation: Organisation,
    case: str,
    body: Mapping[str, Any],
    *,
    now: datetime,
    worked: bool = True,
    submit: Submit = sequencer.submit,
) -> Received:
    """Take a private record: body {manifest, signature, event_key, record, pow}. Raises an IntakeError."""
    return receive(organisation, "record", case, body, now=now, worked=worked, submit=submit)


def add_message(
    case: Case, organisation: Organisation, body: Mapping[str, Any], *, submit: Submit = sequencer.submit
) -> Sent:
    """A message by the reporter, from the open mailbox. Raises an IntakeError."""
    return send(organisation, case.pk, REPORTER, body, public=bytes(case.case_pub), submit=submit)

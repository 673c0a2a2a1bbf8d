"""One submission over HTTP, the same behind the fast road and behind Django: bytes in, status and bytes out."""

import logging
from datetime import datetime
from typing import Any

from answerable_protocol.encoding import parse_object
from answerable_protocol.errors import ProtocolError

from answerable.intake import work
from answerable.intake.errors import IntakeError, WorkNeeded, WrongOrder
from answerable.intake.receiving import receive
from answerable.ledger.errors import LedgerError
from answerable.organisation.models import Organisation
from answerable.ui.api import dump, refusal_parts

_log = logging.getLogger(__name__)


def submit(
    organisation: Organisation, kind: str, case: str, data: bytes, *, now: datetime
) -> tuple[int, bytes]:
    """Status and JSON for a PUT of these bytes; never raises for what a client can send."""
    try:
        body = parse_object(data)
    except ProtocolError:
        return refusal_parts("bad-request", {})
    try:
        done = receive(organisation, kind, case, body, now=now)
    except IntakeError as error:
        return refusal_parts(error.code, more_of(error, organisation, now=now))
    except LedgerError as error:
        _log.error("a submission failed: %s, %s", type(error).__name__, type(error.__cause__).__name__)
        return refusal_parts("failed", {})
    found: dict[str, Any] = {"receipt": done.receipt, "received": done.received}
    if kind == "case":
        found["promises"] = done.promises
    return 200 if done.again else 201, dump(found)


def more_of(error: IntakeError, organisation: Organisation, *, now: datetime) -> dict[str, Any]:
    """What else a refusal says: new work to do, or where an upload stands."""
    if isinstance(error, WorkNeeded):
        return work.challenge(organisation.pk, now=now)
    if isinstance(error, WrongOrder):
        return {"received": error.received, "done": error.done}
    return {}

"""Microsoft Teams: a workflow's webhook answers 202; the older connector 200 with the body `1`, or 200 with an error."""

import json
import re
from datetime import datetime
from typing import Final

from answerable.notices.senders.outcome import Outcome, Refused, Taken
from answerable.notices.senders.services import by_status
from answerable.notices.senders.wire import Answer, Wire

__all__ = ["HOSTS", "read", "send"]

HOSTS: Final = (".webhook.office.com", ".logic.azure.com", ".api.powerplatform.com")
_INNER: Final = re.compile(rb"HTTP error (\d{3})")


def send(url: str, words: str, wire: Wire, *, secret: str = "", now: datetime) -> Outcome:  # noqa: ARG001 - one shape
    """The key is in the address. The words go as an adaptive card: both kinds of webhook take one."""
    lines = [{"type": "TextBlock", "text": line, "wrap": True} for line in words.splitlines() if line]
    card = {"type": "AdaptiveCard", "version": "1.4", "body": lines}
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "content": card}
    answer = wire.post(url, json.dumps({"type": "message", "attachments": [attachment]}).encode())
    return read(answer) if isinstance(answer, Answer) else answer


def read(answer: Answer) -> Outcome:
    """A connector that fails says so in the body of a 200."""
    if answer.status == 202 or (answer.status == 200 and answer.body.strip() == b"1"):
        return Taken()
    found = by_status(answer)
    if found is not None:
        return found
    inner = _INNER.search(answer.body)
    code = inner.group(1).decode() if inner else "not-1"
    return Refused(code, again=code in {"429", "500", "503"})

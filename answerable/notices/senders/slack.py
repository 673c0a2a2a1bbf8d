"""Slack incoming webhook: 200 with the body `ok`, or a status and one word."""

import json
import re
from datetime import datetime
from typing import Final

from answerable.notices.senders.outcome import Outcome, Refused, Taken
from answerable.notices.senders.services import by_status
from answerable.notices.senders.wire import Answer, Wire

__all__ = ["HOST", "read", "send"]

HOST: Final = "hooks.slack.com"
_WORD: Final = re.compile(rb"[a-z_]{2,40}")


def send(url: str, words: str, wire: Wire, *, secret: str = "", now: datetime) -> Outcome:  # noqa: ARG001 - one shape
    """The key is in the address."""
    answer = wire.post(url, json.dumps({"text": words}).encode())
    return read(answer) if isinstance(answer, Answer) else answer


def read(answer: Answer) -> Outcome:
    """Anything but `ok` is a failure, also with status 200."""
    body = answer.body.strip()
    if answer.status == 200 and body == b"ok":
        return Taken()
    word = body.decode() if _WORD.fullmatch(body) else ""
    found = by_status(answer)
    if isinstance(found, Refused):
        return Refused(word or found.code, again=found.again or word in {"ratelimited", "rate_limited"})
    return found or Refused(word or "not-ok", again=False)

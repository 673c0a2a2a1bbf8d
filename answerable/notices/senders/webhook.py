"""A webhook of the organisation's own, signed, so that its receiver knows that it is we who speak.

    POST, Content-Type: application/json
    Answerable-Timestamp: <Unix seconds>
    Answerable-Signature: v1=<hex of HMAC-SHA-256, under the secret, over "<timestamp>.<body>">

The receiver checks the signature over the very bytes, refuses a timestamp more than five minutes off, and answers 204,
or 200 with `{"taken": true}`. Anything else is a failure, a 200 with another body too. docs/for-operators.md has the
check in a few lines.
"""

import hashlib
import hmac
import json
from datetime import datetime

from answerable.notices.senders.outcome import Outcome, Refused, Taken
from answerable.notices.senders.services import by_status
from answerable.notices.senders.wire import Answer, Wire

__all__ = ["read", "send", "signature"]


def signature(secret: str, timestamp: int, body: bytes) -> str:
    """The value of Answerable-Signature."""
    return "v1=" + hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()


def send(url: str, words: str, wire: Wire, *, secret: str = "", now: datetime) -> Outcome:
    """Without a secret nothing is sent."""
    if not secret:
        return Refused("no-secret", again=False)
    stamp = int(now.timestamp())
    body = json.dumps({"text": words}).encode()
    headers = {"Answerable-Timestamp": str(stamp), "Answerable-Signature": signature(secret, stamp, body)}
    answer = wire.post(url, body, headers=headers)
    return read(answer) if isinstance(answer, Answer) else answer


def read(answer: Answer) -> Outcome:
    """204, or 200 that says so."""
    if answer.status == 204 or (answer.status == 200 and answer.json().get("taken") is True):
        return Taken()
    return by_status(answer) or Refused("not-taken", again=False)

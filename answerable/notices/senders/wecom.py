"""WeCom (企业微信) group robot. HTTP 200 whatever happens; `errcode` decides (facts/training-policy-events.md D7)."""

import json
from datetime import datetime
from typing import Final

from answerable.notices.senders.outcome import Outcome
from answerable.notices.senders.services import by_code
from answerable.notices.senders.wire import Answer, Wire

__all__ = ["HOST", "read", "send"]

HOST: Final = "qyapi.weixin.qq.com"
_LATER: Final = frozenset({-1, 45009, 45033})
"""Busy; more than 20 a minute; too many at once."""


def send(url: str, words: str, wire: Wire, *, secret: str = "", now: datetime) -> Outcome:  # noqa: ARG001 - one shape
    """The key is in the address; there is no signature."""
    body = json.dumps({"msgtype": "text", "text": {"content": words}}).encode()
    answer = wire.post(url, body)
    return read(answer) if isinstance(answer, Answer) else answer


def read(answer: Answer) -> Outcome:
    """Only `errcode` 0 is taken."""
    return by_code(answer.json().get("errcode"), answer, later=_LATER)

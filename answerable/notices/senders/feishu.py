"""Feishu and Lark (飞书) group robot with a signature. `code` decides (older answers: `StatusCode`)."""

import base64
import hashlib
import hmac
import json
from datetime import datetime
from typing import Any, Final

from answerable.notices.senders.outcome import Outcome
from answerable.notices.senders.services import by_code
from answerable.notices.senders.wire import Answer, Wire

__all__ = ["HOSTS", "read", "send", "signature"]

HOSTS: Final = ("open.feishu.cn", "open.larksuite.com")
_LATER: Final = frozenset({9499, 11232, 99991400})
"""Too many at once, by the robot, by the application."""


def signature(secret: str, seconds: int) -> str:
    """Base64 of HMAC-SHA-256 over nothing, under the key "<seconds>\\n<secret>"."""
    return base64.b64encode(hmac.new(f"{seconds}\n{secret}".encode(), b"", hashlib.sha256).digest()).decode()


def send(url: str, words: str, wire: Wire, *, secret: str = "", now: datetime) -> Outcome:
    """The signature goes into the body."""
    message: dict[str, Any] = {"msg_type": "text", "content": {"text": words}}
    if secret:
        stamp = int(now.timestamp())
        message |= {"timestamp": str(stamp), "sign": signature(secret, stamp)}
    answer = wire.post(url, json.dumps(message).encode())
    return read(answer) if isinstance(answer, Answer) else answer


def read(answer: Answer) -> Outcome:
    """Only code 0 is taken. 19021: the signature or the clock is wrong; 19024: the robot wants a key word."""
    found = answer.json()
    return by_code(found.get("code", found.get("StatusCode")), answer, later=_LATER)

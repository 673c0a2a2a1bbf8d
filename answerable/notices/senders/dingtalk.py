"""DingTalk (钉钉) group robot with a signature. HTTP 200 whatever happens; `errcode` decides."""

import base64
import hashlib
import hmac
import json
from datetime import datetime
from typing import Final
from urllib.parse import quote_plus

from answerable.notices.senders.outcome import Outcome
from answerable.notices.senders.services import by_code
from answerable.notices.senders.wire import Answer, Wire

__all__ = ["HOST", "read", "send", "signature"]

HOST: Final = "oapi.dingtalk.com"
_LATER: Final = frozenset({-1, 130101, 130102, 410100})
"""Busy; more than 20 a minute (then silent for ten)."""


def signature(secret: str, milliseconds: int) -> str:
    """Base64 of HMAC-SHA-256, under the secret, over "<milliseconds>\\n<secret>"."""
    text = f"{milliseconds}\n{secret}".encode()
    return base64.b64encode(hmac.new(secret.encode(), text, hashlib.sha256).digest()).decode()


def send(url: str, words: str, wire: Wire, *, secret: str = "", now: datetime) -> Outcome:
    """The signature goes into the address."""
    if secret:
        stamp = int(now.timestamp() * 1000)
        url += f"&timestamp={stamp}&sign={quote_plus(signature(secret, stamp))}"
    body = json.dumps({"msgtype": "text", "text": {"content": words}}).encode()
    answer = wire.post(url, body)
    return read(answer) if isinstance(answer, Answer) else answer


def read(answer: Answer) -> Outcome:
    """Only `errcode` 0 is taken. 310000: signature, key word or sender's address don't fit."""
    return by_code(answer.json().get("errcode"), answer, later=_LATER)

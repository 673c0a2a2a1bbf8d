"""One POST over HTTPS: to a checked address, within strict time, without redirects, proxies or cookies."""

import json
import ssl
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Any, Final

import httpx

from answerable.notices.errors import BadAddress
from answerable.notices.senders.addresses import check_url, resolve
from answerable.notices.senders.outcome import Refused, Unsure

__all__ = ["Answer", "Wire"]

MOST: Final = 64 * 1024
"""Bytes of an answer that are read. The longest real one has some hundred."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    body: bytes

    def json(self) -> dict[str, Any]:
        """The object in the body; empty if it is none."""
        try:
            found = json.loads(self.body)
        except (ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}


class Wire:
    """`Wire(seconds=8).post(url, body)`. `private`: hosts the operator allows inside; `plain`: http too, for tests."""

    def __init__(
        self,
        *,
        seconds: float = 8.0,
        private: Collection[str] = (),
        plain: bool = False,
        trust: ssl.SSLContext | None = None,
    ) -> None:
        self._seconds, self._private, self._plain, self._trust = seconds, private, plain, trust

    def post(
        self,
        url: str,
        body: bytes,
        *,
        kind: str = "application/json",
        headers: Mapping[str, str] | None = None,
    ) -> Answer | Refused | Unsure:
        """The answer, whatever its status. Refused if the request surely did not arrive, Unsure if it may have."""
        try:
            host, port, rest = check_url(url, plain=self._plain)
            address = resolve(host, port, private=self._private)
        except BadAddress as error:
            return Refused(str(error), again=str(error) == "unknown-host")
        shown = f"[{address}]" if ":" in address else address
        named = f"[{host}]" if ":" in host else host
        request = httpx.Request(
            "POST",
            f"{url.partition(':')[0]}://{shown}:{port}{rest}",
            content=body,
            headers={
                "Host": f"{named}:{port}",
                "Content-Type": kind,
                "User-Agent": "answerable",
                **(headers or {}),
            },
            extensions={"sni_hostname": host, "timeout": httpx.Timeout(self._seconds).as_dict()},
        )
        until = monotonic() + 2 * self._seconds
        client = httpx.Client(
            trust_env=False, follow_redirects=False, verify=self._trust or ssl.create_default_context()
        )
        with client:
            return _exchange(client, request, until)


def _exchange(client: httpx.Client, request: httpx.Request, until: float) -> Answer | Refused | Unsure:
    try:
        answer = client.send(request, stream=True)
        body = b""
        for piece in answer.iter_raw():
            body += piece
            if len(body) > MOST or monotonic() > until:  # a trickle of bytes must not hold the keeper
                answer.close()
                return Unsure("endless")
        return Answer(answer.status_code, body)
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol):
        return Refused("no-connection", again=True)
    except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError):
        return Unsure("silent")

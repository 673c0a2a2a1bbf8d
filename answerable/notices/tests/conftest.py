"""A real SMTP server on this machine that can be told to misbehave."""

import email
import email.policy
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage

import pytest
from aiosmtpd.controller import Controller


@dataclass
class Post:
    """What arrived, and what to answer next: codes for RCPT and DATA, a pause before the answer to DATA."""

    port: int = 0
    arrived: list[bytes] = field(default_factory=list)
    at_rcpt: list[str] = field(default_factory=list)
    at_data: list[str] = field(default_factory=list)
    pause: float = 0.0
    taken_before_pause: bool = True

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        if self.at_rcpt:
            return self.at_rcpt.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        answer = self.at_data.pop(0) if self.at_data else "250 taken"
        if answer.startswith("250"):
            self.arrived.append(envelope.original_content)
        if self.pause:
            time.sleep(self.pause)
        return answer

    def mails(self) -> list[EmailMessage]:
        return [email.message_from_bytes(raw, policy=email.policy.default) for raw in self.arrived]


@pytest.fixture
def post_office(settings, unused_port) -> Iterator[Post]:
    office = Post(port=unused_port)
    controller = Controller(office, hostname="127.0.0.1", port=unused_port)
    controller.start()
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", unused_port
    yield office
    controller.stop()


@pytest.fixture
def unused_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

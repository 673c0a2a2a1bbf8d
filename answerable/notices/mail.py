"""One conversation with the mail server, cut where it matters.

SMTP has one moment of doubt: after the message was handed over and before the server said that it has it. Whoever
falls silent there may or may not deliver. So the two halves are two calls, and what happens between them (the mark
in the outbox) is the caller's.
"""

import smtplib
from types import TracebackType
from typing import Self

from django.conf import settings

from answerable.notices.errors import NotTaken, ServerDown, Unsure

SECONDS = 8.0  # for each answer of the server: the keeper has clocks to watch


class Conversation:
    """`with Conversation() as server: server.announce(to); …; server.hand_over(message)`. Raises ServerDown."""

    def __init__(self, *, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._smtp: smtplib.SMTP

    def __enter__(self) -> Self:
        try:
            self._smtp = smtplib.SMTP(settings.EMAIL_HOST, settings.EMAIL_PORT, timeout=self._seconds)
            self._smtp.ehlo_or_helo_if_needed()
            if settings.EMAIL_USE_TLS:
                self._smtp.starttls()
            if settings.EMAIL_HOST_USER:
                self._smtp.login(settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD)
        except (OSError, smtplib.SMTPException) as error:
            raise ServerDown(type(error).__name__) from None
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._smtp.close()

    def announce(self, *, sender: str, to: str) -> None:
        """Name sender and receiver. NotTaken if the server refuses, ServerDown if it has gone."""
        try:
            self._smtp.rset()
            for code, _ in (self._smtp.mail(sender), self._smtp.rcpt(to)):
                if code not in {250, 251}:
                    raise NotTaken(code)
        except (OSError, smtplib.SMTPException) as error:
            raise ServerDown(type(error).__name__) from None

    def hand_over(self, message: bytes) -> None:
        """The message itself. NotTaken: surely not taken. Unsure: nobody knows."""
        try:
            code, _ = self._smtp.data(message)
        except smtplib.SMTPDataError as error:  # the answer to DATA itself: nothing was sent yet
            raise NotTaken(error.smtp_code) from None
        except (OSError, smtplib.SMTPException) as error:
            raise Unsure(type(error).__name__) from None
        if code != 250:
            raise NotTaken(code)

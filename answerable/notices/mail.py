"""One conversation with the mail server, cut where it matters.

SMTP has one moment of doubt: after the message was handed over and before the server said that it has it. Whoever
falls silent there may or may not deliver. So the two halves are two calls, and what happens between them (the mark
in the outbox) is the caller's.
"""

import smtplib
import socket
import ssl
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime
from threading import Timer
from types import TracebackType
from typing import Final, Self

from answerable.notices.errors import BadAddress, NotTaken, ServerDown, Unsure
from answerable.notices.senders.addresses import resolve
from answerable.notices.senders.oauth import Access, Tokens, xoauth2
from answerable.notices.senders.wire import Wire

__all__ = ["SECONDS", "SECURITIES", "Conversation", "Office"]

SECONDS: Final = 8.0  # for each answer of the server: the keeper has clocks to watch
LONGEST: Final = 45.0  # of a whole conversation, however slowly the server's letters trickle
SECURITIES: Final = ("none", "starttls", "implicit")
_TOKENS = Tokens()


@dataclass(frozen=True, slots=True)
class Office:
    """A mail server, and how to speak with it.

    `security`: none, starttls (and nothing is said before it holds), implicit. `authorities`: PEM of those who may
    vouch for it, besides nobody; empty: the system's. `private`: hosts that may have an inside address; None: all.
    """

    host: str
    port: int
    sender: str
    security: str = "starttls"
    account: str = ""
    password: str = field(default="", repr=False)
    access: Access | None = None
    authorities: str = field(default="", repr=False)
    private: Collection[str] | None = ()

    def trust(self) -> ssl.SSLContext:
        """Whom we believe. ServerDown if the authorities' file is none."""
        try:
            return ssl.create_default_context(cadata=self.authorities or None)
        except ssl.SSLError:
            raise ServerDown("bad-authorities") from None


class _Line(smtplib.SMTP):
    """smtplib, connecting to a checked address, encrypted from the first byte where the office wants it."""

    def __init__(self, office: Office, seconds: float) -> None:
        self._office = office
        super().__init__(office.host, office.port, timeout=seconds)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        office = self._office
        address = host if office.private is None else resolve(host, port, private=office.private)
        raw = socket.create_connection((address, port), timeout)
        if office.security != "implicit":
            return raw
        try:
            return office.trust().wrap_socket(raw, server_hostname=host)
        except BaseException:
            raw.close()
            raise


class Conversation:
    """`with Conversation(office, now=now) as server: server.announce(…); …; server.hand_over(…)`. Raises ServerDown."""

    def __init__(
        self, office: Office, *, now: datetime, seconds: float = SECONDS, wire: Wire | None = None
    ) -> None:
        self._office, self._now, self._seconds = office, now, seconds
        self._wire = wire or Wire(seconds=seconds)
        self._smtp: smtplib.SMTP
        self._alarm: Timer

    def __enter__(self) -> Self:
        office = self._office
        self._trying(self._open)
        self._alarm = Timer(max(LONGEST, self._seconds), self._hang_up)
        self._alarm.daemon = True
        self._alarm.start()
        try:
            self._trying(self._greet)
            if office.access is not None:
                self._sign_in_by_token(office.access)
            elif office.account:
                self._trying(lambda: self._smtp.login(office.account, office.password))
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._alarm.cancel()
        self._smtp.close()

    def announce(self, *, sender: str, to: str) -> None:
        """Name sender and receiver. NotTaken if the server refuses, ServerDown if it has gone."""

        def say() -> None:
            self._smtp.rset()
            for code, _ in (self._smtp.mail(sender), self._smtp.rcpt(to)):
                if code not in {250, 251}:
                    raise NotTaken(code)

        self._trying(say)

    def hand_over(self, message: bytes) -> None:
        """The message itself. NotTaken: surely not taken. Unsure: nobody knows."""
        try:
            code, _ = self._smtp.data(message)
        except smtplib.SMTPDataError as error:  # the answer to DATA itself: nothing was sent yet
            raise NotTaken(error.smtp_code) from None
        except (OSError, smtplib.SMTPException, ValueError) as error:
            raise Unsure(type(error).__name__) from None
        if code != 250:
            raise NotTaken(code)

    def _open(self) -> None:
        self._smtp = _Line(self._office, self._seconds)

    def _greet(self) -> None:
        self._smtp.ehlo_or_helo_if_needed()
        if self._office.security == "starttls":
            self._smtp.starttls(context=self._office.trust())  # raises where the server offers none
            self._smtp.ehlo()

    def _sign_in_by_token(self, access: Access) -> None:
        """Once more with a new token if the first one, perhaps an old one, is refused."""
        for last in (False, True):
            token = _TOKENS.get(access, self._wire, now=self._now)
            try:
                self._trying(lambda token=token: self._say_token(token))  # type: ignore[misc]
            except ServerDown as refusal:
                _TOKENS.forget(access)
                if last or str(refusal) != "535":
                    raise
            else:
                return

    def _say_token(self, token: str) -> None:
        line = xoauth2(self._office.account, token)
        # A refusal comes as a 334 with a reason in it; the empty answer brings the final 535.
        self._smtp.auth("XOAUTH2", lambda challenge=None: line if challenge is None else "")

    def _trying(self, step: Callable[[], object]) -> None:
        """Foreign errors as ours: the server's code if it gave one, never its words."""
        try:
            step()
        except smtplib.SMTPAuthenticationError as error:
            raise ServerDown(str(error.smtp_code)) from None
        except BadAddress as error:
            raise ServerDown(str(error)) from None
        except (OSError, smtplib.SMTPException, ValueError) as error:
            raise ServerDown(type(error).__name__) from None

    def _hang_up(self) -> None:
        """From another thread: the read that waits ends with an error."""
        line = self._smtp.sock
        if line is not None:
            try:
                line.shutdown(socket.SHUT_RDWR)
            except OSError:
                return

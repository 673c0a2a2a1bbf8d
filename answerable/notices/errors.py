"""What can go wrong with notices."""


class NoticeError(Exception):
    """Root of this capability's errors."""


class ServerDown(NoticeError):
    """The mail server can't be reached or has hung up: no message is at fault."""


class NotTaken(NoticeError):
    """The mail server did not take the message, and certainly has not: it may be tried again."""


class Unsure(NoticeError):
    """The mail server fell silent after the message was handed over: it may have taken it, so never again."""


class NoToken(ServerDown):
    """The token endpoint gave none; the message is its error code."""


class BadAddress(NoticeError):
    """Not an address we connect to; the message says why: not-https, not-an-address, private, unknown-host."""


class NotAChannel(NoticeError):
    """What was typed can't be a channel; the message is the code of the reason."""

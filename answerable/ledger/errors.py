"""What can go wrong with a log. Messages hold ids and numbers, never words from a report."""

__all__ = [
    "BadLeaf",
    "Busy",
    "LedgerError",
    "LogBehind",
    "LogClosed",
    "LogDamaged",
    "NoLog",
    "NoRoom",
    "NotFound",
    "SecondWriter",
    "WorkFailed",
]


class LedgerError(Exception):
    """Root of this capability's errors."""


class BadLeaf(LedgerError):
    """A leaf can't be made of this: an unknown type, a label that is not 32 bytes, too long a payload."""


class NoLog(LedgerError):
    """The organisation has no log, or its signing key is not where it should be."""


class NotFound(LedgerError):
    """The log has no such entry, tile or checkpoint, or doesn't show it yet."""


class LogClosed(LedgerError):
    """The organisation has gone, or is going, to another server: its log goes on there and takes nothing here."""


class LogBehind(LedgerError):
    """The database knows less of the log than was handed out, or something else: a restored backup. Says what
    to do.
    """


class LogDamaged(LedgerError):
    """A check found something in the log that does not fit."""


class SecondWriter(LedgerError):
    """Somebody else appended to this log in between; nothing was written."""


class NoRoom(LedgerError):
    """The disk is full; nothing was acknowledged."""


class Busy(LedgerError):
    """The database didn't answer in time, or the writer is stopping; nothing was acknowledged. Try again."""


class WorkFailed(LedgerError):
    """A work could not be written; its cause is chained. The works beside it were."""

"""What can go wrong with an archive. Messages are for the operator's terminal: what happened, and what to do."""

__all__ = [
    "ArchiveError",
    "CutFile",
    "Damaged",
    "InUse",
    "Newer",
    "NoKey",
    "NoPlace",
    "NoRoom",
    "NotEmpty",
    "OtherInstallation",
    "OtherKind",
    "Taken",
    "TooNew",
    "WrongKey",
    "WrongPassword",
]


class ArchiveError(Exception):
    """Root of this package's errors."""


class CutFile(ArchiveError):
    """The file ends too early, or is not an age file at all."""


class Damaged(ArchiveError):
    """What came out of the file is not what was put in, or a log in it does not hold."""


class InUse(ArchiveError):
    """A server, or another command, is at work on this data."""


class Newer(ArchiveError):
    """What is here knows more of a log than the file does."""


class NoKey(ArchiveError):
    """No recipient, or no identity, or one that is not an age key."""


class NoPlace(ArchiveError):
    """The folder or bucket can't be reached, or holds no such file."""


class NoRoom(ArchiveError):
    """The disk is full; what was begun is removed."""


class NotEmpty(ArchiveError):
    """The target holds something already."""


class OtherInstallation(ArchiveError):
    """The file is of another installation than the data it should replace."""


class OtherKind(ArchiveError):
    """A backup where an organisation is meant, or the other way round."""


class Taken(ArchiveError):
    """An id, a name, an address or an e-mail of the organisation is taken on this server."""


class TooNew(ArchiveError):
    """The file was written by a newer version of Answerable than this one."""


class WrongKey(ArchiveError):
    """The file is sealed to another key than the one given."""


class WrongPassword(ArchiveError):
    """The key file does not open with this password."""

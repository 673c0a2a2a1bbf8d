"""Why something sealed was not taken. `code` is the stable word of the API; messages hold ids and codes only."""

from typing import ClassVar


class IntakeError(Exception):
    """Root of this capability's errors."""

    code: ClassVar[str] = "bad-request"


class NotFound(IntakeError):
    """No such case, file or organisation."""

    code = "not-found"


class NoMailbox(IntakeError):
    """Whatever went wrong with opening a mailbox; always the same answer."""

    code = "no-mailbox"


class CaseErased(IntakeError):
    """The right words, of a case that was erased: its keeping was over. `on` is the day, YYYY-MM-DD."""

    code = "erased"

    def __init__(self, on: str) -> None:
        super().__init__("erased")
        self.on = on


class AlreadyOther(IntakeError):
    """The same case id, author and number, or file name, with other bytes."""

    code = "already-other"


class BadManifest(IntakeError):
    """The manifest is not what PROTOCOLS 2.6 says, or does not match its files."""

    code = "bad-manifest"


class BadSignature(IntakeError):
    """A signature does not verify."""

    code = "bad-signature"


class BadEnvelope(IntakeError):
    """A sealed file is no canonical age file with exactly the stanzas it should have."""

    code = "bad-envelope"


class BadSize(IntakeError):
    """A sealed file has a size that no padding gives, or that is too large."""

    code = "bad-size"


class NotInRoster(IntakeError):
    """Panel or reach names somebody whom the roster does not list."""

    code = "not-in-roster"


class StaleRoster(IntakeError):
    """The manifest names a roster that is not the newest."""

    code = "stale-roster"


class WrongOrganisation(IntakeError):
    """Made for another organisation."""

    code = "wrong-organisation"


class BadMessage(IntakeError):
    """A message's number, kind, promises or attachments do not fit."""

    code = "bad-message"


class WrongKind(IntakeError):
    """A message of this kind does not keep that promise."""

    code = "wrong-kind"


class Conflict(IntakeError):
    """Somebody else was quicker: a number, a promise or an epoch is taken."""

    code = "conflict"


class LastReader(IntakeError):
    """Nobody else could read the case any more, so this person stays."""

    code = "last-reader"


class Closed(IntakeError):
    """Nothing can be added to a private record."""

    code = "closed"


class NotOpen(IntakeError):
    """The organisation does not take reports yet."""

    code = "not-open"


class Moved(IntakeError):
    """The organisation went, or is about to go, to another server."""

    code = "moved"


class WorkNeeded(IntakeError):
    """No work, spent work, or too little of it."""

    code = "work-needed"


class BadChunk(IntakeError):
    """A chunk whose bytes are not those of its hash, or whose range does not fit."""

    code = "bad-chunk"


class WrongOrder(IntakeError):
    """A chunk that does not follow on what was received."""

    code = "wrong-order"

    def __init__(self, received: int, *, done: bool = False) -> None:
        super().__init__(f"received {received}")
        self.received, self.done = received, done


class BadFile(IntakeError):
    """All chunks came, but together they are another file."""

    code = "bad-file"


class NoRoom(IntakeError):
    """The disk is full."""

    code = "no-room"


class Busy(IntakeError):
    """Try again; nothing was taken."""

    code = "busy"

"""What can go wrong with keys and the roster."""


class RosterError(Exception):
    """Root of this capability's errors; messages hold ids and codes, never names."""


class NotKeyed(RosterError):
    """This person's role can't hold a key."""


class BadKey(RosterError):
    """A recipient, signing key or wrapped file is not in the expected form."""


class BadRoster(RosterError):
    """A text that is no roster, or that does not follow from the one before."""


class BadRosterSignature(BadRoster):
    """A signature line that no entitled signer made over this text."""


class NotADraft(RosterError):
    """No such draft waits for signatures."""


class KeyInUse(RosterError):
    """The last way to unlock a key can't be taken away."""

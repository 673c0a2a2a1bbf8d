"""What can go wrong in the panel's work."""


class CasesError(Exception):
    """Root of this capability's errors; messages hold ids only."""


class NotFound(CasesError):
    """No such case for this person: it isn't there, or they are not on its panel. The two are never told apart."""


class NotOnRoster(CasesError):
    """Their key is not in the logged roster, so nobody could check their signature."""


class BadRetentionPack(CasesError):
    """A pack of retention rules can't be read."""


class NotTheirs(CasesError):
    """Somebody on the panel, but not in a role that may do this; or the same person twice where two are needed."""


class AlreadySo(CasesError):
    """A hold that is there already, or not there any more."""

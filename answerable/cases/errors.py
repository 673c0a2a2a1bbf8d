"""What can go wrong in the panel's work."""


class CasesError(Exception):
    """Root of this capability's errors; messages hold ids only."""


class NotFound(CasesError):
    """No such case for this person: it isn't there, or they are not on its panel. The two are never told apart."""


class NotOnRoster(CasesError):
    """Their key is not in the logged roster, so nobody could check their signature."""

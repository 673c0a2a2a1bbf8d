"""What can go wrong with organisations and people."""


class OrganisationError(Exception):
    """Root of this capability's errors; messages hold ids, never words from a report."""


class NotFound(OrganisationError):
    """No such organisation, or no such person in it."""


class NotAllowed(OrganisationError):
    """The act is not open to this person."""


class AlreadyThere(OrganisationError):
    """The e-mail address, the short name or the role is taken already."""


class InvitationSpent(OrganisationError):
    """The link is unknown, used, withdrawn or older than seven days: one answer for all four."""


class Unreadable(OrganisationError):
    """A secret in the database can't be read: changed, or sealed under another secret key."""


class NotReady(OrganisationError):
    """The checklist does not hold yet; the message holds the codes of what is missing."""


class Busy(OrganisationError):
    """Too many at once; the same again in a moment may work."""


class ProviderTrouble(OrganisationError):
    """A provider doesn't answer, or not as it must; the message is a short English reason without any value it sent."""


class NobodyHere(OrganisationError):
    """The provider vouches for somebody who is not bound to an account here, and can't be bound this way."""

"""What can go wrong while an organisation is set up."""


class SetupError(Exception):
    """Root of this capability's errors."""


class WrongCode(SetupError):
    """The code is unknown, used, or older than seven days: one answer for all three."""


class TooMany(SetupError):
    """Too many wrong codes in a minute; nobody's code is looked at until it is over."""


class NothingRuns(SetupError):
    """No set-up runs that this browser may go on with."""


class BadConfiguration(SetupError):
    """The answers or the file can't make an organisation; the message says where, for the operator."""


class MailTrouble(SetupError):
    """The mail server did not take the test; the message is the kind of trouble, without addresses."""

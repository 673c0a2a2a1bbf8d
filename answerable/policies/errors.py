"""What can be wrong with a policy."""


class PolicyError(Exception):
    """Root of this capability's errors."""


class BadPolicy(PolicyError):
    """A text that can't be read as a policy; the message says why, in words for its author."""


class BadAnswers(PolicyError):
    """An answer that no draft can be made of; the message names it."""

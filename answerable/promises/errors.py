"""What can go wrong with promises."""

__all__ = ["AlreadyKept", "BadPack", "NotFound", "PromisesError"]


class PromisesError(Exception):
    """Root of this capability's errors."""


class NotFound(PromisesError):
    """No such case, or no such promise in it."""


class AlreadyKept(PromisesError):
    """The promise was kept before; the first time counts."""


class BadPack(PromisesError):
    """A rule pack can't be used as it stands."""

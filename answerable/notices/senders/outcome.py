"""What became of one message."""

from dataclasses import dataclass

__all__ = ["Outcome", "Refused", "Taken", "Unsure"]


@dataclass(frozen=True, slots=True)
class Taken:
    """The service has it."""


@dataclass(frozen=True, slots=True)
class Refused:
    """It surely was not taken. `code`: the service's own, or one of ours (`no-connection`, `redirect`, …), never its
    words. `again`: trying later may help.
    """

    code: str
    again: bool


@dataclass(frozen=True, slots=True)
class Unsure:
    """Nobody knows whether it was taken. `code` says where it fell silent."""

    code: str


Outcome = Taken | Refused | Unsure

"""What layers above hang on to the intake, by plain names filled when they start (their AppConfig.ready).

`KEPT_UNTIL`: functions (organisation, received) -> the day on which a private record that came then is erased. At most one.
"""

from collections.abc import Callable
from datetime import date, datetime

from answerable.organisation.models import Organisation

__all__ = ["KEPT_UNTIL", "kept_until"]

KEPT_UNTIL: list[Callable[[Organisation, datetime], date]] = []


def kept_until(organisation: Organisation, received: datetime) -> date | None:
    """The day of a private record; None where nobody erases any."""
    return KEPT_UNTIL[0](organisation, received) if KEPT_UNTIL else None

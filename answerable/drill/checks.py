"""How the drill stands, for the doctor."""

from collections.abc import Iterable
from datetime import datetime

from answerable.drill import queries
from answerable.organisation.seams import Finding

__all__ = ["drill"]


def drill(now: datetime, full: bool) -> Iterable[Finding]:  # noqa: ARG001 - the doctor's shape
    """Every organisation's."""
    return queries.every(now)

"""What layers above hang on to notices, by plain names set when they start (their AppConfig.ready).

`DIGESTS`: functions (organisation, now) -> {"kept": n, "missed": n, "open": n}: the counts of a digest.
"""

from collections.abc import Callable, Mapping
from datetime import datetime

from answerable.organisation.models import Organisation

__all__ = ["DIGESTS"]

DIGESTS: list[Callable[[Organisation, datetime], Mapping[str, int]]] = []

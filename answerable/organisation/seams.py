"""What layers above hang on to this one, by a plain list filled when they start (their AppConfig.ready).

`READINESS`: functions (organisation) -> [{"en": …, "zh": …}]: what is missing before reports can be taken.
"""

from collections.abc import Callable

from answerable.organisation.models import Organisation

READINESS: list[Callable[[Organisation], list[dict[str, str]]]] = []


def missing_above(organisation: Organisation) -> list[dict[str, str]]:
    """What the capabilities above still miss before this organisation is ready, as {en, zh}."""
    return [line for check in READINESS for line in check(organisation)]

"""What layers above hang on to this one, by plain lists filled when they start (their AppConfig.ready).

`READINESS`: functions (organisation) -> [{"en": …, "zh": …}]: what is missing before reports can be taken.
`CHECKS`: functions (now, full) -> [Finding]: what `answerable doctor` looks at, over the whole installation. `full` asks for
the slow look, too. Whatever one raises is told as a failed check, and the others go on.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Final, NamedTuple

from answerable.organisation.models import Organisation

READINESS: list[Callable[[Organisation], list[dict[str, str]]]] = []

GOOD: Final = "good"
WATCH: Final = "watch"
BAD: Final = "bad"


class Finding(NamedTuple):
    """One thing that was looked at: how it is (GOOD, WATCH, BAD), in words, and what to do about it.

    `name` is a short English word for programs ("disk"); `is_` and `do` are {"en": …, "zh": …}. No words, names or
    addresses of people, nothing of a case.
    """

    name: str
    state: str
    is_: dict[str, str]
    do: dict[str, str] | None = None


CHECKS: list[Callable[[datetime, bool], Iterable[Finding]]] = []


def missing_above(organisation: Organisation) -> list[dict[str, str]]:
    """What the capabilities above still miss before this organisation is ready, as {en, zh}."""
    return [line for check in READINESS for line in check(organisation)]

"""One-time codes, the order of the questions, and what an organisation's own address may be. Plain values only."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

CODE_LASTS: Final = timedelta(days=7)
WRONG_MOST: Final = 20
WRONG_WITHIN: Final = timedelta(minutes=1)
MAIL_CODE_LASTS: Final = timedelta(minutes=30)
MAIL_TRIES: Final = 5

STEPS: Final = (
    "name",
    "languages",
    "address",
    "places",
    "zones",
    "look",
    "contact",
    "administrators",
    "check",
)
"""The questions, one to a page, in their order; "check" shows all answers and makes the organisation."""
QUESTIONS: Final = STEPS[:-1]

_ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's: no i, l, o, u
CODE_LETTERS: Final = 20  # 100 bits
_LOOKALIKES: Final = str.maketrans("ilo", "110")


def code_text(number: int) -> str:
    """Twenty letters in groups of five, from a number of 100 bits."""
    letters = "".join(_ALPHABET[(number >> (5 * place)) & 31] for place in reversed(range(CODE_LETTERS)))
    return "-".join(letters[at : at + 5] for at in range(0, CODE_LETTERS, 5))


def code_typed(text: str) -> str:
    """What somebody typed, as it was printed: groups, capitals and letters that look alike don't matter."""
    kept = re.sub(r"[\s\-–—]", "", text.lower()[:100]).translate(_LOOKALIKES)
    return "-".join(kept[at : at + 5] for at in range(0, len(kept), 5))


def too_many(wrong: int, since: datetime | None, now: datetime) -> bool:
    """Whether codes are not looked at just now."""
    return since is not None and now - since < WRONG_WITHIN and wrong >= WRONG_MOST


def unanswered(answers: Mapping[str, Any]) -> str:
    """The first question that has no answer yet; "check" when all have."""
    return next((step for step in QUESTIONS if step not in answers), "check")


def origin(host: str, slug: str) -> str:
    """The name of the log, for good (PROTOCOLS 5)."""
    return f"{host}/log/{slug}"


def is_lasting_host(host: str) -> bool:
    """Whether a log may well be named for this host: a name on the internet, not this machine or a bare number."""
    name = host.rpartition(":")[0] if re.search(r":\d+$", host) else host
    labels = name.split(".")
    return len(labels) > 1 and not labels[-1].isdigit() and labels[-1] not in {"localhost", "local", "test"}

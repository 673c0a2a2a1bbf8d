"""What layers above hang on to this one, by plain lists filled when they start (their AppConfig.ready).

`READINESS`: functions (organisation, now) -> lines of the checklist: what must hold before reports can be taken.
`SIGN_IN_EVENTS`: functions (person, what, event, now) that tell somebody about their own sign-in: "recovery-code" was used,
"way-changed" (a password, passkey or app). `event` is unique.
`RESTARTED`: functions (person, now), told inside the transaction in which an administrator starts somebody's account again.
`PROPOSED`: functions (proposal, ids of those who may confirm it, now), told inside the transaction in which it is proposed.
`CHECKS`: functions (now, full) -> [Finding]: what `answerable doctor` looks at, over the whole installation. `full` asks for
the slow look, too.
`HEALTH`: functions (organisation, now) -> [Finding]: what an organisation's own administrators see of how it does.
Whatever one raises is told as a failed check, and the others go on.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID, uuid4

from answerable.organisation.models import Organisation, Person, Proposal


class Line(NamedTuple):
    """One line of the checklist: what must hold, in both languages, whether it does, and where it is mended.

    `where`: a path under /work/<org>/, or "" where only the operator can mend it. `hint_en`, `hint_zh`: how.
    """

    code: str
    en: str
    zh: str
    done: bool
    where: str = ""
    hint_en: str = ""
    hint_zh: str = ""

    @property
    def words(self) -> dict[str, str]:
        return {"en": self.en, "zh": self.zh}

    @property
    def hint(self) -> dict[str, str]:
        return {"en": self.hint_en, "zh": self.hint_zh}


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


HEALTH: list[Callable[[Organisation, datetime], Iterable[Finding]]] = []


def health(organisation: Organisation, now: datetime) -> list[Finding]:
    """How this organisation's daily work stands, for its administrators' pages."""
    return [each for look in HEALTH for each in look(organisation, now)]


CHECKS: list[Callable[[datetime, bool], Iterable[Finding]]] = []


RESTARTED: list[Callable[[Person, datetime], None]] = []
READINESS: list[Callable[[Organisation, datetime], list[Line]]] = []


def lines_above(organisation: Organisation, now: datetime) -> list[Line]:
    """The checklist's lines of the capabilities above."""
    return [line for check in READINESS for line in check(organisation, now)]


PROPOSED: list[Callable[[Proposal, list[UUID], datetime], None]] = []


def tell_of_proposal(proposal: Proposal, confirmers: list[UUID], *, now: datetime) -> None:
    """A change waits for one of these people."""
    for tell in PROPOSED:
        tell(proposal, confirmers, now)


SIGN_IN_EVENTS: list[Callable[[Person, str, str, datetime], None]] = []


def tell_of_sign_in(person: Person, what: str, *, now: datetime) -> None:
    """Tell this person, by whatever hangs on here, that something happened to their sign-in."""
    for tell in SIGN_IN_EVENTS:
        tell(person, what, f"sign-in:{what}:{uuid4()}", now)

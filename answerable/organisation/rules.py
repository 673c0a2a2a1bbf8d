"""Who may hold which role, and who may give it. Plain values only."""

import hashlib
import re
import unicodedata
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

ROLES: Final = ("handler", "lead", "external", "overseer", "administrator", "member")
KEYED_ROLES: Final = ("handler", "lead", "external")  # those who can hold a key and be on a panel
PERSON_SOURCES: Final = ("hand", "file", "scim")  # who keeps a person's row
RESERVED_NAMES: Final = frozenset(
    {"accounts", "language", "setup"}
)  # they would hide behind addresses of ours
INVITATION_LASTS: Final = timedelta(days=7)
OWN_FACTOR: Final = frozenset({*KEYED_ROLES, "administrator"})  # roles that need a second factor of their own
SESSION_LASTS: Final = timedelta(hours=12)  # since signing in, however busy one is
SESSION_IDLE: Final = timedelta(hours=2)  # since the last page
SESSION_SEEN: Final = timedelta(minutes=2)  # how exactly the last page is noted
PROOF_LASTS: Final = timedelta(minutes=5)  # how long one counts as just having shown that it is oneself


def session_kept_as(key: str) -> str:
    """What the database keeps of a session's key: 160 bits of its SHA-256, so that no copy of it resumes a session."""
    return hashlib.sha256(f"answerable/session/{key}".encode()).hexdigest()[:40]


_HAN = re.compile("[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")

# Stable codes for a refusal; the page that shows one has the words.
UNKNOWN_ROLE: Final = "unknown-role"
NOT_AN_ADMINISTRATOR: Final = "not-an-administrator"
NOT_TO_ONESELF: Final = "not-to-oneself"
KEY_AND_ADMINISTRATION: Final = "key-and-administration"
LAST_ADMINISTRATOR: Final = "last-administrator"
HAS_LEFT: Final = "has-left"
NOT_ALONE: Final = "not-alone"
NOT_THEIRS: Final = "not-theirs"
NEEDS_ANOTHER: Final = "needs-another"
RESTARTED: Final = "restarted"
INVITED_BY_THEM: Final = "invited-by-them"
NOT_TESTED: Final = "not-tested"
CHANGED_SINCE: Final = "changed-since"

LADDER_ROLES: Final = ("lead", "overseer", "external")
"""Who is told when a promise is missed: rungs 1 to 3."""
TWO_FOR: Final = (*LADDER_ROLES, "administrator")
"""Roles that nobody gives or takes alone once reports are taken. Administrators too: else one could make a second one up."""
REMIND_AFTER: Final = timedelta(days=3)
"""How long a proposal waits before those who may confirm it hear of it again."""
UNPROVED: Final = timedelta(days=7)
"""How long an account that an administrator started again confirms nothing: it may be in other hands. Nor does one that
was made by an invitation of the very person who proposes.
"""


def needs_two(role: str, *, is_open: bool) -> bool:
    """Whether no one alone may give or take this role."""
    return is_open and role in TWO_FOR


def leaving_needs_two(role: str, *, holders: int, is_open: bool) -> bool:
    """Whether whoever holds this role can't be recorded as gone by one person: a rung would be empty."""
    return is_open and role in LADDER_ROLES and holders <= 1


def held_until(restarted_at: datetime | None, now: datetime) -> datetime | None:
    """Until when somebody whose account was started again confirms nothing; None if they may."""
    if restarted_at is None or now >= restarted_at + UNPROVED:
        return None
    return restarted_at + UNPROVED


def shown_names(written: str, latin: str) -> tuple[str, str]:
    """(name on English pages, name on Chinese pages) of somebody who writes `written`; either may be empty.

    English pages show the written name if it is in Latin letters, else the Latin one; Chinese pages show the written
    name if it has Chinese characters or Latin letters, else the Latin one. What is missing is shown as the other.
    """
    if not written or not latin:
        return (written or latin,) * 2
    if _begins_latin(written):
        return written, written
    return latin, written if _HAN.search(written) else latin


def _begins_latin(name: str) -> bool:
    first = next((letter for letter in name if letter.isalpha()), "")
    return bool(first) and unicodedata.name(first, "").startswith("LATIN")


def why_not_give(
    role: str, *, held: Collection[str], giver: Collection[str] | None, to_oneself: bool
) -> str | None:
    """The code of the reason this role can't be given, or None if it can.

    `held` is what the receiver has, `giver` what the giver has; None is the operator at a terminal.
    Whoever administers the service must never be able to open a report, so the two kinds of role exclude each
    other in one person, and nobody gives a role to themselves.
    """
    if role not in ROLES:
        return UNKNOWN_ROLE
    if giver is not None and "administrator" not in giver:
        return NOT_AN_ADMINISTRATOR
    if to_oneself:
        return NOT_TO_ONESELF
    if not may_hold({*held, role}):
        return KEY_AND_ADMINISTRATION
    return None


def may_hold(roles: Collection[str]) -> bool:
    """No one both administers and holds a key."""
    return not ("administrator" in roles and any(role in KEYED_ROLES for role in roles))


def why_not_take(role: str, *, giver: Collection[str] | None, administrators: int) -> str | None:
    """The code of the reason this role can't be taken away; `administrators` counts them all."""
    if giver is not None and "administrator" not in giver:
        return NOT_AN_ADMINISTRATOR
    if role == "administrator" and administrators <= 1:
        return LAST_ADMINISTRATOR
    return None


def invitation_ends(now: datetime) -> datetime:
    """Until when an invitation made now can be accepted."""
    return now + INVITATION_LASTS


# What must hold before an organisation takes reports.
NO_HANDLERS: Final = "no-handlers"
NO_LEAD: Final = "no-lead"
NO_OVERSEER: Final = "no-overseer"
NO_EXTERNAL: Final = "no-external"
NO_SECOND_ADMINISTRATOR: Final = "no-second-administrator"
NO_ACCOUNTS: Final = "no-accounts"
NO_OUTSIDE_CONTACT: Final = "no-outside-contact"
NO_PLACE: Final = "no-place"
MAIL_NOT_TESTED: Final = "mail-not-tested"
BACKUP_NOT_VERIFIED: Final = "backup-not-verified"

MAIL_TESTED: Final = "mail-tested"
BACKUP_VERIFIED: Final = "backup-verified"
BACKUP_COUNTS: Final = timedelta(days=8)
"""How long a verified backup counts as one: a weekly one and a day of grace."""


def people_lines(people: Collection[tuple[Collection[str], bool]]) -> list[tuple[str, bool]]:
    """(code, whether it holds) of what people must be there; each person is (their roles, whether they have an account)."""

    def count(*wanted: str) -> int:
        return sum(not set(wanted).isdisjoint(roles) for roles, _ in people)

    waiting = any(not has and not set(KEYED_ROLES).isdisjoint(roles) for roles, has in people)
    return [
        (NO_SECOND_ADMINISTRATOR, count("administrator") >= 2),
        (NO_HANDLERS, count("handler", "lead") >= 2),
        (NO_LEAD, count("lead") >= 1),
        (NO_OVERSEER, count("overseer") >= 1),
        (NO_EXTERNAL, count("external") >= 1),
        (NO_ACCOUNTS, bool(count(*KEYED_ROLES)) and not waiting),
    ]


def can_be_reached(contact: Mapping[str, Any]) -> bool:
    """Whether the contact outside has a name and at least one way to reach them without this site."""
    return has_words(contact.get("name")) and any(
        has_words(contact.get(way)) for way in ("telephone", "post", "email")
    )


def has_words(given: Any) -> bool:
    """Whether a text, or one of its languages, says anything."""
    texts = given.values() if isinstance(given, Mapping) else [given]
    return any(isinstance(text, str) and text.strip() for text in texts)


def backup_counts(verified_at: datetime | None, now: datetime) -> bool:
    """Whether the newest verified backup is recent enough to open on."""
    return verified_at is not None and now - verified_at <= BACKUP_COUNTS

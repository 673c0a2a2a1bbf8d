"""Who may hold which role, and who may give it. Plain values only."""

import re
import unicodedata
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

ROLES: Final = ("handler", "lead", "external", "overseer", "administrator", "member")
KEYED_ROLES: Final = ("handler", "lead", "external")  # those who can hold a key and be on a panel
PERSON_SOURCES: Final = ("hand", "file", "scim")  # who keeps a person's row
RESERVED_NAMES: Final = frozenset({"accounts", "language"})  # they would hide behind addresses of ours
INVITATION_LASTS: Final = timedelta(days=7)

_HAN = re.compile("[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")

# Stable codes for a refusal; the page that shows one has the words.
UNKNOWN_ROLE: Final = "unknown-role"
NOT_AN_ADMINISTRATOR: Final = "not-an-administrator"
NOT_TO_ONESELF: Final = "not-to-oneself"
KEY_AND_ADMINISTRATION: Final = "key-and-administration"
LAST_ADMINISTRATOR: Final = "last-administrator"
HAS_LEFT: Final = "has-left"


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


# What an organisation still lacks before it should take reports.
NO_HANDLERS: Final = "no-handlers"
NO_LEAD: Final = "no-lead"
NO_OVERSEER: Final = "no-overseer"
NO_EXTERNAL: Final = "no-external"
NO_SECOND_ADMINISTRATOR: Final = "no-second-administrator"
NO_ACCOUNTS: Final = "no-accounts"


def missing(people: Collection[tuple[Collection[str], bool]]) -> list[str]:
    """Codes of what is missing; each person is (their roles, whether they have an account)."""

    def count(*wanted: str) -> int:
        return sum(not set(wanted).isdisjoint(roles) for roles, _ in people)

    lacks = [
        (NO_HANDLERS, count("handler", "lead") < 2),
        (NO_LEAD, count("lead") < 1),
        (NO_OVERSEER, count("overseer") < 1),
        (NO_EXTERNAL, count("external") < 1),
        (NO_SECOND_ADMINISTRATOR, count("administrator") < 2),
        (NO_ACCOUNTS, any(not has and not set(KEYED_ROLES).isdisjoint(roles) for roles, has in people)),
    ]
    return [code for code, lacking in lacks if lacking]

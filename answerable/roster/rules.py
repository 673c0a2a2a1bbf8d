"""Who may propose and sign a roster, and when it has enough signatures (PROTOCOLS 2.3). Plain values only."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Final

from answerable_protocol.encoding import base64url_encode
from answerable_protocol.roster import Member, Roster

NEW_CHAIN_NOTICE: Final = timedelta(days=90)
NEW_CHAIN_WAITS: Final = timedelta(days=7)
"""Between a proposal to start a new chain and its first roster, unless an overseer or an external member confirms it."""


def able(roster: Roster, current_keys: Mapping[str, str]) -> tuple[Member, ...]:
    """Those of `roster` who can still sign: the key on it is still their key. `current_keys`: id -> signing key (base64url)."""
    return tuple(
        each
        for each in roster.handlers()
        if each.sign is not None and current_keys.get(each.id) == base64url_encode(each.sign)
    )


def is_stuck(roster: Roster, current_keys: Mapping[str, str]) -> bool:
    """Whether too few signers are left for the chain to go on, so that a new one may start."""
    left = able(roster, current_keys)
    return len(left) < 2 or (bool(roster.externals()) and not any(each.role == "external" for each in left))


def needs(draft: Roster, before: Roster | None, signed: Collection[str]) -> int:
    """How many signatures are still missing. `before` is None for the first roster of a chain."""
    if before is None:
        return sum(each.id not in signed for each in draft.handlers())
    count = sum(each.id in signed for each in before.handlers())
    missing = max(0, 2 - count)
    if before.externals() and not any(each in signed for each in before.externals()):
        missing = max(1, missing)
    return missing


def changes(before: Roster | None, after: Roster) -> list[tuple[str, str]]:
    """(id, "joined" | "left" | "new-key" | "role") for everyone who differs, in the order of the rosters."""
    was = {each.id: each for each in before.members} if before else {}
    now = {each.id: each for each in after.members}
    found = []
    for each in after.members:
        old = was.get(each.id)
        if old is None:
            found.append((each.id, "joined"))
        else:
            if (old.recipient, old.sign) != (each.recipient, each.sign):
                found.append((each.id, "new-key"))
            if old.role != each.role:
                found.append((each.id, "role"))
    return found + [(each, "left") for each in was if each not in now]


def may_start(proposed_at: datetime, *, confirmed: bool, refused: bool, now: datetime) -> bool:
    """Whether a new chain, signed by all on it, may begin now."""
    return not refused and (confirmed or now >= proposed_at + NEW_CHAIN_WAITS)


def new_chain_until(chain: int, first_published_at: datetime, now: datetime) -> datetime | None:
    """Until when the reporter's page says that the chain was started anew; None if it wasn't, or long ago."""
    until = first_published_at + NEW_CHAIN_NOTICE
    return until if chain > 0 and now < until else None

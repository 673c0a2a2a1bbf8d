"""Roles that no one gives or takes alone: who is told when a promise is missed, and who may change that.

Once an organisation takes reports, such a change is proposed by an administrator and waits until another administrator or an
overseer confirms it (`organisation.proposals`). Whose account an administrator started again in the last days confirms
nothing, or one person could be both.
"""

from datetime import datetime
from typing import Final
from uuid import UUID

from answerable.organisation import actions, proposals, queries, rules
from answerable.organisation.errors import NotAllowed
from answerable.organisation.models import Person, Proposal
from answerable.organisation.proposals import Kind, Row
from answerable.organisation.words import ROLE_NAMES

GIVE: Final = "role-give"
TAKE: Final = "role-take"
LEAVE: Final = "leave"
CONFIRMERS: Final = frozenset({"administrator", "overseer"})
_NO: Final = {"en": "no", "zh": "否"}
_YES: Final = {"en": "yes", "zh": "是"}


def give(person: Person, role: str, *, by: Person, now: datetime) -> Proposal | None:
    """Give a role, or propose to where one alone can't. Raises NotAllowed, AlreadyThere (it waits already)."""
    why = rules.why_not_give(
        role, held=queries.roles_of(person), giver=queries.roles_of(by), to_oneself=by == person
    )
    if why:
        raise NotAllowed(why)
    if rules.needs_two(role, is_open=person.organisation.opened_at is not None):
        return _propose(GIVE, person, role, by=by, now=now)
    actions.give_role(person, role, by=by, now=now)
    return None


def take(person: Person, role: str, *, by: Person, now: datetime) -> Proposal | None:
    """Take a role away, or propose to. Raises NotAllowed, AlreadyThere."""
    if rules.needs_two(role, is_open=person.organisation.opened_at is not None):
        return _propose(TAKE, person, role, by=by, now=now)
    actions.take_role(person, role, by=by, now=now)
    return None


def leave(person: Person, *, by: Person, now: datetime) -> Proposal | None:
    """Record that somebody has left, or propose to where a rung would be empty. Raises NotAllowed, AlreadyThere."""
    if queries.is_last_of_a_rung(person):
        return _propose(LEAVE, person, "", by=by, now=now)
    actions.leave(person, by=by, now=now)
    return None


def _propose(kind: str, person: Person, role: str, *, by: Person, now: datetime) -> Proposal:
    what = {"person": str(person.pk), "role": role}
    return proposals.propose(
        person.organisation, kind, what, by=by, now=now, subject=f"{person.pk.hex}:{role}"
    )


def confirmer(proposal: Proposal, now: datetime) -> Person:
    """Who confirmed it, if they may be believed to be themselves. Raises NotAllowed."""
    second = proposal.confirmed_by
    if second is None or rules.held_until(second.restarted_at, now):
        raise NotAllowed(rules.RESTARTED)
    if queries.was_invited_by(second, proposal.by, since=now - rules.UNPROVED):
        raise NotAllowed(rules.INVITED_BY_THEM)
    return second


def _person(proposal: Proposal) -> Person:
    return queries.person(proposal.organisation, UUID(proposal.what["person"]))


def _give(proposal: Proposal, now: datetime) -> None:
    actions.give_role(
        _person(proposal), proposal.what["role"], by=proposal.by, now=now, second=confirmer(proposal, now)
    )


def _take(proposal: Proposal, now: datetime) -> None:
    actions.take_role(
        _person(proposal), proposal.what["role"], by=proposal.by, now=now, second=confirmer(proposal, now)
    )


def _leave(proposal: Proposal, now: datetime) -> None:
    actions.leave(_person(proposal), by=proposal.by, now=now, second=confirmer(proposal, now))


def _role_row(proposal: Proposal, *, given: bool) -> list[Row]:
    name, role = _person(proposal).name, ROLE_NAMES[proposal.what["role"]]
    label = {
        "en": f"{name['en'] or name['zh']}: {role['en']}",
        "zh": f"{name['zh'] or name['en']}：{role['zh']}",
    }
    return [Row(label, _NO, _YES) if given else Row(label, _YES, _NO)]


def _leave_row(proposal: Proposal) -> list[Row]:
    name = _person(proposal).name
    gone = {"en": "has left: no role, no account", "zh": "已离开：没有角色，账号停用"}
    return [Row(name, {"en": "here", "zh": "在职"}, gone)]


_ADMINISTRATORS: Final = frozenset({"administrator"})
KINDS: Final = {
    GIVE: Kind(
        {"en": "A role is given", "zh": "授予角色"},
        _ADMINISTRATORS,
        CONFIRMERS,
        lambda proposal: _role_row(proposal, given=True),
        _give,
    ),
    TAKE: Kind(
        {"en": "A role is taken away", "zh": "收回角色"},
        _ADMINISTRATORS,
        CONFIRMERS,
        lambda proposal: _role_row(proposal, given=False),
        _take,
    ),
    LEAVE: Kind(
        {"en": "The last one of a rung leaves", "zh": "某一级的最后一人离开"},
        _ADMINISTRATORS,
        CONFIRMERS,
        _leave_row,
        _leave,
    ),
}

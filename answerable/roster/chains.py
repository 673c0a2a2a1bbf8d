"""A new chain of rosters is nobody's alone: it is announced, it waits, and someone who administers nothing can speed or stop it.

An administrator can start accounts again, or record that people have left, until too few signers remain and a new chain may
begin (PROTOCOLS 2.3). So its first roster is logged only seven days after it was proposed, and every reader, overseer and
administrator is told at once. An overseer or an external member whose own account was not started again may confirm it
sooner, or refuse it. docs/decisions/0019.
"""

from datetime import datetime
from typing import Final

from answerable_protocol import roster as rosters
from answerable_protocol.encoding import base64url_encode

from answerable.notices import actions as notices
from answerable.organisation import proposals
from answerable.organisation import queries as organisations
from answerable.organisation import rules as organisation_rules
from answerable.organisation.errors import NotAllowed
from answerable.organisation.models import KEYED_ROLES, Person, Proposal
from answerable.organisation.proposals import Kind, Row
from answerable.roster import queries, rules
from answerable.roster.models import RosterDraft

NEW_CHAIN: Final = "new-chain"
_CHANGES: Final = {
    "joined": {"en": "joins", "zh": "加入"},
    "left": {"en": "goes", "zh": "离开"},
    "new-key": {"en": "stays, with a new key", "zh": "留任，换了新密钥"},
    "role": {"en": "stays, in another role", "zh": "留任，换了角色"},
}
_STAND: Final = {
    True: {"en": "on the list", "zh": "在名册上"},
    False: {"en": "not on the list", "zh": "不在名册上"},
}


def _subject(draft: RosterDraft) -> str:
    return base64url_encode(rosters.parse_text(draft.text).sha256)


def _proposal(draft: RosterDraft) -> Proposal | None:
    """The newest proposal to begin with this very roster."""
    mine = Proposal.objects.filter(
        organisation=draft.organisation_id, kind=NEW_CHAIN, subject=_subject(draft)
    )
    return mine.order_by("-at").first()


def announce(draft: RosterDraft, roster: rosters.Roster, now: datetime) -> None:
    """Propose the new chain, in the place of another such proposal, and tell everyone who should look."""
    organisation = draft.organisation
    for old in proposals.waiting(organisation):
        if old.kind == NEW_CHAIN:
            proposals.withdraw(old, by=draft.proposed_by, now=now)
    proposals.propose(
        organisation,
        NEW_CHAIN,
        {"number": roster.number},
        by=draft.proposed_by,
        now=now,
        subject=_subject(draft),
    )
    told = organisations.people_with(organisation, *KEYED_ROLES, "overseer", "administrator")
    notices.post(
        organisation,
        [each.pk for each in told],
        kind="new-chain",
        event=f"new-chain:{_subject(draft)}:{now.date().isoformat()}",
        now=now,
    )


def is_refused(draft: RosterDraft) -> bool:
    """Whether an overseer or an external member has refused to begin a new chain with this draft."""
    found = _proposal(draft) if draft.chain and not draft.number else None
    return found is not None and found.withdrawn_at is not None


def may_start(draft: RosterDraft, now: datetime) -> bool:
    """Whether the new chain may begin: confirmed, or its wait is over; never when it was refused."""
    found = _proposal(draft)
    return rules.may_start(
        draft.proposed_at,
        confirmed=found is not None and found.confirmed_at is not None,
        refused=found is not None and found.withdrawn_at is not None,
        now=now,
    )


def waits_until(draft: RosterDraft, now: datetime) -> datetime | None:
    """Until when a draft of a new chain waits; None for any other, or if it may begin."""
    if not draft.chain or draft.number or may_start(draft, now):
        return None
    return draft.proposed_at + rules.NEW_CHAIN_WAITS


def restarted(person: Person, now: datetime) -> None:
    """An administrator started this account again: everyone who reads or oversees hears of it, its true owner too."""
    told = organisations.people_with(person.organisation, *KEYED_ROLES, "overseer", "administrator")
    notices.post(
        person.organisation,
        {each.pk for each in told} | {person.pk},
        kind="account-restarted",
        event=f"account-restarted:{person.pk.hex}:{now.isoformat()}",
        now=now,
    )


def _show(proposal: Proposal) -> list[Row]:
    draft = queries.draft(proposal.organisation)
    current = queries.current(proposal.organisation_id)
    if draft is None or _subject(draft) != proposal.subject:
        return []
    roster = rosters.parse_text(draft.text)
    before = current.roster if current else None
    names = {each.id: dict(each.name) for source in (before, roster) if source for each in source.members}
    was = {each.id for each in before.members} if before else set()
    return [
        Row(names[person], _STAND[person in was], _CHANGES[change])
        for person, change in rules.changes(before, roster)
    ]


def _apply(proposal: Proposal, now: datetime) -> None:
    from answerable.roster import actions

    second = proposal.confirmed_by
    if second is None or organisation_rules.held_until(second.restarted_at, now):
        raise NotAllowed(organisation_rules.RESTARTED)
    actions.start_chain(proposal.organisation, now)


KIND: Final = Kind(
    {"en": "A new list of readers, from scratch", "zh": "从头建立新的阅读人名册"},
    frozenset(KEYED_ROLES),
    frozenset({"overseer", "external"}),
    _show,
    _apply,
    announces_itself=True,
)

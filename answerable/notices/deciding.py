"""Changes that wait for a second person: whoever may confirm one is told, in the words of every notice, and reminded once."""

from datetime import datetime
from uuid import UUID

from answerable.notices import actions
from answerable.organisation import proposals, queries, rules
from answerable.organisation.models import Proposal

__all__ = ["remind", "tell"]

_KIND = "proposal-waits"


def tell(proposal: Proposal, confirmers: list[UUID], now: datetime) -> None:
    """It was proposed just now (`organisation.seams.PROPOSED`)."""
    event = f"proposal:{proposal.pk.hex}"
    actions.post(proposal.organisation, confirmers, kind=_KIND, event=event, now=now)


def remind(now: datetime) -> None:
    """Whatever has waited for `rules.REMIND_AFTER` is told once more, also to those who may confirm only since. By the keeper."""
    posts = [
        actions.Post(organisation.pk, proposals.confirmers_of(each), _KIND, f"proposal:{each.pk.hex}:again")
        for organisation in queries.every()
        for each in proposals.waiting(organisation)
        if each.kind in proposals.KINDS and each.at <= now - rules.REMIND_AFTER
    ]
    if posts:
        actions.post_many(posts, now=now)

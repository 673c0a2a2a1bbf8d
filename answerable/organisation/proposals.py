"""Changes that no one may make alone: one person proposes, another confirms, and then it happens, or not at all.

A capability adds its kinds to `KINDS` when it starts (its AppConfig.ready). One proposal of a kind and subject waits at a
time in an organisation. Both people must have a role that the kind names at the moment they act; the database refuses that they are
the same person. `apply` runs inside the confirming transaction: what it raises undoes the confirmation.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import IntegrityError, transaction

from answerable.organisation import queries, rules, seams
from answerable.organisation.errors import AlreadyThere, NotAllowed, NotFound
from answerable.organisation.models import Organisation, Person, Proposal

__all__ = [
    "KINDS",
    "Kind",
    "Row",
    "concerns",
    "confirm",
    "confirmers_of",
    "find",
    "propose",
    "recent",
    "waiting",
    "withdraw",
]

Both = Mapping[str, str]


class Row(NamedTuple):
    """One line of what a proposal changes: {en, zh} each."""

    label: Both
    before: Both
    after: Both


class Kind(NamedTuple):
    """What a change of this kind is called, who may propose and who may confirm it, how it is shown, how it is done."""

    title: Both
    proposers: frozenset[str]
    confirmers: frozenset[str]
    show: Callable[[Proposal], list[Row]]
    apply: Callable[[Proposal, datetime], None]
    announces_itself: bool = False
    """Whether its own capability tells people of it; else those who may confirm are told that something waits."""


KINDS: dict[str, Kind] = {}


def propose(
    organisation: Organisation,
    kind: str,
    what: Mapping[str, Any],
    *,
    by: Person,
    now: datetime,
    subject: str = "",
) -> Proposal:
    """A change that waits for somebody else. `what` is JSON that `apply` understands; the caller has checked it.

    Raises NotAllowed, AlreadyThere (one of this kind waits, about the same subject), KeyError for an unknown kind.
    """
    _may(KINDS[kind].proposers, by, organisation.pk)
    try:
        with transaction.atomic():
            made = Proposal.objects.create(
                organisation=organisation, kind=kind, subject=subject, what=dict(what), by=by, at=now
            )
            if not KINDS[kind].announces_itself:
                seams.tell_of_proposal(made, confirmers_of(made), now=now)
            return made
    except IntegrityError:
        raise AlreadyThere(f"proposal {kind}") from None


@transaction.atomic
def confirm(proposal: Proposal, *, by: Person, now: datetime) -> None:
    """Do what was proposed. Raises NotAllowed (also for one's own), NotFound if it waits no more."""
    kind = KINDS[proposal.kind]
    _may(kind.confirmers, by, proposal.organisation_id)
    if by.pk == proposal.by_id:
        raise NotAllowed(rules.NOT_ALONE)
    if not _open(proposal).update(confirmed_by=by, confirmed_at=now):
        raise NotFound(f"proposal {proposal.pk}")
    proposal.organisation = Organisation.objects.select_for_update().get(pk=proposal.organisation_id)
    proposal.confirmed_by, proposal.confirmed_at = by, now
    kind.apply(proposal, now)
    transaction.on_commit(queries.forget_organisations)


def withdraw(proposal: Proposal, *, by: Person, now: datetime) -> None:
    """Take it back, or refuse it: whoever may propose or confirm may do this. Raises NotAllowed, NotFound."""
    kind = KINDS[proposal.kind]
    _may(kind.proposers | kind.confirmers, by, proposal.organisation_id)
    if not _open(proposal).update(withdrawn_by=by, withdrawn_at=now):
        raise NotFound(f"proposal {proposal.pk}")


def concerns(proposal: Proposal, held: frozenset[str]) -> bool:
    """Whether somebody with these roles has a say in it, and so may see it."""
    kind = KINDS.get(proposal.kind)
    return kind is not None and not (kind.proposers | kind.confirmers).isdisjoint(held)


def confirmers_of(proposal: Proposal) -> list[UUID]:
    """Everyone present who may confirm it."""
    holders = queries.people_with(proposal.organisation, *KINDS[proposal.kind].confirmers)
    return [each.pk for each in holders if each.pk != proposal.by_id]


def waiting(organisation: Organisation) -> list[Proposal]:
    """What waits for a second person, oldest first."""
    return list(
        Proposal.objects.filter(organisation=organisation, confirmed_at=None, withdrawn_at=None)
        .select_related("by")
        .order_by("at", "id")
    )


def recent(organisation: Organisation, *, most: int = 20) -> list[Proposal]:
    """What was confirmed or withdrawn, newest first."""
    return list(
        Proposal.objects.filter(organisation=organisation)
        .exclude(confirmed_at=None, withdrawn_at=None)
        .select_related("by", "confirmed_by", "withdrawn_by")
        .order_by("-at", "id")[:most]
    )


def find(organisation: Organisation, proposal_id: UUID) -> Proposal:
    """A proposal of this organisation, or NotFound."""
    found = Proposal.objects.filter(organisation=organisation, pk=proposal_id).select_related("by").first()
    if found is None:
        raise NotFound(f"proposal {proposal_id}")
    return found


def _open(proposal: Proposal) -> Any:
    return Proposal.objects.filter(pk=proposal.pk, confirmed_at=None, withdrawn_at=None)


def _may(wanted: frozenset[str], person: Person, organisation_id: UUID) -> None:
    held = queries.roles_of(person) if person.organisation_id == organisation_id else frozenset()
    if wanted.isdisjoint(held):
        raise NotAllowed(rules.NOT_THEIRS)

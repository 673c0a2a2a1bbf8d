"""Reading organisations and people. Every answer stays inside one organisation."""

import hashlib
import time
from collections.abc import Collection, Iterable
from copy import copy
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Q, prefetch_related_objects
from django.http.request import split_domain_port

from answerable.organisation import rules, seams
from answerable.organisation.errors import NotFound
from answerable.organisation.models import (
    Account,
    Invitation,
    Milestone,
    OpenSession,
    Organisation,
    Person,
    Role,
)
from answerable.organisation.words import CHECKLIST

PAGE = 50
"""How many people stand on one page."""

# The reporter's side asks for its organisation on every request, and it hardly ever changes.
_REMEMBERED_SECONDS = 2.0
_remembered: dict[str, tuple[float, Organisation]] = {}


def organisation_at(host: str, slug: str) -> Organisation:
    """The organisation `slug` as seen at `host` (a Host header, port or not), or NotFound.

    One with a host of its own answers there and nowhere else; that host answers for nobody else.
    """
    domain = split_domain_port(host)[0]
    if not domain:
        raise NotFound("no host")
    found = _by_slug(slug)
    own = own_host_of(domain)
    if found is None or (own is not None and own != found.slug) or (found.host is not None and own is None):
        raise NotFound("no such organisation here")
    return copy(found)


def own_host_of(domain: str) -> str | None:
    """The short name of the organisation whose own host this is, or None for a shared host."""
    key = f"@{domain}"
    known = _remembered.get(key)
    if known and known[0] > time.monotonic():
        return known[1].slug or None
    if known:
        _remember(key, known[1])  # one asks again; the others meanwhile go on with what was known
    found = Organisation.objects.filter(host=domain).first()
    _remember(key, found or Organisation(slug=""))
    return found.slug if found else None


def _by_slug(slug: str) -> Organisation | None:
    known = _remembered.get(slug)
    if known and known[0] > time.monotonic():
        return known[1]
    if known:
        _remember(slug, known[1])  # as above
    found = Organisation.objects.filter(slug=slug).first()
    if found:
        _remember(slug, found)
    else:
        _remembered.pop(slug, None)
    return found


def _remember(key: str, organisation: Organisation) -> None:
    if len(_remembered) > 1000:  # made-up hosts and names must not fill the memory
        _remembered.clear()
    _remembered[key] = (time.monotonic() + _REMEMBERED_SECONDS, organisation)


def forget_organisations() -> None:
    """After a change, and between tests."""
    _remembered.clear()


def every() -> list[Organisation]:
    """All organisations that live on this installation, for work that goes through them one by one.

    Not those that moved to another server, or are about to: their clocks run there.
    """
    return list(Organisation.objects.filter(moved_to=None).order_by("slug"))


def by_slug(slug: str) -> Organisation:
    """The organisation of this short name, for the operator's commands. Raises NotFound."""
    found = Organisation.objects.filter(slug=slug).first()
    if found is None:
        raise NotFound(f"no organisation {slug}")
    return found


def person_of(account: Account, organisation: Organisation) -> Person:
    """The person behind this account in this organisation; NotFound for anyone else's, or who has left."""
    found = Person.objects.filter(account=account, organisation=organisation, left_at=None).first()
    if found is None:
        raise NotFound("no such person here")
    return found


def person(organisation: Organisation, person_id: UUID) -> Person:
    """Somebody of this organisation, also one who has left."""
    found = Person.objects.filter(pk=person_id, organisation=organisation).first()
    if found is None:
        raise NotFound(f"person {person_id}")
    return found


def people_with(organisation: Organisation, *roles: str) -> list[Person]:
    """Everyone present who has at least one of these roles, in order of name."""
    holders = Role.objects.filter(role__in=roles).values("person")  # few, among 250,000
    return list(
        Person.objects.filter(organisation=organisation, left_at=None, pk__in=holders).order_by(
            "name_en", "id"
        )
    )


def may_read(people: Collection[UUID]) -> set[UUID]:
    """Those of these people who are present and have a role that holds a key."""
    return hold_one_of(people, *rules.KEYED_ROLES)


def hold_one_of(people: Collection[UUID], *roles: str) -> set[UUID]:
    """Those of these people who are present and have one of these roles."""
    present = Person.objects.filter(pk__in=people, left_at=None, roles__role__in=roles)
    return set(present.values_list("pk", flat=True))


def people(
    organisation: Organisation,
    *,
    text: str = "",
    role: str = "",
    unit: UUID | None = None,
    after: UUID | None = None,
    limit: int = PAGE,
) -> list[Person]:
    """At most `limit` of those present, in order of name, behind `after`; roles at hand as `person.roles.all()`.

    `text` is found in names, in e-mail addresses and at the beginning of numbers; `role` is one of theirs, or
    "any" for whoever has one.
    """
    found = Person.objects.filter(organisation=organisation, left_at=None)
    if role:
        holders = Role.objects.all() if role == "any" else Role.objects.filter(role=role)
        found = found.filter(pk__in=holders.values("person"))
    if unit is not None:
        found = found.filter(unit=unit)
    if text:
        found = found.filter(
            Q(name_en__icontains=text)
            | Q(name_zh__icontains=text)
            | Q(name_written__icontains=text)
            | Q(email__icontains=text)
            | Q(number__startswith=text)
        )
    behind = Person.objects.filter(organisation=organisation, pk__in=[after] if after else [])
    if last := behind.values_list("name_en", "id").first():
        found = found.filter(Q(name_en__gt=last[0]) | Q(name_en=last[0], id__gt=last[1]))
        found = found.filter(name_en__gte=last[0])  # so that the index is used from there
    return list(
        found.select_related("unit")
        .prefetch_related("roles", "invitations")
        .order_by("name_en", "id")[:limit]
    )


def is_open_session(key: str, *, now: datetime) -> bool:
    """Whether somebody is signed in by a session with this key."""
    return OpenSession.objects.filter(
        pk=rules.session_kept_as(key), account__isnull=False, expire_date__gt=now
    ).exists()


def how_many(organisation: Organisation) -> int:
    """How many people are present."""
    return Person.objects.filter(organisation=organisation, left_at=None).count()


def is_last_of_a_rung(person: Person) -> bool:
    """Whether a rung of an open organisation's ladder would be empty without this person."""
    is_open = person.organisation.opened_at is not None
    return any(
        rules.leaving_needs_two(role, holders=len(people_with(person.organisation, role)), is_open=is_open)
        for role in roles_of(person)
    )


def names(organisation: Organisation, ids: Iterable[UUID]) -> dict[UUID, dict[str, str]]:
    """Names by id, also of people who have left."""
    return {one.id: one.name for one in Person.objects.filter(organisation=organisation, pk__in=set(ids))}


def roles_of(person: Person) -> frozenset[str]:
    """The roles of someone present; someone who has left has none."""
    if person.left_at is not None:
        return frozenset()
    return frozenset(Role.objects.filter(person=person).values_list("role", flat=True))


def person_behind(account: Account) -> Person:
    """The person of this account in whichever organisation; NotFound if nobody, or who has left."""
    found = Person.objects.select_related("organisation").filter(account=account, left_at=None).first()
    if found is None:
        raise NotFound("no person")
    return found


def held(person: Person) -> frozenset[str]:
    """The roles as prefetched by `people`."""
    return frozenset(role.role for role in person.roles.all())


def sign_in_state(person: Person, *, now: datetime) -> dict[str, Any]:
    """{"state": "active" | "invited" | "none", "until": when an open invitation ends, or None}."""
    if person.account_id is not None:
        return {"state": "active", "until": None}
    ends = [
        one.ends_at
        for one in person.invitations.all()
        if one.used_at is None and one.withdrawn_at is None and one.ends_at > now
    ]
    return {"state": "invited", "until": max(ends)} if ends else {"state": "none", "until": None}


def readiness(organisation: Organisation, *, now: datetime) -> list[seams.Line]:
    """The whole checklist: what must hold before this organisation takes reports, and whether it does."""
    holders = people_with(organisation, *rules.ROLES)
    prefetch_related_objects(holders, "roles")
    present = [(held(one), one.account_id is not None) for one in holders]
    backup = milestone(rules.BACKUP_VERIFIED, organisation)
    mail = milestone(rules.MAIL_TESTED, organisation)
    own = [
        *rules.people_lines(present),
        (rules.NO_PLACE, bool(organisation.jurisdictions)),
        (rules.NO_OUTSIDE_CONTACT, rules.can_be_reached(organisation.outside_contact)),
        (rules.MAIL_NOT_TESTED, mail is not None and mail.about == mail_server()),
        (rules.BACKUP_NOT_VERIFIED, rules.backup_counts(backup.at if backup else None, now)),
    ]
    lines = []
    for code, done in own:
        said, where, hint = CHECKLIST[code]
        lines.append(seams.Line(code, said["en"], said["zh"], done, where, hint["en"], hint["zh"]))
    return [*lines, *seams.lines_above(organisation, now)]


def mail_server() -> str:
    """Which mail server is set, as a tested one is remembered, or "none". A proof of another does not count."""
    return f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"[:200] if settings.EMAIL_HOST else "none"


def open_invitation(token_sha256: bytes, *, now: datetime) -> Invitation | None:
    """The invitation with this token, if it can still be accepted."""
    return (
        Invitation.objects.select_related("person__organisation")
        .filter(token_sha256=token_sha256, used_at=None, withdrawn_at=None, ends_at__gt=now)
        .filter(person__left_at=None, person__account=None)
        .first()
    )


def was_invited_by(person: Person, other: Person, *, since: datetime) -> bool:
    """Whether this person's account was made since then, by an invitation that the other made and so could read."""
    return Invitation.objects.filter(person=person, by=other, used_at__gt=since).exists()


def milestone(kind: str, organisation: Organisation | None = None) -> Milestone | None:
    """The newest proof of this kind: of this organisation, or of the whole installation."""
    whose = Q(organisation=None) | Q(organisation=organisation) if organisation else Q(organisation=None)
    return Milestone.objects.filter(whose, kind=kind).order_by("-at", "-id").first()


def sessions_of(account: Account, *, now: datetime) -> list[OpenSession]:
    """Where this account is signed in, the newest first."""
    return list(
        OpenSession.objects.filter(
            account=account,
            expire_date__gt=now,
            seen_at__gt=now - rules.SESSION_IDLE,
            opened_at__gt=now - rules.SESSION_LASTS,
        ).order_by("-opened_at", "pk")
    )


def session_name(kept: str) -> str:
    """What a page calls the session that the database keeps as `kept`."""
    return hashlib.sha256(f"answerable/session-name/{kept}".encode()).hexdigest()[:24]

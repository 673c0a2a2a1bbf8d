"""Making organisations, adding people, giving and taking roles, inviting. All of it happens, or none."""

import hashlib
import logging
import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from allauth.mfa.totp.internal.auth import TOTP
from django.db import IntegrityError, models, transaction

from answerable.organisation import queries, rules, seams
from answerable.organisation.errors import AlreadyThere, InvitationSpent, NotAllowed, NotReady
from answerable.organisation.models import (
    Account,
    Invitation,
    Milestone,
    OpenSession,
    Organisation,
    Person,
    Role,
    SharedCount,
    SpentResponse,
)

_log = logging.getLogger("answerable.organisation")


def create_organisation(
    *,
    slug: str,
    name_en: str,
    name_zh: str,
    origin: str,
    host: str | None = None,
    time_zone: str = "UTC",
    languages: Sequence[str] = ("en", "zh"),
    jurisdictions: Sequence[Mapping[str, Any]] = (),
    outside_contact: Mapping[str, Any] | None = None,
    leave_url: str = "https://www.wikipedia.org/",
    organisation_id: UUID | None = None,
) -> Organisation:
    """A new organisation, not yet open. `origin` ("<host>/log/<org>") names its log for good."""
    if slug in rules.RESERVED_NAMES:
        raise AlreadyThere(f"organisation {slug}")
    try:
        with transaction.atomic():
            made = Organisation.objects.create(
                id=organisation_id or uuid4(),
                slug=slug,
                name_en=name_en,
                name_zh=name_zh,
                origin=origin,
                host=host.lower().rstrip(".") if host else None,
                time_zone=time_zone,
                languages=list(languages),
                jurisdictions=list(jurisdictions),
                outside_contact=dict(outside_contact or {}),
                leave_url=leave_url,
            )
    except IntegrityError:
        raise AlreadyThere(f"organisation {slug}") from None
    queries.forget_organisations()
    return made


def open_to_reports(organisation: Organisation, *, by: Person, now: datetime) -> None:
    """From now on this organisation's page takes reports: for the first time, or again after a pause.

    Raises NotAllowed, and NotReady while anything of the checklist is missing.
    """
    if "administrator" not in (_roles_inside(by, organisation.pk) or ()):
        raise NotAllowed(rules.NOT_AN_ADMINISTRATOR)
    current = Organisation.objects.get(pk=organisation.pk)
    missing = [line.code for line in queries.readiness(current, now=now) if not line.done]
    if missing:
        raise NotReady(" ".join(missing))
    _open(organisation, now)


def open_unchecked(organisation: Organisation, *, now: datetime) -> None:
    """As the operator alone may: without the checklist, for a demonstration or a test. It is said in the log."""
    _log.warning("organisation %s was opened by the operator, without the checklist", organisation.pk)
    _open(organisation, now)


def _open(organisation: Organisation, now: datetime) -> None:
    Organisation.objects.filter(pk=organisation.pk, opened_at=None).update(opened_at=now)
    Organisation.objects.filter(pk=organisation.pk).update(paused_at=None)
    queries.forget_organisations()


def pause(organisation: Organisation, *, by: Person, now: datetime) -> None:
    """No new reports until it is opened again. What was reported goes on: mailboxes, answers, promises, ladder."""
    if "administrator" not in (_roles_inside(by, organisation.pk) or ()):
        raise NotAllowed(rules.NOT_AN_ADMINISTRATOR)
    Organisation.objects.filter(pk=organisation.pk, opened_at__isnull=False, paused_at=None).update(
        paused_at=now
    )
    queries.forget_organisations()


def record_milestone(
    kind: str,
    *,
    now: datetime,
    organisation: Organisation | None = None,
    by: Person | None = None,
    about: str = "",
) -> Milestone:
    """Something was proved to work; without an organisation, for the whole installation. See `queries.milestone`."""
    return Milestone.objects.create(organisation=organisation, kind=kind, at=now, by=by, about=about)


def add_person(
    organisation: Organisation,
    *,
    name_en: str,
    name_zh: str,
    email: str,
    duty_en: str = "",
    duty_zh: str = "",
    languages: Sequence[str] = ("en", "zh"),
    person_id: UUID | None = None,
) -> Person:
    """Somebody of the organisation, without a role or an account yet."""
    try:
        with transaction.atomic():
            return Person.objects.create(
                id=person_id or uuid4(),
                organisation=organisation,
                name_en=name_en,
                name_zh=name_zh,
                duty_en=duty_en,
                duty_zh=duty_zh,
                email=email.strip().lower(),
                languages=list(languages),
            )
    except IntegrityError:
        raise AlreadyThere("person with this e-mail address") from None


@transaction.atomic
def give_role(
    person: Person, role: str, *, by: Person | None, now: datetime, second: Person | None = None
) -> None:
    """Give a role; `by` is None only for the operator. NotAllowed carries the code of the reason.

    `second`: who confirmed it, where one alone can't (`organisation.ladder` proposes it then).
    """
    _lock(person)
    _two(person, by, second, rules.needs_two(role, is_open=person.organisation.opened_at is not None))
    giver = _roles_inside(by, person.organisation_id)
    why = rules.why_not_give(role, held=queries.roles_of(person), giver=giver, to_oneself=by == person)
    if why or person.left_at is not None:
        raise NotAllowed(why or rules.HAS_LEFT)
    Role.objects.get_or_create(person=person, role=role, defaults={"since": now})


@transaction.atomic
def take_role(
    person: Person,
    role: str,
    *,
    by: Person | None,
    now: datetime,  # noqa: ARG001
    second: Person | None = None,
) -> None:
    """Take a role away. The last administrator stays. `second` as in `give_role`."""
    _two(person, by, second, rules.needs_two(role, is_open=person.organisation.opened_at is not None))
    _take_role(person, role, by=by)


def _two(person: Person, by: Person | None, second: Person | None, needed: bool) -> None:
    """Raises NotAllowed where two are needed and there is one, or the second is the first, or the person concerned."""
    if by is None or not needed:
        return
    if second is None or second.pk in {by.pk, person.pk} or second.organisation_id != by.organisation_id:
        raise NotAllowed(rules.NEEDS_ANOTHER)


def _take_role(person: Person, role: str, *, by: Person | None) -> None:
    _lock(person)
    giver = _roles_inside(by, person.organisation_id)
    administrators = len(queries.people_with(person.organisation, "administrator"))
    why = rules.why_not_take(role, giver=giver, administrators=administrators)
    if why:
        raise NotAllowed(why)
    Role.objects.filter(person=person, role=role).delete()


@transaction.atomic
def leave(person: Person, *, by: Person | None, now: datetime, second: Person | None = None) -> None:
    """Somebody leaves: no roles, no account, no open session; their name stays where it was signed.

    At once, also for those on the ladder; only for the last one of a rung an administrator needs a `second`.
    """
    held = sorted(queries.roles_of(person))
    _two(person, by, second, queries.is_last_of_a_rung(person))
    for role in held:
        _take_role(person, role, by=by)
    if not Person.objects.filter(pk=person.pk, left_at=None).update(left_at=now, roles_at_leaving=held):
        raise NotAllowed(rules.HAS_LEFT)
    Invitation.objects.filter(person=person, used_at=None, withdrawn_at=None).update(withdrawn_at=now)
    if person.account_id is not None:
        Account.objects.filter(pk=person.account_id).update(is_active=False)
        end_sessions(person.account_id)
    person.left_at = now


def end_sessions(account_id: int, *, but: str | None = None) -> int:
    """Sign this account out everywhere, except in the session with the key `but`; how many that were."""
    found = OpenSession.objects.filter(account=account_id)
    return (found.exclude(pk=rules.session_kept_as(but)) if but else found).delete()[0]


def end_sessions_of(account_ids: Iterable[int]) -> int:
    """Sign all these accounts out everywhere; how many sessions that were."""
    wanted, ended = list(account_ids), 0
    for start in range(0, len(wanted), 500):
        ended += OpenSession.objects.filter(account__in=wanted[start : start + 500]).delete()[0]
    return ended


def end_session(account_id: int, name: str) -> bool:
    """End one session of this account by its public name (`queries.session_name`); False if there is none."""
    for found in OpenSession.objects.filter(account=account_id):
        if queries.session_name(found.pk) == name:
            return bool(OpenSession.objects.filter(pk=found.pk).delete()[0])
    return False


def tidy_sessions(now: datetime) -> int:
    """Delete sessions and shared counts that are over; how many sessions that were."""
    SharedCount.objects.filter(ends_at__lte=now).delete()
    SpentResponse.objects.filter(
        at__lte=now - timedelta(days=1)
    ).delete()  # long after its request could be answered
    over = (
        models.Q(expire_date__lte=now)
        | models.Q(seen_at__lte=now - rules.SESSION_IDLE)
        | models.Q(opened_at__lte=now - rules.SESSION_LASTS)
    )
    return OpenSession.objects.filter(over).delete()[0]


def invite(person: Person, *, by: Person | None, now: datetime) -> str:
    """A new one-time token for this person; older ones stop working. Shown once, only its hash is kept."""
    token = secrets.token_urlsafe(32)
    with transaction.atomic():
        giver = _roles_inside(by, person.organisation_id)
        if giver is not None and "administrator" not in giver:
            raise NotAllowed(rules.NOT_AN_ADMINISTRATOR)
        if person.account_id is not None or person.left_at is not None:
            raise AlreadyThere(f"account of person {person.pk}")
        Invitation.objects.filter(person=person, used_at=None, withdrawn_at=None).update(withdrawn_at=now)
        Invitation.objects.create(
            person=person, token_sha256=_hash(token), made_at=now, ends_at=rules.invitation_ends(now), by=by
        )
    return token


@transaction.atomic
def start_again(person: Person, *, by: Person | None, now: datetime) -> str:
    """For one who lost device or password: end their account, and a new invitation. Sealed work stays closed."""
    giver = _roles_inside(by, person.organisation_id)
    if giver is not None and "administrator" not in giver:
        raise NotAllowed(rules.NOT_AN_ADMINISTRATOR)
    if by == person:
        raise NotAllowed(rules.NOT_TO_ONESELF)
    account_id = person.account_id
    if account_id is not None:
        end_sessions(account_id)
        Person.objects.filter(pk=person.pk).update(account=None)
        Account.objects.filter(pk=account_id).delete()
        person.account = None
        if by is not None:
            Person.objects.filter(pk=person.pk).update(restarted_at=now)
            person.restarted_at = now
            for tell in seams.RESTARTED:
                tell(person, now)
    return invite(person, by=by, now=now)


def find_invitation(token: str, *, now: datetime) -> Invitation:
    """The invitation that this token opens. Raises InvitationSpent, whatever the reason."""
    found = queries.open_invitation(_hash(token), now=now)
    if found is None:
        raise InvitationSpent("invitation")
    return found


@transaction.atomic
def accept(token: str, *, password: str | None, now: datetime) -> Account:
    """Make the invited person's account; without a password it will have a passkey alone."""
    invitation = find_invitation(token, now=now)
    if not Invitation.objects.filter(pk=invitation.pk, used_at=None).update(used_at=now):
        raise InvitationSpent("invitation")
    return account_for(invitation.person, password=password)


@transaction.atomic
def make_account(person: Person, *, password: str | None, totp_secret: str, now: datetime) -> Account:  # noqa: ARG001
    """An account whose password and TOTP secret (Base32) come from outside: for demonstrations and tests."""
    account = account_for(person, password=password)
    TOTP.activate(account, totp_secret)
    return account


def account_for(person: Person, *, password: str | None) -> Account:
    """A new account of this person; without a password they sign in otherwise. AlreadyThere if they have one."""
    try:
        with transaction.atomic():
            account = Account.objects.create_user(person.email, password, organisation=person.organisation)
    except IntegrityError:
        raise AlreadyThere(f"account of person {person.pk}") from None
    if not Person.objects.filter(pk=person.pk, account=None).update(account=account):
        raise AlreadyThere(f"account of person {person.pk}")
    person.account = account
    return account


def _lock(person: Person) -> None:
    """Two administrators at once can't give one person two roles that exclude each other."""
    Person.objects.select_for_update().get(pk=person.pk)


def _roles_inside(by: Person | None, organisation_id: UUID) -> frozenset[str] | None:
    """The roles of the one who acts; none in another organisation. None stands for the operator."""
    if by is None:
        return None
    return queries.roles_of(by) if by.organisation_id == organisation_id else frozenset()


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()

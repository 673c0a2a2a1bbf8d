"""What an identity service does here: somebody joins, moves, leaves, comes back. No role is touched but by leaving."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from scim2_models import ForbiddenException, InvalidValueException, NotFoundException, UniquenessException

from answerable.organisation import actions, proposals, rules
from answerable.organisation.directory.planning import too_many_leave
from answerable.organisation.errors import NotAllowed
from answerable.organisation.models import (
    Account,
    Milestone,
    Organisation,
    Person,
    Proposal,
    ScimGroup,
    ScimUser,
    Unit,
)
from answerable.organisation.scim import resources

LEAVINGS: Final = "scim-leavings"
HELD: Final = "scim-held"
ONE_DAY: Final = timedelta(days=1)


class TooManyLeave(ForbiddenException):
    """More than one in ten would leave in a day."""


@contextmanager
def _change(organisation: Organisation, now: datetime) -> Iterator[None]:
    """One change at a time in an organisation, whole or not at all; that too many leave is remembered whatever becomes of it."""
    try:
        with transaction.atomic():
            Organisation.objects.select_for_update().get(pk=organisation.pk)
            yield
    except TooManyLeave:
        Milestone.objects.update_or_create(organisation=organisation, kind=HELD, defaults={"at": now})
        raise


def create_user(organisation: Organisation, told: Any, now: datetime) -> ScimUser:
    """A new user: somebody new, or whom a file or a hand brought before. Raises UniquenessException for a name that is taken."""
    with _change(organisation, now):
        if ScimUser.objects.filter(
            organisation=organisation, user_key=resources.key(told.user_name)
        ).exists():
            raise UniquenessException(detail="userName is taken")
        person = _known(organisation, told) or Person(id=uuid4(), organisation=organisation, languages=[])
        user = ScimUser(person=person, organisation=organisation, made_at=now)
        return _write(user, told, now)


def replace_user(user: ScimUser, told: Any, now: datetime) -> ScimUser:
    """The user as told now, whole. Raises UniquenessException, InvalidValueException, ForbiddenException."""
    with _change(user.organisation, now):
        found = find_user(user.organisation, user.pk)
        taken = ScimUser.objects.filter(
            organisation=user.organisation, user_key=resources.key(told.user_name)
        )
        if taken.exclude(pk=user.pk).exists():
            raise UniquenessException(detail="userName is taken")
        return _write(found, told, now)


def delete_user(user: ScimUser, now: datetime) -> None:
    """The user is gone from the service: they leave, and their name stays where it was signed."""
    with _change(user.organisation, now):
        found = find_user(user.organisation, user.pk)
        _leaves(found.person, now)
        found.delete()


def find_user(organisation: Organisation, user_id: UUID | None) -> ScimUser:
    """A user of this organisation. Raises NotFoundException."""
    users = (
        ScimUser.objects.filter(organisation=organisation, pk=user_id) if user_id else ScimUser.objects.none()
    )
    found = users.select_related("person", "person__unit", "person__manager", "organisation").first()
    if found is None:
        raise NotFoundException(detail="no such user")
    return found


def find_group(organisation: Organisation, group_id: UUID | None) -> ScimGroup:
    """A group of this organisation. Raises NotFoundException."""
    groups = (
        ScimGroup.objects.filter(organisation=organisation, pk=group_id)
        if group_id
        else ScimGroup.objects.none()
    )
    found = groups.select_related("organisation").first()
    if found is None:
        raise NotFoundException(detail="no such group")
    return found


def write_group(organisation: Organisation, group: ScimGroup | None, told: Any, now: datetime) -> ScimGroup:
    """A group as told, whole, new or changed; members whom nobody told of are left out. Raises UniquenessException."""
    name = (told.display_name or "").strip()[:255]
    if not name:
        raise InvalidValueException(detail="displayName is missing")
    wanted = {resources.identifier(each.value or "") for each in told.members or ()}
    try:
        with transaction.atomic():
            found = group or ScimGroup(organisation=organisation, made_at=now)
            found.name, found.name_key, found.changed_at = name, resources.key(name), now
            found.external_id = (told.external_id or "")[:255]
            found.save()
            known = ScimUser.objects.filter(organisation=organisation, pk__in=wanted - {None})
            ids: set[Any] = set(known.values_list("pk", flat=True))
            found.members.set(ids)
    except IntegrityError:
        raise UniquenessException(detail="displayName is taken") from None
    return found


def _known(organisation: Organisation, told: Any) -> Person | None:
    """Whom a file or a hand brought and no service tells of yet: by employee number, else by address without a number."""
    free = Person.objects.filter(organisation=organisation, scim=None)
    number = _number(told)
    if number:
        found = free.filter(number=number).first()
        if found is not None:
            return found
    email = _email(told)
    return free.filter(email=email, left_at=None).filter(number__in=["", number]).first() if email else None


def _write(user: ScimUser, told: Any, now: datetime) -> ScimUser:
    person = user.person
    active = told.active is not False
    was_new = person._state.adding
    _describe(person, told)
    if not was_new and person.left_at is None and not active:
        _leaves(person, now)
    elif not was_new and person.left_at is not None and active:
        _returns(person)
    elif was_new and not active:
        person.left_at = now
    try:
        with transaction.atomic():
            person.save()
            user.person = person
            user.user_name, user.user_key = told.user_name[:255], resources.key(told.user_name)[:255]
            user.external_id = (told.external_id or "")[:255]
            addresses = [resources.key(each.value) for each in told.emails or () if each.value]
            user.emails = ("\n" + "\n".join(addresses) + "\n")[:2000] if addresses else ""
            user.active, user.changed_at = active, now
            user.told = told.model_dump(scim_ctx=None, exclude_none=True, mode="json", by_alias=True)
            user.save()
    except IntegrityError:
        raise UniquenessException(detail="an employee number, an address or a name is taken") from None
    return user


def _describe(person: Person, told: Any) -> None:
    """What the directory shows of somebody, from what the service tells."""
    more = _more(told)
    name = told.name
    parts = " ".join(each for each in (name.given_name, name.family_name) if each) if name else ""
    written = (told.display_name or (name.formatted if name else "") or parts or told.user_name)[:200]
    person.name_written, person.name_latin = written, (parts if parts.isascii() else "")[:200]
    person.name_en, person.name_zh = rules.shown_names(person.name_written, person.name_latin)
    person.number, person.email = _number(told)[:64], _email(told)
    person.phone = next((each.value for each in told.phone_numbers or () if each.value), "")[:32]
    person.place = next((each.locality for each in told.addresses or () if each.locality), "")[:200]
    language = (told.preferred_language or "").lower()
    person.languages = (
        ["zh"] if language.startswith("zh") else ["en"] if language else list(person.organisation.languages)
    )
    department = (more.department or "").strip()[:200] if more else ""
    person.unit = (
        Unit.objects.get_or_create(
            organisation=person.organisation, code=department, defaults={"name": department}
        )[0]
        if department
        else None
    )
    above = resources.identifier(more.manager.value or "") if more and more.manager else None
    person.manager = (
        Person.objects.filter(organisation=person.organisation, pk=above).exclude(pk=person.pk).first()
        if above
        else None
    )
    person.source, person.external_id = "scim", ""


def _more(told: Any) -> Any:
    return told[resources.EnterpriseUser]


def _number(told: Any) -> str:
    more = _more(told)
    return (more.employee_number or "").strip() if more else ""


def _email(told: Any) -> str:
    """The primary address, else the one for work, else any, else a user name that is one; in small letters."""
    given = [each for each in told.emails or () if each.value]
    best = [each for each in given if each.primary] + [each for each in given if each.type == "work"] + given
    text = best[0].value if best else told.user_name
    found = (text or "").strip().lower()
    return found if "@" in found and len(found) <= 254 else ""


def _leaves(person: Person, now: datetime) -> None:
    """As by a file: roles, account and sessions end at once. Many at once wait until two administrators agree."""
    if person.left_at is not None:
        return
    organisation = person.organisation
    lately = Person.objects.filter(
        organisation=organisation, source="scim", left_at__gt=now - ONE_DAY
    ).count()
    present = Person.objects.filter(organisation=organisation, source="scim", left_at=None).count()
    if too_many_leave(lately + 1, present + lately) and not let_through(organisation, now):
        raise TooManyLeave(
            detail="more than one in ten would leave in a day: two administrators must agree first"
        )
    if not Person.objects.filter(pk=person.pk).exists():
        person.left_at = now
        return
    try:
        actions.leave(person, by=None, now=now)
    except NotAllowed:
        raise ForbiddenException(detail="the last administrator can't leave") from None


def _returns(person: Person) -> None:
    """Whoever comes back is invited anew: their old way in stays shut, their old roles are gone."""
    old = person.account_id
    person.account, person.left_at, person.roles_at_leaving = None, None, []
    if old is not None:
        Person.objects.filter(pk=person.pk).update(account=None)
        Account.objects.filter(pk=old).delete()


def let_through(organisation: Organisation, now: datetime) -> bool:
    """Whether two administrators agreed within the last day that many may leave."""
    return Milestone.objects.filter(organisation=organisation, kind=LEAVINGS, at__gt=now - ONE_DAY).exists()


def held(organisation: Organisation, now: datetime) -> datetime | None:
    """When somebody last could not leave because too many did, in the last week; None if nobody, or they may now."""
    found = Milestone.objects.filter(organisation=organisation, kind=HELD, at__gt=now - 7 * ONE_DAY).first()
    return found.at if found and not let_through(organisation, now) else None


def _show(_proposal: Proposal) -> list[proposals.Row]:
    return [
        proposals.Row(
            {"en": "People who leave by SCIM in a day", "zh": "一天内通过 SCIM 离职的人数"},
            {"en": "at most one in ten", "zh": "最多十分之一"},
            {"en": "any number, for one day", "zh": "不限，为期一天"},
        )
    ]


def _apply(proposal: Proposal, now: datetime) -> None:
    Milestone.objects.update_or_create(
        organisation=proposal.organisation, kind=LEAVINGS, defaults={"at": now, "by": proposal.confirmed_by}
    )


proposals.KINDS[LEAVINGS] = proposals.Kind(
    title={"en": "Let many people leave by SCIM", "zh": "允许多人通过 SCIM 离职"},
    proposers=frozenset({"administrator"}),
    confirmers=frozenset({"administrator", "overseer", "external"}),
    show=_show,
    apply=_apply,
)

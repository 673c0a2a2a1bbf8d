"""An organisation's own sign-in: setting it up, and whose account its answer opens.

A provider never makes people, and never reaches another organisation. Who it vouches for is found by the subject that was
bound once: while signed in otherwise, by one's invitation, or (only for people without an account and without any role) by
an e-mail address that the provider vouches for and exactly one person of this organisation has. A later change of address at
the provider therefore changes nothing here.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from answerable.organisation import actions, queries, rules, secretbox
from answerable.organisation.claims import Claims
from answerable.organisation.errors import (
    AlreadyThere,
    InvitationSpent,
    NobodyHere,
    NotAllowed,
    NotFound,
    ProviderTrouble,
)
from answerable.organisation.models import Account, Organisation, Person, Provider, SpentResponse, Subject
from answerable.organisation.saml import Answer

__all__ = [
    "accept_invitation",
    "account_for",
    "bind",
    "change",
    "every",
    "find",
    "keep_response",
    "passed_test",
    "remove",
    "set_up",
    "switch",
    "take_response",
]

ANOTHER_WORLD = ("issuer", "subject_attribute")
"""A change of these makes old subjects mean somebody else: the bindings go."""
_TAKEN_WITHIN = timedelta(minutes=2)


def every(organisation: Organisation, *, on: bool | None = None) -> list[Provider]:
    """The providers of this organisation; with `on`, only those that are (not) switched on."""
    found = Provider.objects.filter(organisation=organisation)
    return list((found if on is None else found.filter(on=on)).order_by("name", "id"))


def find(organisation: Organisation, provider_id: UUID) -> Provider:
    """One of this organisation; NotFound otherwise."""
    found = Provider.objects.filter(pk=provider_id, organisation=organisation).first()
    if found is None:
        raise NotFound(f"provider {provider_id}")
    return found


def set_up(organisation: Organisation, *, kind: str, fields: Mapping[str, Any], now: datetime) -> Provider:
    """A new provider, switched off. `fields` are those of the model; `secret` is sealed."""
    return Provider.objects.create(organisation=organisation, kind=kind, changed_at=now, **_sealed(fields))


@transaction.atomic
def change(provider: Provider, *, fields: Mapping[str, Any], now: datetime) -> None:
    """Change it: it is switched off, its sessions end, it waits for another test; bindings go if subjects would mean
    somebody else. Another name alone changes nothing but the button.
    """
    if all(name == "name" or _same(provider, name, value) for name, value in fields.items()):
        Provider.objects.filter(pk=provider.pk).update(name=fields.get("name", provider.name))
        return
    _end_sessions(provider)
    if any(name in fields and fields[name] != getattr(provider, name) for name in ANOTHER_WORLD):
        Subject.objects.filter(provider=provider).delete()
    Provider.objects.filter(pk=provider.pk).update(
        on=False, tested_at=None, changed_at=now, **_sealed(fields)
    )


def _same(provider: Provider, name: str, value: Any) -> bool:
    """Whether this field stays as it is; a secret that is left empty does."""
    return not value if name == "secret" else bool(getattr(provider, name) == value)


def passed_test(provider: Provider, *, changed_at: datetime, now: datetime) -> bool:
    """Note that it answered well, if it is still as it was when the test began."""
    return bool(Provider.objects.filter(pk=provider.pk, changed_at=changed_at).update(tested_at=now))


def switch(provider: Provider, *, on: bool, by: Person | None = None, second: Person | None = None) -> bool:
    """Switch it on or off; False if it has not been tested as it stands. Off ends the sessions that came through it.

    On needs a `second` once reports are taken (`organisation.trusting` asks for one); `by` is None for the operator.
    """
    if not on:
        Provider.objects.filter(pk=provider.pk).update(on=False)
        _end_sessions(provider)
        return True
    if by is not None and provider.organisation.opened_at is not None and (second is None or second == by):
        raise NotAllowed(rules.NEEDS_ANOTHER)
    as_it_stands = Provider.objects.filter(
        pk=provider.pk, tested_at__isnull=False, changed_at=provider.changed_at
    )
    return bool(as_it_stands.update(on=True))


def remove(provider: Provider) -> None:
    """Take it away, with its bindings; people keep their accounts and their own ways to sign in."""
    _end_sessions(provider)
    provider.delete()


def account_for(provider: Provider, claims: Claims, *, now: datetime) -> Account:
    """The account that this answer opens. NobodyHere if there is none, or none that may be opened this way."""
    bound = (
        Subject.objects.select_related("account").filter(provider=provider, subject=claims.subject).first()
    )
    if bound is not None:
        return bound.account
    person = _by_email(provider, claims)
    if person.account_id is not None or queries.roles_of(person) - {"member"}:
        raise NobodyHere("has an account or a role")
    with transaction.atomic():
        try:
            account = actions.account_for(person, password=None)
        except AlreadyThere:
            raise NobodyHere("account made meanwhile") from None
        bind(provider, claims, account, now=now)
    return account


def accept_invitation(provider: Provider, claims: Claims, token: str, *, now: datetime) -> Account:
    """The invited person's account, bound to this subject. InvitationSpent, or AlreadyThere if the subject is bound."""
    with transaction.atomic():
        invited = actions.find_invitation(token, now=now).person
        if invited.organisation_id != provider.organisation_id:
            raise InvitationSpent("invitation")
        account = actions.accept(token, password=None, now=now)
        bind(provider, claims, account, now=now)
    return account


def bind(provider: Provider, claims: Claims, account: Account, *, now: datetime) -> None:
    """From now on this subject is this account. AlreadyThere if either is bound; NobodyHere across organisations."""
    if account.organisation_id != provider.organisation_id:
        raise NobodyHere("another organisation")
    try:
        with transaction.atomic():
            Subject.objects.create(provider=provider, subject=claims.subject, account=account, since=now)
    except IntegrityError:
        raise AlreadyThere("binding") from None


def keep_response(provider: Provider, answer: Answer, *, now: datetime) -> None:
    """Note a checked SAML response until its browser comes for it. ProviderTrouble if it or its request came before."""
    try:
        with transaction.atomic():
            SpentResponse.objects.create(
                provider=provider,
                request_id=answer.request_id,
                assertion_sha256=answer.assertion_sha256,
                claims=answer.claims._asdict(),
                at=now,
            )
    except IntegrityError:
        raise ProviderTrouble("its answer came before") from None


def take_response(provider: Provider, request_id: str, *, now: datetime) -> Claims:
    """The claims of that response, once. ProviderTrouble if there are none (any more)."""
    waiting = SpentResponse.objects.filter(
        provider=provider, request_id=request_id, claims__isnull=False, at__gt=now - _TAKEN_WITHIN
    )
    found = waiting.first()
    if found is None or found.claims is None or not waiting.update(claims=None):
        raise ProviderTrouble("no answer waits here")
    return Claims(**found.claims)


def _by_email(provider: Provider, claims: Claims) -> Person:
    if not claims.email or not claims.email_vouched:
        raise NobodyHere("no address that it vouches for")
    found = Person.objects.filter(
        organisation=provider.organisation_id, email__iexact=claims.email, left_at=None
    )[:2]
    if len(found) != 1:
        raise NobodyHere("no such person")
    return found[0]


def _end_sessions(provider: Provider) -> None:
    actions.end_sessions_of(Subject.objects.filter(provider=provider).values_list("account", flat=True))


def _sealed(fields: Mapping[str, Any]) -> dict[str, Any]:
    plain = dict(fields)
    secret = plain.pop("secret", "")
    return {**plain, "sealed_secret": secretbox.seal(secret, purpose="sign-in")} if secret else plain

"""How django-allauth is bent to our rules."""

import time
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from answerable.organisation import queries, secretbox
from answerable.organisation.errors import NotFound
from answerable.organisation.models import Account
from answerable.ui.templatetags.words import words

SECOND_FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def has_second_factor(account_id: int) -> bool:
    """A passkey or TOTP; recovery codes alone are none."""
    return bool(Authenticator.objects.filter(user_id=account_id, type__in=SECOND_FACTORS).exists())


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """People come by invitation; nobody signs up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Who signed in a moment ago is not asked again, nor who is making their first second factor."""
        account = context.request.user
        if app == "allauth.mfa" and not has_second_factor(account.pk):
            return False
        records = get_authentication_records(context.request, account)
        if records and time.time() - records[-1]["at"] < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT:
            return False
        return bool(super().is_reauthentication_required(app=app, **kwargs))

    def pre_login(self, request: HttpRequest, user: Account, **kwargs: Any) -> HttpResponse | None:
        """Nobody signs in at a host where their organisation doesn't answer, nor anyone who has left."""
        try:
            person = queries.person_behind(user)
            queries.organisation_at(request.get_host(), person.organisation.slug)
        except NotFound:
            messages.error(request, words("This account does not sign in here.", "这个账号不能在这里登录。"))
            return redirect("account_login")
        found: HttpResponse | None = super().pre_login(request, user, **kwargs)
        return found

    def add_message(self, request: HttpRequest, level: int, *args: Any, **kwargs: Any) -> None:
        """Only what needs an act is said; the page itself shows what went well."""
        if level >= messages.ERROR:
            super().add_message(request, level, *args, **kwargs)

    def send_mail(self, *args: Any, **kwargs: Any) -> None:
        """Every e-mail of this product goes through the outbox of `notices`; allauth sends none."""


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Second factors lie encrypted in the database, so that a copy of it alone signs nobody in."""

    def encrypt(self, text: str) -> str:
        return secretbox.seal(text, purpose="second-factors")

    def decrypt(self, encrypted_text: str) -> str:
        return secretbox.unseal(encrypted_text, purpose="second-factors")

    def generate_authenticator_name(self, user: Account, type: Authenticator.Type) -> str:  # noqa: A002
        count = Authenticator.objects.filter(user_id=user.pk, type=type).count()
        if count == 0:
            return words("Passkey", "通行密钥")
        return words(f"Passkey {count + 1}", f"通行密钥 {count + 1}")

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        return may_remove(authenticator)


def may_remove(authenticator: Authenticator) -> bool:
    """The last second factor stays, or the person would lock themselves out."""
    others = Authenticator.objects.filter(user_id=authenticator.user_id, type__in=SECOND_FACTORS)
    return bool(others.exclude(pk=authenticator.pk).exists())

"""How django-allauth is bent to our rules."""

import hashlib
import re
import time
from typing import Any
from urllib.parse import urlencode

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.account.internal.flows.login import (
    AUTHENTICATION_METHODS_SESSION_KEY,
    get_authentication_records,
)
from allauth.account.internal.flows.reauthentication import STATE_SESSION_KEY
from allauth.account.utils import get_next_redirect_url
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.http.request import split_domain_port
from django.shortcuts import redirect
from django.urls import resolve, reverse
from django.utils import timezone

from answerable.organisation import actions, queries, rules, seams, secretbox, sessions
from answerable.organisation.errors import NotFound
from answerable.organisation.models import Account, Organisation
from answerable.ui.templatetags.words import words

PROVIDER = "provider"
"""The method in allauth's records for whoever came through a provider of their organisation."""
BACKEND = "answerable.organisation.signin.SignInBackend"
_REMEMBERED = 16 * 1024  # bytes of a form that waits in the session until one has proved oneself
_MOST = 5  # accounts of one address that one try looks at
_WORK_OF = re.compile(r"^/work/([a-z0-9-]{1,63})/")
_WAYS = ("mfa_reauthenticate:webauthn", "mfa_reauthenticate", "reauthenticate")
SECOND_FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def has_second_factor(account_id: int) -> bool:
    """A passkey or TOTP; recovery codes alone are none."""
    return bool(Authenticator.objects.filter(user_id=account_id, type__in=SECOND_FACTORS).exists())


def proved_lately(request: HttpRequest) -> bool:
    """Whether this person has shown within PROOF_LASTS that it is them: by password, code, passkey or invitation.

    What a provider of the organisation says doesn't count: it may answer from a session of its own.
    """
    records = get_authentication_records(request, request.user)
    newest = max((one["at"] for one in records if one["method"] != PROVIDER), default=0.0)
    return bool(time.time() - newest < rules.PROOF_LASTS.total_seconds())


def ask_again(request: HttpRequest) -> HttpResponse:
    """Send somebody to show that it is them, and then back to what they were about to do."""
    account = request.user
    if not isinstance(account, Account) or not (
        account.has_usable_password() or has_second_factor(account.pk)
    ):
        return redirect("second_factor")
    onward = request.get_full_path()
    if request.method == "POST":
        typed = request.POST.urlencode()
        if not request.FILES and len(typed) < _REMEMBERED and "secret" not in typed:
            waiting = {"path": request.path_info, "post": typed}
            request.session[STATE_SESSION_KEY] = {"state": waiting, "callback": f"{__name__}.go_on"}
        onward = reverse("start")
    return redirect(f"{_way_to_prove(request, account)}?{urlencode({'next': onward})}")


def go_on(request: HttpRequest, waiting: dict[str, str]) -> HttpResponseBase:
    """Do what waited for the proof; its door looks at everything again. Called by allauth."""
    match = resolve(waiting["path"])
    request.POST = QueryDict(waiting["post"])
    request.GET = QueryDict("")
    request.path = request.path_info = waiting["path"]
    request.resolver_match = match
    return match.func(request, *match.args, **match.kwargs)  # type: ignore[no-any-return]


def _way_to_prove(request: HttpRequest, account: Account) -> str:
    ways = AccountAdapter(request).get_reauthentication_methods(account)
    return str(ways[0]["url"]) if ways else reverse("account_reauthenticate")


def open_session(request: HttpRequest, account: Account) -> None:
    """Sign this account in here, in a session of a new key that knows its coarse browser and begins now."""
    request.session.pop(sessions.OPENED, None)
    login(request, account, backend=BACKEND)
    request.session[sessions.BROWSER] = sessions.browser_of(request.headers.get("User-Agent", ""))


def organisation_here(request: HttpRequest) -> Organisation | None:
    """Whose people sign in here: the one whose host this is, or the one where `next` leads; None if neither says."""
    host = request.get_host()
    own = queries.own_host_of(split_domain_port(host)[0])
    onward = get_next_redirect_url(request) or ""
    match = _WORK_OF.match(onward)
    slug = own or (match[1] if match else None)
    try:
        return queries.organisation_at(host, slug) if slug else None
    except NotFound:
        return None


class SignInBackend(AuthenticationBackend):  # type: ignore[misc]
    """A password, tried on the accounts of the organisation that signs in here.

    Where the page doesn't say which, on each account with this address: it must fit exactly one.
    """

    def _authenticate(self, request: HttpRequest | None, **credentials: Any) -> Account | None:
        address = (credentials.get("email") or "").strip().lower()
        found = Account.objects.filter(email=address, is_active=True)
        here = organisation_here(request) if request is not None else None
        if here is not None:
            found = found.filter(organisation=here)
        fitting = [
            one for one in found.order_by("pk")[:_MOST] if self._check_password(one, credentials["password"])
        ]
        return fitting[0] if len(fitting) == 1 else None


def factor_is_enough(request: HttpRequest) -> bool:
    """Whether this session has what its person's roles ask for: a second factor of their own, or a provider's.

    A provider alone is enough for people without power over cases or people; for the others only where the organisation has
    chosen to believe what it says about a second factor, and it said so.
    """
    account = request.user
    if not isinstance(account, Account):
        return False
    if has_second_factor(account.pk):
        return True
    came = [one for one in get_authentication_records(request, account) if one["method"] == PROVIDER]
    if not came:
        return False
    if came[-1].get("counts"):
        return True
    try:
        return rules.OWN_FACTOR.isdisjoint(queries.roles_of(queries.person_behind(account)))
    except NotFound:
        return False


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """People come by invitation; nobody signs up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:  # noqa: ARG002
        """Who signed in a moment ago is not asked again, nor who is making their first second factor."""
        account = context.request.user
        if app == "allauth.mfa" and not has_second_factor(account.pk):
            return False
        return not proved_lately(context.request)

    def get_reauthentication_methods(self, user: Account) -> list[dict[str, Any]]:
        """A passkey first, then a code, then the password. A recovery code signs in, and proves nothing later."""
        ways: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        if not Authenticator.objects.filter(user_id=user.pk, type=Authenticator.Type.TOTP).exists():
            ways = [way for way in ways if way["id"] != "mfa_reauthenticate"]
        return sorted(ways, key=lambda way: _WAYS.index(way["id"]))

    def reauthenticate(self, user: Account, password: str) -> bool:
        """As allauth does it, limited in the same way, for this account alone."""
        self.pre_authenticate(self.request, email=f"{user.pk}/{user.email}")
        right = bool(user.check_password(password))
        if right:
            self._rollback_login_failed_rl_usage()
        return right

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        here = organisation_here(request)
        address = str(credentials.get("email", "")).strip().lower()
        return hashlib.sha256(f"{here.slug if here else ''}/{address}".encode()).hexdigest()

    def login(self, request: HttpRequest, user: Account) -> None:
        open_session(request, user)

    def get_login_stages(self) -> list[str]:
        """Without a second step of ours where this sign-in's provider made one that counts."""
        stages: list[str] = super().get_login_stages()
        records = self.request.session.get(AUTHENTICATION_METHODS_SESSION_KEY) or []
        if records and records[-1].get("method") == PROVIDER and records[-1].get("counts"):
            stages.remove("allauth.mfa.stages.AuthenticateStage")
        return stages

    def post_login(self, request: HttpRequest, user: Account, **kwargs: Any) -> HttpResponse:
        """Whoever signs in with a recovery code hears of it: somebody else may have found the paper."""
        newest = get_authentication_records(request, user)[-1:]
        if newest and newest[0].get("type") == Authenticator.Type.RECOVERY_CODES:
            seams.tell_of_sign_in(queries.person_behind(user), "recovery-code", now=timezone.now())
        answer: HttpResponse = super().post_login(request, user, **kwargs)
        return answer

    def send_notification_mail(
        self, template_prefix: str, user: Account, *_args: Any, **_kwargs: Any
    ) -> None:
        """What allauth calls after each change of password or factor: all other places are signed out, and a notice."""
        actions.end_sessions(user.pk, but=self.request.session.session_key)
        factors = Authenticator.objects.filter(user_id=user.pk, type__in=SECOND_FACTORS).count()
        if factors == 1 and template_prefix.endswith(("_added", "_activated")):
            return  # the first of a new account
        try:
            seams.tell_of_sign_in(queries.person_behind(user), "way-changed", now=timezone.now())
        except NotFound:
            return  # an account without a person can't be told

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

"""Signed-in pages about the organisation and its people."""

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

from allauth.account.internal.flows.login import get_authentication_records, record_authentication
from allauth.account.utils import get_next_redirect_url
from allauth.account.views import LoginView
from allauth.core.internal import ratelimit
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn import views as passkeys
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from answerable.organisation import actions, ladder, providers, queries, rules, seams
from answerable.organisation.access import WorkRequest, for_act, page_of
from answerable.organisation.errors import AlreadyThere, InvitationSpent, NotAllowed, NotFound
from answerable.organisation.forms import AddPerson, ChoosePassword, FindPeople, PickRole
from answerable.organisation.models import Person, Proposal
from answerable.organisation.signin import PROVIDER, may_remove, open_session, organisation_here
from answerable.organisation.words import REASONS, ROLE_NAMES, ROLE_WHATS
from answerable.ui.templatetags.words import words

__all__ = ["WorkRequest", "for_act"]

_INVITATION_RATES = {"invitation": "120/m/ip"}  # of everybody together: we are given no addresses
_LINK = "invitation-link"  # in the session, between making an invitation and showing it once


@require_GET
def start(request: HttpRequest) -> HttpResponseBase:
    """/work/: everyone to their own organisation."""
    if not request.user.is_authenticated:
        return redirect(settings.LOGIN_URL)
    try:
        organisation = queries.person_behind(request.user).organisation
        queries.organisation_at(request.get_host(), organisation.slug)
    except NotFound:
        raise Http404 from None
    return redirect("home", org=organisation.slug)


@require_GET
@for_act("home.see")
def home(request: WorkRequest, org: str) -> HttpResponse:
    held = request.roles
    names = [ROLE_NAMES[role] for role in rules.ROLES if role in held]
    keyed = not held.isdisjoint(rules.KEYED_ROLES)
    return render(
        request,
        "organisation/home.html",
        {
            "role_names": names,
            "keyed": keyed,
            # To be typed elsewhere: a link would open the reporter's pages in a work browser, from a work account.
            "report_address": f"{request.get_host()}/o/{org}/",
        },
    )


@require_GET
@for_act("people.see")
def administration(request: WorkRequest, org: str) -> HttpResponse:  # noqa: ARG001
    now, search = timezone.now(), FindPeople(request.GET)
    wanted = search.cleaned_data if search.is_valid() else {}
    found = queries.people(request.organisation, **wanted, limit=queries.PAGE + 1)
    rows = [
        {
            "person": person,
            "roles": [ROLE_NAMES[role] for role in rules.ROLES if role in queries.held(person)],
            **queries.sign_in_state(person, now=now),
        }
        for person in found[: queries.PAGE]
    ]
    onward = request.GET.copy()
    onward["after"] = str(found[queries.PAGE - 1].pk) if len(found) > queries.PAGE else ""
    missing = [line for line in queries.readiness(request.organisation, now=now) if not line.done]
    return render(
        request,
        "organisation/administration.html",
        {
            "rows": rows,
            "missing": missing,
            "unwell": [each for each in seams.health(request.organisation, now) if each.state != seams.GOOD],
            "present": queries.how_many(request.organisation),
            "wanted": wanted,
            "searching": any(wanted.get(each) for each in ("text", "role", "unit")),
            "roles_known": [(role, ROLE_NAMES[role]) for role in rules.ROLES],
            "onward": onward.urlencode() if onward["after"] else "",
        },
    )


@require_http_methods(["GET", "POST"])
@for_act("people.add")
def add_person(request: WorkRequest, org: str) -> HttpResponse:
    form = AddPerson(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.add_person(request.organisation, **form.cleaned_data)
        except AlreadyThere:
            form.add_error(
                "email", words("Somebody here has this address already.", "已经有人用了这个邮箱。")
            )
        else:
            return redirect("person", org=org, person_id=made.id)
    picked = request.POST.getlist("languages") if form.is_bound else request.organisation.languages
    return render(request, "organisation/add_person.html", {"form": form, "picked": picked})


@require_GET
@for_act("people.see")
def person(request: WorkRequest, org: str, person_id: UUID) -> HttpResponse:  # noqa: ARG001
    shown = _present(request, person_id)
    held = queries.roles_of(shown)
    role_rows = []
    for role in rules.ROLES:
        why = rules.why_not_give(role, held=held, giver=request.roles, to_oneself=shown == request.person)
        role_rows.append(
            {
                "role": role,
                "name": ROLE_NAMES[role],
                "what": ROLE_WHATS[role],
                "held": role in held,
                "why": REASONS[why] if why and role not in held else None,
            }
        )
    link = request.session.pop(_LINK, None)
    state = queries.sign_in_state(shown, now=timezone.now())
    return render(
        request,
        "organisation/person.html",
        {
            "shown": shown,
            "role_rows": role_rows,
            "invited": state["state"] == "invited",
            "link": link["link"] if link and link["person"] == str(shown.id) else None,
            "link_ends": state["until"],
        },
    )


@require_POST
@for_act("roles.give")
def give_role(request: WorkRequest, org: str, person_id: UUID) -> HttpResponse:
    shown, form = _present(request, person_id), PickRole(request.POST)
    if form.is_valid():
        try:
            _waits(
                request,
                ladder.give(shown, form.cleaned_data["role"], by=request.person, now=timezone.now()),
            )
        except (NotAllowed, AlreadyThere) as refused:
            _refused(request, refused)
    return redirect("person", org=org, person_id=shown.id)


@require_POST
@for_act("roles.take")
def take_role(request: WorkRequest, org: str, person_id: UUID) -> HttpResponse:
    shown, form = _present(request, person_id), PickRole(request.POST)
    if form.is_valid():
        try:
            _waits(
                request,
                ladder.take(shown, form.cleaned_data["role"], by=request.person, now=timezone.now()),
            )
        except (NotAllowed, AlreadyThere) as refused:
            _refused(request, refused)
    if shown == request.person and form.cleaned_data.get("role") == "administrator":
        return redirect("home", org=org)
    return redirect("person", org=org, person_id=shown.id)


@require_POST
@for_act("people.invite")
def invite(request: WorkRequest, org: str, person_id: UUID) -> HttpResponse:  # noqa: ARG001
    """Make the link and show it on the next page, once."""
    shown = _present(request, person_id)
    return _shown_once(request, shown, partial(actions.invite, shown, by=request.person, now=timezone.now()))


@require_POST
@for_act("people.start_again")
def start_again(request: WorkRequest, org: str, person_id: UUID) -> HttpResponse:  # noqa: ARG001
    """End the account; the new link is shown on the next page, once."""
    shown = _present(request, person_id)
    return _shown_once(
        request, shown, partial(actions.start_again, shown, by=request.person, now=timezone.now())
    )


def _shown_once(request: WorkRequest, shown: Person, make: Callable[[], str]) -> HttpResponse:
    org = request.organisation.slug
    try:
        token = make()
    except (AlreadyThere, NotAllowed):
        return redirect("person", org=org, person_id=shown.id)
    link = request.build_absolute_uri(reverse("invitation", args=[token]))
    request.session[_LINK] = {"person": str(shown.id), "link": link}
    return redirect("person", org=org, person_id=shown.id)


@require_POST
@for_act("people.leave")
def leave(request: WorkRequest, org: str, person_id: UUID) -> HttpResponse:
    shown = _present(request, person_id)
    try:
        waiting = ladder.leave(shown, by=request.person, now=timezone.now())
    except (NotAllowed, AlreadyThere) as refused:
        _refused(request, refused)
        return redirect("person", org=org, person_id=shown.id)
    if waiting is not None:
        _waits(request, waiting)
        return redirect("person", org=org, person_id=shown.id)
    return redirect("administration", org=org)


def _waits(request: WorkRequest, proposal: Proposal | None) -> None:
    if proposal is not None:
        messages.info(
            request,
            words(
                "This waits for a second person: another administrator or an overseer confirms it.",
                "这一步等第二个人确认：另一位管理员或监督人。",
            ),
        )


def _refused(request: WorkRequest, why: NotAllowed | AlreadyThere) -> None:
    if isinstance(why, AlreadyThere):
        messages.info(
            request, words("This waits for a second person already.", "这一步已经在等第二个人确认。")
        )
    else:
        messages.error(request, page_of(REASONS[str(why)]))


@require_http_methods(["GET", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """An invited person makes their account: with a passkey on the next page, or with a password here."""
    limited: HttpResponse | None = ratelimit.consume_or_429(
        request, app="allauth.account", action="invitation", config=_INVITATION_RATES, limit_get=True
    )
    if limited:
        return limited
    try:
        found = actions.find_invitation(token, now=timezone.now())
        queries.organisation_at(request.get_host(), found.person.organisation.slug)
        form = ChoosePassword(request.POST if request.POST.get("how") == "password" else None)
        if request.method == "POST" and (request.POST.get("how") == "passkey" or form.is_valid()):
            return _accept(request, token, password=form.cleaned_data["password"] if form.is_bound else None)
    except (InvitationSpent, NotFound, AlreadyThere):
        # AlreadyThere: the address has an account, perhaps of another organisation, of which nothing is said here.
        return render(request, "organisation/invitation_spent.html", status=404)
    return render(
        request,
        "organisation/invitation.html",
        {
            "invited": found.person,
            "form": form,
            "providers": providers.every(found.person.organisation, on=True),
            "token": token,
        },
    )


def _accept(request: HttpRequest, token: str, *, password: str | None) -> HttpResponse:
    account = actions.accept(token, password=password, now=timezone.now())
    open_session(request, account)
    record_authentication(request, account, method="invitation")
    return redirect("mfa_add_webauthn" if password is None else "second_factor")


@require_GET
def second_factor(request: HttpRequest) -> HttpResponseBase:
    if not request.user.is_authenticated:
        return redirect(settings.LOGIN_URL)
    by_provider = any(one["method"] == PROVIDER for one in get_authentication_records(request, request.user))
    return render(request, "organisation/second_factor.html", {"by_provider": by_provider})


class SignIn(LoginView):  # type: ignore[misc]
    """allauth's, with the providers of the organisation that signs in here."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        here = organisation_here(self.request)
        found: dict[str, Any] = super().get_context_data(**kwargs)
        onward = get_next_redirect_url(self.request) or ""
        return {
            **found,
            "here": here,
            "providers": providers.every(here, on=True) if here else [],
            "onward": onward,
        }


sign_in = SignIn.as_view()


@require_GET
def sessions(request: HttpRequest) -> HttpResponseBase:
    """Where you are signed in."""
    if not request.user.is_authenticated:
        return redirect(settings.LOGIN_URL)
    here = rules.session_kept_as(request.session.session_key or "")
    rows = [
        {"name": queries.session_name(one.pk), "here": one.pk == here, "open": one}
        for one in queries.sessions_of(request.user, now=timezone.now())
    ]
    return render(request, "organisation/sessions.html", {"rows": rows})


@require_POST
def end_session(request: HttpRequest) -> HttpResponseBase:
    """End one of one's own sessions, or all but this one; ending needs no further proof."""
    if not request.user.is_authenticated:
        return redirect(settings.LOGIN_URL)
    name = request.POST.get("session", "")
    if name:
        actions.end_session(request.user.pk, name)
    else:
        actions.end_sessions(request.user.pk, but=request.session.session_key)
    if not request.session.exists(request.session.session_key or ""):
        logout(request)
        return redirect(settings.LOGIN_URL)
    return redirect("sessions")


def remove_passkey(request: HttpRequest, pk: int) -> HttpResponseBase:
    """As allauth does it, but never the last second factor: the person would lock themselves out."""
    found = Authenticator.objects.filter(pk=pk, user_id=request.user.pk).first()
    if found is not None and not may_remove(found):
        messages.error(
            request,
            words(
                "This is your only second factor. Add another one first.",
                "这是你唯一的第二道验证。请先添加另一个。",
            ),
        )
        return redirect("mfa_list_webauthn")
    answer: HttpResponseBase = passkeys.remove_webauthn(request, pk=pk)
    return answer


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Remember the choice in a cookie of the work pages; reporters' pages carry theirs in the address."""
    wanted, onward = request.POST.get("language"), request.POST.get("next", "/work/")
    safe = url_has_allowed_host_and_scheme(onward, allowed_hosts=None) and onward.startswith("/work/")
    response = HttpResponseRedirect(onward if safe else "/work/")
    if wanted in dict(settings.LANGUAGES):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            str(wanted),
            max_age=365 * 24 * 3600,
            path=settings.LANGUAGE_COOKIE_PATH,
            samesite="Lax",
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
        )
    return response


def absent(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """For what allauth names and we don't have."""
    raise Http404


def _present(request: WorkRequest, person_id: UUID) -> Person:
    try:
        found = queries.person(request.organisation, person_id)
    except NotFound:
        raise Http404 from None
    if found.left_at is not None:
        raise Http404
    return found

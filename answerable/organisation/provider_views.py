"""Signing in through a provider of one's organisation, and the administrator's pages that set one up."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from django.contrib import messages
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from answerable.organisation import oidc, providers, queries, saml, trusting
from answerable.organisation.access import WorkRequest, for_act, page_of
from answerable.organisation.claims import Claims
from answerable.organisation.errors import (
    AlreadyThere,
    InvitationSpent,
    NobodyHere,
    NotAllowed,
    NotFound,
    OrganisationError,
    ProviderTrouble,
)
from answerable.organisation.forms import SetUpOidc, SetUpSaml
from answerable.organisation.models import Account, Organisation, Provider
from answerable.organisation.signin import PROVIDER, ask_again, open_session, proved_lately
from answerable.organisation.words import REASONS

_COOKIE = "work-provider"
_PATH = "/work/accounts/with/"
_LASTS = 600  # seconds, from leaving for the provider to coming back
_SALT = "answerable.organisation.provider"


# Signing in


@require_GET
def leave_for(request: HttpRequest, org: str, provider_id: UUID) -> HttpResponseBase:
    """Send the browser to the provider. Nothing is stored here: what must come back lies sealed in a cookie."""
    organisation, provider = _provider(request, org, provider_id)
    purpose, now = request.GET.get("for", "in"), timezone.now()
    if purpose in {"test", "link"}:
        refused = _needs_proof(request, organisation, administrator=purpose == "test")
        if refused is not None:
            return refused
    elif purpose != "in":
        raise Http404
    if purpose != "test" and not provider.on:
        raise Http404
    flow: dict[str, str] = {
        "provider": str(provider.pk),
        "for": purpose,
        "account": str(request.user.pk or ""),
        "changed": provider.changed_at.isoformat(),
        "next": request.GET.get("next", ""),
        "invitation": request.GET.get("invitation", ""),
    }
    back, afresh = request.build_absolute_uri(_address(provider, "come_back")), purpose != "in"
    try:
        if provider.kind == "oidc":
            flow |= oidc.new_secrets()
            onward = oidc.authorize_url(provider, redirect_uri=back, flow=flow, afresh=afresh)
        else:
            flow["state"] = saml.request_id(provider, now=now)
            onward = saml.redirect_url(
                provider,
                request=flow["state"],
                acs=request.build_absolute_uri(_address(provider, "assertion")),
                entity=entity_id(request, provider),
                afresh=afresh,
                now=now,
            )
    except ProviderTrouble as trouble:
        return _trouble(request, provider, trouble, test=purpose == "test")
    answer = HttpResponseRedirect(onward)
    answer.set_cookie(
        _COOKIE,
        signing.dumps(flow, salt=_SALT),
        max_age=_LASTS,
        path=_PATH,
        httponly=True,
        secure=request.is_secure(),
        samesite="Lax",
    )
    return answer


@require_GET
def come_back(request: HttpRequest, org: str, provider_id: UUID) -> HttpResponseBase:
    """The provider's answer by OpenID Connect, or the browser after its SAML response was checked."""
    _, provider = _provider(request, org, provider_id)
    flow = _flow(request, provider)
    test = flow is not None and flow["for"] == "test"
    try:
        if flow is None or not request.GET.get("state") or request.GET["state"] != flow["state"]:
            raise ProviderTrouble("this browser did not ask, or too long ago")
        if provider.kind == "saml":
            claims = providers.take_response(provider, flow["state"], now=timezone.now())
        elif "code" not in request.GET:
            raise ProviderTrouble("it did not let you in")
        elif request.GET.get("iss", provider.issuer) != provider.issuer:
            raise ProviderTrouble("another provider answers")  # RFC 9207
        else:
            claims = oidc.claims(
                provider,
                code=request.GET["code"],
                redirect_uri=request.build_absolute_uri(_address(provider, "come_back")),
                flow=flow,
            )
        answer = _finish(request, provider, claims, flow)
    except (ProviderTrouble, NobodyHere, AlreadyThere, InvitationSpent) as trouble:
        answer = _trouble(request, provider, trouble, test=test)
    answer.delete_cookie(_COOKIE, path=_PATH, samesite="Lax")
    return answer


@csrf_exempt  # it comes from the provider's page, without our cookies; what it says is signed and asked for
@require_POST
def assertion(request: HttpRequest, org: str, provider_id: UUID) -> HttpResponseBase:
    """A SAML response. It is checked and kept; signing in happens in the browser that asked for it."""
    _, provider = _provider(request, org, provider_id)
    if provider.kind != "saml":
        raise Http404
    now = timezone.now()
    try:
        answer = saml.verify(
            provider,
            request.POST.get("SAMLResponse", ""),
            acs=request.build_absolute_uri(request.path),
            entity=entity_id(request, provider),
            now=now,
        )
        providers.keep_response(provider, answer, now=now)
    except ProviderTrouble as trouble:
        return _trouble(request, provider, trouble, test=False)
    onward = HttpResponseRedirect(
        f"{_address(provider, 'come_back')}?{urlencode({'state': answer.request_id})}"
    )
    onward.status_code = 303
    return onward


def _finish(
    request: HttpRequest, provider: Provider, claims: Claims, flow: dict[str, str]
) -> HttpResponseBase:
    now, purpose = timezone.now(), flow["for"]
    if purpose in {"test", "link"} and str(request.user.pk or "") != flow["account"]:
        raise ProviderTrouble("somebody else is signed in now")
    if purpose == "test":
        passed = providers.passed_test(provider, changed_at=datetime.fromisoformat(flow["changed"]), now=now)
        return render(
            request,
            "organisation/provider_tested.html",
            {"provider": provider, "claims": claims, "passed": passed, "organisation": provider.organisation},
        )
    if not provider.on:
        raise ProviderTrouble("it was switched off")
    if purpose == "link":
        assert isinstance(request.user, Account)  # noqa: S101 - just compared
        providers.bind(provider, claims, request.user, now=now)
        return redirect("mfa_index")
    if flow["invitation"]:
        account = providers.accept_invitation(provider, claims, flow["invitation"], now=now)
        open_session(request, account)
        _record(request, provider, account, claims)
        return redirect("start")
    account = providers.account_for(provider, claims, now=now)
    _record(request, provider, account, claims)
    onward = flow["next"]
    safe = onward.startswith("/work/") and url_has_allowed_host_and_scheme(onward, allowed_hosts=None)
    answer: HttpResponseBase = perform_login(
        request, Login(user=account, redirect_url=onward if safe else None)
    )
    return answer


def _record(request: HttpRequest, provider: Provider, account: Account, claims: Claims) -> None:
    counts = provider.counts_second_factor and claims.strong
    record_authentication(request, account, PROVIDER, provider=str(provider.pk), counts=counts)


def _needs_proof(
    request: HttpRequest, organisation: Organisation, *, administrator: bool
) -> HttpResponseBase | None:
    if not isinstance(request.user, Account):
        return redirect("account_login")
    try:
        roles = queries.roles_of(queries.person_of(request.user, organisation))
    except NotFound:
        raise Http404 from None
    if administrator and "administrator" not in roles:
        raise Http404
    return None if proved_lately(request) else ask_again(request)


def _flow(request: HttpRequest, provider: Provider) -> dict[str, str] | None:
    try:
        flow: dict[str, str] = signing.loads(request.COOKIES.get(_COOKIE, ""), salt=_SALT, max_age=_LASTS)
    except signing.BadSignature:
        return None
    return flow if flow["provider"] == str(provider.pk) else None


def _trouble(
    request: HttpRequest, provider: Provider, trouble: OrganisationError, *, test: bool
) -> HttpResponse:
    """One page for whatever went wrong; the reason is for the administrator who tests."""
    return render(
        request,
        "organisation/provider_trouble.html",
        {
            "provider": provider,
            "reason": str(trouble) if test else "",
            "stranger": isinstance(trouble, NobodyHere),
        },
        status=403,
    )


def _provider(request: HttpRequest, org: str, provider_id: UUID) -> tuple[Organisation, Provider]:
    try:
        organisation = queries.organisation_at(request.get_host(), org)
        return organisation, providers.find(organisation, provider_id)
    except NotFound:
        raise Http404 from None


def _address(provider: Provider, name: str) -> str:
    return reverse(name, args=[provider.organisation.slug, provider.pk])


def entity_id(request: HttpRequest, provider: Provider) -> str:
    """What we call ourselves towards a SAML provider: our own address for it."""
    return request.build_absolute_uri(_address(provider, "leave_for"))


# Setting up


@require_GET
@for_act("sign-in.see")
def listed(request: WorkRequest, org: str) -> HttpResponse:  # noqa: ARG001
    return render(
        request, "organisation/providers.html", {"providers": providers.every(request.organisation)}
    )


@require_http_methods(["GET", "POST"])
@for_act("sign-in.set-up")
def add(request: WorkRequest, org: str, kind: str) -> HttpResponse:
    form = _form(kind, request, None)
    if request.method == "POST" and form.is_valid():
        made = providers.set_up(
            request.organisation, kind=kind, fields=form.fields_to_keep(), now=timezone.now()
        )
        return redirect("provider", org=org, provider_id=made.pk)
    return render(request, "organisation/provider_form.html", {"form": form, "kind": kind})


@require_GET
@for_act("sign-in.see")
def provider(request: WorkRequest, org: str, provider_id: UUID) -> HttpResponse:
    _, found = _provider(request, org, provider_id)
    return render(
        request,
        "organisation/provider.html",
        {
            "provider": found,
            "bound": found.subjects.count(),
            "waits": trusting.waits(found),
            "two": request.organisation.opened_at is not None,
            "fingerprints": saml.fingerprints(found.certificates),
            "entity": entity_id(request, found),
            "redirect_uri": request.build_absolute_uri(_address(found, "come_back")),
            "acs": request.build_absolute_uri(_address(found, "assertion")),
        },
    )


@require_GET
@for_act("sign-in.see")
def metadata(request: WorkRequest, org: str, provider_id: UUID) -> HttpResponse:
    """Our own side as a file for the provider; there is none for OpenID Connect."""
    _, found = _provider(request, org, provider_id)
    if found.kind != "saml":
        raise Http404
    acs = request.build_absolute_uri(_address(found, "assertion"))
    xml = saml.our_metadata(entity=entity_id(request, found), acs=acs)
    answer = HttpResponse(xml, content_type="application/samlmetadata+xml")
    answer["Content-Disposition"] = f'attachment; filename="answerable-{org}.xml"'
    return answer


@require_http_methods(["GET", "POST"])
@for_act("sign-in.set-up")
def change(request: WorkRequest, org: str, provider_id: UUID) -> HttpResponse:
    _, found = _provider(request, org, provider_id)
    form = _form(found.kind, request, found)
    if request.method == "POST" and form.is_valid():
        trusting.take_back(found, by=request.person, now=timezone.now())
        providers.change(found, fields=form.fields_to_keep(), now=timezone.now())
        return redirect("provider", org=org, provider_id=found.pk)
    return render(
        request,
        "organisation/provider_form.html",
        {
            "form": form,
            "kind": found.kind,
            "provider": found,
            "two": request.organisation.opened_at is not None,
        },
    )


@require_POST
@for_act("sign-in.set-up")
def switch(request: WorkRequest, org: str, provider_id: UUID) -> HttpResponse:
    _, found = _provider(request, org, provider_id)
    do, now = request.POST.get("do"), timezone.now()
    if do == "on":
        try:
            trusting.switch_on(found, by=request.person, now=now)
        except AlreadyThere:
            return redirect("proposals", org=org)
        except NotAllowed as refused:
            messages.error(request, page_of(REASONS[str(refused)]))
        return redirect("provider", org=org, provider_id=found.pk)
    trusting.take_back(found, by=request.person, now=now)
    if do == "remove":
        providers.remove(found)
        return redirect("providers", org=org)
    providers.switch(found, on=False)
    return redirect("provider", org=org, provider_id=found.pk)


def _form(kind: str, request: HttpRequest, found: Provider | None) -> Any:
    if kind not in {"oidc", "saml"}:
        raise Http404
    initial = (
        {}
        if found is None
        else {
            name: getattr(found, name)
            for name in (
                "name",
                "issuer",
                "client_id",
                "subject_attribute",
                "vouches_for_email",
                "counts_second_factor",
            )
        }
        | {"strong_values": "\n".join(found.strong_values)}
    )
    made = SetUpOidc if kind == "oidc" else SetUpSaml
    posted = request.method == "POST"
    return made(
        request.POST if posted else None,
        request.FILES if posted else None,
        initial=initial,
        new=found is None,
    )

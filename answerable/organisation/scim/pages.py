"""The administrator's page for SCIM: its address, its tokens, and whether somebody could not leave because too many did."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from answerable.organisation import proposals
from answerable.organisation.access import WorkRequest, for_act
from answerable.organisation.errors import AlreadyThere, NotAllowed
from answerable.organisation.models import ScimGroup, ScimUser
from answerable.organisation.scim import actions, tokens
from answerable.ui.templatetags.words import words


@require_GET
@for_act("scim.see")
def tokens_page(request: WorkRequest, org: str) -> HttpResponse:  # noqa: ARG001
    """Address, tokens, how many people and groups came this way."""
    return _page(request)


@require_POST
@for_act("scim.change")
def make(request: WorkRequest, org: str) -> HttpResponse:  # noqa: ARG001
    """A new token, shown this once."""
    name = request.POST.get("name", "").strip() or words("Identity service", "身份服务")
    try:
        text = tokens.make(request.organisation, name, by=request.person, now=timezone.now())
    except NotAllowed:
        messages.error(
            request, words("Five tokens work already: end one first.", "已有五个有效令牌，请先停用一个。")
        )
        return _page(request)
    return _page(request, text)


@require_POST
@for_act("scim.change")
def revoke(request: WorkRequest, org: str) -> HttpResponseBase:
    """End a token at once."""
    try:
        ended = tokens.revoke(request.organisation, UUID(request.POST.get("token", "")), timezone.now())
    except ValueError:
        ended = False
    if ended:
        messages.success(request, words("The token works no more.", "令牌已停用。"))
    return redirect("scim", org)


@require_POST
@for_act("scim.let_through")
def let_through(request: WorkRequest, org: str) -> HttpResponseBase:
    """Propose that more than one in ten may leave within a day."""
    try:
        proposals.propose(request.organisation, actions.LEAVINGS, {}, by=request.person, now=timezone.now())
        messages.success(request, words("Somebody else must confirm it now.", "现在需要另一个人确认。"))
    except AlreadyThere:
        messages.info(request, words("It waits for somebody else already.", "已经在等另一个人确认。"))
    return redirect("proposals", org)


def _page(request: WorkRequest, made: str = "") -> HttpResponse:
    now, organisation = timezone.now(), request.organisation
    answer = render(
        request,
        "organisation/scim.html",
        {
            "organisation": organisation,
            "address": request.build_absolute_uri(f"/scim/v2/{organisation.slug}"),
            "tokens": tokens.valid(organisation, now),
            "made": made,
            "users": ScimUser.objects.filter(organisation=organisation).count(),
            "groups": ScimGroup.objects.filter(organisation=organisation).count(),
            "held": actions.held(organisation, now),
        },
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer

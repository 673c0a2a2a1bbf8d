"""Signed-in pages of keeping and erasing: numbers for whoever runs and oversees, single cases for their panel. No words."""

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from answerable.cases import erasure, retention
from answerable.cases.errors import AlreadySo, NotFound, NotTheirs
from answerable.organisation.access import WorkRequest, for_act
from answerable.ui.templatetags.words import words


@require_safe
@for_act("retention.counts")
def counts(request: WorkRequest, org: str) -> HttpResponse:  # noqa: ARG001 - the door has used it
    found = erasure.counts(request.organisation, timezone.now())
    places = [each["id"] for each in request.organisation.jurisdictions]
    rules = {rule.id: rule for place in [*places, ""] for rule in retention.rules_for(place)}
    return render(request, "cases/retention.html", {"counts": found, "rules": list(rules.values())})


@require_safe
@for_act("retention.cases")
def cases(request: WorkRequest, org: str) -> HttpResponse:  # noqa: ARG001
    rows = erasure.mine(request.person, request.organisation, request.roles)
    reasons = [{"code": code, "words": dict(both)} for code, both in retention.HOLD_REASONS.items()]
    return render(request, "cases/keeping.html", {"rows": rows, "reasons": reasons})


@require_POST
@for_act("retention.hold")
def hold(request: WorkRequest, org: str, case: str) -> HttpResponse:
    reason = request.POST.get("reason", "")
    if reason not in retention.HOLD_REASONS:
        raise Http404
    return _done(request, org, lambda: erasure.hold(request.person, case, reason, now=timezone.now()))


@require_POST
@for_act("retention.lift")
def lift(request: WorkRequest, org: str, case: str) -> HttpResponse:
    return _done(request, org, lambda: erasure.lift(request.person, case, now=timezone.now()))


def _done(request: WorkRequest, org: str, act: Callable[[], object]) -> HttpResponse:
    try:
        act()
    except NotFound:
        raise Http404 from None
    except NotTheirs:
        messages.error(
            request, words("This needs somebody else of the panel.", "这一步要由小组里的另一个人来做。")
        )
    except AlreadySo:
        messages.error(request, words("Somebody did this a moment ago.", "刚才已经有人做了。"))
    return redirect("keeping", org=org)

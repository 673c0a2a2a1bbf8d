"""The handlers' API of cases, and the console's one document."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from answerable_protocol.encoding import base64url_encode, id_text, time_text
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone

from answerable.cases import actions, queries
from answerable.cases.errors import NotFound, NotOnRoster
from answerable.intake import rules as intake_rules
from answerable.intake.access import refusing, send_file, take_chunk
from answerable.intake.actions import stand
from answerable.intake.queries import attachment_of
from answerable.notices import queries as notice_queries
from answerable.organisation.access import WorkRequest, for_act
from answerable.ui.api import Refused, answer, body_of
from answerable.ui.middleware import WORK_CSP

View = Callable[..., Any]


def for_panel(act: str) -> Callable[[View], View]:
    """Whoever may do `act`, in cases on whose panel they are; what is not theirs is not there."""

    def decorate(view: View) -> View:
        @wraps(view)
        def told(request: WorkRequest, org: str, **kwargs: str) -> HttpResponseBase:  # noqa: ARG001
            try:
                found = view(request, **kwargs)
            except NotFound:
                raise Refused("not-found") from None
            except NotOnRoster:
                raise Refused("not-in-roster") from None
            return found if isinstance(found, HttpResponseBase) else answer(found)

        return for_act(act)(refusing(told))

    return decorate


@for_act("console.open")
def console(request: WorkRequest, org: str) -> HttpResponse:  # noqa: ARG001
    response = render(
        request, "console.html", {"organisation": request.organisation, "person": request.person}
    )
    # Here the reports lie open: no text becomes markup or script, whatever slips past our own code.
    response.headers["Content-Security-Policy"] = f"{WORK_CSP}; require-trusted-types-for 'script'"
    return response


@for_panel("cases.list")
def inbox(request: WorkRequest) -> dict[str, Any]:
    now = timezone.now()
    cases, following = queries.inbox(request.person, after=request.GET.get("after"), now=now)
    return {"cases": cases, "next": following, "server_time": time_text(now.replace(microsecond=0))}


@for_panel("notices.see")
def notices(request: WorkRequest) -> dict[str, Any]:
    return {
        "notices": [
            {
                "id": id_text(each.pk.bytes),
                "kind": each.kind,
                "at": time_text(each.at.replace(microsecond=0)),
                "read": each.read_at is not None,
            }
            for each in notice_queries.of(request.person)
        ]
    }


@for_panel("cases.read")
def case(request: WorkRequest, case: str) -> dict[str, Any]:
    found = queries.case_for(request.person, case)
    return queries.whole(
        found, request.organisation, external="external" in request.roles, now=timezone.now()
    )


@for_panel("cases.read")
def file(request: WorkRequest, case: str, sha256: str) -> HttpResponseBase:
    found = queries.case_for(request.person, case)
    listed = attachment_of(request.organisation.pk, found.pk, intake_rules.hash_of(sha256))
    return send_file(request, request.organisation, found, bytes(listed.sha256))


@for_panel("cases.answer")
def message(request: WorkRequest, case: str) -> HttpResponse:
    sent = actions.answer(request.person, case, body_of(request))
    kept = [{"promise": promise, "receipt": receipt} for promise, receipt in sent.kept.items()]
    return answer({"receipt": sent.receipt, "at": time_text(sent.at), "kept": kept}, 201)


@for_panel("cases.note")
def note(request: WorkRequest, case: str) -> HttpResponse:
    made = actions.note(request.person, case, body_of(request), now=timezone.now())
    return answer({"sha256": base64url_encode(bytes(made.sha256)), "at": time_text(made.at)}, 201)


@for_panel("cases.panel")
def panel(request: WorkRequest, case: str) -> HttpResponse:
    sent = actions.change_panel(request.person, case, body_of(request))
    return answer({"receipt": sent.receipt, "at": time_text(sent.at)}, 201)


@for_panel("cases.step-down")
def step_down(request: WorkRequest, case: str) -> HttpResponse:
    body_of(request)
    actions.step_down(request.person, case, now=timezone.now())
    return answer({}, 201)


@for_panel("cases.flag")
def flag(request: WorkRequest, case: str) -> HttpResponse:
    actions.flag(request.person, case, body_of(request)["code"], now=timezone.now())
    return answer({}, 201)


@for_panel("cases.attach")
def get_chunk(request: WorkRequest, case: str, sha256: str) -> dict[str, Any]:
    found = stand(
        request.organisation, queries.case_for(request.person, case).pk, intake_rules.hash_of(sha256)
    )
    return {"received": found.received, "size": found.size, "done": found.done}


@for_panel("cases.attach")
def put_chunk(request: WorkRequest, case: str, sha256: str) -> dict[str, Any]:
    found = queries.case_for(request.person, case)
    return take_chunk(request, request.organisation, id_text(found.pk.bytes), sha256)

"""The reporter's API: JSON over fetch, without cookies."""

import re
from collections.abc import Callable
from functools import wraps
from typing import Any

from answerable_protocol.encoding import time_text
from django.conf import settings
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
)
from django.utils import timezone

from answerable.intake import actions, queries, rules, submitting, work
from answerable.intake.access import raw_body, refusing, send_file, take_chunk
from answerable.intake.errors import NotFound
from answerable.intake.models import Case
from answerable.ledger import queries as ledger
from answerable.ledger.errors import LedgerError
from answerable.organisation import queries as organisations
from answerable.organisation.errors import NotFound as NoOrganisation
from answerable.organisation.models import Organisation
from answerable.promises import rules as promises
from answerable.questions import queries as questions
from answerable.roster import queries as rosters
from answerable.ui import api
from answerable.ui.api import Refused, answer, body_of
from answerable.ui.colours import theme

RUNGS = (
    {"number": 0, "role": "handler", "name": {"en": "Panel", "zh": "小组"}},
    {"number": 1, "role": "lead", "name": {"en": "Lead", "zh": "组长"}},
    {"number": 2, "role": "overseer", "name": {"en": "Overseers", "zh": "监督人"}},
    {"number": 3, "role": "external", "name": {"en": "External member", "zh": "外部成员"}},
)
_JURISDICTION = re.compile(r"[A-Z]{2}(?:-[A-Z0-9]{1,3})?")
View = Callable[..., Any]


def here(view: View) -> View:
    """Give the view the organisation of its address; 404 for another."""

    @wraps(view)
    def found(request: HttpRequest, org: str, **kwargs: str) -> Any:
        try:
            organisation = organisations.organisation_at(request.get_host(), org)
        except NoOrganisation:
            raise Refused("not-found") from None
        return view(request, organisation, **kwargs)

    return refusing(found)


@here
def organisation(request: HttpRequest, organisation: Organisation) -> dict[str, Any]:  # noqa: ARG001
    contact = organisation.outside_contact or {}
    try:
        log_key = ledger.log_key(organisation)
    except LedgerError:
        raise Refused("not-found") from None
    return {
        "org": organisation.slug,
        "name": organisation.name,
        "languages": organisation.languages,
        "origin": organisation.origin,
        "time_zone": organisation.time_zone,
        "log_key": log_key,
        "open": organisation.takes_reports and rosters.current(organisation.pk) is not None,
        "paused": organisation.paused_at is not None,
        "look": _look(organisation),
        "jurisdictions": [_jurisdiction(each) for each in organisation.jurisdictions],
        "rungs": RUNGS,
        "outside_contact": {
            "name": contact.get("name") or {"en": "", "zh": ""},
            **{name: contact.get(name) or None for name in ("telephone", "post", "pgp", "email")},
        },
        "leave_url": organisation.leave_url,
        "limits": rules.LIMITS,
    }


def _look(organisation: Organisation) -> dict[str, Any]:
    """Colours that stand in for ours by day and night, and where the mark is; null where there is none."""
    look = theme(organisation.accent) if organisation.accent else None
    mark = f"/o/{organisation.slug}/mark.png?v={organisation.mark[:16]}" if organisation.mark else None
    return {"light": look.light if look else None, "dark": look.dark if look else None, "mark": mark}


def _jurisdiction(each: Any) -> dict[str, Any]:
    if isinstance(each, str):
        return {"id": each, "name": {"en": each, "zh": each}}
    return {"id": each["id"], "name": each["name"]}


@here
def roster_chain(request: HttpRequest, organisation: Organisation) -> dict[str, Any]:  # noqa: ARG001
    current = rosters.current(organisation.pk)
    receipt = None
    if current is not None:
        receipt = ledger.receipts_for(ledger.entries_at(organisation.pk, [current.log_index]))[0]
    until = rosters.new_chain_until(organisation.pk, timezone.now())
    return {
        "rosters": rosters.chain(organisation.pk),
        "receipt": receipt,
        "new_chain_until": time_text(until.replace(microsecond=0)) if until else None,
        "gone": rosters.gone(organisation.pk),
    }


@here
def own_questions(request: HttpRequest, organisation: Organisation) -> dict[str, Any]:  # noqa: ARG001
    """The organisation's own questions, which a reporter may answer; null where it asks none."""
    return {"questions": questions.asked(organisation.pk)}


@here
def draft_promises(request: HttpRequest, organisation: Organisation) -> dict[str, Any]:
    """What would be promised to a report that came now: shown before she sends."""
    jurisdiction = request.GET.get("jurisdiction") or None
    if jurisdiction is not None and not _JURISDICTION.fullmatch(jurisdiction):
        raise Refused("bad-request")
    now = timezone.now().replace(microsecond=0)
    return {
        "promises": [
            _draft(each) for each in promises.due_promises(now, jurisdiction, organisation.time_zone)
        ],
        "received": time_text(now),
    }


def _draft(each: promises.DuePromise) -> dict[str, Any]:
    rule = promises.rule(each.id)
    return {
        "id": each.id,
        "rule": each.rule,
        "due": time_text(each.due),
        "title": dict(rule.title),
        "text": dict(rule.text),
        "law": rule.law,
        "keeps": list(rule.keeps),
        "note": dict(each.note) if each.note else None,
        "longest": str(rule.longest),
    }


@here
def challenge(request: HttpRequest, organisation: Organisation) -> dict[str, Any]:  # noqa: ARG001
    return work.challenge(organisation.pk, now=timezone.now())


def _submit(request: HttpRequest, organisation: Organisation, kind: str, case: str) -> HttpResponse:
    length = request.headers.get("Content-Length") or "0"
    if not length.isdigit() or int(length) > rules.MOST_BODY:
        raise Refused("too-large")
    status, found = submitting.submit(organisation, kind, case, raw_body(request), now=timezone.now())
    return HttpResponse(found, status=status, content_type=api.JSON)


@here
def put_case(request: HttpRequest, organisation: Organisation, case: str) -> HttpResponse:
    return _submit(request, organisation, "case", case)


@here
def put_record(request: HttpRequest, organisation: Organisation, case: str) -> HttpResponse:
    return _submit(request, organisation, "record", case)


@here
def put_chunk(request: HttpRequest, organisation: Organisation, case: str, sha256: str) -> dict[str, Any]:
    return take_chunk(request, organisation, case, sha256)


@here
def get_chunk(request: HttpRequest, organisation: Organisation, case: str, sha256: str) -> dict[str, Any]:  # noqa: ARG001
    stand = actions.stand(organisation, rules.case_id(case), rules.hash_of(sha256))
    return {"received": stand.received, "size": stand.size, "done": stand.done}


@here
def mailbox_challenge(request: HttpRequest, organisation: Organisation) -> dict[str, Any]:
    body = body_of(request)
    return {"nonce": actions.challenge(organisation, body["case"], now=timezone.now())}


@here
def mailbox_open(request: HttpRequest, organisation: Organisation) -> dict[str, Any]:
    body = body_of(request)
    token, expires = actions.open_mailbox(
        organisation,
        body["case"],
        body["nonce"],
        body["signature"],
        origin=origin_of(request),
        now=timezone.now(),
    )
    return {"token": token, "expires": time_text(expires)}


def origin_of(request: HttpRequest) -> str:
    """The browser's `location.origin` for this site. An onion address is plain http inside its own encryption."""
    host = request.get_host()
    secure = settings.SECURE_ORIGIN and not host.split(":")[0].endswith(".onion")
    return f"{'https' if secure else 'http'}://{host}"


def with_mailbox(view: View) -> View:
    """Give the view the case that the bearer's token opens."""

    @wraps(view)
    def opened(request: HttpRequest, organisation: Organisation, **kwargs: str) -> Any:
        header = request.headers.get("Authorization", "")
        return view(
            request, organisation, actions.case_behind(organisation, header, now=timezone.now()), **kwargs
        )

    return here(opened)


@with_mailbox
def mailbox(request: HttpRequest, organisation: Organisation, case: Case) -> dict[str, Any]:  # noqa: ARG001
    return queries.whole(case, organisation, identity=True, internal=False, now=timezone.now())


@with_mailbox
def mailbox_file(
    request: HttpRequest, organisation: Organisation, case: Case, sha256: str
) -> HttpResponseBase:
    found = queries.attachment_of(organisation.pk, case.pk, rules.hash_of(sha256))
    if found.internal:
        raise NotFound("file")
    return send_file(request, organisation, case, bytes(found.sha256))


@with_mailbox
def mailbox_message(request: HttpRequest, organisation: Organisation, case: Case) -> HttpResponse:
    sent = actions.add_message(case, organisation, body_of(request))
    return answer({"receipt": sent.receipt, "at": time_text(sent.at)}, 201)

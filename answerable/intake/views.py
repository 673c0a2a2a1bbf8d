"""The reporter's API: JSON over fetch, without cookies."""

import re
from collections.abc import Callable
from functools import wraps
from typing import Any

from answerable_protocol.encoding import base64url_decode, time_text
from answerable_protocol.errors import ProtocolError
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    StreamingHttpResponse,
    UnreadablePostError,
)
from django.utils import timezone

from answerable.intake import actions, queries, rules, store, submitting, work
from answerable.intake.errors import IntakeError, NotFound
from answerable.intake.models import Case
from answerable.ledger import queries as ledger
from answerable.ledger.errors import LedgerError
from answerable.organisation import queries as organisations
from answerable.organisation.errors import NotFound as NoOrganisation
from answerable.organisation.models import Organisation
from answerable.promises import rules as promises
from answerable.roster import queries as rosters
from answerable.ui import api
from answerable.ui.api import Refused, answer, body_of

RUNGS = (
    {"number": 0, "role": "handler", "name": {"en": "Panel", "zh": "受理小组"}},
    {"number": 1, "role": "lead", "name": {"en": "Lead", "zh": "组长"}},
    {"number": 2, "role": "overseer", "name": {"en": "Overseers", "zh": "监督人"}},
    {"number": 3, "role": "external", "name": {"en": "External member", "zh": "外部成员"}},
)
_RANGE = re.compile(r"bytes ([0-9]{1,12})-([0-9]{1,12})/([0-9]{1,12})")
_JURISDICTION = re.compile(r"[A-Z]{2}(?:-[A-Z0-9]{1,3})?")
View = Callable[..., Any]


def refusing(view: View) -> View:
    """Let IntakeErrors out as the refusals they name."""

    @wraps(view)
    def told(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        try:
            return view(request, *args, **kwargs)
        except IntakeError as error:
            raise Refused(error.code, **_more(error)) from None

    return told


def _more(error: IntakeError) -> dict[str, Any]:
    received = getattr(error, "received", None)
    return {} if received is None else {"received": received, "done": getattr(error, "done", False)}


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
        "open": organisation.opened_at is not None and rosters.current(organisation.pk) is not None,
        "jurisdictions": [_jurisdiction(each) for each in organisation.jurisdictions],
        "rungs": RUNGS,
        "outside_contact": {
            "name": contact.get("name") or {"en": "", "zh": ""},
            **{name: contact.get(name) or None for name in ("telephone", "post", "pgp", "email")},
        },
        "leave_url": organisation.leave_url,
        "limits": rules.LIMITS,
    }


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
    }


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
    status, found = submitting.submit(organisation, kind, case, _raw(request), now=timezone.now())
    return HttpResponse(found, status=status, content_type=api.JSON)


def _raw(request: HttpRequest) -> bytes:
    try:
        return request.body
    except RequestDataTooBig:
        raise Refused("too-large") from None
    except UnreadablePostError:
        raise Refused("bad-request") from None


@here
def put_case(request: HttpRequest, organisation: Organisation, case: str) -> HttpResponse:
    return _submit(request, organisation, "case", case)


@here
def put_record(request: HttpRequest, organisation: Organisation, case: str) -> HttpResponse:
    return _submit(request, organisation, "record", case)


@here
def put_chunk(request: HttpRequest, organisation: Organisation, case: str, sha256: str) -> dict[str, Any]:
    return take_chunk(request, organisation, case, sha256)


def take_chunk(request: HttpRequest, organisation: Organisation, case: str, sha256: str) -> dict[str, Any]:
    """The chunk in this request, taken; {received, done}. Raises Refused or an IntakeError."""
    case_id, name = rules.case_id(case), rules.hash_of(sha256)
    queries.attachment_of(organisation.pk, case_id, name)
    found = _RANGE.fullmatch(request.headers.get("Content-Range", ""))
    if found is None:
        raise Refused("bad-chunk")
    try:
        said = base64url_decode(request.headers.get("X-Chunk-SHA256", ""), 32)
    except ProtocolError:
        raise Refused("bad-chunk") from None
    length = request.headers.get("Content-Length") or "0"
    if not length.isdigit() or int(length) > rules.CHUNK:
        raise Refused("too-large")
    chunk = actions.Chunk(int(found[1]), int(found[2]), int(found[3]), said, _raw(request))
    stand = actions.receive_chunk(organisation, case_id, name, chunk)
    return {"received": stand.received, "done": stand.done}


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


def send_file(
    request: HttpRequest, organisation: Organisation, case: Case, sha256: bytes
) -> HttpResponseBase:
    """A finished sealed file, or the one range asked for. Raises NotFound, Refused("bad-range")."""
    found = queries.attachment_of(organisation.pk, case.pk, bytes(sha256))
    if not found.done:
        raise NotFound("file")
    start, end = _range_of(request.headers.get("Range", ""), found.size)
    path = store.path_of(organisation.pk, case.pk, bytes(sha256))
    partial = (start, end) != (0, found.size - 1)
    response = StreamingHttpResponse(
        store.stream(path, start, end - start + 1), status=206 if partial else 200, content_type=api.BYTES
    )
    response.headers["Content-Length"] = str(end - start + 1)
    response.headers["Accept-Ranges"] = "bytes"
    response.headers["Cache-Control"] = "no-store"
    if partial:
        response.headers["Content-Range"] = f"bytes {start}-{end}/{found.size}"
    return response


def _range_of(header: str, size: int) -> tuple[int, int]:
    """First and last byte of a single range; the whole file without one, or for a kind of range that we don't do."""
    found = re.fullmatch(r"bytes=([0-9]{0,12})-([0-9]{0,12})", header)
    if found is None or not (found[1] or found[2]):
        return 0, size - 1
    if not found[1]:
        start, end = max(0, size - int(found[2])), size - 1
    else:
        start, end = int(found[1]), min(int(found[2] or size - 1), size - 1)
    if start > end:
        raise Refused("bad-range")
    return start, end


@with_mailbox
def mailbox_message(request: HttpRequest, organisation: Organisation, case: Case) -> HttpResponse:
    sent = actions.add_message(case, organisation, body_of(request))
    return answer({"receipt": sent.receipt, "at": time_text(sent.at)}, 201)

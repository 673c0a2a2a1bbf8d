"""The handlers' API of keys and rosters, and the poster that administrators print."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

import segno
from answerable_protocol import roster as rosters
from answerable_protocol import words as wordlists
from answerable_protocol.encoding import base64url_decode, base64url_encode, id_text, time_text
from answerable_protocol.errors import ProtocolError
from django.conf import settings
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone

from answerable.organisation.access import WorkRequest, for_act
from answerable.roster import actions, chains, queries, rules
from answerable.roster.errors import BadKey, BadRoster, BadRosterSignature, KeyInUse, NotADraft, NotKeyed
from answerable.roster.models import RosterDraft, WrappedKey
from answerable.ui.api import Refused, answer, body_of


def for_keyholders(act: str) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponseBase]]:
    """For those who may do `act`, in their own organisation alone."""

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def told(request: WorkRequest, org: str, **kwargs: Any) -> HttpResponse:  # noqa: ARG001
            return view(request, **kwargs)

        return for_act(act)(told)

    return decorate


@for_keyholders("keys.see")
def me(request: WorkRequest) -> HttpResponse:
    person = request.person
    identifier = id_text(person.pk.bytes)
    key, current = queries.key_of(person), queries.current(request.organisation.pk)
    on_roster = current.sign.get(identifier) if current else None
    return answer(
        {
            "person": {
                "id": identifier,
                "name": person.name,
                "role": queries.roster_role(request.roles),
                "languages": list(person.languages),
            },
            "key": {"recipient": key.recipient, "sign": key.sign, "since": _time(key.since)} if key else None,
            "wrapped": [_wrapped(each) for each in queries.wrapped_of(person)],
            "roster": current.note if current else None,
            "in_roster": bool(key and on_roster and base64url_encode(on_roster) == key.sign),
            "auto_lock_minutes": settings.AUTO_LOCK_MINUTES,
        }
    )


def _time(moment: Any) -> str:
    return time_text(moment.replace(microsecond=0))


def _wrapped(each: WrappedKey) -> dict[str, Any]:
    return {
        "id": id_text(each.pk.bytes),
        "kind": each.kind,
        "label": each.label,
        "file": base64url_encode(bytes(each.file)),
        "credential": each.credential,
    }


def _wrapped_from(given: dict[str, Any]) -> actions.Wrapped:
    try:
        file = base64url_decode(given["file"])
    except ProtocolError:
        raise Refused("bad-request") from None
    return actions.Wrapped(given["kind"], given["label"], file, given.get("credential"))


@for_keyholders("keys.make")
def register(request: WorkRequest) -> HttpResponse:
    body = body_of(request)
    wrapped = [_wrapped_from(each) for each in body["wrapped"]]
    try:
        actions.register_key(
            request.person,
            recipient_text=body["recipient"],
            sign=body["sign"],
            wrapped=wrapped,
            now=timezone.now(),
        )
    except NotKeyed:
        raise Refused("not-allowed") from None
    except BadKey:
        raise Refused("bad-key") from None
    return answer({"in_roster": False}, 201)


@for_keyholders("keys.wrap")
def add_wrapped(request: WorkRequest) -> HttpResponse:
    try:
        made = actions.add_wrapped(request.person, _wrapped_from(body_of(request)), now=timezone.now())
    except BadKey:
        raise Refused("bad-key") from None
    return answer({"id": id_text(made.pk.bytes)}, 201)


@for_keyholders("keys.wrap")
def remove_wrapped(request: WorkRequest, wrapped: str) -> HttpResponse:
    try:
        actions.remove_wrapped(request.person, UUID(bytes=base64url_decode(wrapped, 16)))
    except (BadKey, ProtocolError):
        raise Refused("not-found") from None
    except KeyInUse:
        raise Refused("conflict") from None
    return answer({})


@for_keyholders("roster.see")
def state(request: WorkRequest) -> HttpResponse:
    current, draft = queries.current(request.organisation.pk), queries.draft(request.organisation)
    return answer(
        {
            "current": current.note if current else None,
            "drafts": [_draft(draft, current.roster if current else None)] if draft else [],
            "people": [each for each in queries.candidates(request.organisation) if each["role"]],
        }
    )


def _draft(draft: RosterDraft, current: rosters.Roster | None) -> dict[str, Any]:
    roster = rosters.parse_text(draft.text)
    names = {each.id: dict(each.name) for source in (current, roster) if source for each in source.members}
    before = current if roster.number else None
    return {
        "number": draft.number,
        "text": draft.text,
        "signatures": [draft.signatures[each] for each in sorted(draft.signatures)],
        "needs": rules.needs(roster, before, draft.signatures.keys()),
        "waits_until": _time(waits) if (waits := chains.waits_until(draft, timezone.now())) else None,
        "changes": [
            {"id": each, "change": change, "name": names[each]}
            for each, change in rules.changes(current, roster)
        ],
    }


@for_keyholders("roster.propose")
def propose(request: WorkRequest) -> HttpResponse:
    body = body_of(request)
    try:
        made = actions.propose(request.person, body["text"], now=timezone.now())
    except NotKeyed:
        raise Refused("not-allowed") from None
    except BadRoster:
        raise Refused("bad-roster") from None
    return answer({"number": made.number}, 201)


@for_keyholders("roster.sign")
def sign(request: WorkRequest, number: int) -> HttpResponse:
    body = body_of(request)
    try:
        logged = actions.sign(request.person, number, body["signature"], now=timezone.now())
    except NotADraft:
        raise Refused("not-found") from None
    except BadRosterSignature:
        raise Refused("bad-signature") from None
    except BadRoster:
        raise Refused("bad-roster") from None
    return answer({"logged": logged is not None})


@for_act("poster.print")
def poster(request: WorkRequest, org: str) -> HttpResponse:
    """A page to print: the address as QR code, with the anchor of the first roster, and its fingerprint in words."""
    first = queries.first_of_chain(request.organisation.pk)
    if first is None:
        return render(request, "poster.html", {"organisation": request.organisation, "ready": False})
    scheme = "https" if settings.SECURE_ORIGIN else "http"
    address = f"{scheme}://{request.get_host()}/o/{org}/"
    code = segno.make(f"{address}#r={rosters.anchor(first)}", error="m", micro=False)
    return render(
        request,
        "poster.html",
        {
            "organisation": request.organisation,
            "ready": True,
            "address": address,
            "link": f"{address}#r={rosters.anchor(first)}",
            "qr": code.svg_data_uri(scale=8, border=2),
            "words_en": " ".join(rosters.fingerprint(first)),
            "words_zh": "　".join(rosters.fingerprint(first, wordlists.chinese())),
        },
    )

"""Addresses of the reporter's side."""

from answerable_protocol.manifest import LONGEST
from django.conf import settings
from django.http import HttpRequest
from django.urls import path, register_converter

from answerable.intake import pages, views
from answerable.intake.rules import MOST_ATTACHMENTS, MOST_MESSAGE
from answerable.ui import api, shapes
from answerable.ui.api import Route, paths
from answerable.ui.schema import COUNT, FLAG, ID, TEXT, TIME, WORDS, binary, items, or_null, thing


class Sha256:
    """A SHA-256 in an address."""

    regex = "[A-Za-z0-9_-]{43}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(Sha256, "sha256")

ORG = "api/v1/orgs/<slug:org>"
SEALED = {"manifest": binary(most=LONGEST), "signature": binary(64), "event_key": binary(32)}
ENVELOPE = ["bad-signature", "bad-envelope", "bad-size", "bad-manifest", "wrong-organisation"]
TAKEN = ["already-other", "not-open", "work-needed", "failed"]
CHUNK = ["bad-chunk", "wrong-order", "bad-file"]


def openapi(request: HttpRequest) -> dict[str, object]:  # noqa: ARG001
    """The document of every route, made from the table."""
    return api.document(settings.VERSION)


def _file_routes(kind: str) -> list[Route]:
    where = f"{ORG}/{kind}/<str:case>/attachments/<sha256:sha256>"
    return [
        Route(
            "GET",
            where,
            views.get_chunk,
            "How much of a listed file is here",
            {200: thing({"size": COUNT, **shapes.STAND})},
        ),
        Route(
            "PUT",
            where,
            views.put_chunk,
            "The next chunk of a listed file: 1 MiB, the last one shorter",
            {200: thing(shapes.STAND)},
            raw_body=True,
            headers=["Content-Range", "X-Chunk-SHA256"],
            refusals=CHUNK,
        ),
    ]


_COLOURS = thing(dict.fromkeys(("jade", "jade-deep", "jade-tint", "on-jade"), TEXT))
"""An organisation's own, each "#rrggbb", by the names of the style sheets."""

_QUESTIONS = thing({"format": TEXT, "id": TEXT, "version": COUNT, "questions": items({"type": "object"})})
"""docs/decisions/0035."""

ROUTES = [
    Route("GET", "api/v1/openapi.json", openapi, "This document", {200: {"type": "object"}}),
    Route(
        "GET",
        ORG,
        views.organisation,
        "What the reporter's pages need to know of the organisation",
        {
            200: thing(
                {
                    "org": TEXT,
                    "name": WORDS,
                    "languages": items(TEXT),
                    "origin": TEXT,
                    "time_zone": TEXT,
                    "log_key": TEXT,
                    "open": FLAG,
                    "paused": FLAG,
                    "look": thing(
                        {
                            "light": or_null(_COLOURS),
                            "dark": or_null(_COLOURS),
                            "mark": or_null(TEXT),
                        }
                    ),
                    "jurisdictions": items(thing({"id": TEXT, "name": WORDS})),
                    "rungs": items(thing({"number": COUNT, "role": TEXT, "name": WORDS})),
                    "outside_contact": thing(
                        {"name": WORDS}
                        | {
                            name: {"type": ["string", "object", "null"]}
                            for name in ("telephone", "post", "pgp", "email")
                        }
                    ),
                    "leave_url": TEXT,
                    "limits": thing(dict.fromkeys(("report", "attachment", "attachments", "chunk"), COUNT)),
                }
            )
        },
    ),
    Route(
        "GET",
        ORG + "/rosters",
        views.roster_chain,
        "The chain of rosters, oldest first, and the receipt of the newest",
        {
            200: thing(
                {
                    "rosters": items(TEXT),
                    "receipt": or_null(TEXT),
                    "new_chain_until": or_null(TIME),
                    "gone": items(ID),
                }
            )
        },
    ),
    Route(
        "GET",
        ORG + "/questions",
        views.own_questions,
        "The organisation's own questions, asked after ours; null where there are none",
        {200: thing({"questions": or_null(_QUESTIONS)})},
    ),
    Route(
        "GET",
        ORG + "/promises",
        views.draft_promises,
        "What would be promised to a report received now",
        {
            200: thing(
                {
                    "promises": items(
                        thing(
                            {
                                "id": TEXT,
                                "rule": TEXT,
                                "due": TIME,
                                "title": WORDS,
                                "text": WORDS,
                                "law": or_null(TEXT),
                                "keeps": items(shapes.KIND),
                                "note": or_null(WORDS),
                                "longest": TEXT,
                            }
                        )
                    ),
                    "received": TIME,
                }
            )
        },
        query={"jurisdiction": TEXT, "start_rung": COUNT},
        refusals=["bad-request"],
    ),
    Route(
        "GET",
        ORG + "/challenge",
        views.challenge,
        "A proof-of-work challenge: single use, 10 minutes",
        {200: thing({"challenge": TEXT, "bits": COUNT, "expires": TIME})},
    ),
    Route(
        "PUT",
        ORG + "/cases/<str:case>",
        views.put_case,
        "A sealed report; the same again gives the same receipt",
        dict.fromkeys((200, 201), thing({"receipt": TEXT, "received": TIME, "promises": items(shapes.DUE)})),
        body=thing(
            {
                **SEALED,
                "report": binary(),
                "keys": binary(),
                "identity": or_null(binary()),
                "pow": or_null(shapes.WORK),
            }
        ),
        refusals=[*ENVELOPE, "not-in-roster", "stale-roster", *TAKEN],
    ),
    Route(
        "PUT",
        ORG + "/records/<str:case>",
        views.put_record,
        "A private dated record, sealed to its author alone",
        dict.fromkeys((200, 201), thing({"receipt": TEXT, "received": TIME})),
        body=thing({**SEALED, "record": binary(), "pow": or_null(shapes.WORK)}),
        refusals=[*ENVELOPE, *TAKEN],
    ),
    *_file_routes("cases"),
    *_file_routes("records"),
    Route(
        "POST",
        ORG + "/mailbox/challenge",
        views.mailbox_challenge,
        "A nonce to sign: one use, two minutes; the same for ids that don't exist",
        {200: thing({"nonce": binary(32)})},
        body=thing({"case": ID}),
        refusals=["no-mailbox"],
    ),
    Route(
        "POST",
        ORG + "/mailbox/open",
        views.mailbox_open,
        "Open a mailbox with a signature by the case's key",
        {200: thing({"token": binary(32), "expires": TIME})},
        body=thing({"case": ID, "nonce": binary(32), "signature": binary(64)}),
        refusals=["no-mailbox", "erased"],
    ),
    Route(
        "GET",
        ORG + "/mailbox",
        views.mailbox,
        "Everything of the case that its reporter may see",
        {200: shapes.WHOLE},
        security="mailbox",
    ),
    Route(
        "GET",
        ORG + "/mailbox/files/<sha256:sha256>",
        views.mailbox_file,
        "A sealed attachment, whole or one range",
        {200: None, 206: None},
        headers=["Range"],
        refusals=["bad-range"],
        security="mailbox",
    ),
    Route(
        "POST",
        ORG + "/mailbox/messages",
        views.mailbox_message,
        "A signed, sealed message; the same again gives the same receipt",
        {201: thing({"receipt": TEXT, "at": TIME})},
        body=thing(shapes.new_message(most_bytes=MOST_MESSAGE, most_attachments=MOST_ATTACHMENTS)),
        refusals=[
            "bad-message",
            "bad-signature",
            "bad-envelope",
            "bad-size",
            "already-other",
            "conflict",
            "closed",
        ],
        security="mailbox",
    ),
]

urlpatterns = [
    *paths(ROUTES),
    path("o/<slug:org>/", pages.choose_language),
    path("o/<slug:org>/<str:lang>/", pages.page),
    path("o/<slug:org>/<str:lang>/other-ways", pages.other_ways),
    path("o/<slug:org>/<str:lang>/<slug:name>", pages.page),
]

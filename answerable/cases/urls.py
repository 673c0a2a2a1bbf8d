"""Addresses of the panel's work."""

from answerable_protocol.fields import MOST_PROMISES
from answerable_protocol.manifest import MOST_PANEL
from django.urls import path

from answerable.cases import pages, views
from answerable.intake.rules import MOST_ATTACHMENTS, MOST_KEYS, MOST_MESSAGE
from answerable.ui import shapes
from answerable.ui.api import Route, paths
from answerable.ui.schema import COUNT, FLAG, HASH, ID, TEXT, TIME, WORDS, binary, items, or_null, thing

WORK = "work/<slug:org>/api/v1/"
CASE = WORK + "cases/<str:case>"
ROW = thing(
    {
        "case": ID,
        "received": TIME,
        "report_size": COUNT,
        "next": or_null(thing({"promise": TEXT, "title": WORDS, "due": TIME})),
        "missed": items(TEXT),
        "messages": thing({"reporter": COUNT, "handlers": COUNT}),
        "unanswered": FLAG,
        "panel": items(ID),
        "closed": FLAG,
        "leaving": items(shapes.LEAVING),
        "rung": COUNT,
        "flags": COUNT,
        "keys_epoch": COUNT,
        "manifest": binary(),
        "keys_file": binary(),
        "report": binary(),
    }
)
WHOLE = thing(
    {
        **shapes.CASE,
        "report": binary(),
        "notes": items(
            thing(
                {
                    "author": ID,
                    "file": binary(),
                    "sha256": HASH,
                    "attachments": items(shapes.LISTED),
                    "at": TIME,
                }
            )
        ),
        "flags": items(thing({"code": TEXT, "author": ID, "at": TIME})),
        "seq": COUNT,
    }
)
KEPT = thing({"promise": shapes.PROMISE_ID, "label": HASH})
MESSAGE = [
    "bad-message",
    "bad-signature",
    "bad-envelope",
    "bad-size",
    "already-other",
    "conflict",
    "not-in-roster",
]
SENT = {"receipt": TEXT, "at": TIME}

ROUTES = [
    Route(
        "GET",
        WORK + "inbox",
        views.inbox,
        "One's own cases, newest first",
        {200: thing({"cases": items(ROW), "next": or_null(ID), "server_time": TIME})},
        query={"after": ID},
        security="session",
    ),
    Route(
        "GET",
        WORK + "notices",
        views.notices,
        "One's own notices, newest first",
        {200: thing({"notices": items(thing({"id": ID, "kind": TEXT, "at": TIME, "read": FLAG}))})},
        security="session",
    ),
    Route("GET", CASE, views.case, "A case, as its panel sees it", {200: WHOLE}, security="session"),
    Route(
        "GET",
        CASE + "/files/<sha256:sha256>",
        views.file,
        "A sealed attachment, whole or one range",
        {200: None, 206: None},
        headers=["Range"],
        refusals=["bad-range"],
        security="session",
    ),
    Route(
        "POST",
        CASE + "/messages",
        views.message,
        "Answer; keeps the promises it lists",
        {201: thing({**SENT, "kept": items(thing({"promise": TEXT, "receipt": TEXT}))})},
        body=thing(
            {
                **shapes.new_message(most_bytes=MOST_MESSAGE, most_attachments=MOST_ATTACHMENTS),
                "kept": items(KEPT, MOST_PROMISES),
            }
        ),
        refusals=[*MESSAGE, "wrong-kind", "closed"],
        security="session",
    ),
    Route(
        "POST",
        CASE + "/notes",
        views.note,
        "An internal note, sealed to the panel",
        {201: thing({"sha256": HASH, "at": TIME})},
        body=thing(
            {"file": binary(most=MOST_MESSAGE), "attachments": items(shapes.LISTED, MOST_ATTACHMENTS)}
        ),
        refusals=["bad-message", "bad-envelope", "bad-size"],
        security="session",
    ),
    Route(
        "POST",
        CASE + "/panel",
        views.panel,
        "Seal the case to another panel",
        {201: thing(SENT)},
        body=thing(
            {
                "panel": {**items(ID, MOST_PANEL), "minItems": 1},
                "epoch": COUNT,
                "file": binary(most=MOST_KEYS),
                "signature": binary(64),
            }
        ),
        refusals=MESSAGE,
        security="session",
    ),
    Route(
        "POST",
        CASE + "/step-down",
        views.step_down,
        "Step down from the case: one reads nothing of it any more, and the others seal it anew",
        {201: thing({})},
        body=thing({}),
        refusals=["last-reader"],
        security="session",
    ),
    Route(
        "POST",
        CASE + "/flags",
        views.flag,
        "Tell the panel that something did not fit",
        {201: thing({})},
        body=thing({"code": {"type": "string", "pattern": "^[a-z][a-z0-9-]{0,39}$"}}),
        security="session",
    ),
    Route(
        "GET",
        CASE + "/attachments/<sha256:sha256>",
        views.get_chunk,
        "How much of a listed file is here",
        {200: thing({"size": COUNT, **shapes.STAND})},
        security="session",
    ),
    Route(
        "PUT",
        CASE + "/attachments/<sha256:sha256>",
        views.put_chunk,
        "The next chunk of a listed file",
        {200: thing(shapes.STAND)},
        raw_body=True,
        headers=["Content-Range", "X-Chunk-SHA256"],
        refusals=["bad-chunk", "wrong-order", "bad-file"],
        security="session",
    ),
]

urlpatterns = [
    *paths(ROUTES),
    path("work/<slug:org>/team/", views.console, name="team"),
    path("work/<slug:org>/retention/", pages.counts, name="retention"),
    path("work/<slug:org>/retention/cases/", pages.cases, name="keeping"),
    path("work/<slug:org>/retention/cases/<str:case>/hold/", pages.hold, name="hold"),
    path("work/<slug:org>/retention/cases/<str:case>/lift/", pages.lift, name="lift"),
]

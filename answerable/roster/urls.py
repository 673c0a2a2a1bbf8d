"""Addresses of keys and rosters."""

from typing import Any

from django.urls import path

from answerable.roster import views
from answerable.ui.api import Route, paths
from answerable.ui.schema import COUNT, FLAG, HASH, ID, TEXT, TIME, WORDS, binary, items, or_null, thing

WRAPPED: dict[str, Any] = {
    "kind": {"type": "string", "enum": ["passphrase", "passkey"]},
    "label": {"type": "string", "minLength": 1, "maxLength": 100},
    "file": binary(most=16 * 1024),
    "credential": or_null({"type": "string", "maxLength": 2000}),
}
ROLE = or_null({"type": "string", "enum": ["handler", "lead", "external", "overseer"]})
PERSON: dict[str, Any] = {"id": ID, "name": WORDS, "role": ROLE, "languages": items(TEXT)}
CHANGE = thing(
    {"id": ID, "change": {"type": "string", "enum": ["joined", "left", "new-key", "role"]}, "name": WORDS}
)
DRAFT = thing(
    {
        "number": COUNT,
        "text": TEXT,
        "signatures": items(TEXT),
        "needs": COUNT,
        "waits_until": or_null(TIME),
        "changes": items(CHANGE),
    }
)
WORK = "work/<slug:org>/api/v1/"

ROUTES = [
    Route(
        "GET",
        WORK + "me",
        views.me,
        "Who is signed in, and their keys",
        {
            200: thing(
                {
                    "person": thing(PERSON),
                    "key": or_null(thing({"recipient": TEXT, "sign": HASH, "since": TIME})),
                    "wrapped": items(thing({"id": ID, **WRAPPED})),
                    "roster": or_null(TEXT),
                    "in_roster": FLAG,
                    "auto_lock_minutes": COUNT,
                }
            )
        },
        security="session",
    ),
    Route(
        "POST",
        WORK + "keys",
        views.register,
        "Register one's own new key",
        {201: thing({"in_roster": FLAG})},
        body=thing(
            {
                "recipient": {"type": "string", "maxLength": 4000},
                "sign": HASH,
                "wrapped": {**items(thing(WRAPPED), 10), "minItems": 1},
            }
        ),
        refusals=["bad-key"],
        security="session",
    ),
    Route(
        "POST",
        WORK + "keys/wrapped",
        views.add_wrapped,
        "Add a way to unlock one's own key",
        {201: thing({"id": ID})},
        body=thing(WRAPPED),
        refusals=["bad-key"],
        security="session",
    ),
    Route(
        "DELETE",
        WORK + "keys/wrapped/<str:wrapped>",
        views.remove_wrapped,
        "Take a way to unlock away; the last one stays",
        {200: thing({})},
        refusals=["conflict"],
        security="session",
    ),
    Route(
        "GET",
        WORK + "roster",
        views.state,
        "The present roster, the draft that waits, and everyone who could be on the next",
        {
            200: thing(
                {
                    "current": or_null(TEXT),
                    "drafts": items(DRAFT),
                    "people": items(
                        thing({**PERSON, "duty": WORDS, "recipient": or_null(TEXT), "sign": or_null(HASH)})
                    ),
                }
            )
        },
        security="session",
    ),
    Route(
        "POST",
        WORK + "roster/drafts",
        views.propose,
        "Propose the next roster",
        {201: thing({"number": COUNT})},
        body=thing({"text": {"type": "string", "maxLength": 1 << 20}}),
        refusals=["bad-roster"],
        security="session",
    ),
    Route(
        "POST",
        WORK + "roster/drafts/<int:number>/sign",
        views.sign,
        "Sign the draft; with the last signature needed it is logged",
        {200: thing({"logged": FLAG})},
        body=thing({"signature": {"type": "string", "maxLength": 2000}}),
        refusals=["bad-signature", "bad-roster"],
        security="session",
    ),
]

urlpatterns = [*paths(ROUTES), path("work/<slug:org>/administration/poster/", views.poster, name="poster")]

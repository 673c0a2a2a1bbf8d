"""The shapes of the case JSON, which mailbox and console share."""

from answerable_protocol.fields import MOST_PROMISES
from answerable_protocol.message import KINDS

from answerable.ui.schema import (
    COUNT,
    FLAG,
    HASH,
    ID,
    TEXT,
    TIME,
    WORDS,
    Schema,
    binary,
    items,
    or_null,
    thing,
)

AUTHOR = {"type": "string", "pattern": "^(reporter|[A-Za-z0-9_-]{22})$"}
KIND = {"type": "string", "enum": list(KINDS)}
LISTED = thing({"sha256": HASH, "size": COUNT})
STAND = {"received": COUNT, "done": FLAG}
WORK = thing({"challenge": TEXT, "counter": COUNT})
PROMISE_ID = {"type": "string", "maxLength": 64}
DUE = thing({"id": TEXT, "rule": TEXT, "due": TIME})
PROMISE = thing(
    {
        "id": TEXT,
        "rule": TEXT,
        "due": TIME,
        "title": WORDS,
        "text": WORDS,
        "law": or_null(TEXT),
        "keeps": items(KIND),
        "state": {"type": "string", "enum": ["due", "kept", "late", "missed"]},
        "kept_at": or_null(TIME),
        "missed_at": or_null(TIME),
        "rung": or_null(COUNT),
        "note": or_null(WORDS),
    }
)
KEYS = thing(
    {
        "epoch": COUNT,
        "panel": items(ID),
        "file": binary(),
        "author": AUTHOR,
        "signature": or_null(binary(64)),
        "receipt": or_null(TEXT),
        "at": TIME,
    }
)
MESSAGE = thing(
    {
        "author": AUTHOR,
        "kind": KIND,
        "promises": items(TEXT),
        "n": COUNT,
        "prev": binary(most=32),
        "file": binary(),
        "sha256": HASH,
        "attachments": items(LISTED),
        "signature": binary(64),
        "at": TIME,
        "receipt": or_null(TEXT),
    }
)
EVENT = thing(
    {
        "type": {"type": "string", "enum": ["missed", "escalated", "panel", "closed"]},
        "at": TIME,
        "promise": or_null(TEXT),
        "rung": or_null(COUNT),
    }
)
LEAVING = thing({"person": ID, "why": {"type": "string", "enum": ["left", "stepped-down"]}, "at": TIME})
"""A seat that waits for a handover: its holder reads nothing any more."""
CASE = {
    "case": ID,
    "kind": {"type": "string", "enum": ["case", "record"]},
    "manifest": binary(),
    "signature": binary(64),
    "keys": items(KEYS),
    "identity": or_null(binary()),
    "received": TIME,
    "closed": FLAG,
    "kept_until": or_null(TEXT),
    "leaving": items(LEAVING),
    "promises": items(PROMISE),
    "attachments": items(thing({"sha256": HASH, "size": COUNT, **STAND})),
    "messages": items(MESSAGE),
    "receipts": items(thing({"type": TEXT, "at": TIME, "receipt": TEXT})),
    "events": items(EVENT),
    "server_time": TIME,
}
WHOLE = thing(CASE, {"report": binary(), "record": binary()})


def new_message(*, most_bytes: int, most_attachments: int) -> dict[str, Schema]:
    """The members of a message that is sent; its file has at most `most_bytes`."""
    return {
        "kind": KIND,
        "promises": items(PROMISE_ID, MOST_PROMISES),
        "n": COUNT,
        "prev": {"type": "string", "pattern": "^([A-Za-z0-9_-]{43})?$"},
        "file": binary(most=most_bytes),
        "signature": binary(64),
        "attachments": items(LISTED, most_attachments),
    }

"""The roster's way: who may put whom on it, and who may not."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from answerable_protocol import receipt, roster, words
from answerable_protocol.encoding import parse_json
from django.test import Client
from django.utils import timezone

from answerable.intake.tests import world
from answerable.intake.tests.stage import SCRYPT_FILE, Desk, Stage
from answerable.intake.tests.world import Handler, b64
from answerable.ledger.models import Entry
from answerable.notices.models import Notice
from answerable.organisation import actions as organisations
from answerable.organisation.models import Person
from answerable.roster import actions, queries
from answerable.roster.errors import BadKey, BadRoster, NotKeyed
from answerable.roster.models import HandlerKey, RosterVersion

pytestmark = pytest.mark.django_db(transaction=True)
At = Callable[[str], Desk]


def next_note(stage: Stage, members: list[Handler], by: list[str], **more: Any) -> str:
    return world.signed_roster(
        "tidewick",
        stage.organisation.origin,
        members,
        number=more.get("number", 1),
        previous=more.get("previous", stage.roster),
        by=[stage.handlers[each] for each in by],
    )


def without(stage: Stage, *keys: str) -> list[Handler]:
    return [each for key, each in stage.handlers.items() if key not in keys]


def test_the_first_roster_is_signed_by_all_and_logged_for_everyone(stage: Stage) -> None:
    answer = stage.get("rosters").json()
    [note] = answer["rosters"]
    first = roster.verify_first(note.encode(), stage.organisation.origin)
    assert len(first.members) == 5
    proof = receipt.parse(answer["receipt"].encode())
    assert parse_json(proof.payload) == {"number": 0, "org": "tidewick", "roster": b64(first.sha256)}
    assert answer["new_chain_until"] is None
    assert Entry.objects.get(type="roster.updated").label is None


def test_who_left_or_reads_no_more_is_told_until_the_next_roster(stage: Stage) -> None:
    """The signed list can't change by itself: the pages are told whom not to propose."""
    assert stage.get("rosters").json()["gone"] == []
    one, other = (queries.uuid_of(stage.handlers[key].id) for key in ("handler", "lead"))
    now = timezone.now()
    organisations.leave(Person.objects.get(pk=one), by=None, now=now)
    organisations.take_role(Person.objects.get(pk=other), "lead", by=None, now=now)
    gone = sorted(stage.handlers[key].id for key in ("handler", "lead"))
    assert stage.get("rosters").json()["gone"] == gone


@pytest.mark.parametrize(
    ("by", "why"),
    [
        (["handler"], "one signature"),
        (["handler", "second_handler"], "no external member's"),
        (["handler", "handler"], "one hand twice"),
    ],
)
def test_too_few_signatures_change_nothing(stage: Stage, now: Any, by: list[str], why: str) -> None:
    note = next_note(stage, without(stage, "second_handler"), by)
    with pytest.raises(BadRoster):
        actions.publish_next(stage.organisation, note, now=now)
    assert RosterVersion.objects.count() == 1, why


def test_a_rolled_back_roster_and_one_with_a_reader_more_are_refused(stage: Stage, now: Any) -> None:
    old = stage.roster
    actions.publish_next(
        stage.organisation,
        next_note(stage, without(stage, "second_handler"), ["handler", "external"]),
        now=now,
    )
    stranger = Handler(b64(bytes(16)))
    for note in (
        next_note(stage, without(stage), ["handler", "external"], previous=old),  # follows an older one
        next_note(stage, [*without(stage), stranger], ["handler", "external"], number=2),  # nobody we know
    ):
        with pytest.raises(BadRoster):
            actions.publish_next(stage.organisation, note, now=now)
    with pytest.raises(BadRoster):  # a new chain while the old one can go on
        actions.publish_first(
            stage.organisation,
            world.signed_roster("tidewick", stage.organisation.origin, without(stage)),
            now=now,
        )


def test_a_draft_gathers_signatures_at_the_console_and_is_logged_with_the_last(
    stage: Stage, desk: At
) -> None:
    handler, external = desk("handler"), desk("external")
    text = roster.text("tidewick", 1, stage.roster, [each.member() for each in without(stage, "lead")])
    assert handler.post("roster/drafts", {"text": text}).status_code == 201
    [draft] = external.get("roster").json()["drafts"]
    assert (draft["needs"], draft["signatures"]) == (2, [])
    assert [(each["id"], each["change"]) for each in draft["changes"]] == [(stage.id("lead"), "left")]
    assert Notice.objects.filter(kind="roster-draft").count() == 3
    origin = stage.organisation.origin
    forged = stage.handlers["external"].sign_roster(text, origin)
    assert handler.post("roster/drafts/1/sign", {"signature": forged}).json()["error"] == "bad-signature"
    mine = stage.handlers["handler"].sign_roster(text, origin)
    assert handler.post("roster/drafts/1/sign", {"signature": mine}).json() == {"logged": False}
    assert external.get("roster").json()["drafts"][0]["needs"] == 1
    assert external.post("roster/drafts/7/sign", {"signature": forged}).status_code == 404
    assert external.post("roster/drafts/1/sign", {"signature": forged}).json() == {"logged": True}
    assert external.get("roster").json()["drafts"] == []
    notes = stage.get("rosters").json()["rosters"]
    assert [each.number for each in roster.verify_chain([each.encode() for each in notes], origin)] == [0, 1]


def test_a_key_that_is_not_in_a_logged_roster_cannot_be_sealed_to(stage: Stage, desk: At, now: Any) -> None:
    """A new key retires the old one; until a roster lists it, its owner can neither sign nor be on a panel's next roster."""
    handler = desk("handler")
    made = Handler(stage.id("handler"))
    body = {
        "recipient": made.recipient,
        "sign": made.sign,
        "wrapped": [{"kind": "passphrase", "label": "Words", "file": b64(SCRYPT_FILE), "credential": None}],
    }
    assert handler.post("keys", body).status_code == 201
    me = handler.get("me").json()
    assert (me["in_roster"], me["key"]["sign"]) == (False, made.sign)
    assert desk("external").get("me").json()["in_roster"]
    assert HandlerKey.objects.filter(person=stage.people["handler"], retired_at=None).count() == 1
    old = stage.handlers["handler"].sign
    assert queries.current(stage.organisation.pk).sign[stage.id("handler")] != made.signer.public  # type: ignore[union-attr]
    text = roster.text("tidewick", 1, stage.roster, [each.member() for each in without(stage)])
    assert (
        desk("external").post("roster/drafts", {"text": text}).json()["error"] == "bad-roster"
    )  # names the old key
    assert old != made.sign


def test_a_replaced_key_is_told_to_everyone_who_reads_its_true_owner_too(stage: Stage, now: Any) -> None:
    """Whoever took over an account can replace its key: that must not happen in silence."""
    assert not Notice.objects.filter(kind="new-key").exists()  # first keys are no news
    stage.add_handler("handler", stage.people["handler"], now)
    told = set(Notice.objects.filter(kind="new-key").values_list("person_id", flat=True))
    assert told == {stage.people[key].pk for key in ("handler", "second_handler", "lead", "external")}


def test_when_too_few_signers_are_left_a_new_chain_starts_and_says_so(stage: Stage, now: Any) -> None:
    with pytest.raises(BadRoster):
        actions.publish_first(
            stage.organisation,
            world.signed_roster("tidewick", stage.organisation.origin, without(stage)),
            now=now,
        )
    for key in ("handler", "second_handler", "lead", "external"):
        stage.add_handler(key, stage.people[key], now)
    note = world.signed_roster("tidewick", stage.organisation.origin, stage.members())
    made = actions.publish_first(stage.organisation, note, now=now)
    assert (made.chain, made.number) == (1, 0)
    assert queries.chain(stage.organisation.pk) == [note]
    assert queries.new_chain_until(stage.organisation.pk, now) == now + timedelta(days=90)
    assert queries.new_chain_until(stage.organisation.pk, now + timedelta(days=91)) is None


def test_only_hybrid_keys_in_files_that_the_server_cannot_open(stage: Stage, now: Any) -> None:
    made = Handler(stage.id("handler"))
    good = actions.Wrapped("passphrase", "Words", SCRYPT_FILE)

    def register(person: str = "handler", recipient: str = made.recipient, wrapped: Any = (good,)) -> None:
        actions.register_key(
            stage.people[person], recipient_text=recipient, sign=made.sign, wrapped=wrapped, now=now
        )

    for wrong in (
        {"recipient": "age1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq"},
        {"recipient": made.recipient[:-1] + ("p" if made.recipient.endswith("q") else "q")},
        {"wrapped": ()},
        {"wrapped": (actions.Wrapped("passphrase", "Words", SCRYPT_FILE.replace(b" 17", b" 22")),)},
        {"wrapped": (actions.Wrapped("passkey", "Phone", SCRYPT_FILE, "credential"),)},
        {"wrapped": (actions.Wrapped("passphrase", "Words", b"AGE-SECRET-KEY-PQ-1"),)},
    ):
        with pytest.raises(BadKey):
            register(**wrong)  # type: ignore[arg-type]
    for person in ("administrator", "overseer", "member"):
        with pytest.raises(NotKeyed):
            register(person)
    register()
    with pytest.raises(BadKey):
        register("lead")  # somebody else's key


def test_the_last_way_to_unlock_stays(stage: Stage, desk: At) -> None:
    handler = desk("handler")
    [only] = handler.get("me").json()["wrapped"]
    assert handler.client.delete(handler.url(f"keys/wrapped/{only['id']}")).status_code == 409
    more = {
        "kind": "passkey",
        "label": "Phone",
        "file": b64(b"age-encryption.org/v1\n-> x 1\n"),
        "credential": "c",
    }
    assert handler.post("keys/wrapped", more).status_code == 201
    assert desk("lead").client.delete(handler.url(f"keys/wrapped/{only['id']}")).status_code == 404
    assert handler.client.delete(handler.url(f"keys/wrapped/{only['id']}")).status_code == 200


def test_administrators_and_outsiders_reach_no_key(
    stage: Stage, desk: At, outsider: Client, people: dict[str, Person]
) -> None:
    for client, status in [
        (desk("administrator").client, 403),
        (desk("overseer").client, 403),
        (outsider, 404),
        (Client(), 401),
    ]:
        for method, path in [
            ("get", "me"),
            ("get", "roster"),
            ("post", "keys"),
            ("post", "roster/drafts"),
            ("post", "roster/drafts/1/sign"),
        ]:
            answer = getattr(client, method)(
                f"/work/tidewick/api/v1/{path}",
                *([] if method == "get" else [json.dumps({})]),
                **({} if method == "get" else {"content_type": "application/json"}),
            )
            assert answer.status_code == status, path


def test_the_poster_is_for_administrators(stage: Stage, desk: At, outsider: Client) -> None:
    answer = desk("administrator").client.get("/work/tidewick/administration/poster/")
    assert answer.status_code == 200
    first = queries.first_of_chain(stage.organisation.pk)
    assert first
    page = answer.content.decode()
    assert "data:image/svg+xml" in page
    assert " ".join(roster.fingerprint(first)) in page
    assert "　".join(roster.fingerprint(first, words.chinese())) in page
    assert desk("handler").client.get("/work/tidewick/administration/poster/").status_code == 403
    assert outsider.get("/work/tidewick/administration/poster/").status_code == 404

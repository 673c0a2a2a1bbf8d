"""Our own vectors say today what they said when they were written, and our readers agree with them."""

import json
from datetime import date
from zoneinfo import ZoneInfo

import pytest

from answerable_protocol import (
    calendar,
    ed25519,
    encoding,
    leaf,
    login,
    manifest,
    message,
    panel,
    policy,
    receipt,
    roster,
    sealed,
)
from answerable_protocol import pow as work
from answerable_protocol.encoding import base64url_decode as d
from answerable_protocol.errors import (
    BadEnvelope,
    InvalidSignature,
    NotProven,
    ProtocolError,
    Unreadable,
)

ERRORS = {"not proven": NotProven, "unreadable": Unreadable}


def test_making_the_vectors_again_gives_the_same_bytes(make):
    for name in make.FILES:
        assert (make.OWN / f"{name}.json").read_text(encoding="utf-8") == make.made(name), name
    assert {path.stem for path in make.OWN.iterdir()} == set(make.FILES)


def test_json_is_written_in_its_one_form(vectors):
    found = vectors("own/encoding.json")
    for case in found["json"]:
        assert encoding.canonical(case["value"]) == d(case["canonical"])
        assert encoding.parse_json(d(case["canonical"])) == case["value"]
    for case in found["json_surrogates"]:
        assert encoding.canonical(json.loads(case["escaped"])) == d(case["canonical"])
        with pytest.raises(Unreadable):
            encoding.parse_json(case["escaped"].encode())


def test_json_outside_the_subset_is_refused(vectors):
    for case in vectors("own/encoding.json")["json_refused"]:
        with pytest.raises(Unreadable):
            print(case["desc"], encoding.parse_json(d(case["data"])))


def test_only_canonical_base64_ids_and_times_are_read(vectors):
    found = vectors("own/encoding.json")
    for case in found["lp"]:
        assert b"".join(encoding.lp(d(part)) for part in case["parts"]) == d(case["joined"])
    for case in found["base64"]:
        assert encoding.base64_decode(case["text"]) == d(case["data"])
    for case in found["ids"]:
        assert encoding.id_bytes(case["text"]) == d(case["data"])
    for case in found["times"]:
        assert encoding.time_value(case["text"]).timestamp() == case["unix"]
    for name, read in (
        ("base64", encoding.base64_decode),
        ("base64url", encoding.base64url_decode),
        ("ids", encoding.id_bytes),
        ("times", encoding.time_value),
    ):
        for case in found[f"{name}_refused"]:
            with pytest.raises(Unreadable):
                print(name, case, read(case["text"]))


def test_signatures_that_libraries_disagree_on_are_judged_as_written(vectors):
    for case in vectors("own/ed25519.json")["cases"]:
        public, signature, text = d(case["public"]), d(case["signature"]), d(case["message"])
        if case["valid"]:
            assert ed25519.verify(public, signature, text) == text
        else:
            with pytest.raises(InvalidSignature):
                print(case["desc"], ed25519.verify(public, signature, text))


def test_labels_are_those_of_the_vectors(vectors):
    for case in vectors("own/labels.json")["cases"]:
        key = d(case["case_log_key"])
        assert leaf.log_key(key) == d(case["log_key"])
        assert leaf.event_key(key) == d(case["event_key"])
        for each in case["event_labels"]:
            assert leaf.event_label(leaf.event_key(key), each["seq"]) == d(each["label"])
        for each in case["kept_labels"]:
            assert leaf.kept_label(key, each["promise"]) == d(each["label"])


def test_leaves_are_those_of_the_vectors(vectors):
    found = vectors("own/leaf.json")
    for case in found["cases"]:
        data = case["leaf"].encode()
        read = leaf.parse(data)
        assert leaf.build(read) == data
        assert (
            read.body
            == leaf.commitment(case["type"], d(case["nonce"]), d(case["payload"]))
            == d(case["body"])
        )
        assert leaf.leaf_hash(data) == d(case["leaf_hash"])
    for case in found["refused"]:
        with pytest.raises(Unreadable):
            print(case["desc"], leaf.parse(case["leaf"].encode()))


def test_receipts_prove_what_the_vectors_say(vectors):
    for case in vectors("own/receipt.json")["cases"]:
        trusted = policy.parse(case["policy"].encode())

        def check(case=case, trusted=trusted):
            return receipt.verify(receipt.parse(case["receipt"].encode()), trusted)

        if case["error"]:
            with pytest.raises(ERRORS[case["error"]]):
                print(case["desc"], check())
            continue
        proven = check()
        assert proven.receipt.index == case["index"]
        assert proven.receipt.type == case["type"]
        assert proven.receipt.leaf_hash == d(case["leaf_hash"])
        assert proven.receipt.payload == d(case["payload"])
        assert proven.believed.log.fingerprint == case["log"]
        assert [
            {"name": each.key.name, "timestamp": each.timestamp} for each in proven.believed.cosignatures
        ] == case["cosignatures"]


def test_manifests_are_those_of_the_vectors(vectors):
    found = vectors("own/manifest.json")
    for case in found["cases"]:
        data = case["manifest"].encode()
        assert manifest.signing_bytes(data) == d(case["signed"])
        assert manifest.verify(data, d(case["signature"])).case_pub == d(case["case_pub"])
        with pytest.raises(InvalidSignature):
            manifest.verify(data.replace(b'"v":1', b'"v": 1'), d(case["signature"]))
    for case in found["records"]:
        assert manifest.verify_record(case["manifest"].encode(), d(case["signature"])).attachments == ()
    for case in found["refused"]:
        with pytest.raises(Unreadable):
            print(case["desc"], manifest.parse(case["manifest"].encode()))


def test_messages_panels_and_logins_are_signed_as_the_vectors_say(vectors):
    for case in vectors("own/message.json")["cases"]:
        header = message.Header(
            case["org"],
            encoding.id_bytes(case["case"]),
            case["author"],
            case["kind"],
            case["promises"],
            case["n"],
            d(case["prev"]),
            d(case["sealed"]),
        )
        assert message.signing_bytes(header) == d(case["signed"])
        assert message.verify(header, d(case["signature"]), d(case["public"])) == header
    for case in vectors("own/panel.json")["cases"]:
        change = panel.PanelChange(
            case["org"], encoding.id_bytes(case["case"]), case["panel"][::-1], case["epoch"], d(case["keys"])
        )
        assert panel.signing_bytes(change) == d(case["signed"])
        assert panel.verify(change, d(case["signature"]), d(case["public"])) == change
    for case in vectors("own/login.json")["cases"]:
        parts = (case["origin"], case["org"], encoding.id_bytes(case["case"]), d(case["nonce"]))
        assert login.signing_bytes(*parts) == d(case["signed"])
        login.verify(*parts, signature=d(case["signature"]), public=d(case["public"]))
        with pytest.raises(InvalidSignature):
            login.verify(
                "https://other.example", *parts[1:], signature=d(case["signature"]), public=d(case["public"])
            )


def test_roster_chains_hold_or_not_as_the_vectors_say(vectors):
    found = vectors("own/roster.json")
    for case in found["cases"]:
        notes = [each.encode() for each in case["notes"]]
        if case["error"]:
            with pytest.raises(ERRORS[case["error"]]):
                print(case["desc"], roster.verify_chain(notes, found["origin"]))
            continue
        chain = roster.verify_chain(notes, found["origin"], found["anchor"])
        assert roster.anchor(chain[0]) == found["anchor"]
        assert list(roster.fingerprint(chain[0])) == found["fingerprint"]
        with pytest.raises(NotProven):
            roster.verify_chain(notes, found["origin"], "A" * 22)
        with pytest.raises(NotProven):
            roster.verify_chain(notes, "other.example/log/tidewick")


def test_work_is_done_from_the_first_counter_of_the_vectors(vectors):
    for case in vectors("own/pow.json")["cases"]:
        assert work.solve(d(case["challenge"]), case["bits"]) == case["first"]
        assert work.check(d(case["challenge"]), case["first"], case["bits"]) == case["first"]
        if case["first"]:
            with pytest.raises(NotProven):
                work.check(d(case["challenge"]), case["first"] - 1, case["bits"])


def test_sealed_sizes_and_heads_are_those_of_the_vectors(vectors):
    found = vectors("own/sealed.json")
    for case in found["padded"]:
        size = sealed.padded_size(case["purpose"], case["length"])
        assert size == case["size"]
        assert sealed.is_size(case["purpose"], size)
    for case in found["padme"]:
        assert sealed.padme(case["length"]) == case["size"]
    for case in found["files"]:
        assert sealed.file_size(case["plaintext"], case["recipients"]) == case["size"]
    for case in found["heads"]:
        head = case["head"].encode("latin-1")
        if case["error"]:
            with pytest.raises(BadEnvelope):
                print(case["desc"], sealed.check(head, case["purpose"], case["recipients"], case["total"]))
        else:
            found_ = sealed.check(head, case["purpose"], case["recipients"], case["total"])
            assert sealed.file_size(found_.plaintext_length, case["recipients"]) == case["total"]


def test_due_times_are_those_of_the_vectors(vectors):
    found = vectors("own/calendar.json")
    for case in found["cases"]:
        due = calendar.due(
            encoding.time_value(case["start"]),
            calendar.Duration.parse(case["duration"]),
            ZoneInfo(case["zone"]),
            working=case["working"],
            holidays={date.fromisoformat(day) for day in case["holidays"]},
            make_up={date.fromisoformat(day) for day in case["make_up"]},
        )
        assert encoding.time_text(due) == case["due"], case["desc"]
    for case in found["refused"]:
        with pytest.raises(ProtocolError):
            print(case, calendar.Duration.parse(case["duration"]))

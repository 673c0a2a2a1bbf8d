"""Notes, checkpoints, policies, leaves and receipts: read strictly, believed only under a policy."""

import re
from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from answerable_protocol import checkpoint, cosignature, ed25519, leaf, note, policy, receipt
from answerable_protocol.errors import (
    InvalidSignature,
    NotProven,
    ProtocolError,
    QuorumNotMet,
    UnknownKey,
    Unreadable,
)

# The examples of C2SP signed-note and tlog-checkpoint.
EXAMPLE_KEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
EXAMPLE_NOTE = (
    "This is an example message.\n\n— example.com/foo "
    "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
).encode()
EXAMPLE_CHECKPOINT = (
    "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
    "— example.com/behind-the-sofa "
    "Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
).encode()

LOG = ed25519.Signer(b"l" * 32)
ORIGIN = "acme.example/log/acme"
LOG_KEY = note.Key(ORIGIN, note.ED25519, LOG.public)
WITNESSES = {name: ed25519.Signer(name.encode().ljust(32)) for name in ("a", "b", "c")}
WITNESS_KEYS = {
    name: note.Key(f"{name}.example", note.COSIGNATURE, s.public) for name, s in WITNESSES.items()
}


def signed(size=1, root=bytes(32), cosigned="", origin=ORIGIN, signer=LOG):
    data = checkpoint.sign(origin, size, root, signer)
    for name in cosigned:
        text = checkpoint.text(origin, size, root)
        data += cosignature.cosign(text, f"{name}.example", WITNESSES[name], 1_773_043_200).encode()
    return data


def test_the_examples_of_the_specifications_are_read():
    read = note.parse(EXAMPLE_NOTE)
    key = note.parse_vkey(EXAMPLE_KEY)
    assert note.verify(read, [key]) == (key,)
    assert note.vkey(key) == EXAMPLE_KEY
    found = checkpoint.parse(EXAMPLE_CHECKPOINT)
    assert (found.origin, found.size) == ("example.com/behind-the-sofa", 20_852_163)


def test_a_note_signed_by_nobody_known_is_refused_and_so_is_a_wrong_signature_of_a_known_key():
    key = note.parse_vkey(EXAMPLE_KEY)
    with pytest.raises(UnknownKey):
        note.verify(note.parse(EXAMPLE_NOTE), [LOG_KEY])
    with pytest.raises(InvalidSignature):
        note.verify(note.parse(EXAMPLE_NOTE.replace(b"This", b"That")), [key])


@pytest.mark.parametrize(
    "data",
    [
        b"", b"text\n", b"text\n\n", b"text", EXAMPLE_NOTE[:-1], EXAMPLE_NOTE + b"\n", EXAMPLE_NOTE.replace(b"=", b""),
        EXAMPLE_NOTE.replace("—".encode(), b"-"), EXAMPLE_NOTE.replace(b"\n", b"\r\n"), b"\xff" + EXAMPLE_NOTE,
        EXAMPLE_NOTE.replace(b"example.com/foo", b"example.com/f+o"), EXAMPLE_NOTE + "— name YQ==\n".encode(),
        EXAMPLE_NOTE.replace(b"example.com/foo", "a\u2003b".encode()), EXAMPLE_NOTE + b"\xe2\x80\x94  YQ==\n",
        b"text\n\n" + EXAMPLE_NOTE.split(b"\n\n")[1] * 101,
    ],
)  # fmt: skip
def test_what_is_no_signed_note_is_refused(data):
    with pytest.raises(Unreadable):
        note.parse(data)


@pytest.mark.parametrize(
    "text",
    [
        "", "a+b+c", EXAMPLE_KEY.replace("530d", "530D"), EXAMPLE_KEY.replace("530d", "530e"), EXAMPLE_KEY + "\n",
        EXAMPLE_KEY.replace("example.com/foo", "example.com/fo"), EXAMPLE_KEY.replace("Aeky", "Beky"),
    ],
)  # fmt: skip
def test_a_verifier_key_whose_id_is_not_its_own_is_refused(text):
    with pytest.raises(Unreadable):
        note.parse_vkey(text)


def test_a_verifier_key_of_small_order_is_refused():
    weak = note.Key("weak.example", note.ED25519, b"\1" + bytes(31))
    with pytest.raises(Unreadable):
        note.parse_vkey(note.vkey(weak))


@pytest.mark.parametrize(
    "text",
    [
        "o\n1\n",
        "o\n01\nROOT\n",
        "o\n-1\nROOT\n",
        "o\n1\nAAAA\n",
        "o\n١\nROOT\n",
        f"o\n{1 << 63}\nROOT\n",
        "o\n\n1\nROOT\n",
    ],
)
def test_what_is_no_checkpoint_is_refused(text):
    text = text.replace("ROOT", "A" * 43 + "=")
    with pytest.raises(Unreadable):
        checkpoint.parse(note.assemble(text, [note.sign(text, "o", LOG)]))


def test_a_policy_believes_its_own_log_under_its_own_name_only():
    trusted = policy.parse(policy.text([LOG_KEY]).encode())
    assert trusted.believe(checkpoint.parse(signed())).log == LOG_KEY
    other = ed25519.Signer(b"o" * 32)
    for data in (signed(signer=other), signed(origin="acme.example/log/other")):
        with pytest.raises(UnknownKey):
            trusted.believe(checkpoint.parse(data))
    # The log's key under the log's name, but over a checkpoint for another origin.
    text = checkpoint.text("acme.example/log/other", 1, bytes(32))
    with pytest.raises(UnknownKey):
        trusted.believe(checkpoint.parse(note.assemble(text, [note.sign(text, ORIGIN, LOG)])))


@pytest.mark.parametrize(
    ("rule", "enough", "short"),
    [
        ("quorum a\n", ["a", "ab"], ["", "b", "bc"]),
        ("group g 2 a b c\nquorum g\n", ["ab", "bc", "abc"], ["", "a", "c"]),
        ("group g any a b\nquorum g\n", ["a", "b"], ["", "c"]),
        ("group g all a b\nquorum g\n", ["ab", "abc"], ["a", "bc"]),
        ("group g any a b\ngroup h all g c\nquorum h\n", ["ac", "bc"], ["ab", "c"]),
        ("quorum none\n", ["", "a"], []),
    ],
)
def test_a_quorum_is_met_or_not_as_its_rule_says(rule, enough, short):
    lines = [f"log {note.vkey(LOG_KEY)}"]
    lines += [f"witness {name} {note.vkey(key)}" for name, key in WITNESS_KEYS.items()]
    trusted = policy.parse(("\n".join(lines) + "\n" + rule).encode())
    for names in enough:
        believed = trusted.believe(checkpoint.parse(signed(cosigned=names)))
        assert {each.key.name[0] for each in believed.cosignatures} == set(names)
    for names in short:
        with pytest.raises(QuorumNotMet):
            trusted.believe(checkpoint.parse(signed(cosigned=names)))


def test_one_witness_that_signs_twice_counts_once():
    trusted = policy.parse(policy.text([LOG_KEY], WITNESS_KEYS, 2).encode())
    with pytest.raises(QuorumNotMet):
        trusted.believe(checkpoint.parse(signed(cosigned="aa")))


def test_a_wrong_cosignature_of_a_known_witness_refuses_the_checkpoint():
    trusted = policy.parse(policy.text([LOG_KEY], WITNESS_KEYS, 1).encode())
    other = signed(size=2, cosigned="a").split(b"\n")[-2]
    with pytest.raises(InvalidSignature):
        trusted.believe(checkpoint.parse(signed(cosigned="b") + other + b"\n"))


@pytest.mark.parametrize(
    "text",
    [
        "", "quorum none", "quorum a\n", "quorum none\nquorum none\n", "log x\nquorum none\n",
        "witness none W\nquorum none\n",
        "witness a W\nwitness a V\nquorum a\n", "witness a W\nwitness b W\nquorum a\n", "log L\nlog L\nquorum none\n",
        "log W\nquorum none\n", "witness a L\nquorum none\n", "witness a W\ngroup g 2 a\nquorum g\n",
        "witness a W\ngroup g 0 a\nquorum g\n", "witness a W\ngroup g 01 a\nquorum g\n", "group g any\nquorum none\n",
        "witness a W\ngroup g any a a\nquorum g\n", "witness a W\ngroup g any a\ngroup h any a\nquorum h\n",
        "witness a W\ngroup a any a\nquorum a\n", "group g any a\nwitness a W\nquorum g\n", "quorum none\r\n",
        "witness a W\ngroup g any none a\nquorum g\n", "Quorum none\n", "quorum none none\n", "nonsense\nquorum none\n",
        "quorum\x0bnone\n", "witness a W\ngroup g \u00b2 a\nquorum g\n",
    ],
)  # fmt: skip
def test_a_policy_with_a_mistake_is_refused(text):
    with pytest.raises(Unreadable):
        policy.parse(with_keys(text))


def with_keys(text):
    keys = {"L": note.vkey(LOG_KEY), "W": note.vkey(WITNESS_KEYS["a"]), "V": note.vkey(WITNESS_KEYS["b"])}
    return re.sub(r"\b[LWV]\b", lambda found: keys[found[0]], text).encode()


def test_a_policy_without_a_mistake_is_read():
    found = policy.parse(with_keys("log L\nwitness a W\nwitness b V\ngroup g 2 a b\nquorum g\n"))
    assert found.groups == {b"g": policy.Group(2, (b"a", b"b"))}
    assert found.quorum == b"g"


def test_comments_tabs_empty_lines_and_addresses_are_allowed_in_a_policy():
    text = f"# ours\n\n\tlog\t{note.vkey(LOG_KEY)} https://acme.example/log/acme/ \n  # end\nquorum none\n"
    assert policy.parse(text.encode()).logs == (LOG_KEY,)


@given(st.dates(), st.binary(min_size=32, max_size=32), st.none() | st.binary(min_size=32, max_size=32))
def test_a_leaf_is_read_as_it_was_written(day, body, label):
    made = leaf.Leaf("acme", None if label else "counts", label, day, body)
    assert leaf.parse(leaf.build(made)) == made


@given(st.binary())
def test_any_bytes_are_read_or_refused_by_every_reader_of_the_log(noise):
    head = b"c2sp.org/tlog-proof@v1\n"
    for parse in (note.parse, checkpoint.parse, policy.parse, leaf.parse, receipt.parse):
        for data in (
            noise,
            head + noise,
            b"answerable/event/v1\n" + noise,
            noise + b"\n\n\xe2\x80\x94 a YWFhYWE=\n",
        ):
            with suppress(ProtocolError):
                parse(data)


@given(st.text())
def test_any_text_is_a_verifier_key_or_refused(noise):
    with suppress(Unreadable):
        assert note.vkey(note.parse_vkey(noise)) == noise


@settings(deadline=None)
@given(st.integers(0), st.binary(min_size=1, max_size=3))
def test_any_bytes_in_the_middle_of_a_receipt_are_an_error_of_ours_or_change_nothing(make, place, noise):
    good = make.example_receipt("report.received", make.received_payload(), 5, 11)
    trusted = policy.parse(make.policies()["none"].encode())
    place %= len(good)
    data = good[:place] + noise + good[place:]
    with suppress(ProtocolError):
        proven = receipt.verify(receipt.parse(data), trusted).receipt
        assert (proven.payload, proven.index) == (make.received_payload(), 5)


def test_a_receipt_with_any_one_byte_changed_proves_nothing(make):
    good = make.example_receipt("report.received", make.received_payload(), 5, 11, ("union", "court"))
    trusted = policy.parse(make.policies()["two of three"].encode())
    receipt.verify(receipt.parse(good), trusted)
    for place in range(len(good)):
        for change in (0x01, 0x02, 0x20, 0x80):
            data = bytearray(good)
            data[place] ^= change
            with pytest.raises(ProtocolError):
                print(place, change, receipt.verify(receipt.parse(bytes(data)), trusted))


def test_a_receipt_cut_anywhere_proves_nothing(make):
    good = make.example_receipt("report.received", make.received_payload(), 5, 11)
    trusted = policy.parse(make.policies()["none"].encode())
    for end in range(len(good)):
        with pytest.raises(ProtocolError):
            print(end, receipt.verify(receipt.parse(good[:end]), trusted))


def test_a_receipt_can_not_pass_as_another_type_of_event(make):
    payload, nonce = b"{}", bytes(32)
    for kind, said in (
        ("message", "status"),
        ("message", "counts"),
        ("counts", "message"),
        ("counts", "roster.updated"),
    ):
        label = None if kind in leaf.PUBLIC_TYPES else bytes(32)
        data = leaf.build(
            leaf.Leaf(
                "acme",
                None if label else kind,
                label,
                date(2026, 3, 9),
                leaf.commitment(kind, nonce, payload),
            )
        )
        proof, root = make.log_with(data, 0, 1)
        made = receipt.make(
            leaf=data,
            type=said,
            nonce=nonce,
            payload=payload,
            index=0,
            proof=proof,
            checkpoint=signed(1, root),
        )
        with pytest.raises(NotProven):
            receipt.verify(receipt.parse(made), policy.parse(policy.text([LOG_KEY]).encode()))


def test_a_leaf_that_names_one_public_type_and_commits_to_another_is_refused(make):
    nonce = bytes(32)
    body = leaf.commitment("roster.updated", nonce, b"{}")
    for kind, label in (("counts", None), (None, bytes(32))):
        data = leaf.build(leaf.Leaf("acme", kind, label, date(2026, 3, 9), body))
        proof, root = make.log_with(data, 0, 1)
        made = receipt.make(
            leaf=data,
            type="roster.updated",
            nonce=nonce,
            payload=b"{}",
            index=0,
            proof=proof,
            checkpoint=signed(1, root),
        )
        with pytest.raises(NotProven):
            receipt.verify(receipt.parse(made), policy.parse(policy.text([LOG_KEY]).encode()))


def test_a_witness_without_a_clock_gives_no_time():
    line = cosignature.cosign(checkpoint.text(ORIGIN, 1, bytes(32)), "a.example", WITNESSES["a"], 0)
    trusted = policy.parse(policy.text([LOG_KEY], WITNESS_KEYS, 1).encode())
    (found,) = trusted.believe(checkpoint.parse(signed() + line.encode())).cosignatures
    assert found.at() is None
    assert cosignature.Cosignature(found.key, (1 << 63) - 1).at() is None

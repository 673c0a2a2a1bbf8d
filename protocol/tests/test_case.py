"""Manifests, messages, panels, rosters, sign-ins, work: what is signed is what is checked, and nothing else passes."""

import json
from contextlib import suppress
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from answerable_protocol import ed25519, login, manifest, message, note, panel, roster, words
from answerable_protocol import pow as work
from answerable_protocol.encoding import canonical, id_text, sha256
from answerable_protocol.errors import (
    BadEnvelope,
    BadSize,
    InvalidSignature,
    NotProven,
    ProtocolError,
    Unreadable,
)

KEY = ed25519.Signer(b"k" * 32)
CASE = bytes(range(16))
HEADER = message.Header(
    "acme", CASE, id_text(bytes(16)), "answer", ("own-acknowledged",), 3, b"p" * 32, b"f" * 32
)
CHANGE = panel.PanelChange("acme", CASE, [id_text(bytes(16)), id_text(b"x" * 16)], 2, b"k" * 32)


@given(st.binary())
def test_any_bytes_are_read_or_refused_by_every_reader_of_a_case(noise):
    for parse in (manifest.parse, manifest.parse_record, roster.parse):
        for data in (noise, b'{"v":1,"org":"acme",' + noise):
            with suppress(ProtocolError):
                parse(data)
    for data in (noise, b"answerable/roster/v1\nacme\n0\n-\n" + noise + b"\n"):
        with suppress(ProtocolError):
            roster.parse_text(data.decode("utf-8", "surrogateescape"))


@given(st.data())
def test_a_manifest_with_any_member_replaced_by_anything_is_read_or_refused(make, data):
    members = json.loads(make.example_manifest())
    name = data.draw(st.sampled_from(sorted(members)))
    scalar = st.none() | st.booleans() | st.integers(-5, 2**53 - 1) | st.text(max_size=50)
    members[name] = data.draw(
        st.recursive(scalar, lambda inner: st.lists(inner) | st.dictionaries(st.just("a"), inner))
    )
    with suppress(ProtocolError):
        manifest.parse(canonical(members))


@given(st.integers(0), st.integers(1, 255))
def test_a_manifest_with_any_byte_changed_is_refused(make, place, change):
    good = make.example_manifest()
    signature = ed25519.sign(make.seed("case key"), manifest.signing_bytes(good))
    assert manifest.verify(good, signature).data == good
    data = bytearray(good)
    data[place % len(good)] ^= change
    with pytest.raises(ProtocolError):
        manifest.verify(bytes(data), signature)


def test_members_that_a_manifest_does_not_know_are_ignored_but_signed(make):
    good = make.example_manifest()
    more = canonical(json.loads(good) | {"later": [1]})
    assert manifest.parse(more).report == manifest.parse(good).report
    assert manifest.signing_bytes(more) != manifest.signing_bytes(good)


def test_files_are_those_of_the_manifest_and_sealed_to_as_many_as_it_names(make):
    report, keys, identity = make.hybrid_file(1, 4096), make.hybrid_file(4, 4096), make.hybrid_file(2, 4096)
    external = id_text(make.seed("external", 16))

    def check(report=report, keys=keys, identity=identity, externals=(external,), **named):
        names = {"report": report, "keys": keys, "identity": identity} | named
        hashes = {name: None if data is None else sha256(data) for name, data in names.items()}
        made = manifest.parse(make.example_manifest(**hashes))
        return manifest.check_files(made, report=report, keys=keys, identity=identity, externals=externals)

    check()
    check(identity=None)
    with pytest.raises(NotProven):
        check(externals=())
    for wrong in (
        {"keys": make.hybrid_file(3, 4096)},
        {"identity": make.hybrid_file(1, 4096)},
        {"report": keys},
    ):
        with pytest.raises(BadEnvelope):
            check(**wrong)
    with pytest.raises(BadSize):
        check(report=report + b"\0")
    made = manifest.parse(make.example_manifest())
    with pytest.raises(NotProven):
        manifest.check_files(made, report=report + b"\0", keys=keys, identity=None, externals=(external,))
    with pytest.raises(NotProven):
        manifest.check_files(made, report=report, keys=keys, identity=identity, externals=(external,))


@pytest.mark.parametrize(
    "change",
    [
        {"org": "other"},
        {"case": bytes(16)},
        {"author": "reporter"},
        {"author": id_text(b"y" * 16)},
        {"kind": "text"},
        {"promises": ()},
        {"promises": ("own-owner",)},
        {"n": 4},
        {"prev": b""},
        {"sealed": b"g" * 32},
    ],
)
def test_a_signed_message_can_not_be_put_anywhere_else(change):
    signature = KEY.sign(message.signing_bytes(HEADER))
    assert message.verify(HEADER, signature, KEY.public) == HEADER
    with pytest.raises(InvalidSignature):
        message.verify(replace(HEADER, **change), signature, KEY.public)


@pytest.mark.parametrize(
    "change",
    [
        {"org": "ACME"}, {"case": b"short"}, {"author": "someone"}, {"author": "A" * 21 + "B"}, {"kind": "shout"},
        {"promises": ("a b",)}, {"promises": ("a", "a")}, {"promises": ("a" * 65,)},
        {"promises": tuple("abcdefghijklmnopqrstuvwxyz0123456789")},
        {"n": -1}, {"n": 1 << 32}, {"n": True}, {"prev": b"x"}, {"sealed": b""},
    ],
)  # fmt: skip
def test_what_is_no_message_is_refused_before_anyone_signs(change):
    with pytest.raises(Unreadable):
        replace(HEADER, **change)


@pytest.mark.parametrize(
    "change",
    [
        {"org": "other"},
        {"case": bytes(16)},
        {"panel": [id_text(bytes(16))]},
        {"epoch": 3},
        {"keys": b"l" * 32},
    ],
)
def test_a_signed_panel_change_can_not_be_put_anywhere_else(change):
    signature = KEY.sign(panel.signing_bytes(CHANGE))
    assert panel.verify(CHANGE, signature, KEY.public) == CHANGE
    with pytest.raises(InvalidSignature):
        panel.verify(replace(CHANGE, **change), signature, KEY.public)


@pytest.mark.parametrize(
    "change",
    [{"panel": []}, {"panel": ["x"]}, {"panel": [id_text(bytes(16))] * 2}, {"epoch": -1}, {"keys": b""}],
)
def test_what_is_no_panel_change_is_refused(change):
    with pytest.raises(Unreadable):
        replace(CHANGE, **change)


def test_a_sign_in_is_for_one_site_one_case_and_one_nonce():
    parts = ("https://acme.example", "acme", CASE, b"n" * 32)
    signature = KEY.sign(login.signing_bytes(*parts))
    assert login.verify(*parts, signature=signature, public=KEY.public) == CASE
    for place, other in enumerate(("https://acme.example.evil.example", "acmf", bytes(16), b"m" * 32)):
        changed = (*parts[:place], other, *parts[place + 1 :])
        with pytest.raises(InvalidSignature):
            login.verify(*changed, signature=signature, public=KEY.public)
    for place, other in ((1, "A B"), (2, b""), (3, b"")):
        with pytest.raises(Unreadable):
            login.signing_bytes(*(*parts[:place], other, *parts[place + 1 :]))


def test_work_not_done_is_refused():
    counter = work.solve(b"challenge", 10)
    assert work.check(b"challenge", counter, 10) == counter
    with pytest.raises(NotProven):
        work.check(b"another one", counter, 24)
    for wrong, bits in ((-1, 0), (1 << 64, 0), (0, -1), (0, 65)):
        with pytest.raises(Unreadable):
            work.check(b"challenge", wrong, bits)


def member(make, word, role):
    return make.member(word, role, "某人", "Duty", "职责")


def sign(make, text, *who):
    return make.roster_note(text, who)


def test_overseers_sign_nothing_and_have_no_key(make):
    people = [member(make, "lead", "lead"), member(make, "board", "overseer")]
    text = roster.text("acme", 0, None, people)
    first = roster.verify_first(sign(make, text, "lead"), make.ORIGIN)
    assert [each.id for each in first.handlers()] == [id_text(make.seed("lead", 16))]
    for broken in (
        replace(people[1], sign=people[0].sign, recipient=people[0].recipient),
        replace(people[0], sign=None, recipient=None),
        replace(people[0], sign=None),
    ):
        with pytest.raises(Unreadable):
            roster.text("acme", 0, None, [people[0], replace(broken, id=people[1].id)])


def test_without_an_external_member_two_handlers_are_enough_and_one_is_not(make):
    people = [member(make, word, "handler") for word in ("one", "two", "three")]
    text = roster.text("acme", 0, None, people)
    first = sign(make, text, "one", "two", "three")
    second = roster.text("acme", 1, sha256(text.encode()), people[:2])
    assert roster.verify_chain([first, sign(make, second, "one", "three")], make.ORIGIN)[-1].number == 1
    for who in (("one",), ("one", "one")):
        with pytest.raises(NotProven):
            roster.verify_chain([first, sign(make, second, *who)], make.ORIGIN)


def test_a_roster_of_another_organisation_or_after_another_text_does_not_follow(make):
    people = [member(make, word, "handler") for word in ("one", "two")]
    text = roster.text("acme", 0, None, people)
    first = sign(make, text, "one", "two")
    for org, number, previous in (
        ("other", 1, sha256(text.encode())),
        ("acme", 1, bytes(32)),
        ("acme", 2, sha256(text.encode())),
    ):
        after = sign(make, roster.text(org, number, previous, people), "one", "two")
        with pytest.raises(NotProven):
            roster.verify_chain([first, after], make.ORIGIN)
    with pytest.raises(NotProven):
        roster.verify_chain([], make.ORIGIN)


def test_a_roster_with_a_wrong_signature_is_refused_even_if_enough_others_are_right(make):
    people = [member(make, word, "handler") for word in ("one", "two", "three")]
    text = roster.text("acme", 0, None, people)
    first = sign(make, text, "one", "two", "three")
    after = roster.text("acme", 1, sha256(text.encode()), people)
    wrong = note.signature_line(
        f"{make.ORIGIN}/handler/{people[2].id}",
        note.Key(f"{make.ORIGIN}/handler/{people[2].id}", note.ED25519, people[2].sign).id,
        bytes(64),
    )
    with pytest.raises(InvalidSignature):
        roster.verify_chain([first, sign(make, after, "one", "two") + wrong.encode()], make.ORIGIN)


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("/v1", "/v2"),
        lambda text: text.replace("\n0\n", "\n00\n"),
        lambda text: text.replace("\n0\n-\n", "\n1\n-\n"),
        lambda text: text.replace("\n-\n", "\n\n"),
        lambda text: text + text.split("\n")[4] + "\n",
        lambda text: text + "\n",
        lambda text: text[:-1],
        lambda text: "\n".join(text.split("\n")[:4]) + "\n",
        lambda text: text.replace("age1pq1", "age1"),
        lambda text: text.replace('"lead"', '"chief"'),
        lambda text: text.replace("2026-03-01", "2026-03-01T00:00:00Z"),
        lambda text: text.replace('["en","zh"]', '"en"'),
    ],
)
def test_what_is_no_roster_is_refused(make, change):
    text = roster.text("acme", 0, None, [member(make, "lead", "lead")])
    assert roster.parse_text(text).members[0].since == date(2026, 3, 1)
    with pytest.raises(Unreadable):
        roster.parse_text(change(text))


def test_the_word_lists_are_the_published_ones_and_a_fingerprint_is_its_first_88_bits():
    assert sha256("".join(f"{word}\n" for word in words.english()).encode()).hex() == words.ENGLISH_SHA256
    assert sha256("".join(f"{word}\n" for word in words.chinese()).encode()).hex() == words.CHINESE_SHA256
    assert words.fingerprint_words(bytes(32)) == ("abandon",) * 8
    assert words.fingerprint_words(bytes(32), 2, words.chinese()) == ("的", "的")
    assert words.fingerprint_words(b"\xff" * 32) == ("zoo",) * 8
    # The entropy and words of BIP-39's own test vectors: 11 of 12 words need no checksum.
    entropy = bytes.fromhex("9e885d952ad362caeb4efe34a8e91bd2")
    expected = [
        "ozone",
        "drill",
        "grab",
        "fiber",
        "curtain",
        "grace",
        "pudding",
        "thank",
        "cruise",
        "elder",
        "eight",
    ]
    assert list(words.fingerprint_words(entropy, 11)) == expected
    assert words.fingerprint_words(b"\xff" * 32, 1, [str(n) for n in range(2048)]) == ("2047",)
    for digest, count, listed in ((b"", 1, None), (bytes(32), 8, ["a"]), (bytes(10), 8, None)):
        with pytest.raises(Unreadable):
            words.fingerprint_words(digest, count, listed)

"""A sealed file is canonical age, for exactly the recipients said, and tells a size step and nothing more."""

import base64
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from answerable_protocol import recipient, sealed
from answerable_protocol.errors import BadEnvelope, BadSize, NotProven, ProtocolError, Unreadable

CASE = bytes(16)
# Files of C2SP's test kit whose form is right; that nobody can open some of them does not show from outside.
WELL_FORMED = {
    "hybrid",
    "hybrid_bad_tag",
    "hybrid_currupted_enc_mlkem",
    "hybrid_currupted_enc_x25519",
    "hybrid_identity",
    "hybrid_low_order",
    "hybrid_no_match",
}


def test_published_files_have_the_right_form_or_not(vectors):
    seen = set()
    for case in vectors("cctv_age.json")["cases"]:
        data = base64.b64decode(case["file"])
        with pytest.raises(BadEnvelope) as refusal:
            sealed.check(data, "report", 1)
        # None of these plaintexts is padded, so those of the right form are refused for their size alone.
        assert (refusal.type is BadSize) == (case["name"] in WELL_FORMED), case["name"]
        seen.add(case["name"])
    assert seen > WELL_FORMED


def test_a_header_alone_is_enough_for_a_large_attachment(make):
    data = make.hybrid_file(1, 65536)
    head = data[: sealed.header_length(1)]
    total = sealed.file_size(sealed.padded_size("attachment", 209_715_200), 1)
    assert sealed.check(head, "attachment", 1, total).plaintext_length >= 209_715_200
    for wrong in (total - 1, total + 1, len(head), len(head) - 1, len(head) + 16, 1 << 60, -1):
        with pytest.raises(BadEnvelope):
            sealed.check(head, "attachment", 1, wrong)


@given(st.integers(1, 6), st.integers(0), st.integers(1, 255))
def test_any_change_of_a_header_is_seen_or_gives_another_canonical_header(make, recipients, place, change):
    data = bytearray(make.hybrid_file(recipients, 4096))
    place %= sealed.header_length(recipients)
    data[place] ^= change
    with suppress(BadEnvelope):
        sealed.check(bytes(data), "keys", recipients)
        assert chr(data[place]) in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


@given(st.binary(max_size=200), st.integers(-5, 40))
def test_any_bytes_are_refused_as_an_envelope(noise, recipients):
    with pytest.raises(BadEnvelope):
        sealed.check(b"age-encryption.org/v1\n" + noise, "report", recipients)
    with pytest.raises(BadEnvelope):
        sealed.check(noise, "report", recipients)


@given(st.integers(0, 1 << 34))
def test_chunks_are_counted_alike_both_ways(length):
    file = sealed.file_size(length, 1)
    if length:
        assert sealed.plaintext_size(file - sealed.header_length(1)) == length


@given(st.integers(-100, 200_000))
def test_every_payload_length_is_that_of_one_plaintext_or_refused(length):
    with suppress(BadEnvelope):
        size = sealed.plaintext_size(length)
        assert sealed.file_size(size, 1) - sealed.header_length(1) == length


@given(st.integers(2, 1 << 40))
def test_padme_adds_at_most_an_eighth_and_is_reached_at_once(length):
    size = sealed.padme(length)
    exponent = length.bit_length() - 1
    step = 1 << (exponent - exponent.bit_length())
    assert size == (length + step - 1) // step * step  # the formula of the protocol page
    assert length <= size <= length + length // 8 + 1
    assert sealed.padme(size) == size


@given(st.binary(max_size=20_000), st.sampled_from(sealed.PURPOSES))
def test_a_plaintext_opens_only_as_what_it_was_sealed_for(payload, purpose):
    data = sealed.plaintext(purpose, "acme", CASE, payload)
    assert sealed.is_size(purpose, len(data))
    assert sealed.open_plaintext(purpose, "acme", CASE, data) == payload
    other = "note" if purpose != "note" else "report"
    for parts in ((other, "acme", CASE), (purpose, "acm", CASE), (purpose, "acme", b"\1" * 16)):
        with pytest.raises(NotProven):
            sealed.open_plaintext(*parts, data)
    for wrong in (data[:-1], data + b"\0", data[:-1] + b"\1"):
        with pytest.raises(Unreadable):
            sealed.open_plaintext(purpose, "acme", CASE, wrong)


@given(st.binary())
def test_any_bytes_open_or_are_refused(noise):
    opening = sealed.plaintext("report", "acme", CASE, b"")[:60]
    for data in (noise, opening[:41] + noise, opening + noise):
        with suppress(ProtocolError):
            sealed.open_plaintext("report", "acme", CASE, data)


@given(
    st.binary(min_size=1216, max_size=1216),
    st.integers(0, 1958),
    st.sampled_from("qpzry9x8gf2tvdw0s3jn54khce6mua7lb1A"),
)
def test_a_recipient_with_a_letter_changed_is_refused(key, place, letter):
    text = recipient.encode(key)
    assert recipient.check(text) == text
    changed = text[:place] + letter + text[place + 1 :]
    if changed != text:
        with pytest.raises(Unreadable):
            recipient.check(changed)


@given(st.text())
def test_any_text_is_refused_as_a_recipient(noise):
    for text in (noise, "age1pq1" + noise, "age1pq1" + noise.ljust(1952, "q")):
        with pytest.raises(Unreadable):
            recipient.check(text)


def test_a_file_whose_last_chunk_is_empty_is_refused(make):
    head = make.hybrid_file(1, 65536)[: sealed.header_length(1)]
    whole = sealed.file_size(65536, 1)
    assert sealed.check(head, "attachment", 1, whole).plaintext_length == 65536
    with pytest.raises(BadEnvelope):
        sealed.check(head, "attachment", 1, whole + 16)

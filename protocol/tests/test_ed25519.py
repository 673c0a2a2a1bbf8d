"""Python and the browser accept the same signatures."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from answerable_protocol import ed25519
from answerable_protocol.errors import InvalidSignature, Unreadable

# RFC 8032, 7.1, tests 1 to 3: seed, public key, message, signature.
RFC_8032 = [
    (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
]


@pytest.mark.parametrize(("seed", "public", "message", "signature"), RFC_8032)
def test_keys_and_signatures_are_those_of_rfc_8032(seed, public, message, signature):
    seed, public, message, signature = map(bytes.fromhex, (seed, public, message, signature))
    assert ed25519.public_key(seed) == public
    assert ed25519.sign(seed, message) == signature
    assert ed25519.verify(public, signature, message) == message


def test_edge_cases_are_accepted_exactly_where_the_strict_equation_without_cofactor_holds(vectors):
    refused = {"low_order_A", "non_canonical_A", "non_canonical_R", "low_order_residue"}
    accepted = 0
    cases = vectors("cctv_ed25519.json")["cases"]
    assert len(cases) == 914
    for case in cases:
        parts = bytes.fromhex(case["key"]), bytes.fromhex(case["sig"]), case["msg"].encode()
        if refused & set(case["flags"] or []):
            with pytest.raises(InvalidSignature):
                print(case["number"], ed25519.verify(*parts))
        else:
            accepted += 1
            ed25519.verify(*parts)
    assert accepted > 50


@given(st.binary(max_size=40), st.binary(max_size=70), st.binary(max_size=10))
def test_any_bytes_are_a_signature_or_refused(public, signature, message):
    for key, signed in ((public, signature), (public.ljust(32, b"\1")[:32], signature.ljust(64, b"\1")[:64])):
        with pytest.raises(InvalidSignature):
            ed25519.verify(key, signed, message)


@given(st.integers(0, 511), st.binary(max_size=100))
def test_a_signature_with_one_bit_changed_is_refused(bit, message):
    signer = ed25519.Signer(b"s" * 32)
    signature = bytearray(signer.sign(message))
    signature[bit // 8] ^= 1 << bit % 8
    with pytest.raises(InvalidSignature):
        ed25519.verify(signer.public, bytes(signature), message)


def test_a_seed_of_another_length_is_refused():
    with pytest.raises(Unreadable):
        ed25519.Signer(b"short")

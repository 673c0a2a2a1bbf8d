"""Proofs: those of others, good and bad; and tiles give what plain lists give."""

import hashlib
import random
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from answerable_protocol import merkle, tiles
from answerable_protocol.encoding import base64_decode
from answerable_protocol.errors import InvalidProof, ProtocolError, Unreadable

HASHES = [hashlib.sha256(str(n).encode()).digest() for n in range(70_000)]


def b(text):
    return base64_decode(text or "")


def test_published_proofs_are_judged_as_their_authors_say(vectors):
    cases = vectors("rfc6962_proofs.json")
    assert len(cases) == 96
    for case in cases:
        proof = [b(each) for each in case["proof"] or []]

        def check(case=case, proof=proof):
            if "leafHash" in case:
                parts = b(case["leafHash"]), case["leafIdx"], case["treeSize"], proof, b(case["root"])
                return merkle.verify_inclusion(*parts)
            parts = case["size1"], case["size2"], b(case["root1"]), b(case["root2"]), proof
            return merkle.verify_consistency(*parts)

        if case["wantErr"]:
            with pytest.raises(InvalidProof):
                print(case["_file"], check())
        else:
            assert check()


def test_the_empty_tree_and_the_first_leaf_have_the_hashes_of_rfc_6962():
    assert merkle.root([]).hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert merkle.leaf_hash(b"").hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"


@given(st.integers(1, 200), st.data())
def test_every_proof_of_a_small_tree_holds_and_no_other_leaf_has_it(size, data):
    index = data.draw(st.integers(0, size - 1))
    hashes = HASHES[:size]
    proof = merkle.inclusion_proof(index, hashes)
    root = merkle.root(hashes)
    assert merkle.verify_inclusion(hashes[index], index, size, proof, root) == hashes[index]
    with pytest.raises(InvalidProof):
        merkle.verify_inclusion(HASHES[size], index, size, proof, root)
    with pytest.raises(InvalidProof):
        merkle.verify_inclusion(hashes[index], index, size, [*proof, root], root)
    older = merkle.root(hashes[: index + 1])
    consistent = merkle.consistency_proof(index + 1, hashes)
    assert merkle.verify_consistency(index + 1, size, older, root, consistent) == root


class Shelf:
    """A log's storage: full tiles, and the tail for partial ones."""

    def __init__(self):
        self.tail = tiles.Tail()
        self.full = {}

    def append(self, hashes):
        for tile in self.tail.append(hashes):
            self.full[tile.level, tile.index] = tile.data

    def source(self, level, index, _width):
        return self.full.get((level, index)) or self.tail.partial(level)


def test_tiles_give_the_same_roots_and_proofs_as_lists():
    shelf = Shelf()
    for size in range(1, 530):
        shelf.append(HASHES[size - 1 : size])
        hashes = HASHES[:size]
        prover = tiles.Prover(size, shelf.source)
        assert shelf.tail.root() == prover.root() == merkle.root(hashes)
        assert shelf.tail.prove(size - 1) == merkle.inclusion_proof(size - 1, hashes)
        for index in random.Random(size).sample(range(size), min(size, 4)):
            assert prover.inclusion(index) == merkle.inclusion_proof(index, hashes)
            assert prover.consistency(index + 1) == merkle.consistency_proof(index + 1, hashes)
        if size % 37 == 0 or size % 256 < 2:
            assert tiles.Tail.load(size, shelf.tail.dump()).root() == shelf.tail.root()
            assert tiles.Tail.read(size, shelf.source).dump() == shelf.tail.dump()


@pytest.mark.parametrize("batch", [1, 7, 255, 256, 257, 4096, 70_000])
def test_batches_of_any_size_make_the_same_log(batch):
    shelf = Shelf()
    size = 1000 if batch == 1 else len(HASHES)
    for start in range(0, size, batch):
        end = min(start + batch, size)
        shelf.append(HASHES[start:end])
        root = shelf.tail.root()
        for index in {start, end - 1, (start + end) // 2 if end - start > 1 else start}:
            merkle.verify_inclusion(HASHES[index], index, end, shelf.tail.prove(index), root)
    assert root == merkle.root(HASHES[:size])
    expected = {(each.level, each.index) for each in tiles.tiles_at(size) if each.width == 256}
    assert shelf.full.keys() == expected


def test_a_new_log_from_the_tail_of_an_old_one_goes_on_as_the_old_one_would():
    whole, half = Shelf(), Shelf()
    whole.append(HASHES[:66_000])
    half.append(HASHES[:300])
    half.tail = tiles.Tail.load(300, half.tail.dump())
    half.append(HASHES[300:66_000])
    assert half.tail.root() == whole.tail.root()
    assert half.full == whole.full


def test_a_copy_of_the_tail_grows_alone():
    tail = tiles.Tail()
    tail.append(HASHES[:255])
    before = tail.root()
    other = tail.copy()
    assert len(other.append(HASHES[255:300])) == 1
    assert tail.root() == before
    assert tail.append(HASHES[255:300])
    assert tail.root() == other.root()


def test_the_tail_proves_only_what_it_holds():
    tail = tiles.Tail()
    tail.append(HASHES[:256])
    merkle.verify_inclusion(HASHES[3], 3, 256, tail.prove(3), tail.root())
    tail.append(HASHES[256:257])
    for index in (3, 257, -1):
        with pytest.raises(InvalidProof):
            tail.prove(index)


def test_a_tail_of_another_size_or_with_a_short_hash_is_refused():
    tail = tiles.Tail()
    tail.append(HASHES[:5])
    with pytest.raises(Unreadable):
        tail.append([b"short"])
    assert tail.size == 5
    for size in (4, 6, 256, 0, -1):
        with pytest.raises(Unreadable):
            tiles.Tail.load(size, tail.dump())


def test_a_tile_shorter_than_the_tree_says_is_refused():
    with pytest.raises(Unreadable):
        tiles.Prover(300, lambda *_: b"\0" * 32)
    for broken in (b"", b"\0" * 8193, b"\0" * 8224):
        with pytest.raises(Unreadable):
            tiles.Prover(256, lambda *_, broken=broken: broken).inclusion(0)


def test_a_partial_tile_is_read_again_when_the_tree_has_grown():
    shelf = Shelf()
    shelf.append(HASHES[:10])
    cache = tiles.TileCache(shelf.source, 2)
    tiles.Prover(10, cache).inclusion(9)
    shelf.append(HASHES[10:700])
    assert tiles.Prover(700, cache).inclusion(9) == merkle.inclusion_proof(9, HASHES[:700])


def test_the_example_of_the_tile_specification_has_its_tiles():
    found = list(tiles.tiles_at(70_000))
    assert sum(each.level == 0 and each.width == 256 for each in found) == 273
    partial = {(each.level, each.width) for each in found if each.width < 256}
    assert partial == {(0, 112), (1, 17), (2, 1)}
    assert [(each.level, each.width) for each in tiles.tiles_at(256)] == [(0, 256), (1, 1)]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("tile/0/x001/x234/067", (0, 1234067, 256)),
        ("tile/1/000.p/5", (1, 0, 5)),
        ("tile/entries/x001/000", (None, 1000, 256)),
        ("tile/63/999.p/255", (63, 999, 255)),
    ],
)
def test_a_tile_has_one_path(path, expected):
    found = tiles.parse_path(path)
    assert (found.level, found.index, found.width) == expected
    if found.level is None:
        assert tiles.entries_path(found.index, found.width) == path
    else:
        assert tiles.tile_path(found.level, found.index, found.width) == path


@pytest.mark.parametrize(
    "path",
    [
        "tile/00/000", "tile/64/000", "tile/0/00", "tile/0/0000", "tile/0/x000/001", "tile/0/001/002", "tile/0/x001",
        "tile/0/000.p/0", "tile/0/000.p/256", "tile/0/000.p/01", "/tile/0/000", "tile/0/000/", "tile/-1/000",
        "tile/0/٠٠١", "tile/0/000\n", "tile/0/" + "x001/" * 40 + "001",
    ],
)  # fmt: skip
def test_another_spelling_of_a_path_is_refused(path):
    with pytest.raises(Unreadable):
        tiles.parse_path(path)


@given(st.lists(st.binary(max_size=70), max_size=256))
def test_a_bundle_gives_its_leaves_back(leaves):
    assert tiles.parse_bundle(tiles.bundle(leaves)) == leaves


@given(st.binary())
def test_any_bytes_are_a_bundle_or_refused(noise):
    try:
        assert tiles.bundle(tiles.parse_bundle(noise)) == noise
    except ProtocolError:
        assert noise


@given(st.text())
def test_any_text_is_a_path_or_refused(noise):
    for text in (noise, "tile/" + noise, "tile/0/" + noise):
        try:
            found = tiles.parse_path(text)
        except Unreadable:
            continue
        assert (
            tiles.tile_path(found.level or 0, found.index, found.width).split("/")[2:] == text.split("/")[2:]
        )


def test_a_cache_of_tiles_serves_several_threads_and_keeps_no_more_than_it_may():
    shelf = Shelf()
    shelf.append(HASHES[:5000])
    cache = tiles.TileCache(shelf.source, 3)
    root = shelf.tail.root()

    def prove(seed):
        for index in random.Random(seed).choices(range(5000), k=150):
            merkle.verify_inclusion(
                HASHES[index], index, 5000, tiles.Prover(5000, cache).inclusion(index), root
            )
        return True

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(prove, range(4)))
    assert len(cache._kept) <= 3

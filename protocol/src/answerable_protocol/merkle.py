"""Merkle trees of RFC 6962: hashes, and proofs verified as in RFC 9162, 2.1.

Proof makers over plain lists are here for small trees and tests; a log uses `tiles`.
"""

from collections.abc import Sequence
from hashlib import sha256 as _sha256

from answerable_protocol.errors import InvalidProof

__all__ = [
    "EMPTY_ROOT",
    "consistency_proof",
    "inclusion_proof",
    "leaf_hash",
    "node_hash",
    "root",
    "root_from_inclusion",
    "verify_consistency",
    "verify_inclusion",
]

EMPTY_ROOT = _sha256(b"").digest()


def leaf_hash(leaf: bytes) -> bytes:
    """SHA-256(0x00 || leaf)."""
    return _sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01 || left || right)."""
    return _sha256(b"\x01" + left + right).digest()


def root(hashes: Sequence[bytes]) -> bytes:
    """The root over leaf hashes, in order; of no leaves, SHA-256 of nothing."""
    if not hashes:
        return EMPTY_ROOT
    row = list(hashes)
    while len(row) > 1:
        odd = row[
            len(row) & ~1 :
        ]  # the last of an odd row moves up unhashed: RFC 6962 splits at powers of two
        row = [node_hash(row[i], row[i + 1]) for i in range(0, len(row) - 1, 2)] + odd
    return row[0]


def inclusion_proof(index: int, hashes: Sequence[bytes]) -> list[bytes]:
    """The proof that leaf `index` is in the tree over `hashes`. Raises InvalidProof for an index outside it."""
    if not 0 <= index < len(hashes):
        raise InvalidProof("the tree has no leaf of that index")
    proof: list[bytes] = []
    row = list(hashes)
    while len(row) > 1:
        if index ^ 1 < len(row):
            proof.append(row[index ^ 1])
        odd = row[len(row) & ~1 :]
        row = [node_hash(row[i], row[i + 1]) for i in range(0, len(row) - 1, 2)] + odd
        index >>= 1
    return proof


def consistency_proof(old: int, hashes: Sequence[bytes]) -> list[bytes]:
    """The proof that the tree over the first `old` hashes is a beginning of the tree over all of them."""
    if not 0 < old <= len(hashes):
        raise InvalidProof("there is no such older tree")

    def subproof(m: int, part: Sequence[bytes], whole: bool) -> list[bytes]:
        if m == len(part):
            return [] if whole else [root(part)]
        k = 1 << ((len(part) - 1).bit_length() - 1)
        if m <= k:
            return [*subproof(m, part[:k], whole), root(part[k:])]
        return [*subproof(m - k, part[k:], False), root(part[:k])]

    return subproof(old, hashes, True)


def _check_hashes(*hashes: bytes) -> None:
    for each in hashes:
        if len(each) != 32:
            raise InvalidProof("a hash in the proof is not 32 bytes long")


def root_from_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes]) -> bytes:
    """The root that `proof` leads to from the leaf *hash*. Raises InvalidProof if it can't be of that tree size."""
    _check_hashes(leaf, *proof)
    if not 0 <= index < size:
        raise InvalidProof("the index is not inside the tree")
    inner = (index ^ (size - 1)).bit_length()
    if len(proof) != inner + (index >> inner).bit_count():
        raise InvalidProof("the proof has the wrong number of hashes")
    node = leaf
    for level in range(inner):
        sibling = proof[level]
        node = node_hash(sibling, node) if index >> level & 1 else node_hash(node, sibling)
    for sibling in proof[inner:]:
        node = node_hash(sibling, node)
    return node


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bytes:
    """`leaf`, the leaf *hash*, if the proof leads from it to `root`. Raises InvalidProof otherwise."""
    if root_from_inclusion(leaf, index, size, proof) != root:
        raise InvalidProof("the proof does not lead to the root")
    return leaf


def verify_consistency(
    old_size: int, new_size: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]
) -> bytes:
    """`new_root`, if its tree begins with the old tree. Raises InvalidProof otherwise.

    From an empty tree there is nothing to prove, so that is refused.
    """
    _check_hashes(old_root, new_root, *proof)
    if not 0 < old_size <= new_size:
        raise InvalidProof("consistency is proven from a tree that has leaves to one at least as large")
    if old_size == new_size:
        if proof or old_root != new_root:
            raise InvalidProof("two trees of one size differ")
        return new_root
    start, rest = (old_root, proof) if old_size & (old_size - 1) == 0 else (proof[:1], proof[1:])
    if not isinstance(start, bytes):
        if not start:
            raise InvalidProof("the proof is empty")
        start = start[0]
    fn, sn = old_size - 1, new_size - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    old = new = start
    for each in rest:
        if sn == 0:
            raise InvalidProof("the proof has too many hashes")
        if fn & 1 or fn == sn:
            old, new = node_hash(each, old), node_hash(each, new)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            new = node_hash(new, each)
        fn, sn = fn >> 1, sn >> 1
    if sn or old != old_root or new != new_root:
        raise InvalidProof("the proof does not lead to both roots")
    return new_root

"""Logs as tiles (C2SP tlog-tiles): 256 hashes wide, 8 tree levels high.

A log keeps its full tiles and a `Tail`: the tiles at the right edge, not yet full. A partial tile is a beginning of
what the tail, or later the full tile, holds; it is never stored on its own.

    tail = Tail.load(size, stored)          # or Tail() for a new log
    full = tail.append(leaf_hashes)         # tiles that became full: store them, with tail.dump()
    tail.root(), tail.prove(tail.size - 1)  # of leaves just appended, without reading anything

    Prover(size, source).inclusion(index)   # of any leaf, from tiles

`source(level, index, width)` gives at least `width` hashes of that tile, joined.
"""

import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256

from answerable_protocol.errors import InvalidProof, Unreadable
from answerable_protocol.merkle import EMPTY_ROOT, node_hash

__all__ = [
    "HASH",
    "WIDTH",
    "Prover",
    "Source",
    "Tail",
    "Tile",
    "TileCache",
    "TilePath",
    "bundle",
    "entries_path",
    "parse_bundle",
    "parse_path",
    "tile_path",
    "tiles_at",
]

HEIGHT = 8
WIDTH = 256
HASH = 32
MOST_LEAVES = 1 << 62
Source = Callable[[int, int, int], bytes]
"""(level, index, width) -> the first `width` or more hashes of that tile, joined."""
_PATH = re.compile(r"tile/(entries|0|[1-9][0-9]?)/((?:x[0-9]{3}/)*)([0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?")


@dataclass(frozen=True, slots=True)
class Tile:
    """A full tile: its level, its index in the level, and its 256 hashes joined (8,192 bytes)."""

    level: int
    index: int
    data: bytes


@dataclass(frozen=True, slots=True)
class TilePath:
    """What a path asks for. `level` is None for an entry bundle; `width` is 256 for a full tile."""

    level: int | None
    index: int
    width: int


def _index_path(index: int) -> str:
    text = f"{index:03d}"
    text = text.zfill(-(-len(text) // 3) * 3)
    groups = [text[i : i + 3] for i in range(0, len(text), 3)]
    return "/".join([*("x" + each for each in groups[:-1]), groups[-1]])


def _suffix(width: int) -> str:
    return "" if width == WIDTH else f".p/{width}"


def tile_path(level: int, index: int, width: int = WIDTH) -> str:
    """Such as `tile/0/x001/x234/067.p/5`, below the log's prefix."""
    return f"tile/{level}/{_index_path(index)}{_suffix(width)}"


def entries_path(index: int, width: int = WIDTH) -> str:
    """Such as `tile/entries/x001/x234/067`, below the log's prefix."""
    return f"tile/entries/{_index_path(index)}{_suffix(width)}"


def parse_path(path: str) -> TilePath:
    """What `path` asks for. Raises Unreadable for all but the one spelling of each tile."""
    match = _PATH.fullmatch(path)
    if match is None or len(path) > 64:
        raise Unreadable("this is not the path of a tile")
    index = int(match[2].replace("x", "").replace("/", "") + match[3])
    tile = TilePath(None if match[1] == "entries" else int(match[1]), index, int(match[4] or WIDTH))
    if (tile.level or 0) > 63 or (match[4] and tile.width >= WIDTH) or _index_path(index) not in path:
        raise Unreadable("this is not the path of a tile")
    if match[2] and match[2].startswith("x000/"):
        raise Unreadable("the path of a tile has too many zeros")
    return tile


def tiles_at(size: int) -> Iterator[TilePath]:
    """Every hash tile of the tree of `size` leaves, partial ones at each level's end."""
    level = 0
    while size:
        for index in range(size // WIDTH):
            yield TilePath(level, index, WIDTH)
        if size % WIDTH:
            yield TilePath(level, size // WIDTH, size % WIDTH)
        size //= WIDTH
        level += 1


def bundle(leaves: Sequence[bytes]) -> bytes:
    """An entry bundle: each leaf with its length in two bytes before it. Raises Unreadable for too long a leaf."""
    if len(leaves) > WIDTH or any(len(leaf) > 0xFFFF for leaf in leaves):
        raise Unreadable("a bundle holds up to 256 leaves of up to 65,535 bytes")
    return b"".join(len(leaf).to_bytes(2, "big") + leaf for leaf in leaves)


def parse_bundle(data: bytes) -> list[bytes]:
    """The leaves of an entry bundle. Raises Unreadable if it ends in the middle of one, or holds over 256."""
    leaves: list[bytes] = []
    at = 0
    while at < len(data):
        end = at + 2 + int.from_bytes(data[at : at + 2], "big")
        if at + 2 > len(data) or end > len(data) or len(leaves) == WIDTH:
            raise Unreadable("this is not an entry bundle")
        leaves.append(data[at + 2 : end])
        at = end
    return leaves


_Rows = list[list[bytes]]
"""A tile with its inner hashes: rows[h][i] is the hash over 2^h of the tile's hashes."""


def _empty() -> _Rows:
    return [[] for _ in range(HEIGHT + 1)]


def _extend(rows: _Rows, hashes: Sequence[bytes]) -> None:
    """Put hashes at the end of a tile, and every inner hash that this completes."""
    rows[0].extend(hashes)
    for height in range(HEIGHT):
        row, above = rows[height], rows[height + 1]
        made, whole = len(above), len(row) >> 1
        if made == whole:
            return  # nothing above can be new
        above.extend([sha256(b"\x01" + row[i] + row[i + 1]).digest() for i in range(2 * made, 2 * whole, 2)])


def _rows(data: bytes) -> _Rows:
    rows = _empty()
    _extend(rows, [data[i : i + HASH] for i in range(0, len(data), HASH)])
    return rows


class TileCache:
    """Tiles with their inner hashes worked out, read through `source` and kept: the `most` used last.

    One full tile takes about 33 kB here, so 4,096 of them (1,048,576 leaves) take up to 135 MB. Tiles never change, so
    one cache serves provers of every size, and several threads.
    """

    def __init__(self, source: Source, most: int = 4096) -> None:
        self._source = source
        self._most = most
        self._kept: OrderedDict[tuple[int, int], _Rows] = OrderedDict()
        self._adding = threading.Lock()

    def rows(self, level: int, index: int, width: int) -> _Rows:
        """The tile's rows, with at least `width` hashes. Raises Unreadable if the source gives fewer."""
        key = (level, index)
        rows = self._kept.get(key)
        if rows is not None and len(rows[0]) >= width:
            try:  # noqa: SIM105 - suppress() would cost more than the look-up
                self._kept.move_to_end(key)
            except KeyError:
                pass  # another thread has just dropped it
            return rows
        data = self._source(level, index, width)
        if len(data) % HASH or not width * HASH <= len(data) <= WIDTH * HASH:
            raise Unreadable("a tile is shorter than the tree says")
        rows = _rows(data)  # whole before anyone sees it, never changed after
        with self._adding:  # two threads that add at once must drop two
            self._kept[key] = rows
            self._kept.move_to_end(key)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return rows


_GetRows = Callable[[int, int, int], _Rows]


def _node(get: _GetRows, level: int, index: int) -> bytes:
    """The hash over the 2^level leaves from index * 2^level on."""
    tile_level, height = divmod(level, HEIGHT)
    bits = HEIGHT - height
    place = index & ((1 << bits) - 1)
    return get(tile_level, index >> bits, (place + 1) << height)[height][place]


class Prover:
    """Proofs in the tree of `size` leaves, from tiles.

    `source` may be a TileCache that several provers share. What a source gives is not checked: compare `root()`
    with a signed checkpoint before handing out proofs made from tiles that somebody else keeps.
    """

    def __init__(self, size: int, source: Source | TileCache) -> None:
        self.size = size
        self._get = source.rows if isinstance(source, TileCache) else TileCache(source).rows
        # _ragged[k]: the hash over the leaves from ((size - 1) >> k) << k to the end, the only incomplete one at k.
        self._ragged: list[bytes] = []
        if not 0 <= size <= MOST_LEAVES:
            raise InvalidProof("a tree has no such size")
        if size:
            self._ragged = _ragged(size, self._get)

    def root(self) -> bytes:
        """The root of the tree."""
        return self._ragged[-1] if self._ragged else EMPTY_ROOT

    def inclusion(self, index: int) -> list[bytes]:
        """The proof that leaf `index` is in this tree. Raises InvalidProof for an index outside it."""
        return _inclusion(index, self.size, self._ragged, self._get)

    def consistency(self, old: int) -> list[bytes]:
        """The proof that the tree of `old` leaves is a beginning of this one. Raises InvalidProof for another size."""
        if not 0 < old <= self.size:
            raise InvalidProof("there is no such older tree")
        if old == self.size:
            return []
        # The older tree's last complete subtree on its right edge, then that subtree's path to the root.
        level = (old & -old).bit_length() - 1
        index = (old >> level) - 1
        start = [] if old & (old - 1) == 0 else [_node(self._get, level, index)]
        return start + _path(level, index, self.size, self._ragged, self._get)


def _ragged(size: int, get: _GetRows) -> list[bytes]:
    last = size - 1
    hashes = [_node(get, 0, last)]
    for level in range(last.bit_length()):
        here = hashes[-1]
        if last >> level & 1:
            here = node_hash(_node(get, level, (last >> level) ^ 1), here)
        hashes.append(here)
    return hashes


def _inclusion(index: int, size: int, ragged: Sequence[bytes], get: _GetRows) -> list[bytes]:
    if not 0 <= index < size:
        raise InvalidProof("the tree has no leaf of that index")
    return _path(0, index, size, ragged, get)


def _path(level: int, index: int, size: int, ragged: Sequence[bytes], get: _GetRows) -> list[bytes]:
    """The siblings from node (level, index), which is complete, up to the root."""
    proof = []
    last = size - 1
    top = last.bit_length()
    while level < top:
        sibling = index ^ 1
        end = last >> level
        if sibling < end or (sibling == end and index > sibling):
            tile_level, height = divmod(level, HEIGHT)  # _node, inlined: this loop is what a proof costs
            bits = HEIGHT - height
            place = sibling & ((1 << bits) - 1)
            proof.append(get(tile_level, sibling >> bits, (place + 1) << height)[height][place])
        elif sibling == end:
            proof.append(ragged[level])
        index >>= 1
        level += 1
    return proof


class Tail:
    """The growing right edge of a log: takes leaf hashes, gives tiles as they fill, roots, and proofs of new leaves.

    Kept in memory by the one writer. A writer that may fail appends to a `copy()` and takes that when it is durable.
    """

    def __init__(self) -> None:
        self.size = 0
        self._edge: list[_Rows] = []
        self._recent: dict[tuple[int, int], _Rows] = {}
        self._known: tuple[int, list[bytes]] = (0, [])

    @classmethod
    def load(cls, size: int, data: bytes) -> "Tail":
        """The tail of a log of `size` leaves from what `dump` gave. Raises Unreadable if they don't belong together."""
        tail = cls()
        if not 0 <= size <= MOST_LEAVES:
            raise Unreadable("a log has no such size")
        tail.size = size
        at = 0
        while size:
            end = at + size % WIDTH * HASH
            tail._edge.append(_rows(data[at:end]))
            if end > len(data):
                raise Unreadable("this tail is not of a log of that size")
            at = end
            size //= WIDTH
        if at != len(data):
            raise Unreadable("this tail is not of a log of that size")
        return tail

    @classmethod
    def read(cls, size: int, source: Source) -> "Tail":
        """The tail of a log of `size` leaves from its tiles. Raises Unreadable if the source gives too little."""
        parts = []
        for level in range(-(-size.bit_length() // HEIGHT)):
            count = size >> HEIGHT * level
            if width := count % WIDTH:
                parts.append(source(level, count // WIDTH, width)[: width * HASH])
        return cls.load(size, b"".join(parts))

    def dump(self) -> bytes:
        """The hashes of the unfinished tile of each level, from level 0 on, joined; `size` says how many."""
        return b"".join(each for rows in self._edge for each in rows[0])

    def partial(self, level: int) -> bytes:
        """The unfinished tile of a level, its hashes joined; empty if there is none."""
        return b"".join(self._edge[level][0]) if level < len(self._edge) else b""

    def copy(self) -> "Tail":
        """A tail of its own, that may grow apart from this one."""
        tail = Tail()
        tail.size = self.size
        tail._edge = [[list(row) for row in rows] for rows in self._edge]
        tail._recent = dict(self._recent)
        tail._known = self._known
        return tail

    def append(self, hashes: Sequence[bytes]) -> list[Tile]:
        """Take leaf hashes. Returns the tiles that became full, each before those above it.

        Raises Unreadable, and takes nothing, if one is not 32 bytes long.
        """
        if any(len(each) != HASH for each in hashes):
            raise Unreadable("a leaf hash has 32 bytes")
        self._recent = {}
        full = self._fill(0, list(hashes), self.size)
        self.size += len(hashes)
        return full

    def _fill(self, level: int, hashes: list[bytes], count: int) -> list[Tile]:
        """Put hashes into a level that holds `count` so far, and the roots of tiles so filled into the next."""
        if not hashes:
            return []
        if level == len(self._edge):
            self._edge.append(_empty())
        full = []
        roots = []
        at = 0
        while at < len(hashes):
            rows = self._edge[level]
            taken = hashes[at : at + WIDTH - len(rows[0])]
            _extend(rows, taken)
            at += len(taken)
            if len(rows[0]) == WIDTH:
                index = (count + at - 1) // WIDTH
                full.append(Tile(level, index, b"".join(rows[0])))
                roots.append(rows[HEIGHT][0])
                self._recent[level, index] = rows
                self._edge[level] = _empty()
        return full + self._fill(level + 1, roots, count // WIDTH)

    def _rows(self, level: int, index: int, _width: int) -> _Rows:
        if index == self.size >> HEIGHT * (level + 1) and level < len(self._edge):
            return self._edge[level]
        try:
            return self._recent[level, index]
        except KeyError:
            raise InvalidProof("that leaf is no longer in the tail: prove it from tiles") from None

    def _edges(self) -> list[bytes]:
        if self._known[0] != self.size:
            self._known = (self.size, self._right() if self.size else [])
        return self._known[1]

    def _right(self) -> list[bytes]:
        """Like `_ragged`, from the tail alone: a full tile's root stands in the level above it."""
        last = self.size - 1
        whole = (self.size & -self.size).bit_length() - 1
        hashes = [self._if_here(level, last >> level) for level in range(whole)]
        hashes.append(self._complete(whole, last >> whole))
        for level in range(whole, last.bit_length()):
            here = hashes[-1]
            if last >> level & 1:
                here = node_hash(self._complete(level, (last >> level) ^ 1), here)
            hashes.append(here)
        return hashes

    def _if_here(self, level: int, index: int) -> bytes:
        # Not here means: inside a tile that was full before the last append, into which no proof is asked of us.
        try:
            return self._complete(level, index)
        except InvalidProof:
            return b""

    def _complete(self, level: int, index: int) -> bytes:
        return _node(self._rows, level, index)

    def root(self) -> bytes:
        """The root of the whole log."""
        edges = self._edges()
        return edges[-1] if edges else EMPTY_ROOT

    def prove(self, index: int) -> list[bytes]:
        """The inclusion proof, in the log as it is now, of a leaf in an unfinished tile or of the last append.

        Raises InvalidProof for any other leaf.
        """
        edges = self._edges()
        if not 0 <= index < self.size:
            raise InvalidProof("the log has no leaf of that index")
        if index >> HEIGHT != self.size >> HEIGHT and (0, index >> HEIGHT) not in self._recent:
            raise InvalidProof("that leaf is no longer in the tail: prove it from tiles")
        return _path(0, index, self.size, edges, self._rows)

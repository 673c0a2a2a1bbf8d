"""A zip's structure, read with suspicion and in bounded memory.

`zipfile` reads the whole list before anything can be counted, trusts one of two names, and reads members that lie over
each other; a package comes from outside, so its list is read here. Source: PKWARE APPNOTE 6.3.10, sections 4.3 and 4.4.
"""

import stat
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from answerable.training.packages.words import BadPackage

MB = 1024 * 1024
MOST_FILE = 500 * MB
MOST_UNPACKED = 500 * MB
MOST_ENTRIES = 20_000
"""Members of every kind; a course may have MOST_FILES of them (check.py)."""
MOST_LIST = 32 * MB
MOST_RATIO = 100
SMALL = MB
"""A member under this size may be packed as tightly as it likes: blank pages and silence are."""
SMALL_WHOLE = 256 * 1024

_END = struct.Struct("<4s4H2LH")
_END64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR64 = struct.Struct("<4sLQL")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")
_STARTS = {
    b"Rar!": "rar",
    b"7z\xbc\xaf": "7z",
    b"\x1f\x8b": "gzip",
    b"%PDF": "pdf",
    b"MZ": "program",
    b"\x7fELF": "program",
    b"\xd0\xcf\x11\xe0": "office",
    b"<": "page",
    b"\xef\xbb\xbf<": "page",
}


@dataclass(frozen=True)
class Member:
    """One entry of the zip's list; sizes and offsets in bytes, `start` is where its data begins."""

    raw: bytes
    flags: int
    system: int
    method: int
    crc: int
    packed: int
    size: int
    offset: int
    attributes: int
    extra: bytes
    start: int = 0

    @property
    def marked_utf8(self) -> bool:
        """The zip says that the name is UTF-8."""
        return bool(self.flags & 0x800)

    @property
    def label(self) -> str:
        """The name for a sentence, before its encoding is known."""
        try:
            return self.raw.decode("utf-8")
        except UnicodeDecodeError:
            return self.raw.decode("cp437")

    @property
    def is_folder(self) -> bool:
        """A name that ends as a folder's, without contents."""
        return self.raw.endswith((b"/", b"\\")) and not self.size


def read(file: BinaryIO) -> tuple[list[Member], bool]:
    """Every member, checked for what can be seen without unpacking; and whether bytes follow the zip's end.

    Raises BadPackage. Reads the list and each member's own header, nothing else.
    """
    length = file.seek(0, 2)
    if not length:
        raise BadPackage("empty")
    if length > MOST_FILE:
        raise BadPackage("huge_file", size=length // MB, limit=MOST_FILE // MB)
    file.seek(0)
    head = file.read(300)
    if head[:4] in (
        b"PK\x07\x08",
        b"PK00",
    ):  # a marker that writers of split archives put before a single part
        head = head[4:]
    if not head.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x06\x06")):
        if _end(file, length) is not None and not head.startswith((b"MZ", b"\x7fELF")):
            raise BadPackage("before")
        what = next((name for start, name in _STARTS.items() if head.lstrip().startswith(start)), "something")
        raise BadPackage("not_zip", what="tar" if head[257:262] == b"ustar" else what)
    found = _end(file, length)
    if found is None:
        raise BadPackage("truncated")
    count, size, offset, position, trailing = found
    if count > MOST_ENTRIES or size > MOST_LIST:
        raise BadPackage("too_many", limit=5_000)
    if size > position or offset > position - size:
        raise BadPackage("truncated")
    if offset != position - size:
        raise BadPackage("before")
    if not count:
        raise BadPackage("no_members")
    file.seek(offset)
    members = _list(file.read(size), count)
    _sizes(members)
    return _placed(file, members, offset), trailing


def _end(file: BinaryIO, length: int) -> tuple[int, int, int, int, bool] | None:
    """Entries, size and offset of the list, where it must end, and whether bytes follow the zip."""
    reach = min(length, 22 + 65_535 + 1024)
    file.seek(length - reach)
    tail = file.read(reach)
    at = tail.rfind(b"PK\x05\x06")
    while at >= 0:
        if at + 22 <= len(tail):
            _, disk, list_disk, here, count, size, offset, comment = _END.unpack_from(tail, at)
            position = length - reach + at
            if at + 22 + comment <= len(tail):
                trailing = at + 22 + comment < len(tail)
                larger = _end64(file, position)  # some tools always write it, even where nothing overflows
                if larger is not None:
                    return (*larger, trailing)
                if disk or list_disk or here != count:
                    raise BadPackage("split")
                return count, size, offset, position, trailing
        at = tail.rfind(b"PK\x05\x06", 0, at)
    return None


def _end64(file: BinaryIO, position: int) -> tuple[int, int, int, int] | None:
    if position < _LOCATOR64.size:
        return None
    file.seek(position - _LOCATOR64.size)
    sign, disk, where, disks = _LOCATOR64.unpack(file.read(_LOCATOR64.size))
    if sign != b"PK\x06\x07":
        return None
    if disk or disks > 1:
        raise BadPackage("split")
    if where > position - _LOCATOR64.size - _END64.size:
        raise BadPackage("truncated")
    file.seek(where)
    sign, _, _, _, disk, list_disk, here, count, size, offset = _END64.unpack(file.read(_END64.size))
    if sign != b"PK\x06\x06":
        raise BadPackage("truncated")
    if disk or list_disk or here != count:
        raise BadPackage("split")
    return count, size, offset, where


def _list(data: bytes, count: int) -> list[Member]:
    members: list[Member] = []
    at = 0
    for number in range(1, count + 1):
        if at + _CENTRAL.size > len(data):
            raise BadPackage("broken", member=number)
        fields = _CENTRAL.unpack_from(data, at)
        (
            sign,
            made,
            _,
            flags,
            method,
            _,
            _,
            crc,
            packed,
            size,
            names,
            extras,
            comments,
            disk,
            _,
            attributes,
            offset,
        ) = fields
        at += _CENTRAL.size
        if sign != b"PK\x01\x02" or not names or at + names + extras + comments > len(data):
            raise BadPackage("broken", member=number)
        raw, extra = data[at : at + names], data[at + names : at + names + extras]
        at += names + extras + comments
        if 0xFFFFFFFF in (packed, size, offset):
            size, packed, offset = _wide(extra, size, packed, offset, number)
        if disk not in (0, 0xFFFF):
            raise BadPackage("split")
        members.append(Member(raw, flags, made >> 8, method, crc, packed, size, offset, attributes, extra))
    return members


def _wide(extra: bytes, size: int, packed: int, offset: int, number: int) -> tuple[int, int, int]:
    """Sizes over 4 GB stand in the extra field 1, only those that overflow, in this order."""
    body = field(extra, 0x0001)
    if body is None:
        raise BadPackage("broken", member=number)
    values = []
    for value in (size, packed, offset):
        if value == 0xFFFFFFFF:
            if len(body) < 8:
                raise BadPackage("broken", member=number)
            value, body = int.from_bytes(body[:8], "little"), body[8:]
        values.append(value)
    return values[0], values[1], values[2]


def field(extra: bytes, wanted: int) -> bytes | None:
    """The body of one extra field, or None."""
    at = 0
    while at + 4 <= len(extra):
        name, length = struct.unpack_from("<2H", extra, at)
        if name == wanted:
            return extra[at + 4 : at + 4 + length]
        at += 4 + length
    return None


def _sizes(members: list[Member]) -> None:
    total = packed = 0
    for member in members:
        kind = stat.S_IFMT(member.attributes >> 16)
        if kind == stat.S_IFLNK:
            raise BadPackage("symlink", member=member.label)
        if kind in (stat.S_IFCHR, stat.S_IFBLK, stat.S_IFIFO, stat.S_IFSOCK):
            raise BadPackage("special", member=member.label)
        if member.flags & 0x2041:  # encrypted, strongly encrypted, or a masked list
            raise BadPackage("encrypted", member=member.label)
        if member.method not in (0, 8):
            raise BadPackage("method", member=member.label, method=member.method)
        if member.size > SMALL and member.size > MOST_RATIO * max(member.packed, 1):
            raise BadPackage("bomb", member=member.label, limit=MOST_RATIO)
        total += member.size
        packed += member.packed
        if total > MOST_UNPACKED:
            raise BadPackage("too_big", member=member.label, limit=MOST_UNPACKED // MB)
    if total > SMALL_WHOLE and total > MOST_RATIO * max(packed, 1):
        largest = max(members, key=lambda each: each.size)
        raise BadPackage("bomb", member=largest.label, limit=MOST_RATIO)


def _placed(file: BinaryIO, members: list[Member], list_starts: int) -> list[Member]:
    """The members with where their data begins; none may reach into another, or be called otherwise there."""
    placed: dict[int, Member] = {}
    for member in members:
        if member.offset + _LOCAL.size > list_starts:
            raise BadPackage("truncated" if member.offset > list_starts else "damaged", member=member.label)
        file.seek(member.offset)
        header = file.read(_LOCAL.size)
        sign, _, flags, method, _, _, _, _, _, names, extras = _LOCAL.unpack(header)
        if sign != b"PK\x03\x04":
            raise BadPackage("damaged", member=member.label)
        if flags & 0x2041:
            raise BadPackage("encrypted", member=member.label)
        own = file.read(names)
        if own.replace(b"\\", b"/") != member.raw.replace(b"\\", b"/"):
            raise BadPackage("two_names", member=member.label)
        if method != member.method:
            raise BadPackage("damaged", member=member.label)
        start = member.offset + _LOCAL.size + names + extras
        if start + member.packed > list_starts:
            raise BadPackage("overlap", member=member.label)
        if member.offset in placed:
            raise BadPackage("overlap", member=member.label)
        placed[member.offset] = _with_start(member, start)
    end = 0
    for offset in sorted(placed):
        member = placed[offset]
        if offset < end:
            raise BadPackage("overlap", member=member.label)
        end = member.start + member.packed
    return [placed[member.offset] for member in members]


def _with_start(member: Member, start: int) -> Member:
    return Member(**{**{name: getattr(member, name) for name in Member.__dataclass_fields__}, "start": start})


def contents(file: BinaryIO, member: Member) -> Iterator[bytes]:
    """The member's bytes in pieces of at most 1 MB; raises BadPackage if they are not what the list says."""
    file.seek(member.start)
    left, total, crc = member.packed, 0, 0
    unpack = zlib.decompressobj(-15) if member.method == 8 else None
    waiting = b""
    while left or waiting:
        if not waiting:
            waiting = file.read(min(left, 65_536))
            left -= len(waiting)
            if not waiting:
                raise BadPackage("damaged", member=member.label)
        if unpack is None:
            piece, waiting = waiting, b""
        else:
            try:
                piece = unpack.decompress(waiting, MB)
            except zlib.error:
                raise BadPackage("damaged", member=member.label) from None
            waiting = unpack.unconsumed_tail
            if unpack.eof:
                left, waiting = 0, b""
        total += len(piece)
        if total > member.size:
            raise BadPackage("lies", member=member.label)
        crc = zlib.crc32(piece, crc)
        yield piece
    if unpack is not None and not unpack.eof:  # a last match may still wait inside
        piece = unpack.decompress(b"", MB)
        total, crc = total + len(piece), zlib.crc32(piece, crc)
        yield piece
    if total != member.size or crc != member.crc or (unpack is not None and not unpack.eof):
        raise BadPackage("damaged", member=member.label)

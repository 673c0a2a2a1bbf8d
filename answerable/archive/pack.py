"""The plain stream inside an archive: a tar of a manifest, rows by table, keys, files, and an end that counts them.

    manifest.json             what it is, by which version, its tables' columns, how far each log had come
    rows/<app.model>/<n>      lines of tables.py, at most some MiB a part
    keys/<organisation>       the seed of a log's signing key
    secret-key                what locks second factors, where it lies with the data
    files/<organisation>/<key>[.part]
    end.json                  rows and hash of each table, count and bytes of files

It is written and read as a stream: memory holds one part, or one block of a file.
"""

import io
import json
import tarfile
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO

from answerable.archive.errors import CutFile, Damaged

PART = 4 * 1024 * 1024
BLOCK = 1024 * 1024
LONGEST = 64 * 1024 * 1024  # of a part, on reading: one row may be long


def member(name: str, data: bytes) -> Iterator[bytes]:
    """A member whose bytes are at hand."""
    yield header(name, len(data), 0)
    yield data
    yield padding(len(data))


def header(name: str, size: int, mtime: int) -> bytes:
    """What stands before the bytes of a member."""
    info = tarfile.TarInfo(name)
    info.size, info.mtime, info.mode = size, mtime, 0o600
    return info.tobuf(tarfile.PAX_FORMAT)


def padding(size: int) -> bytes:
    """What stands after them."""
    return bytes(-size % tarfile.BLOCKSIZE)


def file_member(name: str, source: BinaryIO, size: int, mtime: int) -> Iterator[bytes]:
    """A member of exactly `size` bytes of a file. Raises Damaged if there are fewer."""
    yield header(name, size, mtime)
    left = size
    while left:
        block = source.read(min(BLOCK, left))
        if not block:
            raise Damaged(f"{name} is shorter than the database says")
        left -= len(block)
        yield block
    yield padding(size)


def rows_members(label: str, lines: Iterable[bytes]) -> Iterator[bytes]:
    """A table's lines in parts."""
    part = bytearray()
    number = 0
    for line in lines:
        part += line
        part += b"\n"
        if len(part) >= PART:
            number += 1
            yield from member(f"rows/{label}/{number:06}", bytes(part))
            part.clear()
    if part:
        yield from member(f"rows/{label}/{number + 1:06}", bytes(part))


def end() -> bytes:
    """The end of a tar."""
    return bytes(2 * tarfile.BLOCKSIZE)


def json_bytes(value: Any) -> bytes:
    """A small JSON member."""
    return json.dumps(value, sort_keys=True, indent=1).encode("ascii")


class Members:
    """The members of a plain stream, in order; each must be read before the next."""

    def __init__(self, source: Any) -> None:
        """Raises CutFile, Damaged."""
        self._tar = self._guarded(lambda: tarfile.open(fileobj=source, mode="r|", bufsize=BLOCK))  # noqa: SIM115

    @staticmethod
    def _guarded(work: Any) -> Any:
        try:
            return work()
        except (tarfile.ReadError, EOFError) as error:
            raise CutFile("the archive ends too early, or is none") from error
        except tarfile.TarError as error:
            raise Damaged("the archive's frame is broken") from error

    def __iter__(self) -> Iterator[tuple[str, "Member"]]:
        while (info := self._guarded(self._tar.next)) is not None:
            if not info.isreg():
                raise Damaged("the archive holds something that is not a file")
            source = self._tar.extractfile(info)
            if source is None:
                raise Damaged("the archive holds something that is not a file")
            yield info.name, Member(source, info.size, int(info.mtime))


class Member:
    """One member's bytes."""

    def __init__(self, source: Any, size: int, mtime: int) -> None:
        self._source = source
        self.size = size
        self.mtime = mtime

    def blocks(self) -> Iterator[bytes]:
        """All bytes. Raises CutFile."""
        left = self.size
        while left:
            try:
                block = self._source.read(min(BLOCK, left))
            except (tarfile.TarError, OSError, EOFError) as error:
                raise CutFile("the archive ends too early") from error
            if not block:
                raise CutFile("the archive ends too early")
            left -= len(block)
            yield block

    def data(self) -> bytes:
        """All bytes at once. Raises CutFile, Damaged."""
        if self.size > LONGEST:
            raise Damaged("a part of the archive is too long")
        return b"".join(self.blocks())

    def json(self) -> dict[str, Any]:
        """A JSON object. Raises CutFile, Damaged."""
        try:
            found = json.loads(self.data())
        except ValueError as error:
            raise Damaged("a part of the archive is not JSON") from error
        if not isinstance(found, dict):
            raise Damaged("a part of the archive is not what it should be")
        return found

    def lines(self) -> Iterator[bytes]:
        """The rows of a part."""
        return iter(io.BytesIO(self.data()).read().splitlines())

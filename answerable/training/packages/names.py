"""What the members of a package are called: encodings, slashes, and names that must not be."""

import re
import unicodedata
import zlib
from collections.abc import Collection, Sequence
from urllib.parse import unquote

from answerable.training.packages.container import Member, field
from answerable.training.packages.words import BadPackage, Said, said

MOST_BYTES = 1024
MOST_PART_BYTES = 255
"""Of one folder's or file's name, as file systems have it."""
JUNK = re.compile(
    r"(^|/)(__macosx|\.git|\.svn|\.hg|\.idea|\.vscode|\.spotlight-v100|\.trashes|\.fseventsd)/|(^|/)(\.ds_store|\._[^/]*|thumbs\.db|"
    r"desktop\.ini|ehthumbs\.db|\.directory|icon\r)$",
    re.IGNORECASE,
)
_HIDING = re.compile("[\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c]")
_DRIVE = re.compile(r"^[A-Za-z]:")
_WINDOWS = (0, 10, 11, 14)
"""Systems whose own tools write a backslash where the format wants a slash (APPNOTE 4.4.2)."""
_GUESSES = ("gb18030", "big5", "cp932", "cp949", "cp437", "cp850", "cp1252")


def early(members: Sequence[Member]) -> None:
    """Refuse what no encoding can make right."""
    for member in members:
        name = member.label
        if any(unicodedata.category(each) == "Cc" for each in name) and not JUNK.search(name):
            raise BadPackage("control", member=name)
        if _DRIVE.match(name) or name.startswith(("/", "\\")):
            raise BadPackage("absolute", member=name)
        parts = re.split(r"[/\\]", name)
        if ".." in parts or ".." in re.split(r"[/\\]", unicodedata.normalize("NFKC", unquote(name))):
            raise BadPackage("traversal", member=name)
        if len(member.raw) > MOST_BYTES or any(len(each.encode()) > MOST_PART_BYTES for each in parts):
            raise BadPackage("long_name", member=name)


def decoded(members: Sequence[Member], hrefs: Collection[str], repaired: list[Said]) -> list[str]:
    """Each member's name as its maker meant it, slashes and all; the manifest's hrefs say which encoding was meant."""
    names: list[str | None] = [_sure(member) for member in members]
    unsure = [member.raw for member, name in zip(members, names, strict=True) if name is None]
    if unsure:
        encoding = _encoding(unsure, hrefs)
        names = [
            member.raw.decode(encoding) if name is None else name
            for member, name in zip(members, names, strict=True)
        ]
        kind = "names_unmarked" if encoding == "utf-8" else "names"
        first = unsure[0].decode(encoding)
        repaired.append(said(kind, count=len(unsure), encoding=encoding.upper(), member=first))
    whole = [name or "" for name in names]
    for name in whole:
        if _HIDING.search(name):
            raise BadPackage("control", member=name)
    return _slashed(members, whole, hrefs, repaired)


def _sure(member: Member) -> str | None:
    """The name where the zip says how it is written, or where it does not matter."""
    better = field(
        member.extra, 0x7075
    )  # APPNOTE 4.6.9: version, CRC of the name it replaces, the name in UTF-8
    if better and better[:1] == b"\1" and int.from_bytes(better[1:5], "little") == zlib.crc32(member.raw):
        try:
            return better[5:].decode("utf-8")
        except UnicodeDecodeError:
            pass
    if member.raw.isascii():
        return member.raw.decode("ascii")
    if member.marked_utf8:
        try:
            return member.raw.decode("utf-8")
        except UnicodeDecodeError:
            return None
    return None


def _encoding(raws: Sequence[bytes], hrefs: Collection[str]) -> str:
    """The encoding in which most names are names that the manifest lists; else the likeliest in which all can be read."""
    able: dict[str, list[str]] = {}
    for encoding in ("utf-8", *_GUESSES):
        try:
            able[encoding] = [raw.decode(encoding) for raw in raws]
        except UnicodeDecodeError:
            continue
    if "utf-8" in able:
        return "utf-8"
    wanted = {unicodedata.normalize("NFC", each.replace("\\", "/")) for each in hrefs}
    hits = {
        encoding: sum(not wanted.isdisjoint(_tails(name)) for name in names[:200])
        for encoding, names in able.items()
    }
    best = max(hits, key=lambda each: hits[each])
    if hits[best]:
        return best
    for encoding in ("gb18030", "big5", "cp932", "cp949"):
        foreign = [each for name in able.get(encoding, []) for each in name if each > "\x7f"]
        if foreign and all(
            "\u3000" <= each <= "\u9fff" or "\uac00" <= each <= "\ud7a3" or "\uff00" <= each <= "\uffef"
            for each in foreign
        ):
            return encoding
    return "cp437"


def _tails(name: str) -> list[str]:
    """`a/b/c` as an address may name it from any folder: `a/b/c`, `b/c`, `c`."""
    parts = unicodedata.normalize("NFC", name.replace("\\", "/")).split("/")
    return ["/".join(parts[each:]) for each in range(max(0, len(parts) - 20), len(parts))]


def _slashed(
    members: Sequence[Member], names: list[str], hrefs: Collection[str], repaired: list[Said]
) -> list[str]:
    """Names with `/` between folders. A backslash is read so only where there is a reason to."""
    listed = {each.replace("\\", "/").lower() for each in hrefs if "/" in each or "\\" in each}
    crooked = [(member, name) for member, name in zip(members, names, strict=True) if "\\" in name]
    if crooked:
        meant = any(not listed.isdisjoint(_tails(name.lower())) for _, name in crooked)
        manifest = any(re.search(r"\\imsmanifest\.xml$", name, re.IGNORECASE) for _, name in crooked)
        windows = all(member.system in _WINDOWS for member in members) and not any(
            "/" in name for name in names
        )
        if not (meant or manifest or windows):
            raise BadPackage("backslash", member=crooked[0][1])
        repaired.append(said("slashes", count=len(crooked), member=crooked[0][1]))
    result = []
    for member, name in zip(members, names, strict=True):
        straight = name.replace("\\", "/")
        parts = straight.split("/")
        if ".." in parts:
            raise BadPackage("traversal", member=name)
        if straight.startswith("/") or _DRIVE.match(straight):
            raise BadPackage("absolute", member=name)
        tidy = "/".join(part for part in parts if part not in {"", "."})
        if tidy != straight.rstrip("/"):
            repaired.append(said("tidy_names", member=name))
        result.append(unicodedata.normalize("NFC", tidy) + ("/" if member.is_folder else ""))
    return result

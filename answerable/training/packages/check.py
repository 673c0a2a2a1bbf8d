"""May this course package come in? Bounded in time and memory: nothing is unpacked to a disk, one member is read at a time.

What a hostile package tries is refused in a sentence that names the member; what tools merely get wrong is read as it was meant,
and the repair is said. Sources: ADL SCORM 1.2 CAM, SCORM 2004 CAM (IMS Content Packaging); RFC 3986 for addresses.
"""

import io
import posixpath
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final
from urllib.parse import unquote, unquote_to_bytes

from answerable.training.packages import container, manifest, names
from answerable.training.packages.container import Member
from answerable.training.packages.manifest import Launch, Manifest
from answerable.training.packages.words import BadPackage, Said, said

MOST_FILES: Final = 5_000
MOST_INNER: Final = 64 * 1024 * 1024
"""Bytes of an archive inside that are looked into; a larger one has to be no archive."""
MOST_SAID: Final = 10
MANIFEST: Final = "imsmanifest.xml"
_PROGRAM: Final = re.compile(
    r"\.(?:exe|dll|scr|bat|cmd|msi|vbs|vbe|wsf|ps1|hta|lnk|cpl|php\d?|phtml|phar|jspx?|aspx?|ashx|asmx|cfm|cgi|war|ear)$",
    re.IGNORECASE,
)
_ARCHIVE: Final = re.compile(r"\.(?:zip|7z|rar|t?gz|bz2|xz|tar)$", re.IGNORECASE)
_SERVER: Final = re.compile(r"(?:^|/)(?:\.htaccess|\.htpasswd|web\.config)$", re.IGNORECASE)
_NOT_PAGE: Final = re.compile(
    r"\.(?:swf|dcr|docx?|pptx?|xlsx?|zip|rar|7z|css|js|json|xml|xsd)$", re.IGNORECASE
)
_SCHEME: Final = re.compile(r"^(?:[A-Za-z][A-Za-z0-9+.-]*:|[/\\]{2})")
_OTHERS: Final = (
    ("tincan.xml", "xapi"),
    ("cmi5.xml", "cmi5"),
    ("h5p.json", "h5p"),
    ("moodle_backup.xml", "moodle"),
    ("[content_types].xml", "ooxml"),
    ("meta-inf/container.xml", "epub"),
    ("contentv3.xml", "exe_source"),
)


@dataclass(frozen=True)
class Package:
    """A package that may come in: its version ("1.2" or "2004 …"), title, what it starts, and what was repaired.

    `files` maps the path in the course (with `/`) to the zip's member; `starts` are pairs of title and path with its query.
    """

    version: str
    title: str
    starts: tuple[tuple[str, str], ...]
    files: dict[str, Member]
    repaired: tuple[Said, ...]


def check_path(path: Path) -> Package:
    """`check` on a file. Raises BadPackage also if it can't be read."""
    try:
        with path.open("rb") as file:
            return check(file)
    except OSError as error:
        raise BadPackage("unreadable", why=error.strerror or type(error).__name__) from None


def check(file: BinaryIO) -> Package:
    """The package, or BadPackage with one sentence that names the member."""
    repaired: list[Said] = []
    members, trailing = container.read(file)
    names.early(members)
    if sum(not each.is_folder for each in members) > MOST_FILES:
        raise BadPackage("too_many", limit=MOST_FILES)
    if trailing:
        repaired.append(said("trailing"))
    found = _manifest(members)
    if found is None:
        raise _no_manifest(file, members)
    said_of = manifest.parse(_whole(file, found), found.label)
    hrefs = {unquote(_plain(base + href)) for base, href in said_of.files}
    hrefs |= {unquote(_plain(each.base + each.href)) for each in said_of.launches}
    paths = names.decoded(members, hrefs, repaired)
    files = _files(members, paths, repaired)
    root = _root(files, found, repaired)
    repaired += said_of.repaired
    starts = _starts(said_of, root, found.label, repaired)
    _missing(said_of, root, repaired)
    for name, member in files.items():
        _look_inside(file, name, member)
    return Package(said_of.version, said_of.title, starts, root, _few(repaired))


def _few(repaired: Iterable[Said]) -> tuple[Said, ...]:
    """Each sentence once, and of each kind no more than MOST_SAID."""
    kept: list[Said] = []
    counts: Counter[str] = Counter()
    for each in dict.fromkeys(repaired):
        counts[each.kind] += 1
        if counts[each.kind] <= MOST_SAID:
            kept.append(each)
    left = sum(max(0, count - MOST_SAID) for count in counts.values())
    return (*kept, said("more", count=left)) if left else tuple(kept)


def _plain(href: str) -> str:
    return re.split(r"[?#]", href, maxsplit=1)[0].replace("\\", "/")


def _whole(file: BinaryIO, member: Member) -> bytes:
    if member.size > manifest.MOST_BYTES:
        raise BadPackage("manifest_huge", member=member.label)
    return b"".join(container.contents(file, member))


def _parts(member: Member) -> list[str]:
    return [each for each in re.split(r"[/\\]", member.label) if each not in {"", "."}]


def _manifest(members: Sequence[Member]) -> Member | None:
    """The manifest nearest to the root; two as near are two courses, one in small letters before one in others."""
    every = [
        each
        for each in members
        if not each.is_folder
        and _parts(each)
        and _parts(each)[-1].lower() == MANIFEST
        and not names.JUNK.search(each.label.replace("\\", "/"))
    ]
    if not every:
        return None
    depth = min(len(_parts(each)) for each in every)
    nearest = [each for each in every if len(_parts(each)) == depth]
    exact = [each for each in nearest if _parts(each)[-1] == MANIFEST]
    folders = {"/".join(_parts(each)[:-1]) for each in nearest}
    if len(folders) > 1:
        raise BadPackage("two_courses", member=nearest[0].label, other=nearest[1].label)
    if len({each.crc for each in exact or nearest}) > 1:
        raise BadPackage("duplicate", member=(exact or nearest)[0].label)
    return (exact or nearest)[0]


def _no_manifest(file: BinaryIO, members: Sequence[Member]) -> BadPackage:
    labels = [each.label.replace("\\", "/") for each in members if not each.is_folder]
    small = {
        "/".join(each.lower().split("/")[-2:]) if "meta-inf" in each.lower() else each.lower().split("/")[-1]
        for each in labels
    }
    for name, what in _OTHERS:
        if name in small:
            member = next(each for each in labels if each.lower().endswith(name))
            return BadPackage("other_kind", member=member, what=what)
    endings = {each.rsplit(".", 1)[-1] for each in small}
    if {"au", "crs"} <= endings:
        return BadPackage(
            "other_kind", member=next(each for each in labels if each.lower().endswith(".crs")), what="aicc"
        )
    inner = [each for each in members if each.label.lower().endswith(".zip") and each.size <= MOST_INNER]
    for each in inner[:3]:
        try:
            inside, _ = container.read(io.BytesIO(_bytes(file, each)))
        except BadPackage:
            continue
        if _any_manifest(inside):
            return BadPackage("inner_package", member=each.label)
    page = next(
        (each for each in labels if re.search(r"(?:^|/)index[^/]*\.html?$", each, re.IGNORECASE)), None
    )
    return BadPackage("web_page", member=page) if page else BadPackage("no_manifest")


def _any_manifest(members: Iterable[Member]) -> bool:
    return any(each.label.replace("\\", "/").lower().split("/")[-1] == MANIFEST for each in members)


def _bytes(file: BinaryIO, member: Member) -> bytes:
    return b"".join(container.contents(file, member))


def _files(members: Sequence[Member], paths: Sequence[str], repaired: list[Said]) -> dict[str, Member]:
    """Path to member, without folders, junk and a server's settings."""
    files: dict[str, Member] = {}
    junk: list[str] = []
    for member, path in zip(members, paths, strict=True):
        if path.endswith("/") or member.is_folder or not path:
            continue
        if names.JUNK.search(path):
            junk.append(path)
            continue
        if _SERVER.search(path):
            repaired.append(said("server_settings", member=path))
            continue
        if _PROGRAM.search(path):
            raise BadPackage("program", member=path)
        if path in files:
            if (files[path].crc, files[path].size) != (member.crc, member.size):
                raise BadPackage("duplicate", member=path)
            repaired.append(said("twice", member=path))
            continue
        files[path] = member
    if junk:
        repaired.append(said("junk", count=len(junk), member=junk[0]))
    folders = {path.rsplit("/", each)[0] for path in files for each in range(1, path.count("/") + 1)}
    both = sorted(folders & files.keys())
    if both:
        raise BadPackage("file_and_folder", member=both[0])
    return files


def _root(files: dict[str, Member], found: Member, repaired: list[Said]) -> dict[str, Member]:
    """The files by their path from the manifest's folder."""
    place = next(path for path, member in files.items() if member is found or member == found)
    folder, _, name = place.rpartition("/")
    if name != MANIFEST:
        repaired.append(said("manifest_name", member=place))
    if not folder:
        return files
    repaired.append(said("folder", member=folder))
    beside = [path for path in files if not path.startswith(folder + "/")]
    if beside:
        repaired.append(said("beside", count=len(beside), member=beside[0]))
    return {path[len(folder) + 1 :]: member for path, member in files.items() if path not in set(beside)}


def _starts(
    said_of: Manifest, files: dict[str, Member], member: str, repaired: list[Said]
) -> tuple[tuple[str, str], ...]:
    small = _small(files)
    starts = []
    for launch in said_of.launches:
        path, query = _started(launch, files, small, member, repaired)
        if launch.sco and _NOT_PAGE.search(path):
            raise BadPackage("not_page", member=member, href=launch.href)
        starts.append((launch.title, path + query))
    return tuple(starts)


def _small(files: Iterable[str]) -> dict[str, str]:
    small: dict[str, str] = {}
    for path in files:
        small.setdefault(unicodedata.normalize("NFKC", path).casefold(), path)
    return small


def _started(
    launch: Launch, files: dict[str, Member], small: dict[str, str], member: str, repaired: list[Said]
) -> tuple[str, str]:
    href = "".join(each for each in launch.href.strip() if each not in "\t\r\n")
    base = "".join(each for each in launch.base.strip() if each not in "\t\r\n")
    if _SCHEME.match(href) or _SCHEME.match(base):
        raise BadPackage("remote", member=member, href=launch.href)
    plain = re.split(r"[?#]", href, maxsplit=1)[0]
    query = href[len(plain) :]
    if not plain:
        raise BadPackage("nothing", member=member, why="no_href")
    for tried in _readings(base, plain, member, launch.href):
        if tried in files:
            if tried != base + plain:
                repaired.append(said("href_written", href=launch.href, member=tried))
            return tried, query
        other = small.get(unicodedata.normalize("NFKC", tried).casefold())
        if other is not None:
            repaired.append(said("href_case", href=launch.href, member=other))
            return other, query
    raise BadPackage("no_launch", member=member, href=launch.href)


def _readings(base: str, plain: str, member: str, written: str) -> list[str]:
    """What an address can mean, the likeliest first. Raises BadPackage for what leaves the package in any reading."""
    joined = base + plain if not base or base.endswith(("/", "\\")) else f"{base}/{plain}"
    ways = [base + plain, _decoded(base + plain), joined, _decoded(joined), plain, _decoded(plain)]
    readings: list[str] = []
    for each in ways:
        straight = each.replace("\\", "/")
        if _SCHEME.match(straight) and not _SCHEME.match(plain):
            raise BadPackage("remote", member=member, href=written)
        path = posixpath.normpath(straight.lstrip("/") or ".")
        if path == ".." or path.startswith("../") or ".." in path.split("/"):
            raise BadPackage("outside", member=member, href=written)
        readings.append(unicodedata.normalize("NFC", path))
    return list(dict.fromkeys(readings))


def _decoded(href: str) -> str:
    """Percent signs undone: as UTF-8, or as GBK if they are not UTF-8."""
    raw = unquote_to_bytes(href)
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("gb18030", "replace")


def _missing(said_of: Manifest, files: dict[str, Member], repaired: list[Said]) -> None:
    small = _small(files)
    missing = []
    for base, href in said_of.files:
        if _SCHEME.match(href.strip()) or _SCHEME.match(base.strip()):
            continue
        joined = base + _plain(href) if not base or base.endswith("/") else f"{base}/{_plain(href)}"
        ways = {
            posixpath.normpath(each.replace("\\", "/").lstrip("/") or ".")
            for each in (joined, _decoded(joined), _plain(href))
        }
        if not any(unicodedata.normalize("NFKC", each).casefold() in small for each in ways):
            missing.append(href)
    if missing:
        repaired.append(said("missing", count=len(missing), href=missing[0]))


def _look_inside(file: BinaryIO, name: str, member: Member) -> None:
    """Every byte is read once against its checksum; an archive inside is looked into, one level."""
    kept: list[bytes] | None = None
    first = True
    for piece in container.contents(file, member):
        if first:
            if piece[:4] == b"\x7fELF" or (piece[:2] == b"MZ" and b"PE\0\0" in piece[:4096]):
                raise BadPackage("program", member=name)
            kept = [] if piece[:4] == b"PK\x03\x04" and member.size <= MOST_INNER else None
            first = False
        if kept is not None:
            kept.append(piece)
    if kept is None:
        return
    try:
        inside, _ = container.read(io.BytesIO(b"".join(kept)))
    except BadPackage as error:
        if error.said.kind in {"bomb", "overlap", "too_big", "too_many"}:
            raise BadPackage("nested", member=name) from None
        return  # not an archive after all, or one that no one can open
    if _ARCHIVE.search(name) and any(_ARCHIVE.search(each.label) for each in inside):
        raise BadPackage("nested", member=name)

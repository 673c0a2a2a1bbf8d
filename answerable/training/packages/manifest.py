"""`imsmanifest.xml` as authoring tools really write it: what can be started, by which version of SCORM.

Prefixes and letter case are looked past, because tools get them wrong and players never cared. A document type is never
read: nothing is expanded, nothing is fetched.
Sources: ADL SCORM 1.2 CAM (2001), SCORM 2004 CAM 2nd to 4th edition, IMS Content Packaging 1.1.2 to 1.1.4.
"""

import codecs
import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from answerable.training.packages.words import BadPackage, Said, said

MOST_BYTES = 16 * 1024 * 1024
MOST_ELEMENTS = 200_000
MOST_DEPTH = 100

_ENCODINGS = [
    "utf-8",
    "utf-16",
    "utf-32",
    "ascii",
    "iso-8859-1",
    "iso-8859-2",
    "iso-8859-5",
    "iso-8859-7",
    "iso-8859-9",
    "iso-8859-15",
    "windows-1250",
    "windows-1251",
    "windows-1252",
    "windows-1253",
    "windows-1254",
    "windows-1255",
    "windows-1256",
    "windows-1257",
    "windows-1258",
    "koi8-r",
    "gb2312",
    "gbk",
    "gb18030",
    "big5",
    "big5-hkscs",
    "shift_jis",
    "windows-31j",
    "euc-jp",
    "iso-2022-jp",
    "euc-kr",
    "windows-949",
    "windows-874",
]
_ALIASES = {
    "windows-31j": "cp932",
    "windows-949": "cp949",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "windows-874": "cp874",
}
_CODECS = {codecs.lookup(_ALIASES.get(name, name)).name for name in _ENCODINGS}
_MARKS = [
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
]
_DECLARED = re.compile(r"""^<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._:-]{1,40})["'][^>]{0,100}\?>""")
_DECLARATION = re.compile(r"^<\?xml\s[^>]{0,400}\?>")
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
"""Characters that XML 1.0 has no place for (section 2.2)."""
_BARE_AMPERSAND = re.compile(
    r"&(?!(?:amp|lt|gt|quot|apos|#[0-9]{1,7}|#x[0-9A-Fa-f]{1,6});)([A-Za-z][A-Za-z0-9]{0,30};)?"
)


@dataclass
class Element:
    """An element by its local name in small letters; attributes likewise."""

    name: str
    attributes: dict[str, str]
    children: list["Element"] = field(default_factory=list)
    text: str = ""

    def of(self, name: str) -> list["Element"]:
        """The direct children of this name."""
        return [each for each in self.children if each.name == name]

    def all(self) -> Iterator["Element"]:
        """Itself and everything inside, in document order."""
        waiting = [self]
        while waiting:
            one = waiting.pop()
            yield one
            waiting.extend(reversed(one.children))


@dataclass(frozen=True)
class Launch:
    """One thing to start: `href` as written, `base` what stands before it."""

    identifier: str
    title: str
    href: str
    base: str
    sco: bool
    mastery: str | None


@dataclass(frozen=True)
class Manifest:
    """What a package says of itself."""

    version: str
    title: str
    launches: tuple[Launch, ...]
    files: tuple[tuple[str, str], ...]
    """Every file listed: (base, href)."""
    repaired: tuple[Said, ...]


def parse(data: bytes, member: str = "imsmanifest.xml") -> Manifest:
    """The manifest, or BadPackage naming `member`."""
    if len(data) > MOST_BYTES:
        raise BadPackage("manifest_huge", member=member)
    repaired: list[Said] = []
    text = _text(data, member, repaired)
    root, spaces, undeclared = _tree(text, member, repaired)
    if root.name != "manifest":
        raise BadPackage("not_manifest", member=member, element=root.name)
    version = _version(root, spaces, member, repaired)
    repaired += [said("prefix", member=member, prefix=prefix) for prefix in sorted(undeclared)[:3]]
    return _course(root, version, member, repaired)


def _text(data: bytes, member: str, repaired: list[Said]) -> str:
    """The characters of the manifest, by its mark, its declaration or, if both are wrong, by what fits."""
    for mark, name in _MARKS:
        if data.startswith(mark):
            repaired.append(said("bom", member=member))
            return _decoded(data[len(mark) :], name, member, repaired)
    if data[:2] == b"<\0" or data[:2] == b"\0<":
        return _decoded(data, "utf-16-le" if data[:1] == b"<" else "utf-16-be", member, repaired)
    declared = _DECLARED.match(data.lstrip()[:400].decode("latin-1"))
    return _decoded(data, declared[1] if declared else "utf-8", member, repaired)


def _decoded(data: bytes, encoding: str, member: str, repaired: list[Said]) -> str:
    try:
        name = codecs.lookup(_ALIASES.get(encoding.lower(), encoding)).name
    except (LookupError, ValueError):
        name = ""
    if name not in _CODECS and name not in {"utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"}:
        name = "ascii"  # nobody writes so: read by what fits
    if name in {"utf-16", "utf-32"}:  # says so, but neither mark nor zeros: it was saved as something else
        name = "utf-8"
        repaired.append(said("recoded", member=member, encoding="UTF-8"))
    try:
        text = data.decode(name)
    except UnicodeError:
        text, used = _guessed(data)
        repaired.append(said("recoded", member=member, encoding=used))
    stripped = text.lstrip("\ufeff \t\r\n\0")
    if stripped != text:
        repaired.append(said("leading", member=member))
    text = _DECLARATION.sub("", stripped.rstrip("\0\x1a"), count=1)
    clean = _NO_XML.sub("", text)
    if clean != text:
        repaired.append(said("controls", member=member))
    return clean


def _guessed(data: bytes) -> tuple[str, str]:
    try:
        return data.decode("utf-8"), "UTF-8"
    except UnicodeError:
        pass
    try:
        text = data.decode("gb18030")
    except UnicodeError:
        text = ""
    foreign = [each for each in text if each > "\x7f"]
    if foreign and sum(
        "\u3000" <= each <= "\u9fff" or "\uff00" <= each <= "\uffef" for each in foreign
    ) > 0.9 * len(foreign):
        return text, "GB18030"
    try:
        return data.decode("cp1252"), "Windows-1252"
    except UnicodeError:
        return data.decode("latin-1"), "ISO-8859-1"


def _tree(text: str, member: str, repaired: list[Said]) -> tuple[Element, set[str], set[str]]:
    """The tree, every namespace declared anywhere, and prefixes used without a declaration."""
    try:
        return _parsed(text, member)
    except expat.ExpatError as error:
        first = error
    end = text.rfind("</manifest>") + len("</manifest>")
    for kind, mended in (
        ("after", text[:end]),
        ("ampersand", _BARE_AMPERSAND.sub(_written, text)),
        ("ampersand", _BARE_AMPERSAND.sub(_written, text[:end])),
    ):
        if mended == text:
            continue
        try:
            tree = _parsed(mended, member)
        except expat.ExpatError:
            continue
        repaired.append(said(kind, member=member))
        return tree
    raise _not_xml(first, member)


def _not_xml(error: expat.ExpatError, member: str) -> BadPackage:
    return BadPackage("not_xml", member=member, line=error.lineno, why=expat.ErrorString(error.code))


def _written(found: re.Match[str]) -> str:
    """`&nbsp;` is the character it names in HTML; a bare `&` is an ampersand."""
    name = found[1]
    if name and html.unescape(f"&{name}") != f"&{name}":
        return html.escape(html.unescape(f"&{name}"))
    return f"&amp;{name or ''}"


def _parsed(text: str, member: str) -> tuple[Element, set[str], set[str]]:
    top = Element("", {})
    stack, spaces, declared, used = [top], set[str](), {"xml", "xmlns"}, set[str]()
    count = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal count
        count += 1
        if count > MOST_ELEMENTS or len(stack) > MOST_DEPTH:
            raise BadPackage("too_deep", member=member)
        kept: dict[str, str] = {}
        for key, value in attributes.items():
            prefix, _, local = key.rpartition(":")
            if key == "xmlns" or prefix == "xmlns":
                spaces.add(value.strip())
                declared.add(local if prefix else "")
                continue
            used.add(prefix)
            kept.setdefault(local.lower(), value.strip())
            if local == "scormType":
                kept["written"] = local
        prefix, _, local = name.rpartition(":")
        used.add(prefix)
        element = Element(local.lower(), kept)
        stack[-1].children.append(element)
        stack.append(element)

    def end(_: str) -> None:
        stack.pop()

    def characters(data: str) -> None:
        if len(stack[-1].text) < 2000:
            stack[-1].text += data

    def doctype(*_: object) -> None:
        raise BadPackage("doctype", member=member)

    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = characters
    parser.StartDoctypeDeclHandler = doctype
    parser.EntityDeclHandler = doctype
    try:
        parser.Parse(text.encode("utf-8", "replace"), True)
    except ValueError:
        raise BadPackage("not_xml", member=member, line=1, why="invalid token") from None
    return top.children[0], spaces, {prefix for prefix in used - declared if prefix}


def _version(root: Element, spaces: set[str], member: str, repaired: list[Said]) -> str:
    """`1.2` or `2004 …`; refuses what only looks like SCORM."""
    about = [each for part in root.of("metadata") for each in part.children]
    schema = next((each.text.strip() for each in about if each.name == "schema"), "")
    given = next((each.text.strip() for each in about if each.name == "schemaversion"), "")
    by_space = _by_namespace(spaces)
    marks = [
        each.attributes for each in root.all() if each.name == "resource" and "scormtype" in each.attributes
    ]
    _refuse_others(schema, spaces, bool(by_space or marks), member)
    plain = " ".join(re.sub(r"(?i)\b(adl|scorm|version|cam)\b", " ", given.replace("_", " ")).lower().split())
    said_version = _by_text(plain)
    if not by_space:
        repaired.append(said("no_namespace", member=member))
    if not schema or "scorm" not in schema.lower():
        repaired.append(said("schema", member=member))
    guess = by_space or ("2004" if any("written" in each for each in marks) else "1.2")
    if not given:
        repaired.append(said("no_version", member=member, version=guess))
        return guess
    if by_space and (said_version is None or said_version[:4].strip() != by_space[:4].strip()):
        repaired.append(said("version", member=member, given=given, version=by_space))
        return by_space
    if said_version is None:
        if plain in {"1.0", "1.1"}:
            raise BadPackage("scorm_old", member=member, version=plain)
        if not marks:
            raise BadPackage("version_unknown", member=member, version=given)
        repaired.append(said("version", member=member, given=given, version=guess))
        return guess
    return said_version


def _by_namespace(spaces: set[str]) -> str:
    joined = " ".join(spaces).lower()
    if "adlcp_v1p3" in joined or "adlseq_v1p3" in joined or "adlnav_v1p3" in joined:
        return "2004"
    return "1.2" if "adlcp_rootv1p2" in joined else ""


def _by_text(plain: str) -> str | None:
    edition = re.match(r"2004(?:.*?([1-4]))?", plain)
    if edition:
        return {"2": "2004 2nd Edition", "3": "2004 3rd Edition", "4": "2004 4th Edition"}.get(
            edition[1] or "", "2004"
        )
    return {"1.2": "1.2", "1.3": "2004 2nd Edition", "v1.2": "1.2"}.get(plain)


def _refuse_others(schema: str, spaces: set[str], marked: bool, member: str) -> None:
    """Other formats have an imsmanifest.xml, too."""
    name, joined = schema.lower(), " ".join(spaces).lower()
    if "cartridge" in name or ("/imscc" in joined and not marked):
        raise BadPackage("other_kind", member=member, what="cartridge")
    if "qti" in name and not marked:
        raise BadPackage("other_kind", member=member, what="qti")
    if name.startswith("ims") and not marked:
        raise BadPackage("other_kind", member=member, what="ims")


def _course(root: Element, version: str, member: str, repaired: list[Said]) -> Manifest:
    resources, files = _resources(root, member, repaired)
    organisation = _organisation(root, member, repaired)
    launches: list[Launch] = []
    unsaid: list[str] = []
    dangling = wanted = False
    seen: set[str] = set()
    small = {name.lower(): name for name in resources}
    for item in organisation.all():
        if item.name != "item":
            continue
        identifier = item.attributes.get("identifier", "")
        if identifier and identifier in seen:
            repaired.append(said("ids", identifier=identifier, member=member))
        seen.add(identifier)
        reference = item.attributes.get("identifierref", "")
        if not reference:
            continue
        wanted = True
        if reference not in resources and reference.lower() in small:
            reference = small[reference.lower()]
            repaired.append(said("reference_case", identifier=identifier))
        if reference not in resources:
            dangling = True
            repaired.append(said("reference", identifier=identifier))
            continue
        resource, base = resources[reference]
        kind = resource.attributes.get("scormtype", "").lower()
        href = resource.attributes.get("href", "")
        if not kind:
            unsaid.append(reference)
        if kind != "asset" and not href:
            raise BadPackage("nothing", member=member, why="no_href")
        if href:
            href += (
                item.attributes.get("parameters", "")
                if item.attributes.get("parameters", "")[:1] in "?#&"
                else ""
            )
            mastery = next((each.text.strip() for each in item.of("masteryscore")), None)
            launches.append(Launch(identifier, _title(item), href, base, kind != "asset", mastery))
    if not any(each.sco for each in launches):
        why = "no_sco" if launches else "no_resource" if dangling else "no_item" if not wanted else "no_sco"
        raise BadPackage("nothing", member=member, why=why)
    repaired += [said("sco", identifier=each) for each in dict.fromkeys(unsaid)]
    title = _title(organisation) or next((each.title for each in launches if each.title), "")
    return Manifest(version, title[:300], tuple(launches), tuple(files), tuple(dict.fromkeys(repaired)))


def _title(element: Element) -> str:
    return " ".join(next((each.text for each in element.of("title")), "").split())


def _resources(
    root: Element, member: str, repaired: list[Said]
) -> tuple[dict[str, tuple[Element, str]], list[tuple[str, str]]]:
    """Resources by identifier with their base, those of manifests inside too; and every file listed."""
    found: dict[str, tuple[Element, str]] = {}
    files: list[tuple[str, str]] = []
    for manifest in [each for each in root.all() if each.name == "manifest"]:
        for part in manifest.of("resources"):
            for resource in part.of("resource"):
                base = "".join(each.attributes.get("base", "") for each in (manifest, part, resource))
                identifier = resource.attributes.get("identifier", "")
                if identifier in found:
                    repaired.append(said("ids", identifier=identifier, member=member))
                found.setdefault(identifier, (resource, base))
                files += [
                    (base, each.attributes["href"])
                    for each in resource.of("file")
                    if each.attributes.get("href")
                ]
    return found, files


def _organisation(root: Element, member: str, repaired: list[Said]) -> Element:
    parts = root.of("organizations")
    every = [each for part in parts for each in part.of("organization")]
    if not every:
        raise BadPackage("nothing", member=member, why="no_organisation")
    default = parts[0].attributes.get("default", "")
    for each in every:
        if each.attributes.get("identifier", "") == default and default:
            return each
    if default or len(every) > 1:
        repaired.append(said("default_organisation", member=member))
    return next(
        (each for each in every if any(one.attributes.get("identifierref") for one in each.all())), every[0]
    )

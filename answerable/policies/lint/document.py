"""A policy file: Markdown, with or without front matter between two lines of `---`."""

import re
from dataclasses import dataclass, field

from answerable.policies.errors import BadPolicy

MOST = 300 * 1024
_FRONT = re.compile(r"\A﻿?---[ \t]*\r?\n(.*?)\r?\n---[ \t]*(?:\r?\n|\Z)", re.DOTALL)
_LINE = re.compile(r"([A-Za-z_][A-Za-z0-9_-]*)\s*:\s*(.*?)\s*")
_HAN = re.compile(r"[㐀-鿿]")


@dataclass(frozen=True, slots=True)
class Document:
    """The whole text as given, where its body starts, its language ("en" or "zh") and its front matter's plain values."""

    text: str
    body: int
    lang: str
    matter: dict[str, str] = field(default_factory=dict)

    @property
    def jurisdictions(self) -> tuple[str, ...]:
        """The places that the front matter names, such as `jurisdictions: [CN, HK]`."""
        return tuple(re.findall(r"[A-Za-z-]{2,6}", self.matter.get("jurisdictions", "")))


def parse(data: bytes, lang: str | None = None) -> Document:
    """Read a policy's bytes. Raises BadPolicy above 300 kB, if they are no UTF-8 text, or if the front matter is broken."""
    if len(data) > MOST:
        raise BadPolicy(f"the text has {len(data):,} bytes, more than {MOST:,}")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadPolicy(f"this is not text in UTF-8 (byte {error.start})") from None
    if "\0" in text:
        raise BadPolicy("this is not text: it holds a zero byte")
    found = _FRONT.match(text)
    matter = _matter(found[1]) if found else {}
    body = found.end() if found else 0
    said = lang or matter.get("lang") or matter.get("authoritative") or ""
    return Document(text, body, language(text[body:], said), matter)


def language(text: str, said: str = "") -> str:
    """ "zh" or "en": what was said, or else by the letters."""
    if said:
        return "zh" if said.lower().startswith("zh") else "en"
    han = len(_HAN.findall(text))
    return "zh" if han * 4 > len(text.split()) else "en"


def _matter(text: str) -> dict[str, str]:
    """The top lines `name: value`; what is nested is left alone."""
    found: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 2):
        if not line.strip() or line.startswith((" ", "\t", "#", "-")):
            continue
        parts = _LINE.fullmatch(line)
        if parts is None:
            raise BadPolicy(f"line {number} of the front matter is not `name: value`")
        if parts[1] in found:
            raise BadPolicy(f"line {number} of the front matter: {parts[1]} stands twice")
        found[parts[1]] = parts[2].strip("\"'")
    return found

"""The clauses of a policy and the form that they have to keep: permanent ids, living links, no HTML.

A clause is a Markdown heading that ends in `{#R1}`, with what follows up to the next one. An id is never used twice, and never
again once it was taken out.
"""

import hashlib
import re
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final

from answerable.policies.lint.document import Document

STATUSES: Final = ("draft", "consulting", "interim", "binding", "retired")
_HEADING: Final = re.compile(
    r"^(#{1,6})[ \t]+(.*?)[ \t]*(?:\{#([A-Za-z][A-Za-z0-9-]{0,30})\})?[ \t]*#*[ \t]*$", re.MULTILINE
)
_LINK: Final = re.compile(r"\]\(#([^)\s]*)\)")
_HTML: Final = re.compile(r"<(?:/?[A-Za-z][^<>\n]{0,2000}|!--.*?--)>", re.DOTALL)
_SCRIPT: Final = re.compile(
    r"\]\(\s*<?\s*((?:javascript|vbscript|data|file)\s*:[^)\n]{0,2000})\)", re.IGNORECASE
)
_WORDS: Final = {
    "status": (
        "The status “{what}” is none of draft, consulting, interim, binding, retired.",
        "状态“{what}”不是 draft、consulting、interim、binding、retired 之一。",
    ),
    "twice": ("The clause id {what} stands twice.", "条款编号 {what} 出现两次。"),
    "no-id": ("The clause “{what}” has no id, such as {{#R1}}.", "条款“{what}”没有编号，例如 {{#R1}}。"),
    "vanished": (
        "The clause {what} of the earlier version is gone. If that is meant, keep its heading and write “taken out”.",
        "上一版的条款 {what} 不见了。若确要删去，请保留标题，写“已删去”。",
    ),
    "link": ("The link #{what} leads to no clause.", "链接 #{what} 没有对应的条款。"),
    "html": ("HTML is taken out: {what}", "HTML 已去掉：{what}"),
    "script": ("A link that runs a script is taken out: {what}", "会运行脚本的链接已去掉：{what}"),
    "evidence": (
        "Binding in China needs who was consulted, when, and the evidence (adopted: {{body, on, evidence}}).",
        "在中国正式施行，须写明征求了谁的意见、什么时候、凭据（adopted: {{body, on, evidence}}）。",
    ),
    "behind": (
        "This translation is of version {what}, which is not the newest.",
        "这份译文译的是第 {what} 版，不是最新版。",
    ),
}


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause at characters [start, end) of the whole text; `id` is "" where the heading has none."""

    id: str
    title: str
    level: int
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with the form, in which line, in both languages. `grave`: it can't be published so."""

    kind: str
    line: int
    what: str
    grave: bool = True

    def words(self, lang: str) -> str:
        """The sentence in "en" or "zh"."""
        return _WORDS[self.kind][lang == "zh"].format(what=self.what)


def fingerprint(text: str) -> str:
    """The SHA-256, in hexadecimal, of the text in Unicode NFC with LF line ends, as the log holds it (`policy.published`)."""
    plain = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    return hashlib.sha256(plain.encode()).hexdigest()


def clauses(document: Document) -> list[Clause]:
    """The clauses in order. What stands before the first heading is a clause without id and title."""
    text = document.text
    code = [
        (found.start(), found.end())
        for found in re.finditer(r"^(```|~~~).*?(?:^\1|\Z)", text, re.MULTILINE | re.DOTALL)
    ]
    heads = [
        found
        for found in _HEADING.finditer(text, document.body)
        if not any(start <= found.start() < end for start, end in code)
    ]
    found: list[Clause] = []
    first = heads[0].start() if heads else len(text)
    if text[document.body : first].strip():
        found.append(Clause("", "", 0, document.body, first, text[document.body : first]))
    for at, head in enumerate(heads):
        end = heads[at + 1].start() if at + 1 < len(heads) else len(text)
        found.append(Clause(head[3] or "", head[2], len(head[1]), head.start(), end, text[head.end() : end]))
    return found


def cleaned(text: str) -> str:
    """The text without HTML and without links that run a script; what the links said stays."""
    return _SCRIPT.sub("]()", _HTML.sub("", text))


def problems(
    document: Document, earlier: Document | None = None, source: Document | None = None
) -> list[Problem]:
    """What is wrong with the form, by line. `earlier` is the version before; `source` the authoritative text of a translation."""
    found = [
        *_matter(document, source),
        *_ids(document, {each.id for each in clauses(earlier)} if earlier else ()),
        *_unfit(document),
    ]
    return sorted(found, key=lambda each: (each.line, each.kind, each.what))


def _line(document: Document, at: int) -> int:
    return document.text.count("\n", 0, at) + 1


def _matter(document: Document, source: Document | None) -> Iterator[Problem]:
    status = document.matter.get("status", "")
    if status and status not in STATUSES:
        yield Problem("status", 1, status[:40])
    adopted = document.matter.get("adopted", "")
    whole = all(re.search(rf"\b{name}\s*:\s*[^,}}\s]", adopted) for name in ("body", "on", "evidence"))
    if status == "binding" and "CN" in document.jurisdictions and not whole:
        yield Problem("evidence", 1, "")
    translates = document.matter.get("translates", "")
    if source is not None and translates != source.matter.get("version", ""):
        yield Problem("behind", 1, translates[:40] or "?", grave=False)


def _ids(document: Document, before: Collection[str]) -> Iterator[Problem]:
    seen: set[str] = set()
    for each in clauses(document):
        if each.id in seen and each.id:
            yield Problem("twice", _line(document, each.start), each.id)
        if not each.id and each.level > 1:
            yield Problem("no-id", _line(document, each.start), each.title[:60], grave=False)
        seen.add(each.id)
    for gone in sorted(set(before) - seen - {""}):
        yield Problem("vanished", 1, gone)
    for found in _LINK.finditer(document.text, document.body):
        if found[1] not in seen:
            yield Problem("link", _line(document, found.start()), found[1][:40])


def _unfit(document: Document) -> Iterator[Problem]:
    for found in _HTML.finditer(document.text, document.body):
        yield Problem("html", _line(document, found.start()), found[0][:40], grave=False)
    for found in _SCRIPT.finditer(document.text, document.body):
        yield Problem("script", _line(document, found.start()), found[1][:40])

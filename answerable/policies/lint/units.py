"""A policy's text cut into units (a sentence, a bullet, a row of a table), each with its place and its heading."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_END = {
    "en": re.compile(r"(?<=[a-z0-9)\"”’%])[.!?](?=\s+[A-Z(\"“•\d]|\s*$)|[;](?=\s)"),
    "zh": re.compile(r"[。！？；!?]”?|(?<=[^0-9A-Za-z\s])\s{2,}(?=\S)"),
}
_BULLET = re.compile(
    r"\s*(?:[-*•・■◆●▪]|\d{1,2}[.)、．]|[(（][0-9a-z一二三四五六七八九十]{1,3}[)）]|[a-z][).])\s*"
)
_HEADING = re.compile(
    r"\s*(?:#{1,6}\s+\S.*"
    r"|[■【].{1,30}"
    r"|第[一二三四五六七八九十百零〇0-9]+[章节编部分].{0,30}"
    r"|[（(]?[一二三四五六七八九十]{1,3}[)）、．.].{1,28}"
    r"|\d{1,2}(?:\.0)?[.、]?\s+\S.{1,48}"
    r"|[A-Z]{1,2}\.\s+[A-Z][A-Z ,&'’-]{2,60}"
    r"|[A-Z][A-Z ,&/'’-]{3,60})\s*"
)


@dataclass(frozen=True, slots=True)
class Unit:
    """A stretch of the text: [start, end), and the heading above it, with its line."""

    start: int
    end: int
    text: str
    heading: str


def units(text: str, lang: str) -> list[Unit]:
    """The units of `text` in order; offsets are characters of the given text."""
    found: list[Unit] = []
    heading = ""
    for start, line in _lines(text):
        bare = line.strip()
        if not bare:
            continue
        if _is_heading(bare):
            heading = bare
        elif lead := _run_in(bare):
            heading = lead
        for begin, end in _sentences(line, lang):
            found.append(Unit(start + begin, start + end, line[begin:end], heading))
    return found


def _lines(text: str) -> Iterator[tuple[int, str]]:
    at = 0
    for line in text.splitlines(keepends=True):
        yield at, line.rstrip("\r\n")
        at += len(line)


def _is_heading(line: str) -> bool:
    if len(line) > 64 or (line.endswith(("。", "；", ".", ";", "，", ",")) and not line.startswith("#")):
        return False
    if _HEADING.fullmatch(line) is not None:
        return True
    return line[:1].isupper() and len(line) <= 40 and line[-1:].isalpha() and len(line.split()) <= 6


def _run_in(line: str) -> str:
    """A heading that stands before the text of its own line: "CONFIDENTIALITY. As far as…", "§ 46. Complaints. An…"."""
    found = re.match(
        r"(?:§ ?\d+\.\s+|[A-Z]?\d{1,2}(?:\.\d{1,2})?\.?\s+)?([A-Z][A-Za-z ,'’-]{2,40})[.:]\s", line
    )
    if found and (found[1].isupper() or len(found[1].split()) <= 4):
        return found[1]
    found = re.match(r"[【]([^】]{1,20})[】]", line)
    return found[1] if found else ""


def _sentences(line: str, lang: str) -> Iterator[tuple[int, int]]:
    at = 0
    for stop in _END[lang].finditer(line):
        if line[at : stop.end()].strip():
            yield _trim(line, at, stop.end())
        at = stop.end()
    if line[at:].strip():
        yield _trim(line, at, len(line))


def _trim(line: str, start: int, end: int) -> tuple[int, int]:
    while start < end and line[start].isspace():
        start += 1
    while end > start and line[end - 1].isspace():
        end -= 1
    return start, end

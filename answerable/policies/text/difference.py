"""How two versions of a policy differ: by clause, then sentence, then word (English) or character (Chinese).

`difflib` matches sentences within a clause and then the pieces of a sentence that was rewritten: a changed number shows as
a changed number and not as a changed paragraph.
"""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final, Literal

from answerable.policies.lint.document import Document
from answerable.policies.text.clauses import Clause, clauses

Kind = Literal["same", "new", "gone", "changed"]
Mark = Literal["keep", "ins", "del"]
ALIKE: Final = 0.4
"""Below this ratio two sentences are two sentences, not one rewritten."""
LONGEST: Final = 3_000
_SENTENCE: Final = {
    "en": re.compile(r"[^.!?\n]*(?:[.!?](?!\s)[^.!?\n]*)*(?:[.!?]+\s*|\n+|$)"),
    "zh": re.compile(r"[^。！？；\n]*(?:[。！？；]+|\n+|$)"),
}
_PIECE: Final = {
    "en": re.compile(r"\w+(?:['’]\w+)?|\s+|[^\w\s]"),
    "zh": re.compile(r"[A-Za-z]+|\d+|\s+|.", re.DOTALL),
}


@dataclass(frozen=True, slots=True)
class Change:
    """One clause: its id and titles, what became of it, and its text in pieces that were kept, put in or taken out."""

    id: str
    title: str
    kind: Kind
    pieces: tuple[tuple[Mark, str], ...]

    @property
    def counts(self) -> tuple[int, int]:
        """How many characters were put in and taken out."""
        put = sum(len(text) for mark, text in self.pieces if mark == "ins")
        return put, sum(len(text) for mark, text in self.pieces if mark == "del")


def difference(before: Document, after: Document) -> list[Change]:
    """Every clause in the order of the later version; those that are gone stand where they stood."""
    lang = after.lang
    old = {_key(each): each for each in clauses(before)}
    new = {_key(each): each for each in clauses(after)}
    found: list[Change] = []
    left = list(old)
    for key, clause in new.items():
        if key in old:
            while left and left[0] != key:
                other = left.pop(0)
                if other not in new:
                    found.append(_whole(old[other], "gone", "del"))
            if left:
                left.pop(0)
            found.append(_changed(old[key], clause, lang))
        else:
            found.append(_whole(clause, "new", "ins"))
    found += [_whole(old[key], "gone", "del") for key in left if key not in new]
    return found


def _key(clause: Clause) -> str:
    return clause.id or f"={clause.title}"


def _whole(clause: Clause, kind: Kind, mark: Mark) -> Change:
    return Change(clause.id, clause.title, kind, ((mark, clause.text.strip()),))


def _changed(before: Clause, after: Clause, lang: str) -> Change:
    one, other = before.text.strip(), after.text.strip()
    if (before.title, one) == (after.title, other):
        return Change(after.id, after.title, "same", (("keep", other),))
    pieces: list[tuple[Mark, str]] = []
    if before.title != after.title:
        pieces += [*_inner(before.title, after.title, lang), ("keep", "\n")]
    pieces += _sentences(one, other, lang)
    return Change(after.id, after.title, "changed", tuple(_joined(pieces)))


def _sentences(before: str, after: str, lang: str) -> list[tuple[Mark, str]]:
    old, new = [[each for each in _SENTENCE[lang].findall(text) if each] for text in (before, after)]
    pieces: list[tuple[Mark, str]] = []
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            pieces.append(("keep", "".join(new[c:d])))
            continue
        pairs = min(b - a, d - c)
        for at in range(pairs):
            pieces += _inner(old[a + at], new[c + at], lang)
        pieces += [("del", each) for each in old[a + pairs : b]]
        pieces += [("ins", each) for each in new[c + pairs : d]]
    return pieces


def _inner(before: str, after: str, lang: str) -> list[tuple[Mark, str]]:
    if max(len(before), len(after)) > LONGEST:
        return [("del", before), ("ins", after)]
    old, new = _PIECE[lang].findall(before), _PIECE[lang].findall(after)
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    if matcher.ratio() < ALIKE:
        return [("del", before), ("ins", after)]
    pieces: list[tuple[Mark, str]] = []
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag == "equal":
            pieces.append(("keep", "".join(new[c:d])))
            continue
        if b > a:
            pieces.append(("del", "".join(old[a:b])))
        if d > c:
            pieces.append(("ins", "".join(new[c:d])))
    return pieces


def _joined(pieces: list[tuple[Mark, str]]) -> list[tuple[Mark, str]]:
    joined: list[tuple[Mark, str]] = []
    for mark, text in pieces:
        if joined and joined[-1][0] == mark:
            joined[-1] = (mark, joined[-1][1] + text)
        elif text:
            joined.append((mark, text))
    return joined


def as_text(changes: list[Change], lang: str) -> str:
    """For a terminal: what was taken out in [-…-], what was put in in {+…+}; clauses that stayed are only named."""
    heads = {
        "en": {"new": "new", "gone": "taken out", "changed": "changed"},
        "zh": {"new": "新增", "gone": "删去", "changed": "修改"},
    }
    marks = {"keep": "{}", "ins": "{{+{}+}}", "del": "[-{}-]"}
    lines: list[str] = []
    same = [each for each in changes if each.kind == "same"]
    for each in changes:
        if each.kind == "same":
            continue
        lines.append(f"## {each.title} ({heads[lang][each.kind]})")
        lines += ["".join(marks[mark].format(text) for mark, text in each.pieces), ""]
    names = ", ".join(each.id or each.title for each in same if each.id or each.title)
    if same:
        lines.append(f"As before: {names}" if lang == "en" else f"未变：{names}")
    return "\n".join(lines)

"""How a policy reads: sentences too long, words that take a promise back, and the reading level of the whole.

English: Flesch-Kincaid grade by our own syllable rule (Kincaid et al. 1975), at most 9; a sentence over 25 words is told (GOV.UK).
Chinese: characters a sentence (35) and a clause (18) on average.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from answerable.policies.lint.units import units

GRADE = 9.0
WORDS = 25
SENTENCE, CLAUSE = 35.0, 18.0
LONG = 70
_BANNED = {
    "en": {
        r"at (?:its|our|the company.s) sole (?:and absolute )?discretion": "it takes every promise back",
        r"as (?:it|we|the company|management) (?:sees?|thinks?|deems?) fit": "nobody can hold you to it",
        r"severe or pervasive": "a wording of US case law that tells people to wait",
        r"(?:false|untrue|unproven) (?:reports?|complaints?|allegations?) (?:will|shall) be (?:punished|disciplined)": (
            "it punishes whoever can't prove it"
        ),
        r"you (?:hereby )?waive|waives? (?:any|all|the) rights?": "reading is not giving up a right",
        r"(?:when|if) time (?:permits|allows)": "a promise without a day",
    },
    "zh": {
        r"一切后果自负": "把责任推给了受害的人",
        r"酌情(?:处理|给予|处置)": "没有说按什么标准",
        r"最终解释权归": "收回了所有承诺",
        r"自愿放弃.{0,8}权利": "读过不等于放弃权利",
        r"查无实据.{0,6}(?:追究|处分|责任)": "查不实不等于诬告",
        r"(?:不得|严禁)越级": "堵住了上级以外的路",
        r"顾全大局": "要受害的人让步",
    },
}
_WORD = re.compile(r"[A-Za-z]+(?:['’][A-Za-z]+)?")
_HAN = re.compile(r"[㐀-鿿]")


@dataclass(frozen=True, slots=True)
class Remark:
    """A remark of style on characters [start, end) of the text."""

    rule: str
    start: int
    end: int
    why: str


@dataclass(frozen=True, slots=True)
class Reading:
    """How hard a text is: `grade` for English; mean characters a sentence and a clause for Chinese."""

    grade: float | None
    sentence: float
    clause: float | None

    @property
    def within(self) -> bool:
        """Whether it holds the limits."""
        if self.grade is not None:
            return self.grade <= GRADE
        return self.sentence <= SENTENCE and (self.clause or 0) <= CLAUSE


def syllables(word: str) -> int:
    """Syllables of an English word, by groups of vowels."""
    bare = word.lower().strip("'’")
    count = len(re.findall(r"[aeiouy]+", bare))
    if bare.endswith("e") and not bare.endswith(("le", "ee", "ye")) and count > 1:
        count -= 1
    if (
        bare.endswith(("es", "ed"))
        and not bare.endswith(("ted", "ded", "ses", "zes", "ches", "shes", "ges", "ces"))
        and count > 1
    ):
        count -= 1
    return max(1, count)


def reading(text: str, lang: str) -> Reading:
    """The reading level of a whole text."""
    sentences = [unit.text for unit in units(text, lang)]
    if lang == "en":
        counted = [_WORD.findall(each) for each in sentences]
        counted = [each for each in counted if len(each) > 2]
        words = sum(map(len, counted))
        if not words:
            return Reading(0.0, 0.0, None)
        spoken = sum(syllables(word) for each in counted for word in each)
        return Reading(
            0.39 * words / len(counted) + 11.8 * spoken / words - 15.59, words / len(counted), None
        )
    lengths = [len(_HAN.findall(each)) for each in sentences]
    lengths = [each for each in lengths if each > 2]
    clauses = [len(_HAN.findall(part)) for each in sentences for part in re.split(r"[，、：；,;:]", each)]
    clauses = [each for each in clauses if each > 1]
    if not lengths:
        return Reading(None, 0.0, 0.0)
    return Reading(None, sum(lengths) / len(lengths), sum(clauses) / max(1, len(clauses)))


def remarks(text: str, lang: str) -> list[Remark]:
    """Everything about style that has a place, in order."""
    return sorted([*_banned(text, lang), *_long(text, lang)], key=lambda each: (each.start, each.end))


def _banned(text: str, lang: str) -> Iterator[Remark]:
    for pattern, why in _BANNED[lang].items():
        for found in re.finditer(pattern, text, re.IGNORECASE):
            yield Remark("banned-words", found.start(), found.end(), why)


def _long(text: str, lang: str) -> Iterator[Remark]:
    for unit in units(text, lang):
        count = len(_WORD.findall(unit.text)) if lang == "en" else len(_HAN.findall(unit.text))
        limit = WORDS if lang == "en" else LONG
        if count > limit:
            why = f"{count} words, more than {limit}" if lang == "en" else f"一句 {count} 字，超过 {limit} 字"
            yield Remark("long-sentence", unit.start, unit.end, why)

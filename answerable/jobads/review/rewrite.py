"""A better wording: the sentence with the finding taken out or replaced, and what is lawful kept."""

import re
import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Final

from answerable.jobads.review.engine import Finding

_REPLACED: Final = {"gendered_job_title", "gender_coded_wording"}
_OPEN = {"en": "Everybody who can do this work is welcome to apply.", "zh": "欢迎所有能胜任的人应聘。"}
_INSTEAD = {
    "age_requirement": {"en": "with the experience that the work needs", "zh": "具备岗位所需经验"},
    "appearance_requirement": {"en": "neat and polite with customers", "zh": "着装整洁，待人有礼"},
    "drinking_requirement": {"en": "able to build good relations with customers", "zh": "善于与客户沟通"},
    "disability_health": {
        "en": "able to do the tasks named here, with adjustments where needed",
        "zh": "能完成所列工作，必要时提供便利",
    },
}
_STOP = re.compile(r"[。;；！!？?\n]|\.(?=\s|$)")


@lru_cache(maxsize=1)
def _words() -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = tomllib.loads(
        Path(__file__).with_name("data").joinpath("words.toml").read_text(encoding="utf-8")
    )
    return found


def rewrite(text: str, finding: Finding) -> str:
    """The sentence around a finding, said better."""
    low = max((found.end() for found in _STOP.finditer(text, 0, finding.start)), default=0)
    stop = _STOP.search(text, finding.end)
    high = stop.end() if stop else len(text)
    low, high = max(low, finding.start - 300), min(high, finding.end + 300)
    said = text[finding.start : finding.end]
    better = _better(said, finding)
    sentence = text[low : finding.start] + better + text[finding.end : high]
    tidy = _tidy(sentence)
    return tidy if _says_something(tidy) else _OPEN[finding.lang]


def _better(said: str, finding: Finding) -> str:
    if finding.category in _REPLACED:
        return _replaced(said, finding.lang)
    instead = _INSTEAD.get(finding.category)
    return instead[finding.lang] if instead else ""


def _replaced(said: str, lang: str) -> str:
    words = _words()[lang]
    if lang == "zh":
        known = next((each for each in sorted(words, key=len, reverse=True) if each in said), None)
        return said.replace(known, words[known]) if known else ""
    for each in sorted(words, key=len, reverse=True):
        pattern = re.compile(rf"\b{re.escape(each)}\b", re.IGNORECASE)
        found = pattern.search(said)
        if found:
            new = words[each].capitalize() if found[0][:1].isupper() else words[each]
            return pattern.sub(new, said)
    return ""


_TIDY = (
    (re.compile(r"[(（\[【]\s*[)）\]】]"), ""),
    (re.compile(r"([,，、;；:：])(?:\s*[,，、;；])+"), r"\1"),
    (re.compile(r"(^|[\n：:])\s*[,，、;；。]\s*"), r"\1"),
    (re.compile(r"[,，、;；:]\s*([。.!！])"), r"\1"),
    (re.compile(r"[ \t]{2,}"), " "),
    (re.compile(r" +([,.;!?])"), r"\1"),
)


def _tidy(text: str) -> str:
    for pattern, new in _TIDY:
        text = pattern.sub(new, text)
    return text.strip(" \t\n,，、;；")


def _says_something(text: str) -> bool:
    return len(re.findall(r"[㐀-鿿]|[A-Za-z]{2,}", text)) >= 3

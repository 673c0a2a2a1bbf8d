"""The format of an organisation's own questions: strict JSON, no database, no clock (docs/decisions/0035).

    {"format": "answerable/questions/v1", "id": "office", "version": 3, "questions": [
        {"id": "q1", "kind": "one", "text": {"en": …, "zh": …}, "hint": {…},
         "options": [{"id": "o1", "text": {…}}, …], "when": {"question": "q0", "answers": ["yes"]}}, …]}

- at most twelve questions; none has to be answered, so the format has no word for it
- every text in English and in Simplified Chinese
- `when`: asked only if an earlier question was answered with one of these; earlier ones only, so nothing can go round
- members that are not named here are refused, and so is a name that stands twice

`check` returns the set as it was checked; `canonical` are the bytes that are hashed and kept.
"""

import re
import unicodedata
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Final

from answerable_protocol.encoding import canonical as canonical_json
from answerable_protocol.encoding import parse_json
from answerable_protocol.errors import ProtocolError

from answerable.questions.errors import BadQuestions

FORMAT: Final = "answerable/questions/v1"
MOST_QUESTIONS: Final = 12
MOST_OPTIONS: Final = 12
MOST_BYTES: Final = 64 * 1024
MOST_VERSION: Final = 1_000_000
LONGEST: Final = {"text": 200, "hint": 400, "option": 120}
"""Characters."""
CHOICES: Final = frozenset({"one", "several"})
KINDS: Final[Mapping[str, tuple[str, str]]] = {
    "short": ("A line of text", "一行文字"),
    "long": ("A longer text", "较长的文字"),
    "one": ("One of several answers", "单选"),
    "several": ("Any number of answers", "多选"),
    "date": ("A date", "日期"),
    "yes-no": ("Yes, no, I don’t know", "是、否、不知道"),
}
YES_NO: Final[Mapping[str, tuple[str, str]]] = {
    "yes": ("Yes", "是"),
    "no": ("No", "否"),
    "unknown": ("I don’t know", "不知道"),
}
_ID: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
_SET_ID: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_LANGUAGES: Final = {"en": ("English", "英文"), "zh": ("Chinese", "中文")}

Checked = dict[str, Any]


def read(data: bytes) -> Checked:
    """A set from the bytes of a file. Raises BadQuestions."""
    if len(data) > MOST_BYTES:
        raise BadQuestions("", "the file is larger than 64 KiB", "文件超过 64 KiB")
    try:
        return check(parse_json(data.removeprefix(b"\xef\xbb\xbf")))
    except ProtocolError as error:
        raise BadQuestions("", f"{error}", f"读不懂这个文件（{error}）") from None


def check(value: Any) -> Checked:
    """The set, if it keeps every rule. Raises BadQuestions at the first place that does not."""
    found = _members(value, "", {"format", "id", "version", "questions"})
    if found["format"] != FORMAT:
        raise BadQuestions("format", f"must be “{FORMAT}”", f"必须是“{FORMAT}”")
    version = found["version"]
    if type(version) is not int or not 1 <= version <= MOST_VERSION:
        raise BadQuestions(
            "version", "must be a whole number from 1 to 1,000,000", "必须是 1 到 1000000 的整数"
        )
    questions = found["questions"]
    if not isinstance(questions, list) or len(questions) > MOST_QUESTIONS:
        raise BadQuestions(
            "questions", "must be a list of at most twelve questions", "必须是列表，最多十二个问题"
        )
    asked: list[Checked] = []
    for number, each in enumerate(questions):
        asked.append(_question(each, f"questions[{number}]", asked))
    return {"format": FORMAT, "id": _id(found["id"], "id", _SET_ID), "version": version, "questions": asked}


def canonical(checked: Mapping[str, Any]) -> bytes:
    """The bytes that are kept and hashed: RFC 8785, as PROTOCOLS 2.1 writes it."""
    return canonical_json(dict(checked))


def fingerprint(checked: Mapping[str, Any]) -> str:
    """SHA-256 of the canonical form, 64 hex digits."""
    return sha256(canonical(checked)).hexdigest()


def answers_of(question: Mapping[str, Any]) -> list[tuple[str, Mapping[str, str]]]:
    """What can be chosen, as (id, text); empty where nothing is chosen from."""
    if question["kind"] == "yes-no":
        return [(name, {"en": en, "zh": zh}) for name, (en, zh) in YES_NO.items()]
    return [(each["id"], each["text"]) for each in question.get("options", ())]


def _question(value: Any, place: str, earlier: list[Checked]) -> Checked:
    found = _members(value, place, {"id", "kind", "text"}, {"hint", "options", "when"})
    identifier = _id(found["id"], f"{place}.id")
    if any(each["id"] == identifier for each in earlier):
        raise BadQuestions(f"{place}.id", "another question has this id", "和另一个问题的 id 重复")
    kind = found["kind"]
    if not isinstance(kind, str) or kind not in KINDS:
        names = ", ".join(KINDS)
        raise BadQuestions(f"{place}.kind", f"must be one of {names}", f"只能是 {names}")
    made: Checked = {"id": identifier, "kind": kind, "text": _both(found["text"], f"{place}.text", "text")}
    if "hint" in found:
        made["hint"] = _both(found["hint"], f"{place}.hint", "hint")
    if kind in CHOICES:
        made["options"] = _options(found.get("options"), f"{place}.options")
    elif "options" in found:
        raise BadQuestions(f"{place}.options", "this kind has no answers to choose from", "这种问题没有选项")
    if "when" in found:
        made["when"] = _when(found["when"], f"{place}.when", earlier)
    return made


def _options(value: Any, place: str) -> list[Checked]:
    if not isinstance(value, list) or not 2 <= len(value) <= MOST_OPTIONS:
        raise BadQuestions(place, "two to twelve answers to choose from", "要有二到十二个选项")
    made: list[Checked] = []
    for number, each in enumerate(value):
        here = f"{place}[{number}]"
        found = _members(each, here, {"id", "text"})
        identifier = _id(found["id"], f"{here}.id")
        if any(one["id"] == identifier for one in made):
            raise BadQuestions(f"{here}.id", "another answer has this id", "和另一个选项的 id 重复")
        made.append({"id": identifier, "text": _both(found["text"], f"{here}.text", "option")})
    return made


def _when(value: Any, place: str, earlier: list[Checked]) -> Checked:
    found = _members(value, place, {"question", "answers"})
    about = next((each for each in earlier if each["id"] == found["question"]), None)
    if about is None:
        raise BadQuestions(f"{place}.question", "names no earlier question", "指的不是前面的问题")
    possible = [identifier for identifier, _ in answers_of(about)]
    if not possible:
        raise BadQuestions(
            f"{place}.question", "that question has no answers to choose from", "那个问题没有可选的答案"
        )
    wanted = found["answers"]
    if not isinstance(wanted, list) or not wanted:
        raise BadQuestions(f"{place}.answers", "must name one answer or more", "至少要写一个答案")
    for number, each in enumerate(wanted):
        if not isinstance(each, str) or each not in possible or each in wanted[:number]:
            raise BadQuestions(
                f"{place}.answers[{number}]",
                "is no answer of that question, or stands twice",
                "不是那个问题的答案，或写了两次",
            )
    return {"question": about["id"], "answers": list(wanted)}


def _members(value: Any, place: str, needed: set[str], more: set[str] = frozenset()) -> Checked:  # type: ignore[assignment]
    if not isinstance(value, dict):
        raise BadQuestions(place, "must be an object", "必须是对象")
    dot = f"{place}." if place else ""
    for name in value:
        if name not in needed and name not in more:
            shown = name[:40] if name.isprintable() else "?"
            raise BadQuestions(place, f"“{shown}” is not known here", f"这里没有“{shown}”这一项")
    for name in sorted(needed):
        if name not in value:
            raise BadQuestions(f"{dot}{name}", "is missing", "没有写")
    return value


def _id(value: Any, place: str, form: re.Pattern[str] = _ID) -> str:
    if not isinstance(value, str) or not form.fullmatch(value):
        raise BadQuestions(
            place, "must be small letters a to z, digits and “-”", "只能用小写字母 a 到 z、数字和“-”"
        )
    return value


def _both(value: Any, place: str, what: str) -> dict[str, str]:
    found = _members(value, place, set(_LANGUAGES))
    return {
        language: _text(found[language], f"{place}.{language}", what, language) for language in _LANGUAGES
    }


def _text(value: Any, place: str, what: str, language: str) -> str:
    en, zh = _LANGUAGES[language]
    if not isinstance(value, str) or not value.strip():
        raise BadQuestions(place, f"the {en} text is missing", f"缺少{zh}")
    if value != value.strip() or any(unicodedata.category(each) in {"Cc", "Cs"} for each in value):
        raise BadQuestions(place, "one line, without spaces at its ends", "只能是一行，首尾不能有空格")
    if len(value) > LONGEST[what]:
        most = LONGEST[what]
        raise BadQuestions(place, f"longer than {most} characters", f"超过 {most} 个字")
    return value

"""The twelve answers that a draft is made of, read from TOML or from a form.

1 name · 2 signer and office · 3 places · 4 languages and the authoritative one · 5 headcount · 6 the workers' body · 7 whom and
when it was consulted · 8 the reporting page and a phone · 9 unit and person · 10 the contact outside · 11 alcohol at events ·
12 years that files are kept, owner, board member, date.
A text may be one string for both languages or a table {en, zh}.
"""

import datetime
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from answerable.policies.draft.places import CODES
from answerable.policies.errors import BadAnswers

LONGEST: Final = 120
LANGUAGES: Final = ("en", "zh")
NAMES: Final = {"en": {"en": "English", "zh": "Chinese"}, "zh": {"en": "英文", "zh": "中文"}}
_TEXTS: Final = ("name", "signer", "office", "unit", "person", "outside", "board", "owner")
_KNOWN: Final = {
    *_TEXTS, "body", "places", "languages", "authoritative", "headcount", "consulted", "consulted_on", "channel", "phone",
    "alcohol", "years", "date", "version", "interim",
}  # fmt: skip
_UNFIT: Final = re.compile(r"[\x00-\x1f\x7f{}<>|\[\]`\\\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_CHANNEL: Final = re.compile(r"https?://[A-Za-z0-9.:-]+(?:/[A-Za-z0-9._~/-]*)?")
_NOBODY: Final = {"en": "all staff, in a meeting", "zh": "全体职工"}


@dataclass(frozen=True, slots=True)
class Answers:
    """Checked answers. Texts by "en" and "zh"; `places` are codes of data/places.toml; `years` counts from a case's closing."""

    texts: dict[str, dict[str, str]]
    body: dict[str, str]
    places: tuple[str, ...]
    languages: tuple[str, ...]
    authoritative: str
    headcount: int
    consulted: dict[str, str] | None
    consulted_on: datetime.date | None
    channel: str
    phone: str
    alcohol: bool
    years: int
    date: datetime.date
    version: str
    interim: bool

    def text(self, field: str, lang: str) -> str:
        """One answer in "en" or "zh"."""
        return self.texts[field][lang]


def read(data: bytes) -> Answers:
    """Answers from a TOML file. Raises BadAnswers."""
    try:
        raw = tomllib.loads(data.decode("utf-8-sig"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise BadAnswers(f"not TOML in UTF-8: {error}") from None
    return check(raw)


def check(raw: Mapping[str, Any]) -> Answers:
    """Answers from plain values. Raises BadAnswers that names the answer."""
    for key in raw:
        if key not in _KNOWN:
            raise BadAnswers(f"{key}: no such answer")
    languages = _languages(raw.get("languages", ["zh", "en"]))
    authoritative = raw.get("authoritative", languages[0])
    if authoritative not in languages:
        raise BadAnswers("authoritative: has to be one of the languages")
    consulted = _said(raw, "consulted")
    consulted_on = _date(raw, "consulted_on")
    if (consulted is None) != (consulted_on is None):
        raise BadAnswers("consulted: say both the body and the day (consulted_on), or neither")
    channel = raw.get("channel")
    if not isinstance(channel, str) or not _CHANNEL.fullmatch(channel):
        raise BadAnswers("channel: the address of the reporting page, such as https://report.example.org/")
    texts = {field: _text(raw, field) for field in _TEXTS}
    date = _date(raw, "date") or datetime.datetime.now(datetime.UTC).date()
    phone = raw.get("phone", "")
    if not isinstance(phone, str) or not re.fullmatch(r"[0-9 +()-]{0,30}", phone):
        raise BadAnswers("phone: digits, spaces, + and - only")
    version = raw.get("version", f"{date.year}.1")
    if not isinstance(version, str) or not re.fullmatch(r"[0-9A-Za-z.-]{1,20}", version):
        raise BadAnswers("version: such as 2026.1")
    return Answers(
        texts=texts,
        body=_said(raw, "body") or _NOBODY,
        places=_places(raw.get("places")),
        languages=languages,
        authoritative=authoritative,
        headcount=_number(raw, "headcount", 1, 10_000_000),
        consulted=consulted,
        consulted_on=consulted_on,
        channel=channel,
        phone=phone,
        alcohol=_flag(raw, "alcohol", True),
        years=_number(raw, "years", 1, 30),
        date=date,
        version=version,
        interim=_flag(raw, "interim", False),
    )


def _said(raw: Mapping[str, Any], field: str) -> dict[str, str] | None:
    return None if raw.get(field) in (None, "") else _text(raw, field)


def _text(raw: Mapping[str, Any], field: str) -> dict[str, str]:
    value = raw.get(field)
    both = dict.fromkeys(LANGUAGES, value) if isinstance(value, str) else value
    if not isinstance(both, dict) or set(both) != set(LANGUAGES):
        raise BadAnswers(f"{field}: a text, or a text in en and in zh")
    for each in both.values():
        if not isinstance(each, str) or not each.strip() or len(each) > LONGEST or _UNFIT.search(each):
            raise BadAnswers(f"{field}: one line of up to {LONGEST} characters without brackets or marks")
    return {lang: " ".join(each.split()) for lang, each in both.items()}


def _languages(value: object) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not value or any(each not in LANGUAGES for each in value):
        raise BadAnswers("languages: en, zh or both")
    return tuple(dict.fromkeys(value))


def _places(value: object) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not value:
        raise BadAnswers(f"places: one or more of {', '.join(CODES)}")
    for each in value:
        if each not in CODES:
            raise BadAnswers(f"places: {each!r:.20} is none of {', '.join(CODES)}")
    return tuple(dict.fromkeys(value))


def _number(raw: Mapping[str, Any], field: str, least: int, most: int) -> int:
    value = raw.get(field)
    if type(value) is not int or not least <= value <= most:
        raise BadAnswers(f"{field}: a whole number from {least} to {most}")
    return value


def _flag(raw: Mapping[str, Any], field: str, default: bool) -> bool:
    value = raw.get(field, default)
    if not isinstance(value, bool):
        raise BadAnswers(f"{field}: true or false")
    return value


def _date(raw: Mapping[str, Any], field: str) -> datetime.date | None:
    value = raw.get(field)
    if isinstance(value, str):
        try:
            value = datetime.date.fromisoformat(value)
        except ValueError:
            value = "?"
    if value is not None and type(value) is not datetime.date:
        raise BadAnswers(f"{field}: a day such as 2026-03-02")
    return value

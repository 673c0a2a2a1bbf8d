"""A complete policy in Markdown with front matter, from answers; the clauses' ids are permanent."""

from functools import lru_cache
from pathlib import Path
from typing import Final

from django.template import Context, Engine, Template

from answerable.policies.draft.answers import NAMES, Answers
from answerable.policies.draft.places import annexes

_DATA: Final = Path(__file__).with_name("data")
EXAMPLE: Final = _DATA / "example.toml"
"""Twelve answers to fill in."""
LOCALES: Final = {"en": "en", "zh": "zh-CN"}


@lru_cache(maxsize=2)
def _template(lang: str) -> Template:
    return Engine(autoescape=False).from_string((_DATA / f"policy.{lang}.md").read_text(encoding="utf-8"))


def draft(answers: Answers, lang: str) -> str:
    """The policy in "en" or "zh", LF line ends, one newline at its end."""
    body = answers.body[lang]
    words = {field: answers.text(field, lang) for field in answers.texts}
    text = _template(lang).render(
        Context(
            {
                **words,
                "body": body,
                "body_cap": _capital(body),
                "unit_cap": _capital(answers.text("unit", lang)),
                "consulted": answers.consulted and answers.consulted[lang],
                "consulted_on": answers.consulted_on and _day(answers.consulted_on.isoformat(), lang),
                "channel": answers.channel,
                "phone": answers.phone,
                "alcohol": answers.alcohol,
                "years": str(answers.years),
                "interim": answers.interim,
                "date": _day(answers.date.isoformat(), lang),
                "version": answers.version,
                "languages": {"en": ", ", "zh": "、"}[lang].join(
                    NAMES[lang][each] for each in answers.languages
                ),
                "authoritative": NAMES[lang][answers.authoritative],
                "places": annexes(answers.places, answers.headcount, lang),
            },
            autoescape=False,
        )
    )
    return _matter(answers, lang) + text.strip() + "\n"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _day(iso: str, lang: str) -> str:
    if lang == "en":
        return iso
    year, month, day = iso.split("-")
    return f"{year} 年 {int(month)} 月 {int(day)} 日"


def _matter(answers: Answers, lang: str) -> str:
    lines = [
        "id: sexual-harassment",
        f"version: {answers.version}",
        f"lang: {LOCALES[lang]}",
        "status: draft",
        f"authoritative: {LOCALES[answers.authoritative]}",
        f"jurisdictions: [{', '.join(answers.places)}]",
        f'owner: "{_quoted(answers.text("owner", lang))}"',
        f"review_by: {answers.date.replace(year=answers.date.year + 1, day=min(answers.date.day, 28)).isoformat()}",
    ]
    return "---\n" + "\n".join(lines) + "\n---\n\n"


def _quoted(text: str) -> str:
    return text.replace('"', "'")

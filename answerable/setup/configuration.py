"""An organisation's configuration as a file: names, colours, places, contacts; no people, no secrets.

    [organisation]  name_en, name_zh, slug, host, languages, time_zone
    [[places]]      id, time_zone
    [look]          accent, mark (a PNG in Base64)
    [contact]       name_en, name_zh, telephone, post, email, pgp
    [questions]     set: own questions that are asked, as the JSON that their page exports
    [[administrators]]  name_en, name_zh, email: read when an organisation is made, never written

The same answers as the pages of the set-up, in other words: `read` and `write` translate between them.
"""

import json
import tomllib
from base64 import b64encode
from collections.abc import Mapping
from typing import Any, Final

from answerable.organisation.models import Mark, Organisation
from answerable.questions import queries as own_questions
from answerable.questions import rules as own_rules
from answerable.questions.errors import BadQuestions
from answerable.setup import questions
from answerable.setup.errors import BadConfiguration
from answerable.setup.rules import QUESTIONS

__all__ = ["check", "of", "questions_in", "read", "write"]

Answers = dict[str, dict[str, Any]]
_TABLES: Final = {
    "organisation": {"name_en", "name_zh", "slug", "host", "languages", "time_zone"},
    "look": {"accent", "mark"},
    "contact": {"name_en", "name_zh", "telephone", "post", "email", "pgp"},
    "questions": {"set"},
}
_ROWS: Final = {"places": {"id", "time_zone"}, "administrators": {"name_en", "name_zh", "email"}}


def read(text: str) -> Answers:
    """The answers that a file holds, not yet checked. Raises BadConfiguration."""
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadConfiguration(f"this is no TOML: {error}") from None
    _known(found)
    own, look, contact, asked = (found.get(name, {}) for name in _TABLES)
    where = found.get("places", [])
    answers: Answers = {
        "name": {name: own.get(name, "") for name in ("name_en", "name_zh")},
        "languages": {"languages": own.get("languages", ["en", "zh"])},
        "address": {"slug": own.get("slug", ""), "host": own.get("host", "")},
        "places": {"places": [each.get("id", "") for each in where]},
        "zones": {"time_zone": own.get("time_zone", "UTC")}
        | {f"zone_{each.get('id')}": each.get("time_zone", "") for each in where},
        "look": {"accent": look.get("accent", ""), "mark": look.get("mark", "")},
        "contact": {f"contact_{code}": contact.get(f"name_{code}", "") for code in ("en", "zh")}
        | {way: contact.get(way, "") for way in ("telephone", "post", "email", "pgp")},
    }
    if asked:
        answers["questions"] = {"set": asked["set"]}
    if "administrators" in found:
        rows = found["administrators"]
        if len(rows) != 2:
            raise BadConfiguration("exactly two administrators; more are invited afterwards")
        answers["administrators"] = {
            f"{who}_{name}": each.get(name, "")
            for who, each in zip(("first", "second"), rows, strict=True)
            for name in ("name_en", "name_zh", "email")
        }
    return answers


def check(answers: Mapping[str, Any], *, only: tuple[str, ...] = QUESTIONS) -> Answers:
    """Every answer through its form. Raises BadConfiguration that names the question and what to mend."""
    checked: Answers = {}
    for step in only:
        form = questions.QUESTIONS[step](answers.get(step, {}), known=checked)
        if not form.is_valid():
            field, errors = next(iter(form.errors.items()))
            raise BadConfiguration(f"{step}, {field.strip('_')}: {errors[0]}")
        checked[step] = form.answer()
    return checked


def questions_in(answers: Mapping[str, Any]) -> dict[str, Any] | None:
    """The own questions of these answers, checked; None where there are none. Raises BadConfiguration."""
    given = answers.get("questions")
    if not given:
        return None
    try:
        return own_rules.read(str(given["set"]).encode("utf-8", "surrogatepass"))
    except BadQuestions as error:
        raise BadConfiguration(f"questions, set: {error}") from None


def of(organisation: Organisation) -> Answers:
    """What an organisation has now, as answers."""
    contact = organisation.outside_contact or {}
    name = contact.get("name") or {}
    post = contact.get("post") or ""
    asked = own_questions.asked(organisation.pk)
    picture = Mark.objects.filter(organisation=organisation).first()
    answers: Answers = {
        "name": {"name_en": organisation.name_en, "name_zh": organisation.name_zh},
        "languages": {"languages": list(organisation.languages)},
        "address": {"slug": organisation.slug, "host": organisation.host},
        "places": {"places": [each["id"] for each in organisation.jurisdictions]},
        "zones": {"time_zone": organisation.time_zone}
        | {
            f"zone_{each['id']}": each["time_zone"]
            for each in organisation.jurisdictions
            if each.get("time_zone")
        },
        "look": {
            "accent": organisation.accent,
            "mark": b64encode(bytes(picture.png)).decode() if picture else "",
        },
        "contact": {
            "contact_en": name.get("en", ""),
            "contact_zh": name.get("zh", ""),
            "telephone": contact.get("telephone") or "",
            "post": post.get("en", "") if isinstance(post, dict) else post,
            "email": contact.get("email") or "",
            "pgp": contact.get("pgp") or "",
        },
    }
    if asked:
        answers["questions"] = {"set": own_rules.canonical(asked).decode()}
    return answers


def write(answers: Mapping[str, Mapping[str, Any]]) -> str:
    """The file of these answers; `read` gives them back. People are left out."""
    own = {**answers["name"], **answers["address"], **answers["languages"]}
    own["time_zone"] = answers["zones"]["time_zone"]
    contact = answers["contact"]
    lines = [
        "# An organisation of Answerable, without people and without secrets.",
        *_table("organisation", own),
    ]
    for identifier in answers["places"]["places"]:
        zone = answers["zones"].get(f"zone_{identifier}", "")
        lines += _table("[places]", {"id": identifier, "time_zone": zone})
    lines += _table("look", answers["look"])
    lines += _table(
        "contact",
        {"name_en": contact["contact_en"], "name_zh": contact["contact_zh"]}
        | {way: contact.get(way, "") for way in ("telephone", "post", "email", "pgp")},
    )
    if "questions" in answers:
        lines += _table("questions", answers["questions"])
    return "\n".join(lines) + "\n"


def _table(name: str, values: Mapping[str, Any]) -> list[str]:
    return ["", f"[{name}]", *(f"{key} = {_text(value)}" for key, value in values.items() if value)]


def _text(value: Any) -> str:
    """JSON's strings and lists are TOML's, but for DEL."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _known(found: Mapping[str, Any]) -> None:
    """Refuse what is misspelt or of the wrong kind, rather than leave it out in silence."""
    for name, value in found.items():
        rows = value if name in _ROWS and isinstance(value, list) else [value]
        allowed = _ROWS.get(name) or _TABLES.get(name)
        if allowed is None:
            raise BadConfiguration(f"“{name}” is no part of a configuration")
        for row in rows:
            if not isinstance(row, dict) or (name in _ROWS) != isinstance(value, list):
                raise BadConfiguration(f"“{name}” must be a {'list of tables' if name in _ROWS else 'table'}")
            for key, each in row.items():
                if key not in allowed:
                    raise BadConfiguration(f"“{key}” is no part of “{name}”")
                texts = each if key == "languages" and isinstance(each, list) else [each]
                if not all(isinstance(text, str) for text in texts):
                    raise BadConfiguration(f"“{key}” of “{name}” must be text")

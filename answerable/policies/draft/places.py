"""The places that a draft has an annex for: what the law there adds, by rule id, and the bodies outside.

Which rules hold, their source and whether somebody verified them: lint/data/laws.json. Not legal advice: have counsel check it.
"""

import tomllib
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from answerable.policies.lint.catalogue import laws

_DATA: Final = Path(__file__).with_name("data")
_STATUS: Final = {
    "en": {"found": "source read"},
    "zh": {"found": "已查到来源"},
}
_LOOK: Final = {"en": "not verified: a lawyer has to look", "zh": "未核实，须律师核对"}


@lru_cache(maxsize=1)
def _places() -> dict[str, dict[str, Any]]:
    return tomllib.loads((_DATA / "places.toml").read_text(encoding="utf-8"))


CODES: Final = tuple(_places())


def name(code: str, lang: str) -> str:
    """What a place is called in "en" or "zh"."""
    return str(_places()[code][lang])


def annexes(codes: Sequence[str], headcount: int, lang: str) -> list[dict[str, str]]:
    """One annex a place, a larger place first: {code, name, bodies, law}; `law` is a Markdown list."""
    return [_annex(code, headcount, lang) for code in _with_larger(codes)]


def _with_larger(codes: Sequence[str]) -> list[str]:
    """Germany brings the European Union along, and California the United States."""
    wanted = {*codes, *[str(_places()[code]["within"]) for code in codes if "within" in _places()[code]]}
    return [code for code in CODES if code in wanted]


def _annex(code: str, headcount: int, lang: str) -> dict[str, str]:
    place, joint = _places()[code], {"en": "; ", "zh": "；"}[lang]
    lines = [_line(each, lang) for each in place["law"] if headcount >= each.get("least", 0)]
    return {
        "code": code,
        "name": str(place[lang]),
        "bodies": joint.join(place[f"bodies_{lang}"]),
        "law": "\n".join(lines),
    }


def _line(each: dict[str, Any], lang: str) -> str:
    law = laws()[each["rule"]]
    status = _STATUS[lang].get(law.status, _LOOK[lang])
    if lang == "zh":
        return f"- {each['zh']}（{law.source}；{law.id}，{status}）"
    return f"- {each['en']} ({law.source}; {law.id}, {status})"


def rules() -> dict[str, list[str]]:
    """The rule ids of each place's annex."""
    return {code: [each["rule"] for each in place["law"]] for code, place in _places().items()}

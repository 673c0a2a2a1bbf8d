"""Findings as people, programs and code scanners read them."""

import json
from collections.abc import Collection, Sequence
from typing import Any, Final

from answerable.jobads.review.engine import CATEGORIES, Finding, review
from answerable.jobads.review.law import PLACES, grounds
from answerable.jobads.review.rewrite import rewrite

_GRADE = {
    "en": {"express": "against the letter of a law", "inferred": "likely unlawful", "advisory": "better not"},
    "zh": {"express": "与法律条文抵触", "inferred": "很可能违法", "advisory": "建议修改"},
}
_LEVEL: Final = {"express": "error", "inferred": "warning", "advisory": "note"}


def entry(text: str, finding: Finding, places: Collection[str] = PLACES) -> dict[str, Any]:
    """One finding as JSON: {category, start, end, grades, rule, rewrite}."""
    return {
        "category": finding.category,
        "start": finding.start,
        "end": finding.end,
        "grades": grounds()[finding.category].grades(places),
        "rule": finding.rule,
        "rewrite": rewrite(text, finding),
    }


def line(text: str, places: Collection[str] = PLACES) -> list[dict[str, Any]]:
    """All findings of one ad for `--format jsonl`."""
    return [entry(text, each, places) for each in review(text).findings]


def as_json(name: str, text: str, places: Collection[str]) -> str:
    """One ad as JSON, with the law, and what was let go and by which filter."""
    found = review(text)
    findings = [
        {
            **entry(text, each, places),
            "text": text[each.start : each.end],
            "why": grounds()[each.category].why[each.lang],
            "law": {
                place: {"grade": basis.grade, "law": basis.law, "status": basis.status}
                for place, basis in grounds()[each.category].by_place.items()
                if place in places
            },
        }
        for each in found.findings
    ]
    let_go = [
        {
            "category": each.category,
            "start": each.start,
            "end": each.end,
            "rule": each.rule,
            "filter": each.filter,
        }
        for each in found.let_go
    ]
    note = "Not legal advice, and never a certificate that an ad is lawful."
    return json.dumps(
        {"file": name, "findings": findings, "let_go": let_go, "note": note}, ensure_ascii=False, indent=2
    )


def as_text(name: str, text: str, places: Collection[str]) -> str:
    """One ad for a person at a terminal."""
    found = review(text).findings
    lines = []
    for each in found:
        ground = grounds()[each.category]
        grade = ground.gravest(places)
        number = text.count("\n", 0, each.start) + 1
        lines.append(
            f"{name}:{number}: “{text[each.start : each.end]}” {_GRADE[each.lang][grade]}: {each.category}"
        )
        lines.append(f"    {ground.why[each.lang]}")
        lines += [
            f"    {place}: {basis.grade}, {basis.law} [{basis.status}]"
            for place, basis in ground.by_place.items()
            if place in places and basis.grade == grade
        ]
        lines.append(f"    → {rewrite(text, each)}")
    lines.append(
        f"{name}: {len(found)} findings. This is not legal advice, and no certificate that the ad is lawful."
    )
    return "\n".join(lines)


def as_sarif(ads: Sequence[tuple[str, str]], places: Collection[str]) -> str:
    """SARIF 2.1.0 (OASIS) of several ads."""
    results = [
        {
            "ruleId": each.category,
            "level": _LEVEL[grounds()[each.category].gravest(places)],
            "message": {"text": f"{grounds()[each.category].why[each.lang]} → {rewrite(text, each)}"},
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": name.replace("\\", "/")},
                        "region": {
                            "startLine": text.count("\n", 0, each.start) + 1,
                            "charOffset": each.start,
                            "charLength": each.end - each.start,
                        },
                    }
                }
            ],
        }
        for name, text in ads
        for each in review(text).findings
    ]
    rules = [{"id": each, "shortDescription": {"text": grounds()[each].why["en"]}} for each in CATEGORIES]
    return json.dumps(
        {
            "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
            "version": "2.1.0",
            "runs": [
                {"tool": {"driver": {"name": "answerable jobads check", "rules": rules}}, "results": results}
            ],
        },
        ensure_ascii=False,
        indent=2,
    )


def gravest(text: str, places: Collection[str]) -> str | None:
    """The gravest grade among an ad's findings, None without any."""
    found = {grounds()[each.category].gravest(places) for each in review(text).findings}
    return next((each for each in ("express", "inferred", "advisory") if each in found), None)

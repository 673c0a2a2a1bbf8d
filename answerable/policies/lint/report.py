"""Findings as people, programs and code scanners read them."""

import json
from collections.abc import Collection
from typing import Any, Final

from answerable.policies.lint import style
from answerable.policies.lint.catalogue import Law, points
from answerable.policies.lint.document import Document
from answerable.policies.lint.engine import Finding, read

TOOL: Final = "answerable policies lint"
_STATE = {
    "en": {"present": "there", "weak": "weak", "absent": "missing"},
    "zh": {"present": "有", "weak": "不足", "absent": "缺"},
}
_STATUS = {
    "en": {"found": "source read", "partly_found": "partly verified", "contested": "contested"},
    "zh": {"found": "已查到来源", "partly_found": "部分核实", "contested": "有争议"},
}


def findings_of(document: Document) -> list[Finding]:
    """The 48 findings; offsets are characters of the whole text."""
    found = read(document.text[document.body :], document.lang)
    return [
        each
        if each.start is None or each.end is None
        else Finding(each.point, each.state, each.start + document.body, each.end + document.body, each.rule)
        for each in found
    ]


def failed(found: Collection[Finding]) -> bool:
    """Whether a "must" point is missing."""
    return any(each.state == "absent" and points()[each.point].level == "must" for each in found)


def line(text: str, lang: str, jurisdictions: Collection[str]) -> dict[str, Any]:
    """The points of one text for `--format jsonl`: {"1": {state, start, end, level, law}, …}."""
    return {
        str(each.point): {
            "state": each.state,
            "start": each.start,
            "end": each.end,
            "level": points()[each.point].level,
            "law": [law.id for law in points()[each.point].law_of(jurisdictions)],
        }
        for each in read(text, lang)
    }


def as_json(name: str, document: Document, jurisdictions: Collection[str]) -> str:
    """One document as JSON."""
    read_as = style.reading(document.text[document.body :], document.lang)
    found = findings_of(document)
    return json.dumps(
        {
            "file": name,
            "lang": document.lang,
            "jurisdictions": list(jurisdictions),
            "ok": not failed(found),
            "points": [
                {
                    "point": each.point,
                    "name": points()[each.point].name[document.lang],
                    "state": each.state,
                    "level": points()[each.point].level,
                    "start": each.start,
                    "end": each.end,
                    "law": [_law(law) for law in points()[each.point].law_of(jurisdictions)],
                    "write": points()[each.point].ask[document.lang] if each.state != "present" else None,
                }
                for each in found
            ],
            "reading": {
                "grade": read_as.grade and round(read_as.grade, 1),
                "sentence": round(read_as.sentence, 1),
                "clause": read_as.clause and round(read_as.clause, 1),
                "within": read_as.within,
            },
            "style": [
                {"rule": each.rule, "start": each.start, "end": each.end, "why": each.why}
                for each in _remarks(document)
            ],
            "note": "Not legal advice: have counsel check it.",
        },
        ensure_ascii=False,
        indent=2,
    )


def _remarks(document: Document) -> list[style.Remark]:
    return [
        style.Remark(each.rule, each.start + document.body, each.end + document.body, each.why)
        for each in style.remarks(document.text[document.body :], document.lang)
    ]


def _law(law: Law) -> dict[str, str]:
    return {"id": law.id, "text": law.text, "source": law.source, "status": law.status}


def as_text(name: str, document: Document, jurisdictions: Collection[str]) -> str:
    """One document for a person at a terminal, in the document's language."""
    lang, found = document.lang, findings_of(document)
    lines = [name]
    for each in sorted(found, key=lambda one: (one.state != "absent", one.state != "weak", one.point)):
        point = points()[each.point]
        if each.state == "present":
            continue
        at = "" if each.start is None else f":{_line_of(document.text, each.start)}"
        lines.append(f"  {_STATE[lang][each.state]} ({point.level}) {each.point}{at} {point.name[lang]}")
        lines.append(f"      {point.ask[lang]}")
        for law in point.law_of(jurisdictions):
            status = _STATUS[lang].get(law.status, "not verified" if lang == "en" else "未核实")
            lines.append(f"      {law.id}: {law.text} [{status}]")
    for remark in _remarks(document):
        quoted = document.text[remark.start : remark.end].replace("\n", " ")[:60]
        lines.append(f"  style :{_line_of(document.text, remark.start)} “{quoted}” {remark.why}")
    read_as = style.reading(document.text[document.body :], lang)
    there = sum(each.state == "present" for each in found)
    weak = sum(each.state == "weak" for each in found)
    if lang == "en":
        lines.append(f"{there} of 48 points there, {weak} weak, {48 - there - weak} missing.")
        lines.append(f"Reading grade {read_as.grade or 0:.1f} (limit {style.GRADE:.0f}).")
        lines.append("This is not legal advice: have counsel check it.")
    else:
        lines.append(f"48 点中有 {there} 点，不足 {weak} 点，缺 {48 - there - weak} 点。")
        lines.append(f"平均每句 {read_as.sentence:.0f} 字（限 {style.SENTENCE:.0f}）。")
        lines.append(f"平均每小句 {read_as.clause or 0:.0f} 字（限 {style.CLAUSE:.0f}）。")
        lines.append("这不是法律意见：请律师核对。")
    return "\n".join(lines)


def _line_of(text: str, at: int) -> int:
    return text.count("\n", 0, at) + 1


def as_sarif(documents: list[tuple[str, Document]], jurisdictions: Collection[str]) -> str:
    """SARIF 2.1.0 (OASIS) of several documents."""
    results = []
    for name, document in documents:
        for each in findings_of(document):
            if each.state == "present":
                continue
            point = points()[each.point]
            grave = {"absent": "error" if point.level == "must" else "warning", "weak": "note"}[each.state]
            words = f"{_STATE[document.lang][each.state]}: {point.name[document.lang]}. {point.ask[document.lang]}"
            results.append(
                _result(f"P{each.point}", grave, words, name, document, each.start or 0, each.end or 0)
            )
        results += [
            _result(remark.rule, "note", remark.why, name, document, remark.start, remark.end)
            for remark in _remarks(document)
        ]
    rules = [
        {
            "id": f"P{number}",
            "name": f"point-{number}",
            "shortDescription": {"text": point.name["en"]},
            "help": {"text": " ".join([point.ask["en"], *(law.id for law in point.law_of(jurisdictions))])},
        }
        for number, point in points().items()
    ]
    rules += [{"id": each, "shortDescription": {"text": each}} for each in ("banned-words", "long-sentence")]
    return json.dumps(
        {
            "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
            "version": "2.1.0",
            "runs": [{"tool": {"driver": {"name": TOOL, "rules": rules}}, "results": results}],
        },
        ensure_ascii=False,
        indent=2,
    )


def _result(
    rule: str, level: str, words: str, name: str, document: Document, start: int, end: int
) -> dict[str, Any]:
    return {
        "ruleId": rule,
        "level": level,
        "message": {"text": words},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": name.replace("\\", "/")},
                    "region": {
                        "startLine": _line_of(document.text, start),
                        "charOffset": start,
                        "charLength": max(0, end - start),
                    },
                }
            }
        ],
    }

"""One question as an administrator types it."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from answerable.questions import rules
from answerable.questions.rules import LONGEST
from answerable.ui.templatetags.words import words


class TypeQuestion(forms.Form):
    """`known`: the questions before this one; `old`: the question as it was, whose ids stay."""

    kind = forms.ChoiceField()
    text_zh = forms.CharField(max_length=LONGEST["text"])
    text_en = forms.CharField(max_length=LONGEST["text"])
    hint_zh = forms.CharField(max_length=LONGEST["hint"], required=False)
    hint_en = forms.CharField(max_length=LONGEST["hint"], required=False)
    options_zh = forms.CharField(max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 4}))
    options_en = forms.CharField(max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 4}))

    def __init__(
        self,
        data: Any = None,
        *,
        known: Sequence[Mapping[str, Any]],
        old: Mapping[str, Any] | None = None,
    ) -> None:
        self.known, self.old = known, old
        super().__init__(data, initial=_typed(old) if old else None)
        field: Any = self.fields["kind"]
        field.choices = [(name, words(*said)) for name, said in rules.KINDS.items()]
        asked = data.getlist("when") if data is not None else _conditions(old)
        self.conditions = [
            {
                "question": each,
                "answers": [
                    {"value": value, "text": text, "checked": value in asked}
                    for value, text in (
                        (f"{each['id']}={name}", text) for name, text in rules.answers_of(each)
                    )
                ],
            }
            for each in known
            if rules.answers_of(each)
        ]
        self.asked = asked

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if bool(data.get("hint_en")) != bool(data.get("hint_zh")):
            self.add_error(
                "hint_en" if data.get("hint_zh") else "hint_zh",
                words("Write it in both languages, or in neither.", "两种语言都写，或者都不写。"),
            )
        if data.get("kind") in rules.CHOICES:
            en, zh = _lines(data.get("options_en")), _lines(data.get("options_zh"))
            if len(en) != len(zh):
                message = words(
                    f"{len(zh)} answers in Chinese, {len(en)} in English.",
                    f"中文有 {len(zh)} 个选项，英文有 {len(en)} 个。",
                )
                self.add_error("options_en", message)
            elif not 2 <= len(en) <= rules.MOST_OPTIONS:
                self.add_error(
                    "options_zh",
                    words("Two to twelve answers, one on each line.", "二到十二个选项，每行一个。"),
                )
        if len({each.partition("=")[0] for each in self.asked}) > 1:
            self.add_error(
                None,
                words("Let it hang on one earlier question only.", "只能以前面的一个问题为条件。"),
            )
        return data

    def question(self, identifier: str) -> dict[str, Any]:
        """What was typed, in the format; `rules.check` has the last word."""
        data = self.cleaned_data
        made: dict[str, Any] = {"id": identifier, "kind": data["kind"], "text": _both(data, "text")}
        if data["hint_en"]:
            made["hint"] = _both(data, "hint")
        if data["kind"] in rules.CHOICES:
            pairs = list(zip(_lines(data["options_en"]), _lines(data["options_zh"]), strict=True))
            made["options"] = _options(pairs, (self.old or {}).get("options", ()))
        if self.asked:
            about = self.asked[0].partition("=")[0]
            made["when"] = {"question": about, "answers": [each.partition("=")[2] for each in self.asked]}
        return made


class UploadQuestions(forms.Form):
    """A file of questions."""

    file = forms.FileField(allow_empty_file=True)


def _lines(text: Any) -> list[str]:
    return [line.strip() for line in str(text or "").splitlines() if line.strip()]


def _both(data: Mapping[str, str], name: str) -> dict[str, str]:
    return {language: data[f"{name}_{language}"] for language in ("en", "zh")}


def _options(pairs: list[tuple[str, str]], old: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """An answer that was there keeps its id: conditions name it. One in the same place with a new wording keeps it, too."""
    left = {each["id"]: (each["text"]["en"], each["text"]["zh"]) for each in old}
    ids: list[str] = [""] * len(pairs)
    for at, pair in enumerate(pairs):
        ids[at] = next((name for name, said in left.items() if said == pair), "")
        left.pop(ids[at], None)
    for at, each in enumerate(old):
        if at < len(ids) and not ids[at] and each["id"] in left:
            ids[at] = each["id"]
            left.pop(each["id"])
    used = {each["id"] for each in old} | set(ids)
    fresh = (name for name in (f"o{n}" for n in range(1, 100)) if name not in used)
    return [{"id": ids[at] or next(fresh), "text": {"en": en, "zh": zh}} for at, (en, zh) in enumerate(pairs)]


def _typed(old: Mapping[str, Any]) -> dict[str, str]:
    shown = {"kind": old["kind"]}
    for language in ("en", "zh"):
        shown[f"text_{language}"] = old["text"][language]
        shown[f"hint_{language}"] = old.get("hint", {}).get(language, "")
        shown[f"options_{language}"] = "\n".join(each["text"][language] for each in old.get("options", ()))
    return shown


def _conditions(old: Mapping[str, Any] | None) -> list[str]:
    when = (old or {}).get("when")
    return [f"{when['question']}={each}" for each in when["answers"]] if when else []

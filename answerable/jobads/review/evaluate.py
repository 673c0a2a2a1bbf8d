"""Measures the reviewer on labelled ads: precision, recall and F1 by item, and span recall, by language and category.

A line is {"id", "lang", "text", "labels": [{"category", "start", "end"}], "source", "borderline"}.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from answerable.jobads.review.engine import review
from answerable.jobads.review.law import grounds

PEERS: Final = (
    "peers, item level: Chinese regex list A .85/.39; English best .70/.39 (retext-equality, joblint)"
)


@dataclass
class Count:
    """Items told rightly, told wrongly, not told; labelled spans, and those that a finding of the category touches."""

    hit: int = 0
    false: int = 0
    missed: int = 0
    spans: int = 0
    touched: int = 0

    @property
    def precision(self) -> float | None:
        told = self.hit + self.false
        return self.hit / told if told else None

    @property
    def recall(self) -> float | None:
        there = self.hit + self.missed
        return self.hit / there if there else None

    @property
    def f1(self) -> float | None:
        p, r = self.precision, self.recall
        return 2 * p * r / (p + r) if p and r else None

    def add(self, labelled: bool, told: bool) -> None:
        """Count one item."""
        self.hit += labelled and told
        self.false += told and not labelled
        self.missed += labelled and not told


Key = tuple[str, str]


def evaluate(ads: Iterable[Mapping[str, Any]]) -> dict[Key, Count]:
    """Counts by (language, what): "all", a category, "express", "advisory", "real", "constructed", "without borderline"."""
    counts: dict[Key, Count] = {}
    for ad in ads:
        lang, labels = ad["lang"], ad["labels"]
        found = review(ad["text"]).findings
        told, labelled = {each.category for each in found}, {each["category"] for each in labels}

        def count(what: str, there: bool, said: bool, lang: str = lang) -> Count:
            each = counts.setdefault((lang, what), Count())
            each.add(there, said)
            return each

        whole = [count("all", bool(labelled), bool(told))]
        source = str(ad.get("source", ""))
        whole.append(
            count("constructed" if source.startswith("constructed") else "real", bool(labelled), bool(told))
        )
        if not ad.get("borderline"):
            whole.append(count("without borderline", bool(labelled), bool(told)))
        for grade, some in (("express or inferred", True), ("advisory", False)):
            count(
                grade,
                any(_grave(each) == some for each in labelled),
                any(_grave(each) == some for each in told),
            )
        for category in told | labelled:
            counts.setdefault((lang, category), Count()).add(category in labelled, category in told)
        for label in labels:
            touched = any(
                each.category == label["category"] and each.start < label["end"] and label["start"] < each.end
                for each in found
            )
            for each in (*whole, counts[lang, label["category"]]):
                each.spans += 1
                each.touched += touched
    return counts


def _grave(category: str) -> bool:
    ground = grounds().get(category)
    return ground is not None and ground.gravest() != "advisory"


def table(counts: Mapping[Key, Count]) -> str:
    """The counts as a table for a terminal."""
    lines = [f"{'':36}{'items':>7}{'precision':>11}{'recall':>8}{'F1':>7}{'spans':>7}{'span recall':>13}"]
    for (lang, what), count in sorted(
        counts.items(), key=lambda each: (each[0][0], each[0][1] != "all", each[0][1])
    ):
        spans = count.touched / count.spans if count.spans else None
        lines.append(
            f"{lang + ' ' + what:36}{count.hit + count.missed:>7}{_share(count.precision):>11}{_share(count.recall):>8}"
            f"{_share(count.f1):>7}{count.spans:>7}{_share(spans):>13}"
        )
    lines += ["aims: precision .90, recall .85, span recall .80 in each language", PEERS]
    return "\n".join(lines)


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"

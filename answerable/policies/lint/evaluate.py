"""Measures the linter on labelled policies: precision and recall of missing points.

A line is {"id", "lang", "text", "present": […], "weak": […], "absent": […]}, each point in one of the three. Weak points are
counted apart, since lawyers differ there most.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from answerable.policies.lint.engine import POINTS, read, states


@dataclass
class Count:
    """Missing points: told and missing, told but there, missing but not told, told but only weak; and weak as weak."""

    hit: int = 0
    false: int = 0
    missed: int = 0
    told_weak: int = 0
    weak: int = 0
    weak_hit: int = 0

    @property
    def precision(self) -> float | None:
        told = self.hit + self.false
        return self.hit / told if told else None

    @property
    def strict(self) -> float | None:
        """Precision that also counts a weak point told as missing for a mistake."""
        told = self.hit + self.false + self.told_weak
        return self.hit / told if told else None

    @property
    def recall(self) -> float | None:
        there = self.hit + self.missed
        return self.hit / there if there else None

    def add(self, label: str, said: str) -> None:
        """Count one point."""
        if label == "weak":
            self.weak += 1
            self.told_weak += said == "absent"
            self.weak_hit += said == "weak"
        elif label == "absent":
            self.hit += said == "absent"
            self.missed += said != "absent"
        else:
            self.false += said == "absent"


def evaluate(policies: Iterable[Mapping[str, Any]]) -> dict[tuple[str, int | None], Count]:
    """Counts by (language, point), and by (language, None) for all points together."""
    counts: dict[tuple[str, int | None], Count] = {}
    for policy in policies:
        lang = "zh" if str(policy["lang"]).lower().startswith("zh") else "en"
        said = states(read(policy["text"], lang))
        label = {point: name for name in ("present", "weak", "absent") for point in policy[name]}
        for point in POINTS:
            if point in label:
                for key in ((lang, point), (lang, None)):
                    counts.setdefault(key, Count()).add(label[point], said[point])
    return counts


def table(counts: Mapping[tuple[str, int | None], Count]) -> str:
    """The counts as a table for a terminal."""
    lines = [
        f"{'':14}{'missing':>8}{'recall':>8}{'precision':>11}{'strict':>8}{'weak':>6}{'weak as weak':>14}"
    ]
    for (lang, point), count in sorted(counts.items(), key=lambda each: (each[0][0], each[0][1] or 0)):
        name = f"{lang} all" if point is None else f"{lang} {point}"
        lines.append(
            f"{name:14}{count.hit + count.missed:>8}{_share(count.recall):>8}{_share(count.precision):>11}"
            f"{_share(count.strict):>8}{count.weak:>6}{count.weak_hit:>14}"
        )
    lines.append("aims: recall .90, precision .85 in each language")
    return "\n".join(lines)


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"

"""The law behind a finding, by category and place, with a grade and whether somebody read the text."""

import tomllib
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final, Literal

PLACES: Final = ("CN", "US", "EU", "UK", "JP", "KR", "IN")
Grade = Literal["express", "inferred", "advisory"]
GRAVEST: Final[tuple[Grade, ...]] = ("express", "inferred", "advisory")


@dataclass(frozen=True, slots=True)
class Basis:
    """How grave a finding is in one place, and by what."""

    grade: Grade
    law: str
    status: str


@dataclass(frozen=True, slots=True)
class Ground:
    """A category: its law by place, and why it is a finding, by "en" and "zh"."""

    by_place: dict[str, Basis]
    why: dict[str, str]

    def grades(self, places: Collection[str] = PLACES) -> dict[str, Grade]:
        """The grade in each of these places."""
        return {each: self.by_place[each].grade for each in places if each in self.by_place}

    def gravest(self, places: Collection[str] = PLACES) -> Grade:
        """The gravest of them; "advisory" if none is known."""
        found = set(self.grades(places).values())
        return next((each for each in GRAVEST if each in found), "advisory")


@lru_cache(maxsize=1)
def grounds() -> dict[str, Ground]:
    """Every category's ground."""
    raw = tomllib.loads(Path(__file__).with_name("data").joinpath("law.toml").read_text(encoding="utf-8"))
    return {
        category: Ground(
            {place: Basis(**entry[place]) for place in PLACES if place in entry},
            {"en": entry["en"], "zh": entry["zh"]},
        )
        for category, entry in raw.items()
    }

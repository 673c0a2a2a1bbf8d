"""A made-up directory of any size, always the same: for `bench/people.py` and for tests that need many people."""

import csv
import random
from pathlib import Path

_FAMILY = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹"
_GIVEN = "明芳伟敏静丽强磊军洋勇艳杰娟涛超秀霞平刚桂英华玉兰文辉鑫宇浩晨梓涵欣怡佳琪诗雨思远"
_LATIN = (
    "Lin",
    "Chen",
    "Mei",
    "Wei",
    "Ashby",
    "Tom",
    "Nora",
    "Kemp",
    "Orla",
    "Bao",
    "Zhou",
    "Ines",
    "Piet",
    "Sofie",
)
_PLACES = ("上海", "苏州", "Dublin", "Lyon", "成都", "Leipzig")
HEADING = ("number", "name", "name_latin", "unit", "manager", "email", "phone", "language", "place")


def rows(count: int, *, seed: int = 1) -> list[list[str]]:
    """People 1 to `count`: eight to a manager, forty to a unit, in units of three levels."""
    chance = random.Random(seed)
    made = []
    for at in range(count):
        unit = at // 40
        name = chance.choice(_FAMILY) + chance.choice(_GIVEN) + chance.choice(("", chance.choice(_GIVEN)))
        made.append(
            [
                f"{at + 1:07}",
                name,
                f"{chance.choice(_LATIN)} {chance.choice(_LATIN)}",
                f"D{unit % 12}/B{unit % 144}/T{unit}",
                f"{(at - 1) // 8 + 1:07}" if at else "",
                f"p{at + 1}@tidewick.example" if at % 10 else "",
                f"+86138{at:08}" if at % 3 else "",
                "zh en" if at % 4 else "en",
                _PLACES[at % len(_PLACES)],
            ]
        )
    return made


def write(path: Path, people: list[list[str]]) -> Path:
    """As CSV in UTF-8."""
    with path.open("w", newline="", encoding="utf-8") as out:
        csv.writer(out).writerows([HEADING, *people])
    return path


def write_workbook(path: Path, people: list[list[str]]) -> Path:
    """As XLSX."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet("people")
    for row in [HEADING, *people]:
        sheet.append(list(row))
    book.save(path)
    return path

"""What can be wrong with a file, each by a stable code with its words. A fault never holds what stood in the cell."""

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

MOST: Final = 20_000
"""Faults that are kept; the rest is counted."""

WORDS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "no-file": ("This file can’t be opened.", "打不开这个文件。"),
        "empty-file": ("The file is empty.", "文件是空的。"),
        "no-rows": ("There is a heading and no row below it.", "只有表头，下面没有数据。"),
        "not-a-table": (
            "This is neither a CSV file nor an Excel workbook (.xlsx).",
            "这既不是 CSV 文件，也不是 Excel 工作簿（.xlsx）。",
        ),
        "old-excel": (
            "This is an old or password-protected Excel file. Save it as .xlsx or as CSV UTF-8, without a password.",
            "这是旧版或加了密码的 Excel 文件。请去掉密码，另存为 .xlsx 或 CSV UTF-8。",
        ),
        "broken-workbook": (
            "This workbook is damaged. Open it and save it again.",
            "这个工作簿已损坏。请打开后重新保存。",
        ),
        "too-big": (
            "The file is larger than we read: at most 500,000 rows, 200 MiB as CSV, 512 MiB unpacked as a workbook.",
            "文件太大：最多 50 万行；CSV 不超过 200 MiB，工作簿解开后不超过 512 MiB。",
        ),
        "encoding": (
            "From here on the letters can’t be read for sure. Save the file as “CSV UTF-8”.",
            "从这里起文字编码无法确定。请把文件另存为“CSV UTF-8”。",
        ),
        "long-line": ("This line is far too long for one person.", "这一行太长，不像是一个人的数据。"),
        "bad-quotes": (
            "The quotation marks of this row don’t match. Reading stopped here.",
            "这一行的引号不成对，读到这里停下。",
        ),
        "missing-column": ("This column is needed and is not there.", "缺少必需的这一列。"),
        "unknown-column": (
            "We don’t know this column. Take it out: we keep no more than we need.",
            "不认识这一列。请删掉：我们只留用得着的数据。",
        ),
        "duplicate-column": ("This column is there twice.", "这一列出现了两次。"),
        "wrong-cells": (
            "This row has more or fewer cells than the heading.",
            "这一行的格数和表头不一致。",
        ),
        "empty-cell": ("This cell may not be empty.", "这一格不能空着。"),
        "too-long": ("This cell is too long.", "这一格内容太长。"),
        "control-character": (
            "There is a hidden character in this cell that changes how it reads. Type it anew.",
            "这一格里有看不见的控制字符，会改变显示。请重新输入。",
        ),
        "formula": (
            "This cell is a formula, or would be one in a spreadsheet. Put in its value.",
            "这一格是公式，或会被表格软件当成公式。请填入数值或文字本身。",
        ),
        "bad-cell": ("This cell holds an error value.", "这一格是错误值。"),
        "digits-lost": (
            "A spreadsheet has cut the digits of this number. Store it as text.",
            "表格软件截掉了这个数字的位数。请存成文本。",
        ),
        "duplicate-number": (
            "Line {other} has this employee number already.",
            "第 {other} 行已有这个工号。",
        ),
        "duplicate-email": ("Line {other} has this e-mail address already.", "第 {other} 行已有这个邮箱。"),
        "email-taken": (
            "Somebody else of the directory, not in this file, has this e-mail address.",
            "名录里有别人在用这个邮箱，而那个人不在这份文件里。",
        ),
        "bad-email": ("This is not an e-mail address.", "这不是邮箱地址。"),
        "bad-phone": (
            "This is not a telephone number: digits, with + in front for another country.",
            "这不是电话号码：只用数字，国际号码前加 +。",
        ),
        "bad-language": (
            "We speak en and zh; put one or both, the preferred one first.",
            "我们支持 zh 和 en；填一个或两个，首选的放前面。",
        ),
        "unknown-manager": (
            "Nobody has this employee number; the manager must be in the file or in the directory.",
            "没有人是这个工号；上级必须在文件里或名录里。",
        ),
        "own-manager": ("Somebody is their own manager here.", "这里的上级是本人。"),
        "manager-loop": (
            "Going up from manager to manager leads back to this person.",
            "一级一级往上找，又回到了这个人。",
        ),
        "unknown-unit": ("This unit is not in the list of units.", "部门列表里没有这个部门。"),
        "duplicate-unit": ("Line {other} has this unit already.", "第 {other} 行已有这个部门。"),
        "unit-loop": (
            "Going up from unit to unit leads back to this unit.",
            "一级一级往上找，又回到了这个部门。",
        ),
        "last-administrator": (
            "The list would remove the last administrator. Make another one first.",
            "这份名单会让最后一位管理员离开。请先让别人当管理员。",
        ),
    }
)


class Fault(NamedTuple):
    """One thing to mend. `line` counts from 1, the heading included; 0 is the file as a whole.

    `column` is ours (or the heading as it stands, of one we don't know), None for the whole row; `other` a second line.
    """

    line: int
    column: str | None
    code: str
    other: int = 0

    @property
    def said(self) -> dict[str, str]:
        """In both languages."""
        en, zh = WORDS[self.code]
        return {"en": en.format(other=self.other), "zh": zh.format(other=self.other)}


class Faults:
    """Faults as they are found: the first MOST are kept, all are counted."""

    def __init__(self) -> None:
        self._kept: list[Fault] = []
        self.count = 0

    def add(self, line: int, column: str | None, code: str, other: int = 0) -> None:
        self.count += 1
        if len(self._kept) < MOST:
            self._kept.append(Fault(line, column, code, other))

    def extend(self, more: Iterable[Fault]) -> None:
        for each in more:
            self.add(*each)

    def __bool__(self) -> bool:
        return self.count > 0

    def __iter__(self) -> Iterator[Fault]:
        return iter(sorted(self._kept, key=lambda each: each.line))

    @property
    def left_out(self) -> int:
        """How many were not kept."""
        return self.count - len(self._kept)


class Unreadable(Exception):
    """Reading can't go on; `fault` says where and why."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.code)
        self.fault = fault

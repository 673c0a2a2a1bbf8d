"""docs/rights.md, made from the table: `python -m answerable.organisation.rights_page --write`. A test compares."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from answerable.organisation.rights import ACTS, PUBLIC, WITHOUT_ACT, Act, Open
from answerable.organisation.rules import ROLES
from answerable.organisation.words import ROLE_NAMES

TARGET: Final = Path(__file__).parents[2] / "docs" / "rights.md"

_ENGLISH: Final = """# Who may do what

Made from `answerable/organisation/rights.py`, the table that the doors of all signed-in pages ask; don't change it by hand:
`python -m answerable.organisation.rights_page --write`. `answerable/server/tests/test_rights.py` walks every address as
every role and compares.

**Two people**: one alone can't; somebody else has to confirm. For a role this holds once the organisation is open and the
change touches who is told when a promise is missed (leads, overseers, external members). **Prove again**: whoever signed in
longer ago proves once more who they are. Handlers, leads and external members see the cases that are sealed to them and
nothing of any other; no role opens a case to anybody. “Anyone” is every signed-in person, also without a role.
"""
_CHINESE: Final = """
# 谁可以做什么

由 `answerable/organisation/rights.py` 生成，登录后的每个页面都按这张表放行；不要手工修改。`answerable/server/tests/test_rights.py`
会以每种角色走遍所有地址，逐一比对。

**两人**：一个人做不成，要另一个人确认。对角色来说，单位开放接收报告以后，凡是会改变“承诺逾期时通知谁”的（组长、监督人、外部成员），都要两人。
**再验证**：登录已久的人要再证明一次身份。经办人、组长、外部成员只看得到封给自己的个案，别的一概看不到；没有哪个角色能替别人打开个案。
“所有人”指每个登录的人，没有角色的也算。
"""


def page() -> str:
    """The whole page, first in English, then in Chinese."""
    return "\n".join(
        [
            _ENGLISH,
            *_acts("en", ["Act", "What", "Anyone"], ["Two people", "Prove again"]),
            "",
            "## What needs no act",
            "",
            *_open("en", ["Route", "What"]),
            _CHINESE,
            *_acts("zh", ["行为", "内容", "所有人"], ["两人", "再验证"]),
            "",
            "## 不需要授权的",
            "",
            *_open("zh", ["路径", "内容"]),
            "",
        ]
    )


def _acts(lang: str, first: list[str], last: list[str]) -> list[str]:
    names = [ROLE_NAMES[role][lang] for role in ROLES]
    return _table([*first, *names, *last], [_row(name, act, lang) for name, act in ACTS.items()])


def _row(name: str, act: Act, lang: str) -> list[str]:
    held = [_mark("" in act.roles), *(_mark(role in act.roles) for role in ROLES)]
    return [f"`{name}`", act.en if lang == "en" else act.zh, *held, _mark(act.two_people), _mark(act.step_up)]


def _mark(so: bool) -> str:
    return "✓" if so else ""


def _open(lang: str, head: list[str]) -> list[str]:
    by_reason: dict[Open, list[str]] = {}
    both: Mapping[str, Open] = {**PUBLIC, **WITHOUT_ACT}
    for name, why in both.items():
        by_reason.setdefault(why, []).append(f"`{name}`")
    rows = [[" ".join(names), why.en if lang == "en" else why.zh] for why, names in by_reason.items()]
    return _table(head, rows)


def _table(head: list[str], rows: list[list[str]]) -> list[str]:
    return [_line(head), _line(["---"] * len(head)), *(_line(row) for row in rows)]


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def main(arguments: list[str]) -> int:
    """Write the page, or print it. 0."""
    if "--write" in arguments:
        TARGET.write_text(page(), encoding="utf-8")
    else:
        sys.stdout.write(page())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""`answerable doctor`: looks at everything an installation stands on, and says in plain words how it is and what to do.

Each check is a function (now, full) that yields Findings; capabilities add theirs through `organisation.seams.CHECKS`. A
check that fails is itself a finding, so one broken part never hides the others. Exit status: 1 if anything is bad.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime

from django.db import close_old_connections
from django.utils import timezone

from answerable.organisation import seams
from answerable.organisation.seams import BAD, GOOD, WATCH, Finding
from answerable.server.doctor import database, logs, machine, mail, site

__all__ = ["OWN", "examine", "main"]

Check = Callable[[datetime, bool], Iterable[Finding]]

OWN: list[Check] = [
    site.check_options,
    site.check_addresses,
    machine.check_permissions,
    machine.check_disk,
    machine.check_clock,
    database.check_version,
    database.check_schema,
    database.check_clock,
    logs.check_keys,
    logs.check_logs,
    database.check_keeper,
    mail.check_server,
    mail.check_outbox,
]
_SIGN = {GOOD: "ok   ", WATCH: "watch", BAD: "BAD  "}
_ZH = {GOOD: "正常", WATCH: "留意", BAD: "有问题"}


def examine(now: datetime, *, full: bool, checks: Sequence[Check] | None = None) -> Iterator[Finding]:
    """Every finding, one check after the other."""
    for check in [*OWN, *seams.CHECKS] if checks is None else checks:
        try:
            yield from check(now, full)
        except Exception as error:  # noqa: BLE001 - told, by its class alone, and the others go on
            name = check.__name__.removeprefix("check_")
            yield Finding(
                name,
                BAD,
                {
                    "en": f"This could not be looked at ({type(error).__name__}).",
                    "zh": f"这一项没能检查（{type(error).__name__}）。",
                },
                {
                    "en": "If the database is away, bring it back first; the other lines say more.",
                    "zh": "如果数据库没有应答，先把它恢复；其他几行会有更多线索。",
                },
            )
        finally:
            close_old_connections()


def main(*, form: str, full: bool, lang: str) -> int:
    """Print the findings as they come (JSON: at the end); 1 if one of them is bad."""
    found = []
    for each in examine(timezone.now(), full=full):
        found.append(each)
        if form == "text":
            print(line(each, lang), flush=True)  # noqa: T201 - a command
    worst = [each.state for each in found]
    if form == "json":
        rows = [{"name": f.name, "state": f.state, "is": f.is_, "do": f.do} for f in found]
        print(json.dumps({"well": BAD not in worst, "findings": rows}, ensure_ascii=False))  # noqa: T201
    else:
        print(summary(worst, lang))  # noqa: T201
    return 1 if BAD in worst else 0


def line(found: Finding, lang: str) -> str:
    """One finding as text, what to do on a second line."""
    sign = _ZH[found.state] if lang == "zh" else _SIGN[found.state]
    text = f"{sign} {found.name}: {found.is_[lang]}"
    return f"{text}\n      → {found.do[lang]}" if found.do else text


def summary(states: Sequence[str], lang: str) -> str:
    """The last line."""
    bad, watch = states.count(BAD), states.count(WATCH)
    if lang == "zh":
        return f"共检查 {len(states)} 项：{bad} 项有问题，{watch} 项需要留意。"
    return f"{len(states)} looked at: {bad} bad, {watch} to watch."

"""How the drill stands, for the doctor."""

from collections.abc import Iterator
from datetime import datetime

from django.conf import settings

from answerable.drill import rules
from answerable.drill.models import Watch
from answerable.organisation.seams import BAD, GOOD, WATCH, Finding

__all__ = ["drill"]


def drill(now: datetime, full: bool) -> Iterator[Finding]:  # noqa: ARG001 - the doctor's shape
    """Whether each organisation's drill succeeded in time, and if not, where it stopped; nothing where drills are off."""
    if not settings.DRILL:
        return
    for watch in Watch.objects.all():
        if not watch.code:
            yield Finding("drill", GOOD, {"en": "The daily drill succeeds.", "zh": "每日演练成功。"})
            continue
        state = BAD if rules.rung_reached(watch.since, now) else WATCH
        said = {
            "en": f"The last drill stopped at: {watch.code}.",
            "zh": f"最近一次演练停在：{watch.code}。",
        }
        do = {
            "en": "docs/for-operators.md, Drill, says what each step needs. Is drill_url an address of this server?",
            "zh": "docs/for-operators.md 的 Drill 一节说明每一步需要什么。drill_url 是不是本服务器的地址？",
        }
        yield Finding("drill", state, said, do)

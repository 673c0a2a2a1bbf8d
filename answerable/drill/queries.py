"""How the drills stand."""

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings

from answerable.drill import rules
from answerable.drill.models import Watch
from answerable.organisation.models import Organisation
from answerable.organisation.seams import BAD, GOOD, WATCH, Finding

__all__ = ["every", "failing", "of"]


def every(now: datetime) -> list[Finding]:
    """Whether each organisation's drill succeeded in time, and if not, where it stopped; nothing where drills are off."""
    return [_told(watch, now) for watch in Watch.objects.order_by("pk")] if settings.DRILL else []


def of(organisation: Organisation, now: datetime) -> Iterable[Finding]:
    """The same of one organisation (`organisation.seams.HEALTH`)."""
    watch = Watch.objects.filter(organisation=organisation).first() if settings.DRILL else None
    return [_told(watch, now)] if watch else []


def failing() -> int:
    """How many organisations' last drill did not succeed."""
    return Watch.objects.exclude(code="").count() if settings.DRILL else 0


def _told(watch: Watch, now: datetime) -> Finding:
    if not watch.code:
        return Finding("drill", GOOD, {"en": "The daily drill succeeds.", "zh": "每日演练成功。"})
    state = BAD if rules.rung_reached(watch.since, now) else WATCH
    said = {"en": f"The last drill stopped at: {watch.code}.", "zh": f"最近一次演练停在：{watch.code}。"}
    do = {
        "en": "docs/for-operators.md, Drill, says what each step needs. Is drill_url an address of this server?",
        "zh": "docs/for-operators.md 的 Drill 一节说明每一步需要什么。drill_url 是不是本服务器的地址？",
    }
    return Finding("drill", state, said, do)

"""The overseers' board."""

from datetime import timedelta

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from answerable.ledger import queries as ledger
from answerable.ledger.errors import NotFound as NoLog
from answerable.notices import queries as notices
from answerable.organisation.access import WorkRequest, for_act
from answerable.organisation.models import Organisation
from answerable.promises.board import Board, Miss
from answerable.promises.board import board as counted
from answerable.ui.charts import Week, weeks
from answerable.ui.templatetags.words import words

RUNGS = (
    {"en": "the panel was told", "zh": "已告知小组"},
    {"en": "it went up to the lead", "zh": "已上报组长"},
    {"en": "it went up to the overseers", "zh": "已上报监督人"},
    {"en": "it went out to the external member", "zh": "已转到外部成员"},
)


@require_safe
@for_act("board.see")
def board(request: WorkRequest, org: str) -> HttpResponse:  # noqa: ARG001 - the door has used it
    """Clocks and counts, and how far the log has come. Nothing that tells one case from another."""
    shown = counted(request.organisation, timezone.now())
    try:
        log = ledger.log_of(request.organisation)
        head = {"size": log.published_size, "at": log.published_at, "origin": log.origin}
    except NoLog:
        head = None
    context = {
        "organisation": request.organisation,
        "person": request.person,
        "roles": request.roles,
        "figures": shown,
        "longest": _longest(shown.longest),
        "chart": _chart(shown),
        "rows": shown.rows,
        "missed": [{"title": each.title, "due": each.due, "late": _late(each)} for each in shown.misses],
        "since": words(
            f"{shown.since.day} {shown.since:%B %Y}",
            f"{shown.since.year}年{shown.since.month}月{shown.since.day}日",
        ),
        "until": shown.until,
        "log": head,
        "unsent": _unsent(request.organisation),
    }
    return render(request, "promises/board.html", context)


def _unsent(organisation: Organisation) -> int | None:
    """How many hours the oldest unsent notice has waited, once that is longer than it may."""
    now = timezone.now()
    age = notices.oldest_unsent(now, organisation) if notices.is_jammed(now, organisation) else None
    return None if age is None else int(age.total_seconds() // 3600)


def _longest(waits: timedelta | None) -> str:
    if waits is None:
        return ""
    hours = int(waits.total_seconds() // 3600)
    return (
        words(f"{hours} h", f"{hours} 小时") if hours < 72 else words(f"{hours // 24} d", f"{hours // 24} 天")
    )


def _chart(shown: Board) -> object:
    kept = sum(week.kept for week in shown.weeks)
    missed = sum(week.missed for week in shown.weeks)
    label = words(
        f"Promises by week, from {shown.since} to {shown.until}: {kept} kept, {missed} missed",
        f"按周统计的承诺，{shown.since} 至 {shown.until}：兑现 {kept} 项，逾期 {missed} 项",
    )
    columns = [
        Week(
            words(f"{each.first.day} {each.first:%b}", f"{each.first.month}月{each.first.day}日"),
            each.kept,
            each.missed,
        )
        for each in shown.weeks
    ]
    return weeks(columns, label=label)


def _late(miss: Miss) -> dict[str, str]:
    up = RUNGS[miss.rung] if miss.rung is not None else None
    days = miss.hours // 24
    if days >= 2:
        long = {"en": f"{days} days", "zh": f" {days} 天"}
    else:
        long = {"en": "1 hour" if miss.hours == 1 else f"{miss.hours} hours", "zh": f" {miss.hours} 小时"}
    if miss.kept:
        said = {"en": f"Kept {long['en']} late", "zh": f"迟了{long['zh']}才兑现"}
    else:
        said = {"en": f"{long['en']} late so far", "zh": f"至今迟了{long['zh']}"}
    return {
        "en": said["en"] + (f"; {up['en']}." if up else "."),
        "zh": said["zh"] + (f"，{up['zh']}。" if up else "。"),
    }

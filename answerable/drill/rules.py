"""When a drill is due, and whom its failure reaches."""

from datetime import datetime, timedelta
from typing import Final

SLUG: Final = "daily-drill"
"""The organisation that drills are sent to. Nobody real is in it."""
MARK: Final = {
    "en": "This is the daily drill. Nobody reported anything.",
    "zh": "这是每日演练，没有人报告任何事。",
}
EVERY: Final = timedelta(hours=24)
GRACE: Final = timedelta(hours=2)
RETRY: Final = timedelta(hours=1)
RUNG: Final = timedelta(hours=24)
RUNGS: Final = {1: "lead", 2: "overseer", 3: "external"}


def due(since: datetime) -> datetime:
    """When the next drill must have succeeded, after the last one did, or the doors opened."""
    return since + EVERY + GRACE


def rung_reached(since: datetime, now: datetime) -> int:
    """0 while the promise holds; then the leads, a day later the overseers, a day later the external members."""
    late = now - due(since)
    return 0 if late < timedelta() else min(3, 1 + late // RUNG)

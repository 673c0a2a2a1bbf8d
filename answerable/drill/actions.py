"""Holding the daily drill, and telling people when it fails: as of any missed promise, one rung after the other."""

import logging
import threading
from collections.abc import Callable
from datetime import datetime

from django.conf import settings
from django.db import connection

from answerable.drill import ground, rules, walk
from answerable.drill.errors import Failed
from answerable.drill.models import Watch
from answerable.notices import actions as notices
from answerable.organisation import queries as organisations
from answerable.organisation.models import Organisation

__all__ = ["climb", "hold", "hold_aside"]

_log = logging.getLogger("answerable.drill")
_running = threading.Lock()
Sites = Callable[[Organisation], walk.Site]


def _site(organisation: Organisation) -> walk.Site:
    return walk.Site(ground.base_url(), organisation.host or organisation.origin.partition("/")[0])


def hold(now: datetime, sites: Sites = _site) -> list[str]:
    """Hold the drills that are due. The codes of those that failed; each is tried again within the hour."""
    failed = []
    for organisation in _due(now):
        code = _one(organisation, now, sites)
        mine = Watch.objects.filter(organisation=organisation)
        if code:
            failed.append(code)
            mine.update(code=code)
            _log.error("the drill of organisation %s failed at: %s", organisation.pk, code)
        else:
            mine.update(code="", kept_at=now, since=now, next_try=now + rules.EVERY, rung=0)
    return failed


def _due(now: datetime) -> list[Organisation]:
    """Those whose turn it is; each taken by one keeper alone."""
    mine = []
    for organisation in organisations.every():
        if organisation.slug == rules.SLUG or not organisation.takes_reports:
            continue
        Watch.objects.get_or_create(organisation=organisation, defaults={"since": now, "next_try": now})
        taken = Watch.objects.filter(organisation=organisation, next_try__lte=now)
        if taken.update(next_try=now + rules.RETRY):
            mine.append(organisation)
    return mine


def _one(organisation: Organisation, now: datetime, sites: Sites) -> str:
    try:
        reader = ground.reader(organisation, now)
        site = sites(organisation)
        try:
            walk.front(site, organisation)
        finally:
            site.close()
        site = sites(reader.organisation)
        try:
            walk.there_and_back(site, reader, now=now)
        finally:
            site.close()
    except Failed as step:
        return str(step)
    except Exception as error:  # noqa: BLE001 - whatever stops a drill is what it is for
        return type(error).__name__[:40]
    return ""


def hold_aside(now: datetime) -> None:
    """Hold what is due in a thread of its own: a drill waits for our own server, and the keeper must not."""
    if not settings.DRILL or not _running.acquire(blocking=False):
        return

    def run() -> None:
        try:
            hold(now)
        finally:
            connection.close()
            _running.release()

    threading.Thread(target=run, name="drill", daemon=True).start()


def climb(now: datetime) -> int:
    """Tell whom a missing drill has reached. Returns how many rungs were told."""
    told = 0
    for watch in Watch.objects.select_related("organisation"):
        organisation = watch.organisation
        if not organisation.takes_reports:
            continue
        reached = rules.rung_reached(watch.since, now)
        for rung in range(watch.rung + 1, reached + 1):
            people = organisations.people_with(organisation, rules.RUNGS[rung])
            event = f"drill:{watch.since:%Y-%m-%dT%H:%M}:{rung}"
            notices.post(
                organisation, [each.pk for each in people], kind="drill-missed", event=event, now=now
            )
            told += 1
        if reached > watch.rung:
            Watch.objects.filter(pk=watch.pk, since=watch.since).update(rung=reached)
    return told

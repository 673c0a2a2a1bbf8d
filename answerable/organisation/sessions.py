"""Sessions kept by account, so that they can be listed and ended; over after two idle hours, or twelve in all.

Django's database sessions with a model of our own (settings.SESSION_ENGINE); only what concerns our columns is here. The
browser has the key; the database keeps what `rules.session_kept_as` makes of it, so that a stolen copy resumes nothing.
We run WSGI: the asynchronous ways into a session are not used.
"""

from datetime import datetime
from typing import Any

from django.contrib.sessions.backends.db import SessionStore as DatabaseSessions
from django.utils import timezone

from answerable.organisation import rules
from answerable.organisation.models import OpenSession

OPENED = "opened_at"  # in the session's data: when it was signed in, ISO 8601
BROWSER = "browser"


class SessionStore(DatabaseSessions):
    """One session; the row says whose it is, since when, and when it was last seen."""

    @classmethod
    def get_model_class(cls) -> type[OpenSession]:
        return OpenSession

    def _get_session_from_db(self) -> OpenSession | None:
        now = timezone.now()
        kept = rules.session_kept_as(self.session_key or "")
        found = OpenSession.objects.filter(pk=kept, expire_date__gt=now).first()
        if found is None:
            self._session_key = None
            return None
        if found.seen_at <= now - rules.SESSION_IDLE or found.opened_at <= now - rules.SESSION_LASTS:
            self._session_key = None
            return None
        if found.seen_at <= now - rules.SESSION_SEEN:
            OpenSession.objects.filter(pk=found.pk, seen_at=found.seen_at).update(seen_at=now)
        return found

    def exists(self, session_key: str) -> bool:
        return super().exists(rules.session_kept_as(session_key))

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key is not None:
            super().delete(rules.session_kept_as(key))

    def create_model_instance(self, data: dict[str, Any]) -> OpenSession:
        now = timezone.now()
        account = data.get("_auth_user_id")
        if account is not None:
            data.setdefault(OPENED, now.isoformat())
        row: OpenSession = super().create_model_instance(data)  # type: ignore[assignment]
        row.session_key = rules.session_kept_as(row.session_key)
        row.account_id = int(account) if account is not None else None
        row.opened_at = datetime.fromisoformat(data[OPENED]) if OPENED in data else now
        row.seen_at = now
        row.browser = str(data.get(BROWSER, ""))[:60]
        return row


def browser_of(agent: str) -> str:
    """ "Firefox, Windows": the coarse kind of a User-Agent header; "" if it is none we know. No version, no model."""
    name = next((name for mark, name in _BROWSERS if mark in agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in agent), "")
    return ", ".join(filter(None, (name, system)))


# In this order: each of these names itself after those below.
_BROWSERS = (
    ("MicroMessenger", "WeChat"),
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("HarmonyOS", "HarmonyOS"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)

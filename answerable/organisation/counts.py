"""A small cache in the database, for rate limits that several web processes must count together.

Django's own would pickle, and then whoever can write to the database could run code in the web process; values here are
JSON. `add` is atomic by the primary key, which allauth's rate limits use as their lock.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.db import IntegrityError, transaction
from django.utils import timezone


class SharedCounts(BaseCache):
    """CACHES backend over `SharedCount`."""

    def __init__(self, _location: str, params: Mapping[str, Any]) -> None:
        super().__init__(dict(params))

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        row = _rows().filter(pk=self.make_and_validate_key(key, version=version)).first()
        return default if row is None or _over(row.ends_at) else row.value

    def set(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        _rows().update_or_create(
            pk=self.make_and_validate_key(key, version=version),
            defaults={"value": value, "ends_at": self._ends(timeout)},
        )

    def add(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        name, ends_at = self.make_and_validate_key(key, version=version), self._ends(timeout)
        if _rows().filter(pk=name, ends_at__lte=timezone.now()).update(value=value, ends_at=ends_at):
            return True
        try:
            with transaction.atomic():
                _rows().create(key=name, value=value, ends_at=ends_at)
        except IntegrityError:
            return False
        return True

    def touch(self, key: str, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        found = _rows().filter(pk=self.make_and_validate_key(key, version=version))
        return bool(found.update(ends_at=self._ends(timeout)))

    def delete(self, key: str, version: int | None = None) -> bool:
        return bool(_rows().filter(pk=self.make_and_validate_key(key, version=version)).delete()[0])

    def clear(self) -> None:
        _rows().all().delete()

    def _ends(self, timeout: Any) -> datetime | None:
        seconds = self.get_backend_timeout(timeout)
        return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def _rows() -> Any:
    from answerable.organisation.models import SharedCount  # caches are made before the models are

    return SharedCount.objects


def _over(ends_at: datetime | None) -> bool:
    return ends_at is not None and ends_at <= timezone.now()

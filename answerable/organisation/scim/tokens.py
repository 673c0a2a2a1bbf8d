"""Bearer tokens (RFC 6750): made by an administrator, shown once, kept as their SHA-256."""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from answerable.organisation.errors import NotAllowed
from answerable.organisation.models import Organisation, Person, ScimToken

LASTS: Final = timedelta(days=365)
MOST: Final = 5


def make(organisation: Organisation, name: str, *, by: Person, now: datetime) -> str:
    """A new token's text, to be shown once. Raises NotAllowed when five are valid already."""
    if valid(organisation, now).count() >= MOST:
        raise NotAllowed("too-many-tokens")
    text = f"scim_{secrets.token_urlsafe(32)}"
    ScimToken.objects.create(
        organisation=organisation,
        name=name.strip()[:60],
        sha256=_sha256(text),
        made_at=now,
        ends_at=now + LASTS,
        by=by,
    )
    return text


def valid(organisation: Organisation, now: datetime):  # type: ignore[no-untyped-def]
    """The tokens that work now, newest first."""
    found = ScimToken.objects.filter(organisation=organisation, revoked_at=None, ends_at__gt=now)
    return found.select_related("by").order_by("-made_at")


def accepted(organisation: Organisation, header: str, now: datetime) -> bool:
    """Whether an Authorization header holds a token of this organisation. Looked up by hash: no text is compared."""
    kind, _, text = header.partition(" ")
    if kind.lower() != "bearer" or not text.startswith("scim_") or len(text) > 100:
        return False
    found = valid(organisation, now).filter(sha256=_sha256(text.strip())).first()
    if found is None:
        return False
    if found.used_on != now.date():
        ScimToken.objects.filter(pk=found.pk).update(used_on=now.date())
    return True


def revoke(organisation: Organisation, token_id: UUID, now: datetime) -> bool:
    """End a token at once; False if there is none."""
    return bool(valid(organisation, now).filter(pk=token_id).order_by().update(revoked_at=now))


def _sha256(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()

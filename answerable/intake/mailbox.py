"""Coming back (PROTOCOLS 2.9): a one-use nonce, a signature by the case's key, a token for this tab.

Nonces are made, not stored: 12 random bytes, an expiry of 4, and a MAC of 16 over them, the organisation and the case. Only a spent
one is remembered. Whatever is wrong, the answer and the work done for it are the same, so nobody learns which ids exist.
"""

import hmac
import secrets
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final
from uuid import UUID

from answerable_protocol import ed25519, login
from answerable_protocol.encoding import base64url_decode, base64url_encode, sha256
from answerable_protocol.errors import ProtocolError
from django.conf import settings
from django.db import IntegrityError, transaction

from answerable.intake import rules
from answerable.intake.errors import CaseErased, NoMailbox, NotFound
from answerable.intake.models import Case, Erased, MailboxSession, Spent
from answerable.intake.receiving import told_plainly
from answerable.organisation.models import Organisation

NONCE_LASTS: Final = timedelta(minutes=2)
IDLE: Final = timedelta(minutes=30)
LONGEST: Final = timedelta(hours=12)
_TOUCH: Final = timedelta(minutes=1)  # a session's last use is written no more often
_HEAD: Final = 16


@lru_cache(maxsize=1)
def _key() -> bytes:
    return hmac.digest(settings.SECRET_KEY.encode(), b"answerable/v1/mailbox/nonce", "sha256")


@lru_cache(maxsize=1)
def _nobody() -> bytes:
    """A public key that nobody holds, to verify against where there is no case."""
    return ed25519.public_key(hmac.digest(_key(), b"nobody", "sha256"))


def _mac(organisation: Organisation, case: UUID, head: bytes) -> bytes:
    return hmac.digest(_key(), organisation.pk.bytes + case.bytes + head, "sha256")[:16]


def challenge(organisation: Organisation, case_text: str, *, now: datetime) -> str:
    """A nonce for this case id, whether or not there is such a case. Raises NoMailbox for what is no id."""
    head = secrets.token_bytes(12) + int((now + NONCE_LASTS).timestamp()).to_bytes(4, "big")
    return base64url_encode(head + _mac(organisation, _case_id(case_text), head))


def _case_id(text: str) -> UUID:
    try:
        return rules.case_id(text)
    except NotFound:
        raise NoMailbox("no id") from None


def open_mailbox(
    organisation: Organisation,
    case_text: str,
    nonce_text: str,
    signature_text: str,
    *,
    origin: str,
    now: datetime,
) -> tuple[str, datetime]:
    """A token for the mailbox and when it ends if unused. Raises NoMailbox, the same for every reason, or CaseErased."""
    case_id = _case_id(case_text)
    try:
        nonce, signature = base64url_decode(nonce_text, 32), base64url_decode(signature_text, 64)
    except ProtocolError:
        raise NoMailbox("unreadable") from None
    case = Case.objects.filter(pk=case_id, organisation=organisation).only("pk", "case_pub").first()
    erased = Erased.objects.filter(pk=case_id, organisation=organisation).first()
    known = case or erased
    public = bytes(known.case_pub) if known else _nobody()
    head, mac = nonce[:_HEAD], nonce[_HEAD:]
    ours = hmac.compare_digest(mac, _mac(organisation, case_id, head))
    ends = datetime.fromtimestamp(int.from_bytes(head[12:], "big"), tz=UTC)
    try:
        login.verify(origin, organisation.slug, case_id.bytes, nonce, signature=signature, public=public)
    except ProtocolError:
        raise NoMailbox("signature") from None
    if known is None or not ours or not now <= ends <= now + NONCE_LASTS + timedelta(seconds=1):
        raise NoMailbox("nonce")
    if case is None:
        raise CaseErased(erased.erased_on.isoformat()) if erased else NoMailbox("gone")
    return _session(case, head, ends, now)


def _session(case: Case, head: bytes, ends: datetime, now: datetime) -> tuple[str, datetime]:
    token = secrets.token_bytes(32)
    try:
        with told_plainly(), transaction.atomic():
            Spent.objects.create(value=head, expires_at=ends)
            MailboxSession.objects.create(token_sha256=sha256(token), case=case, opened_at=now, used_at=now)
    except IntegrityError:
        raise NoMailbox("nonce used before") from None
    return base64url_encode(token), (now + IDLE).replace(microsecond=0)


def case_behind(organisation: Organisation, authorization: str, *, now: datetime) -> Case:
    """The case whose mailbox this `Authorization` header opens. Raises NoMailbox."""
    scheme, _, text = authorization.partition(" ")
    try:
        token = base64url_decode(text.strip(), 32)
    except ProtocolError:
        raise NoMailbox("token") from None
    session = (
        MailboxSession.objects.select_related("case")
        .filter(token_sha256=sha256(token), case__organisation=organisation)
        .first()
    )
    if scheme.lower() != "bearer" or session is None:
        raise NoMailbox("token")
    if not session.used_at - _TOUCH <= now < session.used_at + IDLE or now >= session.opened_at + LONGEST:
        raise NoMailbox("over")
    if now - session.used_at >= _TOUCH:
        MailboxSession.objects.filter(pk=session.pk).update(used_at=now)
    return session.case


def tidy(now: datetime) -> int:
    """Forget one-use values and sessions that are over; how many."""
    spent, _ = Spent.objects.filter(expires_at__lt=now - timedelta(minutes=1)).delete()
    over, _ = MailboxSession.objects.filter(used_at__lt=now - IDLE).delete()
    return spent + over

"""Opening a mailbox (spec/login.md): what the case's key signs, bound to the site, the case and one nonce."""

from answerable_protocol import ed25519
from answerable_protocol.encoding import ID_BYTES, is_org, lp
from answerable_protocol.errors import Unreadable

__all__ = ["signing_bytes", "verify"]


def signing_bytes(origin: str, org: str, case: bytes, nonce: bytes) -> bytes:
    """What is signed: `origin` is the browser's `location.origin`, `case` 16 bytes, `nonce` the server's 32."""
    if not is_org(org) or len(case) != ID_BYTES or len(nonce) != 32:
        raise Unreadable("a sign-in needs an organisation, a case's 16 bytes and a nonce of 32")
    return lp("answerable/v1/mailbox/login") + lp(origin) + lp(org) + lp(case) + lp(nonce)


def verify(origin: str, org: str, case: bytes, nonce: bytes, *, signature: bytes, public: bytes) -> bytes:
    """`case`, if its key signed this nonce for this site. Raises InvalidSignature."""
    ed25519.verify(public, signature, signing_bytes(origin, org, case, nonce))
    return case

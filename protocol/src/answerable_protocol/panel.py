"""Changes of a panel (spec/panel.md): what a handler signs when a new keys file replaces the last."""

from collections.abc import Collection
from dataclasses import dataclass

from answerable_protocol import ed25519, fields
from answerable_protocol.encoding import ID_BYTES, canonical, is_org, lp
from answerable_protocol.errors import Unreadable
from answerable_protocol.manifest import MOST_PANEL

__all__ = ["PanelChange", "signing_bytes", "verify"]


@dataclass(frozen=True, slots=True)
class PanelChange:
    """A keys file and whom it is for.

    `case` is 16 bytes; `panel` ids as text, in any order; `epoch` 1 for the first change; `keys` is the SHA-256 of the
    sealed keys file. Raises Unreadable if a part is not of its form.
    """

    org: str
    case: bytes
    panel: Collection[str]
    epoch: int
    keys: bytes

    def __post_init__(self) -> None:
        if not is_org(self.org) or len(self.case) != ID_BYTES or len(self.keys) != 32:
            raise Unreadable("a panel change needs an organisation, a case's 16 bytes and a hash of 32")
        if not fields.identifiers(list(self.panel), "panel", MOST_PANEL):
            raise Unreadable("a panel is not empty")
        if isinstance(self.epoch, bool) or not 0 <= self.epoch < 1 << 32:
            raise Unreadable("the epoch of a panel is from 0 to 4,294,967,295")


def signing_bytes(change: PanelChange) -> bytes:
    """What the handler signs; the panel is sorted."""
    return (
        lp("answerable/v1/keys")
        + lp(change.org)
        + lp(change.case)
        + lp(canonical({"panel": sorted(change.panel), "epoch": change.epoch}))
        + lp(change.keys)
    )


def verify(change: PanelChange, signature: bytes, public: bytes) -> PanelChange:
    """`change`, if this roster key signed it. Raises InvalidSignature."""
    ed25519.verify(public, signature, signing_bytes(change))
    return change

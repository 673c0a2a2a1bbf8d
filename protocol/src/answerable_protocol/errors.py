"""The errors of this package. Every public function raises one of these, and nothing else, on bad input.

`str(error)` is one plain sentence for the person at the terminal. It holds names of formats and fields,
never a word from the thing that was checked: reports are secret, and so are the names of those in them.
"""

__all__ = [
    "BadEnvelope",
    "BadSize",
    "InvalidProof",
    "InvalidSignature",
    "NotProven",
    "ProtocolError",
    "QuorumNotMet",
    "UnknownKey",
    "Unreadable",
]


class ProtocolError(Exception):
    """Root of all errors here. Catch it to catch whatever this package refuses."""


class Unreadable(ProtocolError):
    """These bytes are not in the format; nothing can be said about what they claim."""


class BadEnvelope(Unreadable):
    """A sealed file is not a canonical age file for exactly so many hybrid recipients."""


class BadSize(BadEnvelope):
    """A sealed file has a length that no padded plaintext has, so its length tells too much."""


class NotProven(ProtocolError):
    """The bytes are well formed, but what they claim does not hold."""


class InvalidSignature(NotProven):
    """A signature does not verify, or the key or signature is one that no honest signer makes."""


class InvalidProof(NotProven):
    """A Merkle proof does not lead from the one hash to the other."""


class UnknownKey(NotProven):
    """Nothing here is signed by a key that the reader trusts."""


class QuorumNotMet(NotProven):
    """Too few of the witnesses that the policy asks for have cosigned."""

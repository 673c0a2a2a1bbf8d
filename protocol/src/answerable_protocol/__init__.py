"""The byte formats of Answerable, for anyone who wants to check what it says.

    from answerable_protocol import policy, receipt

    trusted = policy.parse(policy_file.read_bytes())
    proven = receipt.verify(receipt.parse(receipt_file.read_bytes()), trusted)
    proven.receipt.index        # where the log holds it
    proven.outside_clock        # whether a witness outside the organisation cosigned

Every function that reads or verifies returns the thing it checked, or raises a `ProtocolError`. One module a subject:

encoding, fields, ed25519, words, recipient: what the formats are made of.
merkle, tiles, note, checkpoint, cosignature, policy, leaf, receipt: the log and its receipts.
sealed, manifest, message, panel, login, pow, roster: reports, and those who read them.
calendar: when promises are due. verify: the command `answerable-verify`. errors: all that is raised.
"""

from answerable_protocol.errors import NotProven, ProtocolError, Unreadable

__all__ = ["NotProven", "ProtocolError", "Unreadable"]

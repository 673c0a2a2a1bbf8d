"""A log to write to, and how to check what comes from it without our own code: the protocol package's
verifiers.
"""

from collections.abc import Callable
from datetime import datetime

import pytest
from answerable_protocol import policy, receipt
from answerable_protocol.receipt import Proven

from answerable.ledger import actions, queries
from answerable.ledger.models import Log
from answerable.organisation.models import Organisation


@pytest.fixture
def log(organisation: Organisation, now: datetime) -> Log:
    """The organisation's log, new."""
    return actions.create_log(organisation, now)


@pytest.fixture
def proven(organisation: Organisation) -> Callable[[str], Proven]:
    """Checks a receipt as anybody would who has the organisation's policy."""

    def check(text: str) -> Proven:
        trust = policy.parse(queries.trust_policy(organisation).encode())
        return receipt.verify(receipt.parse(text.encode()), trust)

    return check

"""What an administrator can reach says nothing of any report: asked before and after a whole case, every page is the same."""

import logging
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from answerable_protocol.encoding import id_bytes
from django.test import Client

from answerable.cases import erasure
from answerable.intake import actions as intake
from answerable.intake.tests.stage import Desk, Stage
from answerable.intake.tests.world import Reporter
from answerable.organisation.models import Person
from answerable.promises import actions as promises
from answerable.server.tests.test_rights import ask, routes

pytestmark = pytest.mark.django_db(transaction=True)
_NEW_EACH_TIME = re.compile(rb'name="csrfmiddlewaretoken" value="[^"]+"|nonce="[^"]+"|data-csrf="[^"]+"')
At = Callable[[str], Desk]


def seen(client: Client, stage: Stage) -> dict[str, tuple[int, bytes]]:
    """Every address under /work/, as this client gets it."""
    found = {}
    for route in routes():
        if (
            not route.is_work or "logout" in route.path or "webauthn" in route.path
        ):  # a new challenge each time
            continue
        for person in ("handler", "member"):
            address = route.address(org="tidewick", uuid=str(stage.people[person].pk))
            answer = ask(client, "GET", address)
            content = b"".join(answer.streaming_content) if answer.streaming else answer.content
            found[address] = answer.status_code, _NEW_EACH_TIME.sub(b"", content)
    return found


def a_whole_case(stage: Stage, desk: At) -> Reporter:
    """Received, late, answered, noted, flagged, its panel changed; all that is done in a case, but closing it."""
    reporter = stage.sent(confidential=True)
    handler = desk("handler")
    promises.sweep(datetime.now(UTC) + timedelta(days=40))
    stage.worked(reporter, handler)
    intake.announce(datetime.now(UTC))
    return reporter


def test_every_page_of_an_administrator_is_the_same_before_and_after_a_case(
    stage: Stage,
    desk: At,
    client_for: Callable[[Person], Client],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """No id, no time, no panel, nothing of what handlers did, and no count but that of coming erasures; nor in our own logs."""
    administrator = client_for(stage.people["administrator"])
    for key in ("handler", "lead", "external"):
        client_for(stage.people[key])  # that they have accounts is no news of a case
    before = seen(administrator, stage)
    assert sum(status == 200 for status, _ in before.values()) > 10
    caplog.set_level(logging.DEBUG)
    reporter = a_whole_case(stage, desk)
    after = seen(administrator, stage)
    assert before.keys() == after.keys()
    differ = [address for address in before if before[address] != after[address]]
    assert differ == []
    names = {reporter.case_text, id_bytes(reporter.case_text).hex(), str(stage.people["handler"].pk)}
    said = [each.getMessage() for each in caplog.records]
    assert not [line for line in said for name in names if name in line]
    # Once it is closed, one number changes: how many will be erased in a quarter three years from now.
    assert desk("handler").answer(reporter, kind="close", n=1).status_code == 201
    erasure.hold(stage.people["lead"], reporter.case_text, "court", now=datetime.now(UTC))
    closed = seen(administrator, stage)
    assert [address for address in after if after[address] != closed[address]] == [
        "/work/tidewick/retention/"
    ]
    page = closed["/work/tidewick/retention/"][1].decode()
    assert not [name for name in names if name[:8] in page]

"""The stage, for the tests of roster, intake and cases."""

from collections.abc import Callable, Iterator
from datetime import datetime

import pytest
from django.test import Client

from answerable.intake.tests.stage import Desk, Stage
from answerable.ledger import sequencer
from answerable.organisation.models import Organisation, Person
from answerable.roster import queries as rosters

__all__ = ["desk", "stage", "writer_rests"]


@pytest.fixture(autouse=True)
def writer_rests() -> Iterator[None]:
    """No writer and no parsed roster outlives a test."""
    rosters.forget()
    yield
    sequencer.stop()
    rosters.forget()


@pytest.fixture
def stage(
    transactional_db: None, organisation: Organisation, people: dict[str, Person], now: datetime
) -> Stage:
    """The organisation "tidewick", open to reports, all its handlers on the first roster."""
    return Stage.set(organisation, people, now)


@pytest.fixture
def desk(stage: Stage, client_for: Callable[[Person], Client]) -> Callable[[str], Desk]:
    """`desk("lead")`: the lead at the console."""
    return lambda key: Desk(stage, key, client_for(stage.people[key]))

"""The board shows clocks and counts to overseers, and nothing to anybody else."""

import os
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from answerable.ledger import actions as ledger
from answerable.organisation.models import Organisation, Person
from answerable.promises import actions
from answerable.promises.board import board


@pytest.fixture
def case(organisation: Organisation, people: dict[str, Person]) -> uuid.UUID:
    """Received 25 hours ago: two promises of a day are missed, one is open."""
    now = timezone.now().replace(microsecond=0)
    ledger.create_log(organisation, now)
    case = uuid.uuid4()
    panel = [people["handler"].pk]
    reach = [[people["lead"].pk], [people["overseer"].pk], [people["external"].pk]]
    start = actions.Start(
        organisation.pk, case, now - timedelta(hours=25), None, 0, panel, reach, os.urandom(32)
    )
    actions.start([start])
    actions.keep(organisation, case, "own-owner", now - timedelta(hours=20))
    return case


def test_counts_are_of_clocks(organisation: Organisation, case: uuid.UUID) -> None:
    shown = board(organisation, timezone.now())
    assert (shown.kept, shown.late, shown.missed, shown.open) == (1, 0, 1, 1)
    assert sum(week.kept for week in shown.weeks) == 1
    assert sum(week.missed for week in shown.weeks) == 1
    assert [(miss.title["en"], miss.hours) for miss in shown.misses] == [("A person writes to you", 1)]


def test_one_that_waits_without_a_word_is_the_longest(organisation: Organisation, case: uuid.UUID) -> None:
    assert board(organisation, timezone.now()).longest is None  # somebody has taken charge
    start = actions.Start(
        organisation.pk,
        uuid.uuid4(),
        timezone.now().replace(microsecond=0) - timedelta(hours=5),
        None,
        0,
        [],
        [],
        os.urandom(32),
    )
    actions.start([start])
    waits = board(organisation, timezone.now()).longest
    assert waits is not None
    assert timedelta(hours=5) <= waits <= timedelta(hours=6)


@pytest.mark.parametrize(("language", "words"), [("en", "A person writes to you"), ("zh-hans", "有人回信")])
def test_an_overseer_reads_the_board_in_each_language(
    people: dict[str, Person],
    client_for: Callable[[Person], Client],
    case: uuid.UUID,
    language: str,
    words: str,
) -> None:
    client = client_for(people["overseer"])
    client.post("/work/language/", {"language": language})
    page = client.get("/work/tidewick/board/", headers={"accept-language": language})
    assert page.status_code == 200
    text = page.content.decode()
    assert words in text
    assert '<svg height="176" role="img"' in text
    assert str(case) not in text


@pytest.mark.parametrize("role", ["handler", "lead", "external", "administrator", "member"])
def test_other_roles_are_refused(
    people: dict[str, Person], client_for: Callable[[Person], Client], case: uuid.UUID, role: str
) -> None:
    assert client_for(people[role]).get("/work/tidewick/board/").status_code == 403


def test_charlie_gets_nothing(outsider: Client, case: uuid.UUID) -> None:
    assert outsider.get("/work/tidewick/board/").status_code == 404


def test_nobody_in_particular_is_sent_to_sign_in(client: Client, case: uuid.UUID) -> None:
    assert client.get("/work/tidewick/board/").status_code == 302


def test_another_organisation_s_board_counts_nothing_of_ours(
    other_organisation: Organisation, case: uuid.UUID, now: datetime
) -> None:
    shown = board(other_organisation, timezone.now())
    assert (shown.kept, shown.missed, shown.open, shown.rows) == (0, 0, 0, [])

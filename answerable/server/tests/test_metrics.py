"""Figures move with the hour and in steps, so that nobody reads a report's moment off them."""

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.request import urlopen

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from answerable.notices.models import Notice
from answerable.organisation.models import Organisation, Person
from answerable.server import metrics

TEN = datetime(2026, 11, 5, 10, 0, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.now = TEN

    def __call__(self) -> datetime:
        return self.now


def shown(counts: metrics.Counts) -> str:
    registry = CollectorRegistry()
    registry.register(counts)
    return generate_latest(registry).decode()


def test_a_visit_shows_at_the_next_full_hour_and_only_in_tens() -> None:
    clock = Clock()
    counts = metrics.Counts(clock)
    before = shown(counts)
    for _ in range(14):
        counts.add("reporter", 201, 0.02)
    clock.now = TEN + timedelta(minutes=59, seconds=59)
    assert shown(counts) == before
    clock.now = TEN + timedelta(hours=1)
    counts.add("reporter", 201, 0.02)  # of the new hour: not part of what is shown now
    assert 'answerable_requests_total{class="reporter",status="2xx"} 10.0' in shown(counts)
    later = shown(counts)
    counts.add("reporter", 201, 0.02)
    assert shown(counts) == later
    clock.now += timedelta(hours=1)
    assert 'answerable_request_seconds_bucket{class="reporter",le="0.025"} 10.0' in shown(counts)


def test_a_class_says_nothing_of_the_address() -> None:
    paths = ["/o/tidewick/en/", "/api/v1/orgs/tidewick/cases/x", "/", "/assets/a.js", "/made-up", "/logs"]
    assert {metrics.class_of(path) for path in paths} == {"reporter"}
    assert metrics.class_of("/work/tidewick/") == "work"
    assert metrics.class_of("/log/tidewick/checkpoint") == "log"


@pytest.mark.django_db
def test_a_notice_counts_as_unsent_once_it_has_waited_for_a_full_hour(
    organisation: Organisation, people: dict[str, Person]
) -> None:
    Notice.objects.create(
        organisation=organisation,
        person=people["lead"],
        kind="new-report",
        event="e",
        at=TEN,
        due_at=TEN,
        next_try=TEN,
    )
    ages = [metrics.unsent_hours(TEN + timedelta(minutes=minutes)) for minutes in (0, 59, 61, 119, 121, 185)]
    assert ages == [0, 0, 0, 0, 1, 2]


@pytest.mark.django_db(transaction=True)
def test_the_page_names_no_organisation_person_or_case(
    organisation: Organisation, people: dict[str, Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    port = metrics.listen("127.0.0.1:0")
    with urlopen(f"http://127.0.0.1:{port}/metrics", timeout=20) as answer:
        text = answer.read().decode()
    assert "answerable_database_up 1.0" in text
    assert "answerable_overdue_promises 0.0" in text
    for word in (organisation.slug, str(organisation.pk), *(str(one.pk) for one in people.values())):
        assert word not in text


def test_every_metric_has_only_these_labels() -> None:
    clock = Clock()
    counts = metrics.Counts(clock)
    counts.add("work", 500, 3.0)
    clock.now += timedelta(hours=1)
    labels: set[Any] = set()
    for metric in counts.collect():
        for sample in metric.samples:
            labels |= set(sample.labels)
    assert labels == {"class", "status", "le"}

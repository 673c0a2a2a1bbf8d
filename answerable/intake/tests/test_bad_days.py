"""Full disks, and an administrator who looks for a readable word everywhere."""

import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from answerable_protocol.encoding import sha256
from django.apps import apps
from django.conf import settings
from django.db import connection

from answerable.intake.models import Case
from answerable.intake.tests import world
from answerable.intake.tests.stage import Desk, Stage
from answerable.intake.tests.world import b64

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_full_database_is_said_in_words_and_loses_nothing(stage: Stage) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL has no such limit to set")
    from answerable.ledger import sequencer

    kept, lost = stage.sent(), stage.reporter()
    body = stage.body(lost, length=200_000)
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA page_count")
        pages = cursor.fetchone()[0]
        cursor.execute("PRAGMA max_page_count")
        before = cursor.fetchone()[0]
    real = sequencer.Sequencer.write

    def cramped(self: Any, works: Any) -> None:
        with connection.cursor() as cursor:  # the writer's own connection: the limit is per connection
            cursor.execute(f"PRAGMA max_page_count = {pages + 2}")
        try:
            real(self, works)
        finally:
            with connection.cursor() as cursor:
                cursor.execute(f"PRAGMA max_page_count = {before}")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sequencer.Sequencer, "write", cramped)
        answer = stage.put(f"cases/{lost.case_text}", body)
    assert (answer.status_code, answer.json()["error"]) == (507, "no-room")
    assert [each.pk.bytes for each in Case.objects.all()] == [kept.case]
    assert stage.put(f"cases/{lost.case_text}", body | {"pow": stage.work()}).status_code == 201


def test_no_word_of_hers_is_stored_sent_or_logged_in_the_clear(
    stage: Stage, desk: Callable[[str], Desk], caplog: pytest.LogCaptureFixture
) -> None:
    """A sentinel goes wherever a careless client could put words; what can be read back anywhere must not hold it.

    Sealed parts are random here, so the sentinel stands for plain words that slip in beside them: in unknown members,
    headers, addresses, broken bodies.
    """
    caplog.set_level(logging.DEBUG)
    sentinel = "Xanthippe-Quillfeather-9931"
    reporter = stage.reporter()
    body = stage.body(reporter)
    answers = [
        stage.put(
            f"cases/{reporter.case_text}", body | {"note": sentinel, "pow": body["pow"] | {"why": sentinel}}
        ),
        stage.put(f"cases/{sentinel}", body),
        stage.put(f"cases/{stage.reporter().case_text}", {**body, "manifest": sentinel}),
        stage.put(f"cases/{stage.reporter().case_text}", sentinel.encode()),
        stage.get(f"promises?jurisdiction={sentinel}"),
        stage.post("mailbox/open", {"case": reporter.case_text, "nonce": sentinel, "signature": sentinel}),
        stage.post(
            "mailbox/messages", reporter.message() | {"text": sentinel}, Authorization=f"Bearer {sentinel}"
        ),
        stage.client.get(f"/o/tidewick/en/{sentinel}"),
        desk("handler").post(f"cases/{reporter.case_text}/flags", {"code": sentinel}),
        stage.client.put(
            stage.url(f"cases/{reporter.case_text}"),
            "{",
            headers={"User-Agent": sentinel, "Referer": sentinel},
        ),
    ]
    assert answers[0].status_code == 201, answers[0].content
    written = stage.write(reporter, reporter.message() | {"text": sentinel})
    assert written.status_code == 400  # an unknown member is not taken along
    for answer in [*answers, written]:
        assert sentinel not in answer.content.decode(errors="replace")
        assert sentinel not in json.dumps(dict(answer.headers))
    assert sentinel not in caplog.text
    assert not _stored(sentinel.encode())


def _stored(word: bytes) -> list[str]:
    """Where a word stands: tables, by value, and every file of the data folder, the database's own included."""
    found = []
    for model in apps.get_models():
        for row in model.objects.values_list():
            cells = [bytes(each) if isinstance(each, memoryview) else str(each).encode() for each in row]
            found += [model.__name__ for each in cells if word in each]
    for path in Path(settings.ANSWERABLE_DATA).rglob("*"):
        if path.is_file() and word in path.read_bytes():
            found.append(path.name)
    return found


def test_the_search_for_words_would_find_one(stage: Stage) -> None:
    """The sentinel test can fail: a word put into a row is found."""
    stage.organisation.leave_url = "https://example.org/Xanthippe"
    stage.organisation.save()
    assert "Organisation" in _stored(b"Xanthippe")


def test_an_administrator_reads_no_sealed_byte_by_any_address(
    stage: Stage, desk: Callable[[str], Desk]
) -> None:
    reporter = stage.sent()
    file = world.envelope("attachment", 1, 10)
    administrator = desk("administrator")
    for path in (
        "inbox",
        f"cases/{reporter.case_text}",
        f"cases/{reporter.case_text}/files/{b64(sha256(file))}",
        "me",
        "roster",
    ):
        assert administrator.get(path).status_code == 403
    assert administrator.client.get("/work/tidewick/team/").status_code == 403


def test_no_table_has_a_place_for_an_address() -> None:
    for model in apps.get_models():
        for field in model._meta.get_fields():
            assert "GenericIPAddress" not in type(field).__name__
            assert field.name not in {"ip", "ip_address", "remote_addr", "user_agent"}, model

"""What happens to a sealed report on its way in."""

import pytest
from answerable_protocol import receipt

from answerable.intake.models import Attachment, Case, KeysFile, Seat
from answerable.intake.tests.stage import Stage

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_report_is_received_with_receipt_and_promises(stage: Stage) -> None:
    reporter = stage.reporter()
    answer = stage.send(reporter)
    assert answer.status_code == 201, answer.content
    body = answer.json()
    assert {each["id"] for each in body["promises"]} >= {"own-acknowledged", "own-owner"}
    assert receipt.parse(body["receipt"].encode())
    case = Case.objects.get()
    assert case.received.minute == case.received.second == 0
    assert Seat.objects.count() == 2
    assert KeysFile.objects.get().epoch == 0
    assert not Attachment.objects.exists()

"""The checkpoint file outside the database: written before any receipt, never ahead of a rolled-back
transaction.
"""

import os
from datetime import datetime

import pytest
from django.db import transaction

from answerable.ledger import actions, files, queries
from answerable.ledger.errors import LogBehind
from answerable.ledger.models import Log
from answerable.ledger.rules import NewLeaf
from answerable.organisation.models import Organisation

pytestmark = pytest.mark.django_db(transaction=True)


def event() -> NewLeaf:
    return NewLeaf("message", b"{}", os.urandom(32))


def filed(organisation: Organisation) -> str:
    files.forget()
    return files.filed_checkpoint(organisation.pk) or ""


def put_back(organisation: Organisation, text: str) -> None:
    """Change the file behind the process's back."""
    files.checkpoint_path(organisation.pk).write_text(text, encoding="utf-8")
    files.forget()


def test_a_torn_slot_leaves_the_checkpoint_before(
    log: Log, organisation: Organisation, now: datetime
) -> None:
    actions.append(organisation, [event()], now)
    before = filed(organisation)
    actions.append(organisation, [event()], now)
    newest = filed(organisation)
    path = files.checkpoint_path(organisation.pk)
    whole = path.read_bytes()
    text = newest.encode()
    at = whole.index(text)
    for cut in (0, 1, len(text) // 2, len(text) - 1):
        torn = bytes(byte ^ 0xFF for byte in text[cut:])
        path.write_bytes(whole[: at + cut] + torn + whole[at + len(text) :])
        assert filed(organisation) == before
        actions.check_at_start()  # writes it again
        assert filed(organisation) == newest


def test_the_slot_with_the_newest_checkpoint_is_never_written_over(
    log: Log, organisation: Organisation, now: datetime
) -> None:
    path = files.checkpoint_path(organisation.pk)
    for _ in range(4):
        newest = Log.objects.get().checkpoint
        actions.append(organisation, [event()], now)
        assert newest.encode() in path.read_bytes()
        assert filed(organisation) == Log.objects.get().checkpoint


def test_after_a_commit_the_file_holds_the_newest_checkpoint(
    log: Log, organisation: Organisation, now: datetime
) -> None:
    assert filed(organisation) == log.checkpoint
    actions.append(organisation, [event()], now)
    assert filed(organisation) == Log.objects.get().checkpoint


def test_the_file_is_not_ahead_of_a_transaction_that_may_still_fail(
    log: Log, organisation: Organisation, now: datetime
) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():  # noqa: PT012
        entry = actions.append(organisation, [event()], now)[0]
        queries.receipt(entry)
        assert filed(organisation) == log.checkpoint
        raise ZeroDivisionError
    assert filed(organisation) == log.checkpoint
    actions.append(organisation, [event()], now)
    assert filed(organisation) == Log.objects.get().checkpoint


def test_a_crash_between_commit_and_file_is_repaired_at_start(
    log: Log, organisation: Organisation, now: datetime
) -> None:
    actions.append(organisation, [event() for _ in range(300)], now)
    behind = filed(organisation)
    actions.append(organisation, [event() for _ in range(300)], now)
    put_back(organisation, behind)
    actions.check_at_start()
    assert filed(organisation) == Log.objects.get().checkpoint
    actions.append(organisation, [event()], now)
    assert actions.fsck(organisation) == 601


def test_no_receipt_is_made_before_the_file_is_there(
    log: Log, organisation: Organisation, now: datetime
) -> None:
    """The process died between commit and file; the request is repeated, and finds its entry already written."""
    entry = actions.append(organisation, [event()], now)[0]
    put_back(organisation, log.checkpoint)
    queries.receipt(entry)
    assert filed(organisation) == Log.objects.get().checkpoint


def test_a_restored_backup_refuses_to_append_and_says_what_to_do(
    log: Log, organisation: Organisation, now: datetime
) -> None:
    """The file is of a log that went further than the database knows."""
    ahead = _checkpoint_of(organisation, log, size=5)
    actions.append(organisation, [event()], now)
    put_back(organisation, ahead)
    with pytest.raises(LogBehind, match="restored backup") as refusal:
        actions.check_at_start()
    assert "5 leaves" in str(refusal.value)
    with pytest.raises(LogBehind), transaction.atomic():
        actions.append(organisation, [event()], now)
    assert Log.objects.get().size == 1
    assert filed(organisation) == ahead


def test_a_fork_of_the_same_size_is_refused(log: Log, organisation: Organisation, now: datetime) -> None:
    fork = _checkpoint_of(organisation, log, size=1)
    actions.append(organisation, [event()], now)
    put_back(organisation, fork)
    with pytest.raises(LogBehind, match="differ"):
        actions.check_at_start()
    with pytest.raises(LogBehind), transaction.atomic():
        actions.append(organisation, [event()], now)


def test_a_fork_that_has_grown_past_the_file_is_refused(
    log: Log, organisation: Organisation, now: datetime
) -> None:
    fork = _checkpoint_of(organisation, log, size=2)
    actions.append(organisation, [event() for _ in range(700)], now)
    put_back(organisation, fork)
    with pytest.raises(LogBehind, match="differ"), transaction.atomic():
        actions.append(organisation, [event()], now)


@pytest.mark.parametrize("text", ["", "nonsense", "localhost:8000/log/tidewick\n1\nAAAA\n\n"])
def test_a_file_that_is_no_checkpoint_of_ours_is_refused_not_replaced(
    log: Log, organisation: Organisation, now: datetime, text: str
) -> None:
    put_back(organisation, text)
    with pytest.raises(LogBehind):
        actions.check_at_start()
    with pytest.raises(LogBehind), transaction.atomic():
        actions.append(organisation, [event()], now)
    assert files.checkpoint_path(organisation.pk).read_text(encoding="utf-8") == text


def test_one_log_that_refuses_does_not_keep_another_from_starting(
    log: Log, organisation: Organisation, other_organisation: Organisation, now: datetime
) -> None:
    actions.create_log(other_organisation, now)
    put_back(organisation, "nonsense")
    with pytest.raises(LogBehind):
        actions.check_at_start()
    actions.append(other_organisation, [event()], now)
    assert actions.fsck(other_organisation) == 1


def _checkpoint_of(organisation: Organisation, log: Log, size: int) -> str:
    """What the same log's key signed over `size` other leaves."""
    tail = actions.Tail()
    tail.append([os.urandom(32) for _ in range(size)])
    return actions._sign(log.origin, tail, actions._signer(log))

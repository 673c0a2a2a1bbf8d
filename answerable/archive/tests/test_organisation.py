"""An organisation moves to another server: whole, once, and its log goes on where it stopped."""

import io
import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from answerable_protocol import merkle, policy, receipt
from django.conf import settings as live
from django.db import IntegrityError, transaction
from django.test import Client

from answerable.archive import arriving, leaving, restoring
from answerable.archive.errors import ArchiveError, CutFile, Damaged, Newer, NotEmpty, OtherKind, Taken
from answerable.archive.owned import path_to_organisation
from answerable.archive.places import Folder, Stream
from answerable.archive.sealing import unseal
from answerable.archive.tables import archived
from answerable.intake.models import Case, MailboxSession
from answerable.intake.tests.stage import Stage
from answerable.intake.tests.world import Reporter
from answerable.ledger import actions as ledger
from answerable.ledger import files, queries
from answerable.ledger.errors import LogClosed
from answerable.ledger.models import Log
from answerable.notices.models import Notice
from answerable.organisation import actions as organisation_actions
from answerable.organisation import queries as organisations
from answerable.organisation import secretbox
from answerable.organisation.models import Organisation, Person
from answerable.promises import actions as promises
from answerable.promises.models import Deadline
from answerable.roster import queries as rosters

pytestmark = pytest.mark.django_db(transaction=True)

TOTP_SECRET = "JBSWY3DPEHPK3PXP"
THERE = "https://report.saltholm.example"


class Kept(io.BytesIO):
    """A writer that keeps what it is given."""


def plain(path: Path, identity: Any) -> io.BytesIO:
    out = Kept()
    unseal(Stream(Folder(path.parent).blocks(path.name)), out, [identity])
    return io.BytesIO(out.getvalue())


@pytest.fixture
def neighbour(other_organisation: Organisation, now: datetime) -> Organisation:
    """Somebody who lives on the other server already, with a log and a person, so that numbers collide."""
    ledger.create_log(other_organisation, now)
    person = organisation_actions.add_person(
        other_organisation, name_en="Dana", name_zh="丹娜", email="dana@saltholm.example"
    )
    organisation_actions.make_account(person, password=None, totp_secret=TOTP_SECRET, now=now)
    return other_organisation


def forget_everything(organisation: Organisation) -> None:
    """This becomes another server: nothing of the organisation is left but the neighbour."""
    with transaction.atomic():
        MailboxSession.objects.all().delete()
        kept = [(model, path_to_organisation(model)) for model in archived()]
        doomed = [
            (model, list(model._base_manager.filter(**{path: organisation.pk}).values_list("pk", flat=True)))
            for model, path in kept
            if path
        ]
        for model, keys in doomed:
            model._base_manager.filter(pk__in=keys)._raw_delete("default")
    shutil.rmtree(live.ANSWERABLE_DATA / "attachments" / organisation.pk.hex, ignore_errors=True)
    (live.ANSWERABLE_DATA / "log-keys" / f"{organisation.pk.hex}.key").unlink()
    files.checkpoint_path(organisation.pk).unlink()
    files.forget()
    ledger._fixed.clear()
    organisations.forget_organisations()
    rosters.forget()


@pytest.fixture
def exported(
    stage: Stage,
    reporters: list[Reporter],
    neighbour: Organisation,
    identity: Any,
    tmp_path: Path,
    now: datetime,
) -> Path:
    organisation_actions.make_account(stage.people["lead"], password=None, totp_secret=TOTP_SECRET, now=now)
    path = tmp_path / "tidewick.age"
    leaving.export(stage.organisation, str(path), [identity.to_public()], THERE, now)
    return path


def test_it_arrives_whole_and_its_log_goes_on(
    stage: Stage,
    reporters: list[Reporter],
    exported: Path,
    identity: Any,
    settings: Any,
) -> None:
    before = Log.objects.get(organisation=stage.organisation)
    trust = policy.parse(queries.trust_policy(stage.organisation).encode())
    old_receipt = queries.receipt(
        queries.entry(stage.organisation, Case.objects.get(pk=reporters[0].case.hex()).log_index)
    )
    due = sorted(Deadline.objects.filter(organisation=stage.organisation).values_list("promise", "due_at"))
    assert due
    forget_everything(stage.organisation)
    settings.SECRET_KEY = "that of another server"

    summary = arriving.arrive(plain(exported, identity))
    assert summary["logs"] == {"tidewick": before.size}
    log = Log.objects.get(organisation_id=stage.organisation.pk)
    assert (log.size, log.checkpoint, log.closed_at, log.moved_to) == (
        before.size,
        before.checkpoint,
        None,
        None,
    )
    assert log.pk != before.pk, "numbers made room for the neighbour"
    assert (
        sorted(Deadline.objects.filter(organisation=log.organisation).values_list("promise", "due_at")) == due
    )
    assert files.filed_checkpoint(log.organisation_id) == before.checkpoint
    assert ledger.fsck(log.organisation) == before.size
    assert ledger.fsck(Organisation.objects.get(slug="saltholm")) == 0

    # An old receipt still verifies, a mailbox opens with the same key, a new report comes in.
    receipt.verify(receipt.parse(old_receipt.encode()), trust)
    stage.client = Client()
    seen = stage.mailbox(reporters[0])
    assert len(seen["messages"]) == 1
    assert [each["done"] for each in seen["attachments"]] == [True]
    late = stage.sent()
    assert Case.objects.filter(pk=late.case.hex()).exists()

    # A second factor was sealed under the key of the old server, and is under this one's.
    [factor] = Authenticator.objects.filter(user__organisation=log.organisation, type="totp")
    assert secretbox.unseal(factor.data["secret"], purpose="second-factors") == TOTP_SECRET

    # The next checkpoint is one of the same history: the protocol's own proof of consistency holds.
    log.refresh_from_db()
    assert log.size > before.size
    old, new = (queries.verified(log, each.checkpoint) for each in (before, log))
    proof = queries.consistency(log.organisation, old.size)
    merkle.verify_consistency(old.size, new.size, old.root, new.root, proof)


def test_the_old_server_sends_everyone_on_and_never_goes_on(
    stage: Stage,
    reporters: list[Reporter],
    exported: Path,
    client_for: Callable[[Person], Client],
    now: datetime,
    settings: Any,
) -> None:
    organisation = Organisation.objects.get(pk=stage.organisation.pk)
    size = Log.objects.get(organisation=organisation).size
    answer = stage.put(f"cases/{stage.reporter().case_text}", {})
    assert (answer.status_code, answer.json()["error"], answer.json()["to"]) == (410, "moved", THERE)
    page = stage.client.get("/o/tidewick/en/")
    assert (page.status_code, page["Location"]) == (307, f"{THERE}/o/tidewick/en/")
    public = stage.client.get("/log/tidewick/checkpoint")
    assert public["Location"] == f"{THERE}/log/tidewick/checkpoint"

    administrator = client_for(stage.people["administrator"])
    assert administrator.get("/work/tidewick/administration/").status_code == 200, "it can be read"
    wrote = administrator.post("/work/tidewick/administration/", {})
    assert (wrote.status_code, wrote["Location"]) == (303, f"{THERE}/work/tidewick/administration/")

    # Below all pages: the log itself, the sweep, publication, and the database.
    with pytest.raises(LogClosed):
        ledger.append(organisation, [ledger.NewLeaf("message", b"{}", b"l" * 32)], now)
    settings.PUBLICATION_SECONDS = 0
    ledger.publish(now)
    promises.sweep(datetime(2027, 11, 5, tzinfo=now.tzinfo))
    assert Log.objects.get(organisation=organisation).size == size
    assert not Notice.objects.filter(organisation=organisation, mail="waiting").exists()
    for change in ({"size": size + 1}, {"closed_at": None}, {"moved_to": None}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Log.objects.filter(organisation=organisation).update(**change)
    with pytest.raises(ArchiveError):
        leaving.reopen(organisation)
    assert organisation.slug not in {each.slug for each in organisations.every()}


def test_it_leaves_only_once_and_comes_only_once(
    stage: Stage, exported: Path, identity: Any, tmp_path: Path, now: datetime
) -> None:
    again = str(tmp_path / "again.age")
    with pytest.raises(ArchiveError, match="went to another server"):
        leaving.export(stage.organisation, again, [identity.to_public()], THERE, now)
    assert not Path(again).exists()
    with pytest.raises(NotEmpty):
        leaving.export(stage.organisation, str(exported), [identity.to_public()], THERE, now)
    assert exported.exists()
    with pytest.raises(Taken, match="on this server already, marked as moved"):
        arriving.arrive(plain(exported, identity))


def exported_again(stage: Stage, identity: Any, path: Path, now: datetime) -> Path:
    stage.organisation.refresh_from_db()
    leaving.export(stage.organisation, str(path), [identity.to_public()], THERE, now)
    return path


def test_it_may_come_back_when_its_log_went_on_elsewhere(
    stage: Stage,
    reporters: list[Reporter],
    exported: Path,
    identity: Any,
    tmp_path: Path,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whole, in the place of the copy that stayed; never by the file it left by, nor with another history."""
    forget_everything(stage.organisation)
    arriving.arrive(plain(exported, identity))  # the other server
    stage.client = Client()
    away = stage.sent()
    longer = exported_again(stage, identity, tmp_path / "longer.age", now)
    forget_everything(stage.organisation)
    arriving.arrive(plain(exported, identity))  # the first one again, as it stood when it went
    exported_again(stage, identity, tmp_path / "first.age", now)
    stood = Log.objects.get(organisation=stage.organisation)
    folder = live.ANSWERABLE_DATA / "attachments" / stage.organisation.pk.hex
    files_before = sorted(path.name for path in folder.rglob("*"))

    with monkeypatch.context() as patched:
        real = arriving.ledger_queries.root_at
        patched.setattr(
            arriving.ledger_queries,
            "root_at",
            lambda log, size: b"another history" if log.moved_to else real(log, size),
        )
        with pytest.raises(Damaged, match="not a continuation"):
            arriving.arrive(plain(longer, identity))
    with pytest.raises(CutFile):
        arriving.arrive(io.BytesIO(plain(longer, identity).getvalue()[:-20_000]))
    still = Log.objects.get(organisation=stage.organisation)
    assert (still.pk, still.size, still.moved_to) == (stood.pk, stood.size, THERE)
    assert sorted(path.name for path in folder.rglob("*")) == files_before
    assert (live.ANSWERABLE_DATA / "log-keys" / f"{stage.organisation.pk.hex}.key").exists()

    arriving.arrive(plain(longer, identity))
    organisations.forget_organisations()
    log = Log.objects.get(organisation_id=stage.organisation.pk)
    assert (log.moved_to, log.size > stood.size) == (None, True)
    assert Organisation.objects.get(pk=stage.organisation.pk).moved_to is None
    assert len(stage.mailbox(reporters[0])["messages"]) == 1
    assert stage.mailbox(away)["kind"] == "case"
    assert Case.objects.filter(pk=stage.sent().case.hex()).exists()
    assert ledger.fsck(Organisation.objects.get(pk=stage.organisation.pk)) > log.size
    assert not list(folder.parent.glob("*.stayed"))

    exported_again(stage, identity, tmp_path / "third.age", now)
    with pytest.raises(Newer):
        arriving.arrive(plain(longer, identity))


def test_what_is_taken_on_the_other_server_is_refused(
    stage: Stage, exported: Path, identity: Any, now: datetime
) -> None:
    stream = plain(exported, identity)
    forget_everything(stage.organisation)
    Organisation.objects.filter(slug="saltholm").update(slug="tidewick")
    with pytest.raises(Taken, match="short name"):
        arriving.arrive(stream)
    Organisation.objects.filter(slug="tidewick").update(slug="saltholm")
    assert not Person.objects.filter(organisation_id=stage.organisation.pk).exists()
    assert not (live.ANSWERABLE_DATA / "log-keys" / f"{stage.organisation.pk.hex}.key").exists()


def test_an_arrival_that_breaks_off_leaves_nothing_and_can_be_repeated(
    stage: Stage, exported: Path, identity: Any
) -> None:
    data = plain(exported, identity).getvalue()
    forget_everything(stage.organisation)
    others = {model: model._base_manager.count() for model in archived()}
    folder = live.ANSWERABLE_DATA / "attachments"
    for cut in (len(data) // 3, len(data) - 20_000):
        with pytest.raises((CutFile, Damaged)):
            arriving.arrive(io.BytesIO(data[:cut]))
        assert {model: model._base_manager.count() for model in archived()} == others
        assert not (live.ANSWERABLE_DATA / "log-keys" / f"{stage.organisation.pk.hex}.key").exists()
        assert not list(folder.glob(f"{stage.organisation.pk.hex}*"))
    # What a process that was killed could not remove is nobody's.
    for name in (f"{stage.organisation.pk.hex}.arriving", stage.organisation.pk.hex):
        (folder / name / "00").mkdir(parents=True)
        (folder / name / "00" / "left").write_bytes(b"x")
    arriving.arrive(io.BytesIO(data))
    assert not list(folder.rglob("left"))


def test_an_export_that_fails_leaves_the_organisation_where_it_was(
    stage: Stage, reporters: list[Reporter], identity: Any, tmp_path: Path, now: datetime
) -> None:
    """Here since a file is lost from the disk: what is missing could never be fetched later."""
    path = tmp_path / "out" / "tidewick.age"
    for each in (live.ANSWERABLE_DATA / "attachments" / stage.organisation.pk.hex).rglob("*"):
        if each.is_file():
            each.unlink()
    with pytest.raises(ArchiveError, match="2 files"):
        leaving.export(stage.organisation, str(path), [identity.to_public()], THERE, now)
    assert not path.exists()
    stage.sent()
    with pytest.raises(ArchiveError, match="new address"):
        leaving.export(stage.organisation, str(path), [identity.to_public()], "report.example/x", now)


def test_an_export_that_was_killed_is_taken_back_or_run_again(
    stage: Stage, reporters: list[Reporter], identity: Any, tmp_path: Path, now: datetime
) -> None:
    late = stage.reporter()
    body = stage.body(late)
    leaving._close(stage.organisation, THERE, now)  # where a kill would leave it
    assert stage.put(f"cases/{late.case_text}", body).json()["error"] == "moved"
    leaving.reopen(stage.organisation)
    stage.sent()
    leaving._close(stage.organisation, THERE, now)
    path = tmp_path / "tidewick.age"
    leaving.export(stage.organisation, str(path), [identity.to_public()], THERE, now)
    assert path.exists()


def test_only_its_own_rows_are_in_it(exported: Path, identity: Any, neighbour: Organisation) -> None:
    data = plain(exported, identity).getvalue()
    assert b"tidewick" in data
    assert neighbour.pk.hex.encode() not in data
    assert b"dana@saltholm.example" not in data
    assert b"secret-key" not in data


def test_a_backup_is_no_organisation(
    reporters: list[Reporter], sealed: Any, identity: Any, settings: Any
) -> None:
    with pytest.raises(OtherKind, match="answerable restore"):
        restoring.bring(str(sealed()), [identity])


def test_a_notice_of_a_later_miss_is_not_taken_for_an_old_one() -> None:
    """Deadline 20 becomes 120, and an old notice names deadline 120: it becomes that of 220."""
    shift = arriving.Shift.__new__(arriving.Shift)
    shift._by = {"promises.deadline": 100, "roster.handlerkey": 7}
    assert shift.event("promise:120:1") == "promise:220:1"
    assert shift.event("new-key:1") == "new-key:8"
    assert shift.event("case:AAAA:0") == "case:AAAA:0"
    assert shift.event("promise:x:1") == "promise:x:1"

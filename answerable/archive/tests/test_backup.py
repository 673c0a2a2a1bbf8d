"""A backup under way, on both databases: consistent, verified, sealed; and what happens on bad days."""

import hashlib
import threading
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import obstore.store
import pyrage
import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from answerable.archive import actions, queries, restoring
from answerable.archive.errors import CutFile, Damaged, NoKey, NoRoom
from answerable.archive.models import Backup
from answerable.archive.places import Bucket, Folder, Stream, Written, read_back
from answerable.archive.rules import Keep
from answerable.archive.sealing import recipients_of, unseal
from answerable.intake.models import Attachment
from answerable.intake.tests.stage import Stage
from answerable.intake.tests.world import Reporter
from answerable.ledger import actions as ledger
from answerable.ledger.models import Entry, Log
from answerable.organisation import queries as organisations
from answerable.organisation.rules import BACKUP_VERIFIED

pytestmark = pytest.mark.django_db(transaction=True)


class Kept:
    """A writer that keeps what it is given."""

    def __init__(self) -> None:
        self.data = bytearray()

    def write(self, data: bytes) -> int:
        self.data += data
        return len(data)


def opened(path: Path, identity: Any) -> bytes:
    """The plain stream of a sealed file."""
    out = Kept()
    unseal(Stream(Folder(path.parent).blocks(path.name)), out, [identity])
    return bytes(out.data)


def test_a_backup_is_made_while_reports_come_in_and_comes_back_whole(
    stage: Stage, reporters: list[Reporter], identity: Any, tmp_path: Path, now: datetime
) -> None:
    """Started in the middle of a stream of reports: each is in it with its leaf and its rows, or not at all."""
    stop = threading.Event()
    sent: list[Reporter] = []

    def send() -> None:
        while not stop.is_set():
            sent.append(stage.sent())
        connection.close()

    sender = threading.Thread(target=send)
    sender.start()
    try:
        to = tmp_path / "backups"
        report = actions.run(str(to), str(identity.to_public()), now, keep=Keep())
    finally:
        stop.set()
        sender.join()
    assert sent, "reports went on coming in"
    [name] = [each.name for each in to.iterdir() if each.suffix == ".age"]
    data = (to / name).read_bytes()
    assert (to / f"{name}.sha256").read_text() == f"{hashlib.sha256(data).hexdigest()}  {name}\n"
    assert data.startswith(b"age-encryption.org/v1\n")
    assert report.files == 2
    newest = queries.last_verified()
    assert newest
    assert (newest.name, newest.size, newest.problem) == (name, len(data), "")
    assert organisations.milestone(BACKUP_VERIFIED, stage.organisation)
    assert queries.findings(timezone.now(), False)[0].state == "good"
    assert queries.findings(timezone.now() + timedelta(days=2), False)[0].state == "bad"
    assert queries.due(now + timedelta(days=2)) is False, "no place is set, so the keeper makes none"
    assert not list(settings.ANSWERABLE_DATA.glob("backup-scratch*"))

    target = tmp_path / "elsewhere"
    done = restoring.check(str(to / name), [identity], target)
    assert done.summary["logs"] == report.logs
    assert done.summary["rows"]["intake.case"] >= 3
    assert not list(target.iterdir())


def test_only_the_private_key_reads_it_and_no_report_stands_in_it_in_the_clear(
    reporters: list[Reporter], sealed: Any, identity: Any
) -> None:
    path = sealed()
    case = reporters[0].case.hex().encode()
    assert case not in path.read_bytes()
    plain = opened(path, identity)
    assert case in plain
    assert b"rows/intake.mailboxsession" not in plain
    assert b"rows/organisation.opensession" not in plain
    assert b"\0checkpoints/" not in plain
    assert b"rows/intake.case/000001" in plain


def test_what_is_erased_is_not_in_the_next_backup(
    stage: Stage, reporters: list[Reporter], sealed: Any, identity: Any
) -> None:
    entry = Entry.objects.filter(payload__isnull=False, label__isnull=False).order_by("-pk").first()
    assert entry
    import base64

    nonce = base64.b64encode(bytes(entry.nonce or b""))
    assert nonce in opened(sealed(), identity)
    ledger.erase(stage.organisation.pk, [entry.index])
    [attachment] = Attachment.objects.filter(done=True)
    case = reporters[0].case.hex().encode()
    Attachment.objects.filter(pk=attachment.pk).delete()
    after = opened(sealed(), identity)
    assert nonce not in after
    assert case in after, "the rest is there"


def test_a_full_disk_leaves_nothing_and_harms_nothing(
    stage: Stage, reporters: list[Reporter], identity: Any, tmp_path: Path, now: datetime, files_up_to: Any
) -> None:
    to = tmp_path / "backups"
    with files_up_to(20_000), pytest.raises(NoRoom, match="nothing else was touched"):
        actions.back_up(Folder(to), [identity.to_public()], now)
    assert not list(to.iterdir())
    assert not list(settings.ANSWERABLE_DATA.glob("backup-scratch*"))
    stage.sent()


def test_why_a_backup_failed_is_written_down(now: datetime, tmp_path: Path) -> None:
    with pytest.raises(NoKey):
        actions.run(str(tmp_path), "AGE-SECRET-KEY-1WRONG", now, keep=None)
    row = Backup.objects.get()
    assert "private key" in row.problem
    assert row.verified_at is None
    assert queries.last_verified() is None
    assert queries.findings(now, False)[0].state == "bad"


def test_a_file_lost_from_the_disk_is_told_and_the_rest_is_kept(
    reporters: list[Reporter], identity: Any, tmp_path: Path, now: datetime
) -> None:
    [attachment] = Attachment.objects.filter(done=True).select_related("case")
    from answerable.intake import store

    store.path_of(attachment.case.organisation_id, attachment.case_id, bytes(attachment.sha256)).unlink()
    report = actions.run(str(tmp_path / "b"), str(identity.to_public()), now, keep=None)
    assert report.missing == 1
    assert report.files == 1
    assert "1 files" in Backup.objects.get().problem
    assert queries.last_verified() is None


def test_a_file_changed_on_the_disk_is_never_called_verified(
    reporters: list[Reporter], identity: Any, tmp_path: Path, now: datetime
) -> None:
    [attachment] = Attachment.objects.filter(done=True).select_related("case")
    from answerable.intake import store

    path = store.path_of(attachment.case.organisation_id, attachment.case_id, bytes(attachment.sha256))
    data = bytearray(path.read_bytes())
    data[1000] ^= 1
    path.write_bytes(data)
    with pytest.raises(Damaged, match="another hash"):
        actions.back_up(Folder(tmp_path / "b"), [identity.to_public()], now)
    assert not list((tmp_path / "b").iterdir())


def test_a_log_that_does_not_hold_is_never_called_verified(
    reporters: list[Reporter], identity: Any, tmp_path: Path, now: datetime
) -> None:
    log = Log.objects.get()
    Entry.objects.filter(pk=Entry.objects.order_by("-pk").values("pk")[:1]).delete()
    with pytest.raises(Damaged, match=f"{log.size - 1}"):
        actions.back_up(Folder(tmp_path / "b"), [identity.to_public()], now)


def test_a_bucket_takes_it_in_parts_and_gives_it_back(
    identity: Any, reporters: list[Reporter], tmp_path: Path
) -> None:
    """In memory here; against a real S3 server in bench/backup.py."""
    place = Bucket(obstore.store.MemoryStore(), "s3://here")
    block = b"x" * 3_000_000

    def fill(out: Any) -> None:
        for _ in range(10):
            out.write(block)

    written = place.write("one.age", fill)
    assert written.size == 30_000_000
    assert hashlib.sha256(b"".join(place.blocks("one.age"))).hexdigest() == written.sha256
    assert place.names() == ["one.age"]
    place.delete("one.age")
    assert place.names() == []


def test_a_bucket_has_nothing_of_a_backup_that_failed_half_way() -> None:
    place = Bucket(obstore.store.MemoryStore(), "s3://here")

    def fill(out: Any) -> None:
        out.write(b"x" * 30_000_000)
        raise Damaged("no")

    with pytest.raises(Damaged):
        place.write("one.age", fill)
    assert place.names() == []


def test_a_place_that_gives_back_something_else_is_caught(tmp_path: Path) -> None:
    place = Folder(tmp_path)
    written = place.write("a.age", lambda out: out.write(b"age-encryption.org/v1\n" + b"a" * 99))
    read_back(place, "a.age", written)
    data = bytearray((tmp_path / "a.age").read_bytes())
    data[50] ^= 1
    (tmp_path / "a.age").write_bytes(data)
    with pytest.raises(CutFile):
        read_back(place, "a.age", written)
    with pytest.raises(CutFile):
        read_back(place, "a.age", Written(1, ""))


def test_old_backups_go_with_their_sums(tmp_path: Path) -> None:
    for day in ("20261101", "20261102", "20261103"):
        for ending in ("", ".sha256"):
            (tmp_path / f"answerable-{day}T020000Z.age{ending}").write_bytes(b"x")
    (tmp_path / "notes.txt").write_bytes(b"mine")
    assert len(actions.rotate(Folder(tmp_path), Keep(1, 0, 0))) == 2
    assert sorted(each.name for each in tmp_path.iterdir()) == [
        "answerable-20261103T020000Z.age",
        "answerable-20261103T020000Z.age.sha256",
        "notes.txt",
    ]


def test_the_keepers_of_two_machines_make_one_backup_an_hour(now: datetime, settings: Any) -> None:
    settings.BACKUP_TO = "/somewhere"
    started: list[list[str]] = []

    class Running:
        def poll(self) -> int | None:
            return None

    def start(command: list[str]) -> Running:
        started.append(command)
        return Running()

    one, other = actions._Daily(start), actions._Daily(start)
    one(now)
    other(now)
    one(now)
    assert len(started) == 1
    other(now + timedelta(hours=1))
    assert len(started) == 2, "the first one did not come to an end: tried again an hour later"
    assert Backup.objects.count() == 2


def test_recipients_stand_in_a_file_or_in_the_setting(tmp_path: Path, identity: Any) -> None:
    path = tmp_path / "recipients"
    other = pyrage.x25519.Identity.generate()
    path.write_text(f"# operators\n{identity.to_public()}\n{other.to_public()}\n")
    assert len(recipients_of(str(path))) == 2
    assert len(recipients_of(f"{identity.to_public()},{other.to_public()}")) == 2
    for wrong in ("", "age1nonsense", str(identity), str(tmp_path / "none")):
        with pytest.raises(NoKey):
            recipients_of(wrong)


def test_checkpoints_in_the_data_folder_are_warned_of(now: datetime, settings: Any, tmp_path: Path) -> None:
    assert not queries.checkpoints_beside_data()
    settings.CHECKPOINTS = tmp_path / "elsewhere"
    assert queries.checkpoints_beside_data()
    settings.CHECKPOINTS = settings.ANSWERABLE_DATA / "sub"
    assert not queries.checkpoints_beside_data()

"""Files come in order, whole, and only if they were listed."""

import errno
import os
from pathlib import Path
from typing import Any

import pytest
from answerable_protocol.encoding import sha256
from django.conf import settings

from answerable.intake.models import Attachment
from answerable.intake.rules import CHUNK
from answerable.intake.tests import world
from answerable.intake.tests.stage import Stage
from answerable.intake.tests.test_reports import refused
from answerable.intake.tests.world import Reporter, b64

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def file() -> bytes:
    return world.envelope("attachment", 1, 3 * CHUNK)  # 4 MiB and its header


def where(reporter: Reporter, file: bytes) -> str:
    return f"cases/{reporter.case_text}/attachments/{b64(sha256(file))}"


def send(stage: Stage, reporter: Reporter, file: bytes, upto: int | None = None) -> Any:
    for start in range(0, len(file) if upto is None else upto, CHUNK):
        answer = stage.chunk(where(reporter, file), file[start : start + CHUNK], start, len(file))
        assert answer.status_code == 200, answer.content
    return answer.json()


def test_a_file_comes_in_chunks_and_goes_out_whole_or_in_part(stage: Stage, file: bytes) -> None:
    reporter = stage.sent(attachments=[file])
    path = where(reporter, file)
    assert stage.get(path).json() == {"received": 0, "size": len(file), "done": False}
    assert send(stage, reporter, file, CHUNK) == {"received": CHUNK, "done": False}
    [seen] = stage.mailbox(reporter)["attachments"]
    assert (seen["received"], seen["done"]) == (CHUNK, False)
    bearer = {"Authorization": f"Bearer {stage.token(reporter)}"}
    address = f"mailbox/files/{b64(sha256(file))}"
    assert stage.get(address, **bearer).status_code == 404  # not yet whole
    for start in range(CHUNK, len(file), CHUNK):
        answer = stage.chunk(path, file[start : start + CHUNK], start, len(file))
    assert answer.json() == {"received": len(file), "done": True}
    whole = stage.get(address, **bearer)
    assert b"".join(whole.streaming_content) == file  # type: ignore[attr-defined]
    part = stage.get(address, Range="bytes=10-19", **bearer)
    assert (part.status_code, b"".join(part.streaming_content)) == (206, file[10:20])  # type: ignore[attr-defined]
    assert part.headers["Content-Range"] == f"bytes 10-19/{len(file)}"
    last = stage.get(address, Range="bytes=-5", **bearer)
    assert b"".join(last.streaming_content) == file[-5:]  # type: ignore[attr-defined]
    assert stage.get(address, Range=f"bytes={len(file)}-", **bearer).status_code == 416
    assert stage.get(address).status_code == 401


def test_a_truncated_reordered_doubled_or_forged_chunk_is_refused(stage: Stage, file: bytes) -> None:
    reporter = stage.sent(attachments=[file])
    path, total = where(reporter, file), len(file)
    first, second = file[:CHUNK], file[CHUNK : 2 * CHUNK]
    early = stage.chunk(path, second, CHUNK, total)
    assert (early.status_code, early.json()["received"]) == (409, 0)
    assert refused(stage.chunk(path, first[:-1], 0, total)) == "bad-chunk"  # truncated
    assert refused(stage.chunk(path, first, 0, total, said=sha256(second))) == "bad-chunk"  # forged
    assert refused(stage.chunk(path, first, 0, total + 1)) == "bad-chunk"
    assert stage.chunk(path, first, 0, total).status_code == 200
    double = stage.chunk(path, first, 0, total)
    assert (double.status_code, double.json()["error"], double.json()["received"]) == (
        409,
        "wrong-order",
        CHUNK,
    )
    assert refused(stage.chunk(path, first + b"x", CHUNK, total)) == "too-large"
    unlisted = f"cases/{reporter.case_text}/attachments/{b64(sha256(b'other'))}"
    assert stage.chunk(unlisted, b"other", 0, 5).status_code == 404
    assert stage.get(f"cases/{reporter.case_text}/attachments/..%2f..%2f..%2fetc").status_code == 404


def test_another_file_under_a_listed_name_starts_again(stage: Stage, file: bytes) -> None:
    reporter = stage.sent(attachments=[file])
    path = where(reporter, file)
    send(stage, reporter, file, 4 * CHUNK)
    rest = os.urandom(len(file) - 4 * CHUNK)
    assert refused(stage.chunk(path, rest, 4 * CHUNK, len(file))) == "bad-file"
    assert stage.get(path).json()["received"] == 0
    assert send(stage, reporter, file)["done"]


def test_a_part_left_too_long_by_a_crash_is_cut_off(stage: Stage, file: bytes) -> None:
    """We died after writing a chunk and before counting it: the upload goes on from what was counted."""
    reporter = stage.sent(attachments=[file])
    send(stage, reporter, file, CHUNK)
    [part] = Path(settings.ANSWERABLE_DATA).glob(f"attachments/{stage.organisation.pk.hex}/*/*.part")
    with part.open("ab") as out:
        out.write(os.urandom(5000))
    for start in range(CHUNK, len(file), CHUNK):
        answer = stage.chunk(where(reporter, file), file[start : start + CHUNK], start, len(file))
    assert answer.json()["done"]


def test_a_full_disk_is_said_in_words_and_loses_nothing(
    stage: Stage, file: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    reporter = stage.sent(attachments=[file])
    send(stage, reporter, file, CHUNK)
    real = os.pwrite

    def full(*args: Any) -> int:
        real(args[0], bytes(args[1])[:100], args[2])
        raise OSError(errno.ENOSPC, "full")

    with monkeypatch.context() as patch:
        patch.setattr(os, "pwrite", full)
        answer = stage.chunk(where(reporter, file), file[CHUNK : 2 * CHUNK], CHUNK, len(file))
    assert (answer.status_code, answer.json()["error"]) == (507, "no-room")
    assert answer.json()["message"]["zh"]
    assert stage.get(where(reporter, file)).json()["received"] == CHUNK
    for start in range(CHUNK, len(file), CHUNK):
        done = stage.chunk(where(reporter, file), file[start : start + CHUNK], start, len(file))
    assert done.json()["done"]


def test_a_message_can_list_a_file_that_comes_after_it(stage: Stage) -> None:
    file = world.envelope("attachment", 1, 100)
    reporter = stage.sent()
    assert stage.chunk(where(reporter, file), file, 0, len(file)).status_code == 404
    listed = [{"sha256": b64(sha256(file)), "size": len(file)}]
    assert stage.write(reporter, reporter.message(attachments=listed)).status_code == 201
    assert stage.chunk(where(reporter, file), file, 0, len(file)).json()["done"]
    assert Attachment.objects.get().done


def test_files_stop_before_the_disk_is_full_and_reports_still_come_in(
    stage: Stage, file: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    reporter = stage.sent(attachments=[file])
    disk = os.statvfs(settings.ANSWERABLE_DATA)
    monkeypatch.setattr(settings, "RESERVE_MIB", disk.f_blocks * disk.f_frsize // 2**20 + 1)
    full = stage.chunk(where(reporter, file), file[:CHUNK], 0, len(file))
    assert (full.status_code, full.json()["error"]) == (507, "no-room")
    assert stage.get(where(reporter, file)).json()["received"] == 0
    stage.sent()


def test_the_time_of_a_finished_file_tells_the_hour_only(stage: Stage, file: bytes) -> None:
    reporter = stage.sent(attachments=[file])
    send(stage, reporter, file)
    [found] = [
        each
        for each in (Path(settings.ANSWERABLE_DATA) / "attachments").rglob("*")
        if each.is_file() and each.stat().st_size == len(file) and each.read_bytes() == file
    ]
    assert found.stat().st_mtime % 3600 == 0

"""The command says in one line what a receipt proves, and its exit status says it to other programs."""

import subprocess
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from answerable_protocol import verify


@pytest.fixture
def files(make, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    for name, text in make.policies().items():
        (tmp_path / name.replace(" ", "-")).write_text(text)
    receipts = {
        "report": make.example_receipt("report.received", make.received_payload(), 5, 11),
        "witnessed": make.example_receipt(
            "report.received", make.received_payload(), 0, 1, ("union", "court")
        ),
        "message": make.example_receipt("message", b'{"secret":"her words"}', 2, 3),
        "public": make.example_receipt("roster.updated", b"{}", 2, 3),
        "odd": make.example_receipt("report.received", b'{"received":"\\u001b[2J her words"}', 2, 3),
    }
    for name, data in receipts.items():
        (tmp_path / f"{name}.tlog-proof").write_bytes(data)
    return tmp_path


def run(capsys, files, receipt, *more):
    status = verify.main(["receipt", str(files / receipt), *map(str, more)])
    out, err = capsys.readouterr()
    assert not err
    assert out.count("\n") == 1
    return status, out


def test_a_good_receipt_is_proven_in_one_plain_line(capsys, files):
    status, line = run(capsys, files, "report.tlog-proof", "--policy", files / "none")
    assert status == 0
    assert line == (
        "Proven: a report was received, on 2026-03-09 at 08:00:00 UTC, entry 5 of the log "
        "answerable.example/log/tidewick (the organisation's own signature and clock only).\n"
    )


def test_the_same_in_chinese(capsys, files):
    status, line = run(capsys, files, "report.tlog-proof", "--policy", files / "none", "--lang", "zh")
    assert status == 0
    assert "收到一份报告" in line
    assert "2026-03-09 08:00:00（UTC）" in line
    assert "第 5 条" in line
    assert "仅有该组织自己的签名和时钟" in line


def test_witnesses_and_the_first_of_their_times_are_told(capsys, files):
    status, line = run(capsys, files, "witnessed.tlog-proof", "--policy", files / "two-of-three")
    assert status == 0
    assert "cosigned by 2 outside witnesses, first on 2026-03-09 at 08:00:00 UTC" in line


def test_too_few_witnesses_prove_nothing(capsys, files):
    status, line = run(capsys, files, "report.tlog-proof", "--policy", files / "two-of-three")
    assert status == 1
    assert "too few of the witnesses" in line


def test_without_a_policy_the_key_is_unknown_and_its_fingerprint_told(capsys, files, make):
    status, line = run(capsys, files, "report.tlog-proof")
    assert status == 1
    assert "unknown log key answerable.example/log/tidewick+" in line
    assert make.policies()["none"].split("+")[1] in line
    status, line = run(capsys, files, "report.tlog-proof", "--policy", files / "other-key")
    assert status == 1
    assert "unknown log key answerable.example/log/tidewick+" in line


def test_an_installed_policy_is_found(capsys, files, make):
    folder = files / "config" / "answerable"
    folder.mkdir(parents=True)
    (folder / "policy").write_text(make.policies()["none"])
    assert run(capsys, files, "report.tlog-proof")[0] == 0
    # One that is named goes before it.
    assert run(capsys, files, "report.tlog-proof", "--policy", files / "other-key")[0] == 1


def test_a_damaged_installed_policy_is_said_and_not_passed_over(capsys, files):
    folder = files / "config" / "answerable"
    folder.mkdir(parents=True)
    (folder / "policy").write_text("quorum none")
    status, line = run(capsys, files, "report.tlog-proof")
    assert status == 2
    assert "not a trust policy" in line


def test_what_is_no_receipt_or_not_there_is_unreadable(capsys, files):
    (files / "noise").write_bytes(b"\xff\n\n")
    for name in ("noise", "missing", "none", "."):
        assert run(capsys, files, name, "--policy", files / "none")[0] == 2
    assert run(capsys, files, "report.tlog-proof", "--policy", files / "missing")[0] == 2
    assert run(capsys, files, "report.tlog-proof", "--policy", files / "report.tlog-proof")[0] == 2


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (b"index 5", b"index 4", "the proof does not lead"),
        (b"\n11\n", b"\n12\n", "a signature does not match"),
    ],
)
def test_why_a_changed_receipt_proves_nothing_is_told(capsys, files, old, new, said):
    path = files / "report.tlog-proof"
    path.write_bytes(path.read_bytes().replace(old, new))
    status, line = run(capsys, files, "report.tlog-proof", "--policy", files / "none")
    assert status == 1
    assert said in line


def test_no_content_is_ever_shown(capsys, files):
    for name in ("message", "public", "odd"):
        status, line = run(capsys, files, f"{name}.tlog-proof", "--policy", files / "none")
        assert status == 0
        assert "her words" not in line
        assert "on 2026-03-09 (UTC)" in line


def test_names_in_a_file_can_not_move_the_cursor_or_turn_the_line_round(capsys, files, make):
    data = make.example_receipt("message", b"", 0, 1, origin="evil\x7f\u202e\u009b2J/log/tidewick")
    (files / "evil").write_bytes(data)
    status, line = run(capsys, files, "evil", "--policy", files / "none")
    assert status == 1
    assert line[:-1].isprintable()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary())
def test_any_bytes_get_an_answer_and_never_a_proof(noise):
    for language in ("en", "zh"):
        answer = verify.check_receipt(noise, None, name="file", language=language)
        assert answer.status == 2
        assert answer.line


def test_every_sentence_is_there_in_both_languages():
    english, chinese = verify._WORDS["en"], verify._WORDS["zh"]
    assert english.keys() == chinese.keys()
    for name, text in english.items():
        assert set(_holes(text)) == set(_holes(chinese[name])), name


def _holes(text):
    return [part.split("}")[0] for part in text.split("{")[1:]]


def test_the_installed_command_runs(files):
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "answerable_protocol.verify",
            "receipt",
            files / "report.tlog-proof",
            "--policy",
            files / "none",
        ],
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0
    assert done.stdout.startswith(b"Proven: ")
    done = subprocess.run(
        [sys.executable, "-m", "answerable_protocol.verify"], capture_output=True, check=False
    )
    assert done.returncode == 2

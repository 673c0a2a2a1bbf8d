"""`answerable jobads check` and `evaluate`, as a person and as a pipeline call them."""

import json

from answerable.cli import main


def test_files_and_folders_are_checked(tmp_path, capsys):
    (tmp_path / "a.txt").write_text("Females only\n")
    (tmp_path / "b.html").write_text("<p>年龄要求：35岁以下</p>")
    (tmp_path / "c.txt").write_text("Everybody is welcome.\n")
    assert main(["jobads", "check", str(tmp_path)]) == 1
    told = capsys.readouterr().out
    assert "a.txt:1: “Females only” against the letter of a law: gender_requirement" in told
    assert "no certificate" in told
    assert main(["jobads", "check", str(tmp_path / "c.txt")]) == 0
    assert main(["jobads", "check", str(tmp_path / "b.html"), "--jurisdiction", "CN"]) == 0
    assert (
        main(["jobads", "check", str(tmp_path / "b.html"), "--jurisdiction", "CN", "--fail-on", "advisory"])
        == 1
    )
    capsys.readouterr()
    assert main(["jobads", "check", str(tmp_path / "a.txt"), "--format", "json"]) == 1
    assert json.loads(capsys.readouterr().out)["findings"][0]["law"]["US"]["grade"] == "express"
    assert main(["jobads", "check", str(tmp_path), "--format", "sarif"]) == 1
    assert len(json.loads(capsys.readouterr().out)["runs"][0]["results"]) == 2


def test_lines_are_checked_and_measured(tmp_path, capsys):
    lines = tmp_path / "ads.jsonl"
    ad = {
        "id": "x",
        "lang": "en",
        "text": "Females only",
        "labels": [{"category": "gender_requirement", "start": 0, "end": 12}],
    }
    lines.write_text(json.dumps(ad) + "\n")
    assert main(["jobads", "check", "--format", "jsonl", str(lines)]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["id"] == "x"
    assert said["findings"][0]["category"] == "gender_requirement"
    assert main(["jobads", "evaluate", str(lines)]) == 0
    assert "en all" in capsys.readouterr().out


def test_what_cannot_be_read_is_told_in_words(tmp_path, capsys):
    scan = tmp_path / "scan.pdf"
    scan.write_bytes(b"%PDF-1.7\n")
    empty = tmp_path / "empty.txt"
    empty.write_text(" \n")
    for path in (scan, empty, tmp_path / "none.txt"):
        assert main(["jobads", "check", str(path)]) == 2
        assert path.name in capsys.readouterr().err
    broken = tmp_path / "x.jsonl"
    for text in ("{", "[]", '{"text": 1}'):
        broken.write_text(text)
        assert main(["jobads", "check", "--format", "jsonl", str(broken)]) == 2
        assert "line 1" in capsys.readouterr().err
    assert main(["jobads", "evaluate", str(broken)]) == 2

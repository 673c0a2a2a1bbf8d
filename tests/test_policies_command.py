"""`answerable policies lint` and `evaluate`, as a person and as a pipeline call them."""

import json

from answerable.cli import main


def test_the_command_reads_files_and_lines(tmp_path, capsys):
    policy = tmp_path / "policy.md"
    policy.write_text("# Rules\n\nAll staff attend two hours of harassment training every year.\n")
    assert main(["policies", "lint", str(policy), "--jurisdiction", "US-CA"]) == 1
    told = capsys.readouterr().out
    assert "missing (must) 1" in told
    assert "not legal advice" in told
    assert main(["policies", "lint", str(policy), "--format", "json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert found["points"][34]["state"] == "present"
    assert main(["policies", "lint", str(policy), "--format", "sarif"]) == 1
    sarif = json.loads(capsys.readouterr().out)
    assert sarif["version"] == "2.1.0"
    assert {each["level"] for each in sarif["runs"][0]["results"]} <= {"error", "warning", "note"}
    lines = tmp_path / "many.jsonl"
    lines.write_text(
        json.dumps({"id": "a", "lang": "zh-CN", "jurisdiction": ["CN"], "text": "案件档案保存五年。"})
        + "\n\n"
    )
    assert main(["policies", "lint", "--format", "jsonl", str(lines)]) == 0
    [said] = [json.loads(each) for each in capsys.readouterr().out.splitlines()]
    assert said["id"] == "a"
    assert set(said["points"]) == {str(each) for each in range(1, 49)}
    assert said["points"]["39"]["state"] == "present"
    assert said["points"]["1"] == {
        "state": "absent",
        "start": None,
        "end": None,
        "level": "must",
        "law": ["CN-15", "ILO-06"],
    }


def test_a_file_that_cannot_be_read_is_told_in_words(tmp_path, capsys):
    broken = tmp_path / "x.jsonl"
    for text in ("{", "[]", '{"text": 1, "lang": "en"}'):
        broken.write_text(text)
        assert main(["policies", "lint", "--format", "jsonl", str(broken)]) == 2
        assert "line 1" in capsys.readouterr().err
    assert main(["policies", "lint", str(tmp_path / "none.md")]) == 2
    assert main(["policies", "evaluate", str(broken)]) == 2


def test_labelled_policies_are_measured(tmp_path, capsys):
    policy = {
        "id": "x",
        "lang": "en",
        "text": "Case files are kept for six years.",
        "present": [39],
        "weak": [],
        "absent": [each for each in range(1, 49) if each != 39],
    }
    file = tmp_path / "labelled.jsonl"
    file.write_text(json.dumps(policy))
    assert main(["policies", "evaluate", str(file)]) == 0
    assert "en all" in capsys.readouterr().out

"""`answerable people`: directory files at the terminal."""

import json
import subprocess
import sys

from answerable.cli import people as command

HEADING = "number,name,name_latin,unit,manager,email,phone,language,place\n"


def test_the_command_prints_json_and_needs_no_django(tmp_path):
    bad = tmp_path / "bad.csv"
    bad.write_text(HEADING + "1,A,,,2,,,,\n", encoding="utf-8")
    code = (
        "import sys; from answerable.cli import main; status = main(sys.argv[1:]); "
        "assert not [m for m in sys.modules if m.startswith('django')]; sys.exit(status)"
    )
    for file, status in ((bad, 1), (tmp_path / "none.csv", 2)):
        done = subprocess.run(
            [sys.executable, "-c", code, "people", "check", str(file), "--format", "json"],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == status, done.stderr
        said = json.loads(done.stdout)
        assert set(said) >= {"rows", "errors"}
        assert set(said["errors"][0]) == {"line", "column", "error", "message"}


def test_the_command_speaks_plainly_too(tmp_path, capsys):
    good = tmp_path / "good.csv"
    good.write_text(HEADING + "1,孟广青,,,,,,,\n2,何佩文,,,1,,,,\n", encoding="utf-8")
    assert command.run_check(str(good), units=None, addition=False, form="text") == 0
    assert "2 rows, read as utf-8: nothing to mend" in capsys.readouterr().out

"""`answerable people`: directory files at the terminal."""

import json
import subprocess
import sys

import pytest

from answerable.cli import people as command
from bench import crowd
from tests import postgres
from tests.inside import ROOT, environment

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


_HALF_WAY = """
import sys, time
import django
django.setup()
from answerable.organisation.directory import bulk
real = bulk.insert
def slow(model, attributes, rows):
    real(model, attributes, rows)
    if model.__name__ == "Person":
        print("half way", flush=True)
        time.sleep(60)
bulk.insert = slow
from answerable.cli import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def installation(request, tmp_path):
    """Settings of an installation of its own on each database, with the organisation `tidewick`."""
    if request.param == "sqlite":
        yield prepared(tmp_path / "data", "sqlite")
        return
    with postgres.own_database() as url:
        yield prepared(tmp_path / "data", url)


def prepared(data, database):
    settings = environment(data, {"ANSWERABLE_DATABASE": database})
    made = (
        "import django; django.setup(); from answerable.cli.run import migrate; migrate();"
        "from answerable.organisation import actions; actions.create_organisation(slug='tidewick', "
        "name_en='T', name_zh='汐', origin='localhost/log/tidewick')"
    )
    data.mkdir()
    subprocess.run([sys.executable, "-c", made], cwd=ROOT, env=settings, check=True)
    return settings


def test_an_import_that_is_killed_in_the_middle_has_imported_nothing(installation, tmp_path):
    """kill -9 after the rows were written and before they were committed; then it runs as if nothing had been."""
    file = crowd.write(tmp_path / "people.csv", crowd.rows(300))
    arguments = ["people", "import", "tidewick", str(file), "--apply"]
    child = subprocess.Popen(
        [sys.executable, "-c", _HALF_WAY, *arguments],
        cwd=ROOT,
        env=installation,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    assert any("half way" in line for line in child.stdout)
    child.kill()
    child.wait()
    child.stdout.close()
    done = subprocess.run(
        [sys.executable, "-m", "answerable", *arguments],
        cwd=ROOT,
        env=installation,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "joined     300" in done.stdout


_ASIDE = """
import sys
import django
django.setup()
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from answerable.organisation import actions, queries
from answerable.organisation.directory import aside, plans
aside.SMALL = 0
house = queries.by_slug("tidewick")
by = actions.add_person(house, name_en="A", name_zh="A", email="a@tidewick.example")
actions.give_role(by, "administrator", by=None, now=timezone.now())
file = SimpleUploadedFile("p.csv", open(sys.argv[1], "rb").read())
plan = aside.prepare(house, file, units=None, whole=True, by=by, now=timezone.now())
shown = plans.find(house, plan, now=timezone.now())
aside.apply(shown, organisation=house, by=by, digest=bytes(shown.digest), now=timezone.now())
assert queries.how_many(house) == 301, queries.how_many(house)
try:
    aside.apply(shown, organisation=house, by=by, digest=bytes(shown.digest), now=timezone.now())
except aside.errors.AlreadyThere:
    print("once")
"""


def test_a_large_upload_is_checked_and_applied_in_a_process_of_its_own(installation, tmp_path):
    file = crowd.write(tmp_path / "people.csv", crowd.rows(300))
    done = subprocess.run(
        [sys.executable, "-c", _ASIDE, str(file)],
        cwd=ROOT,
        env=installation,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "once\n", done.stderr

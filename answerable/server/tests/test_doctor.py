"""The doctor says what is wrong, in both languages, with what to do; and one broken part hides no other."""

import json
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as ours
from django.utils import timezone

from answerable.ledger import actions as ledger
from answerable.ledger import files
from answerable.ledger.models import Entry, Log
from answerable.organisation.models import Beat, Organisation, Person
from answerable.organisation.seams import CHECKS, Finding
from answerable.server import doctor
from answerable.server.doctor import database, logs, machine, mail, site

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def now() -> datetime:
    return timezone.now()


def states(found: Iterable[Finding]) -> list[tuple[str, str]]:
    return [(each.name, each.state) for each in found]


@pytest.fixture
def log(organisation: Organisation, now: datetime) -> Log:
    made = ledger.create_log(organisation, now - timedelta(hours=2))
    ledger.publish(now)
    return Log.objects.get(pk=made.pk)


def test_a_sound_log_is_good_and_each_kind_of_damage_is_told(log: Log, now: datetime) -> None:
    assert states(logs.check_keys(now, False)) == [("log keys", "good")]
    assert states(logs.check_logs(now, True)) == [("log", "good")]
    key = files._key_path(log.organisation_id)
    seed = key.read_text()
    key.write_text("00" * 32)
    assert states(logs.check_keys(now, False)) == [("log keys", "bad")]
    key.unlink()
    assert states(logs.check_keys(now, False)) == [("log keys", "bad")]
    key.write_text(seed)
    Log.objects.filter(pk=log.pk).update(tail=b"")
    assert states(logs.check_logs(now, False)) == [("log", "bad")]
    Log.objects.filter(pk=log.pk).update(tail=log.tail)
    Entry.objects.filter(log=log, index=3).delete()
    assert states(logs.check_logs(now, False)) == [("log", "good")], "only the full look reads every leaf"
    assert states(logs.check_logs(now, True)) == [("log", "bad")]


def test_a_database_behind_its_checkpoint_file_is_called_a_restored_backup(log: Log, now: datetime) -> None:
    files.checkpoint_path(log.organisation_id).write_text("nonsense")
    (found,) = logs.check_logs(now, False)
    assert "restored backup" in found.is_["en"]
    assert "备份" in found.is_["zh"]


def test_a_keeper_that_stopped_is_told(now: datetime) -> None:
    assert states(database.check_keeper(now, False)) == [("keeper", "bad")]
    Beat.objects.create(name="keeper", at=now - timedelta(minutes=1))
    assert states(database.check_keeper(now, False)) == [("keeper", "good")]
    Beat.objects.update(at=now - timedelta(minutes=9))
    assert states(database.check_keeper(now, False)) == [("keeper", "bad")]


def test_a_clock_an_hour_off_is_found_by_whoever_has_another(now: datetime, log: Log) -> None:
    hour = timedelta(hours=1)
    assert states(machine.off_by("clock", now, now + timedelta(seconds=3), ("it", "它"))) == [
        ("clock", "good")
    ]
    assert states(machine.off_by("clock", now, now - hour, ("it", "它"))) == [("clock", "bad")]
    assert ("clock", "bad") not in states(database.check_clock(now, False))
    set_back = now - hour  # the log was published in this clock's future
    assert ("clock", "bad") in states(database.check_clock(set_back, False))


def test_permissions_open_to_others_are_named(settings: Any, tmp_path: Path, now: datetime) -> None:
    settings.ANSWERABLE_DATA = tmp_path
    (tmp_path / "log-keys").mkdir(mode=0o700)
    (tmp_path / "log-keys" / "a.key").touch(mode=0o600)
    assert states(machine.check_permissions(now, False)) == [("permissions", "good")]
    (tmp_path / "log-keys" / "a.key").chmod(0o640)
    (found,) = machine.check_permissions(now, False)
    assert (found.state, "log-keys/a.key" in found.is_["en"]) == ("bad", True)


def test_a_disk_without_its_reserve_is_bad(settings: Any, now: datetime) -> None:
    settings.RESERVE_MIB = 1 << 40
    assert states(machine.check_disk(now, False))[0] == ("disk", "bad")
    settings.RESERVE_MIB = 0
    assert states(machine.check_disk(now, False))[0][1] != "bad"


def test_hosts_and_proxy_are_compared_with_the_organisations(
    settings: Any, organisation: Organisation, now: datetime
) -> None:
    settings.ALLOWED_HOSTS, settings.SECURE_ORIGIN = ["elsewhere.example"], True
    settings.SECURE_PROXY_SSL_HEADER, settings.CSRF_TRUSTED_ORIGINS = None, []
    assert states(site.check_addresses(now, False)) == [("hosts", "bad"), ("proxy", "bad")]
    settings.ALLOWED_HOSTS = [(organisation.host or organisation.origin).partition("/")[0].partition(":")[0]]
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    assert ("proxy", "good") in states(site.check_addresses(now, False))
    assert ("hosts", "bad") not in states(site.check_addresses(now, False))


def test_a_mail_server_that_is_away_is_bad_and_nothing_is_sent(settings: Any, now: datetime) -> None:
    settings.EMAIL_HOST = ""
    assert states(mail.check_server(now, False)) == [("mail", "watch")]
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    assert ("mail", "bad") in states(mail.check_server(now, False))


def test_a_check_that_breaks_is_told_without_its_words_and_the_others_go_on(now: datetime) -> None:
    def check_broken(_now: datetime, _full: bool) -> Iterator[Finding]:
        raise RuntimeError("somebody's words")

    found = list(doctor.examine(now, full=False, checks=[check_broken, database.check_schema]))
    assert states(found) == [("broken", "bad"), ("schema", "good")]
    assert "words" not in json.dumps([each.is_ for each in found])


def test_every_finding_speaks_both_languages_and_bad_ones_say_what_to_do(
    log: Log, people: dict[str, Person], capsys: pytest.CaptureFixture[str]
) -> None:
    for full in (False, True):
        for each in doctor.examine(timezone.now(), full=full, checks=doctor.OWN):
            assert set(each.is_) == {"en", "zh"}
            assert each.state == "good" or each.do is not None
    status = doctor.main(form="json", full=False, lang="en")
    told = json.loads(capsys.readouterr().out)
    assert status == (0 if told["well"] else 1)
    assert doctor.main(form="text", full=False, lang="zh") == status
    assert "共检查" in capsys.readouterr().out


def test_others_may_add_checks(monkeypatch: pytest.MonkeyPatch, now: datetime) -> None:
    def check_mine(_now: datetime, _full: bool) -> list[Finding]:
        return [Finding("mine", "good", {"en": "x", "zh": "x"})]

    monkeypatch.setattr("answerable.organisation.seams.CHECKS", [*CHECKS, check_mine])
    assert ("mine", "good") in states(doctor.examine(now, full=False))


def test_the_database_is_as_we_want_it(now: datetime) -> None:
    assert [state for _, state in states(database.check_version(now, True))].count("bad") <= (
        0 if ours.DATABASE == "sqlite" else 1  # the tests' PostgreSQL runs with fsync off, which is told
    )

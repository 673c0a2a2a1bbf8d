"""The outbox against a real SMTP server: quiet, retried, at most once."""

import os
import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings as live
from django.db import connection, transaction

from answerable.notices import actions, queries
from answerable.notices.models import Notice


@pytest.fixture
def post(organisation, people, now):
    def one(key: str = "handler", event: str = "report:x", at=None) -> Notice:
        person = people[key]
        actions.post(organisation, [person.id], kind="new-report", event=event, now=at or now)
        return Notice.objects.get(person=person, event=event)

    return one


def test_a_notice_arrives_by_mail_without_a_word_of_the_matter(post, post_office, now):
    post(event="report:secret-word")
    assert actions.deliver(now) == 1
    (mail,) = post_office.mails()
    assert mail["To"] == "handler@tidewick.example"
    text = mail.get_content()
    assert "://localhost:8000/work/tidewick/notices/" in text
    assert "请登录" in text
    assert b"secret-word" not in post_office.arrived[0]
    assert "report" not in str(mail["Subject"]).lower()


def test_a_mail_that_has_left_says_the_hour_and_no_more(post, post_office, now):
    notice = post(at=now.replace(minute=0, second=0, microsecond=0))
    assert actions.deliver(now + timedelta(minutes=7, seconds=13)) == 1
    notice.refresh_from_db()
    assert [(each.minute, each.second) for each in (notice.sent_at, notice.next_try)] == [(0, 0), (0, 0)]


def test_a_flood_of_messages_is_one_mail_an_hour_until_it_is_read(organisation, people, post_office, now):
    person, start = people["handler"], now.replace(minute=0, second=0, microsecond=0)

    def write(upto: int, at) -> int:
        for n in range(upto):
            event = f"message:x:{at}:{n}"
            actions.post(organisation, [person.id], kind="new-message", event=event, now=start)
        return actions.deliver(at)

    assert write(20, start) == 1
    assert write(20, start + timedelta(minutes=30)) == 0
    assert write(1, start + timedelta(hours=1)) == 1
    actions.see_all(person, now=start)
    assert write(1, start + timedelta(hours=1, minutes=5)) == 1
    assert Notice.objects.filter(mail="waiting").count() == 0
    assert len(queries.of(person)) == 42  # the page has them all


def test_an_event_is_told_once_however_often_it_is_posted(post, post_office, now):
    for _ in range(3):
        post()
    assert actions.deliver(now) == 1
    assert actions.deliver(now) == 0
    assert len(post_office.arrived) == 1


def test_a_rolled_back_event_is_not_told(organisation, people, post_office, now):
    def failing():
        with transaction.atomic():
            actions.post(organisation, [people["lead"].id], kind="missed", event="e", now=now)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        failing()
    assert actions.deliver(now) == 0
    assert not Notice.objects.exists()


def test_all_mails_have_one_size_and_one_subject(post, people, post_office, now):
    people["lead"].languages = ["en"]
    people["lead"].save()
    people["overseer"].languages = ["zh"]
    people["overseer"].save()
    for key in ("handler", "lead", "overseer", "external"):
        post(key, event=f"e:{key}" * 5)
    assert actions.deliver(now) == 4
    assert len({len(raw) for raw in post_office.arrived}) == 1
    assert len({mail["Subject"] for mail in post_office.mails()}) == 1


@pytest.mark.parametrize(
    "refusal", [{"at_rcpt": ["451 later"]}, {"at_data": ["452 full"]}, {"at_rcpt": ["550 who"]}]
)
def test_a_refused_mail_is_tried_again_after_a_pause(post, post_office, now, refusal):
    vars(post_office).update(refusal)
    post()
    assert actions.deliver(now) == 0
    assert actions.deliver(now + timedelta(seconds=59)) == 0
    assert queries.oldest_unsent(now + timedelta(minutes=1)) == timedelta(minutes=1)
    assert actions.deliver(now + timedelta(minutes=1)) == 1
    assert len(post_office.arrived) == 1
    assert queries.oldest_unsent(now) is None


def test_one_refused_mail_does_not_hold_up_the_others(post, post_office, now):
    post_office.at_rcpt = ["451 later"]
    post("handler", at=now - timedelta(minutes=1))
    post("lead")
    assert actions.deliver(now) == 1


def test_a_mail_refused_for_days_is_given_up_and_stays_on_the_page(post, post_office, now):
    notice = post()
    when = now
    for _ in range(40):
        post_office.at_rcpt = ["550 nobody"]
        actions.deliver(when)
        when += timedelta(hours=4)
    notice.refresh_from_db()
    assert notice.mail == "given-up"
    assert queries.unseen(notice.person) == 1


def test_a_server_that_is_down_costs_no_try_and_little_time(post, post_office, settings, unused_port, now):
    notice = post()
    settings.EMAIL_PORT = unused_port + 1 if unused_port < 65000 else unused_port - 1
    began = time.monotonic()
    for minute in range(5):
        assert actions.deliver(now + timedelta(minutes=minute)) == 0
    assert time.monotonic() - began < 5
    settings.EMAIL_PORT = post_office.port
    assert actions.deliver(now + timedelta(minutes=6)) == 1
    notice.refresh_from_db()
    assert notice.tries == 1


def test_a_slow_server_that_took_the_mail_never_gets_it_twice(post, post_office, now):
    """It answered too late: nobody knows, so it is not repeated, and the outbox says so."""
    post()
    post_office.pause = 1.5
    assert actions.deliver(now, seconds=0.5) == 0
    assert queries.unsure() == 1
    post_office.pause = 0
    time.sleep(1.2)
    for hour in range(1, 100):
        actions.deliver(now + timedelta(hours=hour))
    assert len(post_office.arrived) == 1


def test_without_a_mail_server_nothing_waits(post, settings, now):
    settings.EMAIL_HOST = ""
    post()
    assert actions.deliver(now) == 0
    assert queries.oldest_unsent(now) is None


def test_who_has_left_gets_no_mail(post, people, post_office, now):
    from answerable.organisation.actions import leave

    post("member")
    leave(people["member"], by=None, now=now)
    assert actions.deliver(now) == 0
    assert post_office.arrived == []


@pytest.mark.django_db(transaction=True)
def test_two_keepers_at_once_send_each_mail_once(organisation, people, post_office, now):
    everyone = [person.id for person in people.values()]
    for number in range(4):
        actions.post(organisation, everyone, kind="new-report", event=f"e{number}", now=now)
    start = threading.Barrier(3)

    def keeper():
        start.wait()
        try:
            for _ in range(3):
                actions.deliver(now)
        finally:
            connection.close()

    threads = [threading.Thread(target=keeper) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    numbers = [mail["Message-ID"] for mail in post_office.mails()]
    assert len(numbers) == 28
    assert len(set(numbers)) == 28


_KEEPER = """
import sys, os
from datetime import datetime, UTC
import django
from django.conf import settings
django.setup()
settings.DATABASES["default"]["NAME"] = sys.argv[1]
settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", int(sys.argv[2])
from answerable.notices.actions import deliver
now = datetime.fromisoformat(sys.argv[3])
print("ready", flush=True)
while True:
    deliver(now)
"""


@pytest.mark.django_db(transaction=True)
def test_a_keeper_killed_while_sending_repeats_nothing(organisation, people, post_office, now):
    """kill -9 at many moments; afterwards another keeper finishes: no mail twice, and at most one a kill in doubt."""
    everyone = [person.id for person in people.values()]
    for number in range(6):
        actions.post(organisation, everyone, kind="new-report", event=f"e{number}", now=now)
    name = str(connection.settings_dict["NAME"])
    assert live.DATABASE != "sqlite" or Path(name).exists(), (
        "another process can open a database in a file only"
    )
    post_office.pause = 0.02
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "answerable.server.settings",
        "ANSWERABLE_DATA": str(live.ANSWERABLE_DATA),
        "ANSWERABLE_TESTING": "1",
    }
    kills = 4
    for turn in range(kills):
        keeper = subprocess.Popen(
            [sys.executable, "-c", _KEEPER, name, str(post_office.port), now.isoformat()],
            env=environment,
            stdout=subprocess.PIPE,
        )
        assert keeper.stdout is not None
        keeper.stdout.readline()
        before, patience = len(post_office.arrived), time.monotonic() + 20
        while len(post_office.arrived) == before and time.monotonic() < patience:
            time.sleep(0.005)
        time.sleep(0.013 * turn)
        keeper.send_signal(signal.SIGKILL)
        keeper.wait(10)
        keeper.stdout.close()
    time.sleep(0.2)
    assert post_office.arrived
    later = now + timedelta(hours=1)
    while actions.deliver(later):
        pass
    numbers = [mail["Message-ID"] for mail in post_office.mails()]
    assert len(numbers) == len(set(numbers))
    states = list(Notice.objects.values_list("mail", flat=True))
    assert set(states) <= {"sent", "handed"}
    assert states.count("handed") <= kills
    assert len(numbers) >= 42 - states.count("handed")


def test_the_page_shows_ones_own_notices_and_marks_them_seen(post, people, client_for, outsider):
    post("handler")
    client = client_for(people["handler"])
    assert "A report has come to you" in client.get("/work/tidewick/notices/").content.decode()
    assert (
        "A report has come" not in client_for(people["lead"]).get("/work/tidewick/notices/").content.decode()
    )
    client.post("/work/tidewick/notices/")
    assert queries.unseen(people["handler"]) == 0
    assert outsider.get("/work/tidewick/notices/").status_code == 404
    assert outsider.post("/work/tidewick/notices/").status_code == 404


def test_an_unknown_kind_still_has_words(organisation, people, client_for, now):
    actions.post(organisation, [people["lead"].id], kind=f"new-{uuid4()}"[:40], event="e", now=now)
    assert (
        "something for you to look at"
        in client_for(people["lead"]).get("/work/tidewick/notices/").content.decode()
    )

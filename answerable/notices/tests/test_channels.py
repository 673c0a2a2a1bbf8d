"""Groups, choices, quiet hours, digests, and the watch over what has not gone out."""

from datetime import UTC, datetime, time, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from answerable.notices import actions, channels, groups, queries, rules, seams, watching
from answerable.notices.errors import NotAChannel
from answerable.notices.models import Channel, Dispatch, Notice
from answerable.notices.tests.services import service
from answerable.organisation.actions import leave

SECRET = "a secret of enough letters"
PAGE = "/work/tidewick/administration/channels/"


@pytest.fixture
def robot(settings):
    settings.PRIVATE_HOSTS = ["127.0.0.1"]
    with service() as made:
        made.say(204, b"")
        yield made


@pytest.fixture
def group(organisation, people, robot, now):
    """A webhook that these people have ticked."""

    def make(*keys, mail=True, name="group", **choice):
        made = channels.add(organisation, "webhook", name, {"url": robot.url, "secret": SECRET}, now=now)
        for key in keys:
            choose(people[key], mail=mail, channels=[made.pk], **choice)
        return made

    return make


def choose(person, **more):
    defaults = {
        "mail": True,
        "channels": [],
        "quiet_from": None,
        "quiet_until": None,
        "time_zone": "",
        "digest": "weekly",
    }
    channels.choose(person, **(defaults | more))


@pytest.fixture
def post(organisation, people):
    def one(*keys, event="e", kind="new-report", at):
        actions.post(organisation, [people[key].pk for key in keys], kind=kind, event=event, now=at)

    return one


def told(now):
    groups.spread(now)
    return groups.tell(now)


def test_a_group_is_told_once_and_only_that_something_waits(group, robot, post, now):
    group("handler")
    post("handler", event="report:secret-word", at=now)
    assert [told(now), told(now), told(now + timedelta(days=1))] == [1, 0, 0]
    (heard,) = robot.heard()
    assert heard == {"text": rules.group_words("http://localhost:8000/work/tidewick/notices/")}
    assert "secret" not in heard["text"]


def test_a_group_does_not_hear_of_what_was_kept_from_one_who_ticked_it(group, robot, post, now):
    """The second handler is not on the panel, perhaps because the report is about them."""
    group("handler", "second_handler")
    post("handler", at=now)
    assert told(now) == 0
    post("handler", "second_handler", event="both", at=now)
    assert told(now) == 1


def test_a_group_that_nobody_ticked_is_silent(group, robot, post, now):
    group()
    post("handler", at=now)
    assert told(now) == 0


@given(st.sets(st.integers(0, 5)), st.sets(st.integers(0, 5)))
def test_a_group_hears_only_what_everybody_in_it_hears(ticked, told_):
    if rules.group_may_hear(ticked, told_):
        assert ticked
        assert ticked - told_ == set()


def test_what_waits_for_one_group_is_one_message(group, robot, post, now):
    group("handler")
    for number in range(30):
        post("handler", event=f"e{number}", at=now)
    assert told(now) == 1
    assert len(robot.asked) == 1
    assert Dispatch.objects.filter(state="sent").count() == 30


def test_a_flood_of_messages_is_one_an_hour(group, robot, post, now):
    group("handler")
    start = now.replace(minute=0)
    for minute in range(0, 120, 10):
        post("handler", kind="new-message", event=f"m{minute}", at=start)
        told(start + timedelta(minutes=minute))
    assert len(robot.asked) == 2


def test_who_chose_a_group_instead_of_mail_gets_no_mail_until_the_group_fails(
    group, robot, post, people, post_office, now
):
    made = group("handler", mail=False)
    post("handler", at=now)
    assert (told(now), actions.deliver(now)) == (1, 0)
    robot.say(200, {"taken": False})
    post("handler", event="second", at=now)
    assert told(now) == 0
    made.refresh_from_db()
    assert (made.code, made.failed_at is not None) == ("not-taken", True)
    assert actions.deliver(now) == 2  # the handler's, after all, and the administrator's
    assert {mail["To"] for mail in post_office.mails()} == {
        "handler@tidewick.example",
        "administrator@tidewick.example",
    }


def test_a_group_that_fails_for_a_while_is_tried_again(group, robot, post, now):
    group("handler")
    robot.say(503, b"")
    post("handler", at=now)
    assert told(now) == 0
    robot.say(204, b"")
    assert told(now + timedelta(seconds=59)) == 0
    assert told(now + timedelta(minutes=1)) == 1
    assert Channel.objects.get().failed_at is None


def test_a_group_that_fell_silent_is_not_told_twice(group, robot, post, now):
    group("handler")
    robot.say(504, b"")
    post("handler", at=now)
    assert told(now) == 0
    robot.say(204, b"")
    assert told(now + timedelta(days=1)) == 0
    assert len(robot.asked) == 1


def test_a_keeper_killed_over_a_group_repeats_nothing(group, robot, post, now, monkeypatch):
    class Killed(BaseException):
        pass

    group("handler")
    post("handler", at=now)

    def die(*_, **__):
        raise Killed

    monkeypatch.setattr(groups, "say", die)
    with pytest.raises(Killed):
        told(now)
    monkeypatch.undo()
    assert told(now + timedelta(days=1)) == 0
    assert Dispatch.objects.get().state == "handed"


def test_mail_keeps_quiet_hours_in_the_person_s_own_zone(post, people, post_office, now):
    """09:10 UTC is 17:10 in Shanghai and 04:10 in New York."""
    quiet = {"quiet_from": time(22), "quiet_until": time(7), "time_zone": "America/New_York"}
    choose(people["lead"], **quiet)
    choose(people["handler"], **(quiet | {"time_zone": ""}))
    post("lead", "handler", kind="escalated", at=now)
    assert actions.deliver(now) == 1
    assert queries.oldest_unsent(now + timedelta(hours=2)) is None  # it waits because she wants it to
    assert actions.deliver(now + timedelta(hours=2, minutes=49)) == 0
    assert actions.deliver(now + timedelta(hours=2, minutes=50)) == 1


def test_one_s_own_missed_promise_is_told_at_any_hour(post, people, post_office, now):
    choose(people["handler"], quiet_from=time(9), quiet_until=time(20), time_zone="UTC")
    post("handler", kind="missed", at=now)
    assert actions.deliver(now) == 1


def test_a_group_sleeps_while_all_in_it_sleep(group, robot, post, now):
    group("handler", quiet_from=time(9), quiet_until=time(10), time_zone="UTC")
    post("handler", at=now)
    assert told(now) == 0
    assert told(now + timedelta(minutes=50)) == 1


ZONES = st.sampled_from(["UTC", "Asia/Shanghai", "America/New_York", "Europe/Dublin", "Asia/Kathmandu"])


@given(st.integers(0, 730 * 24 * 60), st.times(), st.times(), ZONES)
def test_quiet_hours_end_within_their_length(moment, start, end, zone):
    from zoneinfo import ZoneInfo

    start, end = start.replace(second=0, microsecond=0), end.replace(second=0, microsecond=0)
    if not rules.is_length_of_quiet(start, end):
        return
    now = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=moment)
    until = rules.quiet_until(now, start, end, zone)
    if until is not None:
        # one more hour where clocks go back
        assert timedelta() < until - now <= rules.LONGEST_QUIET + timedelta(hours=1)
    else:
        clock = now.astimezone(ZoneInfo(zone)).time()
        assert not (start <= clock < end)


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"mail": False}, "no-way-left"),
        ({"quiet_from": time(22)}, "too-quiet"),
        ({"quiet_from": time(8), "quiet_until": time(8)}, "too-quiet"),
        ({"quiet_from": time(7), "quiet_until": time(21, 1)}, "too-quiet"),
        ({"time_zone": "Mars/Olympus"}, "no-such-zone"),
        ({"time_zone": "../../etc/passwd"}, "no-such-zone"),
    ],
)
def test_nobody_can_choose_not_to_be_told(people, wrong, code):
    with pytest.raises(NotAChannel, match=code):
        choose(people["lead"], **wrong)


def test_a_group_of_another_organisation_can_not_be_ticked(people, other_organisation, robot, now):
    foreign = channels.add(other_organisation, "webhook", "x", {"url": robot.url, "secret": SECRET}, now=now)
    choose(people["lead"], channels=[foreign.pk])
    assert not foreign.ticked_by.exists()


@pytest.mark.parametrize(
    ("kind", "values", "code"),
    [
        ("wecom", {"url": "https://evil.example/cgi-bin/webhook/send?key=1"}, "not-of-this-service"),
        ("teams", {"url": "https://evil.example/.webhook.office.com"}, "not-of-this-service"),
        ("slack", {"url": "https://hooks.slack.com.evil.example/x"}, "not-of-this-service"),
        ("webhook", {"url": "https://gateway.example/", "secret": "short"}, "short-secret"),
        ("mail", {"host": "h", "sender": "a@b.example", "security": "none"}, "not-encrypted"),
        ("mail", {"host": "h", "sender": "a@b.example", "authorities": "no pem"}, "bad-authorities"),
        ("mail", {"host": "h", "sender": "a@b.example", "token_url": "ftp://x"}, "not-https"),
    ],
)
def test_what_can_not_be_a_channel_is_refused(organisation, kind, values, code, now):
    with pytest.raises(NotAChannel, match=code):
        channels.add(organisation, kind, "x", values, now=now)


def test_secrets_do_not_lie_readable_in_the_database(organisation, group, people, client_for):
    made = group("handler")
    with connection.cursor() as cursor:
        cursor.execute("SELECT sealed FROM notices_channel")
        assert SECRET not in cursor.fetchone()[0]
    assert SECRET not in client_for(people["administrator"]).get(PAGE).content.decode()
    assert SECRET not in repr(made)


def test_an_organisation_s_own_mail_server_sends_its_mail(
    organisation, other_organisation, people, post_office, settings, unused_port, now
):
    settings.PRIVATE_HOSTS = ["127.0.0.1"]
    settings.EMAIL_HOST = ""
    actions.post(organisation, [people["lead"].pk], kind="missed", event="before", now=now)
    values = {"host": "127.0.0.1", "port": unused_port, "sender": "own@tidewick.example", "security": "none"}
    channels.add(organisation, "mail", "own", values, now=now)
    actions.post(organisation, [people["lead"].pk], kind="missed", event="after", now=now)
    assert actions.deliver(now) == 1
    assert post_office.mails()[0]["From"] == "own@tidewick.example"


def test_unsent_notices_are_told_by_another_way_and_on_the_board(
    organisation, group, robot, people, post, post_office, settings, client_for, now
):
    """The mail server is down; the administrator's group still works."""
    settings.EMAIL_PORT = 1
    group("administrator", "overseer")
    post("lead", at=now)
    actions.deliver(now)
    assert watching.watch(now + timedelta(hours=3)) == 0
    later = now + timedelta(hours=4)
    assert [watching.watch(later), watching.watch(later)] == [1, 1]
    assert Notice.objects.filter(kind="unsent").count() == 2  # administrator and overseer, once each
    assert told(later) == 1
    settings.PRIVATE_HOSTS = []
    assert queries.is_jammed(later, organisation)
    # The pages count from now, and this jam began in the past.
    assert (
        "Notices are not going out"
        in client_for(people["overseer"]).get("/work/tidewick/board/").content.decode()
    )
    assert (
        "The oldest unsent notice has waited"
        in client_for(people["administrator"]).get(PAGE).content.decode()
    )


def test_overseers_get_a_digest_on_monday_without_counts_unless_allowed(
    organisation, people, post_office, now, monkeypatch
):
    monkeypatch.setattr(seams, "DIGESTS", [lambda _organisation, _now: {"kept": 41, "missed": 3, "open": 0}])
    people["overseer"].languages = ["en", "zh"]
    people["overseer"].save()
    monday = now + timedelta(days=4)  # 9 November 2026, 17:10 in Shanghai
    assert watching.digest(now) == 0
    assert watching.digest(monday) == 1
    watching.digest(monday + timedelta(hours=1))
    assert actions.deliver(monday) == 1
    assert "41" not in post_office.mails()[0].get_content()
    channels.decide(organisation, counts=True, unsent_hours=4)
    assert watching.digest(monday + timedelta(days=7)) == 1
    assert actions.deliver(monday + timedelta(days=7)) == 1
    text = post_office.mails()[1].get_content()
    assert "41 kept, fewer than 5 missed, fewer than 5 open" in text
    assert "已兑现 41 项，逾期未兑现 少于 5 项" in text
    assert "/work/tidewick/board/" in text
    assert len({len(raw) for raw in post_office.arrived}) == 1
    assert Notice.objects.filter(kind="digest").count() == 2


def test_a_digest_every_day_or_never(people, post_office, now):
    choose(people["overseer"], digest="daily")
    assert [watching.digest(now + timedelta(days=n)) for n in range(2)] == [1, 1]
    choose(people["overseer"], digest="none")
    assert watching.digest(now + timedelta(days=4)) == 0


@given(st.dictionaries(st.sampled_from(["kept", "missed", "open"]), st.integers(0, 9)))
def test_small_counts_can_not_be_told_apart(counts):
    said = rules.count_words(counts)
    assert {name for name in counts if said[name]["en"].startswith("fewer")} == {
        name for name, n in counts.items() if n < rules.SMALL
    }


def test_the_page_asks_the_database_as_often_for_six_channels_as_for_one(group, people, client_for):
    client = client_for(people["administrator"])
    all_of_them = [group(name="g0").pk]
    client.get(PAGE)
    with CaptureQueriesContext(connection) as one:
        client.get(PAGE)
    all_of_them += [group(name=f"g{n}").pk for n in range(1, 6)]
    choose(people["lead"], channels=all_of_them)
    choose(people["handler"], channels=all_of_them[:2])
    choose(people["member"], channels=all_of_them)
    leave(people["member"], by=None, now=datetime.now(UTC))
    with CaptureQueriesContext(connection) as six:
        page = client.get(PAGE).content.decode()
    assert len(six) <= len(one)
    assert (page.count("ticked by 2"), page.count("ticked by 1")) == (2, 4)


def test_an_administrator_sets_up_tests_switches_and_removes_a_channel(people, robot, client_for):
    client = client_for(people["administrator"])
    page = client.get(f"{PAGE}add/webhook/").content.decode()
    assert "Secret" in page
    answer = client.post(f"{PAGE}add/webhook/", {"name": "Ours", "url": "nonsense", "secret": SECRET})
    assert answer.status_code == 400
    client.post(f"{PAGE}add/webhook/", {"name": "Ours", "url": robot.url, "secret": SECRET})
    made = Channel.objects.get()
    client.post(f"{PAGE}{made.pk}/test/")
    assert len(robot.asked) == 1
    made.refresh_from_db()
    assert (made.code, made.tested_at is not None) == ("", True)
    robot.say(200, {"taken": "no"})
    assert "not-taken" in client.post(f"{PAGE}{made.pk}/test/", follow=True).content.decode()
    client.post(f"{PAGE}{made.pk}/switch/", {"on": "0"})
    made.refresh_from_db()
    assert not made.on
    client.post(f"{PAGE}decide/", {"counts": "1", "unsent_hours": "9"})
    assert queries.manner(made.organisation).unsent_hours == 9
    client.post(f"{PAGE}{made.pk}/remove/")
    assert not Channel.objects.exists()


def test_a_mail_server_is_set_up_and_tested_by_a_real_mail(
    people, post_office, settings, unused_port, client_for
):
    settings.PRIVATE_HOSTS = ["127.0.0.1"]
    client = client_for(people["administrator"])
    assert "Token address" in client.get(f"{PAGE}add/mail/").content.decode()
    values = {
        "name": "m",
        "host": "127.0.0.1",
        "port": unused_port,
        "security": "starttls",
        "sender": "a@b.example",
    }
    answer = client.post(f"{PAGE}add/mail/", values | {"sign_in": "token"})
    assert "This is needed." in answer.content.decode()
    client.post(f"{PAGE}add/mail/", values | {"sign_in": "none"})
    made = Channel.objects.get()
    client.post(f"{PAGE}{made.pk}/test/")
    made.refresh_from_db()
    assert made.code == "SMTPNotSupportedError"  # it offers no encryption, so nothing was said
    client.post(f"{PAGE}test-mail/")
    assert post_office.mails()[0]["To"] == "administrator@tidewick.example"


def test_somebody_chooses_how_they_are_told(people, group, client_for):
    made = group()
    client = client_for(people["overseer"])
    address = "/work/tidewick/notices/how/"
    page = client.get(address).content.decode()
    assert "group" in page
    client.post(
        address,
        {"channels": [str(made.pk)], "quiet_from": "22:00", "quiet_until": "07:30", "time_zone": "Europe/Dublin",
         "digest": "daily"},
    )  # fmt: skip
    chosen = queries.choice(people["overseer"])
    assert (chosen.mail, chosen.quiet_until, chosen.digest) == (False, time(7, 30), "daily")
    assert client.post(address, {"time_zone": "x"}).status_code == 400
    assert client.post(address, {"mail": "1", "channels": [str(uuid4())]}).status_code == 400


def test_who_has_left_is_no_reason_for_a_group_to_be_silent(group, robot, post, people, now):
    group("handler", "member")
    leave(people["member"], by=None, now=now)
    post("handler", at=now)
    assert told(now) == 1


def test_outsiders_and_others_change_nothing(people, group, robot, outsider, client_for):
    made = group("handler")
    addresses = [
        PAGE,
        f"{PAGE}add/slack/",
        f"{PAGE}{made.pk}/test/",
        f"{PAGE}{made.pk}/remove/",
        f"{PAGE}decide/",
    ]
    for address in addresses:
        assert outsider.post(address).status_code in {404, 405}
        assert outsider.get(address).status_code in {404, 405}
        assert client_for(people["handler"]).post(address).status_code in {403, 405}
    assert outsider.get("/work/tidewick/notices/how/").status_code == 404
    assert Channel.objects.filter(pk=made.pk, on=True).exists()
    assert robot.asked == []


@pytest.mark.parametrize(
    "end", [channels.remove, lambda made, **more: channels.switch(made, on=False, **more)]
)
def test_what_waits_for_a_group_that_ends_goes_by_mail(group, robot, post, post_office, now, end):
    made = group("handler", mail=False)
    robot.say(503, b"")
    post("handler", at=now)
    told(now)
    Notice.objects.update(mail="none")
    end(made, now=now)
    assert actions.deliver(now) == 1
    assert told(now + timedelta(hours=1)) == 0

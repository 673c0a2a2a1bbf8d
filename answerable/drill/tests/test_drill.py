"""The daily drill walks the real path, notices what is broken on it, and climbs when it fails."""

import base64
import os
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from django.core.handlers.wsgi import WSGIHandler
from hypothesis import given
from hypothesis import strategies as st

from answerable.drill import actions, checks, queries, rules, sealing, walk
from answerable.drill.errors import Failed
from answerable.drill.models import Ground, Watch
from answerable.intake.models import Case
from answerable.notices.models import Notice
from answerable.organisation.models import Organisation
from answerable.promises.board import board
from answerable.promises.models import Deadline
from answerable.roster import queries as rosters


class Broken:
    """Our server, in which some addresses don't work, or answer otherwise."""

    def __init__(self):
        self.app, self.broken, self.asked = WSGIHandler(), "", []

    def __call__(self, environ, start_response):
        self.asked.append(environ["PATH_INFO"])
        if self.broken and self.broken in environ["PATH_INFO"]:
            start_response("503 Busy", [])
            return [b""]
        return self.app(environ, start_response)


@pytest.fixture
def server():
    return Broken()


@pytest.fixture
def sites(server):
    def site(_organisation):
        client = httpx.Client(transport=httpx.WSGITransport(app=server), base_url="http://localhost")
        return walk.Site("", "localhost", client)

    return site


def test_a_report_goes_there_is_opened_answered_and_read_back(stage, sites, server, now):
    assert actions.hold(now, sites) == []
    watch = Watch.objects.get()
    assert (watch.organisation, watch.kept_at, watch.code) == (stage.organisation, now, "")
    ground = Ground.objects.get().organisation
    assert Case.objects.get().organisation == ground
    kept = Deadline.objects.filter(organisation=ground)
    assert kept.exists()
    assert not kept.filter(kept_at=None).exists()
    assert any(path.endswith("/mailbox/open") for path in server.asked)


def test_the_drill_touches_no_count_board_or_roster_of_the_organisation(stage, sites, now):
    before = rosters.current(stage.organisation.pk).roster.sha256
    notices = Notice.objects.filter(organisation=stage.organisation).count()
    actions.hold(now, sites)
    shown = board(stage.organisation, now)
    assert (shown.open, shown.kept, shown.missed) == (0, 0, 0)
    assert rosters.current(stage.organisation.pk).roster.sha256 == before
    assert not Case.objects.filter(organisation=stage.organisation).exists()
    assert Notice.objects.filter(organisation=stage.organisation).count() == notices
    machine = Ground.objects.get().handler
    assert machine.organisation.name_en == "Daily drill: nobody reads here"
    assert machine.email == ""


def test_it_is_held_once_a_day_by_one_keeper(stage, sites, server, now):
    actions.hold(now, sites)
    server.asked.clear()
    assert actions.hold(now + timedelta(hours=23), sites) == []
    assert server.asked == []
    actions.hold(now + timedelta(hours=24), sites)
    assert Case.objects.count() == 2
    assert Organisation.objects.filter(slug=rules.SLUG).count() == 1


@pytest.mark.parametrize(
    ("broken", "code"),
    [
        ("/rosters", "roster"),
        ("/challenge", "work"),
        ("/cases/", "send"),
        ("/mailbox/open", "mailbox"),
        ("/checkpoint", "log"),
        ("/en/report", "page"),
    ],
)
def test_a_broken_step_is_named_and_tried_again_within_the_hour(stage, sites, server, now, broken, code):
    server.broken = broken
    assert actions.hold(now, sites) == [code]
    assert actions.hold(now + timedelta(minutes=59), sites) == []
    server.broken = ""
    assert actions.hold(now + timedelta(hours=1), sites) == []
    assert Watch.objects.get().code == ""


def test_an_answer_that_the_server_has_lost_is_noticed(stage, sites, server, now, monkeypatch):
    real = walk._mailbox

    def forgetful(*args):
        found = real(*args)
        return found | {"messages": found["messages"][:-1]}

    monkeypatch.setattr(walk, "_mailbox", forgetful)
    assert actions.hold(now, sites) == ["read-back"]


def test_a_report_that_does_not_open_is_noticed(stage, sites, now, monkeypatch):
    real = walk._mailbox

    def turned(*args):
        found = real(*args)
        file = bytearray(base64.urlsafe_b64decode(found["report"] + "=="))
        file[-1] ^= 1
        return found | {"report": base64.urlsafe_b64encode(file).decode().rstrip("=")}

    monkeypatch.setattr(walk, "_mailbox", turned)
    assert actions.hold(now, sites) == ["open"]


def test_its_failure_climbs_to_lead_overseer_and_external_member(stage, sites, server, people, now):
    """Due a day and two hours after the last one; then a rung a day, each told once; success begins anew."""
    server.broken = "/cases/"
    actions.hold(now, sites)

    def told(hours):
        for _ in range(2):
            actions.climb(now + timedelta(hours=hours))
        return [
            each.person.email.partition("@")[0]
            for each in Notice.objects.filter(kind="drill-missed").order_by("at")
        ]

    assert told(25.9) == []
    assert told(26) == ["lead"]
    assert told(49.9) == ["lead"]
    assert told(50) == ["lead", "overseer"]
    assert told(74) == ["lead", "overseer", "external"]
    assert told(500) == ["lead", "overseer", "external"]
    server.broken = ""
    assert actions.hold(now + timedelta(hours=501), sites) == []
    assert told(520) == ["lead", "overseer", "external"]


def test_an_organisation_that_takes_no_reports_is_not_drilled(organisation, sites, now):
    assert actions.hold(now, sites) == []
    assert not Watch.objects.exists()


def test_what_typage_seals_opens_here():
    """Made by age-encryption 0.3.1 for the identity of the seed 00 01 … 1f."""
    file = base64.b64decode((Path(__file__).parent / "typage.txt").read_text())
    assert sealing.Identity(bytes(range(32))).open(file).decode() == "from typage 你好"


@pytest.mark.parametrize("length", [0, 1, 65_535, 65_536, 65_537, 200_000])
def test_what_is_sealed_for_several_opens_for_each(length):
    text, readers = os.urandom(length), [sealing.Identity(os.urandom(32)) for _ in range(2)]
    file = sealing.seal(text, [each.public for each in readers])
    assert [each.open(file) for each in readers] == [text, text]
    with pytest.raises(Failed):
        sealing.Identity(os.urandom(32)).open(file)


FILE = sealing.seal(b"words", [sealing.Identity(bytes(32)).public])


@given(st.integers(0, len(FILE) - 1), st.integers(1, 255))
def test_a_changed_byte_opens_nothing(at, change):
    changed = bytearray(FILE)
    changed[at] ^= change
    with pytest.raises(Failed):
        sealing.Identity(bytes(32)).open(bytes(changed))


@given(st.binary(max_size=300))
def test_any_bytes_open_or_are_refused(noise):
    with pytest.raises(Failed):
        sealing.Identity(bytes(32)).open(noise)


def test_doctor_says_how_the_drill_stands(stage, sites, server, settings, now):
    settings.DRILL = True
    server.broken = "/cases/"
    actions.hold(now, sites)
    assert [each.state for each in checks.drill(now, full=False)] == ["watch"]
    assert [each.state for each in checks.drill(now + timedelta(hours=27), full=False)] == ["bad"]
    server.broken = ""
    actions.hold(now + timedelta(hours=27), sites)
    assert [each.state for each in checks.drill(now + timedelta(hours=28), full=False)] == ["good"]
    settings.DRILL = False
    assert list(checks.drill(now, full=False)) == []


def test_administrators_see_a_failing_drill_on_their_first_page_and_on_the_opening(
    stage, sites, server, settings, now, client_for, people, outsider
):
    settings.DRILL = True
    server.broken = "/cases/"
    actions.hold(now, sites)
    client = client_for(people["administrator"])
    for path in ("administration/", "opening/"):
        assert "The last drill stopped at: send." in client.get(f"/work/tidewick/{path}").content.decode()
        assert outsider.get(f"/work/tidewick/{path}").status_code == 404
    assert queries.failing() == 1
    server.broken = ""
    actions.hold(now + timedelta(hours=2), sites)
    assert "drill" not in client.get("/work/tidewick/administration/").content.decode()
    assert "The daily drill succeeds." in client.get("/work/tidewick/opening/").content.decode()
    assert queries.failing() == 0

"""An organisation is set up by whoever holds the one-time code, once, and by nobody else."""

import re
import stat
import threading
from base64 import b64encode
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client

from answerable.organisation import queries
from answerable.organisation.models import Account, Mark, Organisation, Person, Setup
from answerable.questions import actions as own
from answerable.questions import queries as own_queries
from answerable.questions.tests.test_rules import WHOLE
from answerable.setup import actions, configuration, places, rules
from answerable.setup.errors import BadConfiguration, NothingRuns, TooMany, WrongCode
from answerable.setup.tests.conftest import ANSWERS, answer_all
from answerable.ui.tests.test_pictures import png

pytestmark = pytest.mark.django_db


def test_an_empty_installation_gets_one_code_and_keeps_it_for_the_operator_alone(data, now):
    code = actions.begin_if_empty(now)
    assert re.fullmatch(r"([0-9a-z]{5}-){3}[0-9a-z]{5}", code)
    assert stat.S_IMODE(actions.code_file().stat().st_mode) == 0o600
    assert actions.code_file().read_text().strip() == code
    assert code.encode() not in bytes(Setup.objects.get().code_sha256)
    assert actions.begin_if_empty(now) is None
    assert actions.begin_if_empty(now + timedelta(days=8)) not in {None, code}


def test_no_code_is_made_where_there_is_an_organisation(organisation, data, now):
    assert actions.begin_if_empty(now) is None
    assert Client().get("/work/setup/").status_code == 404


def test_a_code_opens_once(data, now):
    code = actions.begin(now)
    key = actions.redeem(" " + code.upper().replace("-", " ").replace("0", "O"), now=now)
    assert actions.held(key)
    assert not actions.code_file().exists()
    with pytest.raises(WrongCode):
        actions.redeem(code, now=now)
    assert actions.held(key)


def test_a_new_code_ends_the_old_one_and_its_browser_and_keeps_the_answers(data, now):
    first = actions.begin(now)
    key = actions.redeem(first, now=now)
    actions.save(actions.held(key), "name", ANSWERS["name"])
    second = actions.begin(now)
    with pytest.raises(NothingRuns):
        actions.held(key)
    with pytest.raises(WrongCode):
        actions.redeem(first, now=now)
    assert actions.held(actions.redeem(second, now=now)).answers["name"] == ANSWERS["name"]


def test_an_old_code_opens_nothing(data, now):
    code = actions.begin(now)
    with pytest.raises(WrongCode):
        actions.redeem(code, now=now + rules.CODE_LASTS)


def test_wrong_codes_are_limited_for_a_minute(data, now):
    code = actions.begin(now)
    for _ in range(rules.WRONG_MOST):
        with pytest.raises(WrongCode):
            actions.redeem("wrong", now=now)
    with pytest.raises(TooMany):
        actions.redeem(code, now=now)
    assert actions.redeem(code, now=now + rules.WRONG_WITHIN)


@pytest.mark.django_db(transaction=True)
def test_of_two_browsers_with_one_code_one_goes_on(data, now):
    code, got = actions.begin(now), []

    def one():
        try:
            got.append(actions.redeem(code, now=now))
        except WrongCode:
            got.append(None)
        finally:
            connection.close()

    threads = [threading.Thread(target=one) for _ in range(2)]
    [each.start() for each in threads]
    [each.join() for each in threads]
    assert len([key for key in got if key]) == 1


def test_a_stranger_gets_the_question_for_the_code_and_nothing_else(holder, data):
    holder.post("/work/setup/name/", ANSWERS["name"])
    stranger = Client()
    for step in rules.STEPS:
        for answer in (
            stranger.get(f"/work/setup/{step}/"),
            stranger.post(f"/work/setup/{step}/", ANSWERS["name"]),
        ):
            assert answer.headers["Location"] == "/work/setup/"
    page = stranger.get("/work/setup/").content.decode()
    assert "Quayside" not in page
    assert stranger.post("/work/setup/", {"code": "0" * 20}).status_code == 403
    assert not Organisation.objects.exists()


def test_answers_are_kept_as_one_goes_and_make_an_organisation_with_two_invitations(holder, data):
    assert holder.get("/work/setup/").headers["Location"] == "/work/setup/name/"
    answer_all(holder)
    assert holder.get("/work/setup/").headers["Location"] == "/work/setup/check/"
    check = holder.get("/work/setup/check/").content.decode()
    assert "testserver/log/quayside" in check
    assert holder.post("/work/setup/check/").headers["Location"] == "/work/setup/"
    made = Organisation.objects.get()
    assert (made.slug, made.origin, made.accent) == ("quayside", "testserver/log/quayside", "#7a3b00")
    assert made.jurisdictions[2] == {
        "id": "US",
        "name": places.place("US").name,
        "time_zone": "America/Chicago",
    }
    assert made.outside_contact["name"]["zh"] == "Aoife Burke, Harbour Law"
    assert made.opened_at is None
    links = re.findall(
        r"http://testserver(/work/accounts/invitation/[^/]+/)</p>",
        holder.get("/work/setup/").content.decode(),
    )
    assert len(links) == 2
    assert holder.get("/work/setup/").status_code == 404
    assert Client().get(links[0]).status_code == 200
    assert [queries.roles_of(person) for person in Person.objects.all()] == [{"administrator"}] * 2
    assert not Account.objects.exists()
    assert Setup.objects.get().answers == {}


def test_it_is_made_once_however_often_it_is_sent(holder, data):
    answer_all(holder)
    running = Setup.objects.get()
    actions.finish(running, site_host="testserver", now=running.made_at)
    with pytest.raises(NothingRuns):
        actions.finish(running, site_host="testserver", now=running.made_at)
    assert Organisation.objects.count() == 1


@pytest.mark.parametrize(
    ("step", "change", "said"),
    [
        ("name", {"name_en": ""}, "required"),
        ("address", {"slug": "Quay Side"}, "valid"),
        ("address", {"slug": "setup"}, "taken"),
        ("address", {"host": "elsewhere.example"}, "does not answer"),
        ("address", {"host": "localhost"}, "host name"),
        ("places", {"places": []}, "required"),
        ("places", {"places": ["XX"]}, "not one of"),
        ("zones", {"time_zone": "Mars/Olympus"}, "not one of"),
        ("look", {"accent": "#ffee00", "mark": ""}, "nearest"),
        ("look", {"accent": "red", "mark": ""}, "Six digits"),
        ("look", {"accent": "", "mark": b64encode(b"<svg/>").decode()}, "PNG"),
        ("contact", {"telephone": "", "post": ""}, "At least one way"),
        ("administrators", {"second_email": "EMEKA@quayside.example"}, "different"),
    ],
)
def test_an_answer_that_will_not_do_is_refused_with_its_reason(holder, data, step, change, said):
    for before in rules.QUESTIONS[: rules.QUESTIONS.index(step)]:
        holder.post(f"/work/setup/{before}/", ANSWERS[before])
    answer = holder.post(f"/work/setup/{step}/", {**ANSWERS[step], **change})
    assert answer.status_code == 200
    assert said in answer.content.decode()
    assert step not in Setup.objects.get().answers


def test_a_mark_is_uploaded_and_shown_and_taken_away(holder, data):
    from django.core.files.uploadedfile import SimpleUploadedFile

    holder.post(
        "/work/setup/look/", {"accent": "#095047", "picture": SimpleUploadedFile("m.png", png(), "image/png")}
    )
    kept = Setup.objects.get().answers["look"]
    assert kept["accent"] == ""
    assert kept["mark"]
    assert "data:image/png" in holder.get("/work/setup/look/").content.decode()
    holder.post("/work/setup/look/", {"accent": "#095047", "drop": "on"})
    assert Setup.objects.get().answers["look"]["mark"] == ""
    svg = SimpleUploadedFile("m.svg", b"<svg onload='x'/>", "image/png")
    refused = holder.post("/work/setup/look/", {"accent": "#095047", "picture": svg}).content.decode()
    assert "SVG" in refused


def test_the_set_up_does_not_answer_at_an_organisation_s_own_host(holder, other_organisation, settings, data):
    settings.ALLOWED_HOSTS = ["testserver", "own.example"]
    Organisation.objects.update(host="own.example")
    queries.forget_organisations()
    assert holder.get("/work/setup/", headers={"host": "own.example"}).status_code == 404


def test_a_configuration_goes_out_and_comes_back_the_same(data, now):
    made = actions.create(ANSWERS, site_host="localhost:8000", now=now).organisation
    made.refresh_from_db()
    text = configuration.write(configuration.of(made))
    assert "emeka" not in text.lower()
    assert "secret" not in text.replace("without secrets", "").lower()
    again = configuration.read(text.replace("quayside", "other"))
    again["administrators"] = {
        **ANSWERS["administrators"],
        "first_email": "a@b.example",
        "second_email": "c@d.example",
    }
    other = actions.create(again, site_host="localhost:8000", now=now).organisation
    other.refresh_from_db()
    for name in ("name", "languages", "jurisdictions", "outside_contact", "accent", "mark", "time_zone"):
        assert getattr(other, name) == getattr(made, name), name
    assert bytes(Mark.objects.get(organisation=other).png) == bytes(Mark.objects.get(organisation=made).png)


def test_own_questions_go_with_the_configuration_and_are_asked_there(data, now):
    """To the byte, so that a set tried in a test installation has the same hash in production."""
    made = actions.create(ANSWERS, site_host="localhost:8000", now=now).organisation
    assert "[questions]" not in configuration.write(configuration.of(made))
    kept = own.make(made, {**WHOLE, "version": 4}, by=None, now=now)
    own.ask(kept, now=now)
    text = configuration.write(configuration.of(made))
    again = configuration.read(text.replace("quayside", "other"))
    again["administrators"] = ANSWERS["administrators"] | {
        "first_email": "a@b.example",
        "second_email": "c@d.example",
    }
    other = actions.create(again, site_host="localhost:8000", now=now).organisation
    (there,) = own_queries.versions(other)
    assert (there.sha256, there.version, there.asked) == (kept.sha256, 4, True)
    again["address"] = {"slug": "third", "host": ""}
    broken = {**again, "questions": {"set": again["questions"]["set"].replace('"date"', '"day"')}}
    with pytest.raises(BadConfiguration, match=r"questions, set: questions\[3\]\.kind"):
        actions.create(broken, site_host="localhost:8000", now=now)


@pytest.mark.parametrize(
    "text",
    [
        "not toml",
        "questions = 'x'",
        "[questions]\nsets = 'x'",
        "[organisation]\nnam_en = 'x'",
        "[secrets]\nx = 1",
        "organisation = 3",
        "places = 'IE'",
        "[[places]]\nid = 3",
        "[[administrators]]\nemail = 'x@y.example'",
    ],
)
def test_a_file_with_what_we_do_not_know_is_refused(text):
    with pytest.raises(BadConfiguration):
        configuration.check(configuration.read(text))


def test_a_bad_configuration_makes_nothing(data, now):
    with pytest.raises(BadConfiguration, match="administrators"):
        actions.create({**ANSWERS, "administrators": {}}, site_host="localhost", now=now)
    assert not Organisation.objects.exists()


def test_every_place_has_a_name_in_both_languages_and_a_time_zone():
    for place in places.every():
        assert place.name["en"]
        assert place.name["zh"]
        assert place.zones[0] in places.zones()
        assert "own" in place.packs
    assert {"IE", "CN", "FR", "SK", "GB"} <= {place.id for place in places.every()}

"""Reports are taken only when nothing is missing; what reporters rely on is changed by two."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from answerable.intake.tests.stage import Stage
from answerable.notices import actions as notices
from answerable.notices.errors import ServerDown
from answerable.organisation import actions as organisations
from answerable.organisation import proposals, queries
from answerable.organisation import rules as people_rules
from answerable.organisation.errors import NotAllowed, NotReady
from answerable.organisation.models import Account, Milestone, Organisation, Person, Role
from answerable.roster.models import RosterVersion
from answerable.setup import actions

pytestmark = pytest.mark.django_db
WORK = "/work/tidewick/"


@pytest.fixture
def ready(organisation, people, now, settings):
    """Everything that the checklist asks for, not yet open."""
    settings.EMAIL_HOST = "mail.example"
    second = organisations.add_person(organisation, name_en="Emeka", name_zh="埃", email="emeka@t.example")
    organisations.give_role(second, "administrator", by=None, now=now)
    people["second_administrator"] = second
    Stage.set(organisation, people, now)
    for person in people.values():
        organisations.make_account(person, password=None, totp_secret="JBSWY3DPEHPK3PXP", now=now)
    contact = {"name": {"en": "Lu"}, "telephone": "+353 1"}
    Organisation.objects.update(opened_at=None, outside_contact=contact)
    organisations.record_milestone(
        people_rules.MAIL_TESTED, organisation=organisation, about=queries.mail_server(), now=now
    )
    organisations.record_milestone(people_rules.BACKUP_VERIFIED, now=now)
    organisation.refresh_from_db()
    return people


def _without_roster(organisation, people):
    RosterVersion.objects.all().delete()


def _roles(*roles):
    def take(organisation, people):
        Role.objects.filter(role__in=roles).delete()

    return take


def _update(**values):
    def update(organisation, people):
        Organisation.objects.update(**values)

    return update


def _milestone(kind):
    def remove(organisation, people):
        Milestone.objects.filter(kind=kind).delete()

    return remove


def _one_administrator(organisation, people):
    Role.objects.filter(person=people["second_administrator"], role="administrator").delete()


def _no_account(organisation, people):
    Person.objects.filter(pk=people["handler"].pk).update(account=None)
    Account.objects.filter(email=people["handler"].email).delete()


MISSING = {
    "no-logged-keys no-last-rung-outside": _without_roster,
    "no-handlers no-lead": _roles("handler", "lead"),
    "no-overseer": _roles("overseer"),
    "no-external": _roles("external"),
    "no-accounts": _no_account,
    "no-second-administrator": _one_administrator,
    "no-place": _update(jurisdictions=[]),
    "no-outside-contact": _update(outside_contact={"name": {"en": "Lu"}}),
    "mail-not-tested": _milestone("mail-tested"),
    "backup-not-verified": _milestone("backup-verified"),
}


def test_it_opens_when_nothing_is_missing(organisation, ready, now):
    assert [line.code for line in queries.readiness(organisation, now=now) if not line.done] == []
    organisations.open_to_reports(organisation, by=ready["administrator"], now=now)
    organisation.refresh_from_db()
    assert organisation.takes_reports


@pytest.mark.parametrize("codes", MISSING)
def test_each_missing_thing_keeps_it_closed(organisation, ready, now, codes):
    MISSING[codes](organisation, ready)
    with pytest.raises(NotReady) as refused:
        organisations.open_to_reports(organisation, by=ready["administrator"], now=now)
    assert set(codes.split()) <= set(str(refused.value).split())
    organisation.refresh_from_db()
    assert not organisation.takes_reports


def test_a_mail_test_of_another_server_and_an_old_backup_count_for_nothing(
    organisation, ready, now, settings
):
    settings.EMAIL_HOST = "other.example"
    with pytest.raises(NotReady, match="mail-not-tested"):
        organisations.open_to_reports(organisation, by=ready["administrator"], now=now)
    settings.EMAIL_HOST = "mail.example"
    with pytest.raises(NotReady, match="backup-not-verified"):
        organisations.open_to_reports(organisation, by=ready["administrator"], now=now + timedelta(days=9))


@pytest.mark.parametrize("who", ["handler", "lead", "external", "overseer", "member"])
def test_only_an_administrator_opens_and_pauses(organisation, ready, now, who):
    for act in (organisations.open_to_reports, organisations.pause):
        with pytest.raises(NotAllowed):
            act(organisation, by=ready[who], now=now)


def test_the_checklist_links_each_line_and_opens_by_its_button(organisation, ready, client_for, outsider):
    Milestone.objects.filter(kind="mail-tested").delete()
    client = client_for(ready["administrator"])
    page = client.get(WORK + "opening/").content.decode()
    assert 'href="/work/tidewick/opening/mail/"' in page
    client.post(WORK + "opening/open/")
    assert not Organisation.objects.get(pk=organisation.pk).takes_reports
    for path in ("opening/", "settings/", "settings/contact/", "proposals/", "opening/mail/"):
        assert outsider.get(WORK + path).status_code == 404
        assert Client().get(WORK + path).status_code == 302
    assert outsider.post(WORK + "opening/open/").status_code == 404


def test_a_paused_organisation_takes_nothing_new_and_says_whom_to_ask(organisation, ready, now, client_for):
    organisations.open_to_reports(organisation, by=ready["administrator"], now=now)
    client_for(ready["administrator"]).post(WORK + "opening/pause/")
    facts = Client().get("/api/v1/orgs/tidewick").json()
    assert facts["open"] is False
    assert facts["paused"] is True
    assert facts["outside_contact"]["telephone"] == "+353 1"
    organisations.open_to_reports(organisation, by=ready["administrator"], now=now)
    assert Client().get("/api/v1/orgs/tidewick").json()["open"] is True


def test_a_test_mail_counts_when_its_code_comes_back(organisation, ready, client_for, monkeypatch):
    Milestone.objects.filter(kind="mail-tested").delete()
    sent = []
    monkeypatch.setattr(notices, "send_now", lambda message, **_: sent.append(message))
    client = client_for(ready["administrator"])
    client.post(WORK + "opening/mail/")
    from email import message_from_bytes

    text = message_from_bytes(sent[0]).get_payload(decode=True).decode()
    code = re.search(r"\n\s+([0-9a-z]{5})\r?\n", text).group(1)
    assert client.post(WORK + "opening/mail/", {"code": "wrong"}).status_code == 200
    assert queries.milestone("mail-tested", organisation) is None
    client.post(WORK + "opening/mail/", {"code": code.upper()})
    assert queries.milestone("mail-tested", organisation).by == ready["administrator"]
    Milestone.objects.all().delete()
    client.post(WORK + "opening/mail/", {"code": code})
    assert queries.milestone("mail-tested", organisation) is None


def test_five_wrong_codes_end_a_test_and_a_silent_server_is_told(
    organisation, ready, client_for, monkeypatch
):
    Milestone.objects.filter(kind="mail-tested").delete()
    sent = []
    monkeypatch.setattr(notices, "send_now", lambda message, **_: sent.append(message))
    client = client_for(ready["administrator"])
    client.post(WORK + "opening/mail/")
    for _ in range(5):
        client.post(WORK + "opening/mail/", {"code": "zzzzz"})
    assert "mail-test" not in client.session

    def down(*_, **__):
        raise ServerDown("timeout")

    monkeypatch.setattr(notices, "send_now", down)
    assert "did not take it" in client.post(WORK + "opening/mail/").content.decode()


# --- settings and proposals ---

CONTACT = {"contact_en": "New Person", "contact_zh": "新人", "telephone": "+353 1 555 0199"}


def test_before_opening_an_administrator_changes_the_contact_alone(organisation, ready, client_for):
    client_for(ready["administrator"]).post(WORK + "settings/contact/", CONTACT)
    organisation.refresh_from_db()
    assert organisation.outside_contact["telephone"] == "+353 1 555 0199"


def test_after_opening_a_second_person_confirms_it(organisation, ready, client_for, now):
    organisations.open_to_reports(organisation, by=ready["administrator"], now=now)
    first = client_for(ready["administrator"])
    first.post(WORK + "settings/contact/", CONTACT)
    organisation.refresh_from_db()
    assert organisation.outside_contact["telephone"] == "+353 1"
    (waiting,) = proposals.waiting(organisation)
    address = f"{WORK}proposals/{waiting.pk}/"
    first.post(address, {"how": "confirm"})
    assert proposals.waiting(organisation)
    page = client_for(ready["overseer"]).get(WORK + "proposals/").content.decode()
    assert "+353 1 555 0199" in page
    assert client_for(ready["handler"]).post(address, {"how": "confirm"}).status_code == 403
    assert client_for(ready["external"]).post(address, {"how": "confirm"}).status_code == 404
    client_for(ready["overseer"]).post(address, {"how": "confirm"})
    organisation.refresh_from_db()
    assert organisation.outside_contact["telephone"] == "+353 1 555 0199"
    assert "New Person" in first.get(WORK + "proposals/").content.decode() or not proposals.waiting(
        organisation
    )


def test_places_and_zones_wait_too_and_name_and_colour_do_not(organisation, ready, client_for, now):
    organisations.open_to_reports(organisation, by=ready["administrator"], now=now)
    client = client_for(ready["administrator"])
    client.post(WORK + "settings/places/", {"places": ["IE"]})
    client.post(WORK + "settings/zones/", {"time_zone": "Europe/Paris"})
    client.post(WORK + "settings/name/", {"name_en": "Renamed"})
    client.post(WORK + "settings/look/", {"accent": "#5b2a86"})
    organisation.refresh_from_db()
    assert len(organisation.jurisdictions) == 3
    assert organisation.time_zone == "Asia/Shanghai"
    assert (organisation.name_en, organisation.accent) == ("Renamed", "#5b2a86")
    for waiting in proposals.waiting(organisation):
        proposals.confirm(waiting, by=ready["second_administrator"], now=now)
    organisation.refresh_from_db()
    assert [each["id"] for each in organisation.jurisdictions] == ["IE"]
    assert organisation.time_zone == "Europe/Paris"


def test_accent_and_mark_are_served_as_files_of_the_organisation(
    organisation, other_organisation, ready, client_for
):
    from django.core.files.uploadedfile import SimpleUploadedFile

    from answerable.ui.tests.test_pictures import png

    client = client_for(ready["administrator"])
    picture = SimpleUploadedFile("m.png", png(), "image/png")
    client.post(WORK + "settings/look/", {"accent": "#5b2a86", "picture": picture})
    css = Client().get("/o/tidewick/theme.css")
    assert css.headers["Content-Type"].startswith("text/css")
    assert "--jade:#5b2a86" in css.content.decode()
    mark = Client().get("/o/tidewick/mark.png")
    assert mark.headers["Content-Type"] == "image/png"
    assert mark.headers["X-Content-Type-Options"] == "nosniff"
    assert Client().get("/o/saltholm/mark.png").status_code == 404
    assert Client().get("/o/saltholm/theme.css").content == b""
    facts = Client().get("/api/v1/orgs/tidewick").json()
    assert facts["look"]["light"]["jade"] == "#5b2a86"
    assert facts["look"]["mark"].startswith("/o/tidewick/mark.png?v=")
    assert Client().get("/api/v1/orgs/saltholm").status_code in {200, 404}
    page = client.get(WORK + "administration/").content.decode()
    assert "/o/tidewick/theme.css" in page
    assert "/o/tidewick/mark.png" in page
    without_scripts = Client().get("/o/tidewick/en/other-ways").content.decode()
    assert "/o/tidewick/theme.css" in without_scripts
    assert "/o/tidewick/mark.png" in without_scripts
    assert "/o/tidewick/theme.css" in client_for(ready["handler"]).get(WORK + "team/").content.decode()


def test_whose_account_was_just_started_again_confirms_nothing(organisation, ready, now):
    """Or an administrator could restart an overseer's account and confirm in their name."""
    organisations.open_to_reports(organisation, by=ready["administrator"], now=now)
    organisation.refresh_from_db()
    actions.change(organisation, "places", {"places": ["IE"]}, by=ready["administrator"], now=now)
    overseer = ready["overseer"]
    overseer.restarted_at = now
    (waiting,) = proposals.waiting(organisation)
    with pytest.raises(NotAllowed, match=people_rules.RESTARTED):
        proposals.confirm(waiting, by=overseer, now=now)
    assert proposals.waiting(organisation)

"""The signed-in pages: each role gets its own, in two languages."""

import re

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.test import Client

from answerable.organisation import actions, queries, views
from answerable.organisation.models import Account, Invitation

ADMINISTRATION = "/work/tidewick/administration/"


def test_each_role_is_led_to_its_own_work(people, client_for):
    for key, word in (
        ("handler", b"/team/"),
        ("overseer", b"/board/"),
        ("administrator", b"/administration/poster/"),
    ):
        answer = client_for(people[key]).get("/work/tidewick/")
        assert answer.status_code == 200
        assert word in answer.content
    assert b"/administration/" not in client_for(people["member"]).get("/work/tidewick/").content


@pytest.mark.parametrize("key", ["handler", "overseer", "administrator", "member"])
def test_the_work_pages_name_the_reporters_address_and_never_link_there(people, client_for, key):
    """A click would tell the employer's browser and account that somebody opened it; she types it on her own phone."""
    client = client_for(people[key])
    text = client.get("/work/tidewick/").content.decode()
    assert "<code>testserver/o/tidewick/</code>" in text
    for address in ("/work/tidewick/", "/work/tidewick/notices/", "/work/accounts/2fa/"):
        page = client.get(address).content.decode()
        assert not re.search(r"""(href|action|src|formaction)\s*=\s*["']?[^"'>]*/o/""", page)


@pytest.mark.parametrize("address", ["/o/tidewick/en/", "/o/tidewick/zh/report"])
def test_who_is_signed_in_is_nobody_on_the_reporters_pages(people, client_for, address):
    """The same bytes with and without a session and a page of work to come from; and no cookie comes back."""
    signed_in, stranger = client_for(people["handler"]), Client()
    answer = signed_in.get(address, headers={"referer": "http://testserver/work/tidewick/"})
    again = stranger.get(address)
    assert answer.status_code == again.status_code == 200
    assert not answer.cookies
    assert b"".join(answer) == b"".join(again)


def test_the_door_leads_home(people, client_for):
    assert client_for(people["lead"]).get("/work/").headers["Location"] == "/work/tidewick/"
    assert Client().get("/work/").headers["Location"] == "/work/accounts/login/"


@pytest.mark.parametrize("key", ["handler", "lead", "external", "overseer", "member"])
def test_administration_is_for_administrators(people, client_for, key):
    client = client_for(people[key])
    assert client.get(ADMINISTRATION).status_code == 403
    target = f"{ADMINISTRATION}people/{people['member'].id}/"
    for path in ("roles/give/", "roles/take/", "invite/", "leave/"):
        assert client.post(target + path, {"role": "lead"}).status_code == 403
    assert queries.roles_of(people["member"]) == {"member"}


def test_an_anonymous_visitor_is_sent_to_sign_in(people):
    answer = Client().get(ADMINISTRATION)
    assert answer.headers["Location"].startswith("/work/accounts/login/?next=")


def test_administration_lists_people_and_what_is_missing(people, client_for):
    text = client_for(people["administrator"]).get(ADMINISTRATION).content.decode()
    assert "Guangqing Meng" in text
    assert "Still missing" in text


def test_a_person_is_added_given_a_role_and_invited(people, client_for):
    client = client_for(people["administrator"])
    answer = client.post(
        f"{ADMINISTRATION}people/add/",
        {"name_en": "Mei Lan", "name_zh": "梅兰", "email": "mei@tidewick.example", "languages": ["zh", "en"]},
    )
    person = queries.people(people["handler"].organisation)
    mei = next(one for one in person if one.email == "mei@tidewick.example")
    target = f"{ADMINISTRATION}people/{mei.id}/"
    assert answer.headers["Location"] == target
    client.post(f"{target}roles/give/", {"role": "handler"})
    assert queries.roles_of(mei) == {"handler"}
    page = client.post(f"{target}invite/", follow=True).content.decode()
    link = re.search(r"http://testserver(/work/accounts/invitation/[\w-]+/)", page).group(1)
    assert link not in client.get(target).content.decode()  # shown once
    assert "Mei Lan" in Client().get(link).content.decode()


def test_a_refused_role_is_explained(people, client_for):
    client = client_for(people["administrator"])
    target = f"{ADMINISTRATION}people/{people['administrator'].id}/"
    text = client.post(f"{target}roles/give/", {"role": "handler"}, follow=True).content.decode()
    assert "Nobody gives a role to themselves" in text
    assert queries.roles_of(people["administrator"]) == {"administrator"}


def test_words_typed_come_back_as_text_never_as_markup(people, client_for):
    client = client_for(people["administrator"])
    evil = "<script>alert(1)</script>{{ x }}{% y %}{0}"
    actions.add_person(
        people["handler"].organisation, name_en=evil, name_zh=evil, email="evil@tidewick.example"
    )
    text = client.get(ADMINISTRATION).content.decode()
    assert "<script>alert" not in text
    assert "&lt;script&gt;" in text


def test_a_person_of_another_organisation_can_not_be_reached_through_mine(
    people, other_organisation, client_for
):
    theirs = actions.add_person(other_organisation, name_en="T", name_zh="他", email="t@saltholm.example")
    client = client_for(people["administrator"])
    target = f"{ADMINISTRATION}people/{theirs.id}/"
    assert client.get(target).status_code == 404
    assert client.post(f"{target}invite/").status_code == 404
    assert not Invitation.objects.filter(person=theirs).exists()


@pytest.mark.parametrize("page", ["", "administration/", "administration/people/add/", "notices/"])
def test_each_page_speaks_chinese_when_asked(people, client_for, page):
    client = client_for(people["administrator"])
    text = client.get(f"/work/tidewick/{page}", HTTP_ACCEPT_LANGUAGE="zh-CN").content.decode()
    assert 'lang="zh-CN"' in text
    assert "汐维集团" in text
    assert "Sign out" not in text


def test_the_chosen_language_stays_and_beats_the_browsers(people, client_for):
    client = client_for(people["member"])
    answer = client.post("/work/language/", {"language": "zh-hans", "next": "/work/tidewick/"})
    assert answer.headers["Location"] == "/work/tidewick/"
    assert answer.cookies["django_language"]["path"] == "/work"
    assert "你好" in client.get("/work/tidewick/", HTTP_ACCEPT_LANGUAGE="en").content.decode()


@pytest.mark.parametrize(
    "onward", ["https://evil.example/", "//evil.example/work/", "/o/x/", "javascript:x", "/work/\\evil"]
)
def test_the_language_switch_leads_nowhere_else(db, onward):
    answer = Client().post("/work/language/", {"language": "en", "next": onward})
    assert answer.headers["Location"].startswith("/work/")
    assert "evil.example" not in answer.headers["Location"]


def test_forms_need_their_token(people, client_for):
    client = client_for(people["administrator"])
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = client.cookies
    answer = strict.post(f"{ADMINISTRATION}people/{people['member'].id}/leave/")
    assert answer.status_code == 403
    assert "This is not open to you" in answer.content.decode()
    assert queries.roles_of(people["member"]) == {"member"}


def test_an_error_of_ours_says_nothing_of_its_cause(organisation, monkeypatch):
    def broken(*args, **kwargs):
        raise RuntimeError("the secret-word")

    monkeypatch.setattr(views.queries, "person_behind", broken)
    client = Client(raise_request_exception=False)
    account = Account.objects.create_user("x@tidewick.example", None, organisation=organisation)
    TOTP.activate(account, "JBSWY3DPEHPK3PXP")
    client.force_login(account)
    answer = client.get("/work/")
    assert answer.status_code == 500
    assert b"secret-word" not in answer.content
    assert "是我们的问题" in answer.content.decode()

"""Signing in: a password is never enough, tries are limited, and only invited people have an account."""

import re
import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.utils import timezone

from answerable.conftest import TOTP_SECRET
from answerable.organisation import actions, queries
from answerable.organisation.models import Account

PASSWORD = "harvest velvet canal orbit"
LOGIN = "/work/accounts/login/"
PASSKEY, SCRIPT = "/work/accounts/2fa/webauthn/login/", {"X-Requested-With": "XMLHttpRequest"}


def code(secret: str = TOTP_SECRET) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


pytestmark = pytest.mark.usefixtures("fresh_limits")


@pytest.fixture
def handler(people, now):
    actions.make_account(people["handler"], password=PASSWORD, totp_secret=TOTP_SECRET, now=now)
    return people["handler"]


def test_password_then_code_opens_the_work_pages(handler):
    client = Client()
    first = client.post(LOGIN, {"login": handler.email, "password": PASSWORD})
    assert first.headers["Location"] == "/work/accounts/2fa/authenticate/"
    assert client.get("/work/tidewick/").status_code == 302  # not yet
    second = client.post("/work/accounts/2fa/authenticate/", {"code": code()})
    assert second.headers["Location"] == "/work/"
    assert client.get("/work/tidewick/").status_code == 200
    session = client.cookies["work-session"]
    assert session["path"] == "/work"
    assert session["httponly"]


def test_a_wrong_code_opens_nothing(handler):
    client = Client()
    client.post(LOGIN, {"login": handler.email, "password": PASSWORD})
    wrong = "000000" if code() != "000000" else "000001"
    assert client.post("/work/accounts/2fa/authenticate/", {"code": wrong}).status_code == 200
    assert client.get("/work/tidewick/").status_code == 302


def test_a_code_works_once(handler):
    used = code()
    for expected in (302, 200):
        client = Client()
        client.post(LOGIN, {"login": handler.email, "password": PASSWORD})
        assert client.post("/work/accounts/2fa/authenticate/", {"code": used}).status_code == expected


def test_a_recovery_code_works_once(people, client_for):
    from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes

    person = people["handler"]
    actions.make_account(person, password=PASSWORD, totp_secret=TOTP_SECRET, now=None)
    spare = RecoveryCodes.activate(person.account).get_unused_codes()[0]
    for expected in (302, 200):
        client = Client()
        client.post(LOGIN, {"login": person.email, "password": PASSWORD})
        assert client.post("/work/accounts/2fa/authenticate/", {"code": spare}).status_code == expected


def test_a_password_without_second_factor_goes_nowhere(people):
    account = Account.objects.create_user(
        "member@tidewick.example", PASSWORD, organisation=people["member"].organisation
    )
    people["member"].account = account
    people["member"].save()
    client = Client()
    client.post(LOGIN, {"login": account.email, "password": PASSWORD})
    for path in (
        "/work/",
        "/work/tidewick/",
        "/work/tidewick/notices/",
        "/work/accounts/2fa/",
        "/work/accounts/password/change/",
    ):
        answer = client.get(path)
        assert answer.status_code == 302, path
        assert answer.headers["Location"] == "/work/accounts/second-factor/", path
    assert client.get("/work/tidewick/api/v1/me").status_code == 403
    assert client.get("/work/accounts/second-factor/").status_code == 200


def test_an_invited_person_with_a_password_sets_up_an_app_and_is_in(people, now):

    token = actions.invite(people["member"], by=None, now=timezone.now())
    client = Client()
    link = f"/work/accounts/invitation/{token}/"
    assert "Tom Ashby" in client.get(link).content.decode()
    assert client.post(link, {"how": "password", "password": "short"}).status_code == 200
    answer = client.post(link, {"how": "password", "password": PASSWORD})
    assert answer.headers["Location"] == "/work/accounts/second-factor/"
    assert client.get("/work/tidewick/").headers["Location"] == "/work/accounts/second-factor/"
    page = client.get("/work/accounts/2fa/totp/activate/").content.decode()
    secret = re.search(r'id="authenticator_secret">([A-Z2-7]+)<', page).group(1)
    done = client.post("/work/accounts/2fa/totp/activate/", {"code": code(secret)})
    assert done.headers["Location"] == "/work/accounts/2fa/recovery-codes/"
    assert client.get(done.headers["Location"]).status_code == 200
    assert client.get("/work/tidewick/").status_code == 200
    assert Client().get(link).status_code == 404


def test_a_secret_is_not_in_the_database_in_the_clear(handler):
    with connection.cursor() as cursor:
        cursor.execute("SELECT data FROM mfa_authenticator")
        assert all(TOTP_SECRET not in str(row) for row in cursor.fetchall())


def test_the_last_second_factor_can_not_be_removed(people, client_for):
    client = client_for(people["member"])
    client.post("/work/accounts/2fa/totp/deactivate/")
    assert Authenticator.objects.filter(user=people["member"].account, type="totp").exists()


def test_tries_are_limited(handler):
    client = Client()
    answers = [client.post(LOGIN, {"login": handler.email, "password": "wrong"}) for _ in range(12)]
    text = client.post(LOGIN, {"login": handler.email, "password": PASSWORD})
    assert text.status_code in {200, 429}
    assert client.get("/work/tidewick/").status_code == 302
    assert "too many" in answers[-1].content.decode().lower() or answers[-1].status_code == 429


def test_nobody_keeps_the_others_out_by_failing_again_and_again(handler):
    client = Client()
    for n in range(40):
        client.post(LOGIN, {"login": f"nobody{n}@tidewick.example", "password": "wrong wrong wrong"})
        client.get(PASSKEY, headers=SCRIPT)
    answer = Client().post(LOGIN, {"login": handler.email, "password": PASSWORD})
    assert answer.status_code == 302
    assert Client().get(PASSKEY, headers=SCRIPT).status_code == 200


def test_wrong_codes_are_limited_as_wrong_passwords_are(handler):
    client = Client()
    client.post(LOGIN, {"login": handler.email, "password": PASSWORD})
    for n in range(8):
        client.post("/work/accounts/2fa/authenticate/", {"code": f"{n:06d}"})
    client.post("/work/accounts/2fa/authenticate/", {"code": code()})
    assert client.get("/work/tidewick/").status_code == 302


def test_invitation_tokens_can_not_be_tried_by_the_thousand(people):
    client = Client()
    codes = {client.get(f"/work/accounts/invitation/guess-{n}/").status_code for n in range(125)}
    assert codes == {404, 429}


@pytest.fixture
def twin(handler, other_organisation, now):
    """Somebody of the other organisation, with the very same address and another password."""
    person = actions.add_person(other_organisation, name_en="T", name_zh="特", email=handler.email)
    actions.make_account(person, password="quiet harbour lamp thing", totp_secret=TOTP_SECRET, now=now)
    return person


def test_two_organisations_may_each_have_an_account_of_one_address(handler, twin):
    for password, door in ((PASSWORD, "tidewick"), ("quiet harbour lamp thing", "saltholm")):
        client = Client()
        client.post(LOGIN, {"login": handler.email, "password": password})
        client.post("/work/accounts/2fa/authenticate/", {"code": code()})
        assert client.get("/work/").headers["Location"] == f"/work/{door}/"
        other = "saltholm" if door == "tidewick" else "tidewick"
        assert client.get(f"/work/{other}/").status_code == 404
        Authenticator.objects.update(last_used_at=None)
        cache.clear()  # a code works once in its half minute


def test_a_page_of_one_organisation_takes_only_passwords_of_its_own_people(handler, twin):
    client = Client()
    there = {"login": handler.email, "password": PASSWORD, "next": "/work/saltholm/"}
    assert client.post(LOGIN, there).status_code == 200
    assert client.post(LOGIN, {**there, "next": "/work/tidewick/"}).status_code == 302


def test_one_password_that_fits_two_organisations_opens_neither_unless_one_is_named(handler, twin):
    twin.account.set_password(PASSWORD)
    twin.account.save()
    assert Client().post(LOGIN, {"login": handler.email, "password": PASSWORD}).status_code == 200
    named = {"login": handler.email, "password": PASSWORD, "next": "/work/saltholm/"}
    assert Client().post(LOGIN, named).status_code == 302


def test_tries_at_one_organisation_lock_nobody_out_of_another(handler, twin):
    for _ in range(7):
        Client().post(LOGIN, {"login": handler.email, "password": "wrong", "next": "/work/saltholm/"})
    right = {"login": handler.email, "password": PASSWORD, "next": "/work/tidewick/"}
    assert Client().post(LOGIN, right).status_code == 302


def test_an_unknown_address_and_a_wrong_password_read_the_same(handler):
    texts = set()
    for login in (handler.email, "nobody@tidewick.example"):
        text = Client().post(LOGIN, {"login": login, "password": "wrong wrong wrong"}).content.decode()
        texts.add(re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", text).replace(login, ""))
    assert len(texts) == 1


def test_nobody_signs_in_at_a_host_of_another_organisation(handler, other_organisation, settings):
    settings.ALLOWED_HOSTS = ["report.saltholm.example"]
    other_organisation.host = "report.saltholm.example"
    other_organisation.save()
    client = Client(headers={"host": "report.saltholm.example"})
    texts = set()
    for login in (handler.email, "nobody@tidewick.example"):
        answer = client.post(LOGIN, {"login": login, "password": PASSWORD})
        text = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", answer.content.decode())
        texts.add(text.replace(login, ""))
    assert len(texts) == 1  # as if nobody had this address
    assert client.get("/work/accounts/second-factor/").status_code == 302


def test_a_session_of_one_organisation_opens_nothing_at_the_host_of_another(
    people, client_for, other_organisation, settings
):
    settings.ALLOWED_HOSTS = ["testserver", "report.saltholm.example"]
    other_organisation.host = "report.saltholm.example"
    other_organisation.save()
    queries.forget_organisations()
    client = client_for(people["administrator"])
    for path in ("", "tidewick/", "saltholm/", "saltholm/administration/"):
        there = client.get(f"/work/{path}", headers={"host": "report.saltholm.example"})
        assert there.status_code == 404, path


@pytest.mark.parametrize(
    "path",
    ["signup/", "email/", "password/reset/", "password/set/", "confirm-email/", "3rdparty/", "login/code/"],
)
def test_what_we_do_not_use_is_not_there(people, client_for, path):
    assert client_for(people["member"]).get(f"/work/accounts/{path}").status_code == 404
    assert Client().get(f"/work/accounts/{path}").status_code == 404


@pytest.mark.parametrize("language", ["en", "zh-CN"])
@pytest.mark.parametrize(
    "path",
    [
        "login/",
        "2fa/",
        "2fa/webauthn/add/",
        "2fa/webauthn/",
        "2fa/recovery-codes/generate/",
        "2fa/totp/deactivate/",
        "second-factor/",
        "logout/",
        "reauthenticate/",
    ],
)
def test_every_account_page_stands_in_both_languages(handler, path, language):
    client = Client()
    if path != "login/":
        client.post(LOGIN, {"login": handler.email, "password": PASSWORD})
        client.post("/work/accounts/2fa/authenticate/", {"code": code()})
    answer = client.get(f"/work/accounts/{path}", HTTP_ACCEPT_LANGUAGE=language, follow=True)
    assert answer.status_code == 200
    assert f'<html lang="{language}">' in answer.content.decode()

"""Sessions: seen and ended by their owner, over in time, never an address; and far-reaching acts ask once more."""

import threading
import time
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.apps import apps
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from answerable.conftest import TOTP_SECRET
from answerable.organisation import actions, hashing, queries, rules, seams
from answerable.organisation.counts import SharedCounts
from answerable.organisation.models import OpenSession, SharedCount
from answerable.organisation.sessions import browser_of
from answerable.organisation.tests.test_signin import LOGIN, PASSWORD, code

AUTHENTICATE = "/work/accounts/2fa/authenticate/"
SESSIONS = "/work/accounts/sessions/"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"


pytestmark = pytest.mark.usefixtures("fresh_limits")


@pytest.fixture
def handler(people, now):
    actions.make_account(people["handler"], password=PASSWORD, totp_secret=TOTP_SECRET, now=now)
    return people["handler"]


@pytest.fixture
def told(monkeypatch):
    """(person, what) of each event that somebody is told of."""
    heard = []
    monkeypatch.setattr(seams, "SIGN_IN_EVENTS", [lambda person, what, *_: heard.append((person, what))])
    return heard


def signed_in(person, agent=FIREFOX):
    cache.clear()  # allauth remembers there that a code was used
    client = Client(headers={"user-agent": agent})
    client.post(LOGIN, {"login": person.email, "password": PASSWORD})
    assert client.post(AUTHENTICATE, {"code": code()}).status_code == 302
    return client


def long_ago(client, **gone):
    """As if this session's last proof, opening or page were `gone` back."""
    session = client.session
    session["account_authentication_methods"] = [
        {**one, "at": one["at"] - timedelta(**gone).total_seconds()}
        for one in session["account_authentication_methods"]
    ]
    session.save()


def test_signing_in_changes_the_session_key_so_that_a_planted_one_opens_nothing(handler):
    client = Client()
    client.post(LOGIN, {"login": handler.email, "password": PASSWORD})
    planted = client.cookies["work-session"].value
    client.post(AUTHENTICATE, {"code": code()})
    assert client.cookies["work-session"].value != planted
    thief = Client()
    thief.cookies["work-session"] = planted
    assert thief.get("/work/tidewick/").status_code == 302


def test_a_session_key_that_we_did_not_make_is_not_taken_over(handler):
    client = Client()
    client.cookies["work-session"] = "a" * 32
    client.post(LOGIN, {"login": handler.email, "password": PASSWORD})
    assert client.cookies["work-session"].value != "a" * 32


def test_one_sees_where_one_is_signed_in_and_ends_one_of_them(handler, client_for, people):
    phone, desk = signed_in(handler, "Mozilla/5.0 (iPhone) CriOS/1 Safari/1"), signed_in(handler)
    client_for(people["lead"])  # somebody else's is not listed
    text = desk.get(SESSIONS).content.decode()
    assert text.count('name="session"') == 2
    assert "Firefox, Windows" in text
    assert "Chrome, iPhone" in text
    assert "127.0.0.1" not in text
    assert phone.session.session_key not in text
    name = queries.session_name(rules.session_kept_as(phone.session.session_key))
    assert desk.post(f"{SESSIONS}end/", {"session": name}).headers["Location"] == SESSIONS
    assert phone.get("/work/tidewick/").status_code == 302
    assert desk.get("/work/tidewick/").status_code == 200


def test_all_others_end_at_once_and_mine_stays(handler):
    others, mine = [signed_in(handler) for _ in range(3)], signed_in(handler)
    mine.post(f"{SESSIONS}end/")
    assert [client.get("/work/tidewick/").status_code for client in (*others, mine)] == [302, 302, 302, 200]


def test_nobody_ends_a_session_of_somebody_else(handler, client_for, people, outsider):
    mine = signed_in(handler)
    name = queries.session_name(rules.session_kept_as(mine.session.session_key))
    for client in (outsider, client_for(people["administrator"]), Client()):
        client.post(f"{SESSIONS}end/", {"session": name})
        assert mine.get("/work/tidewick/").status_code == 200


def test_an_idle_session_and_an_old_one_are_over(handler):
    for column, gone in (("seen_at", rules.SESSION_IDLE), ("opened_at", rules.SESSION_LASTS)):
        client = signed_in(handler)
        key = rules.session_kept_as(client.session.session_key)
        OpenSession.objects.filter(pk=key).update(**{column: timezone.now() - gone + timedelta(minutes=1)})
        assert client.get("/work/tidewick/").status_code == 200
        OpenSession.objects.filter(pk=key).update(**{column: timezone.now() - gone})
        assert client.get("/work/tidewick/").status_code == 302
        assert actions.tidy_sessions(timezone.now()) == 1
        assert not OpenSession.objects.filter(pk=key).exists()


def test_what_a_copy_of_the_database_holds_signs_nobody_in(handler, people):
    """Neither a session's key, nor an invitation, a recovery code or an app's secret stands there as it is used."""
    client = signed_in(handler)
    invitation = actions.invite(people["member"], by=None, now=timezone.now())
    spare = RecoveryCodes.activate(handler.account).get_unused_codes()
    rows = [row for model in apps.get_models() for row in model._base_manager.values_list()]
    kept = "\n".join(
        bytes(cell).decode(errors="replace") if isinstance(cell, bytes | memoryview) else str(cell)
        for row in rows
        for cell in row
    )
    assert client.session.session_key not in kept
    assert not any(secret in kept for secret in (invitation, TOTP_SECRET, *spare))
    for (row,) in OpenSession.objects.values_list("pk"):
        thief = Client()
        thief.cookies["work-session"] = row
        assert thief.get("/work/tidewick/").status_code == 302
    assert client.get("/work/tidewick/").status_code == 200


def test_being_busy_does_not_make_a_session_younger(handler):
    client = signed_in(handler)
    key = rules.session_kept_as(client.session.session_key)
    first = OpenSession.objects.get(pk=key).opened_at
    client.post("/work/language/", {"language": "en"})
    session = client.session
    session["x"] = 1
    session.save()
    assert OpenSession.objects.get(pk=key).opened_at == first


def test_many_accounts_are_signed_out_without_walking_all_sessions(
    people, client_for, django_assert_max_num_queries
):
    clients = [client_for(people[key]) for key in ("lead", "overseer", "member")]
    with django_assert_max_num_queries(2):
        assert actions.end_sessions_of([people["lead"].account_id, people["overseer"].account_id]) == 2
    assert [client.get("/work/tidewick/").status_code for client in clients] == [302, 302, 200]


def test_a_new_password_signs_out_everywhere_else_and_is_told(handler, told):
    elsewhere, here = signed_in(handler), signed_in(handler)
    new = "another harbour lamp song"
    answer = here.post(
        "/work/accounts/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new}
    )
    assert answer.status_code == 302
    assert OpenSession.objects.filter(account=handler.account_id).count() == 1
    assert elsewhere.get("/work/tidewick/").status_code == 302
    assert here.get("/work/tidewick/").status_code == 200
    assert told == [(handler, "way-changed")]


def test_recovery_codes_are_shown_once_fall_away_and_their_use_is_told(handler, told):
    client = signed_in(handler)
    client.post("/work/accounts/2fa/recovery-codes/generate/")
    page = client.get("/work/accounts/2fa/recovery-codes/").content.decode()
    authenticator = Authenticator.objects.get(user=handler.account_id, type="recovery_codes")
    codes = RecoveryCodes(authenticator).get_unused_codes()
    assert len(codes) == 10
    assert all(one in page for one in codes)
    again = client.get("/work/accounts/2fa/recovery-codes/").content.decode()
    assert not any(one in again for one in codes)
    other = Client()
    other.post(LOGIN, {"login": handler.email, "password": PASSWORD})
    assert other.post(AUTHENTICATE, {"code": codes[0]}).status_code == 302
    assert "9 are left" in other.get("/work/accounts/2fa/").content.decode()
    assert told == [(handler, "recovery-code")]


def test_a_recovery_code_proves_nothing_later_and_is_not_spent_there(handler):
    client = signed_in(handler)
    spare = RecoveryCodes.activate(handler.account).get_unused_codes()
    long_ago(client, minutes=6)
    assert client.post("/work/accounts/2fa/reauthenticate/", {"code": spare[0]}).status_code == 200
    authenticator = Authenticator.objects.get(user=handler.account_id, type="recovery_codes")
    assert RecoveryCodes(authenticator).get_unused_codes() == spare


@pytest.fixture
def administrator(people, now):
    actions.make_account(people["administrator"], password=PASSWORD, totp_secret=TOTP_SECRET, now=now)
    return people["administrator"]


def test_a_far_reaching_act_asks_again_after_five_minutes_and_then_goes_on(administrator, people):
    client = signed_in(administrator)
    target = f"/work/tidewick/administration/people/{people['member'].id}/roles/give/"
    client.post(target, {"role": "overseer"})
    assert "overseer" in queries.roles_of(people["member"])
    long_ago(client, minutes=6)
    assert client.get("/work/tidewick/administration/").status_code == 200  # looking is not far-reaching
    asked = client.post(target, {"role": "lead"})
    assert asked.headers["Location"].startswith("/work/accounts/2fa/reauthenticate/?next=")
    assert "lead" not in queries.roles_of(people["member"])
    cache.clear()
    done = client.post(asked.headers["Location"], {"code": code()})
    assert done.status_code == 302
    assert "lead" in queries.roles_of(people["member"])


def test_a_wrong_proof_does_nothing(administrator, people):
    client = signed_in(administrator)
    long_ago(client, minutes=6)
    target = f"/work/tidewick/administration/people/{people['member'].id}/leave/"
    client.post(target)
    client.post("/work/accounts/reauthenticate/", {"password": "wrong wrong wrong", "next": target})
    people["member"].refresh_from_db()
    assert people["member"].left_at is None


@pytest.mark.parametrize("onward", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_proving_or_signing_in_leads_to_no_other_site(handler, onward):
    client = Client()
    client.post(LOGIN, {"login": handler.email, "password": PASSWORD, "next": onward})
    assert "evil" not in client.post(AUTHENTICATE, {"code": code()}).headers["Location"]
    cache.clear()
    long_ago(client, minutes=6)
    answer = client.post("/work/accounts/reauthenticate/", {"password": PASSWORD, "next": onward})
    assert "evil" not in answer.headers.get("Location", "")
    assert "javascript" not in answer.headers.get("Location", "")


def test_wrong_passwords_by_the_dozen_are_told_to_try_again_and_stop_no_page(handler, monkeypatch):
    """All turns are taken: the next one hears so at once, and a signed-in page still opens."""
    client = signed_in(handler)
    monkeypatch.setattr(hashing, "_room", threading.BoundedSemaphore(1))
    hashing._room.acquire()
    begun = time.monotonic()
    answer = Client().post(LOGIN, {"login": handler.email, "password": "wrong wrong wrong"})
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "2"
    assert time.monotonic() - begun < 0.5
    assert client.get("/work/tidewick/").status_code == 200
    hashing._room.release()
    assert Client().post(LOGIN, {"login": handler.email, "password": PASSWORD}).status_code == 302


def test_a_turn_that_does_not_come_is_given_up(monkeypatch):
    monkeypatch.setattr(hashing, "_hashing", threading.BoundedSemaphore(1))
    monkeypatch.setattr(hashing, "PATIENCE", 0.05)
    hashing._hashing.acquire()
    with pytest.raises(hashing.Busy):
        hashing.CappedHasher().encode("x", "saltsaltsalt", 1)
    hashing._hashing.release()
    assert hashing.CappedHasher().encode("x", "saltsaltsalt", 1)  # no turn was lost


@pytest.mark.django_db
def test_processes_count_together():
    one, two = SharedCounts("", {}), SharedCounts("", {})
    assert one.add("lock", True, timeout=10)
    assert not two.add("lock", True, timeout=10)
    one.set("tries", [1.5, 2.5], timeout=10)
    assert two.get("tries") == [1.5, 2.5]
    SharedCount.objects.update(ends_at=timezone.now())
    assert two.get("tries", "none") == "none"
    assert two.add("lock", True, timeout=10)
    assert one.delete("lock")
    assert not one.delete("lock")


@pytest.mark.parametrize(
    ("agent", "kind"),
    [
        (FIREFOX, "Firefox, Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140 Safari/537.36", "Chrome, Linux"),
        ("Mozilla/5.0 (Linux; Android 15) Chrome/140 Mobile MicroMessenger/8.0", "WeChat, Android"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) Version/18 Safari/605", "Safari, macOS"),
        ("<script>", ""),
        ("", ""),
    ],
)
def test_a_browser_is_noted_coarsely(agent, kind):
    assert browser_of(agent) == kind

"""What every answer carries, and what never crosses between the reporter's side and work."""

import pytest
from django.test import Client

from answerable.ui.middleware import REPORTER_CSP, WORK_CSP, preferred


def test_work_pages_are_never_stored_and_run_only_our_scripts(organisation):
    answer = Client().get("/work/accounts/login/")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Security-Policy"] == WORK_CSP
    assert "'unsafe" not in WORK_CSP
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_a_reporters_answer_carries_the_policy_of_the_protocol(organisation):
    answer = Client().get("/o/nobody/en/")
    assert answer.headers["Content-Security-Policy"] == REPORTER_CSP
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "require-trusted-types-for 'script'" in REPORTER_CSP


def test_outside_work_no_cookie_is_read_or_set(people, client_for):
    client = client_for(people["handler"])
    assert client.get("/work/tidewick/").status_code == 200
    for cookie in client.cookies.values():
        cookie["path"] = "/"  # a browser that sends them everywhere
    for path in ("/o/tidewick/en/", "/api/v1/orgs/tidewick", "/nowhere"):
        answer = client.get(path)
        assert not answer.cookies
        assert "Cookie" not in answer.headers.get("Vary", "")
        assert answer.wsgi_request.COOKIES == {}
        assert not getattr(answer.wsgi_request, "user", None) or not answer.wsgi_request.user.is_authenticated


def test_inline_scripts_and_styles_are_nowhere_in_our_templates():
    from pathlib import Path

    folder = Path(__file__).parents[1] / "templates"
    for path in folder.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert " style=" not in text, path
        assert "<style" not in text, path
        assert " on" + "click" not in text, path
        for piece in text.split("<script")[1:]:
            assert (
                " src=" in piece[:60]
                or 'type="application/json"' in piece.split(">")[0]
                or "module" in piece[:40]
            ), path


@pytest.mark.parametrize("path", ["/nowhere/secret-word", "/work/nowhere-secret-word/x"])
def test_an_error_page_says_it_in_both_languages_without_the_path(organisation, path):
    answer = Client().get(path)
    assert answer.status_code == 404
    text = answer.content.decode()
    assert "There is nothing here" in text
    assert "这里没有内容" in text
    assert "secret-word" not in text


@pytest.mark.parametrize(
    ("accept", "code"),
    [
        ("", "en"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh-hans"),
        ("en-GB,en;q=0.9,zh;q=0.8", "en"),
        ("fr,zh-TW;q=0.5,en;q=0.4", "zh-hans"),
        ("de", "en"),
        ("zh;q=zero,en", "en"),
        (",;q=1,,zh", "zh-hans"),
    ],
)
def test_the_browsers_wish_decides_the_first_language(accept, code):
    assert preferred(accept) == code

"""The reporter's pages: the same for everybody, and one that works without scripts."""

import pytest
from django.test import Client

from answerable.intake.tests.stage import Stage
from answerable.organisation.models import Organisation

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_language_is_the_browsers(stage: Stage) -> None:
    for wish, lang in [("zh-CN,zh;q=0.9,en;q=0.8", "zh"), ("fr", "en"), ("", "en")]:
        answer = stage.client.get("/o/tidewick/", headers={"Accept-Language": wish})
        assert answer.headers["Location"] == f"/o/tidewick/{lang}/"
    assert stage.client.get("/o/nobody/").status_code == 404


def test_pages_are_the_same_bytes_for_every_organisation(
    stage: Stage, other_organisation: Organisation
) -> None:
    for name in ("", "report", "return", "help", "keep", "about"):
        one, two = (stage.client.get(f"/o/{org}/zh/{name}") for org in ("tidewick", "saltholm"))
        assert one.status_code == two.status_code == 200
        assert one.content == two.content
        assert "'unsafe-inline'" not in one.headers["Content-Security-Policy"]
        assert not one.cookies
    assert stage.client.get("/o/nobody/en/").status_code == 404
    for name in ("../etc/passwd", "nothing", "..%2fstart"):
        assert stage.client.get(f"/o/tidewick/en/{name}").status_code == 404


def test_without_scripts_there_is_a_telephone_and_no_field(stage: Stage) -> None:
    contact = {
        "name": {"en": "Harbour Trust", "zh": "港湾信托"},
        "telephone": "+353 1 555 0100",
        "post": "1 Quay",
        "pgp": "-----BEGIN PGP PUBLIC KEY BLOCK-----",
    }
    Organisation.objects.update(outside_contact=contact)
    from answerable.organisation import queries

    queries.forget_organisations()
    for lang, words in {"en": "Other ways to report", "zh": "其他报告途径"}.items():
        answer = stage.client.get(f"/o/tidewick/{lang}/other-ways")
        page = answer.content.decode()
        assert words in page
        assert 'href="tel:+35315550100"' in page
        assert contact["name"][lang] in page  # type: ignore[index]
        assert "BEGIN PGP" in page
        assert not any(
            each in page for each in ("<script", "<form", "<input", "<textarea", " style=", " onclick")
        )
        assert "script-src" not in answer.headers["Content-Security-Policy"]
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert stage.client.get("/o/tidewick/fr/other-ways").status_code == 404
    assert stage.client.post("/o/tidewick/en/other-ways", {"words": "x"}).status_code == 405


def test_a_reporter_is_never_given_a_cookie(stage: Stage) -> None:
    client = Client()
    for path in (
        "/o/tidewick/en/other-ways",
        "/api/v1/orgs/tidewick",
        "/api/v1/orgs/tidewick/promises?jurisdiction=FR",
    ):
        answer = client.get(path, headers={"Cookie": "work-session=x"})
        assert answer.status_code == 200
        assert not answer.cookies

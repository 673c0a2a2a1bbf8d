"""Two organisations on one installation never meet, whatever is in the path or the Host header."""

import pytest
from django.test import Client
from django.urls import URLPattern, get_resolver
from django.urls.resolvers import RoutePattern

from answerable.organisation import queries
from answerable.organisation.errors import NotFound


@pytest.fixture
def hosts(settings, organisation, other_organisation):
    """tidewick has a host of its own; saltholm shares the common one."""
    settings.ALLOWED_HOSTS = ["report.tidewick.example", "localhost", "shared.example"]
    organisation.host = "report.tidewick.example"
    organisation.save()
    queries.forget_organisations()


@pytest.mark.parametrize(
    "host",
    [
        "report.tidewick.example",
        "report.tidewick.example:443",
        "report.tidewick.example:8000",
        "REPORT.Tidewick.Example",
        "report.tidewick.example.",
    ],
)
def test_its_own_host_answers_for_it_alone_in_every_spelling(hosts, host):
    assert queries.organisation_at(host, "tidewick").slug == "tidewick"
    with pytest.raises(NotFound):
        queries.organisation_at(host, "saltholm")


@pytest.mark.parametrize("host", ["shared.example", "localhost", "localhost:8000", "127.0.0.1", "[::1]:8000"])
def test_a_shared_host_answers_for_those_without_one_of_their_own(hosts, host):
    assert queries.organisation_at(host, "saltholm").slug == "saltholm"
    with pytest.raises(NotFound):
        queries.organisation_at(host, "tidewick")


@pytest.mark.parametrize(
    "host",
    [
        "",
        "report.tidewick.example@shared.example",
        "shared.example/report",
        "a b",
        "shared.example,x",
        "\x00",
    ],
)
def test_a_host_that_is_none_answers_for_nobody(hosts, host):
    for slug in ("tidewick", "saltholm"):
        with pytest.raises(NotFound):
            queries.organisation_at(host, slug)


@pytest.mark.parametrize(
    "slug", ["TIDEWICK", "Saltholm", "saltholm/", "saltholm%2f", "", ".", "saltholm.", "saltholm "]
)
def test_a_name_has_one_spelling(hosts, slug):
    with pytest.raises(NotFound):
        queries.organisation_at("shared.example", slug)


def _get(path: str, host: str, client: Client | None = None, **headers: str) -> int:
    return (client or Client()).get(path, HTTP_HOST=host, **headers).status_code


def test_a_page_on_the_wrong_host_is_not_found(hosts):
    assert _get("/work/tidewick/", "report.tidewick.example") == 302
    assert _get("/work/tidewick/", "shared.example") == 404
    assert _get("/work/saltholm/", "report.tidewick.example") == 404


def test_a_forwarded_host_changes_nothing(hosts):
    for name in ("HTTP_X_FORWARDED_HOST", "HTTP_FORWARDED", "HTTP_X_HOST", "HTTP_X_ORIGINAL_HOST"):
        assert _get("/work/saltholm/", "report.tidewick.example", **{name: "shared.example"}) == 404


def test_a_host_we_do_not_serve_is_refused_without_an_echo(hosts):
    answer = Client().get("/work/saltholm/", HTTP_HOST="evil.example")
    assert answer.status_code == 400
    assert b"evil" not in answer.content


@pytest.mark.parametrize(
    "path",
    [
        "//work/saltholm/",
        "/work//saltholm/",
        "/work/tidewick/../saltholm/",
        "/work/tidewick%2F..%2Fsaltholm/",
        "/work/%2e%2e/work/saltholm/",
        "/work/saltholm%00/",
        "/work/saltholm;x=tidewick/",
        "/work\\saltholm/",
        "/WORK/saltholm/",
    ],
)
def test_a_tricky_path_reaches_nobody_at_the_other_host(hosts, path):
    assert _get(path, "report.tidewick.example") == 404


def test_charlie_gets_nothing_of_this_organisation(organisation, outsider):
    """Every signed-in address with an organisation in it, tried with one's own account of another."""
    tried = 0
    for pattern in _work_patterns():
        address = "/" + pattern.replace("<slug:org>", "tidewick").replace(
            "<uuid:person_id>", str(organisation.id)
        )
        if "<" in address or "/api/" in address:
            continue
        tried += 1
        assert outsider.get(address).status_code in {404, 405}, address
        assert outsider.post(address, {"role": "lead"}).status_code in {404, 405}, address
    assert tried >= 8


def test_charlie_is_signed_in_at_home(outsider):
    assert outsider.get("/work/saltholm/").status_code == 200


def test_every_address_with_an_organisation_names_it_so_that_the_fence_sees_it():
    for route in _routes():
        for start in ("work/<", "o/<", "log/<", "api/v1/orgs/<"):
            if route.startswith(start):
                assert route.startswith((f"{start}slug:org>", f"{start}str:org>")), route


def _routes(patterns=None, before=""):
    for one in patterns if patterns is not None else get_resolver().url_patterns:
        assert isinstance(one.pattern, RoutePattern)
        here = before + str(one.pattern)
        if isinstance(one, URLPattern):
            yield here
        else:
            yield from _routes(one.url_patterns, here)


def _work_patterns():
    return [route for route in _routes() if route.startswith("work/<slug:org>/")]

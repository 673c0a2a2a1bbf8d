"""The document says what the server does: every route is in it, and answers fit their schemas."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from answerable.cases.openapi import TARGET
from answerable.intake.tests import world
from answerable.intake.tests.stage import Desk, Stage
from answerable.ui import api
from answerable.ui.schema import check


def routes(resolver: Any = None, prefix: str = "") -> Iterator[str]:
    for each in (resolver or get_resolver()).url_patterns:
        if isinstance(each, URLResolver):
            yield from routes(each, prefix + str(each.pattern))
        elif isinstance(each, URLPattern):
            yield prefix + str(each.pattern)


def test_every_route_of_the_api_is_in_the_document() -> None:
    described = {path for path, _ in api.ROUTES}
    served = {route for route in routes() if "api/v1" in route}
    assert served == described


def test_the_committed_document_is_the_one_that_is_served(client: Client) -> None:
    """Made with: python -m answerable.cases.openapi"""
    served = client.get("/api/v1/openapi.json")
    assert served.status_code == 200
    assert json.loads(TARGET.read_text(encoding="utf-8")) == served.json()


def test_every_refusal_is_written_in_both_languages() -> None:
    for code, (status, english, chinese) in api.REFUSALS.items():
        assert 400 <= status < 600, code
        assert english.endswith(".")
        assert chinese.endswith("。")
    for route in api.ROUTES.values():
        assert set(route.refusals) <= api.REFUSALS.keys()


@pytest.mark.django_db(transaction=True)
def test_answers_fit_their_schemas(
    stage: Stage, desk: Callable[[str], Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One walk through every part; each JSON answer on the way is checked against its route."""
    seen: set[tuple[str, str]] = set()

    def fits(method: str, path: str, answer: Any) -> Any:
        schema = api.ROUTES[path, method].answers[answer.status_code]
        assert schema is not None
        check(answer.json(), schema, f"{method} {path}")
        seen.add((path, method))
        return answer.json()

    org, work = "api/v1/orgs/<slug:org>", "work/<slug:org>/api/v1/"
    for path in ("", "/rosters", "/promises", "/challenge"):
        fits("GET", org + path, stage.get(path.removeprefix("/")))
    file = world.envelope("attachment", 1, 10)
    name = world.b64(world.sha256(file))
    reporter = stage.reporter()
    body = stage.body(reporter, attachments=[file], confidential=True, jurisdiction="FR")
    fits("PUT", org + "/cases/<str:case>", stage.put(f"cases/{reporter.case_text}", body))
    fits("PUT", org + "/cases/<str:case>", stage.put(f"cases/{reporter.case_text}", body))
    chunk = org + "/cases/<str:case>/attachments/<sha256:sha256>"
    fits("GET", chunk, stage.get(f"cases/{reporter.case_text}/attachments/{name}"))
    fits("PUT", chunk, stage.chunk(f"cases/{reporter.case_text}/attachments/{name}", file, 0, len(file)))
    handler = desk("handler")
    assert handler.keys
    fits(
        "POST",
        work + "cases/<str:case>/messages",
        handler.answer(reporter, kind="owner", promises=["own-owner"]),
    )
    panel = handler.keys.panel_change(
        "tidewick", reporter.case_text, [stage.id("handler"), stage.id("lead")], 1
    )
    fits("POST", work + "cases/<str:case>/panel", handler.post(f"cases/{reporter.case_text}/panel", panel))
    note = {"file": world.b64(world.envelope("note", 2)), "attachments": []}
    fits("POST", work + "cases/<str:case>/notes", handler.post(f"cases/{reporter.case_text}/notes", note))
    fits(
        "POST",
        work + "cases/<str:case>/flags",
        handler.post(f"cases/{reporter.case_text}/flags", {"code": "late"}),
    )
    nonce = fits(
        "POST", org + "/mailbox/challenge", stage.post("mailbox/challenge", {"case": reporter.case_text})
    )
    fits("POST", org + "/mailbox/open", stage.post("mailbox/open", reporter.login(nonce["nonce"])))
    bearer = {"Authorization": f"Bearer {stage.token(reporter)}"}
    fits("POST", org + "/mailbox/messages", stage.write(reporter, reporter.message()))
    fits("GET", org + "/mailbox", stage.get("mailbox", **bearer))
    for path in ("me", "inbox", "roster", "notices"):
        fits("GET", work + path, handler.get(path))
    fits("GET", work + "cases/<str:case>", handler.get(f"cases/{reporter.case_text}"))
    record = stage.reporter()
    answer = stage.put(f"records/{record.case_text}", record.record() | {"pow": stage.work()})
    fits("PUT", org + "/records/<str:case>", answer)
    assert len(seen) >= 19

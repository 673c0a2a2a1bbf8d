"""Every address, asked by everybody, answers as the table of rights says."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from answerable.organisation import actions
from answerable.organisation.models import Organisation, Person
from answerable.organisation.rights import ACTS, PUBLIC, WITHOUT_ACT, allows
from answerable.organisation.rights_page import TARGET, page
from answerable.organisation.rules import ROLES
from answerable.ui import api

_PLACE = re.compile(r"<(?:(?P<kind>\w+):)?(?P<name>\w+)>")
_KINDS = {"int": "1", "slug": "x", "str": "A" * 22, "path": "x", "sha256": "A" * 43, "None": "x"}


@dataclass(frozen=True)
class Route:
    """An address with its places, its name, and the act that guards each method (None: no act)."""

    path: str
    name: str
    acts: Mapping[str, str | None]

    @property
    def is_work(self) -> bool:
        return self.path.startswith("/work/")

    @property
    def is_guarded(self) -> bool:
        return any(self.acts.values())

    def address(self, **known: str) -> str:
        return _PLACE.sub(
            lambda at: known.get(at["name"]) or known.get(at["kind"]) or _KINDS[str(at["kind"])], self.path
        )


def routes(found: Sequence[URLPattern | URLResolver] | None = None, before: str = "/") -> Iterator[Route]:
    for each in get_resolver().url_patterns if found is None else found:
        path = before + str(each.pattern).removeprefix("^").rstrip("$")
        if isinstance(each, URLResolver):
            yield from routes(each.url_patterns, path)
            continue
        methods = {method: route.view for (where, method), route in api.ROUTES.items() if f"/{where}" == path}
        views: Mapping[str, Any] = methods or dict.fromkeys(("GET", "POST"), each.callback)
        yield Route(
            path, each.name or "", {method: getattr(view, "act", None) for method, view in views.items()}
        )


def test_the_page_says_what_the_table_says() -> None:
    """Made with: python -m answerable.organisation.rights_page --write"""
    assert TARGET.read_text(encoding="utf-8") == page()


def test_every_address_for_signed_in_people_names_an_act() -> None:
    """Or stands on the list of those that don't; and nothing on that list has an act, or is gone."""
    unguarded = {each.name or each.path for each in routes() if each.is_work and not all(each.acts.values())}
    assert unguarded == set(WITHOUT_ACT)


def test_every_other_address_is_one_of_the_public_places() -> None:
    outside = [each.path for each in routes() if not each.is_work]
    assert not [path for path in outside if not path.startswith(tuple(PUBLIC))]
    assert all(any(path.startswith(place) for path in outside) for place in PUBLIC)


def test_every_act_is_needed_somewhere_and_said_in_both_languages() -> None:
    assert {act for each in routes() for act in each.acts.values() if act} == set(ACTS)
    for act in ACTS.values():
        assert act.en
        assert re.search("[\u4e00-\u9fff]", act.zh)
        assert act.roles <= {*ROLES, ""}


@dataclass(frozen=True)
class Asking:
    """Somebody with these roles, in the organisation asked (or `inside` another)."""

    who: str
    client: Client
    roles: frozenset[str]
    inside: bool = True


def ask(client: Client, method: str, address: str) -> Any:
    """The answer, undone at once, so that nobody's act changes what the next one finds."""
    with transaction.atomic():
        answer = client.generic(
            method, address, b"{}" if "/api/" in address else b"", content_type="application/json"
        )
        transaction.set_rollback(True)
    return answer


def is_let_through(answer: Any) -> bool:
    """Whether the door opened (it notes who stands there), or only asks for a newer proof of the same person."""
    return hasattr(answer.wsgi_request, "roles") or "reauthenticate" in answer.get("Location", "")


@pytest.fixture
def everybody(
    organisation: Organisation,
    other_organisation: Organisation,
    people: dict[str, Person],
    client_for: Callable[[Person], Client],
    now: datetime,
) -> list[Asking]:
    """One of each role, somebody without any, all of the other organisation's powers, and nobody."""
    made = [Asking(role, client_for(people[role]), frozenset({role})) for role in ROLES]
    plain = actions.add_person(
        organisation, name_en="No Role", name_zh="无角色", email="plain@tidewick.example"
    )
    made.append(Asking("nothing", client_for(plain), frozenset()))
    for number, roles in enumerate(
        [("handler", "lead", "external", "overseer"), ("administrator", "member")]
    ):
        stranger = actions.add_person(
            other_organisation, name_en="Charlie", name_zh="查理", email=f"charlie{number}@saltholm.example"
        )
        for role in roles:
            actions.give_role(stranger, role, by=None, now=now)
        made.append(Asking(f"other {roles[0]}", client_for(stranger), frozenset(roles), inside=False))
    return made


def test_every_address_answers_each_role_as_the_table_says(
    everybody: list[Asking], organisation: Organisation, people: dict[str, Person]
) -> None:
    """The right roles are let through, others of the house get 403, other houses 404, the unknown are sent to sign in."""
    wrong: list[tuple[object, ...]] = []
    nobody = Client(raise_request_exception=False)
    for route in (each for each in routes() if each.is_guarded):
        address = route.address(org=organisation.slug, uuid=str(people["member"].pk))
        for method, act in route.acts.items():
            stranger = ask(nobody, method, address)
            if stranger.status_code == 405:
                continue  # a page that is only asked, or only told, says so to everyone
            told = (stranger.status_code, stranger.get("Location", "")[:22])
            if told != ((401, "") if "/api/" in address else (302, "/work/accounts/login/?")):
                wrong.append(("nobody", method, route.path, told))
            assert act is not None, route
            for one in everybody:
                one.client.raise_request_exception = False
                answer = ask(one.client, method, address)
                let = is_let_through(answer)
                should = one.inside and allows(act, one.roles)
                status = answer.status_code
                if let != should or (not should and status != (403 if one.inside else 404)) or status >= 500:
                    wrong.append((one.who, method, route.path, act, status))
    assert not wrong, "\n".join(map(str, wrong))


def test_every_guarded_address_can_be_asked_in_some_way(
    organisation: Organisation, people: dict[str, Person], client_for: Callable[[Person], Client]
) -> None:
    """No method of a guarded route hides behind a 405 for all: each route lets somebody through by GET or POST."""
    clients = {key: client_for(people[key]) for key in ("administrator", "overseer", "handler", "lead")}
    for route in (each for each in routes() if each.is_guarded):
        address = route.address(org=organisation.slug, uuid=str(people["member"].pk))
        act = next(act for act in route.acts.values() if act)
        client = next(client for key, client in clients.items() if allows(act, frozenset({key})))
        client.raise_request_exception = False
        assert any(is_let_through(ask(client, method, address)) for method in route.acts), route


def test_the_other_organisation_is_as_closed_from_here(
    everybody: list[Asking], other_organisation: Organisation, people: dict[str, Person]
) -> None:
    """By every address with a name in it, asked for the neighbour: nothing is there."""
    ours = [one for one in everybody if one.who in {"handler", "administrator", "overseer"}]
    for route in (each for each in routes() if each.is_guarded):
        address = route.address(org=other_organisation.slug, uuid=str(people["member"].pk))
        for one in ours:
            for method in route.acts:
                assert ask(one.client, method, address).status_code in (404, 405), (
                    one.who,
                    method,
                    route.path,
                )

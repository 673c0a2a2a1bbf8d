"""SCIM as identity services speak it, two foreign checkers, and what no service may do."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.wsgi import get_wsgi_application
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from answerable.organisation import actions as directory
from answerable.organisation import proposals
from answerable.organisation.models import Account, Invitation, Person, Role, ScimToken, ScimUser
from answerable.organisation.scim import actions, tokens

pytestmark = pytest.mark.django_db

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
MORE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"


class Service:
    """An identity service with a token of an organisation."""

    def __init__(self, organisation: Any, token: str) -> None:
        self.base = f"/scim/v2/{organisation.slug}"
        self.client, self.token = Client(), token

    def ask(self, method: str, path: str, body: Any = None, **query: str) -> tuple[int, Any]:
        data = {"data": json.dumps(body), "content_type": "application/scim+json"} if body is not None else {}
        answer = self.client.generic(
            method,
            self.base + path,
            **{**data, "query_params": query} if query else data,
            headers={"Authorization": f"Bearer {self.token}"},
        )
        return answer.status_code, json.loads(answer.content) if answer.content else None

    def make(self, user_name: str, **more: Any) -> dict[str, Any]:
        status, body = self.ask("POST", "/Users", {"schemas": [USER, MORE], "userName": user_name, **more})
        assert status == 201, body
        return body  # type: ignore[no-any-return]

    def patch(self, user: str, *operations: dict[str, Any]) -> tuple[int, Any]:
        return self.ask("PATCH", f"/Users/{user}", {"schemas": [PATCH], "Operations": list(operations)})


@pytest.fixture
def service(organisation, people, now) -> Service:
    return Service(organisation, tokens.make(organisation, "Entra ID", by=people["administrator"], now=now))


def test_a_person_comes_is_described_and_goes(service, organisation) -> None:
    boss = service.make("boss@x.example", displayName="Bo Ss")
    made = service.make(
        "li.na@x.example",
        name={"givenName": "Na", "familyName": "Li"},
        displayName="李娜",
        preferredLanguage="zh-CN",
        emails=[{"value": "Na.Li@x.example", "type": "work", "primary": True}],
        phoneNumbers=[{"value": "+86 10 1", "type": "work"}],
        addresses=[{"locality": "Hangzhou", "type": "work"}],
        externalId="e-1",
        **{MORE: {"employeeNumber": "77", "department": "Works/Hall 2", "manager": {"value": boss["id"]}}},
    )
    person = Person.objects.get(pk=made["id"])
    assert (person.name_en, person.name_zh, person.number) == ("Na Li", "李娜", "77")
    assert (person.email, person.phone, person.place) == ("na.li@x.example", "+86 10 1", "Hangzhou")
    assert (person.unit.code, str(person.manager_id), person.languages) == (
        "Works/Hall 2",
        boss["id"],
        ["zh"],
    )
    assert made["meta"]["location"].endswith(f"/scim/v2/{organisation.slug}/Users/{made['id']}")
    assert service.ask("DELETE", f"/Users/{made['id']}")[0] == 204
    assert service.ask("GET", f"/Users/{made['id']}")[0] == 404
    person.refresh_from_db()
    assert person.left_at is not None, "the name stays where it was signed"


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "Replace", "path": "active", "value": "False"},
        {"op": "replace", "value": {"active": False}},
        {"op": "Replace", "path": "active", "value": False},
    ],
)
def test_leaving_ends_roles_account_sessions_and_invitations_at_once(
    service, organisation, now, operation
) -> None:
    made = service.make("h@x.example")
    for number in range(12):
        service.make(f"p{number}@x.example")
    person = Person.objects.get(pk=made["id"])
    directory.give_role(person, "handler", by=None, now=now)
    account = directory.make_account(person, password="a long pass phrase", totp_secret="A" * 32, now=now)
    invited = Invitation.objects.create(person=person, made_at=now, ends_at=now + timedelta(days=1))
    status, body = service.patch(made["id"], operation)
    assert (status, body["active"]) == (200, False)
    assert not Role.objects.filter(person=person).exists()
    assert not Account.objects.get(pk=account.pk).is_active
    invited.refresh_from_db()
    assert invited.withdrawn_at is not None
    status, body = service.patch(made["id"], {"op": "replace", "path": "active", "value": True})
    assert (status, body["active"]) == (200, True)
    person.refresh_from_db()
    assert (person.left_at, person.account) == (None, None)
    assert not Role.objects.filter(person=person).exists(), "who comes back is given roles anew, by people"


def test_many_leave_only_when_two_people_agree(service, organisation, people, now) -> None:
    made = [service.make(f"p{number}@x.example")["id"] for number in range(20)]
    gone = [service.patch(each, {"op": "replace", "path": "active", "value": False})[0] for each in made[:4]]
    assert gone == [200, 200, 403, 403]
    assert actions.held(organisation, now) is not None
    moment = timezone.now()
    waits = proposals.propose(organisation, actions.LEAVINGS, {}, by=people["administrator"], now=moment)
    proposals.confirm(waits, by=people["overseer"], now=moment)
    assert actions.let_through(organisation, moment)
    assert service.patch(made[2], {"op": "replace", "path": "active", "value": False})[0] == 200


def test_no_service_gives_a_role_or_a_key(service) -> None:
    made = service.make(
        "x@x.example", roles=[{"value": "handler"}], entitlements=[{"value": "administrator"}]
    )
    assert "roles" not in made
    group = {"displayName": "handlers", "members": [{"value": made["id"]}]}
    assert service.ask("POST", "/Groups", group)[0] == 201
    service.patch(made["id"], {"op": "Add", "path": "roles", "value": [{"value": "handler"}]})
    assert not Role.objects.filter(person_id=made["id"]).exists()


def test_the_last_administrator_cannot_be_made_to_leave(service, organisation, people, now) -> None:
    administrator = people["administrator"]
    Person.objects.filter(pk=administrator.pk).update(number="1")
    made = service.make("a@x.example", **{MORE: {"employeeNumber": "1"}})
    assert made["id"] == str(administrator.pk), "whom a hand brought is taken over by number"
    status, body = service.patch(made["id"], {"op": "replace", "path": "active", "value": False})
    assert (status, body["status"]) == (403, "403")
    assert Role.objects.filter(person=administrator, role="administrator").exists()


def test_names_and_numbers_are_taken_once(service) -> None:
    made = service.make("one@x.example", **{MORE: {"employeeNumber": "5"}})
    assert service.ask("POST", "/Users", {"schemas": [USER], "userName": "ONE@x.example"})[0] == 409
    other = service.make("two@x.example")
    status, body = service.patch(other["id"], {"op": "add", "path": f"{MORE}:employeeNumber", "value": "5"})
    assert (status, body["scimType"]) == (409, "uniqueness")
    assert service.ask("GET", f"/Users/{other['id']}")[1].get(MORE, {}).get("employeeNumber") is None
    assert made["id"] != other["id"]


def test_what_entra_sends_is_understood(service) -> None:
    """Bodies as in Microsoft's "Develop and plan provisioning for a SCIM endpoint" and its list of known issues."""
    boss, made = service.make("boss@x.example"), service.make("a@x.example")
    status, body = service.patch(
        made["id"],
        {"op": "Add", "path": 'emails[type eq "work"].value', "value": "new@x.example"},
        {"op": "Replace", "path": f"{MORE}:manager", "value": boss["id"]},
        {"op": "Add", "value": {"name.givenName": "Jo", f"{MORE}:department": "Sales"}},
        {"op": "Replace", "path": "nickName", "value": "not kept"},
    )
    assert status == 200, body
    assert body["emails"][0]["value"] == "new@x.example"
    assert body[MORE]["manager"]["value"] == boss["id"]
    assert body["name"]["givenName"] == "Jo"
    person = Person.objects.get(pk=made["id"])
    assert (person.email, str(person.manager_id), person.unit.code) == ("new@x.example", boss["id"], "Sales")


def test_groups_take_and_lose_members_as_entra_and_okta_say_it(service) -> None:
    one, two = service.make("1@x.example")["id"], service.make("2@x.example")["id"]
    status, group = service.ask("POST", "/Groups", {"displayName": "All", "members": [{"value": one}]})
    assert status == 201
    path = f"/Groups/{group['id']}"

    def members(*operations: dict[str, Any]) -> list[str]:
        status, body = service.ask("PATCH", path, {"schemas": [PATCH], "Operations": list(operations)})
        assert status == 200, body
        return sorted(each["value"] for each in body.get("members", []))

    assert members({"op": "Add", "path": "members", "value": [{"value": two}]}) == sorted([one, two])
    assert members({"op": "Remove", "path": f'members[value eq "{one}"]'}) == [two]
    assert members({"op": "Remove", "path": "members", "value": [{"value": two}]}) == []
    assert members({"op": "replace", "value": {"id": group["id"], "displayName": "Everybody"}}) == []
    assert service.ask("GET", "/Groups", filter='displayName eq "everybody"')[1]["totalResults"] == 1
    listed = service.ask("GET", path, excludedAttributes="members")[1]
    assert "members" not in listed
    strange = service.ask("POST", "/Groups", {"displayName": "X", "members": [{"value": str(group["id"])}]})
    assert (strange[0], "members" in strange[1]) == (201, False), "who is no user here is left out"
    assert service.ask("DELETE", path)[0] == 204


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('userName eq "A@x.example"', 1),
        ('userName eq "nobody"', 0),
        ('externalId eq "ext-A"', 1),
        ('externalId eq "EXT-A"', 0),
        ('emails.value eq "a@mail.example"', 1),
        ('emails[type eq "work" and value eq "a@mail.example"]', 1),
        ('emails[type eq "work"].value eq "a@mail.example"', 1),
        ('userName sw "a" and active eq true', 1),
        ('userName eq "a@x.example" or userName eq "b@x.example"', 2),
        ("active eq false", 0),
        ('not (userName eq "a@x.example")', 1),
        ('meta.lastModified gt "2001-01-01T00:00:00Z"', 2),
        ('id eq "nonsense"', 0),
        ('userName gt "a"', None),
        ('password eq "x"', None),
        ("userName eq", None),
        ("((((", None),
    ],
)
def test_filters_find_or_are_refused(service, text, found) -> None:
    service.make("a@x.example", externalId="ext-A", emails=[{"value": "A@mail.example", "type": "work"}])
    service.make("b@x.example")
    status, body = service.ask("GET", "/Users", filter=text)
    if found is None:
        assert (status, body["scimType"]) == (400, "invalidFilter")
    else:
        assert (status, body["totalResults"]) == (200, found)


def test_lists_are_paged_and_show_what_was_asked_for(service, django_assert_max_num_queries) -> None:
    for number in range(30):
        service.make(f"p{number:02}@x.example", displayName=f"P {number}")
    with django_assert_max_num_queries(6):
        _, body = service.ask("GET", "/Users", startIndex="11", count="5", attributes="userName")
    assert (body["totalResults"], body["startIndex"], body["itemsPerPage"]) == (30, 11, 5)
    assert [each["userName"] for each in body["Resources"]] == [
        f"p{number}@x.example" for number in range(10, 15)
    ]
    assert "displayName" not in body["Resources"][0]
    assert service.ask("GET", "/Users", count="0")[1]["totalResults"] == 30
    assert service.ask("GET", "/Users", count="9999")[1]["itemsPerPage"] == 30


def test_whoever_has_no_token_of_this_organisation_gets_nothing(
    service, organisation, other_organisation, people, now
) -> None:
    made = service.make("a@x.example")
    other = Service(other_organisation, service.token)
    old = ScimToken.objects.get()
    for path in (
        "/Users",
        f"/Users/{made['id']}",
        "/Groups",
        "/Schemas",
        "/ServiceProviderConfig",
        "/Nothing",
    ):
        for asker in (other, Service(organisation, "scim_" + "x" * 43), Service(organisation, "")):
            status, body = asker.ask("GET", path)
            assert (status, body["detail"]) == (401, "a token of this organisation is needed")
    answer = Client().get(service.base + "/Users")
    assert answer.status_code == 401
    assert b"a@x.example" not in answer.content
    assert tokens.revoke(organisation, old.pk, now)
    assert service.ask("GET", "/Users")[0] == 401
    assert not tokens.accepted(organisation, f"Bearer {service.token}", now + timedelta(days=800))


def test_a_user_of_another_organisation_is_no_user_here(service, other_organisation, people, now) -> None:
    theirs = ScimUser.objects.create(
        person=people_add(other_organisation), organisation=other_organisation, user_name="t", user_key="t",
        made_at=now, changed_at=now,
    )  # fmt: skip
    assert service.ask("GET", f"/Users/{theirs.pk}")[0] == 404
    assert service.ask("DELETE", f"/Users/{theirs.pk}")[0] == 404
    made = service.ask("POST", "/Groups", {"displayName": "G", "members": [{"value": str(theirs.pk)}]})
    assert (made[0], "members" in made[1]) == (201, False)


def people_add(organisation: Any) -> Person:
    return directory.add_person(organisation, name_en="T", name_zh="T", email="t@t.example")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.text(max_size=60)
    | st.from_regex(r"(userName|emails\[type) (eq|co|pr|gt) [\"a-z(\])]{0,12}", fullmatch=True)
)
def test_any_filter_is_answered_or_refused(service, text) -> None:
    status, body = service.ask("GET", "/Users", filter=text)
    assert status == 200 or (
        status == 400 and body["schemas"] == ["urn:ietf:params:scim:api:messages:2.0:Error"]
    )


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8), lambda each: st.lists(each, max_size=3) | st.dictionaries(
        st.sampled_from(["op", "path", "value", "active", "emails", "name", "Operations", "userName", MORE]), each, max_size=4
    ), max_leaves=8,
)  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(_JSON)
def test_any_body_is_answered_or_refused(service, body) -> None:
    made = ScimUser.objects.filter(user_key="s@x.example").first()
    user = str(made.pk) if made else service.make("s@x.example")["id"]
    operations = body if isinstance(body, list) else [body]
    for method, path, sent in (
        ("PATCH", f"/Users/{user}", {"schemas": [PATCH], "Operations": operations}),
        ("PUT", f"/Users/{user}", body),
        ("POST", "/Groups", body),
    ):
        status, _ = service.ask(method, path, sent)
        assert status in (200, 201, 400, 403, 409), status


def many(service: Service) -> None:
    """So many people that the few whom a checker deletes are not one in ten."""
    organisation = ScimToken.objects.get().organisation
    Person.objects.bulk_create(
        Person(
            organisation=organisation, name_en=str(number), name_zh=str(number), source="scim", languages=[]
        )
        for number in range(500)
    )


@pytest.mark.django_db(transaction=True)
def test_scim2_tester_finds_nothing(service) -> None:
    from scim2_client.engines.wsgi import WSGISCIMClient
    from scim2_tester import Status, check_server

    many(service)
    client = WSGISCIMClient(
        get_wsgi_application(),
        base_url=f"http://testserver{service.base}",
        headers={"Authorization": f"Bearer {service.token}"},
    )
    wrong = [each for each in check_server(client) if each.status not in (Status.SUCCESS, Status.SKIPPED)]
    assert not wrong, [(each.title, each.reason, str(each.data)[:1500]) for each in wrong]


def test_scim_sanity_finds_nothing(service, live_server) -> None:
    from scim_sanity.probe.runner import run_probe_api

    many(service)
    found = run_probe_api(f"{live_server.url}{service.base}", token=service.token, resource_filter=None)
    assert found["exit_code"] == 0, [each for each in found["results"] if each["status"] != "pass"]


def test_only_administrators_make_tokens(client_for, organisation, people, outsider) -> None:
    address = f"/work/{organisation.slug}/administration/scim/"
    assert outsider.get(address).status_code == 404
    assert client_for(people["handler"]).get(address).status_code == 403
    assert client_for(people["handler"]).post(address + "make/", {"name": "x"}).status_code == 403
    assert not ScimToken.objects.exists()
    made = client_for(people["administrator"]).post(address + "make/", {"name": "Okta"})
    if made.status_code == 302:  # it asks for a proof first
        assert "reauthenticate" in made["Location"]
        return
    text = made.content.decode().split('class="long">')[1].split("<")[0]
    assert text.startswith("scim_")
    assert text not in client_for(people["administrator"]).get(address).content.decode()

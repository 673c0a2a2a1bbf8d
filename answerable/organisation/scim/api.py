"""The endpoints of RFC 7644, for whoever shows a token of the organisation; to anybody else they say nothing but 401."""

import json
from collections.abc import Callable
from functools import wraps
from typing import Any, Final, TypeVar

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from pydantic import ValidationError
from scim2_models import (
    Context,
    Error,
    InvalidFilterException,
    InvalidSyntaxException,
    InvalidValueException,
    ListResponse,
    Meta,
    NotFoundException,
    PatchOp,
    ResponseParameters,
    SCIMException,
    SearchRequest,
)

from answerable.organisation.models import Organisation, ScimGroup, ScimUser
from answerable.organisation.scim import actions, filters, tokens
from answerable.organisation.scim.resources import (
    MOST_RESULTS,
    POLICY,
    PROVIDER,
    EnterpriseUser,
    Group,
    Person,
    identifier,
)

TYPE: Final = "application/scim+json"
LARGEST: Final = 1024 * 1024
R = TypeVar("R")
_ENTERPRISE = str(EnterpriseUser.__schema__)


def _answer(body: Any, status: int = 200, location: str = "") -> HttpResponse:
    text = json.dumps(body, ensure_ascii=False) if body is not None else ""
    answer = HttpResponse(text, status=status, content_type=TYPE)
    answer.headers["Cache-Control"] = "no-store"
    if location:
        answer.headers["Location"] = location
    return answer


def _error(status: int, detail: str, scim_type: str | None = None) -> HttpResponse:
    return _answer(Error(status=status, detail=detail, scim_type=scim_type).model_dump(), status)


def endpoint(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Behind a token; what goes wrong is answered as RFC 7644, 3.12, and never with the words of what was sent."""

    @csrf_exempt
    @wraps(view)
    def guarded(request: HttpRequest, org: str, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ARG001
        organisation: Organisation = request.organisation  # type: ignore[attr-defined]
        if not tokens.accepted(organisation, request.headers.get("Authorization", ""), timezone.now()):
            refused = _error(401, "a token of this organisation is needed")
            refused.headers["WWW-Authenticate"] = 'Bearer realm="scim"'
            return refused
        try:
            return view(request, organisation, *args, **kwargs)
        except SCIMException as error:
            found = error.to_error()
            return _error(int(found.status or 400), _plainly(found.detail), found.scim_type)
        except ValidationError as error:
            first = Error.from_validation_error(error.errors()[0])
            return _error(
                int(first.status or 400), "the request is not as its schema wants it", first.scim_type
            )

    return guarded


def _plainly(detail: str | None) -> str:
    """A library's message may quote what was sent: only short words of ours, or their first line, go out."""
    return (detail or "refused").splitlines()[0][:200]


def _body(request: HttpRequest) -> dict[str, Any]:
    if int(request.headers.get("Content-Length") or 0) > LARGEST:
        raise InvalidSyntaxException(detail="the request is too large")
    try:
        found = json.loads(request.body)
    except (ValueError, RecursionError):
        raise InvalidSyntaxException(detail="this is not JSON") from None
    if not isinstance(found, dict):
        raise InvalidSyntaxException(detail="this is not a JSON object")
    return found


def _base(request: HttpRequest, organisation: Organisation) -> str:
    return request.build_absolute_uri(f"/scim/v2/{organisation.slug}")


# Users and groups as SCIM shows them


def _user(user: ScimUser, base: str) -> Any:
    found = Person.model_validate(user.told, scim_policy=POLICY)
    found.id = str(user.pk)
    found.active = user.active if found.active is not None or not user.active else None
    found.meta = Meta(
        resource_type="User",
        created=user.made_at,
        last_modified=user.changed_at,
        location=f"{base}/Users/{user.pk}",
    )
    return found


def _group(group: ScimGroup, base: str, *, members: bool = True) -> Group:
    ids = group.members.values_list("pk", flat=True).order_by("pk") if members else ()
    told = [{"value": str(pk), "$ref": f"{base}/Users/{pk}", "type": "User"} for pk in ids]
    found = Group.model_validate(
        {
            "schemas": [str(Group.__schema__)],
            "id": str(group.pk),
            "displayName": group.name,
            "externalId": group.external_id or None,
            "members": told or None,
        }
    )
    found.meta = Meta(
        resource_type="Group",
        created=group.made_at,
        last_modified=group.changed_at,
        location=f"{base}/Groups/{group.pk}",
    )
    return found


def _shown(request: HttpRequest, resource: Any, context: Context) -> Any:
    """A resource with the attributes that were asked for."""
    wanted = _parameters(request, type(resource))
    return resource.model_dump(scim_ctx=context, response_parameters=wanted)


def _parameters(request: HttpRequest, model: Any) -> Any:
    named = {name: request.GET[name] for name in ("attributes", "excludedAttributes") if name in request.GET}
    return ResponseParameters[model].model_validate(named)


def _new(kind: Any, body: dict[str, Any], context: Context) -> Any:
    found = kind.model_validate(body, scim_ctx=context, scim_policy=POLICY)
    name = found.user_name if kind is Person else found.display_name
    if not isinstance(name, str) or not name.strip() or len(name) > 255:
        raise InvalidValueException(detail="a name is missing, or too long")
    return found


def _patched(resource: Any, kind: Any, body: dict[str, Any]) -> Any:
    for each in body.get("Operations") or body.get("operations") or ():
        _ease(each)
    change = PatchOp[kind].model_validate(body, scim_ctx=Context.RESOURCE_PATCH_REQUEST, scim_policy=POLICY)
    change.patch(resource, scim_policy=POLICY)
    return resource


def _ease(operation: Any) -> None:
    """Entra ID gives a manager as a bare id (its documentation, "Known issues"); the schema wants {"value": id}."""
    if not isinstance(operation, dict):
        return
    path, value = operation.get("path"), operation.get("value")
    if isinstance(path, str) and path.lower() == f"{_ENTERPRISE}:manager".lower() and isinstance(value, str):
        operation["value"] = {"value": value}
    if isinstance(value, dict):
        inside = value.get(_ENTERPRISE)
        for holder, name in ((value, f"{_ENTERPRISE}:manager"), (inside, "manager")):
            if isinstance(holder, dict) and isinstance(holder.get(name), str):
                holder[name] = {"value": holder[name]}


def _place(resource: Any) -> str:
    return str(resource.meta.location)


# Endpoints


@endpoint
def users(request: HttpRequest, organisation: Organisation) -> HttpResponse:
    """GET: some users. POST: a new one."""
    base = _base(request, organisation)
    if request.method == "GET":
        found = ScimUser.objects.filter(organisation=organisation).order_by("made_at", "pk")
        return _list(request, found, Person, filters.USERS, lambda each, _: _user(each, base))
    if request.method != "POST":
        return _error(405, "GET or POST")
    told = _new(Person, _body(request), Context.RESOURCE_CREATION_REQUEST)
    made = _user(actions.create_user(organisation, told, timezone.now()), base)
    return _answer(_shown(request, made, Context.RESOURCE_CREATION_RESPONSE), 201, _place(made))


@endpoint
def user(request: HttpRequest, organisation: Organisation, resource_id: str) -> HttpResponse:
    """GET, PUT, PATCH, DELETE of one user."""
    base, now = _base(request, organisation), timezone.now()
    found = actions.find_user(organisation, identifier(resource_id))
    if request.method == "GET":
        return _answer(_shown(request, _user(found, base), Context.RESOURCE_QUERY_RESPONSE))
    if request.method == "DELETE":
        actions.delete_user(found, now)
        return _answer(None, 204)
    if request.method not in {"PUT", "PATCH"}:
        return _error(405, "GET, PUT, PATCH or DELETE")
    told, context = _changed(request, _user(found, base), Person)
    shown = _user(actions.replace_user(found, told, now), base)
    return _answer(_shown(request, shown, context), location=_place(shown))


@endpoint
def groups(request: HttpRequest, organisation: Organisation) -> HttpResponse:
    """GET: some groups. POST: a new one."""
    base = _base(request, organisation)
    if request.method == "GET":
        found = ScimGroup.objects.filter(organisation=organisation).order_by("made_at", "pk")
        return _list(
            request, found, Group, filters.GROUPS, lambda each, members: _group(each, base, members=members)
        )
    if request.method != "POST":
        return _error(405, "GET or POST")
    told = _new(Group, _body(request), Context.RESOURCE_CREATION_REQUEST)
    made = _group(actions.write_group(organisation, None, told, timezone.now()), base)
    return _answer(_shown(request, made, Context.RESOURCE_CREATION_RESPONSE), 201, _place(made))


@endpoint
def group(request: HttpRequest, organisation: Organisation, resource_id: str) -> HttpResponse:
    """GET, PUT, PATCH, DELETE of one group."""
    base, now = _base(request, organisation), timezone.now()
    found = actions.find_group(organisation, identifier(resource_id))
    if request.method == "GET":
        return _answer(_shown(request, _group(found, base), Context.RESOURCE_QUERY_RESPONSE))
    if request.method == "DELETE":
        found.delete()
        return _answer(None, 204)
    if request.method not in {"PUT", "PATCH"}:
        return _error(405, "GET, PUT, PATCH or DELETE")
    told, context = _changed(request, _group(found, base), Group)
    shown = _group(actions.write_group(organisation, found, told, now), base)
    return _answer(_shown(request, shown, context), location=_place(shown))


def _changed(request: HttpRequest, stands: Any, kind: Any) -> tuple[Any, Context]:
    """The resource as a PUT or PATCH wants it."""
    body = _body(request)
    if request.method == "PATCH":
        told = _patched(stands, kind, body)
        context = Context.RESOURCE_PATCH_RESPONSE
    else:
        told = _new(kind, body, Context.RESOURCE_REPLACEMENT_REQUEST)
        context = Context.RESOURCE_REPLACEMENT_RESPONSE
    name = told.user_name if kind is Person else told.display_name
    if not isinstance(name, str) or not name.strip() or len(name) > 255:
        raise InvalidValueException(detail="a name is missing, or too long")
    return told, context


def _list(request: HttpRequest, found: Any, model: Any, fields: filters.Fields, show: Any) -> HttpResponse:
    names = ("startIndex", "count", "filter", "attributes", "excludedAttributes")
    return _found(
        {name: request.GET[name] for name in names if name in request.GET}, found, model, fields, show
    )


def _found(given: dict[str, Any], found: Any, model: Any, fields: filters.Fields, show: Any) -> HttpResponse:
    return _page(given, [(found, model, fields, show)])


def _page(given: dict[str, Any], kinds: list[tuple[Any, Any, filters.Fields, Any]]) -> HttpResponse:
    """A page of what a query asks for (RFC 7644, 3.4.2 and 3.4.3), over one kind of resource or several in turn."""
    text = given.pop("filter", None)
    one: Any = kinds[0][1] if len(kinds) == 1 else Person | Group
    asked = SearchRequest[one].model_validate(given, scim_policy=POLICY)
    if text is not None and not isinstance(text, str):
        raise InvalidValueException(detail="a filter is a text")
    first = max(1, asked.start_index or 1)
    count = MOST_RESULTS if asked.count is None else max(0, min(MOST_RESULTS, asked.count))
    excluded = {str(each).lower() for each in asked.excluded_attributes or ()}
    only = {str(each).lower() for each in asked.attributes or ()}
    members = "members" not in excluded and (not only or any(each.startswith("members") for each in only))
    total, page = 0, list[Any]()
    for rows, model, fields, show in kinds:
        found = _narrowed(rows, text, model, fields, alone=len(kinds) == 1)
        start = max(0, first - 1 - total)
        total += found.count()
        wanted = found.select_related(*_WITH.get(model, ()))[start : start + count - len(page)]
        page += [show(each, members) for each in wanted]
    listed = ListResponse[one](
        total_results=total, start_index=first, items_per_page=len(page), resources=page
    )
    return _answer(listed.model_dump(scim_ctx=Context.RESOURCE_QUERY_RESPONSE, response_parameters=asked))


def _narrowed(rows: Any, text: str | None, model: Any, fields: filters.Fields, *, alone: bool) -> Any:
    """The rows that a filter lets through; among several kinds, none of one that has not such an attribute."""
    if not text:
        return rows
    try:
        return rows.filter(filters.asked(text, model, fields)).distinct()
    except InvalidFilterException:
        if alone:
            raise
        return rows.none()


@endpoint
def search(request: HttpRequest, organisation: Organisation, kind: str = "") -> HttpResponse:
    """POST: users, groups, or both without a `kind`, asked for in a body."""
    base = _base(request, organisation)
    if request.method != "POST":
        return _error(405, "POST")
    some_users = ScimUser.objects.filter(organisation=organisation).order_by("made_at", "pk")
    some_groups = ScimGroup.objects.filter(organisation=organisation).order_by("made_at", "pk")
    kinds = {
        "Users": (some_users, Person, filters.USERS, lambda each, _: _user(each, base)),
        "Groups": (some_groups, Group, filters.GROUPS, lambda each, all_: _group(each, base, members=all_)),
    }
    return _page(_body(request), [kinds[kind]] if kind else list(kinds.values()))


_WITH: dict[Any, tuple[str, ...]] = {Person: ("person",)}


# Discovery (RFC 7644, 4)


@endpoint
def provider_config(request: HttpRequest, organisation: Organisation) -> HttpResponse:
    """What this service can do."""
    if request.method != "GET":
        return _error(405, "GET")
    config = PROVIDER.config
    assert config is not None  # noqa: S101 - we made it
    shown = config.model_copy(deep=True)
    shown.meta = Meta(
        resource_type="ServiceProviderConfig",
        location=f"{_base(request, organisation)}/ServiceProviderConfig",
    )
    return _answer(shown.model_dump(scim_ctx=Context.RESOURCE_QUERY_RESPONSE))


@endpoint
def resource_types(request: HttpRequest, organisation: Organisation, name: str = "") -> HttpResponse:
    """Users and groups, and where they are."""
    base = f"{_base(request, organisation)}/ResourceTypes"
    return _discovery(request, list(PROVIDER.resource_types), "ResourceType", base, name)


@endpoint
def schemas(request: HttpRequest, organisation: Organisation, name: str = "") -> HttpResponse:
    """The attributes that are kept."""
    base = f"{_base(request, organisation)}/Schemas"
    return _discovery(request, list(PROVIDER.schemas), "Schema", base, name)


def _discovery(request: HttpRequest, all_: list[Any], kind: str, base: str, name: str) -> HttpResponse:
    if request.method != "GET":
        return _error(405, "GET")
    if "filter" in request.GET:
        return _error(403, "discovery is not filtered")
    shown = []
    for each in all_:
        one = each.model_copy(deep=True)
        one.meta = Meta(resource_type=kind, location=f"{base}/{one.id or one.name}")
        shown.append(one)
    if name:
        found = [each for each in shown if name in {str(each.id), str(each.name)}]
        if not found:
            raise NotFoundException(detail="no such thing")
        return _answer(found[0].model_dump(scim_ctx=Context.RESOURCE_QUERY_RESPONSE))
    dumped = [each.model_dump(scim_ctx=Context.RESOURCE_QUERY_RESPONSE) for each in shown]
    return _answer(
        {
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
            "totalResults": len(dumped),
            "startIndex": 1,
            "itemsPerPage": len(dumped),
            "Resources": dumped,
        }
    )


@endpoint
def elsewhere(_request: HttpRequest, _organisation: Organisation, rest: str = "") -> HttpResponse:  # noqa: ARG001
    """Whatever else is asked for under this address: not here (Bulk, Me)."""
    return _error(404, "not served here")


__all__ = [
    "elsewhere",
    "group",
    "groups",
    "provider_config",
    "resource_types",
    "schemas",
    "search",
    "user",
    "users",
]

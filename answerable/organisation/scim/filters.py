"""SCIM filters as the database's questions. Only attributes that are indexed can be asked for; others are refused."""

from typing import Any

from django.db.models import Q
from scim2_models import InvalidFilterException
from scim2_models.path.expressions import Comparison, LogicalExpr, Not, Present, ValuePath
from scim2_models.path.filter import ScimFilter

from answerable.organisation.scim import resources

Fields = dict[str, str]
USERS: Fields = {
    "id": "pk",
    "username": "user_key",
    "externalid": "external_id",
    "emails": "emails",
    "emails.value": "emails",
    "displayname": "person__name_en",
    "active": "active",
    "meta.lastmodified": "changed_at",
    "meta.created": "made_at",
    "employeenumber": "person__number",
}
GROUPS: Fields = {
    "id": "pk",
    "displayname": "name_key",
    "externalid": "external_id",
    "members": "members__pk",
    "members.value": "members__pk",
    "meta.lastmodified": "changed_at",
    "meta.created": "made_at",
}
_LOOKUPS = {
    "eq": "",
    "sw": "__startswith",
    "co": "__contains",
    "gt": "__gt",
    "ge": "__gte",
    "lt": "__lt",
    "le": "__lte",
}
_EXACT = {"eq", "ne"}
_KEYED = {"user_key", "name_key", "emails", "person__name_en"}
_TIMES = {"changed_at", "made_at"}


def asked(text: str, model: Any, fields: Fields) -> Q:
    """The question for a filter's text. Raises a SCIMException for one that can't be read or can't be asked here."""
    try:
        found: ScimFilter[Any] = ScimFilter[model](text)
    except ValueError:
        raise InvalidFilterException(detail="the filter could not be read") from None
    return _of(found.ast, fields)


def _of(node: Any, fields: Fields) -> Q:
    if isinstance(node, LogicalExpr):
        parts = [_of(each, fields) for each in node.terms]
        whole = parts[0]
        for each in parts[1:]:
            whole = (whole & each) if str(node.op).lower() == "and" else (whole | each)
        return whole
    if isinstance(node, Not):
        return ~_of(node.expr, fields)
    if isinstance(node, Present):
        name = _field(node.attr_path, fields)
        return (
            ~Q(**{name: ""}) if name in {"external_id", "emails", "person__number"} else Q(pk__isnull=False)
        )
    if isinstance(node, ValuePath):
        return _value_path(node, fields)
    if isinstance(node, Comparison):
        return _comparison(_field(node.attr_path, fields), str(node.op).lower(), node.value)
    raise InvalidFilterException(detail="this filter is not served")


def _value_path(node: ValuePath, fields: Fields) -> Q:
    """`emails[type eq "work" and value eq "x"]`: by the value; the type is taken as told."""
    name = _field(node.attr_path, fields)
    inner = node.val_filter
    terms = inner.terms if isinstance(inner, LogicalExpr) and str(inner.op).lower() == "and" else (inner,)
    values = [each for each in terms if isinstance(each, Comparison) and _plain(each.attr_path) == "value"]
    if len(values) != 1:
        raise InvalidFilterException(detail="this filter is not served")
    return _comparison(name, str(values[0].op).lower(), values[0].value)


def _plain(path: Any) -> str:
    return f"{path.attr}.{path.sub_attr}".lower() if path.sub_attr else str(path.attr).lower()


def _field(path: Any, fields: Fields) -> str:
    name = fields.get(_plain(path))
    if name is None:
        raise InvalidFilterException(detail="this attribute can't be filtered by here")
    return name


def _comparison(name: str, op: str, value: Any) -> Q:
    if name == "active":
        if op not in _EXACT or not isinstance(value, bool):
            raise InvalidFilterException(detail="active is true or false")
        return Q(active=value) if op == "eq" else ~Q(active=value)
    if name in _TIMES:
        return _time(name, op, value)
    if not isinstance(value, str):
        raise InvalidFilterException(detail="this attribute is compared with a text")
    if name.endswith("pk"):
        if op not in _EXACT:
            raise InvalidFilterException(detail="an id is equal or not")
        identifier = resources.identifier(value)
        wanted = Q(**{name: identifier}) if identifier else Q(pk__in=[])
        return wanted if op == "eq" else ~wanted
    if op not in {"eq", "ne", "sw", "co"}:
        raise InvalidFilterException(detail="this comparison is not served")
    if name == "emails":
        text = resources.key(value)
        found = Q(
            emails__contains={"eq": f"\n{text}\n", "ne": f"\n{text}\n", "sw": f"\n{text}", "co": text}[op]
        )
        return ~found if op == "ne" else found
    if name == "person__name_en":
        wanted = Q(
            **{
                name
                + {"eq": "__iexact", "ne": "__iexact", "sw": "__istartswith", "co": "__icontains"}[op]: value
            }
        )
        return ~wanted if op == "ne" else wanted
    text = resources.key(value) if name in _KEYED else value
    wanted = Q(**{name + _LOOKUPS.get(op, ""): text})
    return ~wanted if op == "ne" else wanted


def _time(name: str, op: str, value: Any) -> Q:
    moment = resources.moment(value) if isinstance(value, str) else value
    if moment is None or not hasattr(moment, "tzinfo") or op not in _LOOKUPS or op in {"sw", "co"}:
        raise InvalidFilterException(detail="a time is compared with a time")
    return Q(**{name + _LOOKUPS[op]: moment})


__all__ = ["GROUPS", "USERS", "asked"]

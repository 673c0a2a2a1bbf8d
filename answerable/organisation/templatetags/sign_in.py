"""{% own_providers as linked %}: the providers of the reader's organisation, and whether they are bound to each."""

from typing import Any

from django import template

from answerable.organisation import providers, queries
from answerable.organisation.errors import NotFound

register = template.Library()


@register.simple_tag(takes_context=True)
def own_providers(context: template.Context) -> list[dict[str, Any]]:
    """[{"provider", "bound"}], those that are on."""
    account = context["request"].user
    try:
        organisation = queries.person_behind(account).organisation
    except NotFound:
        return []
    return [
        {"provider": one, "bound": one.subjects.filter(account=account).exists()}
        for one in providers.every(organisation, on=True)
    ]

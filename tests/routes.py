"""Every address of the site, from Django's own resolver, with real ids filled in."""

import re
from collections.abc import Iterator, Mapping, Sequence

from django.urls import URLPattern, URLResolver, get_resolver

_PLACE = re.compile(r"<(?:\w+:)?(\w+)>")


def patterns(found: Sequence[URLPattern | URLResolver] | None = None, before: str = "/") -> Iterator[str]:
    """All routes as text, with their places in angle brackets."""
    for each in get_resolver().url_patterns if found is None else found:
        route = before + str(each.pattern).removeprefix("^").rstrip("$")
        if isinstance(each, URLResolver):
            yield from patterns(each.url_patterns, route)
        else:
            yield route


def addresses(values: Mapping[str, Sequence[str]]) -> list[str]:
    """Each route with each value of its places. KeyError for a place that has no values: add them."""
    found = []
    for route in patterns():
        done = [route]
        while any(_PLACE.search(one) for one in done):
            done = [
                _PLACE.sub(value, one, count=1)
                for one in done
                for value in values[_PLACE.search(one)[1]]  # type: ignore[index]
            ]
        found += done
    return sorted(set(found))

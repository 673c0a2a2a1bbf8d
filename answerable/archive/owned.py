"""Which rows are one organisation's: by the chain of foreign keys that leads from a table to it."""

from functools import lru_cache
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import models

from answerable.organisation.models import Organisation

BY_HAND: dict[str, str | None] = {
    "archive.backup": None,
    "organisation.beat": None,
    "organisation.setup": None,
}
"""What the keys do not say: a path, or None for what belongs to the installation as a whole."""


@lru_cache(maxsize=1024)
def path_to_organisation(model: type[models.Model]) -> str | None:
    """The lookup from a row to its organisation; None for tables of the installation."""
    return _path(model, frozenset())


def _path(model: Any, seen: frozenset[Any]) -> str | None:
    label = model._meta.label_lower
    if label in BY_HAND:
        return BY_HAND[label]
    if model is Organisation:
        return "pk"
    found: list[str] = []
    keys = [field for field in model._meta.concrete_fields if isinstance(field, models.ForeignKey)]
    # Keys that may be empty come last: a row without one would be nobody's.
    for key in sorted(keys, key=lambda field: field.null):
        target: Any = key.remote_field.model
        if target in seen or target is model:
            continue
        if found and key.null:
            break
        rest = _path(target, seen | {model})
        if rest is not None:
            found.append(key.name if rest == "pk" else f"{key.name}__{rest}")
    return min(found, key=lambda path: (path.count("__"), path)) if found else None


def forget(organisation_id: UUID) -> None:
    """Delete every row of an organisation, in the caller's transaction; the database looks at the keys when it ends."""
    owned = [(model, path_to_organisation(model)) for model in apps.get_models()]
    doomed = [
        (model, list(model._base_manager.filter(**{path: organisation_id}).values_list("pk", flat=True)))
        for model, path in owned
        if path
    ]
    for model, keys in doomed:  # found before any goes: the chains of keys lead through each other
        for start in range(0, len(keys), _AT_ONCE):
            model._base_manager.filter(pk__in=keys[start : start + _AT_ONCE])._raw_delete("default")


_AT_ONCE = 500

__all__ = ["BY_HAND", "forget", "path_to_organisation"]

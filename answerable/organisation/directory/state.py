"""The directory as it stands in the database, read in two statements, with a fingerprint to know it again."""

import hashlib
import json
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from answerable.organisation.directory import bulk
from answerable.organisation.directory.planning import Stands
from answerable.organisation.models import Organisation, Role, Unit

_PEOPLE = """
SELECT p.id, p.number, p.source, p.left_at IS NULL, p.name_en, p.name_zh, p.name_written, p.name_latin, u.code,
       p.manager_id, m.number, p.email, p.phone, p.languages, p.place, p.account_id
FROM organisation_person p
LEFT JOIN organisation_unit u ON u.id = p.unit_id
LEFT JOIN organisation_person m ON m.id = p.manager_id
WHERE p.organisation_id = %s ORDER BY p.id
"""


@dataclass
class State:
    """Everybody who is or was there, the units, and the SHA-256 of it all."""

    stands: list[Stands]
    units: dict[str, tuple[str, str]]
    """Code → (name, parent's code)."""
    unit_ids: dict[str, Any]
    declared: bool
    """Whether there is a list of units, so that rows may name no others."""
    fingerprint: bytes


def read(organisation: Organisation) -> State:
    """As of now; inside a transaction that holds the lock, as of its end."""
    total = hashlib.sha256()
    roles = _roles(organisation)
    total.update(repr(sorted((str(key), each) for key, each in roles.items())).encode())
    stands = []
    for row in bulk.select(_PEOPLE, [bulk.driver_id(organisation.pk)]):
        total.update(repr(row).encode())
        (
            key,
            number,
            source,
            present,
            en,
            zh,
            name,
            latin,
            unit,
            manager,
            its_number,
            email,
            phone,
            spoken,
            place,
            account,
        ) = row
        above = its_number or (f"#{manager}" if manager else "")
        said = (name, latin, unit or "", above, email, phone, _languages(spoken), place)
        stands.append(Stands(key, number, source, bool(present), (en, zh), said, account, roles.get(key, ())))
    units: dict[str, tuple[str, str]] = {}
    ids: dict[str, Any] = {}
    declared = False
    for unit in Unit.objects.filter(organisation=organisation).select_related("parent").order_by("code"):
        units[unit.code] = (unit.name, unit.parent.code if unit.parent else "")
        ids[unit.code] = bulk.driver_id(unit.pk)
        declared = declared or unit.declared
    total.update(repr(units).encode())
    return State(stands, units, ids, declared, total.digest())


def _roles(organisation: Organisation) -> dict[Any, tuple[str, ...]]:
    held: dict[Any, tuple[str, ...]] = {}
    rows = Role.objects.filter(person__organisation=organisation).order_by("person_id", "role")
    for person, role in rows.values_list("person_id", "role"):
        key = bulk.driver_id(person)
        held[key] = (*held.get(key, ()), role)
    return held


@lru_cache(maxsize=256)
def _languages(text: str) -> tuple[str, ...]:
    return tuple(json.loads(text))

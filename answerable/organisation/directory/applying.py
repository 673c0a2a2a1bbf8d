"""Writing a plan: everything or nothing, in the caller's transaction, in an order in which no e-mail address is there twice."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.db import connection

from answerable.organisation import actions
from answerable.organisation.directory import bulk
from answerable.organisation.directory.checking import UnitRow
from answerable.organisation.directory.planning import Change, Plan, Stands, above, names
from answerable.organisation.directory.state import State
from answerable.organisation.models import Account, Invitation, Organisation, Person, Role, Unit

_WRITTEN = (
    "name_en",
    "name_zh",
    "name_written",
    "name_latin",
    "number",
    "email",
    "phone",
    "unit_id",
    "manager_id",
    "place",
    "languages",
    "source",
)


def write(
    made: Plan, organisation: Organisation, *, state: State, units: Sequence[UnitRow] | None, now: datetime
) -> None:
    """Do all that the plan says."""
    unit_ids = _write_units(made, organisation, state, units)
    _leave(made.left, now)
    again = [*made.returned, *made.moved, *made.changed]
    freed = [(each.was.key, "") for each in again if each.was.said[4] and "email" in each.fields]
    bulk.update(Person, ["email"], freed)
    _forget_old_accounts(made.returned)
    keys = {each.number: each.key for each in state.stands if each.number}
    joined = [(bulk.driver_id(uuid4()), row, said) for row, said in made.joined]
    keys.update((row.number, key) for key, row, _ in joined)
    keys.update((each.row.number, each.was.key) for each in again)

    def values(number: str, said: Sequence[Any]) -> tuple[Any, ...]:
        en, zh = names(said)
        manager = said[3][1:] if said[3].startswith("#") else keys.get(said[3])
        return (
            *(en, zh, said[0], said[1], number, said[4], said[5]),
            *(unit_ids.get(said[2]), manager, said[7], _json(said[6]), "file"),
        )

    place = bulk.driver_id(organisation.pk)
    bulk.insert(
        Person,
        ["id", "organisation_id", *_WRITTEN],
        ((key, place, *values(row.number, said)) for key, row, said in joined),
    )
    bulk.update(Person, _WRITTEN, ((each.was.key, *values(each.row.number, each.said)) for each in again))
    if made.returned:
        for part in bulk.parts(each.was.key for each in made.returned):
            Person.objects.filter(pk__in=part).update(left_at=None, roles_at_leaving=[])


def _json(languages: tuple[str, ...]) -> str:
    return json.dumps(languages)


def _write_units(
    made: Plan, organisation: Organisation, state: State, units: Sequence[UnitRow] | None
) -> dict[str, Any]:
    ids = dict(state.unit_ids)
    ids.update((code, bulk.driver_id(uuid4())) for code in made.new_units)
    listed = {each.code: each for each in units or ()}
    place = bulk.driver_id(organisation.pk)

    def line(code: str) -> tuple[Any, ...]:
        if code in listed:
            one = listed[code]
            return one.name, ids.get(one.parent), True
        over = above(code)
        return (code.rpartition("/")[2].strip() if over else code), ids.get(over[-1]) if over else None, False

    bulk.insert(
        Unit,
        ["id", "organisation_id", "code", "name", "parent_id", "declared"],
        ((ids[code], place, code, *line(code)) for code in made.new_units),
    )
    if units is not None:
        bulk.update(
            Unit,
            ["name", "parent_id", "declared"],
            ((ids[code], *line(code)) for code in listed if code not in made.new_units),
        )
    return ids


def _leave(left: Sequence[Stands], now: datetime) -> None:
    """As `actions.leave`, for many: roles, invitations, accounts and sessions end in this transaction."""
    when = Person._meta.get_field("left_at").get_db_prep_save(now, connection)
    bulk.update(
        Person, ["left_at", "roles_at_leaving"], ((each.key, when, json.dumps(each.roles)) for each in left)
    )
    for part in bulk.parts(each.key for each in left if each.roles):
        Role.objects.filter(person_id__in=part).delete()
    for part in bulk.parts(each.key for each in left):
        Invitation.objects.filter(person_id__in=part, used_at=None, withdrawn_at=None).update(
            withdrawn_at=now
        )
    accounts = [each.account for each in left if each.account is not None]
    for part in bulk.parts(accounts):
        Account.objects.filter(pk__in=part).update(is_active=False)
    actions.end_sessions_of(accounts)


def _forget_old_accounts(returned: Iterable[Change]) -> None:
    """Who comes back is invited anew: their old way in stays shut."""
    for part in bulk.parts(each.was.account for each in returned if each.was.account is not None):
        Person.objects.filter(account_id__in=part).update(account=None)
        Account.objects.filter(pk__in=part).delete()

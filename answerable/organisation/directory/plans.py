"""What administrators do with a file: have it checked and see what would change; then apply that, and nothing else, once."""

import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db import IntegrityError, transaction

from answerable.organisation import queries
from answerable.organisation.directory import applying, planning, state
from answerable.organisation.directory.checking import Known, PersonRow, UnitRow, check
from answerable.organisation.directory.faults import Fault
from answerable.organisation.errors import AlreadyThere, NotAllowed, NotFound, OrganisationError
from answerable.organisation.models import DirectoryPlan, Organisation, Person

LASTS: Final = timedelta(hours=24)
SAMPLES: Final = 20
NEEDS_SECOND: Final = "needs-second"


class DirectoryChanged(OrganisationError):
    """The directory is not as it was when the plan was shown."""


@dataclass(frozen=True)
class Prepared:
    """A stored plan, and what is wrong with the file; with faults it can't be applied."""

    plan: DirectoryPlan
    faults: list[Fault]


def prepare(
    organisation: Organisation,
    data: bytes,
    *,
    whole: bool,
    by: Person | None,
    now: datetime,
    units: bytes | None = None,
) -> Prepared:
    """Check a file against the directory and keep what it would change for LASTS. `by` is None for the operator."""
    stands = state.read(organisation)
    checked = check(data, units=units, known=_known(stands, whole=whole))
    faults, made = checked.faults, planning.Plan()
    if not faults:
        made = _planned(checked.rows, checked.given, checked.units, organisation, stands, whole=whole)
        for each in made.faults:
            faults.add(*each)
    kept = list(faults)
    summary = {
        "rows": checked.count,
        "encoding": checked.encoding,
        "faults": [list(each) for each in kept],
        "fault_count": faults.count,
    }
    tidy(now=now, organisation=organisation)
    stored = DirectoryPlan.objects.create(
        organisation=organisation,
        whole=whole,
        rows=b"" if kept else _packed(checked.rows, checked.given, checked.units),
        digest=b"" if kept else planning.digest(made),
        summary=summary | _summary(made),
        needs_second=made.needs_second,
        made_at=now,
        ends_at=now + LASTS,
        by=by,
    )
    return Prepared(stored, kept)


def apply(
    plan_id: UUID, *, organisation: Organisation, by: Person | None, digest: bytes, now: datetime
) -> None:
    """Do what was shown (`digest` says what was), all in one transaction, once.

    Raises NotFound (no such plan, or it ran out), AlreadyThere (applied before), NotAllowed (a second administrator must do
    it), DirectoryChanged (somebody changed the directory since).
    """
    found = find(organisation, plan_id, now=now)
    if found.applied_at is not None:
        raise AlreadyThere(f"directory plan {found.pk}")
    if not found.rows or bytes(found.digest) != digest:
        raise DirectoryChanged(f"directory plan {found.pk}")
    if found.needs_second and (by is None or by.pk == found.by_id):
        raise NotAllowed(NEEDS_SECOND)
    rows, given, units = _unpacked(bytes(found.rows))
    before = state.read(
        organisation
    )  # planned outside the lock: it takes seconds, and reports want to be written
    made = _planned(rows, given, units, organisation, before, whole=found.whole)
    if planning.digest(made) != digest:
        raise DirectoryChanged(f"directory plan {found.pk}")
    try:
        with transaction.atomic():
            Organisation.objects.select_for_update().get(pk=organisation.pk)
            won = DirectoryPlan.objects.filter(pk=found.pk, applied_at=None).update(
                applied_at=now, applied_by=by, rows=b""
            )
            if not won:
                raise AlreadyThere(f"directory plan {found.pk}")
            if by is not None and "administrator" not in queries.roles_of(by):
                raise NotAllowed("not-an-administrator")
            if state.read(organisation).fingerprint != before.fingerprint:
                raise DirectoryChanged(f"directory plan {found.pk}")
            applying.write(made, organisation, state=before, units=units, now=now)
    except IntegrityError:
        raise DirectoryChanged(f"directory plan {found.pk}") from None


def find(organisation: Organisation, plan_id: UUID, *, now: datetime) -> DirectoryPlan:
    """A plan of this organisation that was applied or still can be; or NotFound."""
    found = (
        DirectoryPlan.objects.filter(organisation=organisation, pk=plan_id)
        .select_related("by", "applied_by", "organisation")
        .first()
    )
    if found is None or (found.applied_at is None and found.ends_at <= now):
        raise NotFound(f"directory plan {plan_id}")
    return found


def waiting(organisation: Organisation, *, now: datetime) -> list[DirectoryPlan]:
    """Plans that wait for a second administrator, newest first."""
    return list(
        DirectoryPlan.objects.filter(
            organisation=organisation, needs_second=True, applied_at=None, ends_at__gt=now
        )
        .defer("rows")
        .select_related("by")
        .order_by("-made_at")
    )


def last(organisation: Organisation) -> DirectoryPlan | None:
    """The plan that was applied last."""
    applied = DirectoryPlan.objects.filter(organisation=organisation).exclude(applied_at=None)
    return applied.select_related("applied_by").order_by("-applied_at").first()


def faults_of(plan: DirectoryPlan) -> list[Fault]:
    """What was wrong with the file."""
    return [Fault(*each) for each in plan.summary["faults"]]


def tidy(*, now: datetime, organisation: Organisation | None = None) -> None:
    """Plans that ran out are forgotten, with the rows of the file in them."""
    old = DirectoryPlan.objects.filter(applied_at=None, ends_at__lte=now)
    (old if organisation is None else old.filter(organisation=organisation)).delete()


def _known(stands: state.State, *, whole: bool) -> Known:
    """Managers who stay whatever the file says; for an addition everyone who is there."""
    return Known(
        managers={
            each.number: each.said[3]
            for each in stands.stands
            if each.number and each.present and not (whole and each.source == "file")
        },
        units=_unit_words(stands) if stands.declared else None,
    )


def _unit_words(stands: state.State) -> dict[str, str]:
    by_name: dict[str, str] = {}
    for code, (name, _) in stands.units.items():
        by_name[name] = "" if name in by_name else code
    return {**{name: code for name, code in by_name.items() if code}, **{code: code for code in stands.units}}


def _planned(
    rows: Sequence[PersonRow],
    given: frozenset[str],
    units: Sequence[UnitRow] | None,
    organisation: Organisation,
    stands: state.State,
    *,
    whole: bool,
) -> planning.Plan:
    return planning.plan(
        rows,
        given,
        whole=whole,
        stands=stands.stands,
        languages=tuple(organisation.languages),
        units=units,
        units_now=stands.units,
    )


def _packed(rows: Sequence[PersonRow], given: frozenset[str], units: Sequence[UnitRow] | None) -> bytes:
    return zlib.compress(json.dumps([rows, sorted(given), units], ensure_ascii=False).encode(), 1)


def _unpacked(packed: bytes) -> tuple[list[PersonRow], frozenset[str], list[UnitRow] | None]:
    rows, given, units = json.loads(zlib.decompress(packed))
    people = [PersonRow._make((*each[:8], tuple(each[8]), each[9])) for each in rows]
    return people, frozenset(given), None if units is None else [UnitRow(*each) for each in units]


def _summary(made: planning.Plan) -> dict[str, Any]:
    """Counts, the first of each kind by name, and everyone with a role who leaves."""

    def of(names: tuple[str, str], number: str, note: str = "") -> dict[str, str]:
        return {"en": names[0], "zh": names[1], "number": number, "note": note}

    changes = {"returned": made.returned, "moved": made.moved, "changed": made.changed}
    return {
        "counts": {
            "joined": len(made.joined),
            **{kind: len(each) for kind, each in changes.items()},
            "left": len(made.left),
            "unchanged": made.unchanged,
            "elsewhere": made.elsewhere,
            "units": len(made.new_units),
        },
        "nothing": made.nothing,
        "present_before": made.present_before,
        "samples": {
            "joined": [of(planning.names(said), row.number, row.unit) for row, said in made.joined[:SAMPLES]],
            **{
                kind: [
                    of(planning.names(one.said), one.row.number, ", ".join(one.fields))
                    for one in each[:SAMPLES]
                ]
                for kind, each in changes.items()
            },
            "left": [of(each.shown, each.number, each.said[2]) for each in made.left[:SAMPLES]],
            "units": made.new_units[:SAMPLES],
        },
        "left_with_roles": [
            of(each.shown, each.number) | {"roles": list(each.roles)} for each in made.left if each.roles
        ],
        "kept": [of(each.shown, each.number) for each in made.kept],
    }

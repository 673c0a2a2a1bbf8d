"""An upload's check and its applying, kept from the web process: large ones run in a process of their own, one at a time.

With 250,000 people a check holds some hundred megabytes for half a minute. A process that ends gives all of it back; one that
dies or takes too long changes nothing, since everything is one transaction. Small ones run where they are.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from tempfile import TemporaryFile
from typing import IO, Any, Final
from uuid import UUID

from django.core.cache import cache
from django.core.files.uploadedfile import UploadedFile

from answerable.organisation import errors, queries
from answerable.organisation.directory import plans
from answerable.organisation.errors import OrganisationError
from answerable.organisation.models import DirectoryPlan, Organisation, Person

__all__ = ["Occupied", "Unfinished", "apply", "prepare", "run"]

SMALL: Final = 20_000
"""People of directory and file together that are still looked at in the web process."""
LONGEST: Final = 600  # seconds
_ROW: Final = 60  # bytes that a row takes at least
_CHILD: Final = "answerable.organisation.directory.child"
_LOCK: Final = "people-import"
_REFUSALS: Final[Mapping[str, type[OrganisationError]]] = {
    "DirectoryChanged": plans.DirectoryChanged,
    "AlreadyThere": errors.AlreadyThere,
    "NotAllowed": errors.NotAllowed,
    "NotFound": errors.NotFound,
}


class Occupied(OrganisationError):
    """Somebody's file is being worked on just now."""


class Unfinished(OrganisationError):
    """The process of its own ended without a word, or took too long. Nothing was changed."""


def prepare(
    organisation: Organisation,
    people: UploadedFile,
    *,
    units: UploadedFile | None,
    whole: bool,
    by: Person,
    now: datetime,
) -> UUID:
    """Check a file, as `plans.prepare`; the id of the plan. Raises Occupied, Unfinished."""
    size = int(people.size or 0) + int((units.size if units else 0) or 0)
    with _alone():
        if queries.how_many(organisation) + size // _ROW <= SMALL:
            listed = units.read() if units else None
            return plans.prepare(
                organisation, people.read(), units=listed, whole=whole, by=by, now=now
            ).plan.pk
        said = _aside(
            {
                "do": "prepare",
                "organisation": str(organisation.pk),
                "by": str(by.pk),
                "now": now.isoformat(),
                "whole": whole,
                "people": people.size,
                "units": units.size if units else None,
            },
            people,
            units,
        )
    return UUID(said["plan"])


def apply(
    plan: DirectoryPlan, *, organisation: Organisation, by: Person, digest: bytes, now: datetime
) -> None:
    """Do what was shown, as `plans.apply`, with what that raises. Raises Occupied and Unfinished, too."""
    changes = sum(int(count) for count in plan.summary["counts"].values())
    with _alone():
        if queries.how_many(organisation) + changes <= SMALL:
            plans.apply(plan.pk, organisation=organisation, by=by, digest=digest, now=now)
            return
        said = _aside(
            {
                "do": "apply",
                "organisation": str(organisation.pk),
                "by": str(by.pk),
                "now": now.isoformat(),
                "plan": str(plan.pk),
                "digest": digest.hex(),
            }
        )
    if "refused" in said:
        raise _REFUSALS[said["refused"]](said["why"])


@contextmanager
def _alone() -> Iterator[None]:
    if not cache.add(_LOCK, 1, timeout=LONGEST + 60):
        raise Occupied("people from a file")
    try:
        yield
    finally:
        cache.delete(_LOCK)


def _aside(order: Mapping[str, Any], *files: UploadedFile | None) -> dict[str, Any]:
    with TemporaryFile() as given:
        given.write(json.dumps(order).encode() + b"\n")
        for file in files:
            for part in file.chunks() if file else ():
                given.write(part)
        given.seek(0)
        try:
            done = subprocess.run(
                [sys.executable, "-m", _CHILD],
                stdin=given,
                capture_output=True,
                check=True,
                timeout=LONGEST,
            )
            found: dict[str, Any] = json.loads(done.stdout)
        except (subprocess.SubprocessError, OSError, ValueError):
            raise Unfinished(str(order["do"])) from None
    return found


def run(given: IO[bytes]) -> dict[str, Any]:
    """What the process of its own does: an order in one line of JSON, then the files. The answer as JSON."""
    order = json.loads(given.readline())
    organisation = Organisation.objects.get(pk=order["organisation"])
    by, now = Person.objects.get(pk=order["by"]), datetime.fromisoformat(order["now"])
    if order["do"] == "prepare":
        people = given.read(order["people"])
        units = given.read(order["units"]) if order["units"] is not None else None
        made = plans.prepare(organisation, people, units=units, whole=order["whole"], by=by, now=now)
        return {"plan": str(made.plan.pk)}
    return _or_refused(
        lambda: plans.apply(
            UUID(order["plan"]),
            organisation=organisation,
            by=by,
            digest=bytes.fromhex(order["digest"]),
            now=now,
        )
    )


def _or_refused(act: Callable[[], None]) -> dict[str, Any]:
    try:
        act()
    except tuple(_REFUSALS.values()) as refused:
        return {"refused": type(refused).__name__, "why": str(refused)}
    return {"done": True}

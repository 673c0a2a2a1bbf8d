"""Reading rosters and keys. A roster's text never changes, so what was parsed of it is kept by its hash."""

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from answerable_protocol import note
from answerable_protocol.encoding import id_bytes, id_text
from answerable_protocol.roster import Roster, parse_text

from answerable.ledger import rows
from answerable.organisation import queries as organisations
from answerable.organisation.models import KEYED_ROLES, Organisation, Person
from answerable.roster import rules
from answerable.roster.models import HandlerKey, RosterDraft, RosterVersion, WrappedKey


@dataclass(frozen=True, slots=True)
class Known:
    """What checks ask of a logged roster: the ids on it, of those with a key, of external members; signing keys by id."""

    roster: Roster
    note: str
    log_index: int
    everyone: frozenset[str]
    keyed: frozenset[str]
    externals: frozenset[str]
    sign: Mapping[str, bytes]


_parsed: dict[tuple[UUID, bytes], Known] = {}
_guard = threading.Lock()
_MOST = 1000


def _known(version: RosterVersion) -> Known:
    sha256 = bytes(version.sha256)
    found = _parsed.get((version.organisation_id, sha256))
    if found is None:
        roster = parse_text(note.parse(version.note.encode()).text)
        sign = {each.id: each.sign for each in roster.members if each.sign is not None}
        found = Known(
            roster=roster,
            note=version.note,
            log_index=version.log_index,
            everyone=frozenset(each.id for each in roster.members),
            keyed=frozenset(sign),
            externals=roster.externals(),
            sign=sign,
        )
        with _guard:
            if len(_parsed) >= _MOST:
                _parsed.clear()
            _parsed[version.organisation_id, sha256] = found
    return found


def forget() -> None:
    """Drop what is kept, between tests."""
    _parsed.clear()


def _newest(organisation_id: UUID) -> RosterVersion | None:
    return RosterVersion.objects.filter(organisation_id=organisation_id).order_by("-chain", "-number").first()


def current(organisation_id: UUID) -> Known | None:
    """The newest logged roster, or None before the first."""
    found = _newest(organisation_id)
    return _known(found) if found else None


def current_hashes(organisation_ids: Iterable[UUID]) -> dict[UUID, bytes]:
    """The SHA-256 of the newest roster's text of each of these organisations that has one."""
    wanted = set(organisation_ids)
    columns = ["organisation_id", "chain", "number", "sha256"]
    found = sorted(rows.among(RosterVersion, "organisation_id", wanted, columns), key=lambda row: row[1:3])
    return {UUID(str(organisation)): bytes(sha256) for organisation, _, _, sha256 in found}


def by_hash(organisation_id: UUID, sha256: bytes) -> Known | None:
    """The logged roster of this organisation whose text has this SHA-256."""
    known = _parsed.get((organisation_id, sha256))
    if known is not None:
        return known
    found = RosterVersion.objects.filter(organisation_id=organisation_id, sha256=sha256).first()
    return _known(found) if found else None


def signing_key(organisation_id: UUID, person: str) -> bytes | None:
    """The key of this handler (id text) on the newest roster; None if there is none."""
    found = current(organisation_id)
    return found.sign.get(person) if found else None


def chain(organisation_id: UUID) -> list[str]:
    """The notes of the present chain, oldest first."""
    newest = _newest(organisation_id)
    if newest is None:
        return []
    of_chain = RosterVersion.objects.filter(organisation_id=organisation_id, chain=newest.chain).order_by(
        "number"
    )
    return list(of_chain.values_list("note", flat=True))


def new_chain_until(organisation_id: UUID, now: datetime) -> datetime | None:
    """Until when the reporter's page says that a new chain was started."""
    newest = _newest(organisation_id)
    if newest is None or newest.chain == 0:
        return None
    first = RosterVersion.objects.get(organisation_id=organisation_id, chain=newest.chain, number=0)
    return rules.new_chain_until(newest.chain, first.published_at, now)


def gone(organisation_id: UUID) -> list[str]:
    """Who stands on the newest roster and is not here any more, or not in a role that reads or oversees. Sorted id texts."""
    found = current(organisation_id)
    if found is None:
        return []
    here = organisations.hold_one_of([uuid_of(each) for each in found.everyone], *KEYED_ROLES, "overseer")
    return sorted(each for each in found.everyone if uuid_of(each) not in here)


def first_of_chain(organisation_id: UUID) -> Roster | None:
    """The roster that the present chain began with: what posters name."""
    newest = _newest(organisation_id)
    if newest is None:
        return None
    return _known(
        RosterVersion.objects.get(organisation_id=organisation_id, chain=newest.chain, number=0)
    ).roster


def chain_number(organisation_id: UUID) -> int | None:
    """The number of the present chain."""
    newest = _newest(organisation_id)
    return newest.chain if newest else None


def key_of(person: Person) -> HandlerKey | None:
    """Somebody's current key."""
    return HandlerKey.objects.filter(person=person, retired_at=None).first()


def wrapped_of(person: Person) -> list[WrappedKey]:
    """The ways to unlock somebody's current key, oldest first."""
    return list(
        WrappedKey.objects.filter(key__person=person, key__retired_at=None).order_by("created_at", "id")
    )


def current_keys(organisation: Organisation) -> dict[str, HandlerKey]:
    """The current keys of those present, by id text."""
    found = HandlerKey.objects.filter(
        person__organisation=organisation, person__left_at=None, retired_at=None
    ).select_related("person")
    return {id_text(each.person_id.bytes): each for each in found}


def current_signs(organisation: Organisation) -> dict[str, str]:
    """The signing keys (base64url) of those present, by id text."""
    return {person: key.sign for person, key in current_keys(organisation).items()}


def keyholders() -> dict[UUID, UUID]:
    """Everyone who ever published a key, in all organisations: person to organisation."""
    rows = HandlerKey.objects.values_list("person_id", "person__organisation_id").distinct()
    return dict(rows)


def draft(organisation: Organisation) -> RosterDraft | None:
    """The draft that waits for signatures."""
    return RosterDraft.objects.filter(organisation=organisation).first()


def candidates(organisation: Organisation) -> list[dict[str, Any]]:
    """Everyone who could stand on a roster, with the keys they have now; not all of them are in a logged one yet."""
    keys = current_keys(organisation)
    found = []
    for person in organisations.people_with(organisation, *KEYED_ROLES, "overseer"):
        identifier = id_text(person.pk.bytes)
        key = keys.get(identifier)
        role = roster_role(organisations.roles_of(person))
        found.append(
            {
                "id": identifier,
                "name": person.name,
                "duty": person.duty,
                "role": role,
                "languages": list(person.languages),
                "recipient": key.recipient if key and role != "overseer" else None,
                "sign": key.sign if key and role != "overseer" else None,
            }
        )
    return found


def roster_role(held: Iterable[str]) -> str | None:
    """The role somebody has on a roster: who is outside is external before anything else; overseers read nothing."""
    roles = set(held)
    return next((role for role in ("external", "lead", "handler", "overseer") if role in roles), None)


def uuid_of(identifier: str) -> UUID:
    """The UUID of an id text that was checked before."""
    return UUID(bytes=id_bytes(identifier))

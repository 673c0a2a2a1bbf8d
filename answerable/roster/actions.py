"""Registering keys, and the roster's way from a draft over signatures into the log."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from answerable_protocol import ed25519, note, recipient
from answerable_protocol import roster as rosters
from answerable_protocol.encoding import base64url_decode, base64url_encode, canonical, id_text
from answerable_protocol.errors import ProtocolError
from django.db import IntegrityError, transaction

from answerable.ledger import actions as ledger
from answerable.ledger.actions import NewLeaf
from answerable.notices import actions as notices
from answerable.organisation import queries as organisations
from answerable.organisation.models import KEYED_ROLES, Organisation, Person
from answerable.roster import chains, queries, rules
from answerable.roster.errors import (
    BadKey,
    BadRoster,
    BadRosterSignature,
    KeyInUse,
    NotADraft,
    NotKeyed,
)
from answerable.roster.models import HandlerKey, RosterDraft, RosterVersion, WrappedKey

MOST_WRAPPED = 10
MOST_WRAPPED_FILE = 16 * 1024
_AGE = b"age-encryption.org/v1\n-> "


@dataclass(frozen=True, slots=True)
class Wrapped:
    """One way to unlock a key. `file` is an age file that the server can't open."""

    kind: str
    label: str
    file: bytes
    credential: str | None = None


def _check_wrapped(wrapped: Wrapped) -> None:
    if wrapped.kind not in {"passphrase", "passkey"} or not 0 < len(wrapped.label) <= 100:
        raise BadKey("kind or label")
    if not wrapped.file.startswith(_AGE) or len(wrapped.file) > MOST_WRAPPED_FILE:
        raise BadKey("not an age file")
    # age files with a scrypt stanza open with a passphrase; PROTOCOLS 2.2 wants it alone and its factor at most 18.
    first = wrapped.file[len(_AGE) :].split(b"\n", 1)[0].split(b" ")
    if wrapped.kind == "passphrase" and (
        first[0] != b"scrypt" or len(first) != 3 or first[2] not in {b"16", b"17", b"18"}
    ):
        raise BadKey("a passphrase file has one scrypt stanza")
    if wrapped.kind == "passkey" and first[0] == b"scrypt":
        raise BadKey("a passkey file has no scrypt stanza")
    if (wrapped.kind == "passkey") != (wrapped.credential is not None) or len(
        wrapped.credential or ""
    ) > 2000:
        raise BadKey("credential")


@transaction.atomic
def register_key(
    person: Person, *, recipient_text: str, sign: str, wrapped: Sequence[Wrapped], now: datetime
) -> HandlerKey:
    """Make this somebody's key from now on; an older one retires. It can be sealed to once a logged roster has it.

    Raises NotKeyed for a role that reads nothing, BadKey for anything but hybrid keys with wrapped files.
    """
    roles = organisations.roles_of(person)
    if roles.isdisjoint(KEYED_ROLES) or "administrator" in roles:
        raise NotKeyed(f"person {person.pk}")
    try:
        recipient.check(recipient_text)
        ed25519.check_public(base64url_decode(sign, 32))
    except ProtocolError:
        raise BadKey("recipient or signing key") from None
    if not 0 < len(wrapped) <= MOST_WRAPPED:
        raise BadKey("no way to unlock it")
    replaced = HandlerKey.objects.filter(person=person, retired_at=None).update(retired_at=now)
    try:
        with transaction.atomic():
            key = HandlerKey.objects.create(person=person, recipient=recipient_text, sign=sign, since=now)
    except IntegrityError:
        raise BadKey("this key was used before") from None
    for each in wrapped:
        _add(key, each, now)
    if replaced:
        # Whoever got hold of an account can do this; everyone who reads, its true owner too, hears of it.
        readers = organisations.people_with(person.organisation, *KEYED_ROLES)
        notices.post(
            person.organisation,
            [each.pk for each in readers],
            kind="new-key",
            event=f"new-key:{key.pk}",
            now=now,
        )
    return key


def _add(key: HandlerKey, wrapped: Wrapped, now: datetime) -> WrappedKey:
    _check_wrapped(wrapped)
    return WrappedKey.objects.create(
        key=key,
        kind=wrapped.kind,
        label=wrapped.label,
        file=wrapped.file,
        credential=wrapped.credential,
        created_at=now,
    )


@transaction.atomic
def add_wrapped(person: Person, wrapped: Wrapped, *, now: datetime) -> WrappedKey:
    """Another way to unlock the current key. Raises BadKey."""
    key = HandlerKey.objects.select_for_update().filter(person=person, retired_at=None).first()
    if key is None or key.wrapped.count() >= MOST_WRAPPED:
        raise BadKey("no key, or too many ways to unlock it")
    return _add(key, wrapped, now)


@transaction.atomic
def remove_wrapped(person: Person, wrapped_id: UUID) -> None:
    """Take one way to unlock away; the last one stays. Raises BadKey if it is not this person's, KeyInUse."""
    key = HandlerKey.objects.select_for_update().filter(person=person, retired_at=None).first()
    if key is None or not key.wrapped.filter(pk=wrapped_id).exists():
        raise BadKey("no such file")
    if key.wrapped.count() == 1:
        raise KeyInUse(f"key {key.pk}")
    key.wrapped.filter(pk=wrapped_id).delete()


@transaction.atomic
def publish_first(organisation: Organisation, signed_note: str, *, now: datetime) -> RosterVersion:
    """Log the roster that begins a chain: signed by everyone on it, and only where no chain can go on.

    Raises BadRoster.
    """
    _lock(organisation)
    before = queries.current(organisation.pk)
    if before is not None and not rules.is_stuck(before.roster, queries.current_signs(organisation)):
        raise BadRoster("the present chain can go on")
    try:
        roster = rosters.verify_first(signed_note.encode(), organisation.origin)
    except ProtocolError as error:
        raise BadRoster(type(error).__name__) from None
    _check_members(organisation, roster)
    number = queries.chain_number(organisation.pk)
    return _publish(organisation, roster, signed_note, chain=0 if number is None else number + 1, now=now)


@transaction.atomic
def publish_next(organisation: Organisation, signed_note: str, *, now: datetime) -> RosterVersion:
    """Log the roster that follows the present one. Raises BadRoster."""
    _lock(organisation)
    before = queries.current(organisation.pk)
    if before is None:
        raise BadRoster("there is no roster to follow")
    try:
        roster = rosters.verify_next(signed_note.encode(), before.roster, organisation.origin)
    except ProtocolError as error:
        raise BadRoster(type(error).__name__) from None
    _check_members(organisation, roster)
    chain = queries.chain_number(organisation.pk)
    return _publish(organisation, roster, signed_note, chain=chain or 0, now=now)


@transaction.atomic
def propose(person: Person, text: str, *, now: datetime) -> RosterDraft:
    """Make `text` the draft that gathers signatures, in the place of another draft. Raises BadRoster or NotKeyed.

    Who proposes holds a key: on the present roster, or on the draft itself where a chain begins.
    """
    organisation = person.organisation
    _lock(organisation)
    try:
        roster = rosters.parse_text(text)
    except ProtocolError:
        raise BadRoster("unreadable") from None
    chain, entitled = _follows(organisation, roster)
    _check_members(organisation, roster)
    proposer = id_text(person.pk.bytes)
    if queries.current_signs(organisation).get(proposer) != _sign_of(entitled, proposer):
        raise NotKeyed(f"person {person.pk}")
    existing = queries.draft(organisation)
    if existing is not None and existing.text == text and not chains.is_refused(existing):
        return existing
    RosterDraft.objects.filter(organisation=organisation).delete()
    made = RosterDraft.objects.create(
        organisation=organisation,
        chain=chain,
        number=roster.number,
        text=text,
        proposed_by=person,
        proposed_at=now,
    )
    if chain:
        chains.announce(made, roster, now)
    others = [queries.uuid_of(each.id) for each in entitled.handlers() if each.id != proposer]
    here = [each for each in organisations.people_with(organisation, *KEYED_ROLES) if each.pk in others]
    notices.post(
        organisation,
        [each.pk for each in here],
        kind="roster-draft",
        event=f"roster-draft:{base64url_encode(roster.sha256)}",
        now=now,
    )
    return made


def _follows(organisation: Organisation, roster: rosters.Roster) -> tuple[int, rosters.Roster]:
    """The chain a draft is for, and the roster whose handlers sign it."""
    if roster.org != organisation.slug:
        raise BadRoster("made for another organisation")
    before = queries.current(organisation.pk)
    chain = queries.chain_number(organisation.pk)
    if before is None or chain is None:
        if roster.number:
            raise BadRoster("the first roster has number 0")
        return 0, roster
    if roster.number == 0:
        if not rules.is_stuck(before.roster, queries.current_signs(organisation)):
            raise BadRoster("the present chain can go on")
        return chain + 1, roster
    if roster.number != before.roster.number + 1 or roster.previous != before.roster.sha256:
        raise BadRoster("does not follow the present roster")
    return chain, before.roster


def _sign_of(roster: rosters.Roster, identifier: str) -> str:
    """The signing key of this id on `roster`, as text; never equal to "no key"."""
    for each in roster.handlers():
        if each.id == identifier and each.sign is not None:
            return base64url_encode(each.sign)
    return "-"


def _check_members(organisation: Organisation, roster: rosters.Roster) -> None:
    """Everyone on it is of this organisation, in the role they have, under their name, with the key they have now."""
    if roster.org != organisation.slug:
        raise BadRoster("made for another organisation")
    people = {each["id"]: each for each in queries.candidates(organisation)}
    for each in roster.members:
        person = people.get(each.id)
        if person is None or person["role"] != each.role or person["name"] != dict(each.name):
            raise BadRoster("names somebody who is not there, or not in that role")
        sign = None if each.sign is None else base64url_encode(each.sign)
        if (person["recipient"], person["sign"]) != (each.recipient, sign):
            raise BadRoster("names a key that is not that person's")


@transaction.atomic
def sign(person: Person, number: int, line: str, *, now: datetime) -> RosterVersion | None:
    """Add somebody's signature line to the draft of this number; with the last one needed the roster is logged.

    Raises NotADraft, BadRosterSignature.
    """
    organisation = person.organisation
    _lock(organisation)
    draft = queries.draft(organisation)
    if draft is None or draft.number != number:
        raise NotADraft(f"number {number}")
    roster = rosters.parse_text(draft.text)
    _, entitled = _follows(organisation, roster)
    signer = id_text(person.pk.bytes)
    line = line.removesuffix("\n") + "\n"
    try:
        parsed = rosters.assemble(draft.text, [line])
        signed = [each.id for each in rosters.signers(parsed, entitled, organisation.origin)]
        lines = len(note.parse(parsed).signatures)
    except ProtocolError:
        raise BadRosterSignature(f"person {person.pk}") from None
    if signed != [signer] or lines != 1:
        raise BadRosterSignature(f"person {person.pk}")
    draft.signatures[signer] = line
    draft.save(update_fields=["signatures"])
    return _log_when_ready(draft, roster, None if entitled is roster else entitled, now)


def _log_when_ready(
    draft: RosterDraft, roster: rosters.Roster, before: rosters.Roster | None, now: datetime
) -> RosterVersion | None:
    """Log the draft if it has its signatures and, where it begins a new chain, has waited or was confirmed."""
    if rules.needs(roster, before, draft.signatures.keys()):
        return None
    if before is None and draft.chain and not chains.may_start(draft, now):
        return None
    whole = rosters.assemble(draft.text, _ordered(draft.signatures)).decode()
    return (publish_first if before is None else publish_next)(draft.organisation, whole, now=now)


def start_chains(now: datetime) -> int:
    """Log the first rosters of new chains whose time of waiting is over; how many."""
    started = 0
    for draft in RosterDraft.objects.filter(chain__gt=0, number=0).select_related("organisation"):
        with suppress(BadRoster), transaction.atomic():
            started += start_chain(draft.organisation, now) is not None
    return started


@transaction.atomic
def start_chain(organisation: Organisation, now: datetime) -> RosterVersion | None:
    """Log the first roster of a new chain if all on it have signed and it may begin. Raises BadRoster."""
    _lock(organisation)
    draft = queries.draft(organisation)
    if draft is None or not draft.chain or draft.number:
        return None
    return _log_when_ready(draft, rosters.parse_text(draft.text), None, now)


def _ordered(signatures: Mapping[str, str]) -> list[str]:
    return [signatures[each] for each in sorted(signatures)]


def _publish(
    organisation: Organisation, roster: rosters.Roster, signed_note: str, *, chain: int, now: datetime
) -> RosterVersion:
    payload = canonical(
        {"number": roster.number, "org": roster.org, "roster": base64url_encode(roster.sha256)}
    )
    [entry] = ledger.append(organisation, [NewLeaf("roster.updated", payload, None)], now)
    RosterDraft.objects.filter(organisation=organisation).delete()
    handlers = [queries.uuid_of(each.id) for each in roster.handlers()]
    notices.post(
        organisation,
        handlers,
        kind="roster-updated",
        event=f"roster-updated:{base64url_encode(roster.sha256)}",
        now=now,
    )
    return RosterVersion.objects.create(
        organisation=organisation,
        chain=chain,
        number=roster.number,
        sha256=roster.sha256,
        note=signed_note,
        log_index=entry.index,
        published_at=now,
    )


def _lock(organisation: Organisation) -> None:
    """One change of the roster at a time."""
    Organisation.objects.select_for_update().get(pk=organisation.pk)

"""Rosters (spec/roster.md): who can be sealed to, as a chain of signed notes.

- The first roster (number 0) is signed by everyone on it but overseers.
- Each later one is signed by two handlers of the one before, one of them external if that had any, and names the hash
  of its text. Handlers, leads and external members all count as handlers; overseers have no key.
- Administrators hold no roster key: nobody but those who read can add a reader.
- The page follows the chain from the first roster, which a poster's `#r=` names.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, Final

from answerable_protocol import ed25519, fields, note, recipient, words
from answerable_protocol.encoding import (
    base64_decode,
    base64_encode,
    base64url_decode,
    base64url_encode,
    canonical,
    date_text,
    id_bytes,
    is_org,
    parse_object,
    sha256,
)
from answerable_protocol.errors import InvalidSignature, NotProven, UnknownKey, Unreadable

__all__ = [
    "ROLES",
    "Member",
    "Roster",
    "anchor",
    "assemble",
    "check_anchor",
    "fingerprint",
    "parse",
    "parse_text",
    "sign",
    "signers",
    "text",
    "verify_chain",
    "verify_first",
    "verify_next",
]

ROLES: Final = ("handler", "lead", "external", "overseer")
MOST_MEMBERS: Final = 500
_FIRST: Final = "answerable/roster/v1"
_NUMBER = re.compile(r"0|[1-9][0-9]{0,8}")


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody on the roster. `recipient` and `sign` (32 bytes) are None for overseers, and only for them."""

    id: str
    name: Mapping[str, str]
    duty: Mapping[str, str]
    languages: tuple[str, ...]
    role: str
    recipient: str | None
    sign: bytes | None
    since: date


@dataclass(frozen=True)
class Roster:
    """A roster that was read. `text` is what is signed and hashed; `previous` the hash before it, None for number 0."""

    org: str
    number: int
    previous: bytes | None
    members: tuple[Member, ...]
    text: str

    @cached_property
    def sha256(self) -> bytes:
        """SHA-256 of the text: what manifests, the next roster and the log name this roster by."""
        return sha256(self.text.encode())

    def member(self, identifier: str) -> Member:
        """The member of this id (22 characters). Raises NotProven if there is none."""
        for each in self.members:
            if each.id == identifier:
                return each
        raise NotProven("that id is not on the roster")

    def handlers(self) -> tuple[Member, ...]:
        """All who have keys: handlers, leads and external members."""
        return tuple(each for each in self.members if each.sign is not None)

    def externals(self) -> frozenset[str]:
        """The ids of the external members."""
        return frozenset(each.id for each in self.members if each.role == "external")


def _member_json(member: Member) -> dict[str, Any]:
    return {
        "id": member.id,
        "name": dict(member.name),
        "duty": dict(member.duty),
        "languages": list(member.languages),
        "role": member.role,
        "recipient": member.recipient,
        "sign": None if member.sign is None else base64url_encode(member.sign),
        "from": date_text(member.since),
    }


def text(org: str, number: int, previous: bytes | None, members: Sequence[Member]) -> str:
    """The text of a roster. Raises Unreadable if it could not be parsed again."""
    lines = [
        _FIRST,
        org,
        str(number),
        "-" if previous is None else base64_encode(previous),
        *(canonical(_member_json(each)).decode() for each in members),
    ]
    written = "\n".join(lines) + "\n"
    parse_text(written)
    return written


def _member(line: str) -> Member:
    members = parse_object(line.encode())
    role = fields.short_text(members, "role")
    if role not in ROLES:
        raise Unreadable("there is no such role on a roster")
    languages = fields.listing(members, "languages", 20)
    if not all(isinstance(each, str) and 0 < len(each) <= 35 and each.isascii() for each in languages):
        raise Unreadable("the languages of somebody on the roster are not language codes")
    address, key = fields.member(members, "recipient"), fields.member(members, "sign")
    if (role == "overseer") != (address is None) or (address is None) != (key is None):
        raise Unreadable("everyone on the roster but overseers has both keys, and overseers have none")
    if address is not None and not isinstance(address, str):
        raise Unreadable("a recipient on the roster is not a text")
    return Member(
        id=fields.identifier(members, "id"),
        name=fields.bilingual(members, "name"),
        duty=fields.bilingual(members, "duty"),
        languages=tuple(languages),
        role=role,
        recipient=None if address is None else recipient.check(address),
        sign=None if key is None else _signing_key(members),
        since=fields.day(members, "from"),
    )


def _signing_key(members: dict[str, Any]) -> bytes:
    try:
        return ed25519.check_public(fields.binary(members, "sign", 32))
    except InvalidSignature:
        raise Unreadable("a signing key on the roster is not a key that anybody can sign with") from None


def parse_text(written: str) -> Roster:
    """The roster in the text of a note. Raises Unreadable."""
    try:
        written.encode()
    except UnicodeEncodeError:
        raise Unreadable("a roster holds half a character") from None
    lines = written.split("\n")
    if len(lines) < 6 or lines[-1] or lines[0] != _FIRST or not is_org(lines[1]):
        raise Unreadable("this is not a roster")
    if not _NUMBER.fullmatch(lines[2]) or (lines[2] == "0") != (lines[3] == "-"):
        raise Unreadable("the number of a roster is not a number, or does not fit the hash before it")
    if len(lines) - 5 > MOST_MEMBERS:
        raise Unreadable("a roster has too many members")
    members = tuple(_member(line) for line in lines[4:-1])
    for values in ([each.id for each in members], [each.sign for each in members if each.sign is not None]):
        if len(set(values)) != len(values):
            raise Unreadable("somebody stands twice on the roster, or two share a key")
    previous = None if lines[3] == "-" else base64_decode(lines[3], 32)
    return Roster(lines[1], int(lines[2]), previous, members, written)


def parse(data: bytes) -> Roster:
    """The roster in a signed note, its signatures not looked at. Raises Unreadable."""
    return parse_text(note.parse(data).text)


def _key(origin: str, member: Member) -> note.Key:
    if member.sign is None:
        raise UnknownKey("overseers hold no key")
    return note.Key(f"{origin}/handler/{member.id}", note.ED25519, member.sign)


def sign(written: str, origin: str, identifier: str, signer: ed25519.Signer) -> str:
    """A handler's signature line over a roster's text; key name `<origin>/handler/<id>`."""
    id_bytes(identifier)
    return note.sign(written, f"{origin}/handler/{identifier}", signer)


def assemble(written: str, lines: Sequence[str]) -> bytes:
    """The roster as a signed note."""
    return note.assemble(written, lines)


def signers(data: bytes, signed_by: Roster, origin: str) -> tuple[Member, ...]:
    """Those of `signed_by` who validly signed this note; may be nobody. Raises InvalidSignature for a wrong one."""
    by_key = {_key(origin, each): each for each in signed_by.handlers()}
    try:
        return tuple(by_key[key] for key in note.verify(note.parse(data), list(by_key)))
    except UnknownKey:
        return ()


def verify_first(data: bytes, origin: str) -> Roster:
    """The roster that begins a chain, if everyone on it but overseers signed it.

    Raises NotProven if somebody did not, or it is not number 0; InvalidSignature for a wrong signature.
    """
    roster = parse(data)
    handlers = roster.handlers()
    if roster.number or not handlers:
        raise NotProven("a chain begins with number 0 and at least one handler")
    if {each.id for each in handlers} != {each.id for each in signers(data, roster, origin)}:
        raise NotProven("the first roster is not signed by everyone on it")
    return roster


def verify_next(data: bytes, before: Roster, origin: str) -> Roster:
    """The roster that follows `before`, if two of its handlers signed it, one of them external if it had any.

    Raises NotProven if it does not follow, or too few signed; InvalidSignature for a wrong signature.
    """
    roster = parse(data)
    if roster.org != before.org or roster.number != before.number + 1 or roster.previous != before.sha256:
        raise NotProven("the roster does not follow the one before it")
    signed = signers(data, before, origin)
    if len(signed) < 2:
        raise NotProven("a new roster needs the signatures of two handlers of the one before")
    if before.externals() and not any(each.role == "external" for each in signed):
        raise NotProven("a new roster needs the signature of an external member of the one before")
    return roster


def verify_chain(notes: Sequence[bytes], origin: str, expected: str | None = None) -> tuple[Roster, ...]:
    """All rosters, oldest first, if each follows the one before. `expected` is what stands behind a poster's `#r=`.

    Raises NotProven or one of its kinds. Without `expected`, show the reader the first roster's fingerprint.
    """
    if not notes:
        raise NotProven("there is no roster")
    chain = [verify_first(notes[0], origin)]
    if expected is not None:
        check_anchor(chain[0], expected)
    for each in notes[1:]:
        chain.append(verify_next(each, chain[-1], origin))
    return tuple(chain)


def anchor(first: Roster) -> str:
    """What posters and links carry behind `#r=`: base64url of the first 16 bytes of the first roster's hash."""
    return base64url_encode(first.sha256[:16])


def check_anchor(first: Roster, expected: str) -> Roster:
    """`first`, if `#r=` names it. Raises NotProven otherwise."""
    if base64url_decode(expected, 16) != first.sha256[:16]:
        raise NotProven("the rosters do not begin with the one that the poster or link names")
    return first


def fingerprint(first: Roster, wordlist: Sequence[str] | None = None) -> tuple[str, ...]:
    """The first roster's fingerprint: 88 bits of its hash as eight words (English, or another list of 2,048)."""
    return words.fingerprint_words(first.sha256, 8, wordlist)

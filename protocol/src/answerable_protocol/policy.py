"""Trust policies (C2SP tlog-policy): which logs are believed, and how many witnesses must have cosigned.

Read strictly: one mistake refuses the file, since a policy half understood would trust too much. Log keys are Ed25519
(0x01), witness keys Ed25519 cosigners (0x04).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from answerable_protocol import cosignature, note
from answerable_protocol.checkpoint import Checkpoint
from answerable_protocol.errors import QuorumNotMet, Unreadable

__all__ = ["Believed", "Group", "Policy", "parse", "text"]

_LONGEST: Final = 1 << 20
_NONE: Final = b"none"
_ALLOWED: Final = frozenset([0x09, 0x0A, *range(0x20, 0x7F), *range(0x80, 0x100)])


@dataclass(frozen=True, slots=True)
class Group:
    """At least `least` of `members`, each the name of a witness or of a group defined before."""

    least: int
    members: tuple[bytes, ...]


class Believed(NamedTuple):
    """A checkpoint's log key, and the cosignatures of known witnesses, all verified."""

    log: note.Key
    cosignatures: tuple[cosignature.Cosignature, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy. Names of witnesses and groups are bytes, as in the file; `quorum` is one of them, or None."""

    logs: tuple[note.Key, ...]
    witnesses: Mapping[bytes, note.Key]
    groups: Mapping[bytes, Group]
    quorum: bytes | None

    def believe(self, checkpoint: Checkpoint) -> Believed:
        """The keys behind a checkpoint, if this policy takes it.

        Raises UnknownKey if no listed log whose name is the origin signed it, InvalidSignature if a signature by a
        known key is wrong, QuorumNotMet if too few witnesses cosigned.
        """
        logs = [key for key in self.logs if key.name == checkpoint.origin]
        log = note.verify(checkpoint.note, logs)[0]
        found = self._cosigned(checkpoint)
        witnessed = {name for name, key in self.witnesses.items() if key in {each.key for each in found}}
        if self.quorum is not None and not self._holds(self.quorum, witnessed):
            raise QuorumNotMet("too few of the witnesses that the policy asks for have cosigned")
        return Believed(log, tuple(found))

    def _cosigned(self, checkpoint: Checkpoint) -> list[cosignature.Cosignature]:
        known = {(key.name, key.id): key for key in self.witnesses.values()}
        found = []
        for signature in checkpoint.note.signatures:
            key = known.get((signature.name, signature.key_id))
            if key is not None:
                found.append(cosignature.verify(checkpoint.note.text, signature, key))
        return found

    def _holds(self, quorum: bytes, witnessed: set[bytes]) -> bool:
        held = set(witnessed)
        for name, group in self.groups.items():  # in the file's order: members come before their group
            if sum(member in held for member in group.members) >= group.least:
                held.add(name)
        return quorum in held


class _Reader:
    def __init__(self) -> None:
        self.logs: list[note.Key] = []
        self.witnesses: dict[bytes, note.Key] = {}
        self.groups: dict[bytes, Group] = {}
        self.grouped: set[bytes] = set()
        self.quorums: list[bytes] = []

    def line(self, words: list[bytes]) -> None:
        match words:
            case [b"log", key] | [b"log", key, _]:
                self._log(_key(key, note.ED25519))
            case [b"witness", name, key] | [b"witness", name, key, _]:
                self._witness(name, _key(key, note.COSIGNATURE))
            case [b"group", name, least, *members] if members:
                self._group(name, least, members)
            case [b"quorum", name]:
                if name != _NONE:
                    self._defined(name)
                self.quorums.append(name)
            case _:
                raise Unreadable("a line of the policy is not of its form")

    def _log(self, key: note.Key) -> None:
        if any(key.public == each.public for each in self.logs):
            raise Unreadable("a log key stands twice in the policy")
        self.logs.append(key)

    def _witness(self, name: bytes, key: note.Key) -> None:
        if any(key.public == each.public for each in self.witnesses.values()):
            raise Unreadable("a witness key stands twice in the policy")
        self._new(name)
        self.witnesses[name] = key

    def _group(self, name: bytes, least: bytes, members: list[bytes]) -> None:
        for member in members:
            self._defined(member)
            if member in self.grouped:
                raise Unreadable("a name stands twice among the members of groups")
            self.grouped.add(member)
        self._new(name)
        self.groups[name] = Group(_threshold(least, len(members)), tuple(members))

    def _new(self, name: bytes) -> None:
        if name == _NONE or name in self.witnesses or name in self.groups:
            raise Unreadable("a name is defined twice in the policy")

    def _defined(self, name: bytes) -> None:
        if name not in self.witnesses and name not in self.groups:
            raise Unreadable("the policy uses a name before it is defined")


def _key(vkey: bytes, kind: int) -> note.Key:
    try:
        key = note.parse_vkey(vkey.decode())
    except UnicodeDecodeError:
        raise Unreadable("a key in the policy is not UTF-8") from None
    if key.kind != kind:
        raise Unreadable("a key in the policy is of the wrong kind for its line")
    return key


def _threshold(word: bytes, members: int) -> int:
    if word == b"any":
        return 1
    if word == b"all":
        return members
    if not word.isdigit() or word.startswith(b"0") or len(word) > 4 or int(word) > members:
        raise Unreadable("the threshold of a group is not from 1 to its number of members")
    return int(word)


def parse(data: bytes) -> Policy:
    """The policy in these bytes. Raises Unreadable."""
    if len(data) > _LONGEST or not data.endswith(b"\n") or not _ALLOWED.issuperset(data):
        raise Unreadable("a policy is text whose last line ends with a newline")
    reader = _Reader()
    for line in data[:-1].split(b"\n"):
        words = line.replace(b"\t", b" ").split(b" ")
        words = [word for word in words if word]
        if words and not words[0].startswith(b"#"):
            reader.line(words)
    if len(reader.quorums) != 1:
        raise Unreadable("a policy has exactly one quorum line")
    quorum = reader.quorums[0]
    return Policy(tuple(reader.logs), reader.witnesses, reader.groups, None if quorum == _NONE else quorum)


def text(logs: Iterable[note.Key], witnesses: Mapping[str, note.Key] | None = None, least: int = 0) -> str:
    """A policy that believes `logs` with `least` of `witnesses`; with none, `quorum none`. It can be parsed."""
    lines = [f"log {note.vkey(key)}" for key in logs]
    names = list(witnesses or {})
    lines += [f"witness {name} {note.vkey(key)}" for name, key in (witnesses or {}).items()]
    if least:
        lines.append(f"group witnesses {least} {' '.join(names)}")
    lines.append("quorum witnesses" if least else "quorum none")
    written = "\n".join(lines) + "\n"
    parse(written.encode())
    return written

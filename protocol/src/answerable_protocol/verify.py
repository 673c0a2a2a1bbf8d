"""The command `answerable-verify`: checks a receipt offline, and says in one line what it proves.

Exit 0: proven. 1: not proven. 2: unreadable, or a mistake in the command. Keys come only from a policy file; what the
receipt says about keys is never believed. The line tells what was received, when, and where; never any content.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

from answerable_protocol import policy as policies
from answerable_protocol import receipt as receipts
from answerable_protocol.encoding import date_text, parse_object, time_text, time_value
from answerable_protocol.errors import (
    InvalidProof,
    InvalidSignature,
    NotProven,
    ProtocolError,
    QuorumNotMet,
    UnknownKey,
    Unreadable,
)

__all__ = ["NOT_PROVEN", "PROVEN", "UNREADABLE", "Answer", "check_receipt", "installed_policy", "main"]

PROVEN: Final = 0
NOT_PROVEN: Final = 1
UNREADABLE: Final = 2
_LARGEST: Final = 1 << 20

_WORDS: Final = {
    "en": {
        "proven": "Proven: {what}, {when}, entry {index} of the log {log} ({clock}).",
        "on": "on {day} (UTC)",
        "at": "on {day} at {time} UTC",
        "own clock": "the organisation's own signature and clock only",
        "witnessed": "cosigned by {count}, first on {day} at {time} UTC",
        "witnessed, no time": "cosigned by {count}, which give no time",
        "1": "1 outside witness",
        "n": "{n} outside witnesses",
        "unknown key": "Not proven: unknown log key {key}. Take a policy from someone you trust; use --policy.",
        "signature": "Not proven: a signature does not match. The receipt was changed, or is not from this log.",
        "quorum": "Not proven: too few of the witnesses that the policy asks for have cosigned.",
        "proof": "Not proven: the proof does not lead from this entry to the log's signed root.",
        "content": "Not proven: the receipt's content is not what its log entry stands for.",
        "unreadable": "Unreadable: {name} is not a receipt, or is damaged.",
        "unreadable policy": "Unreadable: {name} is not a trust policy, or has a mistake in it.",
        "no file": "Unreadable: {name} can't be opened.",
        "report.received": "a report was received",
        "record.dated": "a private record was received",
        "message": "a message was received",
        "promise.kept": "an answer that keeps a promise was given",
        "promise.missed": "a promise was missed",
        "panel.changed": "a case's panel changed",
        "status": "a case's state changed",
        "escrow.filed": "an entry was filed with the matching escrow",
        "escrow.withdrawn": "an entry was withdrawn from the matching escrow",
        "escrow.released": "entries were released from the matching escrow",
        "roster.updated": "a roster was published",
        "keyholder.epoch": "the keyholders' keys were published",
        "counts": "counts were published",
        "policy.published": "a policy was published",
        "letter.opened": "an open letter was opened",
        "letter.signed": "an open letter was signed",
        "letter.closed": "an open letter was closed",
        "answer.given": "an answer to an open letter was given",
        "release.code": "a version of the software was published",
    },
    "zh": {
        "proven": "已证实：{when}，{what}，见日志 {log} 第 {index} 条（{clock}）。",
        "on": "{day}（UTC）",
        "at": "{day} {time}（UTC）",
        "own clock": "仅有该组织自己的签名和时钟",
        "witnessed": "{count}联署，最早时间为 {day} {time}（UTC）",
        "witnessed, no time": "{count}联署，没有注明时间",
        "1": "1 个外部见证方",
        "n": "{n} 个外部见证方",
        "unknown key": "未证实：不认识日志密钥 {key}。先向你信得过的人要信任策略文件，再用 --policy 指定。",
        "signature": "未证实：签名不符。回执被改动过，或者不是出自这份日志。",
        "quorum": "未证实：联署的见证方少于策略要求的数目。",
        "proof": "未证实：从这条记录算不出日志签过名的根哈希。",
        "content": "未证实：回执的内容与日志中的记录不一致。",
        "unreadable": "无法读取：{name} 不是回执，或者已经损坏。",
        "unreadable policy": "无法读取：{name} 不是信任策略文件，或者其中有误。",
        "no file": "无法读取：打不开 {name}。",
        "report.received": "收到一份报告",
        "record.dated": "收到一份私人记录",
        "message": "收到一条消息",
        "promise.kept": "有人答复，兑现了一项承诺",
        "promise.missed": "有一项承诺逾期未兑现",
        "panel.changed": "一宗个案的小组有变动",
        "status": "一宗个案的状态有变动",
        "escrow.filed": "匹配托管收入一条记录",
        "escrow.withdrawn": "匹配托管撤回一条记录",
        "escrow.released": "匹配托管释放了若干记录",
        "roster.updated": "公布了一份名册",
        "keyholder.epoch": "公布了密钥保管方的密钥",
        "counts": "公布了一组统计数字",
        "policy.published": "公布了一份制度",
        "letter.opened": "一封公开信开始征集签名",
        "letter.signed": "一封公开信收到签名",
        "letter.closed": "一封公开信结束征集",
        "answer.given": "对一封公开信作出了答复",
        "release.code": "公布了一个软件版本",
    },
}


class Answer(NamedTuple):
    """What the command says, and its exit status."""

    status: int
    line: str


def _shown(text: str) -> str:
    # Names come from files that others wrote: nothing in them may move the cursor or turn the line round.
    return "".join(character if character.isprintable() else "?" for character in text)[:300]


def installed_policy() -> Path | None:
    """The installed policy: $XDG_CONFIG_HOME/answerable/policy, by default under ~/.config; None if there is none."""
    base = os.environ.get("XDG_CONFIG_HOME", "")
    try:
        folder = Path(base) if Path(base).is_absolute() else Path.home() / ".config"
    except RuntimeError:  # there is no home
        return None
    path = folder / "answerable" / "policy"
    return path if path.is_file() else None


def _received(receipt: receipts.Receipt) -> tuple[str, str] | None:
    """The day and time that the payload says it was received; None if it says none."""
    if receipt.type not in ("report.received", "record.dated"):
        return None
    try:
        written = parse_object(receipt.payload).get("received")
        text = time_text(time_value(written)) if isinstance(written, str) else None
    except Unreadable:
        return None
    return (text[:10], text[11:19]) if text else None


def _when(receipt: receipts.Receipt, words: dict[str, str]) -> str:
    received = _received(receipt)
    if received is None:
        return words["on"].format(day=date_text(receipt.leaf.day))
    return words["at"].format(day=received[0], time=received[1])


def _clock(proven: receipts.Proven, words: dict[str, str]) -> str:
    if not proven.outside_clock:
        return words["own clock"]
    names = {each.key.public for each in proven.believed.cosignatures}
    count = words["1"] if len(names) == 1 else words["n"].format(n=len(names))
    times = [moment for each in proven.believed.cosignatures if (moment := each.at())]
    if not times:
        return words["witnessed, no time"].format(count=count)
    first = time_text(min(times))
    return words["witnessed"].format(count=count, day=first[:10], time=first[11:19])


def _refusal(error: NotProven, receipt: receipts.Receipt, words: dict[str, str]) -> str:
    match error:
        case UnknownKey():
            return _unknown(receipt, words)
        case InvalidSignature():
            return words["signature"]
        case QuorumNotMet():
            return words["quorum"]
        case InvalidProof():
            return words["proof"]
        case _:
            return words["content"]


def _unknown(receipt: receipts.Receipt, words: dict[str, str]) -> str:
    signatures = receipt.checkpoint.note.signatures
    named = [each for each in signatures if each.name == receipt.checkpoint.origin] or list(signatures)
    return words["unknown key"].format(key=_shown(named[0].fingerprint))


def check_receipt(data: bytes, policy: policies.Policy | None, *, name: str, language: str = "en") -> Answer:
    """What a receipt's bytes prove under `policy`; without one, nothing. `name` is the file's, for the answer."""
    words = _WORDS[language]
    try:
        receipt = receipts.parse(data)
    except ProtocolError:
        return Answer(UNREADABLE, words["unreadable"].format(name=_shown(name)))
    if policy is None:
        return Answer(NOT_PROVEN, _unknown(receipt, words))
    try:
        proven = receipts.verify(receipt, policy)
    except NotProven as error:
        return Answer(NOT_PROVEN, _refusal(error, receipt, words))
    line = words["proven"].format(
        what=words[receipt.type],
        when=_when(receipt, words),
        index=receipt.index,
        log=_shown(receipt.checkpoint.origin),
        clock=_clock(proven, words),
    )
    return Answer(PROVEN, line)


class _CannotRead(Exception):
    pass


def _read(path: str | Path) -> bytes:
    try:
        with Path(path).open("rb") as file:
            data = file.read(_LARGEST + 1)
    except (OSError, ValueError):
        raise _CannotRead from None
    return data


def _answer(file: str, policy: str | None, language: str) -> Answer:
    words = _WORDS[language]
    chosen = policy if policy is not None else installed_policy()
    trusted = None
    try:
        if chosen is not None:
            trusted = policies.parse(_read(chosen))
    except _CannotRead:
        return Answer(UNREADABLE, words["no file"].format(name=_shown(str(chosen))))
    except ProtocolError:
        return Answer(UNREADABLE, words["unreadable policy"].format(name=_shown(str(chosen))))
    try:
        return check_receipt(_read(file), trusted, name=file, language=language)
    except _CannotRead:
        return Answer(UNREADABLE, words["no file"].format(name=_shown(file)))


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="answerable-verify", description="Check what Answerable says, offline.", allow_abbrev=False
    )
    commands = parser.add_subparsers(dest="command", required=True)
    receipt = commands.add_parser(
        "receipt",
        help="check a receipt: exit 0 proven, 1 not proven, 2 unreadable",
        description="Check a receipt (.tlog-proof). Exit 0: proven. 1: not proven. 2: unreadable.",
        allow_abbrev=False,
    )
    receipt.add_argument("file", metavar="FILE", help="the receipt")
    receipt.add_argument(
        "--policy",
        metavar="POLICY",
        help="the trust policy: whose log and which witnesses you believe "
        "(default: $XDG_CONFIG_HOME/answerable/policy, if it exists)",
    )
    receipt.add_argument("--lang", choices=sorted(_WORDS), default="en", help="language of the answer")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit status. argparse itself exits with 2 on a mistake in the arguments."""
    given = _arguments().parse_args(arguments)
    answer = _answer(given.file, given.policy, given.lang)
    encoding = sys.stdout.encoding or "utf-8"
    print(answer.line.encode(encoding, "replace").decode(encoding))
    return answer.status


if __name__ == "__main__":
    sys.exit(main())

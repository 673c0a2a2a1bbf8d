"""Each organisation's log: its signing key, and whether head, tail and checkpoint file hold together."""

from collections.abc import Iterator
from datetime import datetime

from answerable_protocol.ed25519 import Signer

from answerable.ledger import actions, files, queries
from answerable.ledger.errors import LedgerError, LogBehind, NoLog
from answerable.ledger.models import Log
from answerable.organisation.models import Organisation
from answerable.organisation.seams import Finding
from answerable.server.doctor.said import bad, good

__all__ = ["check_keys", "check_logs"]


def check_keys(now: datetime, full: bool) -> Iterator[Finding]:  # noqa: ARG001
    """The key of each log is there and is the one that signed it."""
    wrong = []
    logs = list(Log.objects.select_related("organisation"))
    for log in logs:
        try:
            if Signer(files.load_seed(log.organisation_id)).public != bytes(log.public_key):
                wrong.append(log.origin)
        except NoLog:
            wrong.append(log.origin)
    if wrong:
        yield bad(
            "log keys",
            (
                f"The signing key is missing or another one: {', '.join(wrong)}. No report can be taken.",
                f"签名密钥缺失或不对：{', '.join(wrong)}。收不了报告。",
            ),
            ("Put the folder log-keys/ back from the backup.", "从备份里放回 log-keys/ 目录。"),
        )
    else:
        yield good(
            "log keys", f"{len(logs)} present, each that of its log.", f"{len(logs)} 个，都与各自的日志相符。"
        )


def check_logs(now: datetime, full: bool) -> Iterator[Finding]:  # noqa: ARG001
    """Quick: head, last tiles and checkpoint file. Full: every leaf, hash, tile and signature."""
    logs = list(Log.objects.select_related("organisation"))
    for log in logs:
        try:
            _look(log.organisation, log, full=full)
        except LogBehind:
            yield bad(
                "log",
                (
                    f"{log.origin} is behind its checkpoint file: this looks like a restored backup.",
                    f"{log.origin} 落后于检查点文件：像是恢复了旧备份。",
                ),
                (
                    "docs/for-operators.md, “After a restored backup”.",
                    "见 docs/for-operators.md 的“After a restored backup”。",
                ),
            )
        except LedgerError as error:
            yield bad(
                "log",
                (f"{log.origin} does not verify: {error}.", f"{log.origin} 验证不通过：{error}。"),
                (
                    "Stop the server, keep everything as it is, run `answerable fsck`, and look for a whole backup.",
                    "停止服务，原样保留一切，运行 `answerable fsck`，并找出完整的备份。",
                ),
            )
        else:
            how = ("every leaf", "每一条") if full else ("head and last tiles", "最新检查点和末尾")
            yield good("log", f"{log.origin} verifies ({how[0]}).", f"{log.origin} 验证通过（{how[1]}）。")


def _look(organisation: Organisation, log: Log, *, full: bool) -> None:
    actions.check_head(log)
    if full:
        actions.fsck(organisation)
    else:
        queries.tail(log)

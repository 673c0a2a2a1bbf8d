"""The database: version and settings, schema, clock; and the keeper, which speaks through it."""

from collections.abc import Iterator
from datetime import datetime

from django.db import connection
from django.utils import timezone

from answerable.ledger.models import Log
from answerable.organisation.models import Beat
from answerable.organisation.seams import Finding
from answerable.server import schema
from answerable.server.doctor.machine import off_by
from answerable.server.doctor.said import bad, good, watch
from answerable.server.health import KEEPER_LATE

__all__ = ["check_clock", "check_keeper", "check_schema", "check_version"]

SQLITE_WANTED = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1}
POSTGRES_WANTED = {
    "fsync": ("on",),
    "full_page_writes": ("on",),
    "synchronous_commit": ("on", "remote_apply", "remote_write", "local"),
    "server_encoding": ("UTF8",),
    "transaction_read_only": ("off",),
}


def _ask(sql: str) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return list(cursor.fetchall())


def check_version(now: datetime, full: bool) -> Iterator[Finding]:  # noqa: ARG001
    """A version that is safe, with settings that keep what was acknowledged."""
    yield from _postgresql() if connection.vendor == "postgresql" else _sqlite(full)


def _sqlite(full: bool) -> Iterator[Finding]:
    version = str(_ask("SELECT sqlite_version()")[0][0])
    if tuple(map(int, version.split("."))) < (3, 51, 3):
        yield bad(
            "database",
            (f"SQLite {version} can corrupt its write-ahead log.", f"SQLite {version} 可能写坏预写日志。"),
            ("`make install` brings a mended one.", "运行 `make install` 装上修好的版本。"),
        )
    found = {name: _ask(f"PRAGMA {name}")[0][0] for name in SQLITE_WANTED}
    wrong = [f"{name}={found[name]}" for name, wanted in SQLITE_WANTED.items() if found[name] != wanted]
    if wrong:
        yield bad(
            "database",
            (f"SQLite runs with {', '.join(wrong)}.", f"SQLite 的设置是 {', '.join(wrong)}。"),
            (
                "Something opened the database with other settings: is it on a network disk? Move it to a local one.",
                "有程序用别的设置打开了数据库。数据目录是不是在网络盘上？请移到本机磁盘。",
            ),
        )
    else:
        yield good(
            "database",
            f"SQLite {version}, write-ahead log, synchronous.",
            f"SQLite {version}，预写日志，同步落盘。",
        )
    if full:
        said = str(_ask("PRAGMA quick_check")[0][0])
        if said != "ok":
            yield bad(
                "database",
                ("SQLite’s own check finds the file damaged.", "SQLite 自检发现文件已损坏。"),
                (
                    "Stop the server, keep the folder as it is, and restore the last backup.",
                    "停止服务，原样保留目录，然后恢复最近的备份。",
                ),
            )


def _postgresql() -> Iterator[Finding]:
    number = int(str(_ask("SHOW server_version_num")[0][0]))
    version = f"{number // 10000}.{number % 10000}"
    if number < 140_000:
        yield bad(
            "database",
            (
                f"PostgreSQL {version} is no longer mended by its makers.",
                f"PostgreSQL {version} 已经没有官方维护。",
            ),
            ("Upgrade it to 15 or newer.", "请升级到 15 或更新的版本。"),
        )
    wrong = []
    for name, wanted in POSTGRES_WANTED.items():
        value = str(_ask(f"SHOW {name}")[0][0])
        if value not in wanted:
            wrong.append(f"{name}={value}")
    if wrong or _ask("SELECT pg_is_in_recovery()")[0][0]:
        yield bad(
            "database",
            (
                f"PostgreSQL does not keep or take what it is given: {', '.join(wrong) or 'it is a standby'}.",
                f"PostgreSQL 不会保住或不接受写入：{', '.join(wrong) or '它是备库'}。",
            ),
            (
                "Set these as in docs/for-operators.md; point `database` at the primary.",
                "按 docs/for-operators.md 设置；`database` 要指向主库。",
            ),
        )
    else:
        yield good(
            "database", f"PostgreSQL {version}, durable, UTF-8.", f"PostgreSQL {version}，提交即落盘，UTF-8。"
        )
    most = int(str(_ask("SHOW max_connections")[0][0]))
    if most < 60:
        yield watch(
            "database",
            (
                f"PostgreSQL takes {most} connections; each web process may want 40.",
                f"PostgreSQL 最多 {most} 个连接，而每个网站进程可能要用 40 个。",
            ),
            (
                "Raise max_connections, or put PgBouncer in between.",
                "调大 max_connections，或在中间加 PgBouncer。",
            ),
        )


def check_schema(now: datetime, full: bool) -> Iterator[Finding]:  # noqa: ARG001
    """The database is of this version."""
    if newer := schema.newer():
        yield bad(
            "schema",
            (f"The database is of a newer version ({newer[0]}).", f"数据库属于更新的版本（{newer[0]}）。"),
            (
                "Install that version again, or restore the backup made before the upgrade.",
                "装回那个版本，或恢复升级前的备份。",
            ),
        )
    elif todo := schema.pending():
        yield bad(
            "schema",
            (f"{len(todo)} changes are still to be made.", f"还有 {len(todo)} 项改动没有执行。"),
            ("`answerable migrate`", "运行 `answerable migrate`"),
        )
    else:
        yield good("schema", "The database is of this version.", "数据库与本版本一致。")


def check_clock(now: datetime, full: bool) -> Iterator[Finding]:  # noqa: ARG001
    """The database server's clock, and the newest time that we wrote into it."""
    if connection.vendor == "postgresql":
        theirs = _ask("SELECT clock_timestamp()")[0][0]
        if isinstance(theirs, datetime):
            yield from off_by("clock", timezone.now(), theirs, ("the database server", "数据库服务器"))
    newest = (
        Log.objects.exclude(published_at=None)
        .order_by("-published_at")
        .values_list("published_at", flat=True)
    )
    beat = Beat.objects.filter(name="keeper").values_list("at", flat=True)
    for last, what in (
        (newest.first(), ("the log’s last publication", "日志上次公布的时间")),
        (beat.first(), ("the keeper’s last round", "守时程序上一轮的时间")),
    ):
        if last is not None and last > now:
            yield from (f for f in off_by("clock", now, last, what) if f.state != "good")


def check_keeper(now: datetime, full: bool) -> Iterator[Finding]:  # noqa: ARG001
    """Somebody watches the promises."""
    last = Beat.objects.filter(name="keeper").values_list("at", flat=True).first()
    if last is not None and now - last <= KEEPER_LATE:
        yield good("keeper", "It went round in the last three minutes.", "最近 3 分钟内巡查过。")
        return
    since = (
        (f"since {last:%Y-%m-%d %H:%M} UTC", f"自 {last:%Y-%m-%d %H:%M}（UTC）以来")
        if last
        else ("ever", "至今")
    )
    yield bad(
        "keeper",
        (
            f"No keeper has gone round {since[0]}: deadlines pass unseen, and no notice goes out.",
            f"守时程序{since[1]}没有巡查过：期限过了没人发现，提醒也发不出去。",
        ),
        (
            "Start `answerable serve` or `answerable keep`; if one runs, its log says what fails.",
            "启动 `answerable serve` 或 `answerable keep`；如果已在运行，看它的运行记录里哪一步出错。",
        ),
    )

"""The data folder, its disk, and this machine's clock."""

import ctypes
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings

from answerable.organisation.seams import Finding
from answerable.server.doctor.said import bad, good, watch
from answerable.server.health import LEAST_ROOM

__all__ = ["check_clock", "check_disk", "check_permissions", "off_by"]

SLOW = 0.05
NO_DISK = 0.00002
"""Seconds for which no flush reaches a disk: such a "disk" is memory, or lies."""
OFF, FAR_OFF = 60.0, 300.0


def check_permissions(now: datetime, full: bool) -> Iterator[Finding]:  # noqa: ARG001
    """Whatever lies in the data folder is its owner's alone, and we are the owner."""
    data = settings.ANSWERABLE_DATA
    owner = data.stat().st_uid
    if owner != os.geteuid():
        yield bad(
            "permissions",
            (
                f"The data folder belongs to number {owner}, and this runs as {os.geteuid()}.",
                f"数据目录属于 {owner} 号账户，而现在以 {os.geteuid()} 号运行。",
            ),
            (
                "Run every command as the account that serves, e.g. `sudo -u answerable answerable doctor`.",
                "所有命令都用提供服务的那个账户运行，例如 `sudo -u answerable answerable doctor`。",
            ),
        )
    opened = [path for path in _looked_at(data) if path.stat().st_mode & 0o077]
    if opened:
        named = ", ".join(sorted(str(path.relative_to(data)) for path in opened)[:5])
        yield bad(
            "permissions",
            (
                f"Others on this machine may read or change: {named}",
                f"这台机器上的其他账户可以读或改：{named}",
            ),
            (f"`chmod -R go= {data}`", f"`chmod -R go= {data}`"),
        )
    elif owner == os.geteuid():
        yield good(
            "permissions", "The data folder is readable by its owner alone.", "数据目录只有所有者能读。"
        )


def _looked_at(data: Path) -> Iterator[Path]:
    """The folder's own files and folders, and all keys. A closed folder closes what lies in it."""
    for path in data.iterdir():
        yield path
        if path.name == "log-keys" and path.is_dir():
            yield from path.iterdir()


def check_disk(now: datetime, full: bool) -> Iterator[Finding]:  # noqa: ARG001
    """Room, and how long a durable write takes."""
    data = settings.ANSWERABLE_DATA
    usage = shutil.disk_usage(data)
    room = f"{usage.free / 2**30:.1f} GiB"
    if usage.free < max(LEAST_ROOM, settings.RESERVE_MIB << 20):
        yield bad(
            "disk",
            (
                f"Only {room} are free: files are refused already, and reports will be soon.",
                f"只剩 {room}：附件已经不收，报告很快也收不下。",
            ),
            ("Make room on the disk of the data folder now.", "马上给数据目录所在的磁盘腾出空间。"),
        )
    elif usage.free < max(usage.total // 10, 2 << 30):
        yield watch(
            "disk",
            (f"{room} are free.", f"还剩 {room}。"),
            ("Make room before it gets tight.", "趁还够用，先腾出空间。"),
        )
    else:
        yield good("disk", f"{room} are free.", f"还剩 {room}。")
    seconds = _durable_write(data)
    took = f"{seconds * 1000:.2f} ms"
    if seconds > SLOW:
        yield watch(
            "durable write",
            (
                f"A durable write takes {took}: reports are slow to be acknowledged.",
                f"一次落盘写入要 {took}：报告要等较久才会得到确认。",
            ),
            (
                "Use a local SSD for the data folder, not a network disk.",
                "数据目录请放在本机固态盘上，不要用网络盘。",
            ),
        )
    elif seconds < NO_DISK:
        yield watch(
            "durable write",
            (
                f"A durable write takes {took}, faster than any disk: it may be memory that a power cut empties.",
                f"一次落盘写入只要 {took}，比任何磁盘都快：可能只是内存，断电就没了。",
            ),
            ("Make sure that the data folder lies on a real disk.", "请确认数据目录在真正的磁盘上。"),
        )
    else:
        yield good("durable write", f"A durable write takes {took}.", f"一次落盘写入要 {took}。")


def _durable_write(folder: Path) -> float:
    """Seconds, the median of twenty."""
    times = []
    with tempfile.TemporaryFile(dir=folder) as out:
        for _ in range(20):
            start = time.perf_counter()
            os.write(out.fileno(), bytes(4096))
            os.fdatasync(out.fileno())
            times.append(time.perf_counter() - start)
    return statistics.median(times)


def check_clock(now: datetime, full: bool) -> Iterator[Finding]:  # noqa: ARG001
    """Whether somebody keeps this clock right, and whether the data folder's disk agrees with it."""
    with tempfile.NamedTemporaryFile(dir=settings.ANSWERABLE_DATA) as out:
        stamped = datetime.fromtimestamp(Path(out.name).stat().st_mtime, UTC)
        yield from off_by(
            "clock", datetime.now(UTC), stamped, ("the data folder’s disk", "数据目录所在的磁盘")
        )
    if _kept() is False:
        yield watch(
            "clock",
            (
                "Nothing keeps this machine’s clock right. Deadlines run by it.",
                "没有程序在校准这台机器的时钟，而期限全按它走。",
            ),
            (
                "Install and start chrony or systemd-timesyncd; in a container, on its host.",
                "安装并启动 chrony 或 systemd-timesyncd；容器里则在宿主机上做。",
            ),
        )


def off_by(name: str, ours: datetime, theirs: datetime, whose: tuple[str, str]) -> Iterator[Finding]:
    """What two clocks that differ by this much mean."""
    seconds = abs((ours - theirs).total_seconds())
    apart = f"{seconds / 60:.0f} min" if seconds >= OFF else f"{seconds:.1f} s"
    if seconds < OFF:
        yield good(
            name,
            f"{whose[0][0].upper()}{whose[0][1:]} agrees within {apart}.",
            f"与{whose[1]}的时间相差 {apart}。",
        )
        return
    make = bad if seconds >= FAR_OFF else watch
    yield make(
        name,
        (
            f"This machine’s clock and {whose[0]} differ by {apart}.",
            f"这台机器的时钟与{whose[1]}相差 {apart}。",
        ),
        (
            "Find out which is wrong and set it right: deadlines and receipts carry these times.",
            "查清哪个不对并校正：期限和回执上都是这个时间。",
        ),
    )


class _Timex(ctypes.Structure):
    _fields_ = [("modes", ctypes.c_uint), ("rest", ctypes.c_long * 64)]


def _kept() -> bool | None:
    """Whether the kernel says that its clock is synchronised (adjtimex(2)); None where it can't be asked."""
    if sys.platform != "linux":
        return None
    try:
        state = ctypes.CDLL(None).adjtimex(ctypes.byref(_Timex()))
    except (OSError, AttributeError):
        return None
    return None if state < 0 else state != 5

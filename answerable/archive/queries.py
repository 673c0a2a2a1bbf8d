"""What is known of the backups."""

from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings

from answerable.archive import rules
from answerable.archive.models import Backup
from answerable.organisation.seams import BAD, GOOD, WATCH, Finding

__all__ = ["checkpoints_beside_data", "due", "findings", "last_verified"]


def last_verified() -> Backup | None:
    """The newest backup that was restored and compared after it was written."""
    return Backup.objects.filter(verified_at__isnull=False).order_by("-verified_at").first()


def due(now: datetime) -> bool:
    """Whether the keeper should make today's backup."""
    if not settings.BACKUP_TO:
        return False
    newest = last_verified()
    return rules.due(newest.started if newest else None, now, settings.BACKUP_HOUR)


def findings(now: datetime, full: bool) -> list[Finding]:  # noqa: ARG001 - the doctor's signature
    """What the doctor says of backups and checkpoints."""
    return [_backups(now), _checkpoints()]


def _backups(now: datetime) -> Finding:
    newest = last_verified()
    if newest is None or newest.verified_at is None:
        return Finding(
            "backup",
            BAD,
            {"en": "No backup was ever made and verified.", "zh": "还没有做过并通过验证的备份。"},
            {
                "en": "Set backup_to and backup_recipients, then run `answerable backup`.",
                "zh": "设置 backup_to 和 backup_recipients，然后运行 `answerable backup`。",
            },
        )
    day = f"{newest.verified_at:%Y-%m-%d %H:%M} UTC"
    said = {
        "en": f"The last verified backup is of {day}, {(newest.size or 0) / 1e6:.1f} MB.",
        "zh": f"最近一次通过验证的备份：{day}，{(newest.size or 0) / 1e6:.1f} MB。",
    }
    if now - newest.verified_at <= timedelta(hours=36):
        return Finding("backup", GOOD, said)
    return Finding(
        "backup",
        BAD,
        said,
        {
            "en": "`answerable backup --list` shows what went wrong since.",
            "zh": "`answerable backup --list` 会显示之后出了什么问题。",
        },
    )


def _checkpoints() -> Finding:
    if checkpoints_beside_data():
        said = {"en": "Checkpoints lie outside the data folder.", "zh": "检查点不在数据目录里。"}
        return Finding("checkpoints", GOOD, said)
    return Finding(
        "checkpoints",
        WATCH,
        {
            "en": "Checkpoints lie in the data folder: an old copy of the whole folder in its place would go unnoticed.",
            "zh": "检查点就在数据目录里：如果整个目录被换成旧副本，就无从发现。",
        },
        {
            "en": "Set `checkpoints` to a folder on another disk and move the files there while the server is stopped.",
            "zh": "停下服务，把检查点文件移到另一块磁盘上的目录，并把 `checkpoints` 设为该目录。",
        },
    )


def checkpoints_beside_data() -> bool:
    """Whether the checkpoints lie outside the data folder, where a copy of it does not take them along."""
    chosen = settings.CHECKPOINTS
    return chosen is not None and not Path(chosen).resolve().is_relative_to(
        settings.ANSWERABLE_DATA.resolve()
    )

"""When to tell whom, when to try again, and what a mail looks like: every one has the same subject and the same size."""

from collections.abc import Collection, Mapping
from datetime import date, datetime, time, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

CHANNELS: Final = ("mail", "wecom", "dingtalk", "feishu", "slack", "teams", "webhook")
DIGESTS: Final = ("none", "daily", "weekly")
AT_ANY_HOUR: Final = frozenset({"missed"})
"""Kinds that quiet hours don't hold: told to those whose own promise it is. The rungs above wait for their morning."""
LONGEST_QUIET: Final = timedelta(hours=14)
DIGEST_HOUR: Final = 8
SMALL: Final = 5
"""A count below this is not said."""

LEASE: Final = timedelta(minutes=5)  # longer than one mail can take, with every time-out in it
SERVER_DOWN: Final = timedelta(seconds=60)
TRIES: Final = 24
_PAUSES: Final = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240))
BODY_BYTES: Final = 1800
MAIL_BYTES: Final = 4096

SUBJECT: Final = "Answerable · 有回音"
_ENGLISH: Final = (
    "Something in your organisation's reporting channel is waiting for you. Please sign in and look:\n\n{link}\n\n"
    "This message is the same whatever it is about. It never has attachments, and nobody will ask you for your\n"
    "password or your unlock phrase.\n"
)
_CHINESE: Final = (
    "单位的报告渠道里有事等你看。请登录查看：\n\n{link}\n\n"
    "不管什么事，这封邮件都是这几句话。它从不带附件，也不会有人向你要密码或解锁词。\n"
)
_GROUP: Final = (
    "Something in the reporting channel is waiting. Please sign in and look.\n"
    "报告渠道里有事等着看，请登录查看。\n{link}"
)
_COUNTED: Final = {
    "en": (("kept", "kept"), ("missed", "missed"), ("open", "open")),
    "zh": (("kept", "已兑现"), ("missed", "逾期未兑现"), ("open", "待兑现")),
}


def next_try(tries: int, *, now: datetime) -> datetime | None:
    """After the n-th failure (from 1): 1, 5, 15 minutes, 1 hour, then every 4 hours; None after about four days."""
    if tries >= TRIES:
        return None
    return now + _PAUSES[min(tries, len(_PAUSES)) - 1]


def words_for(languages: list[str], link: str) -> str:
    """In the languages the person reads; in both if none is noted."""
    parts = [text for code, text in (("en", _ENGLISH), ("zh", _CHINESE)) if code in languages]
    return "\n".join(parts or [_ENGLISH, _CHINESE]).format(link=link)


def group_words(link: str) -> str:
    """What a group is told, always: both languages, one link."""
    return _GROUP.format(link=link)


def is_length_of_quiet(start: time, end: time) -> bool:
    """Whether quiet hours from `start` to `end` are short enough."""
    day = date(2000, 1, 3)
    length = datetime.combine(day, end) - datetime.combine(day, start)
    return timedelta() < length % timedelta(days=1) <= LONGEST_QUIET


def quiet_until(now: datetime, start: time | None, end: time | None, zone: str) -> datetime | None:
    """The end of the quiet hours that `now` falls in; None if it falls in none."""
    if start is None or end is None:
        return None
    here = now.astimezone(ZoneInfo(zone))
    clock = here.time()
    inside = start <= clock < end if start < end else clock >= start or clock < end
    if not inside:
        return None
    day = here.date() + timedelta(days=1) if clock >= end else here.date()
    return datetime.combine(day, end, ZoneInfo(zone)).astimezone(now.tzinfo)


def group_may_hear(ticked: Collection[UUID], told: Collection[UUID]) -> bool:
    """Whether a group is told of an event: only if everybody who ticked it is told of it themselves.

    Else somebody left out of a case, perhaps because it is about them, would learn from the group that there is one.
    """
    return bool(ticked) and set(ticked) <= set(told)


def digest_key(now: datetime, every: str, zone: str) -> str | None:
    """The event of the digest that is due: once a day or once a week (Mondays), from eight in the morning; else None."""
    here = now.astimezone(ZoneInfo(zone))
    if here.hour < DIGEST_HOUR:
        return None
    if every == "daily":
        return f"digest:{here:%Y-%m-%d}"
    return f"digest:{here:%G-W%V}" if every == "weekly" and here.weekday() == 0 else None


def count_words(counts: Mapping[str, int]) -> dict[str, dict[str, str]]:
    """Counts as a digest says them: small ones only as small, nought among them."""
    few = {"en": f"fewer than {SMALL}", "zh": f"少于 {SMALL}"}
    return {name: few if n < SMALL else {"en": str(n), "zh": str(n)} for name, n in counts.items()}


def digest_words(languages: list[str], counts: Mapping[str, int]) -> str:
    """The lines of a digest's counts, in the languages the person reads."""
    said = count_words(counts)
    lines = {
        "en": "Promises of the last thirteen weeks: "
        + ", ".join(f"{said[key]['en']} {name}" for key, name in _COUNTED["en"] if key in said)
        + ".\n",
        "zh": "近十三周的承诺："
        + "，".join(f"{name} {said[key]['zh']} 项" for key, name in _COUNTED["zh"] if key in said)
        + "。\n",
    }
    return "\n".join(lines[code] for code in ("en", "zh") if code in languages or not languages)


def mail(
    notice: UUID,
    *,
    to: str,
    sender: str,
    languages: list[str],
    link: str,
    host: str,
    now: datetime,
    more: str = "",
) -> bytes:
    """The whole message as sent, always MAIL_BYTES long unless an address or link is beyond all measure.

    `more`: the counts of a digest. The Message-ID is made from the notice, so that a repeat would be recognised as one.
    """
    text = words_for(languages, link) + (f"\n{more}" if more else "")
    text += " " * max(0, BODY_BYTES - len(text.encode()))
    message = EmailMessage(policy=SMTP)
    message["Subject"] = SUBJECT
    message["From"] = sender
    message["To"] = to
    message["Date"] = format_datetime(now)
    message["Message-ID"] = f"<{notice}@{host}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text, cte="base64")
    return _padded(bytes(message))


def _padded(raw: bytes) -> bytes:
    """Fill up with one header to MAIL_BYTES, so that the length of an address doesn't show either."""
    lines: list[bytes] = []
    room = MAIL_BYTES - len(raw)
    head = b"X-Padding: "
    while room > 0:
        if room < len(head) + 3:  # too little for another header: lengthen the last line
            lines[-1:] = [lines[-1][:-2] + b"x" * room + b"\r\n"] if lines else []
            break
        fill = min(room - len(head) - 2, 50)
        lines.append(head + b"x" * fill + b"\r\n")
        room -= len(lines[-1])
    return b"".join(lines) + raw

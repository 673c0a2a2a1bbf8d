"""When to try again, and what a mail looks like. Every mail has the same subject and the same size."""

from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Final
from uuid import UUID

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


def next_try(tries: int, *, now: datetime) -> datetime | None:
    """After the n-th failure (from 1): 1, 5, 15 minutes, 1 hour, then every 4 hours; None after about four days."""
    if tries >= TRIES:
        return None
    return now + _PAUSES[min(tries, len(_PAUSES)) - 1]


def words_for(languages: list[str], link: str) -> str:
    """In the languages the person reads; in both if none is noted."""
    parts = [text for code, text in (("en", _ENGLISH), ("zh", _CHINESE)) if code in languages]
    return "\n".join(parts or [_ENGLISH, _CHINESE]).format(link=link)


def mail(
    notice: UUID, *, to: str, sender: str, languages: list[str], link: str, host: str, now: datetime
) -> bytes:
    """The whole message as sent, always MAIL_BYTES long unless an address or link is beyond all measure.

    The Message-ID is made from the notice, so that a repeat would be recognised as one.
    """
    text = words_for(languages, link)
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

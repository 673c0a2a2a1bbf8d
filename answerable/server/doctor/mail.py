"""Mail: whether the server takes us, without sending; and what waits."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings

from answerable.notices import offices, queries
from answerable.notices.errors import ServerDown
from answerable.notices.mail import Conversation
from answerable.organisation.seams import Finding
from answerable.server.doctor.said import bad, good, watch

__all__ = ["check_outbox", "check_server"]

HERE = {"localhost", "127.0.0.1", "::1"}


def check_server(now: datetime, full: bool) -> Iterator[Finding]:  # noqa: ARG001
    """Connect, TLS, sign in, good-bye."""
    if not settings.EMAIL_HOST:
        yield watch(
            "mail",
            (
                "No mail server is set: nobody is told of anything who does not look at the page.",
                "没有设置邮件服务器：不打开页面的人什么提醒都收不到。",
            ),
            ("Set mail_host and mail_from.", "设置 mail_host 和 mail_from。"),
        )
        return
    try:
        office = offices.operator_office()
        if office is not None:
            with Conversation(office, now=now, seconds=5, wire=offices.wire(5)):
                pass
    except ServerDown as error:
        yield bad(
            "mail",
            (f"The mail server does not take us ({error}).", f"邮件服务器连不上或不接受登录（{error}）。"),
            (
                "Check mail_host, mail_port, mail_security, mail_user and mail_password, and the firewall.",
                "检查 mail_host、mail_port、mail_security、mail_user、mail_password 和防火墙。",
            ),
        )
    else:
        yield good(
            "mail",
            "The mail server takes us. (Nothing was sent.)",
            "邮件服务器可以登录。（没有发出任何邮件。）",
        )
    if settings.MAIL_SECURITY == "none" and settings.EMAIL_HOST not in HERE:
        yield watch(
            "mail",
            ("Mail leaves this machine without encryption.", "邮件在没有加密的情况下离开这台机器。"),
            ('Set mail_security = "starttls" (port 587).', '设置 mail_security = "starttls"（端口 587）。'),
        )
    if settings.DEFAULT_FROM_EMAIL.rstrip(">").endswith("@localhost"):
        yield watch(
            "mail",
            (
                "Mail is sent from an address at “localhost”, which others refuse.",
                "发件地址是 localhost 的，别的服务器会拒收。",
            ),
            ("Set mail_from to an address of your domain.", "把 mail_from 设成你们域名的地址。"),
        )


def check_outbox(now: datetime, full: bool) -> Iterator[Finding]:  # noqa: ARG001
    """How long the oldest notice has waited. Notices carry the hour only."""
    waited = queries.oldest_unsent(now)
    if waited is None or waited < timedelta(hours=2):
        yield good("outbox", "No notice has waited for long.", "没有积压的提醒。")
    else:
        hours = int(waited / timedelta(hours=1))
        yield bad(
            "outbox",
            (f"The oldest notice has waited for {hours} hours.", f"最早的一条提醒已经等了 {hours} 小时。"),
            (
                "The lines “mail” and “keeper” say why; until then, tell the handlers to look at their page.",
                "看“mail”和“keeper”两行的原因；在此之前，请经办人自己打开页面看。",
            ),
        )
    if unsure := queries.unsure():
        yield watch(
            "outbox",
            (
                f"Of {unsure} mails nobody knows whether they arrived; they are not sent twice.",
                f"有 {unsure} 封邮件不知道是否送达；不会重发。",
            ),
            (
                "Nothing, if it stays so. If it grows, the mail server breaks off in the middle.",
                "如果不再增加，不用管。如果在增加，说明邮件服务器常常中途断开。",
            ),
        )

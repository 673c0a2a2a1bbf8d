"""Options, host names, and what the proxy must tell us."""

from collections.abc import Iterator
from datetime import datetime

from django.conf import settings
from django.http.request import validate_host

from answerable.organisation.models import Organisation
from answerable.organisation.seams import Finding
from answerable.server.doctor.said import bad, good, watch

__all__ = ["check_addresses", "check_options"]

HERE = {"localhost", "127.0.0.1", "[::1]"}


def check_options(now: datetime, full: bool) -> Iterator[Finding]:  # noqa: ARG001
    """No name of ours that means nothing; a cookie key that can't be guessed."""
    strays = settings.OPTIONS.stray()
    if strays:
        yield watch(
            "options",
            (
                f"The environment has names that are no option: {', '.join(strays)}",
                f"环境变量里有无效的名称：{', '.join(strays)}",
            ),
            ("`answerable config` lists those that are.", "`answerable config` 会列出有效的名称。"),
        )
    else:
        source = settings.CONFIG_FILE or "environment and defaults"
        yield good(
            "options",
            f"Every option is known ({source}).",
            f"所有选项都有效（{settings.CONFIG_FILE or '环境变量和默认值'}）。",
        )
    if len(settings.SECRET_KEY) < 32:
        yield bad(
            "cookie key",
            (
                "secret_key is too short: who guesses it signs in as anybody.",
                "secret_key 太短：猜中的人可以冒充任何人登录。",
            ),
            (
                "Take it out of the options, and one is made; everybody signs in anew.",
                "从选项里删掉它，系统会自己生成；所有人要重新登录。",
            ),
        )
    else:
        yield good("cookie key", "Long enough.", "长度足够。")


def check_addresses(now: datetime, full: bool) -> Iterator[Finding]:  # noqa: ARG001
    """Each organisation's address is answered, and forms are accepted behind the proxy."""
    wanted = {one.host or one.origin.partition("/")[0] for one in Organisation.objects.all()}
    missing = sorted(
        host for host in wanted if not validate_host(host.partition(":")[0], settings.ALLOWED_HOSTS)
    )
    if missing:
        yield bad(
            "hosts",
            (
                f"Organisations live at hosts that are refused: {', '.join(missing)}",
                f"有的单位所用的域名会被拒绝：{', '.join(missing)}",
            ),
            ("Add them to `hosts`.", "把它们加进 `hosts`。"),
        )
    elif set(settings.ALLOWED_HOSTS) <= HERE and settings.SECURE_ORIGIN:
        yield watch(
            "hosts",
            ("Only this machine’s own names are answered.", "只接受本机的名称。"),
            ("Set `hosts` to the name that people type.", "把 `hosts` 设成大家访问用的域名。"),
        )
    else:
        yield good(
            "hosts",
            f"Answered: {', '.join(settings.ALLOWED_HOSTS)}",
            f"接受：{', '.join(settings.ALLOWED_HOSTS)}",
        )
    if settings.SECURE_ORIGIN and not settings.SECURE_PROXY_SSL_HEADER and not settings.CSRF_TRUSTED_ORIGINS:
        yield bad(
            "proxy",
            (
                "Behind a proxy with HTTPS every form would be refused.",
                "放在 HTTPS 代理后面，所有表单都会被拒绝。",
            ),
            (
                "Set behind_proxy = true, and let the proxy set X-Forwarded-Proto itself.",
                "设置 behind_proxy = true，并让代理自己写 X-Forwarded-Proto。",
            ),
        )
    elif not settings.SECURE_ORIGIN:
        yield watch(
            "proxy",
            (
                "https is off: cookies and reports travel in the clear.",
                "https 是关的：登录信息和报告会明文传输。",
            ),
            (
                "Turn it on, behind a proxy with HTTPS. Only a trial on one machine may do without.",
                "打开它，放在 HTTPS 代理后面。只有在本机试用时可以不开。",
            ),
        )
    else:
        yield good(
            "proxy", "HTTPS is expected, and the proxy’s word is believed.", "要求 HTTPS，并采信代理的说明。"
        )

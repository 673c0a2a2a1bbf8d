"""One's notices, how one is told of them, and the channels of an organisation."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from answerable.notices import actions, channels, offices, queries
from answerable.notices.errors import NotAChannel, ServerDown
from answerable.notices.forms import Group, How, MailServer, Manners
from answerable.notices.models import Channel
from answerable.notices.rules import CHANNELS, DIGESTS
from answerable.organisation.access import WorkRequest, for_act
from answerable.organisation.errors import NotFound
from answerable.organisation.rules import KEYED_ROLES
from answerable.ui.templatetags.words import words

_OTHER = {"en": "There is something for you to look at", "zh": "有事等你看"}
_WORDS = {
    "new-report": {"en": "A report has come to you", "zh": "有一份给你的新报告"},
    "new-message": {"en": "There is something new in a case of yours", "zh": "你的个案有新消息"},
    "told-before": {"en": "A report says that someone was told before", "zh": "有报告说以前告诉过别人"},
    "missed": {"en": "A promise was missed", "zh": "有一项承诺逾期未兑现"},
    "escalated": {"en": "A missed promise has come to you", "zh": "一项逾期的承诺转到了你这里"},
    "roster-draft": {"en": "The list of readers awaits your signature", "zh": "阅读人名单等你签名"},
    "roster-updated": {"en": "The list of readers has changed", "zh": "阅读人名单有更新"},
    "new-key": {"en": "A reader's key has been replaced", "zh": "有一位阅读人换了密钥"},
    "handover": {"en": "A case of yours waits for a handover", "zh": "你的个案里有等待交接的"},
    "reader-gone": {"en": "Somebody who could read reports has left", "zh": "有一位阅读人离开了"},
    "nobody-reads": {
        "en": "A case can no longer be read by anybody. Its reporter is being asked to send it again",
        "zh": "有一份个案已经没有人能看了，页面已请报告人重新发送",
    },
    "new-chain": {
        "en": "A new list of readers was proposed from scratch. Look who is on it: you can stop it",
        "zh": "有人提出从头建立阅读人名册。请看看上面是谁，你可以阻止",
    },
    "account-restarted": {
        "en": "An administrator started somebody’s account again",
        "zh": "管理员重新开始了某人的账号",
    },
    "open-long": {
        "en": "A case of yours has been open for more than a year",
        "zh": "你有一个个案开放已超过一年，还没结案",
    },
    "proposal-waits": {"en": "A change waits for a second person", "zh": "有一项修改等另一个人确认"},
    "erasing-soon": {"en": "A closed case of yours will be erased soon", "zh": "你有一个已结个案即将删除"},
    "recovery-code": {
        "en": "Someone signed in as you with a recovery code",
        "zh": "有人用恢复码登录了你的账号",
    },
    "way-changed": {"en": "The way you sign in was changed", "zh": "你的登录方式有改动"},
    "unsent": {"en": "Notices have not gone out for hours", "zh": "通知已经几个小时没发出去了"},
    "channel-failed": {"en": "A channel for notices takes nothing", "zh": "有一个通知渠道发不出去"},
    "digest": {"en": "Your summary of promises kept and missed", "zh": "承诺兑现情况汇总"},
    "drill-missed": {"en": "The daily drill has failed", "zh": "每日演练没有成功"},
    "flag": {"en": "Something in a case does not add up", "zh": "有个案的内容对不上"},
}

_OWN = {"recovery-code": "/work/accounts/sessions/", "way-changed": "/work/accounts/2fa/"}


@require_http_methods(["GET", "POST"])
@for_act("notices.see")
def notices(request: WorkRequest, org: str) -> HttpResponse:
    if request.method == "POST":
        actions.see_all(request.person, now=timezone.now())
        return redirect("notices", org=org)
    base = f"/work/{org}/"
    keyed = not request.roles.isdisjoint(KEYED_ROLES)
    link = f"{base}team/" if keyed else f"{base}board/" if "overseer" in request.roles else base
    rows = [
        {
            "words": _WORDS.get(one.kind, _OTHER),
            "at": one.at,
            "read": one.read_at is not None,
            "link": f"{base}proposals/" if one.kind == "proposal-waits" else _OWN.get(one.kind, link),
        }
        for one in queries.of(request.person)
    ]
    fresh = any(not row["read"] for row in rows)
    return render(request, "notices/notices.html", {"rows": rows, "fresh": fresh})


KIND_NAMES = {
    "mail": {"en": "A mail server of your own", "zh": "单位自己的邮件服务器"},
    "wecom": {"en": "WeCom group robot", "zh": "企业微信群机器人"},
    "dingtalk": {"en": "DingTalk group robot", "zh": "钉钉群机器人"},
    "feishu": {"en": "Feishu or Lark group robot", "zh": "飞书群机器人"},
    "slack": {"en": "Slack incoming webhook", "zh": "Slack 传入 Webhook"},
    "teams": {"en": "Teams webhook", "zh": "Teams Webhook"},
    "webhook": {"en": "A signed webhook of your own", "zh": "自建的签名 Webhook"},
}
DIGEST_NAMES = {
    "none": {"en": "None", "zh": "不要"},
    "daily": {"en": "Every day", "zh": "每天"},
    "weekly": {"en": "Every Monday", "zh": "每周一"},
}
_CODES = {
    "taken": ("A channel of this name is there already.", "已有同名渠道。"),
    "one-mail-server": ("There is a mail server already. Remove it first.", "已有一个邮件服务器，请先移除。"),
    "not-https": ("The address must begin with https://.", "地址要以 https:// 开头。"),
    "not-an-address": ("This is not an address.", "这不是一个地址。"),
    "not-of-this-service": (
        "This address is not one of that service. For a server of your own, the operator names its host in the settings.",
        "这个地址不属于该服务。如果是自建的，请运维人员在设置里写上主机名。",
    ),
    "short-secret": ("The secret needs at least 16 characters.", "密钥至少要 16 个字符。"),
    "not-a-sender": ("The sender must be an e-mail address.", "发件人必须是邮箱地址。"),
    "not-encrypted": ("The mail server must be spoken to encrypted.", "和邮件服务器的连接必须加密。"),
    "bad-authorities": ("The certificate is not in PEM form.", "证书不是 PEM 格式。"),
    "no-way-left": ("Keep at least one way: e-mail or a group.", "至少留一种方式：邮件或群。"),
    "too-quiet": (
        "Quiet hours need a beginning and an end, at most 14 hours apart.",
        "免打扰要有开始和结束，最长 14 小时。",
    ),
    "no-such-zone": ("There is no such time zone.", "没有这个时区。"),
    "private": (
        "The host is inside the operator’s network, and not allowed.",
        "主机在运维方内网，没有被允许。",
    ),
    "unknown-host": ("No such host was found.", "找不到这个主机。"),
    "no-connection": ("No connection came about, or its certificate did not hold.", "连不上，或证书不可信。"),
    "none": ("No mail server is set.", "还没有设置邮件服务器。"),
    "535": ("The mail server refused the account or its token.", "邮件服务器拒绝了账号或令牌。"),
    "invalid_client": (
        "The token endpoint does not know this client or its secret.",
        "令牌服务不认这个客户端或密钥。",
    ),
    "invalid_grant": ("The refresh token is no longer good.", "刷新令牌已失效。"),
}


def said(code: str) -> str:
    """A code in words, with itself where we have none."""
    found = _CODES.get(code)
    return words(*found) if found else words(f"The service answered: {code}", f"对方返回：{code}")


@require_http_methods(["GET", "POST"])
@for_act("notices.choose")
def how(request: WorkRequest, org: str) -> HttpResponse:
    """How one is told: ways, quiet hours, digest."""
    groups = queries.channels(request.organisation, groups=True)
    chosen = queries.choice(request.person)
    ticked = {str(each.pk) for each in chosen.channels.all()} if not chosen._state.adding else set()
    start = {
        "mail": chosen.mail,
        "channels": list(ticked),
        "quiet_from": chosen.quiet_from,
        "quiet_until": chosen.quiet_until,
        "time_zone": chosen.time_zone,
        "digest": chosen.digest,
    }
    form = How(
        request.POST if request.method == "POST" else None,
        channels=[(str(each.pk), each.name) for each in groups],
        initial=start,
    )
    wrong = ""
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        overseer = "overseer" in request.roles
        try:
            channels.choose(
                request.person,
                mail=data["mail"],
                channels=[UUID(each) for each in data["channels"]],
                quiet_from=data["quiet_from"],
                quiet_until=data["quiet_until"],
                time_zone=data["time_zone"],
                digest=data["digest"] if overseer and data["digest"] else chosen.digest,
            )
        except NotAChannel as error:
            wrong = said(str(error))
        else:
            messages.success(request, words("Saved.", "已保存。"))
            return redirect("how_told", org=org)
    picked = form.data.getlist("channels") if form.is_bound else ticked  # type: ignore[attr-defined]
    shown = {
        "form": form,
        "wrong": wrong,
        "mail": "mail" in form.data if form.is_bound else chosen.mail,
        "digest": form.data.get("digest") if form.is_bound else chosen.digest,
        "groups": [{"id": str(each.pk), "name": each.name, "on": str(each.pk) in picked} for each in groups],
        "digests": [{"value": each, "name": DIGEST_NAMES[each]} for each in DIGESTS],
        "zone": request.organisation.time_zone,
    }
    return render(request, "notices/how.html", shown, status=400 if form.is_bound else 200)


@require_safe
@for_act("channels.see")
def channel_list(request: WorkRequest, org: str) -> HttpResponse:  # noqa: ARG001
    """All channels, how each is doing, and how long the oldest notice has waited."""
    now = timezone.now()
    age = queries.oldest_unsent(now, request.organisation)
    return render(request, "notices/channels.html", {
        "rows": [_row(each) for each in queries.channels(request.organisation)],
        "kinds": [{"kind": each, "name": KIND_NAMES[each]} for each in CHANNELS],
        "hours": None if age is None else int(age.total_seconds() // 3600),
        "minutes": None if age is None else int(age.total_seconds() // 60),
        "jammed": queries.is_jammed(now, request.organisation),
        "unsure": queries.unsure(request.organisation),
        "given_up": queries.given_up(request.organisation),
        "operator": _operator(),
        "manner": queries.manner(request.organisation),
    })  # fmt: skip


def _operator() -> bool:
    try:
        return offices.operator_office() is not None
    except ServerDown:
        return True


def _row(channel: Any) -> dict[str, object]:
    """Of `queries.channels`."""
    return {
        "id": channel.pk,
        "name": channel.name,
        "kind": KIND_NAMES[channel.kind],
        "on": channel.on,
        "tested": channel.tested_at,
        "failed": channel.failed_at,
        "code": said(channel.code) if channel.code else "",
        "ticked": channel.ticked if channel.kind != "mail" else None,
    }


@require_http_methods(["GET", "POST"])
@for_act("channels.change")
def add_channel(request: WorkRequest, org: str, kind: str) -> HttpResponse:
    """Set up one channel of a kind."""
    if kind not in CHANNELS:
        raise Http404
    form: MailServer | Group = (MailServer if kind == "mail" else Group)(
        request.POST or None, auto_id="id_%s", initial={"name": KIND_NAMES[kind][words("en", "zh")]}
    )
    wrong = ""
    if request.method == "POST" and form.is_valid():
        try:
            name, now = form.cleaned_data["name"], timezone.now()
            channels.add(request.organisation, kind, name, form.values(), now=now)
        except NotAChannel as error:
            wrong = said(str(error))
        else:
            messages.success(request, words("Added. Now test it.", "已添加，请测试一下。"))
            return redirect("channels", org=org)
    shown = {"form": form, "kind": kind, "name": KIND_NAMES[kind], "wrong": wrong}
    return render(request, "notices/add_channel.html", shown, status=400 if form.is_bound else 200)


@require_POST
@for_act("channels.test")
def test_channel(request: WorkRequest, org: str, channel_id: UUID) -> HttpResponse:
    """Send the usual words by it now."""
    code = channels.try_out(_found(request, channel_id), by=request.person, now=timezone.now())
    return _answer(request, org, code)


@require_POST
@for_act("channels.test")
def test_mail(request: WorkRequest, org: str) -> HttpResponse:
    """Send a mail to oneself by the installation's server."""
    return _answer(request, org, channels.try_operator_mail(by=request.person, now=timezone.now()))


def _answer(request: WorkRequest, org: str, code: str) -> HttpResponse:
    if code:
        messages.error(request, words("It did not work. ", "没有成功。") + said(code))
    else:
        messages.success(
            request, words("It was taken. Look whether it came.", "对方已收下，请看看到了没有。")
        )
    return redirect("channels", org=org)


@require_POST
@for_act("channels.change")
def switch_channel(request: WorkRequest, org: str, channel_id: UUID) -> HttpResponse:
    """Off, or on again."""
    channels.switch(_found(request, channel_id), on=request.POST.get("on") == "1", now=timezone.now())
    return redirect("channels", org=org)


@require_POST
@for_act("channels.change")
def remove_channel(request: WorkRequest, org: str, channel_id: UUID) -> HttpResponse:
    """Gone."""
    channels.remove(_found(request, channel_id), now=timezone.now())
    return redirect("channels", org=org)


@require_POST
@for_act("channels.change")
def decide(request: WorkRequest, org: str) -> HttpResponse:
    """What holds for all."""
    form = Manners(request.POST)
    if form.is_valid():
        channels.decide(request.organisation, **form.cleaned_data)
        messages.success(request, words("Saved.", "已保存。"))
    else:
        messages.error(request, words("Hours go from 1 to 72.", "小时数从 1 到 72。"))
    return redirect("channels", org=org)


def _found(request: WorkRequest, channel_id: UUID) -> Channel:
    try:
        return queries.channel(request.organisation, channel_id)
    except NotFound:
        raise Http404 from None

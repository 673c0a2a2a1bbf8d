"""The notices of the signed-in person."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from answerable.notices import actions, queries
from answerable.organisation.access import WorkRequest, for_act
from answerable.organisation.rules import KEYED_ROLES

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
    "erasing-soon": {"en": "A closed case of yours will be erased soon", "zh": "你有一个已结个案即将删除"},
    "recovery-code": {
        "en": "Someone signed in as you with a recovery code",
        "zh": "有人用恢复码登录了你的账号",
    },
    "way-changed": {"en": "The way you sign in was changed", "zh": "你的登录方式有改动"},
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
            "link": _OWN.get(one.kind, link),
        }
        for one in queries.of(request.person)
    ]
    fresh = any(not row["read"] for row in rows)
    return render(request, "notices/notices.html", {"rows": rows, "fresh": fresh})

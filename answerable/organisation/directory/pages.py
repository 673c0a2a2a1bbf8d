"""Administrators' pages: upload a file, read what is wrong with it, see what it would change, apply that."""

import csv
import io
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from answerable.organisation.access import WorkRequest, for_act, page_of
from answerable.organisation.directory import aside, plans
from answerable.organisation.directory.forms import UploadPeople
from answerable.organisation.errors import AlreadyThere, NotAllowed, NotFound
from answerable.organisation.models import DirectoryPlan
from answerable.organisation.words import ROLE_NAMES
from answerable.ui.templatetags.words import words

SHOWN = 100
"""Faults on a page; the list to download has them all."""

COLUMN_NAMES: dict[str, dict[str, str]] = {
    "number": {"en": "number", "zh": "工号"},
    "name": {"en": "name", "zh": "姓名"},
    "name_latin": {"en": "Latin name", "zh": "拉丁字母姓名"},
    "unit": {"en": "unit", "zh": "部门"},
    "manager": {"en": "line manager", "zh": "直属上级"},
    "email": {"en": "e-mail", "zh": "邮箱"},
    "phone": {"en": "phone", "zh": "电话"},
    "language": {"en": "language", "zh": "语言"},
    "place": {"en": "place", "zh": "地点"},
}
KINDS: dict[str, dict[str, str]] = {
    "joined": {"en": "Joined", "zh": "新加入"},
    "returned": {"en": "Came back", "zh": "重新加入"},
    "moved": {"en": "Moved: unit or line manager", "zh": "换了部门或上级"},
    "changed": {"en": "Changed otherwise", "zh": "其他改动"},
    "left": {"en": "Left", "zh": "离开"},
}
_CHANGED = {
    "en": "Nothing was changed: the directory is not as it was when this was worked out. Upload the file again.",
    "zh": "没有改动：名录和计算时已经不同。请重新上传文件。",
}
_DONE_BEFORE = {"en": "This was applied already.", "zh": "这份改动已经执行过了。"}
_REFUSED = {
    "Occupied": {
        "en": "Another file is being worked on just now. Nothing was changed; try again in a minute.",
        "zh": "另一份文件正在处理中。没有改动，请一分钟后再试。",
    },
    "Unfinished": {
        "en": "It took too long or was broken off. Nothing was changed. Try again, or ask the operator to import it.",
        "zh": "处理时间过长或中断了，没有改动。请重试，或请运维人员来导入。",
    },
}
_SECOND = {
    "en": "More than one in ten would leave: another administrator must confirm this.",
    "zh": "离开的人超过十分之一：须由另一位管理员确认。",
}


@require_http_methods(["GET", "POST"])
@for_act("people.import")
def upload(request: WorkRequest, org: str) -> HttpResponse:
    """Check a file; the next page shows its faults or what it would change."""
    now = timezone.now()
    form = UploadPeople(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            plan_id = aside.prepare(
                request.organisation,
                form.cleaned_data["people"],
                units=form.cleaned_data["units"],
                whole=form.cleaned_data["kind"] == "whole",
                by=request.person,
                now=now,
            )
        except (aside.Occupied, aside.Unfinished) as refused:
            messages.error(request, page_of(_REFUSED[type(refused).__name__]))
            return redirect("people_import", org=org)
        return redirect("people_plan", org=org, plan_id=plan_id)
    last = plans.last(request.organisation)
    return render(
        request,
        "organisation/people_import.html",
        {
            "form": form,
            "waiting": plans.waiting(request.organisation, now=now),
            "last": last,
            "last_counts": _counts(last) if last else [],
            "columns": COLUMN_NAMES.items(),
        },
    )


@require_GET
@for_act("people.import")
def plan(request: WorkRequest, org: str, plan_id: UUID) -> HttpResponse:  # noqa: ARG001
    """What is wrong with the file, or what it would change."""
    shown = _found(request, plan_id)
    faults = plans.faults_of(shown)
    alone = shown.needs_second and shown.by_id == request.person.pk
    return render(
        request,
        "organisation/people_plan.html",
        {
            "plan": shown,
            "summary": shown.summary,
            "counts": _counts(shown),
            "faults": [
                {"line": each.line, "column": _column(each.column), "said": each.said}
                for each in faults[:SHOWN]
            ],
            "samples": [
                {"kind": KINDS[kind], "rows": shown.summary["samples"][kind]}
                for kind in KINDS
                if shown.summary["samples"][kind]
            ],
            "with_roles": [
                {"person": each, "roles": [ROLE_NAMES[role] for role in each["roles"]]}
                for each in shown.summary["left_with_roles"]
            ],
            "digest": bytes(shown.digest).hex(),
            "alone": alone,
            "open": shown.applied_at is None and not faults and not shown.summary["nothing"],
        },
    )


@require_POST
@for_act("people.apply")
def apply(request: WorkRequest, org: str, plan_id: UUID) -> HttpResponse:
    """Do what the page showed, once."""
    shown = _found(request, plan_id)
    try:
        digest = bytes.fromhex(request.POST.get("digest", "")[:64])
        aside.apply(
            shown, organisation=request.organisation, by=request.person, digest=digest, now=timezone.now()
        )
    except (aside.Occupied, aside.Unfinished) as refused:
        messages.error(request, page_of(_REFUSED[type(refused).__name__]))
    except (plans.DirectoryChanged, ValueError):
        messages.error(request, page_of(_CHANGED))
        return redirect("people_import", org=org)
    except AlreadyThere:
        messages.error(request, page_of(_DONE_BEFORE))
    except NotAllowed:
        messages.error(request, page_of(_SECOND))
    except NotFound:
        raise Http404 from None
    return redirect("people_plan", org=org, plan_id=shown.pk)


@require_GET
@for_act("people.import")
def faults(request: WorkRequest, org: str, plan_id: UUID) -> HttpResponse:  # noqa: ARG001
    """Every fault as CSV that a spreadsheet shows and does not run."""
    out = io.StringIO()
    table = csv.writer(out)
    table.writerow([words("line", "行"), words("column", "列"), words("code", "代码"), words("what", "问题")])
    for each in plans.faults_of(_found(request, plan_id)):
        table.writerow([each.line, _plain(each.column or ""), each.code, page_of(each.said)])
    answer = HttpResponse("\ufeff" + out.getvalue(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="faults.csv"'
    return answer


def _found(request: WorkRequest, plan_id: UUID) -> DirectoryPlan:
    try:
        return plans.find(request.organisation, plan_id, now=timezone.now())
    except NotFound:
        raise Http404 from None


def _counts(plan: DirectoryPlan) -> list[dict[str, Any]]:
    return [{"kind": said, "count": plan.summary["counts"][kind]} for kind, said in KINDS.items()]


def _column(name: str | None) -> dict[str, str]:
    return COLUMN_NAMES.get(name or "", {"en": name or "–", "zh": name or "–"})


def _plain(text: str) -> str:
    """A heading of the file's own may begin as a formula does."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠") else text

"""The pages of the set-up, of opening, of settings, and of what needs a second person."""

import hashlib
import hmac
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe

from answerable.organisation import actions as organisations
from answerable.organisation import proposals, queries, seams
from answerable.organisation import rules as people
from answerable.organisation.access import WorkRequest, for_act, page_of
from answerable.organisation.errors import AlreadyThere, NotAllowed, NotFound, NotReady
from answerable.organisation.models import Mark, Organisation, Proposal, Setup
from answerable.organisation.words import REASONS
from answerable.setup import actions, configuration, places, questions, rules, showing
from answerable.setup.errors import BadConfiguration, MailTrouble, NothingRuns, TooMany, WrongCode
from answerable.ui import colours
from answerable.ui.templatetags.words import words

_KEY = "setup-key"  # in the session of the browser that used the code
_LINKS = "setup-links"  # between making an organisation and showing its first invitations once
_MAIL = "mail-test"

TITLES = {
    "name": ("What is the organisation called?", "单位叫什么名字？"),
    "languages": ("Which languages do people there read?", "大家能看懂哪些语言？"),
    "address": ("Where will its page be?", "页面放在哪个网址？"),
    "places": ("Where do people work?", "大家在哪些地方上班？"),
    "zones": ("Which clock counts?", "按哪里的时间算？"),
    "look": ("How should it look?", "用什么颜色和标志？"),
    "contact": ("Whom can people reach outside?", "单位以外可以找谁？"),
    "administrators": ("Who looks after it?", "谁来管理？"),
}


# --- the set-up ---


@require_http_methods(["GET", "POST"])
def begin(request: HttpRequest) -> HttpResponse:
    """The code; or, for the browser that used it, the next question; or, once, the links that came of it."""
    _no_own_host(request)
    links = request.session.pop(_LINKS, None)
    if links:
        return render(request, "setup/made.html", links)
    if not Setup.objects.filter(running=True).exists():
        raise Http404
    try:
        running = actions.held(request.session.get(_KEY))
    except NothingRuns:
        return _ask_for_code(request)
    return redirect("setup_question", step=rules.unanswered(running.answers))


def _ask_for_code(request: HttpRequest) -> HttpResponse:
    form, status = questions.TypeCode(request.POST or None), 200
    if request.method == "POST" and form.is_valid():
        try:
            key = actions.redeem(form.cleaned_data["code"], now=timezone.now())
        except WrongCode:
            status = 403
            form.add_error(
                "code",
                words(
                    "This code does not open anything: mistyped, used already, or older than seven days. "
                    "The operator makes a new one with “answerable setup code”.",
                    "这个代码打不开：可能打错了、已经用过，或超过七天。运维人员可以用 answerable setup code 生成新的。",
                ),
            )
        except TooMany:
            status = 429
            form.add_error(
                "code",
                words("Too many wrong codes. Try again in a minute.", "错误次数太多，请一分钟后再试。"),
            )
        else:
            request.session.cycle_key()
            request.session[_KEY] = key
            return redirect("setup")
    return render(request, "setup/code.html", {"form": form}, status=status)


@require_http_methods(["GET", "POST"])
def question(request: HttpRequest, step: str) -> HttpResponse:
    """One question, its answer kept; the last page shows all of them and makes the organisation."""
    _no_own_host(request)
    if step not in rules.STEPS:
        raise Http404
    try:
        running = actions.held(request.session.get(_KEY))
    except NothingRuns:
        return redirect("setup")
    if step == "check":
        return _check(request, running)
    form = _form(request, step, running.answers.get(step), running.answers)
    if request.method == "POST" and form.is_valid():
        actions.save(running, step, form.answer())
        onward = rules.STEPS[rules.STEPS.index(step) + 1]
        if request.POST.get("then") == "check" and rules.unanswered(running.answers) == "check":
            onward = "check"
        return redirect("setup_question", step=onward)
    at = rules.STEPS.index(step)
    context = _shown(step, form) | {
        "number": at + 1,
        "of": len(rules.STEPS),
        "back": rules.STEPS[at - 1] if at else None,
        "complete": rules.unanswered(running.answers) == "check",
        "site": request.get_host(),
        "log": rules.origin(request.get_host(), running.answers.get("address", {}).get("slug", "…")),
        "lasting": rules.is_lasting_host(request.get_host()),
    }
    return render(request, "setup/question.html", context)


def _check(request: HttpRequest, running: Setup) -> HttpResponse:
    missing = rules.unanswered(running.answers)
    if missing != "check":
        return redirect("setup_question", step=missing)
    trouble = ""
    if request.method == "POST":
        now = timezone.now()
        try:
            made = actions.finish(running, site_host=request.get_host(), now=now)
        except NothingRuns:
            return redirect("setup")
        except BadConfiguration as error:
            trouble = str(error)
        else:
            base = f"{request.scheme}://{made.organisation.host or request.get_host()}"
            request.session.pop(_KEY, None)
            request.session[_LINKS] = {
                "made": made.organisation.name,
                "slug": made.organisation.slug,
                "links": [
                    {"name": person.name, "link": base + reverse("invitation", args=[token])}
                    for person, token in made.invited
                ],
            }
            return redirect("setup")
    answers = running.answers
    host = answers["address"]["host"] or request.get_host()
    context = {
        "trouble": trouble,
        "answers": answers,
        "number": len(rules.STEPS),
        "of": len(rules.STEPS),
        "places": showing.said(answers["places"]["places"]),
        "log": rules.origin(host, answers["address"]["slug"]),
        "address": f"{host}/o/{answers['address']['slug']}/",
        "lasting": rules.is_lasting_host(host),
    }
    return render(request, "setup/check.html", context)


def _form(
    request: HttpRequest, step: str, kept: dict[str, Any] | None, known: dict[str, Any]
) -> questions.Question:
    kind = questions.QUESTIONS[step]
    if request.method != "POST":
        return kind(initial=kept or {}, known=known)
    data = request.POST.copy()
    if step == "look" and "mark" not in data:
        data["mark"] = (kept or {}).get("mark", "")
    return kind(data, request.FILES, known=known)


def _shown(step: str, form: questions.Question) -> dict[str, Any]:
    """What a question's page needs, in the set-up and in settings."""
    en, zh = TITLES[step]
    picked = form.initial.get(step, [])
    if isinstance(form.data, QueryDict) and form.is_bound:
        picked = form.data.getlist(step)
    context = {
        "step": step,
        "title": words(en, zh),
        "form": form,
        "picked": picked or (["en", "zh"] if step == "languages" and not form.is_bound else []),
        "template": f"setup/ask/{step}.html",
    }
    if step == "places":
        context["places"] = [(place, _said_packs(place)) for place in places.every()]
    if step == "look":
        kept = "" if form.is_bound else form.initial.get("mark", "")
        context["mark"] = kept or (form.cleaned_data.get("mark", "") if form.is_bound else "")
        context["suggestion"] = getattr(form, "suggestion", None)
        accent = (form.data.get("accent") if form.is_bound else form.initial.get("accent")) or ""
        if colours.is_colour(accent.lower()):
            context["ratio"] = f"{colours.least_contrast(accent.lower()):.1f}"
            context["triple"] = colours.least_contrast(accent.lower()) >= colours.AAA
            context["better"] = colours.nearest(accent.lower(), colours.AAA)
    return context


def _said_packs(place: places.Place) -> str:
    named = {
        "eu": words("EU directive on whistleblowers", "欧盟举报人指令"),
        "fr": words("French law", "法国法律"),
    }
    known = [named[each] for each in place.packs if each in named]
    return words(", ", "、").join([words("our own promises", "我们自己的承诺"), *known])


def _no_own_host(request: HttpRequest) -> None:
    """The set-up is no matter of an organisation that has a host of its own."""
    if queries.own_host_of(request.get_host().rpartition(":")[0] or request.get_host()) is not None:
        raise Http404


# --- opening ---


@require_GET
@for_act("opening.see")
def opening(request: WorkRequest, org: str) -> HttpResponse:  # noqa: ARG001
    """The checklist: what must hold before reports are taken, and where each line is mended."""
    organisation = Organisation.objects.get(pk=request.organisation.pk)
    lines = queries.readiness(organisation, now=timezone.now())
    missing = [line for line in lines if not line.done]
    done = [line for line in lines if line.done]
    context = {
        "missing": missing,
        "done": done,
        "now": organisation,
        "health": seams.health(organisation, timezone.now()),
    }
    return render(request, "setup/opening.html", context)


@require_POST
@for_act("opening.open")
def open_now(request: WorkRequest, org: str) -> HttpResponse:
    try:
        organisations.open_to_reports(request.organisation, by=request.person, now=timezone.now())
    except NotReady:
        messages.error(request, words("Not yet: something is still missing.", "还不行：还缺东西。"))
    except NotAllowed as refused:
        messages.error(request, page_of(REASONS[str(refused)]))
    return redirect("opening", org=org)


@require_POST
@for_act("opening.pause")
def pause(request: WorkRequest, org: str) -> HttpResponse:
    try:
        organisations.pause(request.organisation, by=request.person, now=timezone.now())
    except NotAllowed as refused:
        messages.error(request, page_of(REASONS[str(refused)]))
    return redirect("opening", org=org)


@require_http_methods(["GET", "POST"])
@for_act("opening.test_mail")
def test_mail(request: WorkRequest, org: str) -> HttpResponse:
    """Send oneself a code by e-mail, and type it: whoever reads it there has shown that mail arrives."""
    now, form, trouble = timezone.now(), questions.TypeCode(), ""
    pending = request.session.get(_MAIL)
    if request.method == "POST" and "code" in request.POST:
        form = questions.TypeCode(request.POST)
        if form.is_valid() and _mail_code_fits(request, form.cleaned_data["code"], now):
            actions.confirm_test_mail(request.organisation, by=request.person, now=now)
            return redirect("opening", org=org)
        form.add_error(
            "code", words("This is not the code in the newest mail.", "这不是最新那封邮件里的验证码。")
        )
        pending = request.session.get(_MAIL)
    elif request.method == "POST":
        try:
            code = actions.send_test_mail(request.person, now=now)
        except MailTrouble as error:
            trouble = str(error)
        else:
            request.session[_MAIL] = {"sha256": _digest(code), "at": now.isoformat(), "tries": 0}
            return redirect("test_mail", org=org)
    context = {
        "form": form,
        "pending": pending,
        "trouble": trouble,
        "server": queries.mail_server(),
        "tested": queries.milestone(people.MAIL_TESTED, request.organisation),
    }
    return render(request, "setup/test_mail.html", context)


def _mail_code_fits(request: HttpRequest, typed: str, now: datetime) -> bool:
    pending = request.session.get(_MAIL)
    if not pending:
        return False
    fresh = now - datetime.fromisoformat(pending["at"]) <= rules.MAIL_CODE_LASTS
    fits = fresh and hmac.compare_digest(pending["sha256"], _digest(rules.code_typed(typed)))
    if fits or not fresh or pending["tries"] + 1 >= rules.MAIL_TRIES:
        del request.session[_MAIL]
    else:
        request.session[_MAIL] = {**pending, "tries": pending["tries"] + 1}
    return fits


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


# --- settings ---

SETTINGS = ("name", "languages", "look", "contact", "places", "zones")


@require_GET
@for_act("settings.see")
def settings_page(request: WorkRequest, org: str) -> HttpResponse:  # noqa: ARG001
    organisation = Organisation.objects.get(pk=request.organisation.pk)
    waits = {each.kind.removeprefix("setup-") for each in proposals.waiting(organisation)}
    rows = [
        {"step": step, "title": words(*TITLES[step]), "waits": step in waits, "two": step in actions.KINDS}
        for step in SETTINGS
    ]
    return render(request, "setup/settings.html", {"rows": rows, "now": organisation})


@require_http_methods(["GET", "POST"])
@for_act("settings.change")
def setting(request: WorkRequest, org: str, step: str) -> HttpResponse:
    if step not in SETTINGS:
        raise Http404
    organisation = Organisation.objects.get(pk=request.organisation.pk)
    known: dict[str, Any] = dict(configuration.of(organisation))
    form = _form(request, step, known[step], known)
    if request.method == "POST" and form.is_valid():
        try:
            waits = actions.change(organisation, step, form.answer(), by=request.person, now=timezone.now())
        except AlreadyThere:
            messages.error(
                request,
                words(
                    "A change of this waits already; decide on it first.",
                    "已有一项修改在等待确认，请先处理。",
                ),
            )
            return redirect("proposals", org=org)
        return redirect("proposals" if waits else "settings", org=org)
    two = step in actions.KINDS and organisation.opened_at is not None
    return render(request, "setup/setting.html", _shown(step, form) | {"two": two})


# --- what needs a second person ---


@require_GET
@for_act("proposals.see")
def proposals_page(request: WorkRequest, org: str) -> HttpResponse:  # noqa: ARG001
    """What waits for a second person, and what was decided: only the kinds in which one's roles have a say."""
    waiting = [_proposal(each, request) for each in proposals.waiting(request.organisation)]
    decided = [_proposal(each, request) for each in proposals.recent(request.organisation)]
    context = {"waiting": [each for each in waiting if each], "decided": [each for each in decided if each]}
    return render(request, "setup/proposals.html", context)


def _proposal(proposal: Proposal, request: WorkRequest) -> dict[str, Any] | None:
    if not proposals.concerns(proposal, request.roles):
        return None
    kind = proposals.KINDS[proposal.kind]
    return {
        "proposal": proposal,
        "title": kind.title,
        "rows": kind.show(proposal),
        "mine": proposal.by_id == request.person.pk,
        "may": not kind.confirmers.isdisjoint(request.roles) and proposal.by_id != request.person.pk,
    }


@require_POST
@for_act("proposals.decide")
def decide(request: WorkRequest, org: str, proposal: UUID) -> HttpResponse:
    try:
        found = proposals.find(request.organisation, proposal)
        if not proposals.concerns(found, request.roles):
            raise Http404
        act = proposals.confirm if request.POST.get("how") == "confirm" else proposals.withdraw
        act(found, by=request.person, now=timezone.now())
    except NotFound:
        raise Http404 from None
    except NotAllowed as refused:
        messages.error(request, page_of(REASONS[str(refused)]))
    return redirect("proposals", org=org)


# --- colours and mark, for everybody ---


@require_safe
def theme_css(request: HttpRequest, org: str) -> HttpResponse:  # noqa: ARG001
    """The accent as custom properties, for pages that this server makes; reporters' scripts set the same themselves."""
    accent = request.organisation.accent  # type: ignore[attr-defined]
    response = HttpResponse(_css(accent) if accent else "", content_type="text/css; charset=utf-8")
    response.headers["Cache-Control"] = "no-cache"
    return response


def _css(accent: str) -> str:
    look = colours.theme(accent)
    light, dark = (
        "".join(f"--{name}:{value};" for name, value in each.items()) for each in (look.light, look.dark)
    )
    return f":root{{{light}}}\n@media (prefers-color-scheme:dark){{:root{{{dark}}}}}\n@media print{{:root{{{light}}}}}\n"


@require_safe
def mark_png(request: HttpRequest, org: str) -> HttpResponse:  # noqa: ARG001
    """The mark, by an address that names its hash, so that it may be kept."""
    found = Mark.objects.filter(organisation=request.organisation).first()  # type: ignore[attr-defined]
    if found is None:
        raise Http404
    response = HttpResponse(bytes(found.png), content_type="image/png")
    response.headers["Cache-Control"] = "public, max-age=86400" if request.GET.get("v") else "no-cache"
    response.headers["Content-Security-Policy"] = "default-src 'none'"
    return response

"""The administrator's pages for questions of one's own: make them, keep a version, look at it, have it asked."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from answerable.organisation import proposals
from answerable.organisation.access import WorkRequest, for_act
from answerable.organisation.errors import AlreadyThere
from answerable.questions import actions, queries, rules
from answerable.questions.errors import BadQuestions, NoSuchSet
from answerable.questions.forms import TypeQuestion, UploadQuestions
from answerable.questions.models import QuestionSet
from answerable.ui.templatetags.words import words


@require_GET
@for_act("questions.see")
def listed(request: WorkRequest, org: str) -> HttpResponse:  # noqa: ARG001
    """What is asked, what is being written, and every version."""
    return _page(request)


@require_http_methods(["GET", "POST"])
@for_act("questions.write")
def question(request: WorkRequest, org: str, question: str = "") -> HttpResponseBase:
    """One question of the draft: a new one, or one that is there."""
    draft = _draft(request)
    asked: list[dict[str, Any]] = draft["questions"]
    at = next((at for at, each in enumerate(asked) if each["id"] == question), len(asked))
    if question and at == len(asked):
        raise Http404
    old = asked[at] if question else None
    if old is None and len(asked) >= rules.MOST_QUESTIONS:
        messages.error(request, words("Twelve questions are the most.", "最多十二个问题。"))
        return redirect("questions", org)
    form = TypeQuestion(request.POST if request.method == "POST" else None, known=asked[:at], old=old)
    if request.method == "POST" and form.is_valid():
        made = form.question(question or _fresh(asked))
        try:
            actions.keep_draft(
                request.organisation,
                {**draft, "questions": [*asked[:at], made, *asked[at + 1 :]]},
                now=timezone.now(),
            )
        except BadQuestions as bad:
            form.add_error(None, _said(bad))
        else:
            return redirect("questions", org)
    context = {"form": form, "question": old, "number": at + 1, "organisation": request.organisation}
    return render(request, "questions/question.html", context)


@require_POST
@for_act("questions.write")
def arrange(request: WorkRequest, org: str) -> HttpResponseBase:
    """Move a question up or down, or take it out."""
    draft = _draft(request)
    asked = list(draft["questions"])
    at = next((at for at, each in enumerate(asked) if each["id"] == request.POST.get("question")), None)
    how = request.POST.get("how")
    if at is None:
        raise Http404
    if how == "remove":
        del asked[at]
    elif how == "up" and at:
        asked[at - 1], asked[at] = asked[at], asked[at - 1]
    elif how == "down" and at + 1 < len(asked):
        asked[at + 1], asked[at] = asked[at], asked[at + 1]
    try:
        actions.keep_draft(request.organisation, {**draft, "questions": asked}, now=timezone.now())
    except BadQuestions:
        messages.error(
            request,
            words(
                "Another question hangs on this one: change its condition first.",
                "有别的问题以它为条件，请先改那个条件。",
            ),
        )
    return redirect("questions", org)


@require_POST
@for_act("questions.write")
def bring(request: WorkRequest, org: str) -> HttpResponseBase:
    """A file becomes the draft, whole or not at all."""
    form = UploadQuestions(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, words("Choose a file.", "请选择文件。"))
    try:
        actions.keep_draft(
            request.organisation,
            rules.read(form.cleaned_data["file"].read(rules.MOST_BYTES + 1)),
            now=timezone.now(),
        )
    except BadQuestions as bad:
        return _page(request, _said(bad))
    return redirect("questions", org)


@require_POST
@for_act("questions.write")
def keep(request: WorkRequest, org: str) -> HttpResponseBase:
    """The draft becomes a version, or is dropped."""
    if request.POST.get("how") == "drop":
        actions.drop_draft(request.organisation)
        return redirect("questions", org)
    draft = queries.draft(request.organisation)
    if draft is None:
        raise Http404
    made = actions.make(request.organisation, draft, by=request.person, now=timezone.now())
    return redirect("question_version", org, made.version)


def _with_version(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    @wraps(view)
    def found(request: WorkRequest, org: str, version: int) -> HttpResponseBase:  # noqa: ARG001
        try:
            return view(request, queries.version(request.organisation, version))
        except NoSuchSet:
            raise Http404 from None

    return found


@require_GET
@for_act("questions.see")
@_with_version
def version(request: WorkRequest, found: QuestionSet) -> HttpResponse:
    """A version as reporters see it, in both languages."""
    waits = any(
        each.kind == actions.PUBLISH and each.what["version"] == found.version
        for each in proposals.waiting(request.organisation)
    )
    shown = _shown(queries.content(found)["questions"])
    context = {"version": found, "questions": shown, "waits": waits, "organisation": request.organisation}
    return render(request, "questions/version.html", context)


@require_GET
@for_act("questions.see")
@_with_version
def export(request: WorkRequest, found: QuestionSet) -> HttpResponse:
    """A version as a file."""
    answer = HttpResponse(found.content + "\n", content_type="application/json")
    name = f"questions-{request.organisation.slug}-{found.version}.json"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


@require_POST
@for_act("questions.write")
@_with_version
def change(request: WorkRequest, found: QuestionSet) -> HttpResponseBase:
    """Begin the next version from this one."""
    actions.keep_draft(request.organisation, queries.content(found), now=timezone.now())
    return redirect("questions", request.organisation.slug)


@require_POST
@for_act("questions.publish")
@_with_version
def publish(request: WorkRequest, found: QuestionSet) -> HttpResponseBase:
    """Have reporters asked this version: at once before opening, else with a second person."""
    try:
        waits = actions.publish(found, by=request.person, now=timezone.now())
    except AlreadyThere:
        messages.info(request, words("It waits for somebody else already.", "已经在等另一个人确认。"))
        return redirect("proposals", request.organisation.slug)
    if waits is None:
        messages.success(
            request, words("Reporters are asked these questions now.", "现在会向报告人提出这些问题。")
        )
        return redirect("questions", request.organisation.slug)
    messages.success(request, words("Somebody else must confirm it now.", "现在需要另一个人确认。"))
    return redirect("proposals", request.organisation.slug)


@require_POST
@for_act("questions.stop")
def stop(request: WorkRequest, org: str) -> HttpResponseBase:
    """Ask no questions of one's own any more."""
    actions.stop(request.organisation)
    messages.success(request, words("Your questions are no longer asked.", "不再提出自定问题。"))
    return redirect("questions", org)


def _page(request: WorkRequest, refused: str = "") -> HttpResponse:
    draft = queries.draft(request.organisation)
    every = queries.versions(request.organisation)
    context = {
        "organisation": request.organisation,
        "draft": draft,
        "questions": _shown(draft["questions"]) if draft else [],
        "full": bool(draft) and len(draft["questions"]) >= rules.MOST_QUESTIONS,  # type: ignore[index]
        "versions": every,
        "asked": next((each for each in every if each.asked), None),
        "refused": refused,
    }
    return render(request, "questions/questions.html", context, status=422 if refused else 200)


def _draft(request: WorkRequest) -> dict[str, Any]:
    found = queries.draft(request.organisation)
    if found is not None:
        return found
    newest = queries.newest(request.organisation)
    return queries.content(newest) if newest else queries.empty(request.organisation.slug)


def _fresh(asked: list[dict[str, Any]]) -> str:
    used = {each["id"] for each in asked}
    return next(name for name in (f"q{n}" for n in range(1, 100)) if name not in used)


def _shown(asked: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each question with its kind and its condition in words."""
    known = {each["id"]: (at, each) for at, each in enumerate(asked, 1)}
    shown = []
    for each in asked:
        when = each.get("when")
        row = {**each, "kind_said": dict(zip(("en", "zh"), rules.KINDS[each["kind"]], strict=True))}
        if when:
            at, about = known[when["question"]]
            texts = dict(rules.answers_of(about))
            row["condition"] = {
                "number": at,
                "en": " or ".join(f"“{texts[one]['en']}”" for one in when["answers"]),
                "zh": "或".join(f"“{texts[one]['zh']}”" for one in when["answers"]),
            }
        shown.append(row)
    return shown


def _said(bad: BadQuestions) -> str:
    place = f"{bad.place}: " if bad.place else ""
    return place + words(bad.en, bad.zh)

"""Making versions of the questions, and deciding which one reporters are asked.

What is asked of reporters can be used to find out who they are. So once an organisation takes reports, a version is published
by two people: an administrator proposes it, and another administrator, an overseer or an external member confirms it
(`organisation.proposals`). To stop asking needs nobody else.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.db import IntegrityError, transaction

from answerable.organisation import proposals
from answerable.organisation import rules as people
from answerable.organisation.errors import NotAllowed
from answerable.organisation.models import Organisation, Person, Proposal
from answerable.questions import queries, rules
from answerable.questions.errors import NoSuchSet
from answerable.questions.models import QuestionDraft, QuestionSet

PUBLISH: Final = "questions-publish"
TITLE: Final = {"en": "Questions of your own are asked", "zh": "启用自定问题"}
PROPOSERS: Final = frozenset({"administrator"})
CONFIRMERS: Final = frozenset({"administrator", "overseer", "external"})
_NONE: Final[dict[str, str]] = {}


def keep_draft(organisation: Organisation, draft: Mapping[str, Any], *, now: datetime) -> None:
    """Go on with this later. Raises BadQuestions."""
    checked = rules.check(dict(draft))
    QuestionDraft.objects.update_or_create(
        organisation=organisation, defaults={"content": checked, "changed_at": now}
    )


def drop_draft(organisation: Organisation) -> None:
    """Forget what was being worked on."""
    QuestionDraft.objects.filter(organisation=organisation).delete()


@transaction.atomic
def make(
    organisation: Organisation, wanted: Mapping[str, Any], *, by: Person | None, now: datetime
) -> QuestionSet:
    """The next version; the file's own number where it is higher than all here. Raises BadQuestions."""
    Organisation.objects.select_for_update().get(pk=organisation.pk)
    newest = queries.newest(organisation)
    last = newest.version if newest else 0
    checked = rules.check(dict(wanted))
    checked = rules.check({**checked, "version": max(checked["version"], last + 1)})
    made = QuestionSet.objects.create(
        organisation=organisation,
        version=checked["version"],
        content=rules.canonical(checked).decode(),
        sha256=rules.fingerprint(checked),
        made_by=by,
        made_at=now,
    )
    drop_draft(organisation)
    return made


def publish(found: QuestionSet, *, by: Person, now: datetime) -> Proposal | None:
    """Ask reporters this version from now on, or propose to. Raises AlreadyThere (one waits already), NotAllowed."""
    if found.organisation.opened_at is None:
        ask(found, now=now)
        return None
    what = {"version": found.version, "sha256": found.sha256}
    return proposals.propose(found.organisation, PUBLISH, what, by=by, now=now)


@transaction.atomic
def ask(found: QuestionSet, *, now: datetime) -> None:
    """Ask reporters this version and no other."""
    stop(found.organisation)
    try:
        QuestionSet.objects.filter(pk=found.pk).update(asked=True, published_at=now)
    except IntegrityError:
        raise NotAllowed(people.CHANGED_SINCE) from None


def stop(organisation: Organisation) -> None:
    """Ask no questions of one's own any more; the versions stay."""
    QuestionSet.objects.filter(organisation=organisation, asked=True).update(asked=False)


def apply_proposal(proposal: Proposal, now: datetime) -> None:
    """What a confirmed proposal does. NotAllowed for whose account an administrator has just started again."""
    confirmer = proposal.confirmed_by
    if confirmer is not None and people.held_until(confirmer.restarted_at, now):
        raise NotAllowed(people.RESTARTED)
    try:
        found = queries.version(proposal.organisation, proposal.what["version"])
    except NoSuchSet:
        raise NotAllowed(people.CHANGED_SINCE) from None
    if found.sha256 != proposal.what["sha256"]:
        raise NotAllowed(people.CHANGED_SINCE)
    ask(found, now=now)


def show_proposal(proposal: Proposal) -> list[proposals.Row]:
    """Every question in both languages, for who decides."""
    version = int(proposal.what["version"])
    number = {"en": f"Version {version}", "zh": f"第 {version} 版"}
    try:
        asked = queries.content(queries.version(proposal.organisation, version))["questions"]
    except NoSuchSet:
        return [proposals.Row(number, _NONE, {"en": "is gone", "zh": "已不存在"})]
    if not asked:
        return [proposals.Row(number, _NONE, {"en": "asks nothing", "zh": "不提任何问题"})]
    return [
        proposals.Row(
            {"en": f"Question {at}", "zh": f"问题 {at}"},
            _NONE,
            dict.fromkeys(("en", "zh"), _said(each)),
        )
        for at, each in enumerate(asked, 1)
    ]


def _said(question: Mapping[str, Any]) -> str:
    """Both languages whole, hints and answers too: who confirms must see all that a reporter will."""
    parts = [question["text"]]
    if "hint" in question:
        parts.append(question["hint"])
    parts += [each["text"] for each in question.get("options", ())]
    return " | ".join(f"{each['en']} / {each['zh']}" for each in parts)

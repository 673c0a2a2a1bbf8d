"""Which questions there are, and which reporters are asked."""

import json
from typing import Any
from uuid import UUID

from answerable.organisation.models import Organisation
from answerable.questions import rules
from answerable.questions.errors import NoSuchSet
from answerable.questions.models import QuestionDraft, QuestionSet


def asked(organisation_id: UUID) -> dict[str, Any] | None:
    """The set that reporters are asked now; None where there is none, or it has no question."""
    found = QuestionSet.objects.filter(organisation_id=organisation_id, asked=True).first()
    read = content(found) if found else None
    return read if read and read["questions"] else None


def content(found: QuestionSet) -> dict[str, Any]:
    """A version's set, as `rules.check` gave it."""
    read: dict[str, Any] = json.loads(found.content)
    return read


def versions(organisation: Organisation) -> list[QuestionSet]:
    """All versions, newest first."""
    return list(
        QuestionSet.objects.filter(organisation=organisation).select_related("made_by").order_by("-version")
    )


def version(organisation: Organisation, number: int) -> QuestionSet:
    """One version. Raises NoSuchSet."""
    found = QuestionSet.objects.filter(organisation=organisation, version=number).first()
    if found is None:
        raise NoSuchSet(f"version {number}")
    return found


def draft(organisation: Organisation) -> dict[str, Any] | None:
    """What administrators are working on, if anything."""
    found = QuestionDraft.objects.filter(organisation=organisation).first()
    return dict(found.content) if found else None


def newest(organisation: Organisation) -> QuestionSet | None:
    """The version with the highest number."""
    return QuestionSet.objects.filter(organisation=organisation).order_by("-version").first()


def empty(identifier: str) -> dict[str, Any]:
    """A set without questions, to begin with."""
    return {"format": rules.FORMAT, "id": identifier, "version": 1, "questions": []}

import uuid

from django.db import models
from django.db.models import Q

from answerable.organisation.models import Organisation, Person


class QuestionSet(models.Model):
    """One version of an organisation's own questions, as it stays: `content` is its canonical JSON, byte for byte.

    `asked`: reporters are asked these now. At most one version is.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="question_sets")
    version = models.PositiveIntegerField()
    content = models.TextField()
    sha256 = models.CharField(max_length=64)
    made_by = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True)
    asked = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "version"], name="question_version_once"),
            models.UniqueConstraint(
                fields=["organisation"], condition=Q(asked=True), name="one_set_is_asked"
            ),
            models.CheckConstraint(
                condition=Q(asked=False) | Q(published_at__isnull=False), name="what_is_asked_is_published"
            ),
        ]

    def __str__(self) -> str:
        return f"version {self.version}"


class QuestionDraft(models.Model):
    """What administrators work on until they keep it as a version: a set of the format, its number not yet given."""

    organisation = models.OneToOneField(
        Organisation, primary_key=True, on_delete=models.CASCADE, related_name="question_draft"
    )
    content = models.JSONField(default=dict)
    changed_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.organisation_id)

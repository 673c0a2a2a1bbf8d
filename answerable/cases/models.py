"""What the panel keeps for itself about a case: sealed notes, flags of what did not fit, holds that stop its erasure."""

from django.db import models
from django.db.models import F, Q


class Note(models.Model):
    """An internal note, sealed to the panel of its day and never shown to the reporter."""

    case = models.ForeignKey("intake.Case", on_delete=models.CASCADE, related_name="notes")
    author = models.CharField(max_length=22)
    file = models.BinaryField()
    sha256 = models.BinaryField(max_length=32)
    attachments = models.JSONField(default=list)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "sha256"], name="note_once")]

    def __str__(self) -> str:
        return str(self.pk)


class Flag(models.Model):
    """Something that a handler's browser found not to fit, by a stable code."""

    case = models.ForeignKey("intake.Case", on_delete=models.CASCADE, related_name="flags")
    author = models.CharField(max_length=22)
    code = models.CharField(max_length=40)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "author", "code"], name="flag_once")]

    def __str__(self) -> str:
        return self.code


class Hold(models.Model):
    """Stops the erasure of a case until two people lift it. The reason is a code; its words are in the panel's notes."""

    case = models.ForeignKey("intake.Case", on_delete=models.CASCADE, related_name="holds", db_index=False)
    reason = models.CharField(max_length=16)
    by = models.UUIDField()
    at = models.DateTimeField()
    lift_asked_by = models.UUIDField(null=True)
    lift_asked_at = models.DateTimeField(null=True)
    lifted_by = models.UUIDField(null=True)
    lifted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case"], condition=Q(lifted_at=None), name="one_hold_at_a_time"),
            models.CheckConstraint(
                condition=Q(lifted_by=None)
                | (Q(lift_asked_by__isnull=False) & ~Q(lifted_by=F("lift_asked_by"))),
                name="hold_is_lifted_by_two",
            ),
            models.CheckConstraint(
                condition=Q(lifted_by=None, lifted_at=None)
                | Q(lifted_by__isnull=False, lifted_at__isnull=False),
                name="hold_is_lifted_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class RetentionRun(models.Model):
    """The daily run of one organisation, and how many cases it erased."""

    organisation = models.ForeignKey("organisation.Organisation", on_delete=models.CASCADE, related_name="+")
    day = models.DateField()
    erased = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation", "day"], name="retention_once_a_day")]

    def __str__(self) -> str:
        return f"{self.organisation_id}/{self.day}"

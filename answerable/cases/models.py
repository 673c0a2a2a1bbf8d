"""What the panel keeps for itself about a case: sealed notes, and flags of what did not fit."""

from django.db import models


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

"""What became of each backup: for the doctor, the checklist, and keepers that must not both make one."""

from django.db import models


class Backup(models.Model):
    """One try. `slot` is the hour of a keeper's try, so that two keepers make one; null when a person ran it.

    `problem` is empty while it runs and after it went well; `verified_at` is set only after the whole was restored into
    a scratch folder, compared, and the written file read back.
    """

    slot = models.CharField(max_length=13, null=True, unique=True)
    started = models.DateTimeField()
    ended = models.DateTimeField(null=True)
    verified_at = models.DateTimeField(null=True)
    name = models.CharField(max_length=100, blank=True)
    place = models.CharField(max_length=300, blank=True)
    size = models.BigIntegerField(null=True)
    sha256 = models.CharField(max_length=64, blank=True)
    problem = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(verified_at=None) | models.Q(problem="", size__isnull=False),
                name="backup_verified_is_whole",
            )
        ]

    def __str__(self) -> str:
        return self.name or str(self.started)

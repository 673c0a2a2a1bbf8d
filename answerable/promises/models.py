"""The clock of each case as rows: what is due, what was kept, whom a miss has reached.

Nothing here holds a word of a report. `due_at` is written once; triggers in the database refuse to change it.
"""

from django.db import models
from django.db.models import F, Q

from answerable.organisation.models import Organisation


class CaseLadder(models.Model):
    """Who can be told about one case, and the next of its event labels.

    `panel` and the three lists of `reach` (lead, overseers, external members) hold person ids as text, and
    are already free of everyone whom the reporter excluded.
    """

    case = models.UUIDField(primary_key=True)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, db_index=False)
    event_key = models.BinaryField(max_length=32)
    next_seq = models.PositiveIntegerField(default=1)
    panel = models.JSONField()
    reach = models.JSONField()
    start_rung = models.PositiveSmallIntegerField(default=0)
    jurisdiction = models.CharField(max_length=8, blank=True)
    received = models.DateTimeField()
    nobody_since = models.DateTimeField(null=True)  # nobody of the panel is left to read the case

    class Meta:
        indexes = [
            models.Index(
                fields=["organisation"], condition=Q(nobody_since__isnull=False), name="ladder_nobody_reads"
            )
        ]

    def __str__(self) -> str:
        return str(self.case)


class Deadline(models.Model):
    """One promise of one case.

    `next_at`: when the keeper next has something to do here; null once nothing is left. `rung`: the highest
    that was told of the miss. `late`: kept, but after `due_at`.
    """

    id = models.BigAutoField(primary_key=True)
    ladder = models.ForeignKey(CaseLadder, on_delete=models.PROTECT, related_name="deadlines", db_index=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, db_index=False)
    promise = models.CharField(max_length=64)
    rule = models.CharField(max_length=64)
    due_at = models.DateTimeField()
    kept_at = models.DateTimeField(null=True)
    late = models.BooleanField(default=False)
    missed_at = models.DateTimeField(null=True)
    rung = models.PositiveSmallIntegerField(null=True)
    next_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ladder", "promise"], name="deadline_once"),
            models.CheckConstraint(
                condition=Q(rung=None) | Q(missed_at__isnull=False), name="rung_after_a_miss"
            ),
            models.CheckConstraint(condition=Q(late=False) | Q(kept_at__isnull=False), name="late_is_kept"),
            models.CheckConstraint(
                condition=Q(kept_at__isnull=False)
                | Q(missed_at__isnull=False)
                | Q(next_at__isnull=False, next_at=F("due_at")),
                name="open_deadline_is_watched",
            ),
            models.CheckConstraint(
                condition=Q(kept_at=None) | Q(late=True) | Q(kept_at__lte=F("due_at")),
                name="kept_in_time_or_late",
            ),
        ]
        indexes = [
            models.Index(
                fields=["organisation", "next_at"], condition=Q(next_at__isnull=False), name="deadline_next"
            ),
            models.Index(fields=["organisation", "due_at"], name="deadline_board"),
        ]

    def __str__(self) -> str:
        return f"{self.ladder_id}:{self.promise}"


class Escalation(models.Model):
    """A rung that was told of a miss, once."""

    deadline = models.ForeignKey(
        Deadline, on_delete=models.PROTECT, related_name="escalations", db_index=False
    )
    rung = models.PositiveSmallIntegerField()
    at = models.DateTimeField()
    told = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["deadline", "rung"], name="rung_told_once"),
            models.CheckConstraint(condition=Q(rung__lte=3), name="rung_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.deadline_id}:{self.rung}"

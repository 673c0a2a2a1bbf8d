"""The ground that drills are held on, and how each organisation's drill stands."""

from django.db import models
from django.db.models import Q

from answerable.organisation.models import Organisation, Person


class Ground(models.Model):
    """The drill's own organisation, with one reader, a machine. `sealed`: that reader's keys."""

    organisation = models.OneToOneField(
        Organisation, on_delete=models.PROTECT, primary_key=True, related_name="+"
    )
    handler = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    sealed = models.TextField()

    def __str__(self) -> str:
        return str(self.pk)


class Watch(models.Model):
    """`since`: when a drill last succeeded, or the first one was due to begin. `code`: where the last one stopped."""

    organisation = models.OneToOneField(
        Organisation, on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    since = models.DateTimeField()
    kept_at = models.DateTimeField(null=True, blank=True)
    next_try = models.DateTimeField()
    code = models.CharField(max_length=40, blank=True)
    rung = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(rung__lte=3), name="drill_rung_is_known")]

    def __str__(self) -> str:
        return str(self.pk)

"""One outbox: what somebody should look at, on the page and by e-mail."""

import uuid

from django.db import models

from answerable.organisation.models import Organisation, Person

# none: e-mail isn't set up · waiting: to send at next_try · handed: with the mail server, answer unknown
MAIL_STATES = ("none", "waiting", "handed", "sent", "given-up")


class Notice(models.Model):
    """One event for one person, once. It has no words of any case in it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=40)
    event = models.CharField(max_length=120)
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)
    mail = models.CharField(
        max_length=8, choices=[(state, state) for state in MAIL_STATES], default="waiting"
    )
    tries = models.PositiveSmallIntegerField(default=0)
    next_try = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "event"], name="notice_once"),
            models.CheckConstraint(condition=models.Q(mail__in=MAIL_STATES), name="notice_mail_is_known"),
        ]
        indexes = [
            models.Index(fields=["next_try"], condition=models.Q(mail="waiting"), name="notice_waiting"),
            models.Index(fields=["person", "-at"], name="notice_of_person"),
        ]

    def __str__(self) -> str:
        return str(self.id)

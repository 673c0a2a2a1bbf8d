"""One outbox: what somebody should look at, on the page, by e-mail, and in the groups that people ticked."""

import uuid

from django.db import models
from django.db.models import F, Q

from answerable.notices.rules import CHANNELS, DIGESTS
from answerable.organisation.models import Organisation, Person

# none: not to be sent · waiting: to send at next_try · handed: with the service, answer unknown
MAIL_STATES = ("none", "waiting", "handed", "sent", "given-up")
_STATES = [(state, state) for state in MAIL_STATES]


class Notice(models.Model):
    """One event for one person, once. It has no words of any case in it.

    `due_at`: when its mail might first leave, after quiet hours. `spread`: whether the groups have been looked at.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=40)
    event = models.CharField(max_length=120)
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)
    mail = models.CharField(max_length=8, choices=_STATES, default="waiting")
    tries = models.PositiveSmallIntegerField(default=0)
    next_try = models.DateTimeField()
    due_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    spread = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "event"], name="notice_once"),
            models.CheckConstraint(condition=Q(mail__in=MAIL_STATES), name="notice_mail_is_known"),
        ]
        indexes = [
            models.Index(fields=["next_try"], condition=Q(mail="waiting"), name="notice_waiting"),
            models.Index(fields=["at"], condition=Q(spread=False), name="notice_to_spread"),
            models.Index(fields=["person", "-at"], name="notice_of_person"),
        ]

    def __str__(self) -> str:
        return str(self.id)


class Channel(models.Model):
    """A way that an administrator has set up: the organisation's own mail server, or a group. `sealed`: its secrets.

    `failed_at`: since when it takes nothing; `code`: what the service said last, "" if it took it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=8, choices=[(kind, kind) for kind in CHANNELS])
    name = models.CharField(max_length=60)
    sealed = models.TextField()
    on = models.BooleanField(default=True)
    made_at = models.DateTimeField()
    tested_at = models.DateTimeField(null=True, blank=True)
    failed_at = models.DateTimeField(null=True, blank=True)
    code = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "name"], name="channel_name_once"),
            models.UniqueConstraint(
                fields=["organisation"], condition=Q(kind="mail"), name="one_mail_server_an_organisation"
            ),
            models.CheckConstraint(condition=Q(kind__in=CHANNELS), name="channel_kind_is_known"),
        ]

    def __str__(self) -> str:
        return str(self.id)


class Dispatch(models.Model):
    """One event for one group, once. `claim`: of the keeper that is sending it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="dispatches")
    kind = models.CharField(max_length=40)
    event = models.CharField(max_length=120)
    at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=_STATES, default="waiting")
    tries = models.PositiveSmallIntegerField(default=0)
    next_try = models.DateTimeField()
    due_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    claim = models.UUIDField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["channel", "event"], name="dispatch_once"),
            models.CheckConstraint(condition=Q(state__in=MAIL_STATES), name="dispatch_state_is_known"),
        ]
        indexes = [models.Index(fields=["next_try"], condition=Q(state="waiting"), name="dispatch_waiting")]

    def __str__(self) -> str:
        return str(self.id)


class Choice(models.Model):
    """How one person wants to be told. Without a row: by mail, at any hour, overseers with a weekly digest."""

    person = models.OneToOneField(
        Person, on_delete=models.CASCADE, primary_key=True, related_name="notice_choice"
    )
    mail = models.BooleanField(default=True)
    quiet_from = models.TimeField(null=True, blank=True)
    quiet_until = models.TimeField(null=True, blank=True)
    time_zone = models.CharField(max_length=64, blank=True)
    digest = models.CharField(max_length=6, choices=[(each, each) for each in DIGESTS], default="weekly")
    channels = models.ManyToManyField(Channel, related_name="ticked_by", blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(quiet_from=None, quiet_until=None)
                | (Q(quiet_from__isnull=False, quiet_until__isnull=False) & ~Q(quiet_from=F("quiet_until"))),
                name="quiet_hours_have_two_ends",
            ),
            models.CheckConstraint(condition=Q(digest__in=DIGESTS), name="digest_is_known"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Manner(models.Model):
    """What an organisation has decided for all. Without a row: no counts in digests, an alarm after four hours."""

    organisation = models.OneToOneField(
        Organisation, on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    counts = models.BooleanField(default=False)
    unsent_hours = models.PositiveSmallIntegerField(default=4)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(unsent_hours__range=(1, 72)), name="an_alarm_within_three_days"
            )
        ]

    def __str__(self) -> str:
        return str(self.pk)

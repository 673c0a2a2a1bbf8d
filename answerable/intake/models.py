"""What came in sealed, as it came. Nothing here can be read by the server.

Times of a reporter's acts are kept to the hour; the exact second of a report stands only in its receipt (PROTOCOLS 2.11).
A log index names the leaf in the organisation's log, from which a receipt is made.
"""

from django.db import models
from django.db.models import F, Q


class Case(models.Model):
    """A sealed report, or a private dated record sealed to its author alone (`kind`)."""

    id = models.UUIDField(primary_key=True)
    organisation = models.ForeignKey("organisation.Organisation", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=6)
    manifest = models.BinaryField()
    manifest_sha256 = models.BinaryField(max_length=32)
    signature = models.BinaryField(max_length=64)
    case_pub = models.BinaryField(max_length=32)
    report = models.BinaryField()  # or the record
    identity = models.BinaryField(null=True)
    log_index = models.PositiveBigIntegerField()
    received = models.DateTimeField()
    keys_epoch = models.PositiveIntegerField(default=0)
    next_place = models.PositiveIntegerField(default=0)
    closed_at = models.DateTimeField(null=True)
    told = models.BooleanField(default=False)  # the panel has its notice

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=["case", "record"]), name="case_kind_is_known"),
        ]
        indexes = [
            models.Index(fields=["id"], condition=Q(told=False), name="case_to_tell"),
            models.Index(
                fields=["organisation", "closed_at"],
                condition=Q(closed_at__isnull=False),
                name="case_closed",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class Seat(models.Model):
    """Somebody on the panel of a case, now.

    A seat whose holder stepped down or is gone waits for a handover: it stays until the others seal the case anew, but
    opens nothing any more.
    """

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="seats", db_index=False)
    person_id = models.UUIDField()
    at = models.DateTimeField()  # the case's `received`, for paging an inbox
    stepped_down_at = models.DateTimeField(null=True)
    gone_at = models.DateTimeField(null=True)  # when the keeper saw that they left or lost the role

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person_id", "case"], name="seat_once")]
        indexes = [
            models.Index(fields=["case"], name="seat_of_case"),
            models.Index(fields=["person_id"], condition=Q(gone_at__isnull=False), name="seat_gone"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Departure(models.Model):
    """Somebody who had a key and may read nothing any more; forgotten if they come back."""

    person_id = models.UUIDField(primary_key=True)
    organisation = models.ForeignKey("organisation.Organisation", on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.person_id)


class KeysFile(models.Model):
    """The case identity sealed to one panel. Epoch 0 came with the report and is covered by its manifest."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="keys", db_index=False)
    epoch = models.PositiveIntegerField()
    panel = models.JSONField()
    file = models.BinaryField()
    author = models.CharField(max_length=22)  # "reporter" or a person's id
    signature = models.BinaryField(max_length=64, null=True)
    log_index = models.PositiveBigIntegerField(null=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "epoch"], name="keys_epoch_once")]

    def __str__(self) -> str:
        return f"{self.case_id}/{self.epoch}"


class Message(models.Model):
    """A signed, sealed message. `place` is the order in which the server took them."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="messages", db_index=False)
    place = models.PositiveIntegerField()
    author = models.CharField(max_length=22)  # "reporter" or a person's id
    kind = models.CharField(max_length=12)
    promises = models.JSONField(default=list)
    n = models.PositiveIntegerField()
    prev = models.BinaryField(max_length=32)
    file = models.BinaryField()
    sha256 = models.BinaryField(max_length=32)
    attachments = models.JSONField(default=list)
    signature = models.BinaryField(max_length=64)
    log_index = models.PositiveBigIntegerField()
    kept = models.JSONField(default=dict)  # promise id -> index of its promise.kept leaf
    at = models.DateTimeField()
    told = models.BooleanField(default=False)  # the panel has its notice

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "author", "n"], name="message_number_once"),
            models.UniqueConstraint(fields=["case", "place"], name="message_place_once"),
        ]
        indexes = [models.Index(fields=["id"], condition=Q(told=False), name="message_to_tell")]

    def __str__(self) -> str:
        return f"{self.case_id}/{self.place}"


class Attachment(models.Model):
    """A file that a manifest, a message or a note listed, and how much of it is here (store.py has the bytes)."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="attachments", db_index=False)
    sha256 = models.BinaryField(max_length=32)
    size = models.PositiveBigIntegerField()
    received = models.PositiveBigIntegerField(default=0)
    done = models.BooleanField(default=False)
    internal = models.BooleanField(default=False)  # of the panel's notes: never shown to the reporter

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "sha256"], name="attachment_once"),
            models.CheckConstraint(condition=Q(received__lte=F("size")), name="attachment_not_longer"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id}/{self.pk}"


class Spent(models.Model):
    """A one-use value that was used: proof-of-work challenges and mailbox nonces. Housekeeping drops the expired."""

    value = models.BinaryField(max_length=16, primary_key=True)
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return "spent"


class MailboxSession(models.Model):
    """An open mailbox; the token itself is only in the reporter's tab."""

    token_sha256 = models.BinaryField(max_length=32, primary_key=True)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="+")
    opened_at = models.DateTimeField()
    used_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return "mailbox session"


class Erased(models.Model):
    """A case that was, and the day it was erased: so that its reporter, and nobody else, can be told."""

    case = models.UUIDField(primary_key=True)
    organisation = models.ForeignKey("organisation.Organisation", on_delete=models.PROTECT, related_name="+")
    case_pub = models.BinaryField(max_length=32)
    erased_on = models.DateField()

    class Meta:
        indexes = [models.Index(fields=["organisation", "erased_on"], name="erased_when")]

    def __str__(self) -> str:
        return str(self.case)

"""Handlers' public keys with their wrapped halves, the roster's logged versions, and drafts that gather signatures."""

import uuid

from django.db import models
from django.db.models import Q


class HandlerKey(models.Model):
    """A handler's public halves. One is current; an older one stays, since old messages name it."""

    person = models.ForeignKey("organisation.Person", on_delete=models.PROTECT, related_name="handler_keys")
    recipient = models.TextField()  # age1pq…
    sign = models.CharField(max_length=43)  # Ed25519, base64url
    since = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person"], condition=Q(retired_at=None), name="one_current_key"),
            models.UniqueConstraint(fields=["sign"], name="signing_key_once"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class WrappedKey(models.Model):
    """One way to unlock a key: an age file that only a passphrase or a passkey opens. The server can't."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    key = models.ForeignKey(HandlerKey, on_delete=models.CASCADE, related_name="wrapped")
    kind = models.CharField(max_length=10)
    label = models.CharField(max_length=100)
    file = models.BinaryField()
    credential = models.TextField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["passphrase", "passkey"]), name="wrapped_kind_is_known"
            )
        ]

    def __str__(self) -> str:
        return str(self.id)


class RosterVersion(models.Model):
    """A roster that was signed by those entitled and stands in the log. Never changed, never deleted.

    `chain` counts from 0; a second chain starts only when too few signers of the first are left.
    """

    organisation = models.ForeignKey(
        "organisation.Organisation", on_delete=models.PROTECT, related_name="rosters"
    )
    chain = models.PositiveIntegerField()
    number = models.PositiveIntegerField()
    sha256 = models.BinaryField(max_length=32)
    note = models.TextField()
    log_index = models.PositiveBigIntegerField()
    published_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "chain", "number"], name="roster_number_once"),
            models.UniqueConstraint(fields=["organisation", "sha256"], name="roster_text_once"),
        ]

    def __str__(self) -> str:
        return f"{self.organisation_id}/{self.chain}/{self.number}"


class RosterDraft(models.Model):
    """The proposed next roster and the signature lines it has. At most one waits per organisation."""

    organisation = models.ForeignKey("organisation.Organisation", on_delete=models.CASCADE, related_name="+")
    chain = models.PositiveIntegerField()
    number = models.PositiveIntegerField()
    text = models.TextField()
    signatures = models.JSONField(default=dict)  # person id text -> signature line
    proposed_by = models.ForeignKey("organisation.Person", on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation"], name="one_draft")]

    def __str__(self) -> str:
        return f"{self.organisation_id}/{self.number}"

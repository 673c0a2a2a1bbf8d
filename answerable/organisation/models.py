"""Organisations, their people and what each may do. Several share an installation, strictly apart."""

import uuid
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models

from answerable.organisation.rules import KEYED_ROLES, ROLES

__all__ = ["KEYED_ROLES", "ROLES", "Account", "Beat", "Invitation", "Organisation", "Person", "Role"]


class AccountManager(BaseUserManager["Account"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "Account":
        account = self.model(email=self.normalize_email(email).lower(), **fields)
        account.set_password(password)
        account.save(using=self._db)
        return account


class Account(AbstractBaseUser):
    """What somebody signs in with. One e-mail address belongs to one organisation of an installation."""

    email = models.EmailField(unique=True)
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[AccountManager] = AccountManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"

    def __str__(self) -> str:
        return self.email


class Organisation(models.Model):
    """One employer. `origin` names its log and is frozen at set-up (PROTOCOLS 5)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    slug = models.CharField(max_length=63, unique=True)
    name_en = models.CharField(max_length=200)
    name_zh = models.CharField(max_length=200)
    host = models.CharField(max_length=253, unique=True, null=True, blank=True)
    origin = models.CharField(max_length=253, unique=True)
    time_zone = models.CharField(max_length=64, default="UTC")
    languages = models.JSONField(default=list)
    jurisdictions = models.JSONField(default=list)
    outside_contact = models.JSONField(default=dict)
    leave_url = models.URLField(default="https://www.wikipedia.org/")
    opened_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(slug__regex=r"^[a-z0-9-]{1,63}$"), name="organisation_slug_is_a_label"
            )
        ]

    def __str__(self) -> str:
        return self.slug

    @property
    def name(self) -> dict[str, str]:
        return {"en": self.name_en, "zh": self.name_zh}


class Person(models.Model):
    """Somebody of the organisation, or an external member who works for it from outside."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="people")
    account = models.OneToOneField(
        Account, on_delete=models.SET_NULL, null=True, blank=True, related_name="person"
    )
    name_en = models.CharField(max_length=200)
    name_zh = models.CharField(max_length=200)
    duty_en = models.CharField(max_length=200, blank=True)
    duty_zh = models.CharField(max_length=200, blank=True)
    email = models.EmailField()
    languages = models.JSONField(default=list)
    left_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation", "email"], name="person_email_once")]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def name(self) -> dict[str, str]:
        return {"en": self.name_en, "zh": self.name_zh}

    @property
    def duty(self) -> dict[str, str]:
        return {"en": self.duty_en, "zh": self.duty_zh}


class Role(models.Model):
    """What a person may do. An administrator may not also hold a key."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="roles")
    role = models.CharField(max_length=16, choices=[(role, role) for role in ROLES])
    since = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "role"], name="role_once"),
            models.CheckConstraint(condition=models.Q(role__in=ROLES), name="role_is_known"),
        ]

    def __str__(self) -> str:
        return self.role


class Invitation(models.Model):
    """A one-time link to make one's account. Only the SHA-256 of its token is kept."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="invitations")
    token_sha256 = models.BinaryField(max_length=32, unique=True)
    made_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    by = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    def __str__(self) -> str:
        return str(self.pk)


class Beat(models.Model):
    """A sign of life of one part of the installation, which concerns no organisation: the last time, and of which version.

    `name`: "keeper", "upgrade" (somebody is about to change the schema), or what else wants to be watched.
    """

    name = models.CharField(primary_key=True, max_length=64)
    at = models.DateTimeField()
    version = models.CharField(max_length=64, blank=True)

    def __str__(self) -> str:
        return self.name

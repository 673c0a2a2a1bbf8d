"""Organisations, their people and what each may do. Several share an installation, strictly apart."""

import uuid
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models

from answerable.organisation.rules import KEYED_ROLES, PERSON_SOURCES, ROLES

__all__ = [
    "KEYED_ROLES",
    "ROLES",
    "Account",
    "Beat",
    "DirectoryPlan",
    "Invitation",
    "Mark",
    "Milestone",
    "OpenSession",
    "Organisation",
    "Person",
    "Proposal",
    "Provider",
    "Role",
    "Setup",
    "SharedCount",
    "SpentResponse",
    "Subject",
    "Unit",
]


class AccountManager(BaseUserManager["Account"]):
    def create_user(
        self, email: str, password: str | None = None, *, organisation: "Organisation", **fields: Any
    ) -> "Account":
        account = self.model(email=self.normalize_email(email).lower(), organisation=organisation, **fields)
        account.set_password(password)
        account.save(using=self._db)
        return account


class Account(AbstractBaseUser):
    """What somebody signs in with. An e-mail address may have one account that works in each organisation.

    Whoever left keeps an inactive one, with the address it had: addresses are given to newcomers again.
    """

    organisation = models.ForeignKey("Organisation", on_delete=models.PROTECT, related_name="accounts")
    email = models.EmailField()
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[AccountManager] = AccountManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "email"],
                condition=models.Q(is_active=True),
                name="account_email_once",
            )
        ]

    def __str__(self) -> str:
        return self.email


class OpenSession(AbstractBaseSession):
    """One place where somebody is signed in, found by its account. No address of the network, ever.

    `session_key` holds what `rules.session_kept_as` makes of the key that the browser has.
    """

    account = models.ForeignKey(Account, on_delete=models.CASCADE, null=True, related_name="sessions")
    opened_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    browser = models.CharField(max_length=60, blank=True)


class SharedCount(models.Model):
    """What several web processes count together, such as wrong passwords (`organisation.counts`)."""

    key = models.CharField(max_length=255, primary_key=True)
    value = models.JSONField()
    ends_at = models.DateTimeField(null=True, db_index=True)

    def __str__(self) -> str:
        return self.key


class Organisation(models.Model):
    """One employer. `origin` names its log and is frozen at set-up (PROTOCOLS 5).

    `jurisdictions`: [{"id": "IE", "name": {en, zh}, "time_zone": "Europe/Dublin"}]. `accent`: "#rrggbb", or "" for ours.
    `mark`: the SHA-256 (hex) of its picture, or "". `paused_at`: since when no new reports are taken, after opening.
    """

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
    paused_at = models.DateTimeField(null=True, blank=True)
    accent = models.CharField(max_length=7, blank=True)
    mark = models.CharField(max_length=64, blank=True)
    moved_to = models.CharField(
        max_length=300, null=True, blank=True
    )  # https://host of the server where it went

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

    @property
    def takes_reports(self) -> bool:
        """Open, and not paused. Mailboxes and the console work whatever this says."""
        return self.opened_at is not None and self.paused_at is None


class Mark(models.Model):
    """The picture of an organisation, as we wrote it anew (`organisation.pictures`): a PNG without anything but its pixels.
    Apart from Organisation, which is read with every request.
    """

    organisation = models.OneToOneField(Organisation, on_delete=models.CASCADE, related_name="picture")
    png = models.BinaryField()

    def __str__(self) -> str:
        return str(self.organisation_id)


class Unit(models.Model):
    """A part of the organisation: a department, a shop, a works. `code` is what files and SCIM call it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="units")
    code = models.CharField(max_length=200)
    name = models.CharField(max_length=200)
    parent = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    declared = models.BooleanField(default=False)
    """Of a list of units, not only met in a row: then rows with other units are refused."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation", "code"], name="unit_code_once")]

    def __str__(self) -> str:
        return self.code


class Person(models.Model):
    """Somebody of the organisation, or an external member who works for it from outside.

    `name_en` and `name_zh` are what pages show; how they come from a directory's names: docs/decisions/0015.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="people")
    account = models.OneToOneField(
        Account, on_delete=models.SET_NULL, null=True, blank=True, related_name="person"
    )
    name_en = models.CharField(max_length=200)
    name_zh = models.CharField(max_length=200)
    name_written = models.CharField(max_length=200, blank=True, default="")
    name_latin = models.CharField(max_length=200, blank=True, default="")
    duty_en = models.CharField(max_length=200, blank=True)
    duty_zh = models.CharField(max_length=200, blank=True)
    number = models.CharField(max_length=64, blank=True, default="")
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=32, blank=True, default="")
    unit = models.ForeignKey(Unit, on_delete=models.SET_NULL, null=True, blank=True, related_name="people")
    manager = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    place = models.CharField(max_length=200, blank=True, default="")
    languages = models.JSONField(default=list)
    source = models.CharField(
        max_length=8, default="hand", choices=[(source, source) for source in PERSON_SOURCES]
    )
    external_id = models.CharField(max_length=255, blank=True, default="")
    left_at = models.DateTimeField(null=True, blank=True)
    restarted_at = models.DateTimeField(
        null=True, blank=True
    )  # by an administrator; until when it counts: rules
    roles_at_leaving = models.JSONField(default=list, blank=True)

    class Meta:
        constraints = [
            # Addresses are given to newcomers again; an employee number stays one person's for good.
            models.UniqueConstraint(
                fields=["organisation", "email"],
                condition=models.Q(left_at=None) & ~models.Q(email=""),
                name="person_email_once",
            ),
            models.UniqueConstraint(
                fields=["organisation", "number"], condition=~models.Q(number=""), name="person_number_once"
            ),
            models.UniqueConstraint(
                fields=["organisation", "external_id"],
                condition=~models.Q(external_id=""),
                name="person_external_id_once",
            ),
            models.CheckConstraint(
                condition=models.Q(source__in=PERSON_SOURCES), name="person_source_is_known"
            ),
        ]
        indexes = [
            models.Index(
                fields=["organisation", "name_en", "id"],
                condition=models.Q(left_at=None),
                name="person_present_by_name",
            ),
        ]

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
        indexes = [
            models.Index(fields=["role", "person"], name="role_by_role")
        ]  # few hold one, among 250,000

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


class DirectoryPlan(models.Model):
    """A file that was checked, and what it would change, until it is applied once or runs out.

    `rows` is the file as checked (zlib of JSON), empty if it had faults and after it was applied; `digest` is the SHA-256
    of the changes as they were shown. `by` is None for the operator.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="directory_plans")
    whole = models.BooleanField()
    rows = models.BinaryField()
    digest = models.BinaryField(max_length=32)
    summary = models.JSONField(default=dict)
    needs_second = models.BooleanField(default=False)
    made_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    by = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    applied_by = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    applied_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return str(self.pk)


class Setup(models.Model):
    """An organisation in the making. Whoever holds the one-time code answers its questions, one page after the other.

    At most one runs at a time (`running` is True once, else null). `code_sha256` is gone once the code was used; from then
    on only the browser whose key hashes to `holder_sha256` goes on. `wrong`: codes tried in vain since `wrong_since`.
    """

    running = models.BooleanField(null=True, unique=True, default=True)
    code_sha256 = models.BinaryField(max_length=32, null=True)
    made_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    wrong = models.PositiveIntegerField(default=0)
    wrong_since = models.DateTimeField(null=True)
    holder_sha256 = models.BinaryField(max_length=32, null=True)
    answers = models.JSONField(default=dict)
    finished_at = models.DateTimeField(null=True)
    organisation = models.ForeignKey(Organisation, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(running=True, finished_at=None)
                | models.Q(running=None, finished_at__isnull=False),
                name="setup_runs_until_finished",
            )
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Milestone(models.Model):
    """Something that was proved to work, by whom and when. `organisation` is null for what the whole installation shares.

    `kind`: "mail-tested", "backup-verified", … `about`: what exactly, so that a proof of another mail server or folder
    does not count; no addresses of people, no secrets.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, null=True, related_name="+")
    kind = models.CharField(max_length=32)
    at = models.DateTimeField()
    by = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, related_name="+")
    about = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [models.Index(fields=["kind", "-at"], name="milestone_newest")]

    def __str__(self) -> str:
        return self.kind


class Proposal(models.Model):
    """A change that no one may make alone: proposed by one, confirmed by another (`organisation.proposals`).

    `subject`: whom or what it is about, where several of a kind may wait at once.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="proposals")
    kind = models.CharField(max_length=32)
    subject = models.CharField(max_length=64, blank=True, default="")
    what = models.JSONField(default=dict)
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    confirmed_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "kind", "subject"],
                condition=models.Q(confirmed_at=None, withdrawn_at=None),
                name="one_waiting_proposal_of_a_kind",
            ),
            models.CheckConstraint(
                condition=models.Q(confirmed_by=None) | ~models.Q(confirmed_by=models.F("by")),
                name="proposal_confirmed_by_another",
            ),
            models.CheckConstraint(
                condition=models.Q(confirmed_at=None) | models.Q(withdrawn_at=None),
                name="proposal_ends_once",
            ),
        ]

    def __str__(self) -> str:
        return self.kind


class Provider(models.Model):
    """An organisation's own sign-in: OpenID Connect or SAML. Off until it has been tested as it stands.

    `issuer`: of the ID token, or the entity id. `certificates`: base64 DER, those that may sign. `sealed_secret`: by
    `secretbox`. `vouches_for_email`: its e-mail addresses are the organisation's own. `counts_second_factor`: what it says
    about a second factor is believed (`strong_values`: its acr values or context classes that mean one).
    """

    KINDS = (("oidc", "OpenID Connect"), ("saml", "SAML 2.0"))

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="providers")
    kind = models.CharField(max_length=4, choices=KINDS)
    name = models.CharField(max_length=80)
    issuer = models.CharField(max_length=500)
    client_id = models.CharField(max_length=200, blank=True)
    sealed_secret = models.TextField(blank=True)
    sso_url = models.CharField(max_length=500, blank=True)
    certificates = models.JSONField(default=list)
    subject_attribute = models.CharField(max_length=200, blank=True)
    vouches_for_email = models.BooleanField(default=False)
    counts_second_factor = models.BooleanField(default=False)
    strong_values = models.JSONField(default=list)
    changed_at = models.DateTimeField()
    tested_at = models.DateTimeField(null=True, blank=True)
    on = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=("oidc", "saml")), name="provider_kind_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(on=False) | models.Q(tested_at__isnull=False), name="provider_on_is_tested"
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class Subject(models.Model):
    """Who of a provider an account is: bound once, by the provider's unchanging identifier, never by an address."""

    provider = models.ForeignKey(Provider, on_delete=models.CASCADE, related_name="subjects")
    subject = models.CharField(max_length=255)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="subjects")
    since = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["provider", "subject"], name="subject_once"),
            models.UniqueConstraint(fields=["provider", "account"], name="account_has_one_subject"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class SpentResponse(models.Model):
    """A SAML response that was accepted, so that it is accepted once; `claims` until its browser has taken them."""

    provider = models.ForeignKey(Provider, on_delete=models.CASCADE, related_name="+")
    request_id = models.CharField(max_length=100, unique=True)
    assertion_sha256 = models.BinaryField(max_length=32)
    claims = models.JSONField(null=True)
    at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["provider", "assertion_sha256"], name="assertion_once")
        ]

    def __str__(self) -> str:
        return self.request_id


class ScimToken(models.Model):
    """What an identity service shows to send people here. Only its SHA-256 is kept; several may be valid while one is replaced."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="scim_tokens")
    name = models.CharField(max_length=60)
    sha256 = models.BinaryField(max_length=32, unique=True)
    made_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    used_on = models.DateField(null=True)
    revoked_at = models.DateTimeField(null=True)
    by = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, related_name="+")

    def __str__(self) -> str:
        return str(self.id)


class ScimUser(models.Model):
    """A person as an identity service told of them; the person's id is the user's."""

    person = models.OneToOneField(Person, primary_key=True, on_delete=models.CASCADE, related_name="scim")
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="scim_users")
    user_name = models.CharField(max_length=255)
    user_key = models.CharField(max_length=255)
    """`user_name` in small letters, NFC: what is compared."""
    external_id = models.CharField(max_length=255, blank=True, default="")
    emails = models.CharField(max_length=2000, blank=True, default="")
    """Addresses in small letters, each between line ends: what filters look in."""
    active = models.BooleanField(default=True)
    told = models.JSONField(default=dict)
    made_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "user_key"], name="scim_user_name_once"),
        ]
        indexes = [models.Index(fields=["organisation", "external_id"], name="scim_user_external")]

    def __str__(self) -> str:
        return str(self.person_id)


class ScimGroup(models.Model):
    """A list of people as an identity service told of it. It gives nobody anything."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="scim_groups")
    name = models.CharField(max_length=255)
    name_key = models.CharField(max_length=255)
    external_id = models.CharField(max_length=255, blank=True, default="")
    members = models.ManyToManyField(ScimUser, related_name="groups")
    made_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation", "name_key"], name="scim_group_once")]

    def __str__(self) -> str:
        return str(self.id)

"""Settings: one TOML file (ANSWERABLE_CONFIG) and the environment over it; safe defaults for one machine.

Every value an operator may set is read through `_value`, so that `docs/for-operators.md` can list them all.
"""

import os
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from answerable.server.options import BadOption, Options, read_file

DEFAULT_CONFIG = "/etc/answerable/answerable.toml"
CONFIG_FILE = os.environ.get("ANSWERABLE_CONFIG", DEFAULT_CONFIG if Path(DEFAULT_CONFIG).exists() else "")
try:
    OPTIONS = Options(read_file(CONFIG_FILE), os.environ)
except BadOption as _error:
    raise ImproperlyConfigured(str(_error)) from None


def _value(name: str, default: Any = None, **limits: Any) -> Any:
    """One option: see `Options`. Ask for each whatever the others say, or its name is unknown where it isn't asked for."""
    try:
        return OPTIONS(name, default, **limits)
    except BadOption as error:
        raise ImproperlyConfigured(str(error)) from None


DEMO = _value("demo", default=False)
TESTING = _value("testing", default=False)
DEBUG = False
BASE_DIR = Path(__file__).resolve().parents[2]
ANSWERABLE_DATA = Path(_value("data", str(BASE_DIR / "data")))
# Where the newest checkpoint of each log lies; None: checkpoints/ in the data folder.
CHECKPOINTS = Path(_value("checkpoints")) if _value("checkpoints") else None
VERSION = "0.1.0"


def _secret() -> str:
    """The signing key of cookies; made once and kept beside the data, readable by us alone."""
    given = _value("secret_key")
    if given:
        return str(given)
    path = ANSWERABLE_DATA / "secret-key"
    try:
        return path.read_text(encoding="ascii")
    except FileNotFoundError:
        ANSWERABLE_DATA.mkdir(parents=True, exist_ok=True, mode=0o700)
        made = os.urandom(48).hex()
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return path.read_text(encoding="ascii")
        with os.fdopen(handle, "w") as out:
            out.write(made)
        return made


SECRET_KEY = _secret()
ALLOWED_HOSTS = str(_value("hosts", "localhost,127.0.0.1,[::1]")).split(",")
CSRF_TRUSTED_ORIGINS = [origin for origin in str(_value("trusted_origins", "")).split(",") if origin]
SECURE_ORIGIN = _value("https", default=not (DEMO or TESTING))
LISTEN_HOST = str(_value("listen_host", "127.0.0.1"))
LISTEN_PORT = _value("listen_port", 8000, least=1, most=65535)
BLOCKING_THREADS = _value("threads", 32, least=2, most=1024)

INSTALLED_APPS = [
    "answerable.ui",
    "answerable.organisation",
    "answerable.notices",
    "answerable.ledger",
    "answerable.roster",
    "answerable.promises",
    "answerable.questions",
    "answerable.intake",
    "answerable.cases",
    "answerable.drill",
    "answerable.archive",
    "answerable.setup",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    *(["answerable.cli.demo"] if DEMO else []),
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "answerable.ui.middleware.SecurityHeaders",
    "answerable.ui.bundle.Assets",
    "answerable.organisation.middleware.OwnHost",
    "answerable.organisation.middleware.WorkSessions",
    "answerable.ui.middleware.Language",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

ROOT_URLCONF = "answerable.server.urls"
WSGI_APPLICATION = "answerable.server.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "answerable.ui.context.page",
            ]
        },
    }
]

# One value moves from the embedded default to PostgreSQL: database = "postgresql://user@host/name".
DATABASE = str(_value("database", "sqlite"))
if DATABASE == "sqlite":
    ANSWERABLE_DATA.mkdir(parents=True, exist_ok=True, mode=0o700)
    DATABASES: dict[str, dict[str, Any]] = {
        "default": {
            "ENGINE": "answerable.server.sqlite",
            "NAME": str(ANSWERABLE_DATA / "answerable.sqlite3"),
            "CONN_MAX_AGE": 0,
            "TEST": {
                "NAME": str(ANSWERABLE_DATA / "test.sqlite3")
            },  # in memory, threads would lock each other out
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                # secure_delete: what is erased must not stay readable in the file's free pages.
                "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA foreign_keys=ON;"
                "PRAGMA secure_delete=ON;",
            },
        }
    }
elif DATABASE.startswith("postgresql://"):
    from urllib.parse import parse_qs, unquote, urlsplit

    _url = urlsplit(DATABASE)
    _query = parse_qs(_url.query)
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": _url.path.lstrip("/"),
            "USER": unquote(_url.username or ""),
            "PASSWORD": unquote(_url.password or ""),
            "HOST": _query["host"][0] if "host" in _query else (_url.hostname or ""),
            "PORT": str(_url.port or _query.get("port", [""])[0]),
            "CONN_MAX_AGE": 0,
            # A database that is away is told after five seconds; whoever asks again makes the pool try again.
            "OPTIONS": {
                "connect_timeout": 5,
                "pool": {"min_size": 2, "max_size": 40, "timeout": 5, "reconnect_timeout": 2},
                # target_session_attrs, sslmode, sslrootcert, …: as libpq has them.
                **{name: values[0] for name, values in _query.items() if name not in ("host", "port")},
            },
        }
    }
else:
    raise ImproperlyConfigured('database must be "sqlite" or "postgresql://…"')

AUTH_USER_MODEL = "organisation.Account"
AUTHENTICATION_BACKENDS = ["answerable.organisation.signin.SignInBackend"]
SILENCED_SYSTEM_CHECKS = ["auth.W004"]  # an address is unique in its organisation, and SignInBackend knows
PASSWORD_HASHERS = ["answerable.organisation.hashing.CappedHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

# Signed-in pages live under /work/ and so do their cookies: a reporter's requests never carry one.
SESSION_COOKIE_PATH = CSRF_COOKIE_PATH = LANGUAGE_COOKIE_PATH = "/work"
SESSION_ENGINE = "answerable.organisation.sessions"
SESSION_COOKIE_NAME = "work-session"
CSRF_COOKIE_NAME = "work-csrf"
CSRF_FAILURE_VIEW = "answerable.ui.errors.no_csrf"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = SECURE_ORIGIN
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Strict"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SECURE_HSTS_SECONDS = 31_536_000 if SECURE_ORIGIN else 0
SECURE_REFERRER_POLICY = "no-referrer"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https") if _value("behind_proxy", default=False) else None
)
DATA_UPLOAD_MAX_MEMORY_SIZE = 3 * 1024 * 1024

ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_ADAPTER = "answerable.organisation.signin.AccountAdapter"
ACCOUNT_EMAIL_VERIFICATION = "none"
# Per account, never per address: we are given none, so all people share one, and whoever tries ten wrong passwords a
# minute would keep every handler out.
ACCOUNT_RATE_LIMITS = {"login": "", "login_failed": "5/300s/key"}
MFA_RATE_LIMITS = {"webauthn_login": ""}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_FORMS = {"reauthenticate": "answerable.organisation.forms.ProveByCode"}
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_RECOVERY_CODE_DIGITS = 12
MFA_ADAPTER = "answerable.organisation.signin.MFAAdapter"
MFA_WEBAUTHN_USER_VERIFICATION = "required"
MFA_TOTP_ISSUER = "Answerable"
MFA_TOTP_TOLERANCE = 1
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300  # as rules.PROOF_LASTS
ACCOUNT_SESSION_REMEMBER = False
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not SECURE_ORIGIN
LOGIN_URL = "/work/accounts/login/"
LOGIN_REDIRECT_URL = "/work/"
ACCOUNT_LOGOUT_REDIRECT_URL = "/work/accounts/login/"

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文")]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
LOCALE_PATHS = [BASE_DIR / "answerable" / "ui" / "locale"]

STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True
BUNDLE = BASE_DIR / "answerable" / "ui" / "bundle"

PUBLICATION_SECONDS = _value("publication_seconds", 60 if DEMO else 3600, least=1, most=86_400)
KEEPER_SECONDS = _value("keeper_seconds", 5, least=1, most=60)
AUTO_LOCK_MINUTES = _value("auto_lock_minutes", 15, least=1, most=480)
RESERVE_MIB = _value("reserve_mib", 512, least=0)  # of the disk, that sealed files leave free for reports
WORK_BITS = _value("work_bits", 12, least=0, most=18)  # proof of work when idle, leading zero bits
WORK_PER_SECOND = _value("work_per_second", 1500, least=1)  # submissions a second before it rises

BACKUP_TO = str(_value("backup_to", ""))  # a folder, or s3://bucket/prefix; empty: the keeper makes none
BACKUP_RECIPIENTS = str(_value("backup_recipients", ""))  # age public keys, or a file of them
BACKUP_KEEP = str(_value("backup_keep", "7,4,3"))  # days, weeks, months
BACKUP_HOUR = _value("backup_hour", 2)  # UTC
S3_ENDPOINT = str(_value("s3_endpoint", ""))
S3_REGION = str(_value("s3_region", ""))
S3_ACCESS_KEY_ID = str(_value("s3_access_key_id", ""))
S3_SECRET_ACCESS_KEY = str(_value("s3_secret_access_key", ""))

EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST = str(_value("mail_host", ""))
EMAIL_PORT = _value("mail_port", 25, least=1, most=65535)
EMAIL_HOST_USER = str(_value("mail_user", ""))
EMAIL_HOST_PASSWORD = str(_value("mail_password", ""))
MAIL_SECURITY = str(
    _value("mail_security", "")
)  # none, starttls, implicit; empty: starttls, but none on loopback
if MAIL_SECURITY not in {"", "none", "starttls", "implicit"}:
    raise ImproperlyConfigured("mail_security is none, starttls or implicit")
MAIL_CA_FILE = str(_value("mail_ca_file", ""))
MAIL_TOKEN_URL = str(_value("mail_token_url", ""))  # set: XOAUTH2 instead of a password
MAIL_CLIENT_ID = str(_value("mail_client_id", ""))
MAIL_CLIENT_SECRET = str(_value("mail_client_secret", ""))
MAIL_REFRESH_TOKEN = str(_value("mail_refresh_token", ""))
MAIL_SCOPE = str(_value("mail_scope", ""))
# Hosts with an address inside, that an administrator's channel may nevertheless speak to.
DRILL = _value("drill", default=not (DEMO or TESTING))
DRILL_URL = str(_value("drill_url", ""))  # how the server reaches itself; empty: listen_host and listen_port
PRIVATE_HOSTS = [host for host in str(_value("private_hosts", "")).lower().split(",") if host]
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = str(_value("mail_from", "answerable@localhost"))

METRICS_LISTEN = str(_value("metrics_listen", ""))  # host:port of Prometheus' figures; never the site's own
LOG_FORMAT = str(_value("log_format", "text"))
MIGRATE_AT_START = _value("migrate_at_start", default=True)
BEFORE_UPGRADE = str(_value("before_upgrade", ""))
if METRICS_LISTEN and not METRICS_LISTEN.rpartition(":")[2].isdigit():
    raise ImproperlyConfigured("metrics_listen must be host:port, such as 127.0.0.1:9464")
if LOG_FORMAT not in {"text", "json"}:
    raise ImproperlyConfigured('log_format must be "text" or "json"')

# Rate limits. On SQLite there is one web process; on PostgreSQL there may be several, which must count together.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache"
        if DATABASE == "sqlite"
        else "answerable.organisation.counts.SharedCounts"
    }
}

# Nothing about a request is logged: no address, no path of a reporter, no body. Errors name the place, not the words.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"quiet": {"()": "answerable.server.logs.WithoutWords"}},
    "formatters": {
        "text": {"()": "answerable.server.logs.PlainFormatter"},
        "json": {"()": "answerable.server.logs.JSONFormatter"},
    },
    "handlers": {
        "console": {"class": "logging.StreamHandler", "filters": ["quiet"], "formatter": LOG_FORMAT}
    },
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "django": {"handlers": ["console"], "level": "ERROR", "propagate": False},
        "django.request": {"handlers": ["console"], "level": "ERROR", "propagate": False},
        "httpx": {"level": "WARNING"},  # below that it names addresses, and a robot's address is its key
        "httpcore": {"level": "WARNING"},
    },
}

try:
    OPTIONS.finish()
except BadOption as _error:
    raise ImproperlyConfigured(str(_error)) from None

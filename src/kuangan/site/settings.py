"""Django settings, derived from `configuration()`; nothing here is read from anywhere else."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from csp.constants import NONCE, NONE, SELF

from kuangan.site.carriers import addresses
from kuangan.site.configuration import configuration

KUANGAN = configuration()
HOME = KUANGAN.prepared_home()
CARRIERS = addresses(KUANGAN)
PRECHECK_BYTES = KUANGAN.frame_limit_bytes
PACKAGE = Path(__file__).resolve().parent.parent
NODE_MODULES = PACKAGE.parent.parent / "node_modules"

SECRET_KEY = KUANGAN.secret("django_key")
DEBUG = KUANGAN.debug
ALLOWED_HOSTS = KUANGAN.allowed_hosts
CSRF_TRUSTED_ORIGINS = KUANGAN.trusted_origins

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_filters",
    "django_tables2",
    "kuangan.base.people",  # before allauth: its sign-in templates are replaced
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
    "kuangan.base.audit",
    "kuangan.base.tables",
    "kuangan.base.registry",
    "kuangan.base.notices",
    "kuangan.base.deadlines",
    "kuangan.base.case",
    "kuangan.base.documents",
    "kuangan.base.compliance",
    "kuangan.domains.datalink",
    "kuangan.domains.alerts",
    "kuangan.domains.rulebook",
    "kuangan.domains.operations",
    "kuangan.domains.duty",
    "kuangan.domains.suspicions",
    "kuangan.domains.enforcement",
    "kuangan.domains.campaign",
    "kuangan.domains.responsibility",
    "kuangan.domains.selfcheck",
    "kuangan.portal",
    "kuangan.site",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "kuangan.site.middleware.SignInRequired",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]


def database() -> dict[str, Any]:
    if not KUANGAN.database_url:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": HOME / "kuangan.sqlite3",
            # In memory, threads share one cache whose locks do not wait; a file behaves as the real one does.
            "TEST": {"NAME": HOME / "test.sqlite3"},
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
            },
        }
    url = urlsplit(KUANGAN.database_url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": url.path.lstrip("/"),
        "USER": unquote(url.username or ""),
        "PASSWORD": unquote(url.password or ""),
        "HOST": url.hostname or "",
        "PORT": str(url.port or ""),
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"pool": {"min_size": 1, "max_size": 8}},
    }


DATABASES = {"default": database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "shared_cache"}}

ROOT_URLCONF = "kuangan.site.urls"
ASGI_APPLICATION = "kuangan.site.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "kuangan.portal.context.shell",
            ],
        },
    }
]

AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_REDIRECT_URL = "/"
LOGIN_URL = "account_login"
ACCOUNT_ADAPTER = "kuangan.base.people.signin.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_RATE_LIMITS = {"login_failed": "5/10m/key,30/m/ip"}
MFA_ADAPTER = "kuangan.base.people.signin.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]

LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
USE_I18N = True

STATIC_URL = "/static/"
STATICFILES_DIRS = [
    ("vendor/htmx", NODE_MODULES / "htmx.org" / "dist"),
    ("vendor/tabler", NODE_MODULES / "@tabler" / "core" / "dist"),
    ("vendor/echarts", NODE_MODULES / "echarts" / "dist"),
]
TABLER_ICONS = NODE_MODULES / "@tabler" / "icons" / "icons"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "style-src-attr": ["'unsafe-inline'"],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    }
}
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not (KUANGAN.demo or DEBUG or KUANGAN.host in {"127.0.0.1", "localhost"})
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
DATA_UPLOAD_MAX_MEMORY_SIZE = 16 << 20
FILE_UPLOAD_MAX_MEMORY_SIZE = 4 << 20

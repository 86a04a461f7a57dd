"""Settings, read from the environment and refused at start where a value is bad."""

from __future__ import annotations

import hashlib
import hmac
from pathlib import Path
from typing import Any

from csp.constants import NONCE, NONE, SELF

from novarium.kernel import env

BASE_DIR = Path(__file__).resolve().parent.parent
ENVIRONMENT = env.choice("NOVARIUM_ENV", "production", {"demo", "test", "production"})
PRODUCTION = ENVIRONMENT == "production"
SECRET_KEY = env.text("SECRET_KEY")
DEBUG = False
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS", "")
STATE_DIR = Path(env.text("STATE_DIR", str(BASE_DIR / ".state")))
HTTPS = env.flag("HTTPS", default=PRODUCTION)

INSTALLED_APPS = [
    "novarium.portal",
    "experiments",
    "storefront",
    "analytics",
    "simulation",
    "novarium.portal.admin_config.NovariumAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "axes",
    "csp",
    "django_celery_beat",
    "django_celery_results",
    "django_filters",
    "django_htmx",
    "django_prometheus",
    "drf_spectacular",
    "knox",
    "rest_framework",
]

MIDDLEWARE = [
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "novarium.kernel.conditional.ApiMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "novarium.portal.middleware.PreferencesMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "novarium.kernel.problems.DomainErrorMiddleware",
    "axes.middleware.AxesMiddleware",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
]

ROOT_URLCONF = "novarium.urls"
WSGI_APPLICATION = "novarium.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "novarium.portal.navigation.navigation",
            ],
            "builtins": ["novarium.portal.templatetags.components"],
        },
    }
]

# One database, three schemas (portal, experiment, warehouse), two aliases, three roles:
# the owner, the shop (no access to accounts) and a read-only reader for the SQL workbench.
# The passwords of the two lesser roles follow from SECRET_KEY; `manage.py provision` sets them.
DATABASE_URL = env.text("DATABASE_URL")
SHOP_ROLE = env.text("SHOP_ROLE", "novarium_shop")
READER_ROLE = env.text("READER_ROLE", "novarium_reader")
TABLE_SCHEMAS = {
    "experiments": "experiment",
    "analytics": "warehouse",
    "analytics.decision": "experiment",
    "analytics.adoption": "experiment",
    # What people say to each other is none of the shop's business.
    "experiments.comment": "portal",
    "experiments.watch": "portal",
    "experiments.designtemplate": "portal",
    "storefront": "warehouse",
    "simulation": "warehouse",
}
# What the shop's role may do besides reading: by app label or app_label.model, as in TABLE_SCHEMAS.
SHOP_WRITES = {
    "experiments.event": "insert",
    "experiments.exposure": "insert",
    "experiments.rejectedevent": "insert",
    "experiments.unit": "insert, update",
    "storefront": "insert, update",
}
# Functions that change tables are the owner's own; the shop may call these.
SHOP_CALLS = ("experiment.ensure_event_partition(date)",)


def role_password(role: str) -> str:
    """Return the password of a lesser database role, derived from SECRET_KEY."""
    return hmac.new(SECRET_KEY.encode(), f"database role {role}".encode(), hashlib.sha256).hexdigest()


def _database(search_path: str, *, role: str | None = None) -> dict[str, Any]:
    settings = env.postgres(DATABASE_URL, role=role, password=role and role_password(role))
    options = {**dict(settings["OPTIONS"]), "options": f"-c search_path={search_path}"}  # type: ignore[call-overload]
    return {
        **settings,
        "ENGINE": "novarium.kernel.postgres",
        "OPTIONS": options,
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
    }


DATABASES = {
    "default": _database("portal,experiment,warehouse"),
    "shop": {**_database("warehouse,experiment", role=SHOP_ROLE), "TEST": {"MIRROR": "default"}},
}
DATABASE_ROUTERS = ["novarium.router.ShopRouter"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.valkey("REDIS_URL")
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": f"novarium-{ENVIRONMENT}",
    },
    "process": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "OPTIONS": {"MAX_ENTRIES": 5000}},
}

AUTH_USER_MODEL = "portal.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "portal:login"
LOGIN_REDIRECT_URL = "portal:overview"
LOGOUT_REDIRECT_URL = "portal:login"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_TEMPLATE = "portal/locked.html"
AXES_RESET_ON_SUCCESS = True
AXES_CLIENT_IP_CALLABLE = "novarium.portal.client_address.client_address"
PROXY_COUNT = env.integer("PROXY_COUNT", 0, low=0, high=5)  # trusted proxies that add to X-Forwarded-For

SESSION_ENGINE = "novarium.portal.sessions"
SESSION_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 14
CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "novarium.kernel.problems.csrf_failure"
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 60 * 60 * 24 * 365 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
if HTTPS and env.flag("TRUST_PROXY_HEADERS", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "style-src-attr": ["'unsafe-inline'"],
        "style-src-elem": [SELF, "'unsafe-inline'"],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "frame-src": [SELF],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
        "base-uri": [NONE],
        "manifest-src": [SELF],
    }
}

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("ko", "한국어")]
LANGUAGE_COOKIE_NAME = "language"
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_SECURE = HTTPS
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = "novarium.formats"
USE_I18N = True
USE_TZ = True
TIME_ZONE = env.text("REPORTING_TIME_ZONE", "Asia/Seoul")
# Connections among which a large full build of the marts is split, by visitor; more than cores do not help.
MART_SHARDS = env.integer("MART_SHARDS", 2, low=1, high=64)
# What DuckDB may hold in memory besides its code and buffers; beyond it, it goes to disk.
DUCKDB_MEMORY = env.matching("DUCKDB_MEMORY", "200MB", r"\d+(MB|GB)", example="200MB or 16GB")
# Where `build_marts --engine spark` computes: local[*], spark://host:7077, yarn or k8s://…, and the folder that this
# machine and the workers share; without a cluster the system's temporary one will do.
SPARK_MASTER = env.matching(
    "SPARK_MASTER",
    "local[*]",
    r"local(\[(\*|\d+)\])?|spark://\S+:\d+|yarn|k8s://\S+",
    example="local[*], spark://host:7077, yarn or k8s://https://host:6443",
)
SPARK_FOLDER = env.text("SPARK_FOLDER", "")

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "novarium.portal.finders.PackageFinder",
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if ENVIRONMENT == "test"
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = ENVIRONMENT == "test"

CELERY_BROKER_URL = REDIS_URL
CELERY_RESULT_BACKEND = "django-db"
CELERY_RESULT_EXTENDED = True
CELERY_TASK_TRACK_STARTED = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 3600}
CELERY_TIMEZONE = TIME_ZONE
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "novarium.portal.tokens.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["novarium.portal.api_access.ApiAccess"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["novarium.kernel.json_bodies.BoundedJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_PAGINATION_CLASS": "novarium.kernel.pagination.ForgeableCursorPagination",
    "DEFAULT_THROTTLE_CLASSES": ["novarium.portal.api_access.CallerRate"],
    "DEFAULT_THROTTLE_RATES": {"user": "600/min"},
    "EXCEPTION_HANDLER": "novarium.kernel.problems.problem_response",
    "PAGE_SIZE": 50,
    "NUM_PROXIES": PROXY_COUNT,
}
REST_KNOX = {"TOKEN_TTL": None, "AUTH_HEADER_PREFIX": "Bearer"}
KNOX_TOKEN_MODEL = "portal.ApiToken"  # noqa: S105 - the name of a model
SPECTACULAR_SETTINGS = {
    "TITLE": "NovaRium API",
    "DESCRIPTION": (
        "Everything the portal can do. Lists come in pages: follow `next`. Reads have an ETag and answer 304 to "
        "If-None-Match; a change of an object needs it as If-Match. Errors are problem+json."
    ),
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "novarium.portal.openapi.finish",
        "experiments.api.lean_paths.merge",
    ],
    "COMPONENT_SPLIT_PATCH": False,
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "ENUM_NAME_OVERRIDES": {
        "Aggregation": "experiments.models.Metric.Aggregation",
        "ConnectionKind": "novarium.portal.models.Connection.Kind",
        "ConnectionState": ["active", "expired", "revoked"],
        "DecisionOutcome": "analytics.models.Decision.Outcome",
        "ExperimentStatus": "experiments.models.Experiment.Status",
        "MetricType": "experiments.models.Metric.Type",
        "ReceiptStatus": "experiments.events.intake.STATUSES",
    },
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {"()": "novarium.kernel.logs.json_formatter"},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["console"], "level": env.text("LOG_LEVEL", "INFO")},
    "loggers": {
        "django.request": {"level": "ERROR"},
        "axes": {"level": "WARNING"},
        "httpx": {"level": "WARNING"},  # it would log the addresses of webhooks, which are secrets
    },
}

# Days for which is kept what only served its time; an id of an event is needed as long as the event may be sent again.
KEEP_MESSAGES_DAYS = env.integer("KEEP_MESSAGES_DAYS", 180, low=1, high=36_500)
KEEP_EVENT_IDS_DAYS = env.integer("KEEP_EVENT_IDS_DAYS", 180, low=91, high=36_500)
# Events that arrive through Kafka (`manage.py consume_kafka`); the properties are librdkafka's, as name=value.
KAFKA_SERVERS = env.text("KAFKA_SERVERS", "")
KAFKA_TOPIC = env.text("KAFKA_TOPIC", "novarium-events")
KAFKA_GROUP = env.text("KAFKA_GROUP", "novarium")
KAFKA_PROPERTIES = env.pairs("KAFKA_PROPERTIES")
# Below this folder an admin may choose logs to import on the page of datasets; empty is none.
DATA_IMPORT_ROOT = env.text("DATA_IMPORT_ROOT", "")

DATA_DIR = Path(env.text("DATA_DIR", str(BASE_DIR / "data")))
SHOP_BASE_URL = env.text("SHOP_BASE_URL", f"http://127.0.0.1:{env.integer('PORT', 8000, low=1, high=65535)}")
# How notifications address pages, and the ways on which they leave the portal; without these two they stay in it.
PORTAL_URL = env.text("PORTAL_URL", SHOP_BASE_URL).rstrip("/")
_mail = env.smtp("EMAIL_URL")
SENDS_EMAIL = bool(_mail)
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if SENDS_EMAIL else 'dummy'}.EmailBackend"
EMAIL_HOST = _mail.get("HOST", "")
EMAIL_PORT = _mail.get("PORT", 25)
EMAIL_HOST_USER = _mail.get("USER", "")
EMAIL_HOST_PASSWORD = _mail.get("PASSWORD", "")
EMAIL_USE_TLS = _mail.get("TLS", False)
EMAIL_USE_SSL = _mail.get("SSL", False)
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env.text("EMAIL_FROM", "NovaRium <novarium@localhost>")
SLACK_WEBHOOKS = env.webhooks("SLACK_WEBHOOKS")  # by team key
SLACK_KINDS = env.words("SLACK_KINDS", "comment,review,launch,ramp,schedule,stop,decision,guardrail,quality")

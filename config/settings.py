"""Every setting, top to bottom. The environment decides; left alone, it is the demo."""

import secrets
from pathlib import Path

import django_stubs_ext
from cryptography.fernet import Fernet

from config import embedded, env, home, logs
from dashboards.api import openapi

# Lets ModelForm[Case] and the like be written where mypy wants them.
django_stubs_ext.monkeypatch()

ROOT = Path(__file__).resolve().parent.parent

# --- Where we are ----------------------------------------------------------------------------
DEBUG = env.flag("DEBUG", default=False)
LOOPBACK = ["127.0.0.1", "localhost", "[::1]"]
_hosts = env.names("ALLOWED_HOSTS", default=LOOPBACK)
ALLOWED_HOSTS = [*_hosts, *LOOPBACK]  # probes ask from the same host
# Where nobody else is served (the demo, the tests, a developer), secrets make themselves.
SERVES_OTHERS = not set(_hosts) <= set(LOOPBACK)
LOCAL = DEBUG or not SERVES_OTHERS
PORT = env.number("PORT", default=8000, at_least=1, at_most=65535)
# Whose word about a sender's own address is taken; the proxy's address or network.
TRUSTED_PROXIES = env.networks("TRUSTED_PROXIES", default=LOOPBACK[:1])
WEB_PROCESSES = env.number("WEB_PROCESSES", default=1, at_least=1, at_most=64)
WEB_THREADS = env.number("WEB_THREADS", default=8, at_least=1, at_most=256)
BASE_URL = env.web_address("BASE_URL", default=f"http://127.0.0.1:{PORT}")
HTTPS = BASE_URL.startswith("https://")
FLAGSTAND_HOME = home.folder()

# --- Secrets ---------------------------------------------------------------------------------
SECRET_KEY = env.secret("SECRET_KEY", default="" if LOCAL else None) or home.remembered(
    "secret_key", lambda: secrets.token_urlsafe(50)
)
# Newest first: the first key seals, every key opens.
FLAGSTAND_KEYS = env.keys("FLAGSTAND_KEYS", default="" if LOCAL else None) or [
    home.remembered("fernet_key", lambda: Fernet.generate_key().decode())
]

# --- What it is made of ----------------------------------------------------------------------
INSTALLED_APPS = [
    "config.apps.Wiring",
    "dashboards",
    "connectors",
    "exceptions_app",
    "config.apps.Administration",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "channels",
    "csp",
    "django_filters",
    "django_fsm",
    "django_htmx",
    "django_q",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "lucide",
    "rest_framework",
]
MIDDLEWARE = [
    "config.logs.RequestLog",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
    {  # for rows that a page shows by the dozen: five times as fast
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [ROOT / "templates"],
        "OPTIONS": {"trim_blocks": True, "lstrip_blocks": True, "auto_reload": DEBUG},
    },
]

# --- Database: the embedded PostgreSQL unless an address is given ----------------------------
# No psycopg pool: django-q2 forks, and a forked pool shares its sockets (8 of 400 tasks ran).
_given = env.secret("DATABASE_URL", default="")
EMBEDDED = not _given
DATABASES = {
    "default": {
        **env.database(_given or embedded.url()),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    },
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Queue: it only wakes workers, the outbox decides ----------------------------------------
# retry must exceed timeout x (1 + queue_limit / workers), or prefetched tasks run twice.
Q_CLUSTER = {
    "name": "desk",
    "orm": "default",
    # One for deliveries also while an import and a backtest have one each.
    "workers": env.number("WORKERS", default=3, at_least=1, at_most=64),
    "queue_limit": 2,
    "bulk": 1,
    "poll": 0.1,
    "timeout": 60,
    "retry": 600,
    "ack_failures": True,
    "max_attempts": 1,
    "save_limit": -1,
    "recycle": 500,
    "catch_up": False,
}

# --- Talking to platforms --------------------------------------------------------------------
# The built-in stand-ins for every platform: for the demo and for developing.
SANDBOX = env.flag("SANDBOX", default=LOCAL)
SANDBOX_URL = f"{BASE_URL}/sandbox"
# Hosts that connections may reach although their address is private, such as a mail relay.
OUTBOUND_PRIVATE_HOSTS = env.names("OUTBOUND_PRIVATE_HOSTS", default=[])

# --- People signing in -----------------------------------------------------------------------
AUTH_USER_MODEL = "exceptions_app.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "exceptions_app.people.administrators.Administrators",
]
LOGIN_URL = "/sign-in/"
LOGIN_REDIRECT_URL = "/board/"
LOGOUT_REDIRECT_URL = LOGIN_URL
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}Validator"}
    for name in ("UserAttributeSimilarity", "MinimumLength", "CommonPassword")
]
SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# --- What a browser is told ------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "connect-src": ["'self'"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
        "form-action": ["'self'"],
    },
}
X_FRAME_OPTIONS = "DENY"
CSRF_TRUSTED_ORIGINS = [BASE_URL]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]  # probes speak plain HTTP
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
# Whoever serves the desk on a company's domain shall not decide for all that is beneath it, and for years.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]

# --- Files -----------------------------------------------------------------------------------
STATIC_URL = "/static/"
# Locally the files are served from where they lie, which saves collecting them.
STATIC_ROOT = None if LOCAL else FLAGSTAND_HOME / "static"
STATICFILES_DIRS = [ROOT / "static"]
WHITENOISE_USE_FINDERS = LOCAL
WHITENOISE_AUTOREFRESH = DEBUG
_static = "django.contrib.staticfiles.storage.StaticFilesStorage"
_manifest = "whitenoise.storage.CompressedManifestStaticFilesStorage"
STORAGES = {
    "default": {"BACKEND": "exceptions_app.storage.Files"},
    "staticfiles": {"BACKEND": _static if LOCAL else _manifest},
}
MEDIA_ROOT = FLAGSTAND_HOME / "files"
# What customers and colleagues upload is nobody else's on this machine.
FILE_UPLOAD_PERMISSIONS, FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o600, 0o700

# --- Language and time -----------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("es", "Español"), ("de", "Deutsch")]
LOCALE_PATHS = [ROOT / "locale"]
USE_TZ = True
TIME_ZONE = "UTC"

# --- API -------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "dashboards.api.signing.Bearer",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["dashboards.api.signing.InScope"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "dashboards.api.wire.Only",
    "DEFAULT_PARSER_CLASSES": ["dashboards.api.wire.Json"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_METADATA_CLASS": None,
    "DEFAULT_SCHEMA_CLASS": "dashboards.api.describing.Described",
    "EXCEPTION_HANDLER": "dashboards.api.errors.on_exception",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = openapi.SETTINGS

# --- Mail and logs ---------------------------------------------------------------------------
LOGGING = logs.settings(
    level=env.one_of("LOG_LEVEL", "DEBUG", "INFO", "WARNING", "ERROR", default="INFO")
)

"""One settings file; everything that differs between installations comes from the environment.

MODE=embedded (default) is one machine: SQLite, jobs in the web process, keys made on first start.
MODE=server demands keys and hosts from the environment and speaks HTTPS only.
"""

import sqlite3
from pathlib import Path

from csp.constants import NONCE, NONE, SELF

from config.environment import (
    choice,
    database,
    env,
    flag,
    gateway,
    hosts,
    keys,
    number,
    origins,
    redis,
    refuse,
    writable,
)  # fmt: skip
from lib.crypto import validate_keys

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = writable(Path(env.str("DATA_DIR", default=str(BASE_DIR / "var"))))
BACKUP_DIR = Path(
    env.str("BACKUP_DIR", default=str(DATA_DIR / "backups"))
)  # where drill looks for the newest

SERVER = choice("MODE", ("embedded", "server")) == "server"
DEBUG = flag("DEBUG", False)
DEMO = flag("DEMO", False)
if SERVER and DEBUG:
    refuse("环境变量 DEBUG 在服务器上必须关闭（DEBUG=0），出错页会显示程序内部的内容。")

_keys = keys(SERVER, DATA_DIR)
SECRET_KEY = _keys["SECRET_KEY"]
FIELD_KEYS = _keys["FIELD_KEYS"]
INDEX_KEY = _keys["INDEX_KEY"]
FIELD_CIPHER = choice("FIELD_CIPHER", ("AES-256-GCM", "SM4-GCM"))
try:
    validate_keys(FIELD_KEYS, INDEX_KEY, FIELD_CIPHER)
except ValueError as error:
    refuse(f"加密密钥设置不正确：{error}")

ALLOWED_HOSTS = hosts(SERVER)
CSRF_TRUSTED_ORIGINS = origins()

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "axes",
    "csp",
    "django_htmx",
    "django_otp",
    "django_otp.plugins.otp_totp",  # no longer used: backups from before accounts.Phone have its table
    "import_export",
    "accounts",
    "jobs",
    "ledgers",
    "posts",
    "sampling",
    "subsidies",
    "reports",
    "config",
]

MIDDLEWARE = [
    "lib.logs.RequestMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "lib.wellformed.WellFormedMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.sessions.IdleMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "accounts.wall.WallMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "accounts.access.AccessMiddleware",
    "lib.readonly.ReadOnlyMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "config.menu.menu",
            ],
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
        },
    }
]
FORM_RENDERER = "lib.rendering.OfficeFormRenderer"

# --- database ---------------------------------------------------------------------------------------------------
DATABASES = {"default": database(f"sqlite:///{DATA_DIR / 'ledger.sqlite3'}")}
if "sqlite" in DATABASES["default"]["ENGINE"]:
    # The WAL-reset bug of SQLite (fixed in 3.51.3) can lose a committed write: WAL only where it is fixed.
    _journal = "WAL" if sqlite3.sqlite_version_info >= (3, 51, 3) else "DELETE"
    DATABASES["default"]["OPTIONS"] = {
        "timeout": 20,
        "transaction_mode": "IMMEDIATE",
        # A large transaction that spills its pages locks readers out until it ends: keep them in memory instead.
        "init_command": f"PRAGMA journal_mode={_journal}; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; "
        "PRAGMA cache_spill=OFF;",
    }
else:
    DATABASES["default"] |= {"CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True}
    # What a connection may see before anything is said (accounts/wall.py): all in a command, nobody in the web.
    _said = DATABASES["default"].setdefault("OPTIONS", {}).get("options", "")
    # Row-level policies raise the estimated cost of a query, and compiling it (jit) takes longer than running it.
    _reach = "*" if flag("WALL_OPEN", False) else ""
    DATABASES["default"]["OPTIONS"]["options"] = f"{_said} -c jit=off -c ledger.reach={_reach}".strip()
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- jobs -------------------------------------------------------------------------------------------------------
REDIS_URL = redis()
CELERY_BROKER_URL = REDIS_URL or "memory://"
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_DEFAULT_QUEUE = "small"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_connect_timeout": 1,
    "socket_timeout": 5,
    "visibility_timeout": 3600,
}
CELERY_TIMEZONE = "Asia/Shanghai"
CELERY_BEAT_SCHEDULE = {"tick": {"task": "jobs.tasks.tick", "schedule": 30.0}}

# --- people -----------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
LOGIN_URL = "accounts:login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "accounts:login"
PASSWORD_HASHERS = ["accounts.passwords.OfficeArgon2Hasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ["username", "name"]},
    },
    {"NAME": "accounts.passwords.ThreeClassesValidator"},
    {"NAME": "accounts.passwords.OfficeWordsValidator"},
]
# City and administrators sign in with a second factor; the demo switches it off to be tried without a phone.
TOTP = flag("TOTP", not DEMO)
TOTP_EVERYONE = flag("TOTP_EVERYONE", False)
OTP_TOTP_ISSUER = "稳岗台账"
SESSION_COOKIE_AGE = 8 * 3600  # from signing in
SESSION_IDLE_MINUTES = number("SESSION_IDLE_MINUTES", 480, 5, 480)
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_TEMPLATE = "accounts/locked.html"
AXES_HTTP_RESPONSE_CODE = 429
AXES_RESET_ON_SUCCESS = True
AXES_SENSITIVE_PARAMETERS = ["username", "ip_address", "next"]
AXES_USERNAME_CALLABLE = "accounts.security.name_for_lock"
AXES_CLIENT_IP_CALLABLE = "accounts.security.address"
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
READONLY_ALLOWED_TABLES = {"django_session", "axes_accessattempt", "axes_accesslog", "axes_accessfailurelog"}
REVEAL_LIMIT_PER_DAY = number("REVEAL_LIMIT_PER_DAY", 100, 1, 100_000)
EXPORT_LIMIT_PER_DAY = number("EXPORT_LIMIT_PER_DAY", 50, 1, 100_000)

# --- transport --------------------------------------------------------------------------------------------------
SECURE_SSL_REDIRECT = SERVER
SESSION_COOKIE_SECURE = SERVER
CSRF_COOKIE_SECURE = SERVER
if SERVER:  # no other host of the domain can set or read a cookie with this prefix
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
SECURE_HSTS_SECONDS = 31_536_000 if SERVER else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SERVER
SECURE_HSTS_PRELOAD = SERVER
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SERVER else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000
UPLOAD_MAX_BYTES = 50 * 1024 * 1024
# An upload stays in memory until it is stored encrypted: there is no handler that writes it to disk in the clear.
FILE_UPLOAD_MAX_MEMORY_SIZE = UPLOAD_MAX_BYTES + 64 * 1024
FILE_UPLOAD_HANDLERS = [
    "jobs.uploads.LimitedUpload",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
]
IMPORT_MAX_ROWS = number("IMPORT_MAX_ROWS", 50_000, 1, 1_000_000)

# --- files, language, time --------------------------------------------------------------------------------------
STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STATIC_ROOT.mkdir(
    exist_ok=True
)  # whitenoise warns of a missing folder, and nothing is collected when embedded
STATICFILES_DIRS = [BASE_DIR / "static", ("tabler", BASE_DIR / "node_modules/@tabler/core/dist")]
WHITENOISE_USE_FINDERS = True
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
MEDIA_ROOT = DATA_DIR / "files"
LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
USE_I18N = True
USE_THOUSAND_SEPARATOR = False

# --- how an office counts (domain parameters; defaults of the sources) --------------------------------------------
STATISTICAL_YEAR_START = number("STATISTICAL_YEAR_START", 10, 1, 12)  # month; 上年度10月至本年度9月
MONTH_LOCK_DAY = number("MONTH_LOCK_DAY", 20, 1, 28)
CLOCK_ESCALATION_DAYS = number(
    "CLOCK_ESCALATION_DAYS", 3, 0, 60
)  # late for so long, a service goes up to the county
SIGNATURES = flag("SIGNATURES", True)  # a 采集表 is submitted only with the signed paper or both signatures

# --- short messages (subsidies/messages/gateways.py) ------------------------------------------------------------
SMS_GATEWAY = choice("SMS_GATEWAY", ("off", "console", "file", "http"))
SMS_URL, SMS_KEY = gateway(SMS_GATEWAY, SERVER)
SMS_FILE = env.str("SMS_FILE", default=str(DATA_DIR / "sms.jsonl"))
SMS_PER_WEEK = number("SMS_PER_WEEK", 2, 1, 50)  # messages one person may get in seven days
SMS_FROM_HOUR = number("SMS_FROM_HOUR", 8, 0, 23)  # nobody is written to before this hour of the day
SMS_UNTIL_HOUR = number("SMS_UNTIL_HOUR", 21, 1, 24)  # and from this one on
if SMS_FROM_HOUR >= SMS_UNTIL_HOUR:
    refuse("环境变量 SMS_FROM_HOUR 应小于 SMS_UNTIL_HOUR，例如 8 和 21。")

# --- logs (lib/logs.py: one line per request, nothing personal) ---------------------------------------------------
LOG_FORMAT = choice("LOG_FORMAT", ("json", "plain") if SERVER else ("plain", "json"))
LOG_LEVEL = choice("LOG_LEVEL", ("INFO", "WARNING", "ERROR") if SERVER else ("WARNING", "INFO", "ERROR"))
DEFAULT_EXCEPTION_REPORTER_FILTER = "lib.logs.NothingPersonal"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"()": "lib.logs.PlainFormatter"}, "json": {"()": "lib.logs.JsonFormatter"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT}},
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {
        "django": {"handlers": [], "level": LOG_LEVEL},
        "django.server": {"handlers": ["console"], "level": LOG_LEVEL, "propagate": False},
        "axes": {"level": "ERROR"},
    },
}

"""Settings by environment (every variable is listed in docs/operations/settings.md)."""

from datetime import timedelta
from pathlib import Path

from csp.constants import NONE, SELF
from whitenoise.compress import Compressor

from jiuyi.project import environment

PACKAGE = Path(__file__).resolve().parent.parent

# What is this installation? A demo has simulated payments, a readable outbox and a clock that can be moved.
DEMO = environment.flag("JIUYI_DEMO", default=True)
HTTPS = environment.flag("JIUYI_HTTPS", default=False)
DEBUG = False

_DEMO_ONLY = "demo-only-and-public"  # a real installation refuses to start without its own: see below
SECRET_KEY = environment.text("JIUYI_SECRET_KEY", _DEMO_ONLY)
# Newest first: name -> 32 bytes. Everything new is wrapped with the first; the others still open what they wrapped.
JIUYI_MASTER_KEYS = environment.keys("JIUYI_MASTER_KEYS", default=_DEMO_ONLY)
# Equality of encrypted numbers and phones is compared under a key of its own: master keys rotate, this one never does.
JIUYI_FINGERPRINT_KEY = environment.keys("JIUYI_FINGERPRINT_KEY", default=f"fingerprint {_DEMO_ONLY}").popitem()[1]
JIUYI_PAYMENT_KEY = environment.text("JIUYI_PAYMENT_KEY", _DEMO_ONLY)
_SECRETS = ("JIUYI_SECRET_KEY", "JIUYI_MASTER_KEYS", "JIUYI_FINGERPRINT_KEY", "JIUYI_PAYMENT_KEY")
if not DEMO and not all(environment.text(name) for name in _SECRETS):
    message = f"JIUYI_DEMO=0 needs its own {', '.join(_SECRETS)}"
    raise ValueError(message)

JIUYI_HOME = environment.path("JIUYI_HOME")
JIUYI_PUBLIC_URL = environment.text("JIUYI_PUBLIC_URL", "http://127.0.0.1:8000")
ALLOWED_HOSTS = environment.words("JIUYI_ALLOWED_HOSTS", "*" if DEMO else "localhost,127.0.0.1")

# Applications, lowest floor last within our own so that templates of upper floors win.
_DJANGO_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
]
_LIBRARIES = [
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "csp",
    "ninja",  # its own copy of Swagger UI: no page of ours loads anything from elsewhere
]
_OWN_APPS = [
    "jiuyi.project",
    "jiuyi.scenarios",
    "jiuyi.interop",
    "jiuyi.desks",
    "jiuyi.journeys",
    "jiuyi.domains.encounters",
    "jiuyi.domains.queueing",
    "jiuyi.domains.scheduling",
    "jiuyi.domains.billing",
    "jiuyi.domains.identity",
    "jiuyi.domains.organizations",
    "jiuyi.kit",
    "jiuyi.foundation",
]
# procrastinate comes first because our applications look up its app when they become ready.
INSTALLED_APPS = ["procrastinate.contrib.django", *_OWN_APPS, *_DJANGO_APPS, *_LIBRARIES]

MIDDLEWARE = [
    "jiuyi.project.timing.ServerTimingMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "jiuyi.foundation.devices.DeviceMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "jiuyi.desks.requests.ActorMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "axes.middleware.AxesMiddleware",
    "jiuyi.desks.requests.RefusalMiddleware",
]

ROOT_URLCONF = "jiuyi.project.urls"
ASGI_APPLICATION = "jiuyi.project.asgi.application"
WSGI_APPLICATION = "jiuyi.project.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": sorted(PACKAGE.glob("desks/*/templates")),
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "jiuyi.project.house.house",
                "jiuyi.kit.context.mode",
            ],
        },
    },
]

# The database. Web and worker connect as the application role; migrations run as the owner (`jiuyi migrate`).
DATABASES = {"default": environment.database(environment.text("DATABASE_URL", "postgresql:///jiuyi"))}
APPLICATION_ROLE = "jiuyi_app"
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "tasks"

# Language and time: Chinese first, English complete.
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS = [PACKAGE / "locale"]
LANGUAGE_COOKIE_NAME = "language"
LANGUAGE_COOKIE_AGE = 60 * 60 * 24 * 365
LANGUAGE_COOKIE_SAMESITE = "Lax"
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
USE_I18N = True

# Static files: hashed and compressed once `jiuyi up` has collected them, otherwise straight from the packages.
STATIC_URL = "/static/"
STATIC_ROOT = environment.path("JIUYI_STATIC_ROOT")
STATICFILES_DIRS = sorted(PACKAGE.glob("desks/*/static"))
WHITENOISE_USE_FINDERS = STATIC_ROOT is None
WHITENOISE_MANIFEST_STRICT = False
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = [*Compressor.SKIP_COMPRESS_EXTENSIONS, "map"]  # nobody waits for them
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if STATIC_ROOT
        else "django.contrib.staticfiles.storage.StaticFilesStorage",
    },
}

# What a browser may load: our own files only, no inline script or style, no frame around us.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
    },
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 60 * 60 * 24 * 365 if HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None

SESSION_COOKIE_NAME = "jiuyi_session"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = HTTPS
SESSION_COOKIE_AGE = 60 * 60 * 12
CSRF_COOKIE_NAME = "jiuyi_csrf"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SECURE = HTTPS
CSRF_TRUSTED_ORIGINS = [JIUYI_PUBLIC_URL] if HTTPS else []
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# Who may come in. Staff: password, then a second factor; five wrong passwords lock the account for a quarter of an hour.
AUTH_USER_MODEL = "foundation.StaffUser"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/staff/"
LOGOUT_REDIRECT_URL = "/staff/"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PRESERVE_USERNAME_CASING = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_REAUTHENTICATION_TIMEOUT = 60 * 15
ACCOUNT_ADAPTER = "jiuyi.desks.sign_in.adapters.StaffAccountAdapter"
ACCOUNT_FORMS = {
    "login": "jiuyi.desks.sign_in.forms.SignInForm",
    "reauthenticate": "jiuyi.desks.sign_in.forms.PasswordAgainForm",
    "change_password": "jiuyi.desks.sign_in.forms.ChangePasswordForm",
}
ACCOUNT_RATE_LIMITS = {"login_failed": "10/m/key"}  # of codes; wrong passwords are counted by axes
MFA_ADAPTER = "jiuyi.desks.sign_in.adapters.StaffMfaAdapter"
MFA_FORMS = {
    "authenticate": "jiuyi.desks.sign_in.forms.CodeForm",
    "reauthenticate": "jiuyi.desks.sign_in.forms.CodeAgainForm",
    "activate_totp": "jiuyi.desks.sign_in.forms.ActivateForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_PASSKEY_SIGNUP_ENABLED = False
MFA_TOTP_ISSUER = "Jiuyi"
MFA_TOTP_TOLERANCE = 1
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEMO
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = ["username", "ip_address"]
AXES_USERNAME_CALLABLE = "jiuyi.foundation.devices.axes_username"
AXES_CLIENT_IP_CALLABLE = "jiuyi.foundation.devices.axes_address"
AXES_LOCKOUT_TEMPLATE = "sign_in/locked.html"
AXES_RESET_ON_SUCCESS = True
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
SILENCED_SYSTEM_CHECKS = [
    "axes.W006",  # the "address" is the device's own: a whole hospital sits behind one real address
]

# Logs: one JSON object a line, without personal data.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "jiuyi.foundation.logs.JsonFormatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": environment.text("JIUYI_LOG_LEVEL", "INFO").upper()},
    "loggers": {
        "django.server": {"level": "WARNING"},
        "procrastinate": {"level": "WARNING"},
        "axes": {"level": "WARNING"},
        "weasyprint": {"level": "ERROR"},
        "fontTools": {"level": "ERROR"},
    },
}

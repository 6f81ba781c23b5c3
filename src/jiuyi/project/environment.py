"""Reading the process environment: the only place that knows the names of the variables.

Every variable is described in docs/operations/settings.md; a test compares the two.
"""

import base64
import hashlib
import os
from pathlib import Path
from typing import Any

KEY_BYTES = 32
VARIABLES = (
    "DATABASE_URL",
    "DATABASE_OWNER_URL",
    "JIUYI_ALLOWED_HOSTS",
    "JIUYI_DEMO",
    "JIUYI_FINGERPRINT_KEY",
    "JIUYI_GATE_LANES",
    "JIUYI_HOME",
    "JIUYI_HTTPS",
    "JIUYI_LOG_LEVEL",
    "JIUYI_MASTER_KEYS",
    "JIUYI_PAYMENT_KEY",
    "JIUYI_POOL_SIZE",
    "JIUYI_PUBLIC_URL",
    "JIUYI_SECRET_KEY",
    "JIUYI_STATIC_ROOT",
    "JIUYI_TEST_POSTGRES",
)


def text(name: str, default: str = "") -> str:
    """The variable's value; an empty one counts as unset."""
    _known(name)
    return os.environ.get(name, "").strip() or default


def flag(name: str, *, default: bool) -> bool:
    """``1``/``true``/``yes``/``on`` or ``0``/``false``/``no``/``off``; anything else is refused with the variable's name."""
    value = text(name, "1" if default else "0").lower()
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off"}:
        return False
    message = f"{name}={value!r}: write 1 or 0"
    raise ValueError(message)


def number(name: str, default: int) -> int:
    """A whole number; anything else is refused with the variable's name."""
    value = text(name, str(default))
    try:
        return int(value)
    except ValueError:
        message = f"{name}={value!r}: write a whole number"
        raise ValueError(message) from None


def words(name: str, default: str = "") -> list[str]:
    """A comma-separated list without empty members."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def keys(name: str, *, default: str) -> dict[str, bytes]:
    """Named 32-byte keys, ``name:base64`` separated by commas, in their order; ``default`` is stretched to one demo key."""
    found: dict[str, bytes] = {}
    for word in words(name):
        label, _, encoded = word.partition(":")
        try:
            found[label] = base64.urlsafe_b64decode(encoded)
        except ValueError:
            found[label] = b""
        if len(found[label]) != KEY_BYTES:
            message = f"{name}: the key {label!r} is not {KEY_BYTES} bytes in base64"
            raise ValueError(message)
    return found or {"demo": hashlib.sha256(default.encode()).digest()}


def path(name: str) -> Path | None:
    """An absolute path, or None if the variable is unset."""
    value = text(name)
    return Path(value).expanduser().absolute() if value else None


def database(url: str) -> dict[str, Any]:
    """Django's description of a ``postgresql://`` address (``?host=/socket/directory`` included)."""
    from psycopg.conninfo import conninfo_to_dict  # noqa: PLC0415  # only processes that talk to a database pay for it

    parts = {key: str(value) for key, value in conninfo_to_dict(url).items()}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.pop("dbname", "jiuyi"),
        "USER": parts.pop("user", ""),
        "PASSWORD": parts.pop("password", ""),
        "HOST": parts.pop("host", ""),
        "PORT": parts.pop("port", ""),
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            **parts,
            "pool": {"min_size": 1, "max_size": number("JIUYI_POOL_SIZE", 16), "timeout": 10, "max_idle": 300},
        },
    }


def _known(name: str) -> None:
    if name not in VARIABLES:
        message = f"{name} is not listed in jiuyi.project.environment.VARIABLES"
        raise KeyError(message)

"""What an installation needs before it can serve: tables, privileges, reference codes, static files, a demo."""

import hashlib
import importlib.metadata
import os
import sys
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

PACKAGE = Path(__file__).resolve().parent.parent
WITH_TABLES = ("django", "django-allauth", "django-axes", "procrastinate")


def schema_digest() -> str:
    """Changes whenever a migration of ours, a library with tables or the list of applications changes (no database needed)."""
    digest = hashlib.sha256()
    for name in WITH_TABLES:
        digest.update(f"{name} {importlib.metadata.version(name)}\n".encode())
    files = [*PACKAGE.glob("**/migrations/*.py"), PACKAGE / "project" / "settings.py", *PACKAGE.glob("**/reference/*")]
    for file in sorted(file for file in files if file.is_file()):
        digest.update(f"{file.relative_to(PACKAGE)}\n".encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()


def static_digest() -> str:
    """Changes whenever a static file of ours or a library with static files changes."""
    digest = hashlib.sha256()
    for name in ("django", "django-allauth", "whitenoise"):
        digest.update(f"{name} {importlib.metadata.version(name)}\n".encode())
    for file in sorted(PACKAGE.glob("**/static/**/*")):
        if file.is_file():
            digest.update(f"{file.relative_to(PACKAGE)}\n".encode())
            digest.update(file.read_bytes())
    return digest.hexdigest()


def migrate(*, quiet: bool = False) -> None:
    """Bring tables, privileges and reference codes to this version. Run as the owner of the database."""
    from django.core.management import call_command  # noqa: PLC0415  # slow

    call_command("migrate", interactive=False, verbosity=0 if quiet else 1)
    grants = optional("jiuyi.foundation.grants", "apply")
    if grants is not None:
        grants()
    load = optional("jiuyi.domains.encounters.reference", "load_reference_codes") or optional(
        "jiuyi.domains.encounters.actions",
        "load_reference_codes",
    )
    if load is not None:
        load()


def collect_static() -> None:
    """Put hashed, compressed files into ``STATIC_ROOT``."""
    from django.core.management import call_command  # noqa: PLC0415  # slow

    call_command("collectstatic", interactive=False, verbosity=0, ignore_patterns=["*.md", "*.map"])


def optional(module: str, name: str) -> Callable[..., Any] | None:
    """A function of a module that this installation may lack."""
    function: Callable[..., Any] | None = constant(module, name)
    return function


def constant(module: str, name: str) -> Any:
    """A name of a module that this installation may lack, or None."""
    try:
        if find_spec(module) is None:
            return None
    except ModuleNotFoundError:
        return None
    return getattr(import_module(module), name, None)


def main() -> int:
    """``python -m jiuyi.project.preparation schema|static``: the steps of ``jiuyi up`` that need Django, in processes of their own."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jiuyi.project.settings")
    import django  # noqa: PLC0415  # slow

    django.setup(set_prefix=False)
    for step in sys.argv[1:]:
        {"schema": lambda: migrate(quiet=True), "static": collect_static}[step]()
    return 0


if __name__ == "__main__":
    sys.exit(main())

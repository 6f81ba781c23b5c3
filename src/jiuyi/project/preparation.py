"""What an installation needs before it can serve: tables, privileges, reference codes, static files, a demo."""

import hashlib
import importlib.metadata
import os
import sys
from pathlib import Path

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
    """Bring tables, privileges and reference codes to this version. Run as the owner of the database, with its keys."""
    from django.core.management import call_command  # noqa: PLC0415  # slow

    from jiuyi.domains.encounters import actions as codes  # noqa: PLC0415  # needs the applications
    from jiuyi.foundation import grants, key_check  # noqa: PLC0415

    call_command("migrate", interactive=False, verbosity=0 if quiet else 1)
    key_check.compare()
    grants.apply()
    codes.load_reference_codes()


def collect_static() -> None:
    """Put hashed, compressed files into ``STATIC_ROOT``. Maps come along where a file names its own: hashing wants to find them."""
    from django.core.management import call_command  # noqa: PLC0415  # slow

    call_command("collectstatic", interactive=False, verbosity=0, ignore_patterns=["*.md", "redoc*"])


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

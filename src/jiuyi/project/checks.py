"""``python -m jiuyi.project.checks``: Django's own checks and "every model change has its migration", without a database."""

import os
import sys


def main() -> int:
    """The exit code is 0 when nothing is missing."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jiuyi.project.settings")
    import django  # noqa: PLC0415  # slow
    from django.core.management import call_command  # noqa: PLC0415

    django.setup(set_prefix=False)
    call_command("check", fail_level="WARNING")
    call_command("makemigrations", check_changes=True, dry_run=True, verbosity=1)
    return 0


if __name__ == "__main__":
    sys.exit(main())

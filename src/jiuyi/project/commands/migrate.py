"""``jiuyi migrate``: tables, then privileges of the application role, then reference codes."""

import argparse

from jiuyi.project import session


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """No options beside the amount of talk."""
    parser.add_argument("--quiet", action="store_true", help="say nothing unless something fails")


def run(options: argparse.Namespace) -> int:
    """Migrate as the owner of the database."""
    with session.database(owner=True):
        session.setup()
        from jiuyi.project import preparation  # noqa: PLC0415  # needs the applications

        preparation.migrate(quiet=options.quiet)
    return 0

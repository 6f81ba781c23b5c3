"""``jiuyi manage …``: Django's commands, with this installation's environment and the owner's rights."""

import argparse

from jiuyi.project import session


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Everything is passed through."""
    parser.add_argument("rest", nargs=argparse.REMAINDER)


def run(options: argparse.Namespace) -> int:
    """Run one Django command."""
    return passthrough(options.rest)


def passthrough(words: list[str]) -> int:
    """Run one Django command given as its words."""
    from django.core.management import execute_from_command_line  # noqa: PLC0415  # slow

    with session.database(owner=True):
        execute_from_command_line(["jiuyi manage", *words])
    return 0

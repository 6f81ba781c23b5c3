"""``jiuyi worker``: the worker alone, for an installation whose processes are kept by systemd."""

import argparse

from jiuyi.project import session


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """No options."""


def run(_options: argparse.Namespace) -> int:
    """Work until SIGTERM."""
    with session.database():
        from jiuyi.project import worker  # noqa: PLC0415  # after the environment stands

        return worker.main()

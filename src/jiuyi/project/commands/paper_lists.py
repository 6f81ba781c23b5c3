"""``jiuyi paper-lists``: today's lists as PDF, for the hour when pages are not to be had."""

import argparse

from jiuyi.project import session


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """No options: always today, always every department that has appointments."""


def run(_options: argparse.Namespace) -> int:
    """Write them and say where they are."""
    with session.database():
        session.setup()
        from jiuyi.foundation import clock  # noqa: PLC0415  # needs the applications
        from jiuyi.journeys import paper_lists  # noqa: PLC0415

        files = paper_lists.write_all(now=clock.now())
    for file in files:
        print(file)
    print(f"{len(files)} 份名单。")
    return 0

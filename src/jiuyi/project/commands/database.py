"""``jiuyi database``: where it is, and how to take it out and put it in again."""

import argparse
import os
from pathlib import Path

from jiuyi.project import session
from jiuyi.project.home import Home, default_directory
from jiuyi.project.postgres import moving


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to do with it."""
    acts = parser.add_subparsers(dest="act", required=True, metavar="ACT")
    url = acts.add_parser("url", help="print its address (it contains a password)")
    url.add_argument("--owner", action="store_true", help="of the owner, who may change tables")
    acts.add_parser("dump", help="write it into a file").add_argument("file", type=Path)
    acts.add_parser("restore", help="fill an empty one from a file").add_argument("file", type=Path)


def run(options: argparse.Namespace) -> int:
    """Do it."""
    own = Home(default_directory()).has_own_database()  # asked before the session sets the variables itself
    if not own and options.act != "url":
        message = "DATABASE_URL names a server of your own: use its pg_dump and pg_restore"
        raise RuntimeError(message)
    with session.database(owner=options.act == "url" and options.owner) as home:
        if options.act == "url":
            print(os.environ["DATABASE_URL"])
        elif options.act == "dump":
            moving.dump(home.cluster(), options.file.absolute())
            print(f"{options.file}：{options.file.stat().st_size / 1024**2:.1f} MB")
        else:
            moving.restore(home.cluster(), options.file.absolute())
            print("已恢复。请再运行一次 jiuyi migrate。")
    return 0

"""``jiuyi demo``: load the demo consortium, a pure function of seed and anchor date."""

import argparse
import json
import sys
import time
from datetime import date

from jiuyi.project import session
from jiuyi.project.home import Home
from jiuyi.project.postgres.cluster import write_private
from jiuyi.project.welcome import login_table


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which world, and on which day it stands."""
    parser.add_argument("--seed", type=int, default=1, help="another seed is another county (default 1)")
    parser.add_argument("--anchor", type=date.fromisoformat, default=None, metavar="YYYY-MM-DD", help="the day of the demo (default today)")
    parser.add_argument("--if-empty", action="store_true", help="do nothing if the database holds an institution already")
    parser.add_argument("--logins", action="store_true", help="only print the log-ins, with the digits of this moment")


def run(options: argparse.Namespace) -> int:
    """Load into an empty database; a full one is left alone."""
    with session.database() as home:
        session.setup()
        from jiuyi.foundation import clock, key_check  # noqa: PLC0415  # needs the applications
        from jiuyi.scenarios import loading  # noqa: PLC0415

        key_check.compare()
        if options.logins:
            print("\n".join(login_table(_logins())))
            return 0
        if not loading.is_empty():
            _keep_logins(home)
            if options.if_empty:
                return 0
            message = "the database holds institutions already: the demo goes into an empty one only"
            raise RuntimeError(message)
        began = time.monotonic()
        loading.load_demo(clock.now(), seed=options.seed, anchor=options.anchor, progress=_Progress())
        loading.ensure_open_now(clock.now())
        _keep_logins(home)
        print(f"演示数据已装入，用时 {time.monotonic() - began:.1f} 秒。", flush=True)
    return 0


class _Progress:
    """One line that grows on a terminal; one line per part elsewhere."""

    def __call__(self, what: str, done: int, total: int) -> None:
        """Say how far one part is."""
        if sys.stdout.isatty():
            print(f"\r  {what} {done}/{total}\033[K", end="\n" if done >= total else "", flush=True)
        elif done >= total:
            print(f"  {what} {total}", flush=True)


def _logins() -> list[list[str]]:
    from jiuyi.scenarios import loading  # noqa: PLC0415  # needs the applications

    return [[f"{login.role_zh} {login.name}".strip(), login.username, login.password, login.totp_secret] for login in loading.logins()]


def _keep_logins(home: Home) -> None:
    """`jiuyi up` prints them at every start, without waiting for Django."""
    write_private(home.directory / "logins.json", json.dumps(_logins(), ensure_ascii=False))

"""``jiuyi demo``: load the demo consortium, a pure function of seed and anchor date."""

import argparse
import json
import time
from datetime import date

from jiuyi.project import preparation, session
from jiuyi.project.home import Home
from jiuyi.project.postgres.cluster import write_private


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which world, and on which day it stands."""
    parser.add_argument("--seed", type=int, default=1, help="another seed is another county (default 1)")
    parser.add_argument("--anchor", type=date.fromisoformat, default=None, metavar="YYYY-MM-DD", help="the day of the demo (default today)")
    parser.add_argument("--if-empty", action="store_true", help="do nothing if the database holds an institution already")
    parser.add_argument("--logins", action="store_true", help="only print the log-ins")


def run(options: argparse.Namespace) -> int:
    """Load into an empty database; a full one is left alone."""
    with session.database() as home:
        session.setup()
        if options.logins:
            for row in _logins():
                print("\t".join(row))
            return 0
        load = preparation.optional("jiuyi.scenarios", "load")
        if load is None:
            print("this installation has no demo")
            return 0 if options.if_empty else 1
        if _is_filled():
            _keep_logins(home)
            if options.if_empty:
                return 0
            message = "the database holds institutions already: the demo goes into an empty one only"
            raise RuntimeError(message)
        began = time.monotonic()
        load("county", seed=options.seed, anchor=options.anchor or _today())
        _keep_logins(home)
        print(f"演示数据已装入，用时 {time.monotonic() - began:.1f} 秒。", flush=True)
    return 0


def _is_filled() -> bool:
    from jiuyi.domains.organizations import queries  # noqa: PLC0415  # needs the applications

    return bool(queries.organizations())


def _today() -> date:
    from jiuyi.foundation import clock  # noqa: PLC0415  # needs the applications
    from jiuyi.kernel.clock import service_date  # noqa: PLC0415

    return service_date(clock.now())


def _logins() -> list[tuple[str, ...]]:
    logins = preparation.optional("jiuyi.scenarios.demo", "logins")
    return [tuple(str(cell) for cell in row) for row in logins()] if logins else []


def _keep_logins(home: Home) -> None:
    """`jiuyi up` prints them at every start, without waiting for Django."""
    write_private(home.directory / "logins.json", json.dumps(_logins(), ensure_ascii=False))

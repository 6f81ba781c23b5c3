"""``python -m bench NAME [--quick] [--json FILE]``; without a name, all of them."""

import argparse
import signal
import sys
import time
from importlib import import_module
from pathlib import Path

from bench.outcome import Options

BENCHMARKS = {
    "forecast": "the demand forecast against the same weekday last week, also after a sudden change (no clock, no database)",
    "pages": "server time and weight of every patient page over a signed-in walk through a booking",
    "pair": "ordinary pages while the gate is saturated, behind nginx",
    "reads": "a week of a department's availability while bookings are written, none older than a second",
    "reference": "pgbench, TPC-B-like, scale 10, 16 clients, on the product's own PostgreSQL",
    "rush": "bookings per second through the gate, a sell-out; with --verify every answer compared with the rows",
    "startup": "from git clone to the first page, migrations, demo load, restart, memory of the whole family",
}


def main(arguments: list[str] | None = None) -> int:
    """Run one benchmark, or all; the exit code says whether it could be measured, not whether it was fast."""
    listing = "\n".join(f"  {name:<10} {text}" for name, text in BENCHMARKS.items())
    parser = argparse.ArgumentParser(prog="python -m bench", epilog=listing, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", nargs="?", choices=BENCHMARKS, help="which one (default: all, one after the other)")
    parser.add_argument("--quick", action="store_true", help="fewer rounds; each ends within 45 seconds")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the outcome here as well (of several: a list)")
    parser.add_argument("--url", help="measure a running installation instead of a scratch one (needs DATABASE_URL for the reference)")
    parser.add_argument("--verify", action="store_true", help="rush: compare every answer with the rows, with processes killed meanwhile")
    given = parser.parse_args(arguments)
    outcomes = []
    for name in [given.name] if given.name else list(BENCHMARKS):
        begun = time.monotonic()
        outcome = import_module(f"bench.{name}").run(Options(quick=given.quick, url=given.url, verify=given.verify))
        outcomes.append(outcome.as_json())
        print(f"{outcome.as_text()}\n {time.monotonic() - begun:.0f} s in all\n", flush=True)
    if given.json:
        given.json.parent.mkdir(parents=True, exist_ok=True)
        text = outcomes[0] if given.name else f"[{','.join(outcomes)}]"
        given.json.write_text(text + "\n", encoding="utf-8")
    return 0


def _end(number: int, _frame: object) -> None:
    """Leave through every ``finally``: what was started is stopped."""
    sys.exit(128 + number)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _end)
    sys.exit(main())

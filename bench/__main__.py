"""``python -m bench NAME [--quick] [--json FILE]``; without a name, what there is."""

import argparse
import sys
import time
from importlib import import_module
from pathlib import Path

from bench.outcome import Options

BENCHMARKS = {
    "pages": "server time and weight of every patient page over a signed-in walk through a booking",
    "reference": "pgbench, TPC-B-like, scale 10, 16 clients, on the product's own PostgreSQL",
    "startup": "from git clone to the first page, migrations, demo load, restart, memory of the whole family",
}


def main(arguments: list[str] | None = None) -> int:
    """Run one benchmark; the exit code says whether it could be measured, not whether it was fast."""
    listing = "\n".join(f"  {name:<10} {text}" for name, text in BENCHMARKS.items())
    parser = argparse.ArgumentParser(prog="python -m bench", epilog=listing, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", choices=BENCHMARKS)
    parser.add_argument("--quick", action="store_true", help="fewer rounds; ends within 45 seconds")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the outcome here as well")
    parser.add_argument("--url", help="measure a running installation instead of a scratch one (needs DATABASE_URL for the reference)")
    given = parser.parse_args(arguments)
    begun = time.monotonic()
    outcome = import_module(f"bench.{given.name}").run(Options(quick=given.quick, url=given.url))
    print(outcome.as_text())
    print(f"\n{time.monotonic() - begun:.0f} s in all")
    if given.json:
        given.json.parent.mkdir(parents=True, exist_ok=True)
        given.json.write_text(outcome.as_json() + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

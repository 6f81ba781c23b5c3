"""``jiuyi catalogue``: which catalogue items work, and by which test and page."""

import argparse
import json
from collections import Counter
from pathlib import Path

from jiuyi.project import catalogue
from jiuyi.project.home import checkout
from jiuyi.project.welcome import table


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """For people, or for programs."""
    parser.add_argument("--json", action="store_true", help="a list of id, state, tests, pages")
    parser.add_argument("--state", choices=("absent", "partial", "unproven", "works"), help="only these")


def run(options: argparse.Namespace) -> int:
    """Print all items."""
    root = checkout() or Path.cwd()
    outcomes = catalogue.outcomes_of(root / catalogue.RESULTS, catalogue.tree_digest(root))
    items = catalogue.states(catalogue.claims_in(root / "tests"), outcomes)
    shown = [item for item in items if options.state in {None, item.state}]
    if options.json:
        print(json.dumps([item.as_json() for item in shown], ensure_ascii=False, indent=1))
        return 0
    rows = [(item.id, item.state, item.chinese, item.english, f"{len(item.tests)} tests", f"{len(item.pages)} pages") for item in shown]
    print("\n".join(table(rows) if rows else []))
    counts = Counter(item.state for item in items)
    print("\n" + ", ".join(f"{state} {counts[state]}" for state in ("works", "unproven", "partial", "absent")))
    if not outcomes and any(item.state == "unproven" for item in items):
        print("The last test run was of another tree: run `make test`.")
    return 0

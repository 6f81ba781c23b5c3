"""``jiuyi doctor``: what is wrong with this installation, and how to mend it."""

import argparse
import json
import os

from jiuyi.project import health, session
from jiuyi.project.health import Finding
from jiuyi.project.home import Home, default_directory


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """For people, or for programs."""
    parser.add_argument("--json", action="store_true", help="a list of subject, found, mend")


def run(options: argparse.Namespace) -> int:
    """Look at everything; the exit code is 1 if anything needs mending."""
    home = Home(default_directory())
    findings = health.safely("machine", lambda: health.of_machine(home))
    try:
        with session.database(owner=True):
            findings += _of_database()
    except Exception as problem:  # noqa: BLE001  # a database that does not start is the most useful finding of all
        findings.append(Finding("database", str(problem), "mend what is named here, then ask again"))
    if options.json:
        print(json.dumps([{"subject": f.subject, "found": f.found, "mend": f.mend} for f in findings], ensure_ascii=False, indent=1))
    else:
        for finding in findings:
            print(f"{'ok  ' if finding.is_well else 'BAD '} {finding.subject:<16} {finding.found}")
            if finding.mend:
                print(f"     {'':<16} -> {finding.mend}")
    return 0 if all(finding.is_well for finding in findings) else 1


def _of_database() -> list[Finding]:
    url = os.environ.get("DATABASE_URL", "")
    findings = health.safely("database", lambda: health.of_database(url))
    if not findings[0].is_well:
        return findings

    def tables() -> list[Finding]:
        session.setup()
        from django.conf import settings  # noqa: PLC0415  # needs the environment

        return list(health.of_tables(url, settings.APPLICATION_ROLE))

    return findings + health.safely("tables", lambda: iter(tables()))

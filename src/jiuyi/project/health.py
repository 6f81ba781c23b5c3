"""What ``jiuyi doctor`` looks at: each check says what it found and, if that is wrong, how to mend it."""

import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from jiuyi.project.home import Home

OLDEST_POSTGRES = 15
LEAST_FREE_BYTES = 2 * 1024**3
LARGEST_CLOCK_DIFFERENCE_SECONDS = 5.0
EXTENSIONS = ("btree_gist", "pg_trgm")


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor's answer; ``mend`` is empty when all is well."""

    subject: str
    found: str
    mend: str = ""

    @property
    def is_well(self) -> bool:
        """Whether nothing needs to be done."""
        return not self.mend


def of_machine(home: Home) -> Iterator[Finding]:
    """Python, disk, fonts, clock of this machine."""
    version = ".".join(str(part) for part in sys.version_info[:3])
    yield Finding("Python", version, "" if sys.version_info >= (3, 11) else "install Python 3.11 or newer, then run `make up` again")
    free = shutil.disk_usage(_existing(home.directory)).free
    mend = "" if free >= LEAST_FREE_BYTES else f"make room on the disk of {home.directory}: PostgreSQL stops when it is full"
    yield Finding("disk", f"{free / 1024**3:.1f} GB free at {home.directory}", mend)
    yield _fonts()
    holder = home.holder()
    yield Finding("running", f"process {holder.get('pid')}, {holder.get('address')}" if holder else "not running")
    year = datetime.now(UTC).year
    yield Finding("year", str(year), "" if 2025 <= year < 2100 else "set this machine's clock (timedatectl set-ntp true)")  # noqa: PLR2004


def of_database(url: str) -> Iterator[Finding]:
    """Reachable, new enough, able to hold Chinese, with the extensions and an honest clock."""
    try:
        connection = psycopg.connect(url, connect_timeout=5, autocommit=True)
    except psycopg.OperationalError as problem:
        yield Finding("database", str(problem).strip().splitlines()[-1], "start it (`jiuyi up` for our own), or correct DATABASE_URL")
        return
    with connection:
        major = connection.info.server_version // 10000
        old = "" if major >= OLDEST_POSTGRES else f"PostgreSQL {OLDEST_POSTGRES} or newer is needed"
        yield Finding("database", f"PostgreSQL {major} answers", old)
        yield from _language(connection)
        installed = {row[0] for row in connection.execute("SELECT extname FROM pg_extension")}
        missing = [name for name in EXTENSIONS if name not in installed]
        mend = "; ".join(f"as its owner: CREATE EXTENSION {name}" for name in missing)
        yield Finding("extensions", ", ".join(name for name in EXTENSIONS if name in installed) or "none", mend)
        before = time.time()
        there = connection.execute("SELECT extract(epoch FROM clock_timestamp())::float8").fetchone()
        difference = abs((there[0] if there else 0.0) - (before + time.time()) / 2)
        mend = "" if difference < LARGEST_CLOCK_DIFFERENCE_SECONDS else "let both machines follow the same time server"
        yield Finding("clock", f"{difference:.1f} s from the database's", mend)
        fsync = connection.execute("SHOW fsync").fetchone()
        mend = "" if fsync == ("on",) else "set fsync = on: a power cut would lose confirmed bookings"
        yield Finding("durability", f"fsync {fsync[0] if fsync else '?'}", mend)


def _language(connection: psycopg.Connection) -> Iterator[Finding]:
    row = connection.execute(
        "SELECT pg_encoding_to_char(encoding), datcollate, datctype FROM pg_database WHERE datname = current_database()",
    ).fetchone()
    encoding, collate, ctype = row or ("?", "?", "?")
    again = "create the database again: CREATE DATABASE jiuyi TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8'"
    # With lc_ctype C no Chinese character counts as a letter: trigrams are empty and every search finds nothing.
    well = encoding == "UTF8" and ctype not in {"C", "POSIX"}
    yield Finding("language", f"{encoding}, lc_collate {collate}, lc_ctype {ctype}", "" if well else again)


def of_tables(owner_url: str, application_role: str) -> Iterator[Finding]:
    """Migrations done, and the application unable to change what is written once. Needs Django."""
    from django.db import connection  # noqa: PLC0415  # needs the applications
    from django.db.migrations.executor import MigrationExecutor  # noqa: PLC0415

    executor = MigrationExecutor(connection)
    waiting = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    yield Finding("tables", f"{waiting} migrations wait" if waiting else "up to date", "run `jiuyi migrate`" if waiting else "")
    if not waiting:
        yield _keys()
        yield from _append_only(owner_url, application_role)


def _keys() -> Finding:
    from jiuyi.foundation import key_check  # noqa: PLC0415  # needs the applications

    wrong = key_check.differing()
    if wrong is None:
        return Finding("keys", "none remembered by the database yet")
    mend = "give back the keys that filled this database: secrets.json of its data directory (JIUYI_HOME)"
    return Finding("keys", f"{' and '.join(wrong)} of another installation" if wrong else "belong to this database", mend if wrong else "")


def _append_only(url: str, role: str) -> Iterator[Finding]:
    from jiuyi.foundation import grants  # noqa: PLC0415  # needs the applications

    with psycopg.connect(url, autocommit=True) as connection:
        exists = connection.execute("SELECT rolsuper FROM pg_roles WHERE rolname = %s", [role]).fetchone()
        if exists is None:
            yield Finding("application role", f"{role} is missing", f"as superuser: CREATE ROLE {role} LOGIN; then run `jiuyi migrate`")
            return
        loose = [
            f"{right} {table}"
            for table in sorted(grants.append_only_tables())
            for right in ("UPDATE", "DELETE", "TRUNCATE")
            if connection.execute("SELECT has_table_privilege(%s, %s, %s)", [role, table, right]).fetchone() == (True,)
        ]
        tables = len(grants.append_only_tables())
        mend = "run `jiuyi migrate` as the owner (DATABASE_OWNER_URL); a superuser must not be the application role"
        yield Finding("append-only", ", ".join(loose) or f"{tables} tables cannot be changed by {role}", mend if loose else "")


def _fonts() -> Finding:
    command = shutil.which("fc-list")
    mend = "install a Chinese font (on Debian: apt-get install fonts-noto-cjk), or paper lists show boxes"
    if command is None:
        files = [*Path("/usr/share/fonts").glob("**/*CJK*"), *Path("/usr/share/fonts").glob("**/*wqy*")]
        return Finding("fonts", f"{len(files)} Chinese font files", "" if files else mend)
    done = subprocess.run([command, ":lang=zh-cn", "family"], check=False, capture_output=True, text=True)
    families = {line.split(",")[0] for line in done.stdout.splitlines() if line.strip()}
    return Finding("fonts", ", ".join(sorted(families)[:3]) or "no Chinese font", "" if families else mend)


def _existing(directory: Path) -> Path:
    while not directory.exists():
        directory = directory.parent
    return directory


def safely(subject: str, check: Callable[[], Iterator[Finding]]) -> list[Finding]:
    """A check that breaks is a finding, not the end of the examination."""
    found: list[Finding] = []
    try:
        found.extend(check())
    except Exception as problem:  # noqa: BLE001  # the doctor goes on
        found.append(Finding(subject, f"{type(problem).__name__}: {problem}", "mend what is named here first, then ask again"))
    return found

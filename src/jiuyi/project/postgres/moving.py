"""Taking the database out of a cluster and putting it into another: a new major version, another machine."""

import os
import subprocess
from pathlib import Path

from jiuyi.project.postgres.cluster import DATABASE, PORT, SUPERUSER, Cluster, PostgresFailed


def dump(cluster: Cluster, file: Path) -> None:
    """Write the running cluster's database into a file that only its owner may read; an older file is replaced when all is well."""
    scratch = file.with_name(f".{file.name}.{os.getpid()}")
    os.close(os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
    try:
        # No --no-privileges: what the application role may not do is part of what is kept.
        _run([cluster.binaries.program("pg_dump"), "--format=custom", f"--file={scratch}"], cluster)
        scratch.replace(file)
    finally:
        scratch.unlink(missing_ok=True)


def restore(cluster: Cluster, file: Path) -> None:
    """Fill the running cluster's database from a dump, whole or not at all. Refuses a database that holds tables."""
    import psycopg  # noqa: PLC0415  # beside the programs only this needs it

    with psycopg.connect(cluster.url(SUPERUSER)) as connection:
        row = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
    if row is None or row[0]:
        message = f"{DATABASE} holds tables already: restore into a new cluster only"
        raise PostgresFailed(message)
    command = [cluster.binaries.program("pg_restore"), "--single-transaction", "--exit-on-error", "--clean", "--if-exists"]
    _run([*command, f"--dbname={DATABASE}", str(file)], cluster)


def _run(command: list[str], cluster: Cluster) -> None:
    # The password goes through the environment: everybody can read the words of a command.
    login = {
        "PGHOST": str(cluster.socket_directory()),
        "PGPORT": str(PORT),
        "PGDATABASE": DATABASE,
        "PGUSER": SUPERUSER,
        "PGPASSWORD": cluster.credentials().superuser,
    }
    environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", **login}
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=environment)
    if done.returncode != 0:
        message = f"{Path(command[0]).name}: {done.stderr.strip() or done.returncode}"
        raise PostgresFailed(message)

"""A database moves to another major version by dump and restore, with its rights."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from jiuyi.project.postgres import moving
from jiuyi.project.postgres.cluster import APPLICATION, OWNER, Cluster, PostgresFailed

OLDER = 15


@pytest.fixture
def directory() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="jiuyi moving ") as name:
        Path(name).chmod(0o711)
        yield Path(name)


def fill(cluster: Cluster) -> None:
    with psycopg.connect(cluster.url(OWNER)) as connection:
        connection.execute("CREATE TABLE journal (id int PRIMARY KEY, word text NOT NULL)")
        connection.execute(f"GRANT SELECT, INSERT ON journal TO {APPLICATION}")
        connection.execute("INSERT INTO journal VALUES (1, '张三丰预约了内科')")


def test_words_and_rights_survive_a_new_major_version(directory: Path) -> None:
    # Where the system has an older server, it really is another version; elsewhere the way is the same.
    has_older = Path(f"/usr/lib/postgresql/{OLDER}/bin/postgres").exists()
    old = Cluster(directory / "old", careless=True, system_major=OLDER if has_older else None)
    new = Cluster(directory / "new", careless=True)
    file = directory / "jiuyi.dump"
    with old.running():
        fill(old)
        # The newer programs read the older server; the other way round they refuse.
        old.binaries = new.binaries
        moving.dump(old, file)
    assert file.stat().st_mode & 0o777 == 0o600
    with new.running():
        moving.restore(new, file)
        with psycopg.connect(new.url()) as connection:
            assert connection.execute("SELECT word FROM journal").fetchall() == [("张三丰预约了内科",)]
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute("DELETE FROM journal")
        with psycopg.connect(new.url(OWNER)) as connection:
            connection.execute("ALTER TABLE journal ADD COLUMN more int")


def test_a_database_with_tables_is_not_overwritten(directory: Path) -> None:
    cluster = Cluster(directory / "full", careless=True)
    with cluster.running():
        fill(cluster)
        moving.dump(cluster, directory / "jiuyi.dump")
        with pytest.raises(PostgresFailed, match="holds tables already"):
            moving.restore(cluster, directory / "jiuyi.dump")
        with psycopg.connect(cluster.url()) as connection:
            assert connection.execute("SELECT count(*) FROM journal").fetchone() == (1,)


def test_a_dump_that_is_none_is_refused_and_nothing_is_left_half_done(directory: Path) -> None:
    (directory / "jiuyi.dump").write_bytes(b"not a dump")
    cluster = Cluster(directory / "empty", careless=True)
    with cluster.running():
        with pytest.raises(PostgresFailed, match="pg_restore"):
            moving.restore(cluster, directory / "jiuyi.dump")
        fill(cluster)
    shutil.rmtree(directory / "empty")

"""The launcher: made once, started, stopped, mended after a kill, in awkward places."""

import os
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from jiuyi.project import processes
from jiuyi.project.postgres.cluster import APPLICATION, OWNER, SUPERUSER, Cluster, PostgresFailed


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """A directory with blanks and Chinese in its name that the server's account can reach."""
    with tempfile.TemporaryDirectory(prefix="jiuyi launcher 启动 ") as name:
        Path(name).chmod(0o711)
        yield Path(name) / "a home"


@pytest.fixture
def cluster(home: Path) -> Iterator[Cluster]:
    made = Cluster(home)
    try:
        yield made
    finally:
        made.stop()


def ask(cluster: Cluster, question: str, role: str = APPLICATION) -> tuple[object, ...]:
    with psycopg.connect(cluster.url(role)) as connection:
        row = connection.execute(question).fetchone()  # type: ignore[call-overload]
    assert row is not None
    return tuple(row)


def test_a_new_cluster_understands_chinese_and_keeps_what_it_is_told(cluster: Cluster) -> None:
    cluster.start()
    encoding = "SELECT pg_encoding_to_char(encoding), datctype <> 'C' FROM pg_database WHERE datname = current_database()"
    assert ask(cluster, encoding) == ("UTF8", True)
    assert ask(cluster, "SELECT cardinality(show_trgm('中医院')) > 0") == (True,)
    assert ask(cluster, "SELECT count(*) FROM pg_extension WHERE extname IN ('btree_gist', 'pg_trgm')") == (2,)
    for setting, value in {"fsync": "on", "data_checksums": "on", "jit": "off", "max_connections": "300", "listen_addresses": ""}.items():
        assert ask(cluster, f"SHOW {setting}") == (value,), setting


def test_application_and_owner_have_their_own_rights(cluster: Cluster) -> None:
    cluster.start()
    assert ask(cluster, "SELECT rolsuper OR rolcreatedb OR rolcreaterole FROM pg_roles WHERE rolname = current_user") == (False,)
    assert ask(cluster, "SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user", OWNER) == (False,)
    with pytest.raises(psycopg.errors.InsufficientPrivilege), psycopg.connect(cluster.url()) as connection:
        connection.execute("CREATE TABLE not_for_me (id int)")
    with psycopg.connect(cluster.url(OWNER)) as connection:
        connection.execute("CREATE TABLE for_me (id int)")
        connection.rollback()


def test_nobody_else_reads_data_and_passwords(cluster: Cluster) -> None:
    cluster.start()
    assert stat.S_IMODE(cluster.data.stat().st_mode) == 0o700
    assert stat.S_IMODE((cluster.home / "credentials.json").stat().st_mode) == 0o600
    assert stat.S_IMODE(cluster.socket_directory().stat().st_mode) == 0o700
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(cluster.url(SUPERUSER).replace(cluster.credentials().superuser, "guess"))


def test_it_stops_cleanly_and_starts_again_with_its_data(cluster: Cluster) -> None:
    cluster.start()
    with psycopg.connect(cluster.url(OWNER)) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (word text)")
        connection.execute("INSERT INTO kept VALUES ('留着')")
    cluster.stop()
    assert not (cluster.data / "postmaster.pid").exists()
    assert not cluster.is_answering()
    cluster.start()
    assert ask(cluster, "SELECT word FROM kept LIMIT 1", OWNER) == ("留着",)


def test_after_kill_9_it_starts_again_and_nothing_committed_is_lost(cluster: Cluster) -> None:
    cluster.start()
    with psycopg.connect(cluster.url(OWNER)) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS survived (number int)")
        connection.execute("TRUNCATE survived")
        connection.execute("INSERT INTO survived SELECT generate_series(1, 1000)")
    assert cluster.process is not None
    cluster.process.kill()
    cluster.process.wait(5)
    assert (cluster.data / "postmaster.pid").exists()
    cluster.start()
    assert ask(cluster, "SELECT count(*) FROM survived", OWNER) == (1000,)


def test_a_stale_lock_that_names_a_stranger_is_no_obstacle(cluster: Cluster) -> None:
    cluster.start()
    cluster.stop()
    (cluster.data / "postmaster.pid").write_text(f"{os.getpid()}\n{cluster.data}\n")
    cluster.start()
    assert cluster.is_answering()


def test_a_server_left_behind_by_a_killed_launcher_is_ended(cluster: Cluster) -> None:
    cluster.start()
    stray = cluster.process
    assert stray is not None
    cluster.process = None  # as if another process had started it
    cluster.start()
    assert stray.wait(5) == 0
    assert cluster.process is not None
    assert cluster.process.pid != stray.pid
    assert cluster.is_answering()


def test_the_server_ends_with_the_process_that_started_it(home: Path) -> None:
    program = (
        "import sys, time; from pathlib import Path; from jiuyi.project.postgres.cluster import Cluster;"
        "c = Cluster(Path(sys.argv[1])); c.start(); print(c.process.pid, flush=True); time.sleep(60)"
    )
    launcher = subprocess.Popen([sys.executable, "-c", program, str(home)], stdout=subprocess.PIPE, text=True)
    assert launcher.stdout is not None
    server = int(launcher.stdout.readline())
    launcher.send_signal(signal.SIGKILL)
    launcher.wait(5)
    assert processes.wait_until_gone(server, 5)


def test_a_path_too_long_for_a_socket_gets_a_short_one(home: Path) -> None:
    deep = home.parent / ("long " * 20) / "home"
    deep.parent.mkdir(mode=0o711)
    cluster = Cluster(deep, careless=True)
    with cluster.running():
        assert cluster.is_answering()
        directory = cluster.socket_directory()
        assert not directory.is_relative_to(deep)
        assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    assert not directory.exists()


def test_data_of_another_major_version_is_left_alone(home: Path, tmp_path: Path) -> None:
    other = home.parent / "older"
    (other / "postgres-9").mkdir(parents=True)
    (other / "postgres-9" / "PG_VERSION").write_text("9\n")
    with pytest.raises(PostgresFailed, match="another PostgreSQL"):
        Cluster(other).start()
    assert sorted(path.name for path in other.iterdir()) == ["postgres-9"]


def test_a_start_that_fails_says_why(home: Path) -> None:
    broken = Cluster(home.parent / "broken", careless=True)
    with broken.running():
        pass
    (broken.data / "postgresql.conf").write_text("no_such_setting = 1\n")
    began = time.monotonic()
    with pytest.raises(PostgresFailed, match="no_such_setting"):
        broken.start()
    assert time.monotonic() - began < 5

"""One PostgreSQL of our own: made once, started as a child, stopped cleanly, mended after a kill.

Layout of a cluster's directory (0711 for root, whose database runs as another account; 0700 otherwise)::

    postgres-18/       the data, 0700, owned by the account that runs the server
    credentials.json   0600: generated passwords of the superuser, the owner and the application
    run/               0700: the socket, unless this path is too long for one
    socket             where the socket of the running server is
    log/postgres.log   what the server says
"""

import contextlib
import json
import os
import secrets
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
from psycopg import sql

from jiuyi.project import processes
from jiuyi.project.postgres import account as accounts
from jiuyi.project.postgres import binaries as programs
from jiuyi.project.postgres.binaries import Binaries

DATABASE = "jiuyi"
SUPERUSER = "postgres"
OWNER = "jiuyi_owner"
APPLICATION = "jiuyi_app"
EXTENSIONS = ("btree_gist", "pg_trgm")
LOCALES = ("C.UTF-8", "C.utf8", "en_US.UTF-8")
PORT = 5432  # only a part of the socket's name: nothing listens on TCP
LONGEST_SOCKET_PATH = 100  # the kernel takes 107 bytes
START_SECONDS = 30.0
STOP_SECONDS = 2.5

# Said on the command line and not in a file, so that a cluster made by an older version gets today's values.
SERVER_OPTIONS = {
    "listen_addresses": "",
    "max_connections": "300",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "fsync": "on",
    "full_page_writes": "on",
    "wal_compression": "on",
    "max_wal_size": "1GB",
    "checkpoint_timeout": "15min",
    "random_page_cost": "1.1",
    "idle_in_transaction_session_timeout": "60s",
    # The server's log must not become a second place where personal data lies: neither statements nor key values.
    "log_min_messages": "error",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_line_prefix": "%m [%p] ",
}
CARELESS_OPTIONS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off"}


class PostgresFailed(RuntimeError):  # noqa: N818  # names what happened
    """The server could not be made, started or stopped; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """Generated passwords."""

    superuser: str
    owner: str
    application: str


class Cluster:
    """A cluster in ``home``. ``careless`` (tests only) trades durability for speed; ``system_major`` uses system programs."""

    def __init__(self, home: Path, *, careless: bool = False, system_major: int | None = None) -> None:
        self.home = home
        self.careless = careless
        self.account = accounts.service_account()
        self.binaries = self._find_binaries(system_major)
        self.data = home / f"postgres-{self.binaries.major}"
        self.log_file = home / "log" / "postgres.log"
        self.process: subprocess.Popen[bytes] | None = None
        self._socket: Path | None = None

    # Addresses

    def url(self, role: str = APPLICATION, database: str = DATABASE) -> str:
        """The address for a role, for ``DATABASE_URL``."""
        credentials = self.credentials()
        password = {SUPERUSER: credentials.superuser, OWNER: credentials.owner, APPLICATION: credentials.application}[role]
        host = quote(str(self.socket_directory()), safe="")
        return f"postgresql://{role}:{password}@/{database}?host={host}&port={PORT}"

    def socket_directory(self) -> Path:
        """Where the running server's socket is."""
        if self._socket is None:
            try:
                self._socket = Path((self.home / "socket").read_text())
            except FileNotFoundError:
                message = f"no PostgreSQL was started in {self.home} yet"
                raise PostgresFailed(message) from None
        return self._socket

    def credentials(self) -> Credentials:
        """The passwords, generated at the first call."""
        file = self.home / "credentials.json"
        if not file.exists():
            self._make_home()
            made = {name: secrets.token_urlsafe(24) for name in ("superuser", "owner", "application")}
            write_private(file, json.dumps(made, indent=1))
        return Credentials(**json.loads(file.read_text()))

    # Life

    def start(self) -> None:
        """Start the server as our child and wait until it answers; make the cluster first if there is none."""
        self._make_home()
        self._refuse_other_major()
        if not (self.data / "PG_VERSION").exists():
            self._initialise()
        self._end_stray()
        self._prepare_socket()
        deadline = time.monotonic() + START_SECONDS
        while True:
            self.launch()
            problem = self._wait_until_ready(deadline)
            if problem is None:
                break
            self._reap()
            # After a kill -9 the old server's children may hold its shared memory for a moment longer.
            if "shared memory" not in problem or time.monotonic() > deadline:
                message = f"PostgreSQL does not start: {problem.strip() or 'no answer'} (see {self.log_file})"
                raise PostgresFailed(message)
            time.sleep(0.3)
        if not (self.home / "prepared").exists():
            self._create_roles_and_database()
            (self.home / "prepared").touch()

    def launch(self) -> subprocess.Popen[bytes]:
        """Start the server process without waiting; a stale lock of a killed server is removed first."""
        self._end_stray()
        directory = self._socket or self._prepare_socket()
        for leftover in (f".s.PGSQL.{PORT}", f".s.PGSQL.{PORT}.lock"):  # nobody runs here now; the lock may name a stranger
            (directory / leftover).unlink(missing_ok=True)
        options = dict(SERVER_OPTIONS)
        options["unix_socket_directories"] = str(directory)
        if self.careless:
            options.update(CARELESS_OPTIONS)
        command = [self.binaries.program("postgres"), "-D", str(self.data), "-p", str(PORT)]
        for name, value in options.items():
            command += ["-c", f"{name}={value}"]
        self.log_file.parent.mkdir(mode=0o700, exist_ok=True)
        with self.log_file.open("ab") as log:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                process_group=0,
                preexec_fn=processes.die_with_parent(signal.SIGINT),  # noqa: PLW1509  # the supervisor has one thread
                **self._as_account(),
            )
        return self.process

    def stop(self, seconds: float = STOP_SECONDS) -> None:
        """Fast shutdown; after ``seconds`` an immediate one (the next start then replays the log). Nothing is lost either way."""
        process, self.process = self.process, None
        if process is not None and process.poll() is None:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(seconds)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGQUIT)
                process.wait(10)
        self._remove_socket()

    @contextlib.contextmanager
    def running(self) -> Iterator["Cluster"]:
        """Start, and stop at the end."""
        self.start()
        try:
            yield self
        finally:
            self.stop()

    def is_answering(self) -> bool:
        """Whether the application role can connect now."""
        try:
            with psycopg.connect(self.url(), connect_timeout=2):
                return True
        except (psycopg.OperationalError, PostgresFailed):
            return False

    # Making

    def _find_binaries(self, system_major: int | None) -> Binaries:
        if system_major is not None:
            return programs.of_system(system_major)
        return programs.of_wheel_for_everyone() if self.account else programs.of_wheel()

    def _make_home(self) -> None:
        # The account that runs the server passes through `home` to its data; it can list nothing there.
        self.home.mkdir(mode=0o711 if self.account else 0o700, parents=True, exist_ok=True)
        if self.account:
            self.home.chmod(0o711)
            if not self.account.can_enter(self.home):
                message = (
                    f"the account {self.account.name}, which runs PostgreSQL, cannot reach {self.home}: "
                    "choose another directory with JIUYI_HOME (permissions of parent directories are left alone)"
                )
                raise PostgresFailed(message)

    def _refuse_other_major(self) -> None:
        others = sorted(path for path in self.home.glob("postgres-*") if path != self.data and (path / "PG_VERSION").exists())
        if others and not self.data.exists():
            message = (
                f"{others[-1]} was made by another PostgreSQL than {self.binaries.major}: "
                'see docs/operations/postgres.md, "A new major version"'
            )
            raise PostgresFailed(message)

    def _initialise(self) -> None:
        problems = []
        for arguments in [["--locale", name] for name in LOCALES] + [
            ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"],
        ]:
            self._empty_data()
            command = [self.binaries.program("initdb"), "-D", str(self.data), "-U", SUPERUSER, "-E", "UTF8"]
            command += ["--auth=scram-sha-256", "--data-checksums", "--no-instructions", *arguments]
            if self.careless:
                command.append("--no-sync")
            with self._password_file() as file:
                done = subprocess.run([*command, f"--pwfile={file}"], check=False, capture_output=True, **self._as_account())
            if done.returncode == 0:
                return
            problems.append(done.stderr.decode(errors="replace").strip())
        message = f"initdb failed in {self.data}: {problems[0]}"
        raise PostgresFailed(message)

    @contextlib.contextmanager
    def _password_file(self) -> Iterator[Path]:
        """The superuser's password in a file that only the server's account can read, gone at the end."""
        file = self.home / ".initdb-password"
        write_private(file, self.credentials().superuser + "\n")
        try:
            if self.account:
                os.chown(file, self.account.uid, self.account.gid)
            yield file
        finally:
            file.unlink(missing_ok=True)

    def _empty_data(self) -> None:
        """A half-made cluster (without ``PG_VERSION``, or of a failed initdb) holds nothing that anybody could miss."""
        if self.data.exists():
            shutil.rmtree(self.data)
        for stamp in ("prepared", "state.json", "logins.json"):  # they speak of the data that was here
            (self.home / stamp).unlink(missing_ok=True)
        self.data.mkdir(mode=0o700)
        if self.account:
            os.chown(self.data, self.account.uid, self.account.gid)

    def _create_roles_and_database(self) -> None:
        credentials = self.credentials()
        createdb = sql.SQL("CREATEDB" if self.careless else "NOCREATEDB")
        with psycopg.connect(self.url(SUPERUSER, "postgres"), autocommit=True) as connection:
            for role, password, rights in (
                (APPLICATION, credentials.application, sql.SQL("NOCREATEDB")),
                (OWNER, credentials.owner, createdb),
            ):
                exists = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone()
                verb = sql.SQL("ALTER" if exists else "CREATE")
                connection.execute(
                    sql.SQL("{} ROLE {} LOGIN {} PASSWORD {}").format(verb, sql.Identifier(role), rights, sql.Literal(password)),
                )
            # The owner may act as the application (to check its rights); never the other way round.
            connection.execute(sql.SQL("GRANT {} TO {}").format(sql.Identifier(APPLICATION), sql.Identifier(OWNER)))
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(DATABASE), sql.Identifier(OWNER)))
                connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(DATABASE)))
                connection.execute(
                    sql.SQL("GRANT CONNECT, TEMPORARY ON DATABASE {} TO {}").format(sql.Identifier(DATABASE), sql.Identifier(APPLICATION)),
                )
        with psycopg.connect(self.url(SUPERUSER), autocommit=True) as connection:
            for extension in EXTENSIONS:
                connection.execute(sql.SQL("CREATE EXTENSION IF NOT EXISTS {}").format(sql.Identifier(extension)))
            connection.execute(sql.SQL("ALTER SCHEMA public OWNER TO {}").format(sql.Identifier(OWNER)))
            connection.execute(sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(sql.Identifier(APPLICATION)))

    # Mending

    def _end_stray(self) -> None:
        """Deal with a server of an earlier life: end it if it still runs, remove its lock if it does not."""
        lock = self.data / "postmaster.pid"
        try:
            pid = int(lock.read_text().splitlines()[0])
        except (FileNotFoundError, ValueError, IndexError):
            return
        if self.process is not None and pid == self.process.pid and self.process.poll() is None:
            return
        if not self._is_our_server(pid):
            # The number may belong to a stranger by now: PostgreSQL would then refuse to start for ever.
            lock.unlink(missing_ok=True)
            return
        for sig in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
            processes.send(pid, sig)
            if processes.wait_until_gone(pid, 3.0):
                return
        message = f"an older PostgreSQL (process {pid}) on {self.data} does not end"
        raise PostgresFailed(message)

    def _is_our_server(self, pid: int) -> bool:
        if not processes.is_alive(pid):
            return False
        try:
            return Path(f"/proc/{pid}/cwd").resolve(strict=True) == self.data.resolve()
        except OSError:
            return False

    def _wait_until_ready(self, deadline: float) -> str | None:
        """None once the server answers, otherwise what it said last."""
        if self.process is None:
            return "not started"
        offset = max(self.log_file.stat().st_size - 2000, 0)
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                with self.log_file.open("rb") as log:
                    log.seek(offset)
                    lines = log.read().decode(errors="replace").strip().splitlines()
                return " / ".join(lines[-4:])
            try:
                with psycopg.connect(self.url(SUPERUSER, "postgres"), connect_timeout=2):
                    return None
            except psycopg.OperationalError:
                time.sleep(0.03)
        return f"no answer within {START_SECONDS:.0f} s"

    def _reap(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait(10)
        self.process = None

    # Socket

    def _prepare_socket(self) -> Path:
        """A directory of ours, closed to others and short enough for the kernel, recorded beside the data."""
        self._remove_socket()
        inside = self.home / "run"
        if len(os.fsencode(inside / f".s.PGSQL.{PORT}")) <= LONGEST_SOCKET_PATH:
            inside.mkdir(mode=0o700, exist_ok=True)
            directory = inside
        else:
            parent = "/run" if os.geteuid() == 0 and os.access("/run", os.W_OK) else "/tmp"  # noqa: S108  # mkdtemp is safe there
            directory = Path(tempfile.mkdtemp(prefix="jiuyi-", dir=parent))
        if self.account:
            os.chown(directory, self.account.uid, self.account.gid)
        write_private(self.home / "socket", str(directory))
        self._socket = directory
        return directory

    def _remove_socket(self) -> None:
        self._socket = None
        record = self.home / "socket"
        try:
            directory = Path(record.read_text())
        except FileNotFoundError:
            return
        with contextlib.suppress(FileNotFoundError):
            information = directory.lstat()
            ours = self.account.uid if self.account else os.geteuid()
            if stat.S_ISDIR(information.st_mode) and information.st_uid == ours:
                shutil.rmtree(directory, ignore_errors=True)
        record.unlink(missing_ok=True)

    def _as_account(self) -> dict[str, Any]:
        environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}
        return {"cwd": self.data, "env": environment, **(self.account.popen_options() if self.account else {})}


def write_private(file: Path, text: str) -> None:
    """Write a file that only its owner may read, whole or not at all."""
    scratch = file.with_name(f".{file.name}.{os.getpid()}")
    descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        stream.write(text)
    scratch.replace(file)

"""The product as its users meet it: a real server over a real database with the demo county in it."""

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from jiuyi.project.postgres.cluster import APPLICATION, OWNER, Cluster
from jiuyi.project.welcome import totp

ROOT = Path(__file__).resolve().parents[2]
READY_SECONDS = 60.0
CODE_SECONDS = 20.0
TOTP_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Databases:
    """The server that all copies live on. ``cluster`` is None where ``DATABASE_URL`` names a server."""

    cluster: Cluster | None

    def url(self, database: str, *, owner: bool = False) -> str:
        """The address of one database, as owner or as the application that serves pages."""
        if self.cluster is not None:
            return self.cluster.url(OWNER if owner else APPLICATION, database)
        parts = urlsplit(os.environ["DATABASE_URL"])
        return urlunsplit(parts._replace(path=f"/{database}"))

    def make(self, database: str, *, template: str | None = None) -> None:
        """An empty database, or a copy of another that nobody is connected to."""
        self.drop(database)
        statement = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database))
        if template:
            statement += sql.SQL(" TEMPLATE {} STRATEGY FILE_COPY").format(sql.Identifier(template))
        with psycopg.connect(self.url("postgres", owner=True), autocommit=True) as connection:
            connection.execute(statement)
            if self.cluster is not None:
                grant = sql.SQL("GRANT CONNECT, TEMPORARY ON DATABASE {} TO {}")
                connection.execute(grant.format(sql.Identifier(database), sql.Identifier(APPLICATION)))

    def drop(self, database: str) -> None:
        """Gone, whoever is still connected."""
        with psycopg.connect(self.url("postgres", owner=True), autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database)))


@dataclass(slots=True)
class Installation:
    """One running copy of the demo: its address, its database, its log-ins."""

    home: Path
    port: int
    database_url: str
    environment: dict[str, str]
    processes: "list[subprocess.Popen[bytes]]" = field(default_factory=list)
    _used_codes: set[tuple[str, int]] = field(default_factory=set)

    @property
    def url(self) -> str:
        """Without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    def ask(self, function: str, *arguments: object) -> Any:
        """Call a function of ``tests.browser.inside`` in a process of its own that sees this database; the answer comes as JSON."""
        command = [sys.executable, "-m", "tests.browser.inside", function, json.dumps([str(each) for each in arguments])]
        done = subprocess.run(command, env=self.environment, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr[-4000:]
        return json.loads(done.stdout.splitlines()[-1])

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """What the database holds, read without the product."""
        with psycopg.connect(self.database_url, autocommit=True) as connection:
            return connection.execute(query, values).fetchall()  # type: ignore[call-overload]  # the query is ours

    def code_sent_to(self, phone: str) -> str:
        """The newest code in the outbox for a phone."""
        query = "SELECT text FROM foundation_notice WHERE secret AND address_hint LIKE %s ORDER BY posted_at DESC LIMIT 1"
        deadline = time.monotonic() + CODE_SECONDS
        while time.monotonic() < deadline:
            found = [re.search(r"\d{6}", text) for (text,) in self.rows(query, f"%{phone[-4:]}")]
            if found and found[0]:
                return found[0][0]
            time.sleep(0.05)
        message = "no code reached the outbox"
        raise AssertionError(message)

    def login(self, username: str) -> tuple[str, str]:
        """Password and six digits of a demo account; each digit code opens once, so the next free one of the moment is given."""
        stored = json.loads((self.home / "logins.json").read_text(encoding="utf-8"))
        password, secret = next((row[2], row[3]) for row in stored if row[1] == username)
        deadline = time.monotonic() + 2 * TOTP_SECONDS
        while time.monotonic() < deadline:
            counter = int(time.time()) // TOTP_SECONDS
            for step in (counter, counter - 1, counter + 1):
                if (username, step) not in self._used_codes:
                    self._used_codes.add((username, step))
                    return password, totp(secret, step * TOTP_SECONDS)
            time.sleep(0.5)
        message = "no unused code"
        raise AssertionError(message)

    def start(self) -> None:
        """Pages and worker; returns once pages are served."""
        for arguments in (["-m", "jiuyi.project.web", "--port", str(self.port)], ["-m", "jiuyi.project.worker"]):
            with (self.home / f"{arguments[1]}.log").open("ab") as log:
                self.processes.append(
                    subprocess.Popen(
                        [sys.executable, *arguments], env=self.environment, cwd=ROOT, stdout=log, stderr=log, start_new_session=True
                    )
                )
        deadline = time.monotonic() + READY_SECONDS
        while not answers(f"{self.url}/healthz"):
            assert self.processes[0].poll() is None, self.log()
            assert time.monotonic() < deadline, self.log()
            time.sleep(0.05)

    def stop(self) -> None:
        """End both processes."""
        for process in self.processes:
            process.send_signal(signal.SIGTERM)
        for process in self.processes:
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.processes.clear()

    def log(self) -> str:
        """The end of what the pages' process wrote."""
        return (self.home / "jiuyi.project.web.log").read_text(errors="replace")[-4000:]


class Demo:
    """The demo county, loaded once into a database that serves as the mould of all others."""

    def __init__(self, cluster: Cluster | None) -> None:
        self.databases = Databases(cluster)
        self.home = Path(tempfile.mkdtemp(prefix="jiuyi-browser-"))
        self.mould = f"jiuyi_browser_{os.getpid()}"
        self.databases.make(self.mould)
        environment = self._environment(self.mould, owner=True)
        with psycopg.connect(self.databases.url(self.mould, owner=True), autocommit=True) as connection:
            for extension in ("btree_gist", "pg_trgm"):
                connection.execute(f"CREATE EXTENSION IF NOT EXISTS {extension}")
        for arguments in (["preparation", "schema", "static"], ["command", "demo"]):
            command = [sys.executable, "-m", f"jiuyi.project.{arguments[0]}", *arguments[1:]]
            done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
            assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]

    @contextlib.contextmanager
    def copy(self, name: str) -> Iterator[Installation]:
        """A fresh copy of the demo with its own pages and worker."""
        database = f"{self.mould}_{name}"
        self.databases.make(database, template=self.mould)
        port = free_port()
        environment = self._environment(database) | {"JIUYI_PUBLIC_URL": f"http://127.0.0.1:{port}"}
        running = Installation(self.home, port, self.databases.url(database, owner=True), environment)
        try:
            running.start()
            yield running
        finally:
            running.stop()
            self.databases.drop(database)

    def close(self) -> None:
        """Leave nothing behind."""
        self.databases.drop(self.mould)
        shutil.rmtree(self.home, ignore_errors=True)

    def _environment(self, database: str, *, owner: bool = False) -> dict[str, str]:
        return {
            **os.environ,
            "DATABASE_URL": self.databases.url(database, owner=owner),
            "DATABASE_OWNER_URL": self.databases.url(database, owner=True),
            "DJANGO_SETTINGS_MODULE": "jiuyi.project.settings",
            "JIUYI_HOME": str(self.home),
            "JIUYI_STATIC_ROOT": str(self.home / "static"),
            "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
            "PYTHONUTF8": "1",
        } | self._secrets()

    def _secrets(self) -> dict[str, str]:
        """The copies share the mould's keys: what it encrypted they must read."""
        from jiuyi.project.home import Home

        return Home(self.home).secrets()


def free_port() -> int:
    """A port nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(url: str) -> bool:
    """Whether the address gives a page."""
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, timeout=5) as response:
            return int(response.status) == 200
    except (OSError, urllib.error.HTTPError):
        return False

"""Gate processes to measure, and the requests that a generator sends them."""

import contextlib
import json
import os
import pickle
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
from psycopg import conninfo, sql

from bench.generator import Answer
from bench.installation import REPOSITORY, answers, free_port
from bench.rush_world import Session, World

SECRET = "the secret of a benchmark"  # noqa: S105  # opens nothing but this run's passes
READY_SECONDS = 20.0


@dataclass
class GateProcess:
    """One gate on a port of its own."""

    database_url: str
    port: int = field(default_factory=free_port)
    lanes: int = 2
    module: str = "jiuyi.project.gate"
    process: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        """Start it and wait until it answers."""
        environment = {
            **os.environ,
            "JIUYI_SECRET_KEY": SECRET,
            "DATABASE_URL": self.database_url,
            "JIUYI_GATE_LANES": str(self.lanes),
            "JIUYI_LOG_LEVEL": "ERROR",
            "DJANGO_SETTINGS_MODULE": "jiuyi.project.settings",
            "PYTHONPATH": str(REPOSITORY / "src"),
        }
        command = [sys.executable, "-m", self.module, "--port", str(self.port)]
        log = tempfile.TemporaryFile()  # noqa: SIM115  # lives as long as the process
        self.process = subprocess.Popen(command, env=environment, cwd=REPOSITORY, stdout=log, stderr=log, start_new_session=True)
        deadline = time.monotonic() + READY_SECONDS
        path = "/gate/v1/alive" if self.lanes else "/sign-in/"
        while not answers(f"http://127.0.0.1:{self.port}{path}"):
            if time.monotonic() > deadline or self.process.poll() is not None:
                log.seek(0)
                message = f"the gate does not answer: {log.read()[-2000:]!r}"
                raise RuntimeError(message)
            time.sleep(0.05)

    def stop(self, sig: signal.Signals = signal.SIGTERM) -> None:
        """End it; with SIGKILL its worker too, at once."""
        if self.process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, sig)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(10)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@contextlib.contextmanager
def gates(database_url: str, count: int = 1, **settings: Any) -> Iterator[list[GateProcess]]:
    """Some gates, stopped at the end."""
    running = [GateProcess(database_url, **settings) for _ in range(count)]
    try:
        for gate in running:
            gate.start()
        yield running
    finally:
        for gate in running:
            gate.stop()


@contextlib.contextmanager
def migrated_database(administrator_url: str, name: str) -> Iterator[str]:
    """An empty, migrated database on the server, dropped at the end; its address."""
    with psycopg.connect(administrator_url, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    url = conninfo.make_conninfo(administrator_url, dbname=name)
    parts = conninfo.conninfo_to_dict(url)
    address = f"postgresql://{parts['user']}:{parts.get('password', '')}@/{name}?host={parts['host']}&port={parts.get('port', 5432)}"
    environment = {**os.environ, "DATABASE_URL": address, "JIUYI_SECRET_KEY": SECRET, "PYTHONPATH": str(REPOSITORY / "src")}
    command = [sys.executable, "-m", "jiuyi.project.command", "manage", "migrate", "--verbosity", "0"]
    try:
        done = subprocess.run(command, env=environment, cwd=REPOSITORY, capture_output=True, text=True, timeout=180, check=False)
        if done.returncode:
            raise RuntimeError(done.stderr[-2000:])
        yield address
    finally:
        with psycopg.connect(administrator_url, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


@dataclass(frozen=True, slots=True)
class Wanted:
    """One person's wish, sealed: ``key`` is the pass's id."""

    key: UUID
    person_id: UUID
    session: Session
    window: int
    text: str

    @property
    def raw(self) -> bytes:
        """The HTTP request."""
        body = json.dumps({"pass": self.text, "window_start": self.session.windows[self.window].isoformat()}).encode()
        return _HEAD % len(body) + body

    @property
    def form(self) -> bytes:
        """The same as a page's form would send it."""
        from urllib.parse import urlencode  # noqa: PLC0415  # only where forms are measured

        body = urlencode({"pass": self.text, "window_start": self.session.windows[self.window].isoformat()}).encode()
        return _FORM_HEAD % len(body) + body


_HEAD = b"POST /gate/v1/claim HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
_FORM_HEAD = b"POST /gate/v1/claim HTTP/1.1\r\nHost: bench\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n"


def wish(world: World, person: int, session: Session, window: int) -> Wanted:
    """A sealed wish of one person of the world, good for an hour."""
    from jiuyi.domains.scheduling.words import PASS_PURPOSE, BookingChannel, BookingMode, SealedPass, seal_pass  # noqa: PLC0415
    from jiuyi.kernel.ids import new_id  # noqa: PLC0415  # the product is imported only by who measures it
    from jiuyi.kernel.signing import derive_key  # noqa: PLC0415

    second = int(time.time())
    pass_id = new_id()
    words = SealedPass(
        pass_id=pass_id,
        person_id=world.people[person],
        session_id=session.id,
        department_id=session.department_id,
        channel=BookingChannel.WEB,
        pools=("public",),
        actor_kind="patient",
        actor_id=world.account_id,
        account_id=None,
        fee_fen=1500,
        fee_rule_id="F3-5",
        fee_rule_version=0,
        hold_seconds=900,
        pay_at_arrival=False,
        mode=BookingMode.SELF,
        device_hash="",
        counts_to_limits=True,
        issued_at=second - 1,
        expires_at=second + 3600,
    )
    return Wanted(pass_id, world.people[person], session, window, seal_pass(words, derive_key(SECRET, PASS_PURPOSE)))


def spread(world: World, number: int) -> tuple[Session, int]:
    """The session and window of the ``number``-th wish: all sessions in turn, then the next window."""
    session = world.sessions[number % len(world.sessions)]
    return session, number // len(world.sessions) % len(session.windows)


@dataclass(frozen=True, slots=True)
class Heard:
    """What one generator heard, and how it went."""

    answers: list[Answer]
    seconds: float
    processor_share: float

    @property
    def per_second(self) -> float:
        """Answers per second."""
        return len(self.answers) / self.seconds


class Generator:
    """A generator process that is under way."""

    def __init__(self, port: int, requests: Iterable[tuple[Any, bytes]], *, connections: int, seconds: float) -> None:
        self._directory = tempfile.TemporaryDirectory(prefix="jiuyi-bench-")
        asked, self._told = Path(self._directory.name) / "asked", Path(self._directory.name) / "told"
        asked.write_bytes(pickle.dumps(list(requests)))
        command = [sys.executable, "-m", "bench.generator", str(port), str(connections), str(seconds), str(asked), str(self._told)]
        self._process = subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE)

    def result(self) -> Heard:
        """Wait for its end."""
        output, _ = self._process.communicate(timeout=300)
        summary = json.loads(output)
        heard = pickle.loads(self._told.read_bytes())  # noqa: S301  # our own process wrote it
        self._directory.cleanup()
        return Heard(heard, summary["seconds"], summary["processor_share"])


def fire(port: int, requests: Iterable[tuple[Any, bytes]], *, connections: int = 256, seconds: float = 60.0) -> Heard:
    """Send the requests from a process of its own and wait."""
    return Generator(port, requests, connections=connections, seconds=seconds).result()

"""A real installation to measure: ``jiuyi up`` on a directory of its own, or one that runs already."""

import contextlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.outcome import Options

REPOSITORY = Path(__file__).resolve().parents[1]
READY_SECONDS = 180.0


@dataclass(frozen=True, slots=True)
class Installation:
    """Where its pages are, how to reach its database server as administrator, and its first process (None if it is not ours)."""

    url: str
    administrator_url: str
    database_url: str
    process: "subprocess.Popen[bytes] | None"
    directory: Path | None
    seconds_to_first_page: float


@contextlib.contextmanager
def installation(options: Options, *, demo: bool = True, pages: bool = True, directory: Path | None = None) -> Iterator[Installation]:
    """Start the product (or take ``options.url``), hand it over, stop it, remove what it wrote.

    With ``DATABASE_URL`` set and no pages wanted, nothing is started: the reference runs on that server.
    """
    database_url = os.environ.get("DATABASE_URL", "")
    if options.url or (database_url and not pages):
        if not database_url:
            message = "--url needs DATABASE_URL too: the reference runs on the same server"
            raise RuntimeError(message)
        yield Installation(options.url or "", database_url, database_url, None, None, 0.0)
        return
    home = directory or scratch_directory()
    process, url, seconds = start(home, demo=demo)
    try:
        administrator = database_url or administrator_url(home, "postgres")
        yield Installation(url, administrator, database_url or administrator_url(home, "jiuyi"), process, home, seconds)
    finally:
        stop(process)
        if directory is None:
            shutil.rmtree(home, ignore_errors=True)


def start(home: Path, *, demo: bool = True) -> "tuple[subprocess.Popen[bytes], str, float]":
    """Start ``jiuyi up`` on a directory; returns when the first page answers: process, address, seconds."""
    port = free_port()
    command = [sys.executable, "-m", "jiuyi.project.command", "up", "--port", str(port), *([] if demo else ["--no-demo"])]
    environment = {**os.environ, "JIUYI_HOME": str(home), "PYTHONPATH": str(REPOSITORY / "src")}
    begun = time.monotonic()
    log = home.parent / f"{home.name}.up.log"
    with log.open("wb") as stream:
        process = subprocess.Popen(
            command, env=environment, stdout=stream, stderr=subprocess.STDOUT, cwd=REPOSITORY, start_new_session=True
        )
    url = f"http://127.0.0.1:{port}"
    shown = False
    try:
        while not (shown := answers(f"{url}/")) and process.poll() is None and time.monotonic() - begun < READY_SECONDS:
            time.sleep(0.02)
    finally:
        if not shown:
            stop(process)
    seconds = time.monotonic() - begun
    if not shown:
        message = f"jiuyi up shows no page:\n{log.read_text(errors='replace')[-3000:]}"
        raise RuntimeError(message)
    log.unlink()
    return process, url, seconds


def stop(process: "subprocess.Popen[bytes]") -> float:
    """Stop it as Ctrl-C would; seconds that took. A process that does not listen within 30 seconds is killed."""
    begun = time.monotonic()
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    return time.monotonic() - begun


def administrator_url(home: Path, database: str) -> str:
    """A database of the installation's own PostgreSQL, as its superuser."""
    from jiuyi.project.postgres.cluster import SUPERUSER, Cluster  # noqa: PLC0415  # not needed where a server is given

    return Cluster(home).url(SUPERUSER, database=database)


def scratch_directory() -> Path:
    """An empty place that the database's own account can reach, also when we are root."""
    root = Path("/var/lib/jiuyi") if os.geteuid() == 0 else REPOSITORY / "build"
    root.mkdir(mode=0o755, parents=True, exist_ok=True)
    return root / f"bench-{secrets.token_hex(4)}"


def free_port() -> int:
    """A port nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(url: str) -> bool:
    """Whether the address gives a page."""
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, timeout=10) as response:
            return int(response.status) == 200  # noqa: PLR2004  # HTTP's "ok"
    except OSError:
        return False

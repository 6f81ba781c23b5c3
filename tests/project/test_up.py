"""``jiuyi up`` for real: a fresh machine's first page, a second start, kills, the end."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from jiuyi.project import processes

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Running:
    """One running ``jiuyi up``."""

    home: Path
    port: int
    output: Path
    started: "subprocess.Popen[bytes] | None" = None

    @property
    def process(self) -> "subprocess.Popen[bytes]":
        assert self.started is not None
        return self.started

    def start(self) -> None:
        if self.started is not None and self.started.poll() is None:
            return
        words, environment = command(self.home, "up", "--no-demo", "--port", str(self.port))
        with self.output.open("wb") as stream:
            self.started = subprocess.Popen(words, env=environment, cwd="/", stdout=stream, stderr=stream)
        self.wait("the first page", lambda: "已启动" in self.said(), 90)

    def stop(self) -> None:
        if self.started is not None and self.started.poll() is None:
            self.started.send_signal(signal.SIGTERM)
            self.started.wait(15)

    def said(self) -> str:
        return self.output.read_text(encoding="utf-8")

    def wait(self, what: str, until: Callable[[], bool], seconds: float = 60.0) -> None:
        deadline = time.monotonic() + seconds
        while not until():
            assert self.process.poll() is None, self.said()
            assert time.monotonic() < deadline, f"{what} did not come\n{self.said()}"
            time.sleep(0.05)

    def answers(self) -> bool:
        return status(f"http://127.0.0.1:{self.port}/healthz") == 200

    def pid(self, name: str) -> int:
        lines = [json.loads(line) for line in (self.home / "log" / "supervisor.log").read_text().splitlines()]
        return [int(line["pid"]) for line in lines if line["event"] == "started" and line["process"] == name][-1]


def status(url: str) -> int:
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, timeout=5) as response:
            return int(response.status)
    except urllib.error.HTTPError as problem:
        return problem.code
    except OSError:
        return 0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def command(home: Path, *words: str) -> tuple[list[str], dict[str, str]]:
    environment = {"PATH": "/usr/bin:/bin", "JIUYI_HOME": str(home)}
    if "COVERAGE_PROCESS_START" in os.environ:
        environment["COVERAGE_PROCESS_START"] = os.environ["COVERAGE_PROCESS_START"]
    return [sys.executable, "-m", "jiuyi.project.command", *words], environment


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="jiuyi up 就医 ") as name:
        Path(name).chmod(0o711)
        yield Path(name) / "data"


@pytest.fixture(scope="module")
def installation(home: Path) -> Iterator[Running]:
    """One installation for all tests here; a test may end its process."""
    running = Running(home, free_port(), home.parent / "output")
    try:
        yield running
    finally:
        running.stop()


@pytest.fixture
def up(installation: Running) -> Running:
    """The installation, running; started again if the test before ended it."""
    installation.start()
    return installation


def test_the_first_page_comes_and_addresses_are_printed(up: Running) -> None:
    assert up.answers()
    assert f"http://127.0.0.1:{up.port}/staff/" in up.said()
    assert status(f"http://127.0.0.1:{up.port}/no-such-page") == 404


def test_static_files_are_hashed_compressed_and_cached_for_ever(up: Running) -> None:
    page = urllib.request.urlopen(f"http://127.0.0.1:{up.port}/").read().decode()
    found = re.search(r'href="(/static/[^"]+\.[0-9a-f]{12}\.css)"', page)
    assert found is not None
    request = urllib.request.Request(f"http://127.0.0.1:{up.port}{found.group(1)}", headers={"Accept-Encoding": "gzip"})
    with urllib.request.urlopen(request) as response:  # noqa: S310  # our own address
        assert response.headers["Content-Encoding"] == "gzip"
        assert "immutable" in response.headers["Cache-Control"]
    assert status(f"http://127.0.0.1:{up.port}/static/../../secrets.json") == 404


def test_a_second_up_refuses_and_says_who_is_there(up: Running) -> None:
    words, environment = command(up.home, "up", "--port", str(free_port()))
    done = subprocess.run(words, env=environment, capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode == 1
    assert f"process {up.process.pid}" in done.stderr
    assert f"http://127.0.0.1:{up.port}" in done.stderr
    assert up.answers()


def test_doctor_finds_nothing_wrong_with_a_fresh_installation(up: Running) -> None:
    words, environment = command(up.home, "doctor", "--json")
    done = subprocess.run(words, env=environment, capture_output=True, text=True, timeout=60, check=False)
    findings = {finding["subject"]: finding for finding in json.loads(done.stdout)}
    assert {subject: finding["mend"] for subject, finding in findings.items() if finding["mend"]} == {}
    assert {"database", "language", "extensions", "tables", "append-only", "clock", "durability", "fonts"} <= set(findings)
    assert done.returncode == 0


@pytest.mark.parametrize("name", ["web", "worker", "postgres"])
def test_a_killed_process_is_reported_and_comes_back(up: Running, name: str) -> None:
    pid = up.pid(name)
    os.kill(pid, signal.SIGKILL)
    up.wait("the report", lambda: f"{name} (process {pid}) ended: killed by SIGKILL" in up.said())
    up.wait("the return", lambda: up.pid(name) != pid and up.answers())


def test_sigterm_ends_everything_within_five_seconds(up: Running) -> None:
    pids = [up.pid(name) for name in ("postgres", "web", "worker")]
    began = time.monotonic()
    up.process.send_signal(signal.SIGTERM)
    assert up.process.wait(10) == 0
    assert time.monotonic() - began < 5
    assert not any(processes.is_alive(pid) for pid in pids)


def test_kill_9_of_the_supervisor_leaves_nobody_behind(up: Running) -> None:
    pids = [up.pid(name) for name in ("postgres", "web", "worker")]
    up.process.kill()
    up.process.wait(5)
    assert all(processes.wait_until_gone(pid, 5) for pid in pids)
    assert status(f"http://127.0.0.1:{up.port}/healthz") == 0


def test_a_taken_port_is_refused_in_words(home: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        words, environment = command(home, "up", "--port", str(port))
        done = subprocess.run(words, env=environment, capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode == 1
    assert f"{port} cannot be used" in done.stderr
    assert "--port" in done.stderr

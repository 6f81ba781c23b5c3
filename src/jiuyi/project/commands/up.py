"""``jiuyi up``: everything on this machine, watched until Ctrl-C."""

import argparse
import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from jiuyi.project import preparation, processes
from jiuyi.project.home import Home, default_directory
from jiuyi.project.postgres.cluster import Cluster, write_private
from jiuyi.project.supervisor import Child, Supervisor
from jiuyi.project.welcome import welcome

Step = tuple[str, "subprocess.Popen[bytes]", Path | None]
READY_SECONDS = 30.0
LARGEST_LOG_BYTES = 20 * 1024 * 1024


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Where to listen, and whether an empty database gets the demo."""
    parser.add_argument("--port", type=int, default=8000, help="port of the pages (default 8000)")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default 127.0.0.1: this machine only)")
    parser.add_argument("--no-demo", action="store_true", help="leave an empty database empty")


def run(options: argparse.Namespace) -> int:
    """Start, watch, stop."""
    home = Home(default_directory())
    with home.locked() as lock:
        address = f"http://{options.host}:{options.port}"
        lock.write({"pid": str(os.getpid()), "address": address})
        _refuse_taken_port(options.host, options.port)
        return Run(home, options, address).go()


class Run:
    """One run of ``jiuyi up``."""

    def __init__(self, home: Home, options: argparse.Namespace, address: str) -> None:
        self.home = home
        self.options = options
        self.address = address
        self.began = time.monotonic()
        self.supervisor = Supervisor(home.log_directory / "supervisor.log", say)
        self.cluster: Cluster | None = home.cluster() if home.has_own_database() else None
        os.environ.setdefault("JIUYI_PUBLIC_URL", address)

    def go(self) -> int:
        """Prepare, start, watch; the exit code is 0 after a clean stop."""
        self.supervisor.watch_signals()
        try:
            self._start_database()
            self._prepare()
            if not self.supervisor.stopping:
                self._start_pages()
            self.supervisor.run()
        except Interrupted:
            pass
        finally:
            say("正在停止……" if self.supervisor.stopping else "出错，正在停止……")
            self.supervisor.stop()
            if self.cluster is not None:
                self.cluster.stop()
        say("已停止。")
        return 0

    def _start_database(self) -> None:
        if self.cluster is None:
            return
        fresh = not (self.cluster.data / "PG_VERSION").exists()
        if fresh:
            say(f"正在建立数据库（{self.cluster.data}）……")
        self.cluster.start()
        postgres = Child("postgres", self.cluster.launch, stop_signal=signal.SIGINT, insist_signal=signal.SIGQUIT)
        postgres.process = self.cluster.process
        self.supervisor.add(postgres)

    def _prepare(self) -> None:
        schema, static = preparation.schema_digest(), preparation.static_digest()
        static_root = self.home.directory / f"static-{static[:12]}"
        os.environ["JIUYI_STATIC_ROOT"] = str(static_root)
        state = self._state()
        steps = []
        if not (static_root / "staticfiles.json").exists():
            steps.append(self._step("收集静态文件", ["-m", "jiuyi.project.preparation", "static"]))
        if self.cluster is None or state.get("schema") != schema:
            steps.append(self._step("更新数据库表", ["-m", "jiuyi.project.preparation", "schema"], owner=True))
        for step in steps:
            self._finish(*step)
        for old in self.home.directory.glob("static-*"):
            if old != static_root:
                shutil.rmtree(old, ignore_errors=True)
        state["schema"] = schema
        self._write_state(state)
        if not self.options.no_demo and (self.cluster is None or not state.get("demo")):
            self._finish(*self._step("装入演示数据", ["-m", "jiuyi.project.command", "demo", "--if-empty"], quiet=False))
            self._write_state({**state, "demo": "loaded"})

    def _start_pages(self) -> None:
        web = ["-m", "jiuyi.project.web", "--host", self.options.host, "--port", str(self.options.port)]
        self.supervisor.add(Child("web", lambda: self._launch("web", web)))
        worker = Child("worker", lambda: self._launch("worker", ["-m", "jiuyi.project.worker"]))
        answered = self._wait_for_pages(READY_SECONDS)
        seconds = time.monotonic() - self.began
        if self.supervisor.stopping:
            return
        # The worker comes second: whoever waits for the first page should not share the processor with it.
        self.supervisor.add(worker)
        if not answered:
            say(f"网页进程 {READY_SECONDS:.0f} 秒内没有应答，仍在继续尝试；原因见 {self.home.log_directory / 'web.log'}")
            if not self._wait_for_pages(float("inf")):
                return
            seconds = time.monotonic() - self.began
        say(welcome(self.home, self.address, seconds))

    def _wait_for_pages(self, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while not self.supervisor.stopping and time.monotonic() < deadline:
            self.supervisor.look_once()
            if _answers(f"{self.address}/healthz"):
                return True
            time.sleep(0.05)
        return False

    # Processes

    def _step(self, title: str, arguments: list[str], *, owner: bool = False, quiet: bool = True) -> Step:
        say(f"{title}……")
        log = self.home.log_directory / "preparation.log" if quiet else None
        stream = log.open("wb") if log else None
        try:
            process = subprocess.Popen(
                [sys.executable, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=stream,
                env=self._environment(owner=owner),
                process_group=0,
                preexec_fn=processes.die_with_parent(signal.SIGTERM),  # noqa: PLW1509  # one thread
            )
        finally:
            if stream:
                stream.close()
        return title, process, log

    def _finish(self, title: str, process: "subprocess.Popen[bytes]", log: Path | None) -> None:
        began = time.monotonic()
        while process.poll() is None:
            if self.supervisor.stopping:
                processes.send(process.pid, signal.SIGKILL, group=True)
                process.wait()
                raise Interrupted
            time.sleep(0.05)
        if process.returncode != 0:
            last = "\n".join(log.read_text(errors="replace").strip().splitlines()[-12:]) if log else ""
            message = f"{title}：{processes.ending(process.returncode)}\n{last}"
            raise RuntimeError(message)
        self.supervisor.note("prepared", None, step=title, seconds=round(time.monotonic() - began, 2))

    def _launch(self, name: str, arguments: list[str]) -> "subprocess.Popen[bytes]":
        log = self.home.log_directory / f"{name}.log"
        if log.exists() and log.stat().st_size > LARGEST_LOG_BYTES:
            log.replace(log.with_suffix(".log.1"))
        with log.open("ab") as stream:
            return subprocess.Popen(
                [sys.executable, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=stream,
                env=self._environment(),
                process_group=0,
                preexec_fn=processes.die_with_parent(signal.SIGTERM),  # noqa: PLW1509  # one thread
            )

    def _environment(self, *, owner: bool = False) -> dict[str, str]:
        return self.home.environment(self.cluster, owner=owner)

    # What is already done

    def _state(self) -> dict[str, str]:
        with contextlib.suppress(OSError, ValueError):
            return dict(json.loads((self.home.directory / "state.json").read_text()))
        return {}

    def _write_state(self, state: dict[str, str]) -> None:
        write_private(self.home.directory / "state.json", json.dumps(state))


class Interrupted(Exception):  # noqa: N818  # a request, not an error
    """A signal came while something was being prepared."""


def say(text: str) -> None:
    """One message to the person at the terminal, at once; a closed terminal is no reason to die."""
    with contextlib.suppress(OSError, ValueError):
        print(text, flush=True)


def _refuse_taken_port(host: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as problem:
            message = f"{host}:{port} cannot be used ({problem.strerror}); choose another port with --port"
            raise RuntimeError(message) from None


def _answers(url: str) -> bool:
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, timeout=5) as response:
            return bool(response.status == 200)  # noqa: PLR2004  # HTTP's "ok"
    except (urllib.error.URLError, OSError):
        return False

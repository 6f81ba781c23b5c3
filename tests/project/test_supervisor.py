"""The supervisor with small children: deaths are reported and mended, stops are clean and quick."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from jiuyi.project.supervisor import Child, Supervisor

SLEEPER = "import time; time.sleep(60)"
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready', flush=True); time.sleep(60)"


def launcher(program: str) -> Callable[[], "subprocess.Popen[bytes]"]:
    return lambda: subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, process_group=0)


def watch(supervisor: Supervisor, until: Callable[[], bool], seconds: float = 5.0) -> None:
    deadline = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < deadline, "nothing happened in time"
        supervisor.look_once()
        time.sleep(0.02)


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def supervisor(tmp_path: Path, said: list[str]) -> Supervisor:
    return Supervisor(tmp_path / "supervisor.log", said.append)


def test_a_killed_child_is_named_and_started_again(supervisor: Supervisor, said: list[str]) -> None:
    supervisor.add(Child("worker", launcher(SLEEPER)))
    first = supervisor.children[0].process
    assert first is not None
    first.kill()
    watch(supervisor, lambda: len(said) == 2)
    second = supervisor.children[0].process
    assert second is not None
    assert second.pid != first.pid
    assert said[0] == f"worker (process {first.pid}) ended: killed by SIGKILL. Starting it again in 0.1 s."
    assert said[1] == f"worker runs again (process {second.pid})."
    supervisor.stop()


@pytest.mark.parametrize(
    ("_case", "program", "how"),
    [("an error", "raise SystemExit(3)", "exit code 3"), ("an end", "pass", "exit code 0")],
)
def test_the_reason_of_a_death_is_said(supervisor: Supervisor, said: list[str], _case: str, program: str, how: str) -> None:
    supervisor.add(Child("web", launcher(program)))
    watch(supervisor, lambda: bool(said))
    assert how in said[0]
    supervisor.stop()


def test_a_child_that_keeps_dying_is_started_more_and_more_slowly(supervisor: Supervisor, said: list[str]) -> None:
    supervisor.add(Child("web", launcher("raise SystemExit(1)")))
    watch(supervisor, lambda: sum("ended" in line for line in said) == 3)
    assert [line.rsplit(" in ", 1)[1] for line in said if "ended" in line] == ["0.1 s.", "0.5 s.", "1 s."]
    supervisor.stop()


def test_a_child_that_cannot_be_launched_does_not_stop_the_others(supervisor: Supervisor, said: list[str]) -> None:
    supervisor.add(Child("web", launcher(SLEEPER)))
    supervisor.add(Child("worker", launcher("pass")))

    def refuse() -> "subprocess.Popen[bytes]":
        message = "no room on the disk"
        raise OSError(message)

    supervisor.children[1].launch = refuse
    watch(supervisor, lambda: any("no room on the disk" in line for line in said))
    web = supervisor.children[0].process
    assert web is not None
    assert web.poll() is None
    supervisor.stop()


def test_the_stop_is_quick_even_when_a_child_is_stubborn(supervisor: Supervisor, tmp_path: Path) -> None:
    for name in ("postgres", "web", "worker"):
        supervisor.add(Child(name, launcher(STUBBORN)))
    processes = [child.process for child in supervisor.children]
    for process in processes:
        assert process is not None
        assert process.stdout is not None
        process.stdout.readline()
    began = time.monotonic()
    supervisor.stop()
    assert time.monotonic() - began < 5
    assert {process.returncode for process in processes if process} == {-signal.SIGKILL}
    events = [json.loads(line)["event"] for line in (tmp_path / "supervisor.log").read_text().splitlines()]
    assert events == ["started", "started", "started", "stopping", "stopped"]


def test_the_database_is_stopped_last(supervisor: Supervisor, tmp_path: Path) -> None:
    order = tmp_path / "order"
    program = (
        "import signal, sys, time\n"
        "def end(*_):\n    open(sys.argv[1], 'a').write(sys.argv[2] + '\\n'); sys.exit(0)\n"
        "signal.signal(signal.SIGTERM, end); print('ready', flush=True); time.sleep(60)"
    )
    for name in ("postgres", "web"):
        command = [sys.executable, "-c", program, str(order), name]
        supervisor.add(Child(name, lambda command=command: subprocess.Popen(command, stdout=subprocess.PIPE, process_group=0)))
    for child in supervisor.children:
        assert child.process is not None
        assert child.process.stdout is not None
        child.process.stdout.readline()
    supervisor.stop()
    assert order.read_text().split() == ["web", "postgres"]

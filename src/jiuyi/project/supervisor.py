"""Keeps the processes of one machine running: starts them, says which died and why, starts it again, stops all of them cleanly."""

import dataclasses
import json
import signal
import subprocess
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

from jiuyi.project import processes

STOP_SECONDS = 2.2
BACK_OFF_SECONDS = (0.1, 0.5, 1.0, 2.0, 5.0)
STEADY_SECONDS = 30.0


@dataclasses.dataclass(slots=True)
class Child:
    """One supervised process. ``launch`` starts it; ``ready`` (optional) says whether it may be started now."""

    name: str
    launch: Callable[[], "subprocess.Popen[bytes]"]
    stop_signal: signal.Signals = signal.SIGTERM
    insist_signal: signal.Signals = signal.SIGKILL
    ready: Callable[[], bool] = lambda: True
    process: "subprocess.Popen[bytes] | None" = None
    started_at: float = 0.0
    start_again_at: float = 0.0
    deaths_in_a_row: int = 0

    def start(self) -> None:
        """Launch it now."""
        self.process = self.launch()
        self.started_at = time.monotonic()


class Supervisor:
    """Runs until a signal asks it to stop. ``say`` shows a line to the person at the terminal."""

    def __init__(self, log_file: Path, say: Callable[[str], None]) -> None:
        self._log_file = log_file
        self._say = say
        self._stopping: str | None = None
        self.children: list[Child] = []

    def watch_signals(self) -> None:
        """From now on SIGTERM, SIGINT and SIGHUP end the run instead of the process."""
        for sig in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(sig, self._ask_to_stop)

    @property
    def stopping(self) -> bool:
        """Whether a signal has asked for the end."""
        return self._stopping is not None

    def add(self, child: Child) -> None:
        """Take over a child; it is started unless its process runs already."""
        self.children.append(child)
        if child.process is None:
            child.start()
        child.started_at = time.monotonic()
        self.note("started", child, pid=child.process.pid if child.process else None)

    def run(self) -> None:
        """Watch until asked to stop."""
        while not self.stopping:
            self.look_once()
            time.sleep(0.1)

    def look_once(self) -> None:
        """Report each child that died and start again those whose pause is over."""
        now = time.monotonic()
        for child in self.children:
            if child.process is not None and child.process.poll() is not None:
                self._report_death(child, now)
            elif child.process is None and now >= child.start_again_at and child.ready():
                self._start_again(child)

    def stop(self) -> None:
        """Ask in reverse order (the database last), then insist. Ends within five seconds."""
        self.note("stopping", None, why=self._stopping or "end of work")
        database_last = [child for child in self.children if child.name != "postgres"]
        self._stop_all(database_last)
        self._stop_all([child for child in self.children if child.name == "postgres"])
        self.note("stopped", None)

    def note(self, what: str, child: Child | None, **details: object) -> None:
        """One JSON line in the supervisor's log."""
        line = {"at": datetime.now(UTC).isoformat(timespec="milliseconds"), "event": what, "process": child.name if child else "supervisor"}
        with self._log_file.open("a") as log:
            log.write(json.dumps({**line, **details}, ensure_ascii=False) + "\n")

    def _ask_to_stop(self, number: int, _frame: FrameType | None) -> None:
        self._stopping = signal.Signals(number).name

    def _report_death(self, child: Child, now: float) -> None:
        if child.process is None:
            return
        how = processes.ending(child.process.returncode)
        processes.send(child.process.pid, signal.SIGKILL, group=True)  # nothing of it may keep its port
        steady = now - child.started_at > STEADY_SECONDS
        child.deaths_in_a_row = 1 if steady else child.deaths_in_a_row + 1
        pause = BACK_OFF_SECONDS[min(child.deaths_in_a_row, len(BACK_OFF_SECONDS)) - 1]
        child.start_again_at = now + pause
        self.note("died", child, pid=child.process.pid, how=how, again_in_seconds=pause)
        self._say(f"{child.name} (process {child.process.pid}) ended: {how}. Starting it again in {pause:g} s.")
        child.process = None

    def _start_again(self, child: Child) -> None:
        try:
            child.start()
        except Exception as problem:  # noqa: BLE001  # whatever it is, the others must stay watched
            child.deaths_in_a_row += 1
            child.start_again_at = time.monotonic() + BACK_OFF_SECONDS[-1]
            self.note("not started", child, why=str(problem))
            self._say(f"{child.name} does not start: {problem}")
            return
        self.note("started", child, pid=child.process.pid if child.process else None)
        self._say(f"{child.name} runs again (process {child.process.pid if child.process else '?'}).")

    @staticmethod
    def _stop_all(children: list[Child]) -> None:
        running = [(child, child.process) for child in children if child.process is not None and child.process.poll() is None]
        for child, process in running:
            process.send_signal(child.stop_signal)
        deadline = time.monotonic() + STOP_SECONDS
        for child, process in running:
            try:
                process.wait(max(deadline - time.monotonic(), 0.01))
            except subprocess.TimeoutExpired:
                process.send_signal(child.insist_signal)
            try:
                process.wait(0.3)
            except subprocess.TimeoutExpired:
                processes.send(process.pid, signal.SIGKILL, group=True)
                process.wait(2)
            processes.send(process.pid, signal.SIGKILL, group=True)

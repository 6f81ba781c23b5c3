"""Small certainties about processes on Linux."""

import contextlib
import ctypes
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True) if hasattr(ctypes, "CDLL") else None


def die_with_parent(with_signal: signal.Signals) -> Callable[[], None]:
    """A ``preexec_fn``: the kernel sends the signal when the parent is gone, however it went.

    Without it, ``kill -9`` of the supervisor would leave a web server and a database that nobody watches.
    """
    parent = os.getpid()

    def prepare() -> None:
        signal.pthread_sigmask(signal.SIG_SETMASK, [])
        ask_to_die_with_parent(with_signal)
        if os.getppid() != parent:  # the parent died between fork and prctl
            os._exit(1)

    return prepare


def ask_to_die_with_parent(with_signal: signal.Signals) -> None:
    """The same for the calling process itself. Not on Linux: nothing happens."""
    prctl = getattr(_LIBC, "prctl", None)
    if prctl is not None:
        prctl(_PR_SET_PDEATHSIG, int(with_signal), 0, 0, 0)


def is_alive(pid: int) -> bool:
    """Whether a process of this number runs (a zombie does not)."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return True
    return stat.rpartition(")")[2].split()[0] not in {"Z", "X"}


def wait_until_gone(pid: int, seconds: float) -> bool:
    """Wait for a process that is not our child; False if it is still there at the end."""
    deadline = time.monotonic() + seconds
    while is_alive(pid):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def send(pid: int, sig: signal.Signals, *, group: bool = False) -> None:
    """Send a signal; a process that is gone already is fine."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if group:
            os.killpg(pid, sig)
        else:
            os.kill(pid, sig)


def ending(returncode: int) -> str:
    """How a process ended, in words: ``exit code 3`` or ``killed by SIGKILL``."""
    if returncode < 0:
        try:
            return f"killed by {signal.Signals(-returncode).name}"
        except ValueError:
            return f"killed by signal {-returncode}"
    return f"exit code {returncode}"

"""The web process: ``python -m jiuyi.project.web --host 127.0.0.1 --port 8000``."""

import argparse
import signal
import sys
from typing import Any

from granian.constants import Interfaces, RuntimeModes
from granian.server import Server

from jiuyi.project import processes

STOP_SECONDS = 2


def _load(_target: str = "") -> Any:
    """Called in the worker: it must not outlive the process that holds the port open for it."""
    processes.ask_to_die_with_parent(signal.SIGKILL)
    from jiuyi.project.asgi import application  # noqa: PLC0415  # only the worker pays for the whole application

    return application


def main() -> int:
    """Serve until SIGTERM."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    arguments = parser.parse_args()
    server = Server(
        "jiuyi.project.asgi:application",
        address=arguments.host,
        port=arguments.port,
        interface=Interfaces.ASGI,
        workers=1,
        runtime_mode=RuntimeModes.st,
        websockets=False,
        backlog=2048,
        workers_kill_timeout=STOP_SECONDS,
        respawn_failed_workers=False,
        log_access=False,
    )
    server.serve(target_loader=_load, wrap_loader=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())

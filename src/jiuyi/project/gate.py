"""The gate as a process of its own, for the pair behind nginx: ``python -m jiuyi.project.gate --host 127.0.0.1 --port 8001``."""

import argparse
import os
import signal
import sys
from pathlib import Path
from typing import Any

from granian.constants import Interfaces, RuntimeModes
from granian.server import Server

from jiuyi.desks.gate.application import Gate, Settings
from jiuyi.domains.scheduling.words import PASS_PURPOSE
from jiuyi.kernel.signing import derive_key
from jiuyi.project import environment, processes

LOCALE = Path(__file__).resolve().parent.parent / "locale"
STOP_SECONDS = 2


def gate_settings(secret_key: str, database_url: str, *, lanes: int = 2) -> Settings:
    """The gate's settings from the installation's secret and database."""
    return Settings(database_url=database_url, key=derive_key(secret_key, PASS_PURPOSE), lanes=lanes, locale=LOCALE)


class Application:
    """ASGI: the gate, with its start and end tied to the server's."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request, or the server's own messages."""
        if scope["type"] == "http":
            await self._gate(scope, receive, send)
        elif scope["type"] == "lifespan":
            while (message := await receive())["type"] != "lifespan.shutdown":
                await self._gate.start()
                await send({"type": f"{message['type']}.complete"})
            await self._gate.stop()
            await send({"type": "lifespan.shutdown.complete"})


def _load(_target: str = "") -> Application:
    processes.ask_to_die_with_parent(signal.SIGKILL)
    lanes = environment.number("JIUYI_GATE_LANES", 2)
    return Application(Gate(gate_settings(os.environ["JIUYI_SECRET_KEY"], os.environ["DATABASE_URL"], lanes=lanes)))


def main() -> int:
    """Serve until SIGTERM."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8001)
    arguments = parser.parse_args()
    for name in ("JIUYI_SECRET_KEY", "DATABASE_URL"):
        if not os.environ.get(name):
            print(f"the gate needs {name}, the same as the web process", file=sys.stderr)
            return 2
    server = Server(
        "jiuyi.project.gate:application",
        address=arguments.host,
        port=arguments.port,
        interface=Interfaces.ASGI,
        workers=1,
        runtime_mode=RuntimeModes.st,
        websockets=False,
        backlog=4096,
        workers_kill_timeout=STOP_SECONDS,
        respawn_failed_workers=False,
        log_access=False,
    )
    server.serve(target_loader=_load, wrap_loader=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""The pair as a hospital runs it: nginx, pages and gate, from the file in docs/operations."""

import contextlib
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.gates import GateProcess
from bench.installation import REPOSITORY, answers, free_port

CONFIGURATION = REPOSITORY / "docs" / "operations" / "nginx.conf"


@dataclass(frozen=True, slots=True)
class Pair:
    """Its own port, and the two processes behind it."""

    port: int
    pages: GateProcess
    gate: GateProcess


def program() -> str | None:
    """Nginx on this machine, or None."""
    return shutil.which("nginx") or shutil.which("/usr/sbin/nginx")


@contextlib.contextmanager
def pair(database_url: str) -> Iterator[Pair]:
    """Start all three; stop them at the end. Needs nginx (Debian: nginx-light)."""
    nginx = program()
    if nginx is None:
        message = "nginx is not installed (Debian: apt-get install nginx-light)"
        raise RuntimeError(message)
    gate = GateProcess(database_url)
    pages = GateProcess(database_url, lanes=0, module="jiuyi.project.web")
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="jiuyi-nginx-") as directory:
        Path(directory).chmod(0o755)
        text = CONFIGURATION.read_text()
        words = {"RUN_DIRECTORY": directory, "PAGES_PORT": pages.port, "GATE_PORT": gate.port, "LISTEN_PORT": port}
        for word, value in words.items():
            text = text.replace(word, str(value))
        file = Path(directory) / "nginx.conf"
        file.write_text(text)
        server = None
        try:
            pages.start()
            gate.start()
            command = [nginx, "-c", str(file), "-e", f"{directory}/error.log", "-g", "daemon off;"]
            server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
            for _ in range(100):
                if answers(f"http://127.0.0.1:{port}/sign-in/"):
                    break
                time.sleep(0.05)
            else:
                message = f"nginx does not answer: {(Path(directory) / 'error.log').read_text()[-1000:]}"
                raise RuntimeError(message)
            yield Pair(port, pages, gate)
        finally:
            if server is not None:
                server.send_signal(signal.SIGQUIT)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    server.wait(5)
                server.kill()
                server.wait()
            gate.stop()
            pages.stop()

"""A load generator of one process: prepared requests over kept connections, one epoll loop, every answer kept.

``python -m bench.generator PORT CONNECTIONS SECONDS REQUESTS ANSWERS``: REQUESTS is a file of (key, raw HTTP request) pairs,
ANSWERS gets (key, status, body, milliseconds, connection lost, instant) for each. It stops after SECONDS or when all is asked, and
takes the answers still under way. Prints one line of JSON: seconds, answered, its own share of a processor.
"""

import contextlib
import json
import pickle
import select
import socket
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

STILL_SECONDS = 15.0
PAUSE_AFTER_LOSS_SECONDS = 0.01

Answer = tuple[Any, int, bytes, float, bool, float]


class Connection:
    """One kept connection and the request that is under way on it."""

    __slots__ = ("begun", "buffer", "key", "socket")

    def __init__(self) -> None:
        self.socket: socket.socket | None = None
        self.key: Any = None
        self.begun = 0.0
        self.buffer = b""


class Loop:
    """Keeps every connection busy until the time is over or all is asked."""

    def __init__(self, port: int, requests: Iterable[tuple[Any, bytes]], seconds: float) -> None:
        self.answers: list[Answer] = []
        self._port = port
        self._queue: Iterator[tuple[Any, bytes]] = iter(requests)
        self._poll = select.epoll()
        self._by_number: dict[int, Connection] = {}
        self._under_way = 0
        self.begun = time.perf_counter()
        self._end = self.begun + seconds

    def run(self, connections: int) -> None:
        """Ask and listen."""
        for _ in range(connections):
            connection = Connection()
            self._open(connection)
            self._under_way += self._send_next(connection)
        while self._under_way and time.perf_counter() < self._end + STILL_SECONDS:
            for number, _event in self._poll.poll(0.5):
                connection = self._by_number.get(number, None)  # type: ignore[assignment]  # a closed one is skipped
                if connection is not None:
                    self._listen(connection)
        for connection in self._by_number.values():
            with contextlib.suppress(OSError):
                connection.socket.close()  # type: ignore[union-attr]  # what is registered is open

    def _listen(self, connection: Connection) -> None:
        try:
            part = connection.socket.recv(65536)  # type: ignore[union-attr]  # what is registered is open
        except OSError:
            part = b""
        if not part:
            self._note_loss(connection)
            self._under_way += self._send_next(connection) - 1
            return
        connection.buffer += part
        parsed = parse(connection.buffer)
        if parsed is not None:
            self.answers.append((connection.key, parsed[0], parsed[1], (time.perf_counter() - connection.begun) * 1000, False, time.time()))
            self._under_way += self._send_next(connection) - 1

    def _send_next(self, connection: Connection) -> bool:
        while time.perf_counter() < self._end:
            item = next(self._queue, None)
            if item is None:
                return False
            connection.key, raw = item
            connection.buffer = b""
            connection.begun = time.perf_counter()
            if connection.socket is not None or self._open(connection):
                try:
                    connection.socket.sendall(raw)  # type: ignore[union-attr]  # opened just above
                except OSError:
                    pass
                else:
                    return True
            self._note_loss(connection)
        return False

    def _note_loss(self, connection: Connection) -> None:
        self.answers.append((connection.key, 0, b"", (time.perf_counter() - connection.begun) * 1000, True, time.time()))
        time.sleep(PAUSE_AFTER_LOSS_SECONDS)  # whoever was cut off does not come back in the same instant
        self._open(connection)

    def _open(self, connection: Connection) -> bool:
        if connection.socket is not None:
            self._by_number.pop(connection.socket.fileno(), None)
            connection.socket.close()
            connection.socket = None
        try:
            fresh = socket.create_connection(("127.0.0.1", self._port), timeout=5)
        except OSError:
            return False
        fresh.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.socket = fresh
        self._by_number[fresh.fileno()] = connection
        self._poll.register(fresh.fileno(), select.EPOLLIN)
        return True


def parse(buffer: bytes) -> tuple[int, bytes] | None:
    """Status and body of a whole response with a content length; None while it is not whole."""
    head_end = buffer.find(b"\r\n\r\n")
    if head_end < 0:
        return None
    lines = buffer[:head_end].lower().split(b"\r\n")
    length = next((int(line[15:]) for line in lines if line.startswith(b"content-length:")), 0)
    body = buffer[head_end + 4 :]
    return (int(buffer[9:12]), body) if len(body) >= length else None


def main() -> int:
    """Run as a process of its own, so that its work is not counted as the server's."""
    port, connections, seconds, asked, told = sys.argv[1:6]
    requests = pickle.loads(Path(asked).read_bytes())  # noqa: S301  # our own file
    processor = time.process_time()
    loop = Loop(int(port), requests, float(seconds))
    loop.run(int(connections))
    spent = time.perf_counter() - loop.begun
    Path(told).write_bytes(pickle.dumps(loop.answers))
    share = (time.process_time() - processor) / spent
    print(json.dumps({"seconds": spent, "answered": len(loop.answers), "processor_share": share}))
    return 0


if __name__ == "__main__":
    sys.exit(main())

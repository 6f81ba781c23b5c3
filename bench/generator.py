"""A load generator of one process: prepared requests over kept connections, one epoll loop, every answer kept.

``python -m bench.generator PORT CONNECTIONS SECONDS REQUESTS ANSWERS``: REQUESTS is a file of (key, raw HTTP request) pairs,
ANSWERS gets (key, status, body, milliseconds, connection lost) for each. It stops after SECONDS or when all is asked, and
takes the answers still under way. Prints one line of JSON: seconds, answered, its own share of a processor.
"""

import contextlib
import json
import pickle
import select
import socket
import sys
import time
from pathlib import Path
from typing import Any

STILL_SECONDS = 15.0


class Connection:
    """One kept connection and the request that is under way on it."""

    __slots__ = ("begun", "buffer", "key", "raw", "socket")

    def __init__(self) -> None:
        self.socket: socket.socket | None = None
        self.key: Any = None
        self.raw = b""
        self.begun = 0.0
        self.buffer = b""


def run(port: int, connections: int, seconds: float, requests: list[tuple[Any, bytes]]) -> tuple[dict[str, float], list[tuple[Any, ...]]]:
    """Ask; the summary and every answer. A lost connection is an answer too (status 0)."""
    poll = select.epoll()
    by_number: dict[int, Connection] = {}
    answers: list[tuple[Any, ...]] = []
    queue = iter(requests)
    begun, processor = time.perf_counter(), time.process_time()
    end = begun + seconds

    def open_one(connection: Connection) -> bool:
        if connection.socket is not None:
            by_number.pop(connection.socket.fileno(), None)
            connection.socket.close()
        try:
            fresh = socket.create_connection(("127.0.0.1", port), timeout=5)
        except OSError:
            connection.socket = None
            return False
        fresh.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.socket = fresh
        by_number[fresh.fileno()] = connection
        poll.register(fresh.fileno(), select.EPOLLIN)
        return True

    def send_next(connection: Connection) -> bool:
        while time.perf_counter() < end:
            item = next(queue, None)
            if item is None:
                return False
            connection.key, connection.raw = item
            connection.buffer = b""
            connection.begun = time.perf_counter()
            try:
                if connection.socket is None and not open_one(connection):
                    raise ConnectionError  # noqa: TRY301  # told like any other loss
                connection.socket.sendall(connection.raw)  # type: ignore[union-attr]  # opened just above
            except OSError:
                note_loss(connection)
                continue
            return True
        return False

    def note_loss(connection: Connection) -> None:
        answers.append((connection.key, 0, b"", (time.perf_counter() - connection.begun) * 1000, True))
        time.sleep(0.01)  # whoever was cut off does not come back in the same instant
        open_one(connection)

    under_way = 0
    for _ in range(connections):
        connection = Connection()
        open_one(connection)
        under_way += send_next(connection)
    while under_way and time.perf_counter() < end + STILL_SECONDS:
        for number, _event in poll.poll(0.5):
            connection = by_number.get(number)
            if connection is None:
                continue
            try:
                part = connection.socket.recv(65536)  # type: ignore[union-attr]  # it is registered, so it is open
            except OSError:
                part = b""
            if not part:
                note_loss(connection)
                under_way += send_next(connection) - 1
                continue
            connection.buffer += part
            parsed = parse(connection.buffer)
            if parsed is not None:
                answers.append((connection.key, parsed[0], parsed[1], (time.perf_counter() - connection.begun) * 1000, False))
                under_way += send_next(connection) - 1
    spent = time.perf_counter() - begun
    for connection in by_number.values():
        with contextlib.suppress(OSError):
            connection.socket.close()  # type: ignore[union-attr]  # as above
    summary = {"seconds": spent, "answered": len(answers), "processor_share": (time.process_time() - processor) / spent}
    return summary, answers


def parse(buffer: bytes) -> tuple[int, bytes] | None:
    """Status and body of a whole response with a content length; None while it is not whole."""
    head_end = buffer.find(b"\r\n\r\n")
    if head_end < 0:
        return None
    head = buffer[:head_end].lower()
    at = head.find(b"content-length:")
    length = int(head[at + 15 : head.find(b"\r\n", at) if b"\r\n" in head[at:] else None]) if at >= 0 else 0
    body = buffer[head_end + 4 :]
    return (int(buffer[9:12]), body) if len(body) >= length else None


def main() -> int:
    """Run as a process of its own, so that its work is not counted as the server's."""
    port, connections, seconds, asked, told = sys.argv[1:6]
    requests = pickle.loads(Path(asked).read_bytes())  # noqa: S301  # our own file
    summary, answers = run(int(port), int(connections), float(seconds), requests)
    Path(told).write_bytes(pickle.dumps(answers))
    print(json.dumps(summary))
    return 0


if __name__ == "__main__":
    sys.exit(main())

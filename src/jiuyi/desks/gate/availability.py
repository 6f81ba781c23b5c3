"""What is free in a department in the coming days, at most a second old, however many ask."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import msgspec
import psycopg

FRESH_SECONDS = 0.4  # younger: given as it is
STALE_SECONDS = 0.8  # older: nobody gets it any more
DAYS = 7
MOST_KEPT = 2000

# The named SQL of the benchmark too (bench/reads.py).
STATEMENT = """
SELECT service_date, session_id::text, practitioner_id::text, number_class, window_start, window_end, free, total
FROM department_availability_v1(%(department)s, %(first)s, %(days)s, %(now)s)
"""
_encode = msgspec.json.Encoder().encode


class Window(msgspec.Struct, frozen=True):
    """One arrival window."""

    start: datetime
    end: datetime
    free: int
    total: int


class Session(msgspec.Struct, frozen=True):
    """One session with its windows."""

    session_id: str
    practitioner_id: str
    number_class: str
    day: date
    windows: list[Window]


class Reply(msgspec.Struct, frozen=True):
    """``as_of``: the instant at which the database was asked, seconds since 1970 by the house's clock."""

    as_of: float
    sessions: list[Session]


@dataclass(slots=True)
class _Kept:
    asked_at: float  # monotonic
    body: bytes
    free: dict[str, list[Window]]  # by session, only windows with a place


class Availability:
    """Keeps the newest reply for each department; one question at a time goes to the database for each."""

    def __init__(self, read: Callable[[UUID, datetime], Awaitable[list[Session]]], now: Callable[[], datetime]) -> None:
        self._read = read
        self._now = now
        self._kept: dict[UUID, _Kept] = {}
        self._asking: dict[UUID, asyncio.Task[_Kept]] = {}

    async def body(self, department_id: UUID) -> bytes:
        """The reply as JSON. Raises what the database raises when nothing young enough is at hand."""
        kept = self._kept.get(department_id)
        if kept is not None and time.monotonic() - kept.asked_at < FRESH_SECONDS:
            return kept.body
        return (await self._fresh(department_id)).body

    def nearest(self, department_id: UUID, session_id: UUID, wanted: datetime, limit: int = 3) -> list[Window]:
        """Free windows of the session closest to the wanted one; what is known, without waiting for the database."""
        kept = self._kept.get(department_id)
        if kept is None:
            return []
        windows = [window for window in kept.free.get(str(session_id), []) if window.start != wanted]
        return sorted(windows, key=lambda window: abs(window.start - wanted))[:limit]

    def expect(self, department_id: UUID) -> None:
        """Somebody was refused here: have alternatives at hand for the next. Never waits."""
        kept = self._kept.get(department_id)
        if kept is None or time.monotonic() - kept.asked_at >= FRESH_SECONDS:
            self._ask(department_id)

    async def _fresh(self, department_id: UUID) -> _Kept:
        asking = self._ask(department_id)
        kept = self._kept.get(department_id)
        if kept is not None and time.monotonic() - kept.asked_at < STALE_SECONDS:
            return kept  # young enough while the next is on its way
        return await asyncio.shield(asking)

    def _ask(self, department_id: UUID) -> "asyncio.Task[_Kept]":
        running = self._asking.get(department_id)
        if running is None or running.done():
            running = self._asking[department_id] = asyncio.create_task(self._refresh(department_id))
            running.add_done_callback(_seen)
        return running

    async def _refresh(self, department_id: UUID) -> _Kept:
        asked_at, now = time.monotonic(), self._now()
        sessions = await self._read(department_id, now)
        reply = Reply(now.timestamp(), sessions)
        if len(self._kept) >= MOST_KEPT:
            self._kept.clear()
            self._asking.clear()
        free = {each.session_id: [window for window in each.windows if window.free] for each in sessions}
        kept = self._kept[department_id] = _Kept(asked_at, _encode(reply), free)
        return kept


def _seen(task: "asyncio.Task[_Kept]") -> None:
    """A failed question is told to whoever waits for it; nobody else needs to hear of it."""
    if not task.cancelled():
        task.exception()


async def read(connection: psycopg.AsyncConnection, department_id: UUID, now: datetime, first: date) -> list[Session]:
    """Ask the database."""
    values = {"department": department_id, "now": now, "first": first, "days": DAYS}
    rows = await (await connection.execute(STATEMENT, values, prepare=True)).fetchall()
    sessions: dict[str, Session] = {}
    for day, session_id, practitioner_id, number_class, start, end, free, total in rows:
        session = sessions.setdefault(session_id, Session(session_id, practitioner_id, number_class, day, []))
        session.windows.append(Window(start, end, free, total))
    return list(sessions.values())

"""Micro-batches: what arrived while the previous statement ran goes into the next one."""

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Awaitable, Callable

import psycopg

from jiuyi.desks.gate.claims import Answer

logger = logging.getLogger(__name__)

LARGEST_BATCH = 128
MOST_WAITING = 8000
PATIENCE_SECONDS = 10.0
RECONNECT_SECONDS = 0.2

Claim = Callable[[psycopg.AsyncConnection, list[bytes]], Awaitable[list[Answer]]]
Connect = Callable[[], Awaitable[psycopg.AsyncConnection]]


class TooMany(Exception):  # noqa: N818  # says what is so
    """More callers than the gate keeps waiting; nothing was asked for this one."""


class Unanswered(Exception):  # noqa: N818  # says what is so
    """The database did not answer in time: it may have happened or not. The same key may be asked again."""


class Waiting:
    """One caller: the request, and the future that its answer goes into."""

    __slots__ = ("deadline", "future", "request")

    def __init__(self, request: bytes, future: "asyncio.Future[Answer]", deadline: float) -> None:
        self.request = request
        self.future = future
        self.deadline = deadline


class Batcher:
    """Collects callers; each lane is one connection that takes up to 128 of them at a time.

    A lane that loses its connection sends the same batch again on a new one: the keys make that harmless, whether the
    lost statement was committed or not. A caller who has hung up is claimed for all the same once its batch is on its way.
    """

    def __init__(self, connect: Connect, claim: Claim, *, lanes: int = 2) -> None:
        self._connect = connect
        self._claim = claim
        self._lanes = lanes
        self._waiting: deque[Waiting] = deque()
        self._news = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self.batches = 0
        self.requests = 0

    def start(self) -> None:
        """Open the lanes."""
        self._tasks = [asyncio.create_task(self._run()) for _ in range(self._lanes)]

    async def stop(self) -> None:
        """Close the lanes; whoever still waits is told that nobody answers."""
        for task in self._tasks:
            task.cancel()
        for task in self._tasks:
            with contextlib.suppress(asyncio.CancelledError):
                await task
        while self._waiting:
            _fail(self._waiting.popleft())

    async def ask(self, request: bytes) -> Answer:
        """The answer to one request. Raises ``TooMany`` before anything was asked, ``Unanswered`` after ``PATIENCE_SECONDS``."""
        if len(self._waiting) >= MOST_WAITING:
            raise TooMany
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Answer] = loop.create_future()
        self._waiting.append(Waiting(request, future, loop.time() + PATIENCE_SECONDS))
        self._news.set()
        return await future

    async def _run(self) -> None:
        batch: list[Waiting] = []
        while True:
            try:
                connection = await self._connect()
            except (OSError, psycopg.Error):
                self._give_up(batch)
                await asyncio.sleep(RECONNECT_SECONDS)
                continue
            try:
                async with connection:
                    while True:
                        if not batch:
                            batch = await self._next()
                        answers = await self._claim(connection, [each.request for each in batch])
                        self.batches += 1
                        self.requests += len(batch)
                        for each, answer in zip(batch, answers, strict=True):
                            if not each.future.done():  # the caller may have hung up meanwhile
                                each.future.set_result(answer)
                        batch = []
            except (OSError, psycopg.OperationalError, psycopg.InterfaceError):
                logger.warning("the gate lost its database connection; the batch is sent again")
                await asyncio.sleep(RECONNECT_SECONDS)
                self._give_up(batch)
            except Exception:
                # Nothing that a new connection would mend: nobody of this batch may wait for it for ever.
                logger.exception("the gate could not ask for a batch")
                for each in batch:
                    _fail(each)
                batch = []

    async def _next(self) -> list[Waiting]:
        while not self._waiting:
            self._news.clear()
            await self._news.wait()
        return [self._waiting.popleft() for _ in range(min(len(self._waiting), LARGEST_BATCH))]

    def _give_up(self, batch: list[Waiting]) -> None:
        """Without a database: whose time is up is told so; the others wait on."""
        now = asyncio.get_running_loop().time()
        for each in [each for each in batch if each.deadline <= now]:
            batch.remove(each)
            _fail(each)
        while self._waiting and self._waiting[0].deadline <= now:
            _fail(self._waiting.popleft())


def _fail(each: Waiting) -> None:
    if not each.future.done():
        each.future.set_exception(Unanswered())

"""``/live/wall/<queue>/``: the board as Server-Sent Events, straight on the event loop.

However many screens show a queue, each process looks at it once a second, and asks for the whole board only when the
queue's stamp has changed, or after ``REFRESH_SECONDS`` because the order also follows the clock. Messages: ``board``
(the HTML) and ``alive`` (nothing has changed, the line stands). A screen that hears neither for a while says so itself.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from time import monotonic
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID

from django.conf import settings
from django.core import signals
from django.utils import translation

from jiuyi.desks.wall.board import fragment
from jiuyi.domains.queueing import queries as queues
from jiuyi.foundation import clock
from jiuyi.kernel.clock import service_date
from jiuyi.kernel.refusals import NotFound

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

PREFIX = "/live/wall/"
POLL_SECONDS = 1.0
REFRESH_SECONDS = 10.0
ALIVE_SECONDS = 5.0
RETRY_MILLISECONDS = 2000
MOST_SCREENS = 500
logger = logging.getLogger(__name__)
_threads = ThreadPoolExecutor(2, thread_name_prefix="wall")


class Poller:
    """Looks at one queue for all screens of this process that show it, as long as there is one."""

    def __init__(self, queue_id: UUID, language: str) -> None:
        self.queue_id = queue_id
        self.language = language
        self.screens = 0
        self.version = 0
        self.board = ""
        self.seen_at = float("-inf")  # when the database last answered
        self._stamp = ""
        self._rendered_at = float("-inf")
        self._news = asyncio.Condition()
        self._task: asyncio.Task[None] | None = None

    def join(self) -> None:
        """A screen more; the first one starts the looking."""
        self.screens += 1
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())

    def leave(self) -> bool:
        """A screen less; True when it was the last, and the looking ends."""
        self.screens -= 1
        if self.screens == 0 and self._task is not None:
            self._task.cancel()
        return self.screens == 0

    async def wait(self, version: int) -> int:
        """The newest version, as soon as it is another than this or ``ALIVE_SECONDS`` have gone by."""
        with suppress(TimeoutError):
            async with asyncio.timeout(ALIVE_SECONDS), self._news:
                await self._news.wait_for(lambda: self.version != version)
        return self.version

    @property
    def is_fresh(self) -> bool:
        """Whether what is shown was true a moment ago: without the database the screens must notice."""
        return monotonic() - self.seen_at < REFRESH_SECONDS

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                board = await loop.run_in_executor(_threads, self._look)
            except Exception:  # a screen stays alive through a restart of the database
                logger.exception("a wall cannot be read")
                board = None
            if board is not None and board != self.board:
                async with self._news:
                    self.board = board
                    self.version += 1
                    self._news.notify_all()
            await asyncio.sleep(POLL_SECONDS)

    def _look(self) -> str | None:
        """The board if it may have changed, otherwise None; in a thread that gives its database connection back."""
        signals.request_started.send(sender=Poller)
        try:
            now = clock.now()
            stamp = queues.stamp(self.queue_id, day=service_date(now))
            if stamp == self._stamp and monotonic() - self._rendered_at < REFRESH_SECONDS:
                self.seen_at = monotonic()
                return None
            with translation.override(self.language):
                board = fragment(self.queue_id, now=now)
            self._stamp, self._rendered_at = stamp, monotonic()
            self.seen_at = monotonic()
            return board
        finally:
            signals.request_finished.send(sender=Poller)


_pollers: dict[tuple[UUID, str], Poller] = {}


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """One screen's stream, until it goes away. 404 for an address or queue that does not exist, 503 for too many screens."""
    queue_id = _queue_of(scope["path"])
    if queue_id is None or scope["method"] != "GET" or not await _exists(queue_id):
        await _answer(send, 404)
        return
    if sum(poller.screens for poller in _pollers.values()) >= MOST_SCREENS:
        await _answer(send, 503)
        return
    key = (queue_id, _language_of(scope))
    poller = _pollers.setdefault(key, Poller(*key))
    poller.join()
    streaming = asyncio.create_task(_stream(poller, send))
    leaving = asyncio.create_task(_gone(receive))
    try:
        await asyncio.wait({streaming, leaving}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (streaming, leaving):
            task.cancel()
        await asyncio.gather(streaming, leaving, return_exceptions=True)
        if poller.leave():
            _pollers.pop(key, None)


async def _stream(poller: Poller, send: Send) -> None:
    headers = [
        (b"content-type", b"text/event-stream; charset=utf-8"),
        (b"cache-control", b"no-store"),
        (b"x-accel-buffering", b"no"),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await _send(send, f"retry: {RETRY_MILLISECONDS}\n\n")
    shown = 0
    while True:
        version = await poller.wait(shown)
        if version != shown:
            shown = version
            await _send(send, "event: board\n" + "".join(f"data: {line}\n" for line in poller.board.splitlines()) + "\n")
        elif poller.is_fresh:
            await _send(send, "event: alive\ndata: 1\n\n")


async def _send(send: Send, text: str) -> None:
    await send({"type": "http.response.body", "body": text.encode(), "more_body": True})


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _exists(queue_id: UUID) -> bool:
    return await asyncio.get_running_loop().run_in_executor(_threads, _is_queue, queue_id)


def _is_queue(queue_id: UUID) -> bool:
    signals.request_started.send(sender=Poller)
    try:
        queues.queue(queue_id)
    except NotFound:
        return False
    else:
        return True
    finally:
        signals.request_finished.send(sender=Poller)


def _queue_of(path: str) -> UUID | None:
    try:
        return UUID(path.removeprefix(PREFIX).strip("/")) if path.startswith(PREFIX) else None
    except ValueError:
        return None


def _language_of(scope: Scope) -> str:
    wanted = parse_qs(scope.get("query_string", b"").decode("latin-1")).get("language", [""])[0]
    return wanted if wanted in dict(settings.LANGUAGES) else str(settings.LANGUAGE_CODE)


async def _answer(send: Send, status: int) -> None:
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", b"text/plain")]})
    await send({"type": "http.response.body", "body": b""})

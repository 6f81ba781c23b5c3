"""The web application: static files and live streams answered on the event loop, pages in a small pool of threads.

Why not Django's own ASGI handler: it starts a thread for each request, hops between thread and loop once per
middleware, and cancels a request whose browser went away. Here a page runs from its first line to its last in one
thread, at most ``PAGE_THREADS`` at once, so that a rush queues in memory and not for database connections; and a
booking whose patient closed the tab is still carried through to its end.
"""

import asyncio
import functools
import io
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import django

django.setup(set_prefix=False)

from django.conf import settings  # noqa: E402
from django.core import signals  # noqa: E402  # needs the applications
from django.core.handlers.asgi import ASGIRequest  # noqa: E402
from django.core.handlers.base import BaseHandler  # noqa: E402
from django.http import HttpResponseBase  # noqa: E402
from django.urls import get_resolver, set_script_prefix  # noqa: E402
from whitenoise.middleware import WhiteNoiseMiddleware  # noqa: E402

from jiuyi.desks.gate import application as gate  # noqa: E402
from jiuyi.desks.wall import live  # noqa: E402
from jiuyi.foundation import key_check  # noqa: E402
from jiuyi.project import environment  # noqa: E402
from jiuyi.project.gate import gate_settings  # noqa: E402

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Answer = tuple[int, list[tuple[bytes, bytes]], bytes]

PAGE_THREADS = 8
LARGEST_BODY_BYTES = 10 * 1024 * 1024
LIVE_PREFIX = "/live/"
logger = logging.getLogger(__name__)


class Pages(BaseHandler):
    """Django's whole chain, one thread per request from beginning to end."""

    def __init__(self) -> None:
        super().__init__()
        self.load_middleware()
        get_resolver().url_patterns  # noqa: B018  # read every page's code now: a mistake ends the start, not somebody's visit
        self._threads = ThreadPoolExecutor(PAGE_THREADS, thread_name_prefix="page")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read the body, answer, send."""
        body = await _read_body(receive)
        if body is None:
            await _answer(send, 413, [(b"content-type", b"text/plain; charset=utf-8")], "内容太大。".encode())
            return
        work = functools.partial(self._page, scope, body)
        status, headers, content = await asyncio.get_running_loop().run_in_executor(self._threads, work)
        await _answer(send, status, headers, content)

    def _page(self, scope: Scope, body: bytes) -> Answer:
        try:
            request = ASGIRequest(scope, io.BytesIO(body))
        except UnicodeDecodeError:
            return 400, [(b"content-type", b"text/plain; charset=utf-8")], "看不懂这个地址。".encode()
        set_script_prefix(scope.get("root_path") or "/")
        signals.request_started.send(sender=self.__class__, scope=scope)
        response: HttpResponseBase = self.get_response(request)
        try:
            headers = [(name.lower().encode("ascii"), value.encode("latin-1")) for name, value in response.items()]
            headers += [(b"set-cookie", morsel.OutputString().encode("ascii")) for morsel in response.cookies.values()]
            content = b"".join(response)  # pages and lists are small; live streams do not come here
            return response.status_code, headers, content
        finally:
            response.close()  # says request_finished in this thread: its database connection goes back to the pool


class Static:
    """Hashed and compressed files, with the headers that WhiteNoise gives them."""

    def __init__(self) -> None:
        self._files = WhiteNoiseMiddleware(lambda _request: None)
        self.prefix: str = self._files.static_prefix

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        """Answer with the file, "not modified" or 404."""
        path = scope["path"]
        file = self._files.find_file(path) if self._files.autorefresh else self._files.files.get(path)
        if file is None:
            await _answer(send, 404, [(b"content-type", b"text/plain")], b"not found")
            return
        environ = {"HTTP_" + name.decode("latin-1").upper().replace("-", "_"): value.decode("latin-1") for name, value in scope["headers"]}
        found = file.get_response(scope["method"], environ)
        content = b""
        if found.file is not None:
            with found.file:
                content = found.file.read()
        headers = [(name.lower().encode("ascii"), value.encode("latin-1")) for name, value in found.headers]
        await _answer(send, int(found.status), [*headers, (b"x-content-type-options", b"nosniff")], content)


def _gate() -> gate.Gate | None:
    """This process's own gate; none when it has no lanes, or no database of its own to talk to."""
    lanes, database_url = environment.number("JIUYI_GATE_LANES", 2), environment.text("DATABASE_URL")
    return gate.Gate(gate_settings(settings.SECRET_KEY, database_url, lanes=lanes)) if lanes and database_url else None


class Router:
    """Looks at the beginning of the path and hands over."""

    def __init__(self) -> None:
        self._pages = Pages()
        self._static = Static()
        self._live = live.application
        self._gate = _gate()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "lifespan":
            await self._live_and_die(receive, send)
        elif scope["type"] != "http":
            await send({"type": "websocket.close"})
        elif scope["path"].startswith(self._static.prefix):
            await self._static(scope, receive, send)
        elif scope["path"].startswith(LIVE_PREFIX):
            await self._live(scope, receive, send)
        elif scope["path"].startswith(gate.PREFIX) and self._gate is not None and self._gate.alive:
            await self._gate(scope, receive, send)
        else:  # the gate's addresses too while it has no database: the pages serve them the ordinary way
            await self._pages(scope, receive, send)

    async def _live_and_die(self, receive: Receive, send: Send) -> None:
        """The server's start and end are the gate's."""
        while True:
            message = await receive()
            refusal = await _refusal_to_start() if message["type"] == "lifespan.startup" else ""
            if refusal:
                await send({"type": "lifespan.startup.failed", "message": refusal})
                return
            if self._gate is not None:
                await (self._gate.start() if message["type"] == "lifespan.startup" else self._gate.stop())
            await send({"type": f"{message['type']}.complete"})
            if message["type"] == "lifespan.shutdown":
                return


async def _read_body(receive: Receive) -> bytes | None:
    """The whole body; None if it is larger than ``LARGEST_BODY_BYTES``."""
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return b"".join(parts)
        part = message.get("body", b"")
        size += len(part)
        if size > LARGEST_BODY_BYTES:
            return None
        parts.append(part)
        if not message.get("more_body", False):
            return b"".join(parts)


async def _answer(send: Send, status: int, headers: list[tuple[bytes, bytes]], content: bytes) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": content})


async def _refusal_to_start() -> str:
    """Why this process must not serve this database; empty if it may."""
    said: list[str] = []
    await asyncio.to_thread(key_check.at_start, said.append)
    return "".join(said)


application = Router()

"""The gate as a bare ASGI application: checks the pass, asks in a batch, answers.

========================================  ==========================================================================
``POST /gate/v1/claim``                   ``{"pass", "window_start"[, "session_id", "person_id"]}`` → 200 with the place,
                                          or a refusal with its own status, code, all conflicts, and the nearest free windows.
                                          As a form it answers 303 to a page instead.
``GET /gate/v1/availability/<dept.>/``    seven days of a department, at most a second old
``GET /gate/v1/alive``                    whether the database answers
========================================  ==========================================================================
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote
from uuid import UUID

import msgspec
import psycopg

from jiuyi.desks.gate import availability, claims
from jiuyi.desks.gate.answers import REFUSALS, Words
from jiuyi.desks.gate.batching import Batcher, TooMany, Unanswered
from jiuyi.domains.scheduling.words import GateBusy, PassForeign, SealedPass, open_pass
from jiuyi.kernel.clock import service_date
from jiuyi.kernel.refusals import Invalid, NotFound, Refusal

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

PREFIX = "/gate/v1/"
LARGEST_BODY_BYTES = 8192
OFFSET_SECONDS = 1.0
_JSON = [(b"content-type", b"application/json; charset=utf-8"), (b"cache-control", b"no-store")]
_encode = msgspec.json.Encoder().encode


class Asked(msgspec.Struct, rename={"booking_pass": "pass"}):
    """One call. ``session_id`` and ``person_id``, when given, must be those of the pass."""

    booking_pass: str
    window_start: datetime
    session_id: UUID | None = None
    person_id: UUID | None = None


_read = msgspec.json.Decoder(Asked).decode


@dataclass(frozen=True, slots=True)
class Settings:
    """What the gate is told by the project. ``booked`` and ``refused`` are where a form's answer leads to."""

    database_url: str
    key: bytes
    lanes: int = 2
    locale: Path | None = None
    booked: str = "/appointments/{appointment_id}/"
    refused: str = "/release/{session_id}/{person_id}/?said={code}"


class Gate:
    """One process's gate. Started by its first request, on the loop that serves it."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._words = Words(settings.locale)
        self._offset = timedelta()
        self._batcher = Batcher(self._connect, claims.claim, lanes=settings.lanes)
        self._availability = availability.Availability(self._read_availability, self.now)
        self._reading: psycopg.AsyncConnection | None = None
        self._reading_lock = asyncio.Lock()
        self._clock_task: asyncio.Task[None] | None = None
        self.alive = False

    def now(self) -> datetime:
        """The house's time: the machine's, plus the demo's offset."""
        return datetime.now(UTC) + self._offset

    async def start(self) -> None:
        """Open the lanes and follow the house's clock."""
        if self._clock_task is None:
            self._clock_task = asyncio.create_task(self._follow_clock())
            self._batcher.start()

    async def stop(self) -> None:
        """Close everything."""
        if self._clock_task is not None:
            self._clock_task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._clock_task
            await self._batcher.stop()
            if self._reading is not None:
                await self._reading.close()
            self._clock_task = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if self._clock_task is None:
            await self.start()
        path, method = scope["path"], scope["method"]
        if path == "/gate/v1/claim" and method == "POST":
            await self._claim(scope, receive, send)
        elif path == "/gate/v1/claim":
            await _answer(send, 405, b"", [(b"allow", b"POST")])
        elif path.startswith("/gate/v1/availability/") and method in {"GET", "HEAD"}:
            await self._show(path, scope, send)
        elif path == "/gate/v1/alive":
            await _answer(send, 200 if self.alive else 503, _encode({"alive": self.alive}))
        else:
            await self._refuse(send, NotFound, scope)

    async def _claim(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await _body(receive)
        is_form = _header(scope, b"content-type").startswith(b"application/x-www-form-urlencoded")
        try:
            asked = _form(body) if is_form else _read(body)
        except (msgspec.DecodeError, ValueError, KeyError):
            await self._refuse(send, Invalid, scope)
            return
        now = self.now()
        try:
            found = open_pass(asked.booking_pass, self._settings.key, now=now)
            if asked.session_id not in {None, found.session_id} or asked.person_id not in {None, found.person_id}:
                raise PassForeign
            answer = await self._batcher.ask(claims.request_of(found, asked.window_start, now=now))
        except Refusal as refusal:
            await self._refuse(send, type(refusal), scope)
        except (TooMany, Unanswered):
            await self._refuse(send, GateBusy, scope)
        else:
            if is_form:
                await self._lead_on(send, answer, found)
            else:
                await self._tell(send, answer, found, asked.window_start, scope)

    async def _tell(self, send: Send, answer: claims.Answer, found: SealedPass, wanted: datetime, scope: Scope) -> None:
        if answer.code == "claimed":
            place = {
                "code": "claimed",
                "appointment_id": answer.appointment_id,
                "status": answer.status,
                "voucher": answer.voucher,
                "window_start": wanted,
                "window_end": _instant(answer.window_end),
                "held_until": _instant(answer.held_until),
                "repeated": answer.repeated,
            }
            await _answer(send, 200, _encode(place))
            return
        refusal = REFUSALS[answer.code]
        self._availability.expect(found.department_id)
        nearest = self._availability.nearest(found.department_id, found.session_id, wanted)
        words = self._words.body(refusal, _language(scope), conflicts=answer.conflicts.split(","), nearest=nearest)
        await _answer(send, refusal.status, _encode(words))

    async def _lead_on(self, send: Send, answer: claims.Answer, found: SealedPass) -> None:
        """A form's answer is a page: the booking, or the windows again with what was said."""
        if answer.code == "claimed":
            address = self._settings.booked.format(appointment_id=answer.appointment_id)
        else:
            address = self._settings.refused.format(
                session_id=found.session_id, person_id=found.person_id, code=quote(REFUSALS[answer.code].code)
            )
        await _answer(send, 303, b"", [(b"location", address.encode()), (b"cache-control", b"no-store")])

    async def _show(self, path: str, scope: Scope, send: Send) -> None:
        try:
            department_id = UUID(path.removeprefix("/gate/v1/availability/").rstrip("/"))
        except ValueError:
            await self._refuse(send, NotFound, scope)
            return
        try:
            body = await self._availability.body(department_id)
        except (OSError, psycopg.Error):
            await self._refuse(send, GateBusy, scope)
            return
        await _answer(send, 200, body)

    async def _refuse(self, send: Send, refusal: type[Refusal], scope: Scope) -> None:
        await _answer(send, refusal.status, _encode(self._words.body(refusal, _language(scope))))

    async def _connect(self) -> psycopg.AsyncConnection:
        return await psycopg.AsyncConnection.connect(self._settings.database_url, autocommit=True, connect_timeout=5)

    async def _read_availability(self, department_id: UUID, now: datetime) -> list[availability.Session]:
        async with self._reading_lock:
            if self._reading is None or self._reading.closed:
                self._reading = await self._connect()
            return await availability.read(self._reading, department_id, now, service_date(now))

    async def _follow_clock(self) -> None:
        while True:
            try:
                async with await self._connect() as connection:
                    while True:
                        cursor = await connection.execute("SELECT jiuyi_now() - clock_timestamp()")
                        ((offset,),) = await cursor.fetchall()
                        # Half a millisecond of travel is no offset; a demo's is minutes or days.
                        self._offset = offset if abs(offset) > timedelta(seconds=1) else timedelta()
                        self.alive = True
                        await asyncio.sleep(OFFSET_SECONDS)
            except (OSError, psycopg.Error):
                self.alive = False
                await asyncio.sleep(OFFSET_SECONDS / 4)


def _form(body: bytes) -> Asked:
    values = {name: found[0] for name, found in parse_qs(body.decode()).items()}
    return Asked(values["pass"], datetime.fromisoformat(values["window_start"]))


def _instant(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def _header(scope: Scope, name: bytes) -> bytes:
    return next((value for key, value in scope["headers"] if key == name), b"")


def _language(scope: Scope) -> str:
    return _header(scope, b"accept-language").decode("latin-1")


async def _body(receive: Receive) -> bytes:
    message = await receive()
    body = message.get("body", b"")
    while message.get("more_body") and len(body) <= LARGEST_BODY_BYTES:
        message = await receive()
        body += message.get("body", b"")
    return body if len(body) <= LARGEST_BODY_BYTES else b""


async def _answer(send: Send, status: int, body: bytes, headers: list[tuple[bytes, bytes]] = _JSON) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})

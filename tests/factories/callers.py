"""Programmes that call the house: a mini-programme with a token, a partner that signs."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.test import Client

from jiuyi.foundation import enrolled_devices, machine_keys, tokens
from jiuyi.foundation.access import SYSTEM, Actor
from jiuyi.foundation.machine_keys import SCHEME, IssuedKey
from jiuyi.kernel.ids import new_id, new_token
from tests.factories.clinic_day import NOW


@dataclass
class MiniProgramme:
    """A signed-in mini-programme."""

    token: str
    client: Client = field(default_factory=Client)

    def get(self, path: str, **query: Any) -> HttpResponse:
        """Read."""
        return self.client.get(f"/api/v1/{path}", query, headers=self._headers())

    def post(self, path: str, body: object = None, *, key: UUID | None = None, **headers: str) -> HttpResponse:
        """Write."""
        more = {"Idempotency-Key": str(key)} if key else {}
        return self.client.post(
            f"/api/v1/{path}", json.dumps(body or {}), content_type="application/json", headers=self._headers() | more | headers
        )

    def book(self, person_id: UUID, session_id: UUID, window_start: datetime, *, key: UUID | None = None, **more: Any) -> HttpResponse:
        """Ask for a place."""
        wish = {
            "person_id": str(person_id),
            "session_id": str(session_id),
            "window_start": window_start.isoformat(),
            "no_red_flags": True,
        }
        return self.post("bookings/", wish | more, key=key or new_id())

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}


def mini_programme(account: Actor, *, now: datetime = NOW) -> MiniProgramme:
    """The application of an account."""
    return MiniProgramme(tokens.issue(account_id=account.id, device="a-mini-programme", now=now).token)


@dataclass
class Partner:
    """A partner's platform."""

    device_id: UUID
    issued: IssuedKey
    now: datetime = NOW
    client: Client = field(default_factory=Client)

    def signed(self, method: str, path: str, body: bytes, *, nonce: str | None = None, at: int | None = None, secret: str = "") -> str:
        """The header of a call."""
        nonce, at = nonce or new_token(16), at or int(self.now.timestamp())
        made = machine_keys.signature(secret=secret or self.issued.secret, method=method, path=path, at=at, nonce=nonce, body=body)
        return f"{SCHEME} key={self.issued.key_id}, at={at}, nonce={nonce}, signature={made}"

    def call(self, method: str, path: str, body: object = None, *, header: str | None = None, **how: Any) -> HttpResponse:
        """Sign and send."""
        content = json.dumps(body).encode() if body is not None else b""
        path = f"/api/partner/v1/{path}"
        headers = {"Authorization": header or self.signed(method, path, content, **how)}
        return self.client.generic(method, path, content, content_type="application/json", headers=headers)

    def hold(self, key: UUID, session_id: UUID, window_start: datetime, *, name: str, id_number: str, **how: Any) -> HttpResponse:
        """Hold a place."""
        wish = {"session_id": str(session_id), "window_start": window_start.isoformat(), "name": name, "id_number": id_number}
        return self.call("PUT", f"bookings/{key}/", wish, **how)


def partner(hospital_id: UUID, label: str = "12320 预约平台") -> Partner:
    """A partner of a hospital."""
    device_id = enrolled_devices.enrol(actor=SYSTEM, now=NOW, node_id=hospital_id, role=enrolled_devices.PARTNER, label=label)
    return Partner(device_id, machine_keys.issue(actor=SYSTEM, now=NOW, device_id=device_id))

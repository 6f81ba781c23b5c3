r"""Keys of partner machines: each request is signed over its moment, its nonce, its path and its body.

``Authorization: JIUYI-HMAC-SHA256 key=<key id>, at=<unix seconds>, nonce=<8–64 letters and digits>, signature=<hex>``; the
signature is HMAC-SHA256 under the secret of ``method \n path with query \n at \n nonce \n sha256 of the body in hex``.
"""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import IntegrityError, transaction

from jiuyi.foundation import access, audit, enrolled_devices, vault
from jiuyi.foundation.access import Actor
from jiuyi.foundation.models import EnrolledDevice, MachineKey, MachineNonce
from jiuyi.kernel.ids import new_token
from jiuyi.kernel.refusals import NotFound, Refusal
from jiuyi.kernel.text import gettext_noop

SCHEME: Final = "JIUYI-HMAC-SHA256"
CLOCK_SKEW: Final = timedelta(minutes=5)
CALLS_PER_MINUTE: Final = 600
_PURPOSE: Final = "machine key"
_PART: Final = re.compile(r"(key|at|nonce|signature)=([A-Za-z0-9_-]{1,80})")
_NONCE: Final = re.compile(r"[A-Za-z0-9_-]{8,64}")


class BadSignature(Refusal):
    """Unknown key, wrong signature, an unreadable header, or a clock that is far off: one answer for all."""

    code = "bad_signature"
    message = gettext_noop("签名不正确或时间相差超过 5 分钟，请核对密钥、时间和签名方法。")
    status = 401


class Replayed(Refusal):
    """The nonce was used before."""

    code = "replayed"
    message = gettext_noop("这个请求已经收到过（随机串重复），请换一个随机串重新签名。")
    status = 401


class TooManyCalls(Refusal):
    """More calls in a minute than a partner may make."""

    code = "too_many_calls"
    message = gettext_noop("一分钟内请求太多，请稍后再试。")
    status = 429


@dataclass(frozen=True, slots=True)
class IssuedKey:
    """A fresh key; the secret is shown this once."""

    key_id: str
    secret: str


def issue(*, actor: Actor, now: datetime, device_id: UUID) -> IssuedKey:
    """A key for an enrolled machine; privileged. Refuses ``not_found``, ``not_allowed``."""
    device = EnrolledDevice.objects.filter(id=device_id, revoked_at=None).first()
    if device is None:
        raise NotFound
    access.require(actor, enrolled_devices.ENROL_DEVICES, device.node_id)
    issued = IssuedKey(f"jk-{new_token(16)}", secrets.token_urlsafe(32))
    with transaction.atomic():
        MachineKey.objects.create(
            key_id=issued.key_id,
            device=device,
            sealed_secret=vault.seal(issued.secret, purpose=_PURPOSE),
            issued_by=actor.id,
            issued_at=now,
        )
        audit.privileged(actor, act="machine_key.issue", object_id=device.id, now=now)
    return issued


def revoke(*, actor: Actor, now: datetime, key_id: str) -> None:
    """End a key at once; twice is once. Refuses ``not_found``, ``not_allowed``."""
    with transaction.atomic():
        key = MachineKey.objects.select_for_update().select_related("device").filter(key_id=key_id).first()
        if key is None:
            raise NotFound
        access.require(actor, enrolled_devices.ENROL_DEVICES, key.device.node_id)
        if key.revoked_at is None:
            key.revoked_at = now
            key.save(update_fields=["revoked_at"])
            audit.privileged(actor, act="machine_key.revoke", object_id=key.device_id, now=now)


def signature(*, secret: str, method: str, path: str, at: int, nonce: str, body: bytes) -> str:
    """What the caller and the house both compute."""
    text = "\n".join((method.upper(), path, str(at), nonce, hashlib.sha256(body).hexdigest()))
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def caller(*, header: str, method: str, path: str, body: bytes, request_id: UUID | None, now: datetime) -> Actor:
    """The machine that signed this request. Its nonce is used up, also if the request is refused for another reason later.

    Exactly ``CLOCK_SKEW`` of difference is still taken. Refuses ``bad_signature``, ``replayed``, ``too_many_calls``.
    """
    scheme, _, rest = header.partition(" ")
    parts = dict(_PART.findall(rest))
    if scheme != SCHEME or set(parts) != {"key", "at", "nonce", "signature"}:
        raise BadSignature
    if not parts["at"].isdecimal() or not _NONCE.fullmatch(parts["nonce"]) or len(parts["at"]) > len("9999999999"):
        raise BadSignature
    key = MachineKey.objects.filter(key_id=parts["key"], revoked_at__isnull=True).first()
    if key is None or abs(datetime.fromtimestamp(int(parts["at"]), tz=UTC) - now) > CLOCK_SKEW:
        raise BadSignature
    wanted = signature(
        secret=vault.unseal(bytes(key.sealed_secret), purpose=_PURPOSE),
        method=method,
        path=path,
        at=int(parts["at"]),
        nonce=parts["nonce"],
        body=body,
    )
    if not hmac.compare_digest(wanted, parts["signature"]):
        raise BadSignature
    actor = enrolled_devices.actor_of_device(key.device_id, request_id)
    if actor is None:
        raise BadSignature
    _use(key, parts["nonce"], now)
    return actor


def forget_nonces(*, now: datetime) -> int:
    """Remove nonces that are too old to be replayed; how many."""
    return MachineNonce.objects.filter(used_at__lt=now - 2 * CLOCK_SKEW - timedelta(minutes=1)).delete()[0]


def _use(key: MachineKey, nonce: str, now: datetime) -> None:
    try:
        with transaction.atomic():
            MachineNonce.objects.create(key=key, nonce=nonce, used_at=now)
    except IntegrityError:
        raise Replayed from None
    if MachineNonce.objects.filter(key=key, used_at__gt=now - timedelta(minutes=1)).count() > CALLS_PER_MINUTE:
        raise TooManyCalls

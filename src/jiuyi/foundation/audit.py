"""Who opened whose record, who was refused, who used a privilege: append-only."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper

from jiuyi.foundation.actors import Actor
from jiuyi.foundation.models import AuditEntry

_INSERT = """
INSERT INTO foundation_auditentry
       (recorded_at, kind, act, actor_kind, actor_id, request_id, person_id, object_id, code, reason)
SELECT %s, %s, %s, %s, %s, %s, %s, %s, %s, %s
"""
_ONCE_PER_REQUEST = """
 WHERE NOT EXISTS (
       SELECT 1 FROM foundation_auditentry
        WHERE request_id = %s AND kind = %s AND act = %s AND person_id IS NOT DISTINCT FROM %s AND object_id = %s)
"""
_ANONYMOUS = "nobody"
_Column = str | datetime | UUID | None


class AuditKind(StrEnum):
    """What an audit row witnesses."""

    OPENED = "opened"
    REFUSED = "refused"
    PRIVILEGED = "privileged"


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One stored witness."""

    id: int
    recorded_at: datetime
    kind: str
    act: str
    actor_kind: str
    actor_id: UUID | None
    request_id: UUID | None
    person_id: UUID | None
    object_id: str
    code: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Witness:
    kind: AuditKind
    act: str
    person_id: UUID | None
    object_id: UUID | str | None
    code: str = ""
    reason: str = ""


def opened(actor: Actor, *, record: str, person_id: UUID | None, object_id: UUID | str | None = None, now: datetime) -> None:
    """The actor has read a person's record. One row per request, record and person; in the caller's transaction."""
    row = _row(actor, _Witness(kind=AuditKind.OPENED, act=record, person_id=person_id, object_id=object_id), now)
    with connection.cursor() as cursor:
        if actor.request_id is None:
            cursor.execute(_INSERT, row)
        else:
            same: list[_Column] = [actor.request_id, AuditKind.OPENED.value, record, person_id, _text(object_id)]
            cursor.execute(_INSERT + _ONCE_PER_REQUEST, row + same)


def refused(
    actor: Actor | None,
    *,
    act: str,
    object_id: UUID | str | None = None,
    person_id: UUID | None = None,
    code: str,
    now: datetime,
) -> None:
    """The actor (or nobody signed in) was refused. Stays, whatever becomes of the caller's transaction.

    Called after the rollback; if a transaction is still open, the row goes over a connection of its own.
    """
    row = _row(actor, _Witness(kind=AuditKind.REFUSED, act=act, person_id=person_id, object_id=object_id, code=code), now)
    if not connection.in_atomic_block:
        _write(connection, row)
        return
    apart = connection.copy()
    try:
        _write(apart, row)
    finally:
        apart.close()


def privileged(
    actor: Actor,
    *,
    act: str,
    object_id: UUID | str | None = None,
    person_id: UUID | None = None,
    reason: str = "",
    now: datetime,
) -> None:
    """The actor used a privilege (changed a rule, gave a role, unmasked a number); in the caller's transaction."""
    witness = _Witness(kind=AuditKind.PRIVILEGED, act=act, person_id=person_id, object_id=object_id, reason=reason)
    _write(connection, _row(actor, witness, now))


def entries(
    *,
    kind: AuditKind | None = None,
    act: str | None = None,
    actor_id: UUID | None = None,
    person_id: UUID | None = None,
    object_id: UUID | str | None = None,
    request_id: UUID | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    limit: int = 200,
) -> list[AuditRow]:
    """Witnesses that match all given filters, newest first."""
    wanted = {
        "kind": kind.value if kind else None,
        "act": act,
        "actor_id": actor_id,
        "person_id": person_id,
        "object_id": _text(object_id) or None,
        "request_id": request_id,
        "recorded_at__gte": since,
        "recorded_at__lt": until,
    }
    rows = AuditEntry.objects.filter(**{name: value for name, value in wanted.items() if value is not None})
    return [_value(row) for row in rows.order_by("-recorded_at", "-id")[:limit]]


def _row(actor: Actor | None, witness: _Witness, now: datetime) -> list[_Column]:
    who = (actor.kind.value, actor.id, actor.request_id) if actor else (_ANONYMOUS, None, None)
    return [now, witness.kind.value, witness.act, *who, witness.person_id, _text(witness.object_id), witness.code, witness.reason[:500]]


def _write(over: BaseDatabaseWrapper, row: list[_Column]) -> None:
    with over.cursor() as cursor:
        cursor.execute(_INSERT, row)


def _text(object_id: UUID | str | None) -> str:
    return "" if object_id is None else str(object_id)[:80]


def _value(row: AuditEntry) -> AuditRow:
    return AuditRow(
        id=row.id,
        recorded_at=row.recorded_at,
        kind=row.kind,
        act=row.act,
        actor_kind=row.actor_kind,
        actor_id=row.actor_id,
        request_id=row.request_id,
        person_id=row.person_id,
        object_id=row.object_id,
        code=row.code,
        reason=row.reason,
    )

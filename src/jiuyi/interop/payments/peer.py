"""The simulated payment channel's own book, kept as an outside company would keep it: it knows nothing of the hospital's tables."""
# ruff: noqa: S608  # the column list is this file's own; every value is a parameter

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from jiuyi.kernel.ids import new_id, new_token

_COLUMNS = "reference, payment_id, amount_fen"


@dataclass(frozen=True, slots=True)
class Transfer:
    """Money the channel has taken for a payment."""

    reference: str
    payment_id: UUID
    amount_fen: int


def take(payment_id: UUID, amount_fen: int, *, now: datetime, tell_at: datetime | None) -> Transfer:
    """Take the money. ``tell_at`` None: the call-back gets lost, and only somebody who asks will know."""
    transfer = Transfer(f"SIM{now:%Y%m%d}{new_token(16)}", payment_id, amount_fen)
    _execute(
        f"INSERT INTO interop_simulatedtransfer ({_COLUMNS}, kind, made_at, tell_at) VALUES (%s, %s, %s, 'pay', %s, %s)",
        [transfer.reference, payment_id, amount_fen, now, tell_at],
    )
    return transfer


def give_back(refund_id: UUID, payment_id: UUID, amount_fen: int, *, now: datetime) -> str:
    """Give money back once for each refund id; asked again, the same reference is the answer."""
    _execute(
        f"INSERT INTO interop_simulatedtransfer ({_COLUMNS}, kind, refund_id, made_at, told_at)"
        " VALUES (%s, %s, %s, 'refund', %s, %s, %s) ON CONFLICT (refund_id) DO NOTHING",
        [f"SIMR{new_id().hex}", payment_id, amount_fen, refund_id, now, now],
    )
    return str(_rows("SELECT reference FROM interop_simulatedtransfer WHERE refund_id = %s", [refund_id])[0][0])


def taken(payment_id: UUID, *, now: datetime) -> list[Transfer]:
    """What was taken for a payment and is known by now; a transfer that the bank delays is not known before its time."""
    rows = _rows(
        f"SELECT {_COLUMNS} FROM interop_simulatedtransfer"
        " WHERE payment_id = %s AND kind = 'pay' AND coalesce(tell_at, made_at) <= %s ORDER BY made_at, reference",
        [payment_id, now],
    )
    return [Transfer(*row) for row in rows]


def given_back(payment_id: UUID) -> int:
    """Fen given back for a payment."""
    total = "SELECT coalesce(sum(amount_fen), 0) FROM interop_simulatedtransfer WHERE payment_id = %s AND kind = 'refund'"
    return int(_rows(total, [payment_id])[0][0])


def to_tell(*, now: datetime, limit: int = 100) -> list[Transfer]:
    """Transfers whose call-back is due."""
    rows = _rows(
        f"SELECT {_COLUMNS} FROM interop_simulatedtransfer WHERE told_at IS NULL AND tell_at <= %s ORDER BY tell_at LIMIT %s", [now, limit]
    )
    return [Transfer(*row) for row in rows]


def told(reference: str, *, now: datetime) -> None:
    """The hospital has answered the call-back."""
    _execute("UPDATE interop_simulatedtransfer SET told_at = %s WHERE reference = %s", [now, reference])


def _execute(sql: str, values: list[Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def _rows(sql: str, values: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()

"""What a batch of callers asks of PostgreSQL, and what it answers: one statement, one commit, each caller its own answer."""

from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec
import psycopg

from jiuyi.domains.scheduling.words import SealedPass
from jiuyi.kernel.ids import new_id, new_token

# In SQL's own types an answer of eleven columns would cost more to read than the whole request.
STATEMENT = """
SELECT "position", code, array_to_string(conflicts, ','), repeated, appointment_id::text, status, voucher,
    extract(epoch FROM window_end)::float8, extract(epoch FROM held_until)::float8
FROM claim_places_v1(%s::jsonb)
"""
_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class Answer:
    """One caller's answer, as ``claim_places_v1`` gave it. Instants in seconds since 1970."""

    code: str
    conflicts: str
    repeated: bool
    appointment_id: str | None
    status: str | None
    voucher: str | None
    window_end: float | None
    held_until: float | None


def request_of(booking_pass: SealedPass, window_start: datetime, *, now: datetime) -> bytes:
    """One request to ``claim_places_v1`` as JSON; the pass's id is the key, so asking again gives the same answer."""
    seconds = now.timestamp()
    held_until = datetime.fromtimestamp(seconds + booking_pass.hold_seconds, UTC) if booking_pass.hold_seconds else None
    return _encode(
        {
            "key": str(booking_pass.pass_id),
            "appointment_id": new_id(),
            "voucher": new_token(),
            "person_id": booking_pass.person_id,
            "session_id": booking_pass.session_id,
            "window_start": window_start,
            "pools": booking_pass.pools,
            "channel": booking_pass.channel,
            "actor_kind": booking_pass.actor_kind,
            "actor_id": booking_pass.actor_id,
            "account_id": booking_pass.account_id,
            "fee_fen": booking_pass.fee_fen,
            "fee_rule_id": booking_pass.fee_rule_id,
            "fee_rule_version": booking_pass.fee_rule_version,
            "held_until": held_until,
            "pay_at_arrival": booking_pass.pay_at_arrival,
            "mode": booking_pass.mode,
            "device_hash": booking_pass.device_hash,
            "counts_to_limits": booking_pass.counts_to_limits,
            "now": now,
        }
    )


async def claim(connection: psycopg.AsyncConnection, requests: list[bytes]) -> list[Answer]:
    """Send a batch; the answers in the order of the requests. The commit has happened when this returns."""
    cursor = await connection.execute(STATEMENT, ("[" + b",".join(requests).decode() + "]",), prepare=True)
    answers: list[Answer | None] = [None] * len(requests)
    for position, *answer in await cursor.fetchall():
        answers[position - 1] = Answer(*answer)
    missing = [number for number, answer in enumerate(answers) if answer is None]
    if missing:
        message = f"claim_places_v1 left {len(missing)} of {len(requests)} requests without an answer"
        raise psycopg.DataError(message)
    return [answer for answer in answers if answer is not None]

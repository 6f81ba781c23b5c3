"""Taking a place: every door goes through ``claim_places_v1``."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from jiuyi.domains.scheduling import models, queries, rules
from jiuyi.domains.scheduling.actions import limits
from jiuyi.domains.scheduling.words import (
    OPEN_STATES,
    AlreadyBookedThatDay,
    AppointmentStatus,
    BookingChannel,
    BookingMode,
    KeyConflict,
    Limit,
    NoSuchWindow,
    NotYetVisible,
    PlaceGone,
    Pool,
    SessionStopped,
    TryAgain,
    WindowPassed,
)
from jiuyi.foundation.access import Actor
from jiuyi.foundation.rulebook import RuleReference
from jiuyi.kernel.ids import new_id, new_token
from jiuyi.kernel.refusals import Refusal

_REFUSALS: Mapping[str, type[Refusal]] = {
    "session_stopped": SessionStopped,
    "not_yet_visible": NotYetVisible,
    "window_passed": WindowPassed,
    "no_such_window": NoSuchWindow,
    "already_booked_that_day": AlreadyBookedThatDay,
    "key_conflict": KeyConflict,
    "busy": TryAgain,
}


@dataclass(frozen=True, slots=True)
class AppointmentRef:
    """A place that was taken; ``repeated`` when the same request had taken it before."""

    appointment_id: UUID
    status: AppointmentStatus
    voucher: str
    window_start: datetime
    window_end: datetime
    held_until: datetime | None
    repeated: bool


@transaction.atomic
def claim_place(
    *,
    actor: Actor,
    now: datetime,
    person_id: UUID,
    session_id: UUID,
    window_start: datetime,
    channel: BookingChannel,
    account_id: UUID | None,
    fee_fen: int,
    fee_rule: RuleReference | None,
    held_until: datetime | None,
    pay_at_arrival: bool,
    idempotency_key: str | UUID,
    mode: BookingMode | None = None,
    pools: Sequence[Pool] | None = None,
    device_hash: str = "",
    counts_to_limits: bool = True,
    cooling: bool = False,
) -> AppointmentRef:
    """Take one place in the window for the person; with ``held_until`` it is held, otherwise booked. Same key, same answer.

    ``mode`` and ``pools`` follow from the channel unless told. ``cooling`` (the waiting list) also takes a place that was given up
    and is not on sale yet.

    The window that runs now can be booked until its end. Refuses, and names every conflict in ``data["conflicts"]``:
    ``scheduling.place_gone`` (``data["nearest"]``: up to three free windows), ``session_stopped``, ``not_yet_visible``,
    ``window_passed``, ``no_such_window``, ``already_booked_that_day``, ``too_many_bookings``, ``key_conflict``,
    ``booking_suspended``, ``try_again``. Source: rules AP-2, AP-3, AP-9, AP-11, AP-14; C1, C2, C5.
    """
    counts = _require_allowed(
        actor=actor,
        now=now,
        person_id=person_id,
        session_id=session_id,
        channel=channel,
        account_id=account_id,
        device_hash=device_hash,
        counts_to_limits=counts_to_limits,
        key=str(idempotency_key),
    )
    sold = tuple(pools) if pools is not None else rules.pools_of(channel)
    request = {
        "key": str(idempotency_key),
        "appointment_id": str(new_id()),
        "voucher": new_token(),
        "person_id": str(person_id),
        "session_id": str(session_id),
        "window_start": window_start.isoformat(),
        "pools": [pool.value for pool in sold],
        "channel": channel.value,
        "actor_kind": actor.kind.value,
        "actor_id": str(actor.id),
        "account_id": str(account_id) if account_id else None,
        "fee_fen": fee_fen,
        "fee_rule_id": fee_rule.rule_id if fee_rule else "",
        "fee_rule_version": fee_rule.version if fee_rule else None,
        "held_until": held_until.isoformat() if held_until else None,
        "pay_at_arrival": pay_at_arrival,
        "now": now.isoformat(),
        "mode": (mode or rules.mode_of(channel)).value,
        "device_hash": device_hash,
        "counts_to_limits": counts,
        "cooling": cooling,
    }
    return claim_one(request, session_id=session_id, window_start=window_start, now=now)


def claim_one(request: dict[str, Any], *, session_id: UUID, window_start: datetime, now: datetime) -> AppointmentRef:
    """Ask ``claim_places_v1`` for one place. Refuses in its words, with the nearest free windows where there are none."""
    answer = _claim(request)
    if answer["code"] != "claimed":
        pools = tuple(Pool(pool) for pool in request["pools"])
        raise _refusal(answer, session_id=session_id, window_start=window_start, now=now, pools=pools)
    return AppointmentRef(
        appointment_id=answer["appointment_id"],
        status=AppointmentStatus(answer["status"]),
        voucher=answer["voucher"],
        window_start=window_start,
        window_end=answer["window_end"],
        held_until=answer["held_until"],
        repeated=answer["repeated"],
    )


def _claim(request: dict[str, Any]) -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM claim_places_v1(%s::jsonb)", [json.dumps([request])])
        names = [column.name for column in cursor.description]
        return dict(zip(names, cursor.fetchone(), strict=True))


def _refusal(answer: dict[str, Any], *, session_id: UUID, window_start: datetime, now: datetime, pools: tuple[Pool, ...]) -> Refusal:
    code, conflicts = answer["code"], list(answer["conflicts"])
    if code == "not_yet_visible" and _cools(session_id, window_start):
        # What was given up and rests is simply taken to everybody else: nobody learns when to be quick.
        code, conflicts = "place_gone", ["place_gone" if each == "not_yet_visible" else each for each in conflicts]
    if code == "place_gone":
        return PlaceGone(nearest=queries.nearest_free(session_id, window_start, now, pools=pools), conflicts=conflicts)
    if code == "invalid":
        message = f"claim_places_v1 could not read the request (SQLSTATE {answer['detail']})"
        raise ValueError(message)
    return _REFUSALS[code](conflicts=conflicts)


def _require_allowed(*, actor: Actor, now: datetime, person_id: UUID, session_id: UUID, key: str, **request: Any) -> bool:
    """Refuse what limits forbid; whether the booking will count. A repetition of an answered request is not asked again."""
    session = queries.facts_session(session_id)
    if models.Appointment.objects.filter(idempotency_key=key).exists():
        return True
    broken = limits.broken_limits(actor=actor, now=now, person_id=person_id, session=session, key=key, **request)
    if broken and broken != [Limit.ONE_PER_DEPARTMENT_DAY]:
        raise limits.too_many(broken, session=session, now=now)
    if broken and not _is_booked_under_this_id(person_id, session):
        raise AlreadyBookedThatDay(conflicts=[Limit.ONE_PER_DEPARTMENT_DAY.value])
    # Otherwise the claim itself says it, together with whatever else is wrong with the place.
    return limits.counts(session=session, channel=request["channel"], counts_to_limits=request["counts_to_limits"], now=now)


def _is_booked_under_this_id(person_id: UUID, session: queries.SessionOffer) -> bool:
    open_ones = models.Appointment.objects.filter(person_id=person_id, status__in=OPEN_STATES)
    return open_ones.filter(department_id=session.department_id, service_date=session.service_date).exists()


def _cools(session_id: UUID, window_start: datetime) -> bool:
    return models.Place.objects.filter(session_id=session_id, window_start=window_start, cooling_since__isnull=False).exists()

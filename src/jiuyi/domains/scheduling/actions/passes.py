"""Giving out booking passes: everything that can be decided before the rush is decided here, under the person's lock."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction

from jiuyi.domains.scheduling import models, queries, rules
from jiuyi.domains.scheduling.actions import limits
from jiuyi.domains.scheduling.actions.claiming import AppointmentRef, claim_one
from jiuyi.domains.scheduling.words import (
    PASS_PURPOSE,
    BookingChannel,
    HoldTime,
    KeyConflict,
    PassLife,
    PassUsed,
    SealedPass,
    SessionStatus,
    SessionStopped,
    WindowPassed,
    seal_pass,
)
from jiuyi.foundation import rulebook
from jiuyi.foundation.access import Actor
from jiuyi.foundation.rulebook import RuleReference
from jiuyi.kernel.ids import new_id, new_token
from jiuyi.kernel.refusals import NotFound
from jiuyi.kernel.signing import derive_key

ELDERLY_HOLD = timedelta(minutes=5)


@transaction.atomic
def issue_pass(
    *,
    actor: Actor,
    now: datetime,
    person_id: UUID,
    session_id: UUID,
    channel: BookingChannel,
    account_id: UUID | None,
    device_hash: str = "",
    fee_fen: int,
    fee_rule: RuleReference | None,
    counts_to_limits: bool = True,
) -> UUID:
    """Leave to book one session for one person; asked again, the same pass with new life. Its id is the booking's key.

    Passes that live and bookings together never exceed a limit: both are counted under the lock of the person.
    Refuses what ``limits.require_allowed`` refuses, ``scheduling.session_stopped``, ``scheduling.window_passed``.
    Source: rules AP-3, AP-9; C5.
    """
    session = queries.facts_session(session_id)
    if session.status is not SessionStatus.OPEN:
        raise SessionStopped
    if session.ends_at <= now:
        raise WindowPassed
    life = rulebook.rule(PassLife, scope_id=session.organization_id, at=now).parameters
    expires_at = max(now, session.visible_at) + timedelta(minutes=life.pass_minutes)
    limits.lock_allowance(person_id)
    known = models.BookingPass.objects.select_for_update().filter(person_id=person_id, session_id=session_id, given_back_at=None).first()
    limits.require_allowed(
        actor=actor,
        now=now,
        person_id=person_id,
        session=session,
        channel=channel,
        account_id=account_id,
        device_hash=device_hash,
        counts_to_limits=counts_to_limits,
        key=str(known.id) if known else "",
    )
    if known is not None and not models.Appointment.objects.filter(idempotency_key=str(known.id)).exists():
        known.expires_at, known.fee_fen, known.issued_at = expires_at, fee_fen, now
        known.fee_rule_id, known.fee_rule_version = _rule(fee_rule)
        known.save(update_fields=["expires_at", "fee_fen", "issued_at", "fee_rule_id", "fee_rule_version"])
        return known.id
    if known is not None:  # it made a booking that was given up since: another one needs another key
        known.given_back_at = now
        known.save(update_fields=["given_back_at"])
    rule_id, rule_version = _rule(fee_rule)
    return models.BookingPass.objects.create(
        id=new_id(),
        person_id=person_id,
        session_id=session_id,
        department_id=session.department_id,
        service_date=session.service_date,
        channel=channel,
        account_id=account_id,
        device_hash=device_hash,
        fee_fen=fee_fen,
        fee_rule_id=rule_id,
        fee_rule_version=rule_version,
        counts_to_limits=limits.counts(session=session, channel=channel, counts_to_limits=counts_to_limits, now=now),
        issued_by_kind=actor.kind.value,
        issued_by_id=actor.id,
        issued_at=now,
        expires_at=expires_at,
    ).id


@transaction.atomic
def give_back_pass(*, now: datetime, pass_id: UUID) -> None:
    """The person no longer wants it; it counts no more. A booking that was made with it stays. Twice is once."""
    models.BookingPass.objects.filter(pk=pass_id, given_back_at=None).update(given_back_at=now)


def sealed(*, pass_id: UUID, pay_at_arrival: bool, elderly: bool = False) -> str:
    """The pass as a text that the gate can read. ``elderly`` keeps a chosen place at least five minutes. Refuses ``not_found``."""
    row = models.BookingPass.objects.filter(pk=pass_id, given_back_at=None).first()
    if row is None:
        raise NotFound
    return seal_pass(content(row, pay_at_arrival=pay_at_arrival, elderly=elderly), pass_key())


def content(row: models.BookingPass, *, pay_at_arrival: bool, elderly: bool = False) -> SealedPass:
    """What a pass says."""
    channel = BookingChannel(row.channel)
    at_once = pay_at_arrival or not row.fee_fen
    hold = timedelta(minutes=rulebook.rule(HoldTime, scope_id=row.department_id, at=row.issued_at).parameters.hold_minutes)
    return SealedPass(
        pass_id=row.id,
        person_id=row.person_id,
        session_id=row.session_id,
        department_id=row.department_id,
        channel=channel,
        pools=tuple(pool.value for pool in rules.pools_of(channel)),
        actor_kind=row.issued_by_kind,
        actor_id=row.issued_by_id,
        account_id=row.account_id,
        fee_fen=row.fee_fen,
        fee_rule_id=row.fee_rule_id,
        fee_rule_version=row.fee_rule_version,
        hold_seconds=0 if at_once else int(max(hold, ELDERLY_HOLD if elderly else hold).total_seconds()),
        pay_at_arrival=pay_at_arrival,
        mode=rules.mode_of(channel),
        device_hash=row.device_hash,
        counts_to_limits=row.counts_to_limits,
        issued_at=int(row.issued_at.timestamp()),
        expires_at=int(row.expires_at.timestamp()),
    )


def claim_with(found: SealedPass, *, window_start: datetime, now: datetime) -> AppointmentRef:
    """Take a place with a pass: one statement, because everything else was decided when the pass was given. Same pass, same answer.

    Refuses as ``claiming.claim_place`` does, but for limits, which the pass has passed; ``scheduling.pass_used`` when it has
    booked another window already.
    """
    request = request_of(found, window_start=window_start, held_for=timedelta(seconds=found.hold_seconds), now=now)
    try:
        return claim_one(request, session_id=found.session_id, window_start=window_start, now=now)
    except KeyConflict as error:
        raise PassUsed from error


def request_of(found: SealedPass, *, window_start: datetime, held_for: timedelta, now: datetime, drawn: bool = False) -> dict[str, Any]:
    """A pass as a request to ``claim_places_v1``; its id is the key. ``drawn``: it is served before everybody who was not there."""
    return {
        "key": str(found.pass_id),
        "appointment_id": str(new_id()),
        "voucher": new_token(),
        "person_id": str(found.person_id),
        "session_id": str(found.session_id),
        "window_start": window_start.isoformat(),
        "pools": list(found.pools),
        "channel": found.channel.value,
        "actor_kind": found.actor_kind,
        "actor_id": str(found.actor_id),
        "account_id": str(found.account_id) if found.account_id else None,
        "fee_fen": found.fee_fen,
        "fee_rule_id": found.fee_rule_id,
        "fee_rule_version": found.fee_rule_version,
        "held_until": (now + held_for).isoformat() if found.hold_seconds else None,
        "pay_at_arrival": found.pay_at_arrival,
        "now": now.isoformat(),
        "mode": found.mode.value,
        "device_hash": found.device_hash,
        "counts_to_limits": found.counts_to_limits,
        "drawn": drawn,
    }


def pass_key() -> bytes:
    """The key of passes, for whoever seals and whoever reads them outside the gate."""
    return derive_key(settings.SECRET_KEY, PASS_PURPOSE)


def _rule(reference: RuleReference | None) -> tuple[str, int | None]:
    return (reference.rule_id, reference.version) if reference else ("", None)

"""改约: the place and the money of a booking move together, or nothing does.

Lock order (docs/locking.md): person → place → appointment → charge → payment → refund → ledger.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from jiuyi.domains.billing import actions as billing
from jiuyi.domains.billing import queries as bills
from jiuyi.domains.billing.words import OWED_OR_PAID, ChargeStatus, RefundReason
from jiuyi.domains.scheduling import queries as schedule
from jiuyi.domains.scheduling.actions.moving import Moved, move_appointment
from jiuyi.domains.scheduling.queries import changes
from jiuyi.domains.scheduling.words import APPOINTMENT_BOOK, MoveReason, Party
from jiuyi.foundation import access
from jiuyi.foundation.access import Actor, ActorKind
from jiuyi.foundation.rulebook import RuleReference
from jiuyi.journeys import booking
from jiuyi.journeys.booking import APPOINTMENT, Quote


@dataclass(frozen=True, slots=True)
class Fee:
    """What a booking costs after a move, in fen; without ``terms`` the agreed fee simply stays."""

    fee_fen: int
    terms: Quote | None

    @property
    def agreed(self) -> bool:
        """Whether nothing about the money changes."""
        return self.terms is None

    @property
    def rule(self) -> RuleReference | None:
        """The rule of a new fee."""
        return self.terms.rule if self.terms else None


@dataclass(frozen=True, slots=True)
class MovePreview:
    """What a move would mean before anybody commits to it: old and new fee in fen, what goes back, what is to be paid, and whether late."""

    old_fee_fen: int
    new_fee_fen: int
    refund_fen: int
    pay_fen: int
    late: bool


@dataclass(frozen=True, slots=True)
class Rescheduled:
    """A moved booking: what goes back and what is owed now, in fen; a ``late`` change is counted like a late cancellation."""

    appointment_id: UUID
    refunded_fen: int
    owed_fen: int
    late: bool


def preview(*, actor: Actor, now: datetime, appointment_id: UUID, session_id: UUID, window_start: datetime) -> MovePreview:
    """What the move would cost. Refuses ``not_found`` for somebody else's booking. Source: rules AP-12, F3-5."""
    record = schedule.open_appointment(actor, appointment_id, now=now)
    fee = fee_after_move(record, session_id=session_id, window_start=window_start, now=now)
    standing = _standing(appointment_id)
    by = _asked_by(actor, record)
    paid = sum(each.amount_fen for each in standing if each.status is ChargeStatus.PAID)
    owed = sum(each.amount_fen for each in standing if each.status is ChargeStatus.UNPAID)
    return MovePreview(
        old_fee_fen=record.fee_fen,
        new_fee_fen=fee.fee_fen,
        refund_fen=0 if fee.agreed else paid,
        pay_fen=owed if fee.agreed else fee.fee_fen,
        late=schedule.cancel_terms_of_appointment(record, now=now, by=by).late,
    )


@transaction.atomic
def reschedule(
    *, actor: Actor, now: datetime, appointment_id: UUID, session_id: UUID, window_start: datetime, idempotency_key: UUID
) -> Rescheduled:
    """Move a booking to another window, day, doctor or department; it keeps its number and voucher. The same key, the same answer.

    Within one class and hospital the agreed fee stays, paid or not. Otherwise the old fee goes back the way it came and the
    new one is owed before the check-in. Refuses ``not_found`` for somebody else's booking, ``not_allowed`` for staff without
    the permission there, and what ``move_appointment`` refuses; then neither place nor money has changed.
    """
    record = schedule.open_appointment(actor, appointment_id, now=now)
    if actor.kind is not ActorKind.PATIENT:
        for department_id in (record.department_id, schedule.facts_session(session_id).department_id):
            access.require(actor, APPOINTMENT_BOOK, department_id)
    fee = fee_after_move(record, session_id=session_id, window_start=window_start, now=now)
    by = _asked_by(actor, record)
    moved = move_appointment(
        actor=actor,
        now=now,
        appointment_id=appointment_id,
        session_id=session_id,
        window_start=window_start,
        reason=MoveReason.STOPPED if by is Party.HOSPITAL else MoveReason.PATIENT,
        by=by,
        idempotency_key=idempotency_key,
        fee_fen=None if fee.agreed else fee.fee_fen,
        fee_rule=fee.rule,
    )
    return settle_move(actor=actor, now=now, moved=moved, fee=fee)


def fee_after_move(record: schedule.AppointmentFacts, *, session_id: UUID, window_start: datetime, now: datetime) -> Fee:
    """The fee of a booking at another window: the agreed one within a class and hospital, else that of today's rule.

    Refuses ``not_found`` for a session that does not exist. Source: rule F3-5.
    """
    target = schedule.facts_session(session_id)
    if (target.number_class, target.organization_id) == (record.number_class, record.organization_id):
        return Fee(record.fee_fen, None)
    quote = booking.quote(session_id=session_id, window_start=window_start, now=now)
    same = (quote.fee_fen, target.organization_id) == (record.fee_fen, record.organization_id)
    return Fee(quote.fee_fen, None if same else quote)


def settle_move(*, actor: Actor, now: datetime, moved: Moved, fee: Fee) -> Rescheduled:
    """Bring the money of an appointment, whose locks the caller holds, after its place; a repeated move has been settled before."""
    record = schedule.facts_appointment(moved.appointment_id)
    refunded = 0
    if not moved.repeated and fee.terms is not None:
        refunded = _give_back(actor=actor, now=now, appointment_id=moved.appointment_id, key=moved.move_id)
        if fee.fee_fen:
            booking.charge_visit(
                actor=actor,
                now=now,
                person_id=record.person_id,
                session=schedule.facts_session(record.session_id),
                appointment_id=moved.appointment_id,
                terms=fee.terms,
            )
    if moved.repeated:
        refunded = _refunded_by(moved)
    owed = sum(each.amount_fen for each in _standing(moved.appointment_id) if each.status is ChargeStatus.UNPAID)
    return Rescheduled(appointment_id=moved.appointment_id, refunded_fen=refunded, owed_fen=owed, late=moved.late)


def _asked_by(actor: Actor, record: schedule.AppointmentFacts) -> Party:
    """Whose wish a move is: whoever leaves a session that does not take place does so because of the hospital, whatever was pressed."""
    if changes.stopped_sessions([record.session_id]):
        return Party.HOSPITAL
    return Party.PATIENT if actor.kind is ActorKind.PATIENT else Party.STAFF


def _standing(appointment_id: UUID) -> list[bills.ChargeFacts]:
    charges = bills.facts_charges(source_kind=APPOINTMENT, source_ids=[appointment_id])
    return [each for each in charges if each.status in OWED_OR_PAID]


def _give_back(*, actor: Actor, now: datetime, appointment_id: UUID, key: UUID) -> int:
    refunded = 0
    for charge in billing.lock_charges(source_kind=APPOINTMENT, source_ids=[appointment_id]):
        if charge.status is ChargeStatus.UNPAID:
            billing.cancel_charge(actor=actor, now=now, charge_id=charge.charge_id)
        elif charge.status is ChargeStatus.PAID:
            billing.refund_charge(
                actor=actor, now=now, charge_id=charge.charge_id, reason=RefundReason.MOVED, idempotency_key=f"move:{key}"
            )
            refunded += charge.amount_fen
    return refunded


def _refunded_by(moved: Moved) -> int:
    charges = bills.facts_charges(source_kind=APPOINTMENT, source_ids=[moved.appointment_id])
    refunds = bills.facts_refunds([each.charge_id for each in charges])
    return sum(each.amount_fen for each in refunds if each.reason is RefundReason.MOVED)

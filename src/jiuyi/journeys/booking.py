"""Booking: price and rule first, then the place, then the charge; all of it or nothing.

Lock order (docs/locking.md): place → appointment → charge → payment → ledger → queue day → ticket → encounter.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from jiuyi.domains.billing import actions as billing
from jiuyi.domains.billing import queries as prices
from jiuyi.domains.billing.words import ChargeKind, ChargeStatus, RefundReason
from jiuyi.domains.encounters import actions as encounters
from jiuyi.domains.encounters import queries as visits
from jiuyi.domains.identity import queries as people
from jiuyi.domains.identity.words import LinkLevel
from jiuyi.domains.queueing import actions as queueing
from jiuyi.domains.queueing import queries as queues
from jiuyi.domains.scheduling import actions as scheduling
from jiuyi.domains.scheduling import queries as schedule
from jiuyi.domains.scheduling.queries import changes, doors
from jiuyi.domains.scheduling.words import (
    APPOINTMENT_BOOK,
    APPOINTMENT_OPEN,
    OPEN_STATES,
    TRIP_PLAN,
    AlreadyBookedThatDay,
    AppointmentStatus,
    BookingChannel,
    BookingSuspended,
    CancelReason,
    HoldTime,
    Party,
    TooManyBookings,
)
from jiuyi.domains.scheduling.words.limits import OF_THE_PATIENT
from jiuyi.foundation import access, rulebook
from jiuyi.foundation.access import SYSTEM, Actor, ActorKind
from jiuyi.foundation.rulebook import RuleReference
from jiuyi.journeys.absences import may_know_absences
from jiuyi.journeys.one_by_one import one_by_one
from jiuyi.journeys.words import BookAtTheDesk
from jiuyi.kernel.refusals import NotFound

APPOINTMENT = "appointment"  # the source kind of a registration charge


@dataclass(frozen=True, slots=True)
class Quote:
    """What a place costs and on what terms, before anybody commits to it. Amounts in fen."""

    fee_fen: int
    rule: RuleReference
    rule_source: str
    cancel_until: datetime
    pay_minutes: int


@dataclass(frozen=True, slots=True)
class Booked:
    """The answer to a booking; ``held`` means that it lapses at ``pay_by`` unless the fee is paid."""

    appointment_id: UUID
    held: bool
    charge_id: UUID | None
    pay_by: datetime | None


@dataclass(frozen=True, slots=True)
class Cancelled:
    """What a cancellation did: the fen that go back, and whether it counted as late."""

    refunded_fen: int
    late: bool


def quote(*, session_id: UUID, window_start: datetime, now: datetime) -> Quote:
    """Price and terms of one window, each with the rule that decides it.

    Refuses ``not_found`` for a session that does not exist. Source: rules F3-5, AP-11, AP-12.
    """
    session = schedule.facts_session(session_id)
    fee = prices.visit_fee(number_class=session.number_class, organization_id=session.organization_id, at=now)
    expiry = rulebook.rule(HoldTime, scope_id=session.organization_id, at=now).parameters
    terms = schedule.cancel_terms_of_window(session_id=session_id, window_start=window_start, now=now)
    return Quote(
        fee_fen=fee.amount_fen,
        rule=fee.rule,
        rule_source=fee.source,
        cancel_until=terms.until,
        pay_minutes=expiry.hold_minutes,
    )


@transaction.atomic
def book(
    *,
    actor: Actor,
    now: datetime,
    person_id: UUID,
    session_id: UUID,
    window_start: datetime,
    channel: BookingChannel,
    pay_at_arrival: bool,
    idempotency_key: UUID,
    device_hash: str = "",
) -> Booked:
    """Take a place in the window for the person and charge the fee; the same key gives the same answer again.

    Pay online: the place is held until ``pay_by``. Pay at the hospital (or nothing to pay): it is booked at once.
    Refuses what ``scheduling.claim_place`` refuses (``place_gone`` with the nearest free windows, …), ``not_found``
    when a patient's account has no link to the person, ``not_allowed`` for staff without the booking permission.
    """
    session = schedule.facts_session(session_id)
    require_may_book(actor, person_id=person_id, department_id=session.department_id, channel=channel)
    terms = quote(session_id=session_id, window_start=window_start, now=now)
    held_until = None if pay_at_arrival or not terms.fee_fen else now + timedelta(minutes=terms.pay_minutes)
    appointment = _claim(
        actor=actor,
        now=now,
        person_id=person_id,
        session_id=session_id,
        window_start=window_start,
        channel=channel,
        account_id=actor.id if actor.kind is ActorKind.PATIENT else None,
        fee_fen=terms.fee_fen,
        fee_rule=terms.rule,
        held_until=held_until,
        pay_at_arrival=pay_at_arrival,
        idempotency_key=idempotency_key,
        device_hash=device_hash,
    )
    charge_id = None
    if appointment.repeated:  # what was agreed then holds, also when the fee has changed since
        charge_id = charge_claimed(appointment_id=appointment.appointment_id, now=now)
    elif terms.fee_fen:
        charge_id = charge_visit(
            actor=actor, now=now, person_id=person_id, session=session, appointment_id=appointment.appointment_id, terms=terms
        )
    held = appointment.status is AppointmentStatus.HELD
    return Booked(appointment_id=appointment.appointment_id, held=held, charge_id=charge_id, pay_by=appointment.held_until)


def charge_visit(
    *, actor: Actor, now: datetime, person_id: UUID, session: schedule.SessionOffer, appointment_id: UUID, terms: Quote
) -> UUID:
    """Charge the fee of a place that was just taken, in the same transaction; the charge."""
    return billing.add_charge(
        actor=actor,
        now=now,
        person_id=person_id,
        organization_id=session.organization_id,
        source_kind=APPOINTMENT,
        source_id=appointment_id,
        kind=ChargeKind.REGISTRATION,
        description=session.number_class.label,
        quantity=1,
        unit_price_fen=terms.fee_fen,
        rule=terms.rule,
    )


@transaction.atomic
def charge_claimed(*, appointment_id: UUID, now: datetime) -> UUID | None:
    """The newest charge of a booking; made now if the gate or the draw took the place and nobody has charged it yet. None: nothing to pay.

    The fee is the one that was agreed when the pass was given. Asked by anybody at any time, there is one charge.
    """
    (facts,) = scheduling.lock_appointments(appointment_ids=[appointment_id])
    known = next((charge.charge_id for charge in reversed(charges_of(appointment_id))), None)
    if known is not None or not facts.fee_fen or facts.status not in OPEN_STATES:
        return known
    return billing.add_charge(
        actor=SYSTEM,
        now=now,
        person_id=facts.person_id,
        organization_id=facts.organization_id,
        source_kind=APPOINTMENT,
        source_id=appointment_id,
        kind=ChargeKind.REGISTRATION,
        description=facts.number_class.label,
        quantity=1,
        unit_price_fen=facts.fee_fen,
        rule=facts.fee_rule,
    )


@transaction.atomic
def cancel(*, actor: Actor, now: datetime, appointment_id: UUID, reason: CancelReason) -> Cancelled:
    """Give the place back and the money back: to the channel it came from.

    A late cancellation counts as late but costs nothing (rules AP-12, AP-14 as corrected in §21); that of a stopped session
    never counts. Somebody who had arrived
    leaves the line, and the visit that had not begun is cancelled with it.
    Refuses ``not_found`` for somebody else's booking, ``not_allowed`` for staff who may only look, what
    ``scheduling.cancel_appointment`` refuses, and (``queueing.ticket_moved``, ``encounters.encounter_moved``) a visit that has begun.
    """
    record = schedule.open_appointment(actor, appointment_id, now=now)
    if actor.kind is not ActorKind.PATIENT:
        access.require(actor, APPOINTMENT_BOOK, record.department_id)
    # A partner's machine passes on what the patient told it.
    by = Party.PATIENT if actor.kind is ActorKind.DEVICE and doors.is_booked_by(actor, appointment_id) else None
    if changes.stopped_sessions([record.session_id]):  # whichever button was pressed: it was the hospital that gave the visit up
        by, reason = Party.HOSPITAL, CancelReason.SESSION_STOPPED
    outcome = scheduling.cancel_appointment(actor=actor, now=now, appointment_id=record.appointment_id, reason=reason, by=by)
    refunded = settle_charge_of_lost_place(actor=actor, now=now, appointment_id=appointment_id)
    _leave(actor=SYSTEM if by is Party.HOSPITAL else actor, now=now, appointment_id=appointment_id)
    return Cancelled(refunded_fen=refunded, late=outcome.late)


@transaction.atomic
def give_back_stopped(*, actor: Actor, now: datetime, appointment_id: UUID, reason: CancelReason = CancelReason.SESSION_STOPPED) -> int:
    """The hospital cannot keep the visit as it was agreed: place and all the money go back, and nothing counts; the fen that go back.

    Staff who decide this have the person on the telephone or nowhere: cash waits at the desk until it is collected.
    Whether ``actor`` may decide that is the caller's part; a patient only answers. Refuses what ``cancel_appointment`` refuses.
    """
    scheduling.cancel_appointment(actor=actor, now=now, appointment_id=appointment_id, reason=reason, by=Party.HOSPITAL)
    payer = SYSTEM if actor.kind is ActorKind.STAFF else actor
    refunded = settle_charge_of_lost_place(actor=payer, now=now, appointment_id=appointment_id)
    _leave(actor=SYSTEM, now=now, appointment_id=appointment_id)
    return refunded


def expire_due(*, now: datetime, limit: int = 200) -> int:
    """Free the places whose time to pay has run out; returns how many. Each in its own transaction, so one cannot hold up the rest."""
    return one_by_one(schedule.holds_due(now=now, limit=limit), lambda each: _expire(each, now=now), name="journeys.expire_unpaid_places")


@transaction.atomic
def _expire(appointment_id: UUID, *, now: datetime) -> bool:
    if not scheduling.expire_hold(actor=SYSTEM, now=now, appointment_id=appointment_id):
        return False
    settle_charge_of_lost_place(actor=SYSTEM, now=now, appointment_id=appointment_id)
    return True


def _claim(*, actor: Actor, person_id: UUID, session_id: UUID, **request: Any) -> scheduling.AppointmentRef:
    """Take the place; a conflict with a booking that this account did not make is not named to a merely claimed link.

    Otherwise whoever types somebody's number could learn when and where that person sees a doctor.
    """
    try:
        return scheduling.claim_place(actor=actor, person_id=person_id, session_id=session_id, **request)
    except BookingSuspended:
        if actor.kind is ActorKind.PATIENT and not may_know_absences(actor, person_id):
            raise BookAtTheDesk from None
        raise
    except (AlreadyBookedThatDay, TooManyBookings) as refusal:
        if not OF_THE_PATIENT.intersection(refusal.data["conflicts"]):
            raise  # about the account or the device, which are the actor's own
        if _may_learn_of(actor, person_id=person_id, session_id=session_id):
            raise
        raise BookAtTheDesk from None


def _may_learn_of(actor: Actor, *, person_id: UUID, session_id: UUID) -> bool:
    """Whether the actor may be told that the person has another booking: it knows it already, or may see it anyway."""
    live = [each for each in schedule.facts_appointments_of_person(person_id) if each.status in OPEN_STATES]
    if actor.kind is ActorKind.PATIENT:
        return people.facts_link(actor.id, person_id) is LinkLevel.VERIFIED or all(each.account_id == actor.id for each in live)
    if actor.kind is ActorKind.DEVICE and not access.may(actor, APPOINTMENT_OPEN, schedule.facts_session(session_id).organization_id):
        return all(doors.is_booked_by(actor, each.appointment_id) for each in live)
    return True


def _leave(*, actor: Actor, now: datetime, appointment_id: UUID) -> None:
    """Nobody is called, or treated, on a booking that was given up; the appointment's lock keeps check-ins out."""
    ticket = queues.facts_ticket_of_appointment(appointment_id)
    if ticket is not None:
        queueing.leave(actor=actor, now=now, ticket_id=ticket.ticket_id)
    encounter = visits.facts_encounter_of_appointment(appointment_id)
    if encounter is not None:
        encounters.cancel_encounter(actor=actor, now=now, encounter_id=encounter.encounter_id)


def charges_of(appointment_id: UUID) -> list[prices.ChargeFacts]:
    """The registration charges of an appointment, oldest first: a move may have given older ones back."""
    return prices.facts_charges(source_kind=APPOINTMENT, source_ids=[appointment_id])


def settle_charge_of_lost_place(*, actor: Actor, now: datetime, appointment_id: UUID) -> int:
    """Take back what is owed for a place that was given up, or give the money back; the fen that go back."""
    refunded = 0
    for charge in charges_of(appointment_id):
        if charge.status is ChargeStatus.UNPAID:
            billing.cancel_charge(actor=actor, now=now, charge_id=charge.charge_id)
        elif charge.status is ChargeStatus.PAID:
            billing.refund_charge(
                actor=actor,
                now=now,
                charge_id=charge.charge_id,
                reason=RefundReason.APPOINTMENT_CANCELLED,
                idempotency_key=charge.charge_id,
            )
            refunded += charge.amount_fen
    return refunded


def require_may_book(actor: Actor, *, person_id: UUID, department_id: UUID, channel: BookingChannel | None = None) -> None:
    """Refuse (``not_found``) an account without a link to the person, (``not_allowed``) staff without the permission."""
    if actor.kind is ActorKind.PATIENT:
        if people.facts_link(actor.id, person_id) is None:
            raise NotFound
        return
    if channel is BookingChannel.FAMILY_DOCTOR and access.may_somewhere(actor, TRIP_PLAN):
        return  # a family doctor books into every house of the consortium
    access.require(actor, APPOINTMENT_BOOK, department_id)

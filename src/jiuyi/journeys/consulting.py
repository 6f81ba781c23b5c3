"""The doctor's room: call, begin, order, finish; each act moves ticket, visit, appointment and bill together or not at all.

Lock order (docs/locking.md): appointment → charge → payment → ledger → queue day → ticket → encounter → order.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from jiuyi.domains.billing import actions as billing
from jiuyi.domains.billing import queries as bills
from jiuyi.domains.billing.words import ChargeKind, ChargeStatus, RefundReason
from jiuyi.domains.encounters import actions as encounters
from jiuyi.domains.encounters import queries as visits
from jiuyi.domains.encounters.words import Frequency, Route
from jiuyi.domains.organizations import queries as organizations
from jiuyi.domains.organizations.queries import PractitionerFacts
from jiuyi.domains.queueing import actions as queueing
from jiuyi.domains.queueing import queries as queues
from jiuyi.domains.queueing.actions import TicketRef
from jiuyi.domains.queueing.words import CALL
from jiuyi.domains.scheduling import actions as scheduling
from jiuyi.domains.scheduling import queries as schedule
from jiuyi.domains.scheduling.words import AppointmentStatus
from jiuyi.foundation import access
from jiuyi.foundation.access import Actor
from jiuyi.journeys.paying import MEDICATION_REQUEST, SERVICE_REQUEST
from jiuyi.journeys.words import NotOurPatient
from jiuyi.kernel.refusals import NotAllowed, NotFound


@dataclass(frozen=True, slots=True)
class Prescription:
    """One line of a prescription as the doctor writes it."""

    code: str
    dose: str
    route: Route
    frequency: Frequency
    days: int
    quantity: int
    note: str = ""
    override_reason: str = ""
    long_reason: str = ""


def doctor_of(actor: Actor) -> PractitionerFacts:
    """The practitioner behind a staff account. Refuses ``not_allowed`` for an account that is nobody's."""
    doctor = organizations.practitioner_of_user(actor.id)
    if doctor is None:
        raise NotAllowed
    return doctor


def call_next(*, actor: Actor, now: datetime, queue_id: UUID, room_id: UUID) -> TicketRef | None:
    """Call the next person of the queue to this doctor's room; None when nobody waits. Refuses as ``queueing.call_next``."""
    return queueing.call_next(actor=actor, now=now, queue_id=queue_id, practitioner_id=doctor_of(actor).id, room_id=room_id)


@transaction.atomic
def start(*, actor: Actor, now: datetime, ticket_id: UUID) -> UUID:
    """The called person is in the room and is who they say: the visit begins. Returns the encounter.

    Refuses ``not_our_patient`` when another doctor called this ticket.
    """
    doctor = doctor_of(actor)
    access.require(actor, CALL, queues.facts_ticket(ticket_id).department_id)  # before a word on who called whom
    _require_called_by(doctor, ticket_id)
    queueing.enter_room(actor=actor, now=now, ticket_id=ticket_id)
    _require_called_by(doctor, ticket_id)  # once more under its lock: another room may have called it in this moment
    encounter = visits.facts_encounter_of_ticket(ticket_id)
    if encounter is None:
        raise NotFound
    encounter_id = encounter.encounter_id
    encounters.start_encounter(actor=actor, now=now, encounter_id=encounter_id)
    return encounter_id


@transaction.atomic
def not_this_person(*, actor: Actor, now: datetime, encounter_id: UUID) -> None:
    """不是本人: the visit and the ticket go back to where they were, unpaid orders and their charges are taken back."""
    encounter = visits.facts_encounter(encounter_id)
    for charge in _charges_of_orders([order.order_id for order in visits.facts_orders(encounter_id)]):
        if charge.status is ChargeStatus.UNPAID:
            billing.cancel_charge(actor=actor, now=now, charge_id=charge.charge_id)
    if encounter.ticket_id:
        queueing.undo_enter(actor=actor, now=now, ticket_id=encounter.ticket_id)
    encounters.undo_start(actor=actor, now=now, encounter_id=encounter_id)


@transaction.atomic
def order_lab(*, actor: Actor, now: datetime, encounter_id: UUID, code: str, note: str = "") -> UUID:
    """Order a laboratory item and put its price on the bill (C21). Refuses as ``encounters.order_lab``."""
    order_id = encounters.order_lab(actor=actor, now=now, encounter_id=encounter_id, code=code, note=note)
    _charge(actor=actor, now=now, encounter_id=encounter_id, order_id=order_id, code=code, quantity=1, source_kind=SERVICE_REQUEST)
    return order_id


@transaction.atomic
def order_medication(*, actor: Actor, now: datetime, encounter_id: UUID, line: Prescription) -> UUID:
    """Prescribe one drug and put its price on the bill. Refuses as ``encounters.order_medication`` (allergies, days)."""
    order_id = encounters.order_medication(
        actor=actor,
        now=now,
        encounter_id=encounter_id,
        code=line.code,
        dose=line.dose,
        route=line.route,
        frequency=line.frequency,
        days=line.days,
        quantity=line.quantity,
        note=line.note,
        override_reason=line.override_reason,
        long_reason=line.long_reason,
    )
    _charge(
        actor=actor,
        now=now,
        encounter_id=encounter_id,
        order_id=order_id,
        code=line.code,
        quantity=line.quantity,
        source_kind=MEDICATION_REQUEST,
    )
    return order_id


@transaction.atomic
def revoke_order(*, actor: Actor, now: datetime, order_id: UUID, reason: str) -> None:
    """Take an order back: what was not paid is taken off the bill, what was paid goes back to the channel it came from."""
    for charge in _charges_of_orders([order_id]):
        locked = billing.lock_charges(source_kind=charge.source_kind, source_ids=[order_id])[0]
        if locked.status is ChargeStatus.UNPAID:
            billing.cancel_charge(actor=actor, now=now, charge_id=charge.charge_id)
        elif locked.status is ChargeStatus.PAID:
            billing.refund_charge(
                actor=actor, now=now, charge_id=charge.charge_id, reason=RefundReason.NOT_DONE, idempotency_key=charge.charge_id
            )
    encounters.revoke_order(actor=actor, now=now, order_id=order_id, reason=reason)


@transaction.atomic
def finish(*, actor: Actor, now: datetime, encounter_id: UUID) -> None:
    """End the visit: the appointment is fulfilled, the ticket done. Refuses ``encounters.cannot_finish`` naming all that is missing."""
    encounter = visits.facts_encounter(encounter_id)
    if encounter.appointment_id:
        scheduling.lock_appointments(appointment_ids=[encounter.appointment_id])
    if encounter.ticket_id:
        queueing.finish(actor=actor, now=now, ticket_id=encounter.ticket_id)
    encounters.finish_encounter(actor=actor, now=now, encounter_id=encounter_id)
    if encounter.appointment_id and schedule.facts_appointment(encounter.appointment_id).status is AppointmentStatus.ARRIVED:
        scheduling.mark_fulfilled(actor=actor, now=now, appointment_id=encounter.appointment_id)


def _require_called_by(doctor: PractitionerFacts, ticket_id: UUID) -> None:
    if queues.facts_ticket(ticket_id).called_by != doctor.id:
        raise NotOurPatient


def _charge(*, actor: Actor, now: datetime, encounter_id: UUID, order_id: UUID, code: str, quantity: int, source_kind: str) -> None:
    encounter = visits.facts_encounter(encounter_id)
    price = bills.price(code, encounter.organization_id, now)
    charge_id = billing.add_charge(
        actor=actor,
        now=now,
        person_id=encounter.person_id,
        organization_id=encounter.organization_id,
        source_kind=source_kind,
        source_id=order_id,
        kind=ChargeKind.DRUG if source_kind == MEDICATION_REQUEST else ChargeKind.LAB,
        description=price.name,
        quantity=quantity,
        unit_price_fen=price.unit_price_fen,
    )
    (charge,) = bills.facts_charges_by_id([charge_id])
    if charge.status is ChargeStatus.PAID:  # free of charge: nobody will ever pay it, so nobody else would release it
        encounters.release_orders(actor=actor, now=now, order_ids=[order_id])


def _charges_of_orders(order_ids: list[UUID]) -> list[bills.ChargeFacts]:
    return [
        charge for kind in (SERVICE_REQUEST, MEDICATION_REQUEST) for charge in bills.facts_charges(source_kind=kind, source_ids=order_ids)
    ]

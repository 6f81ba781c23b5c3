"""Arriving: appointment → arrived, a ticket in the queue and the visit's header, in one transaction."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from jiuyi.domains.billing import queries as bills
from jiuyi.domains.billing.words import ChargeStatus
from jiuyi.domains.encounters import actions as encounters
from jiuyi.domains.encounters import queries as visits
from jiuyi.domains.encounters.words import PayerCategory
from jiuyi.domains.identity import queries as people
from jiuyi.domains.identity.words import Credential
from jiuyi.domains.queueing import actions as queueing
from jiuyi.domains.queueing import queries as queues
from jiuyi.domains.queueing.queries import TicketFacts
from jiuyi.domains.queueing.words import CHECK_IN, TicketCategory
from jiuyi.domains.scheduling import actions as scheduling
from jiuyi.domains.scheduling import queries as schedule
from jiuyi.domains.scheduling.words import AppointmentStatus
from jiuyi.foundation import access
from jiuyi.foundation.access import Actor
from jiuyi.journeys.booking import APPOINTMENT
from jiuyi.journeys.words import FeeUnpaid, NoSuchVoucher, NotToday
from jiuyi.kernel.clock import service_date
from jiuyi.kernel.money import yuan_text
from jiuyi.kernel.refusals import NotFound


@dataclass(frozen=True, slots=True)
class CheckedIn:
    """The ticket that a check-in gave; ``ahead`` counts the people before."""

    appointment_id: UUID
    ticket_id: UUID
    encounter_id: UUID
    label: str
    ahead: int
    late: bool


def find_voucher(*, actor: Actor, code: str, last_four: str) -> UUID:
    """The appointment of a booking voucher, with the last four of the ID number as second factor.

    One answer, ``no_such_voucher``, for an unknown code and for a wrong second factor. Source: §21 "two QR codes".
    """
    appointment = schedule.facts_appointment_by_voucher(code.strip().upper())
    if appointment is None:
        raise NoSuchVoucher
    access.require(actor, CHECK_IN, appointment.department_id)
    person = people.facts_person(appointment.person_id)
    if person.id_last_four and person.id_last_four.upper() != last_four.strip().upper():
        raise NoSuchVoucher
    return appointment.appointment_id


@transaction.atomic
def check_in(*, actor: Actor, now: datetime, appointment_id: UUID, payer_category: PayerCategory, credential: Credential) -> CheckedIn:
    """Give the arrived person a ticket; a second check-in gives the same ticket again.

    Late within the grace is called after those on time, later than that at the tail (rule AP-15); nobody is sent home.
    Refuses ``not_today``, ``fee_unpaid`` and what the appointment's state refuses.
    """
    appointment = schedule.facts_appointment(appointment_id)
    access.require(actor, CHECK_IN, appointment.department_id)
    known = queues.facts_ticket_of_appointment(appointment_id)
    if known is not None and appointment.status is AppointmentStatus.ARRIVED:
        return _again(appointment_id, known, now=now)
    if appointment.service_date != service_date(now):
        raise NotToday(day=appointment.service_date)
    _require_paid(appointment_id)
    arrival = scheduling.mark_arrived(actor=actor, now=now, appointment_id=appointment_id)
    ticket = queueing.check_in(
        actor=actor,
        now=now,
        queue_id=queues.queue_of_department(appointment.department_id).queue_id,
        person_id=appointment.person_id,
        appointment_id=appointment_id,
        practitioner_id=appointment.practitioner_id,
        window_start=appointment.window_start,
        window_end=appointment.window_end,
        category=TicketCategory.BOOKED,
        late=arrival.late,
    )
    encounter_id = encounters.register_encounter(
        actor=actor,
        now=now,
        person_id=appointment.person_id,
        appointment_id=appointment_id,
        ticket_id=ticket.ticket_id,
        organization_id=appointment.organization_id,
        department_id=appointment.department_id,
        practitioner_id=appointment.practitioner_id,
        payer_category=payer_category,
        credential=credential,
    )
    return CheckedIn(
        appointment_id=appointment_id,
        ticket_id=ticket.ticket_id,
        encounter_id=encounter_id,
        label=ticket.label,
        ahead=queues.people_ahead(ticket.ticket_id, now=now),
        late=arrival.late,
    )


def _again(appointment_id: UUID, ticket: TicketFacts, *, now: datetime) -> CheckedIn:
    encounter = visits.facts_encounter_of_appointment(appointment_id)
    if encounter is None:
        raise NotFound
    return CheckedIn(
        appointment_id=appointment_id,
        ticket_id=ticket.ticket_id,
        encounter_id=encounter.encounter_id,
        label=ticket.label,
        ahead=queues.people_ahead(ticket.ticket_id, now=now),
        late=ticket.late,
    )


def _require_paid(appointment_id: UUID) -> None:
    owed = sum(
        charge.amount_fen
        for charge in bills.facts_charges(source_kind=APPOINTMENT, source_ids=[appointment_id])
        if charge.status is ChargeStatus.UNPAID
    )
    if owed:
        raise FeeUnpaid(amount=yuan_text(owed))

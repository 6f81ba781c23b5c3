"""Arriving: appointment → arrived, a ticket in the queue and the visit's header, in one transaction."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction

from jiuyi.domains.billing import actions as billing
from jiuyi.domains.billing import queries as bills
from jiuyi.domains.billing.words import ChargeKind, ChargeStatus, FreeReturn
from jiuyi.domains.encounters import actions as encounters
from jiuyi.domains.encounters import queries as visits
from jiuyi.domains.encounters.words import EncounterStatus, PayerCategory
from jiuyi.domains.identity import queries as people
from jiuyi.domains.identity.words import Credential
from jiuyi.domains.queueing import actions as queueing
from jiuyi.domains.queueing import queries as queues
from jiuyi.domains.queueing.queries import TicketFacts
from jiuyi.domains.queueing.words import CHECK_IN, TicketCategory
from jiuyi.domains.scheduling import actions as scheduling
from jiuyi.domains.scheduling import queries as schedule
from jiuyi.domains.scheduling.queries import changes
from jiuyi.domains.scheduling.words import AppointmentStatus, SessionStopped
from jiuyi.foundation import access, rulebook
from jiuyi.foundation.access import Actor
from jiuyi.journeys import absent_fees, booking
from jiuyi.journeys.booking import APPOINTMENT
from jiuyi.journeys.return_rules import is_covered
from jiuyi.journeys.words import FeeUnpaid, NoSuchVoucher, NotToday, NoVisitToReturnTo
from jiuyi.kernel.clock import service_date
from jiuyi.kernel.money import yuan_text
from jiuyi.kernel.refusals import NotFound

RETURN_VISIT = "return_visit"  # the source kind of a waived fee


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


def check_in(*, actor: Actor, now: datetime, appointment_id: UUID, payer_category: PayerCategory, credential: Credential) -> CheckedIn:
    """Give the arrived person a ticket; a second check-in gives the same ticket again.

    Late within the grace is called after those on time, later than that at the tail (rule AP-15); nobody is sent home.
    Refuses ``not_today``, ``fee_unpaid``, ``scheduling.session_stopped`` (the person chooses first), and what the state refuses.
    """
    access.require(actor, CHECK_IN, schedule.facts_appointment(appointment_id).department_id)
    # Each in a transaction of its own: the refusal "pay first" must not take the charge away with it.
    booking.charge_claimed(appointment_id=appointment_id, now=now)
    absent_fees.owe_again(actor=actor, now=now, appointment_id=appointment_id)
    return _check_in(actor=actor, now=now, appointment_id=appointment_id, payer_category=payer_category, credential=credential)


@transaction.atomic
def _check_in(*, actor: Actor, now: datetime, appointment_id: UUID, payer_category: PayerCategory, credential: Credential) -> CheckedIn:
    appointment = schedule.facts_appointment(appointment_id)
    access.require(actor, CHECK_IN, appointment.department_id)
    known = queues.facts_ticket_of_appointment(appointment_id)
    if known is not None and appointment.status is AppointmentStatus.ARRIVED:
        return _again(appointment_id, known, now=now)
    if appointment.service_date != service_date(now):
        raise NotToday(day=appointment.service_date)
    if changes.stopped_sessions([appointment.session_id]):
        raise SessionStopped
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


@dataclass(frozen=True, slots=True)
class Returned:
    """The ticket of somebody who comes back within the days that the first registration covers; nothing is to be paid."""

    encounter_id: UUID
    parent_id: UUID
    ticket_id: UUID
    label: str
    ahead: int


def visit_to_return_to(
    *, person_id: UUID, department_id: UUID, practitioner_id: UUID | None = None, now: datetime
) -> visits.EncounterFacts | None:
    """The newest finished visit of the person in the department that still covers today (to that doctor, if one is named)."""
    days = rulebook.rule(FreeReturn, scope_id=department_id, at=now).parameters.days
    today = service_date(now)
    found = [
        each
        for back in range(days)
        for each in visits.facts_encounters_of_person(people.same_person_ids(person_id), today - timedelta(days=back))
        if each.status is EncounterStatus.FINISHED
        and each.department_id == department_id
        and practitioner_id in {None, each.practitioner_id}
        and is_covered(_first_day(each), today, days=days)
    ]
    return next(iter(found), None)


def visits_to_return_to(*, person_id: UUID, organization_id: UUID, now: datetime) -> list[visits.EncounterFacts]:
    """The visits at an institution that still cover today, the newest of each department and doctor."""
    ids = people.same_person_ids(person_id)
    days = rulebook.rule(FreeReturn, scope_id=organization_id, at=now).parameters.days
    found: dict[tuple[UUID, UUID | None], visits.EncounterFacts] = {}
    for back in range(days):
        for each in visits.facts_encounters_of_person(ids, service_date(now) - timedelta(days=back)):
            key = (each.department_id, each.practitioner_id)
            if each.organization_id != organization_id or each.practitioner_id is None or key in found:
                continue
            covering = visit_to_return_to(
                person_id=person_id, department_id=each.department_id, practitioner_id=each.practitioner_id, now=now
            )
            if covering is not None:
                found[key] = covering
    return list(found.values())


def _first_day(visit: visits.EncounterFacts) -> date:
    """The day of the visit that was paid for: a return covers no further days of its own."""
    while visit.parent_id is not None:
        visit = visits.facts_encounter(visit.parent_id)
    return visit.service_date


@transaction.atomic
def register_return(
    *,
    actor: Actor,
    now: datetime,
    person_id: UUID,
    department_id: UUID,
    payer_category: PayerCategory,
    credential: Credential,
    practitioner_id: UUID | None = None,
) -> Returned:
    """Let somebody who was seen lately back into the doctor's line without a place; the same again gives the same ticket.

    Fee 0, with the rule on the bill and the first visit cited; day 1 is the day of that visit, the last day counts until 24:00.
    Refuses ``no_visit_to_return_to``, and ``not_allowed`` for whoever may not check in there. Source: rule F3-1, §21; C17.
    """
    access.require(actor, CHECK_IN, department_id)
    rule = rulebook.rule(FreeReturn, scope_id=department_id, at=now)
    parent = visit_to_return_to(person_id=person_id, department_id=department_id, practitioner_id=practitioner_id, now=now)
    if parent is None:
        raise NoVisitToReturnTo(days=rule.parameters.days)
    ticket = queueing.check_in(
        actor=actor,
        now=now,
        queue_id=queues.queue_of_department(department_id).queue_id,
        person_id=parent.person_id,
        appointment_id=None,
        practitioner_id=parent.practitioner_id,
        category=TicketCategory.RETURNED,
    )
    encounter_id = encounters.register_encounter(
        actor=actor,
        now=now,
        person_id=parent.person_id,
        ticket_id=ticket.ticket_id,
        organization_id=parent.organization_id,
        department_id=department_id,
        practitioner_id=parent.practitioner_id,
        parent_id=parent.encounter_id,
        payer_category=payer_category,
        credential=credential,
    )
    billing.add_charge(
        actor=actor,
        now=now,
        person_id=parent.person_id,
        organization_id=parent.organization_id,
        source_kind=RETURN_VISIT,
        source_id=encounter_id,
        kind=ChargeKind.REGISTRATION,
        description=rule.parameters.title,
        quantity=1,
        unit_price_fen=0,
        rule=rule.reference,
        waived_code=rule.parameters.rule_id,
    )
    return Returned(
        encounter_id=encounter_id,
        parent_id=parent.encounter_id,
        ticket_id=ticket.ticket_id,
        label=ticket.label,
        ahead=queues.people_ahead(ticket.ticket_id, now=now),
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

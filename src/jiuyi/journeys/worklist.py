"""The patient's worklist: one person's next steps, asked of all departments, answered by one rule (``worklist_rules``).

The phone, the desk, the printed slip and the doctor's room show this same answer.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from jiuyi.domains.billing import queries as bills
from jiuyi.domains.billing.words import ChargeStatus
from jiuyi.domains.encounters import queries as encounters
from jiuyi.domains.encounters.words import OrderKind, OrderStatus
from jiuyi.domains.identity import queries as people
from jiuyi.domains.identity.words import LinkLevel
from jiuyi.domains.organizations import queries as organizations
from jiuyi.domains.organizations.queries import DepartmentFacts
from jiuyi.domains.organizations.words import RoomKind
from jiuyi.domains.queueing import queries as queues
from jiuyi.domains.scheduling import queries as schedule
from jiuyi.domains.scheduling.queries import AppointmentFacts, changes, waiting
from jiuyi.domains.scheduling.queries.changes import NoticeFacts
from jiuyi.domains.scheduling.words import OPEN_STATES
from jiuyi.foundation.access import Actor, ActorKind
from jiuyi.journeys.booking import APPOINTMENT
from jiuyi.journeys.paying import MEDICATION_REQUEST, SERVICE_REQUEST
from jiuyi.journeys.worklist_rules import AppointmentFact, ChangeFact, Facts, OrderFact, Place, Step, TicketFact, next_steps
from jiuyi.kernel.clock import service_date
from jiuyi.kernel.refusals import NotFound


def steps_of(*, actor: Actor, person_id: UUID, now: datetime) -> list[Step]:
    """What the person has to do next, the next step first; empty when nothing is left.

    A patient's account with a claimed link sees only what it did itself (its bookings and their tickets), never orders.
    Refuses ``not_found`` for an account without a link. Staff call it at desks where they serve the person.
    """
    whole, own_account = _reach(actor, person_id)
    today = service_date(now)
    appointments = [
        each
        for each in schedule.facts_appointments_of_person(list(people.same_person_ids(person_id)), from_=today)
        if each.status in OPEN_STATES and (whole or each.account_id == own_account)
    ]
    tickets = queues.live_tickets_of_person(person_id, now=now)
    if not whole:  # by the appointment itself, not by those of today: after midnight yesterday's line goes on
        own = schedule.facts_appointments([each.appointment_id for each in tickets if each.appointment_id])
        shown = {each.appointment_id for each in own if each.account_id == own_account}
        tickets = [each for each in tickets if each.appointment_id in shown]
    facts = Facts(
        appointments=_appointment_facts(appointments),
        tickets=[
            TicketFact(
                ticket_id=each.ticket_id,
                label=each.label,
                state=each.status,
                place=_place(each.department_id, each.room_id),
                ahead=queues.people_ahead(each.ticket_id, now=now),
                appointment_id=each.appointment_id,
            )
            for each in tickets
        ],
        orders=_order_facts(person_id) if whole else (),
    )
    return next_steps(facts, now=now)


def _reach(actor: Actor, person_id: UUID) -> tuple[bool, UUID | None]:
    if actor.kind is not ActorKind.PATIENT:
        return True, None
    level = people.facts_link(actor.id, person_id)
    if level is None:
        raise NotFound
    return level is LinkLevel.VERIFIED, actor.id


def _appointment_facts(found: Sequence[AppointmentFacts]) -> list[AppointmentFact]:
    charges = bills.facts_charges(source_kind=APPOINTMENT, source_ids=[each.appointment_id for each in found])
    owed = {charge.source_id: charge for charge in charges if charge.status is ChargeStatus.UNPAID}
    charged = {charge.source_id for charge in charges}  # what the gate gave a moment ago is not, and is owed all the same
    doctors = organizations.facts_practitioners({each.practitioner_id for each in found})
    departments = organizations.facts_departments({each.department_id for each in found})
    notices = changes.newest_notices([each.appointment_id for each in found])
    offers = waiting.facts_open_offers([each.appointment_id for each in found])
    return [
        AppointmentFact(
            appointment_id=each.appointment_id,
            state=each.status,
            window_start=each.window_start,
            window_end=each.window_end,
            place=_place(each.department_id, each.room_id),
            doctor=doctors[each.practitioner_id].name,
            department=departments[each.department_id].name,
            fee_fen=each.fee_fen,
            paid=each.appointment_id not in owed and (not each.fee_fen or each.appointment_id in charged),
            held_until=each.held_until,
            change=_change(notices.get(each.appointment_id)),
            offer_id=offers.get(each.appointment_id),
        )
        for each in found
    ]


def _change(notice: NoticeFacts | None) -> ChangeFact | None:
    """A change that the person has to see: a stop until they have chosen, anything else until they are known to know."""
    if notice is None or not notice.is_open:
        return None
    if notice.waits_for_choice:
        return ChangeFact(stopped=True, choose_until=changes.choose_until(notice))
    return ChangeFact(stopped=False) if notice.known_at is None else None


def _order_facts(person_id: UUID) -> list[OrderFact]:
    found = encounters.facts_orders_of_person(people.same_person_ids(person_id), (OrderStatus.ACTIVE, OrderStatus.RELEASED))
    ids = [each.order_id for each in found]
    charges = {
        charge.source_id: charge
        for kind in (SERVICE_REQUEST, MEDICATION_REQUEST)
        for charge in bills.facts_charges(source_kind=kind, source_ids=ids)
    }
    result = []
    institutions = {each.encounter_id: encounters.facts_encounter(each.encounter_id).organization_id for each in found}
    for each in found:
        charge = charges.get(each.order_id)
        is_drug = each.kind is OrderKind.DRUG
        paid = each.status is OrderStatus.RELEASED
        result.append(
            OrderFact(
                order_id=each.order_id,
                encounter_id=each.encounter_id,
                is_drug=is_drug,
                name=each.name,
                place=_place_of_kind(institutions[each.encounter_id], RoomKind.PHARMACY if is_drug else RoomKind.LABORATORY),
                paid=paid,
                cost_fen=charge.amount_fen if charge and not paid else 0,
            )
        )
    return result


def _place(department_id: UUID, room_id: UUID | None) -> Place:
    department = organizations.department(department_id)
    room = organizations.room(room_id) if room_id else None
    return Place(
        name=_name_of(department, room.place_text if room else ""),
        directions=(room.directions if room else "") or department.directions,
        institution=department.organization_name,
    )


def _name_of(department: DepartmentFacts, room_text: str) -> str:
    return f"{department.name} {room_text or department.location}".strip()


def _place_of_kind(organization_id: UUID, kind: RoomKind) -> Place:
    institution = organizations.organization(organization_id).name
    room = next((each for each in organizations.rooms(organization_id) if each.kind is kind), None)
    if room is None:
        return Place(name=kind.label, institution=institution)
    return Place(name=f"{room.name} {room.place_text}", directions=room.directions, institution=institution)

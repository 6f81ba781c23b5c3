"""The doctor's room: ticket, visit, appointment and bill move together or not at all."""

import pytest

from jiuyi.domains.billing import actions as billing
from jiuyi.domains.billing import queries as bills
from jiuyi.domains.billing.words import ChargeKind, ChargeStatus, RefundReason
from jiuyi.domains.encounters import queries as visits
from jiuyi.domains.encounters.words import CannotFinish, EncounterStatus, OrderStatus
from jiuyi.domains.queueing import queries as queues
from jiuyi.domains.queueing.words import TicketStatus
from jiuyi.domains.scheduling.words import AppointmentStatus
from jiuyi.journeys import consulting
from jiuyi.journeys.paying import MEDICATION_REQUEST, SERVICE_REQUEST
from jiuyi.journeys.words import NotOurPatient
from jiuyi.kernel.refusals import NotAllowed
from tests.factories import clinic_day, rooms
from tests.factories.clinic_day import DRUG_FEN, LAB_FEN, OPENS, charge_of, status_of, status_of_order

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("lists")]


@pytest.fixture
def checked_in(day):
    """Somebody waits."""
    return clinic_day.checks_in(day, clinic_day.paid_booking(day))


@pytest.fixture
def encounter_id(day, checked_in):
    """Somebody is in the room."""
    return clinic_day.enters(day, checked_in)


def test_a_visit_begins_when_the_called_person_is_in_the_room(day, checked_in):
    encounter_id = clinic_day.enters(day, checked_in)

    assert encounter_id == checked_in.encounter_id
    assert visits.facts_encounter(encounter_id).status is EncounterStatus.IN_PROGRESS
    assert queues.facts_ticket(checked_in.ticket_id).status is TicketStatus.IN_ROOM


def test_nobody_is_called_when_nobody_waits(day):
    assert consulting.call_next(actor=day.room.doctor, now=OPENS, queue_id=day.room.queue_id, room_id=day.room.room_id) is None


@pytest.mark.parametrize(("_case", "refusal"), [("another doctor's patient", NotOurPatient), ("a clerk", NotAllowed)])
def test_only_the_calling_doctor_begins_the_visit(day, checked_in, _case, refusal):
    consulting.call_next(actor=day.room.doctor, now=OPENS, queue_id=day.room.queue_id, room_id=day.room.room_id)
    actor = day.room.clerk if refusal is NotAllowed else rooms.colleague(day.room)[1]

    with pytest.raises(refusal):
        consulting.start(actor=actor, now=OPENS, ticket_id=checked_in.ticket_id)

    assert queues.facts_ticket(checked_in.ticket_id).status is TicketStatus.CALLED
    assert visits.facts_encounter(checked_in.encounter_id).status is EncounterStatus.ARRIVED


def test_not_this_person_takes_everything_back(day, checked_in, encounter_id):
    lab_id = consulting.order_lab(actor=day.room.doctor, now=OPENS, encounter_id=encounter_id, code=clinic_day.LAB)

    consulting.not_this_person(actor=day.room.doctor, now=OPENS, encounter_id=encounter_id)

    assert visits.facts_encounter(encounter_id).status is EncounterStatus.ARRIVED
    assert queues.facts_ticket(checked_in.ticket_id).status is not TicketStatus.IN_ROOM
    assert charge_of(lab_id, kind=SERVICE_REQUEST).status is ChargeStatus.CANCELLED


@pytest.mark.catalogue("C21", part="an order is on the bill the moment it is written")
def test_orders_and_their_prices_come_together(day, encounter_id):
    clinic_day.diagnoses(day, encounter_id)

    lab_id, drug_id = clinic_day.orders(day, encounter_id)

    assert charge_of(lab_id, kind=SERVICE_REQUEST).amount_fen == LAB_FEN
    assert charge_of(drug_id, kind=MEDICATION_REQUEST).amount_fen == 2 * DRUG_FEN
    assert {status_of_order(lab_id), status_of_order(drug_id)} == {OrderStatus.ACTIVE}


def test_what_is_free_of_charge_is_released_at_once(day, encounter_id):
    price(clinic_day.DRUG, 0, OPENS, hospital_id=day.hospital_id)
    clinic_day.diagnoses(day, encounter_id)

    lab_id, drug_id = clinic_day.orders(day, encounter_id)

    assert (status_of_order(lab_id), status_of_order(drug_id)) == (OrderStatus.ACTIVE, OrderStatus.RELEASED)
    assert charge_of(drug_id, kind=MEDICATION_REQUEST).status is ChargeStatus.PAID


def price(code, fen, since, *, hospital_id):
    """The hospital's own price."""
    billing.add_price(code=code, name=code, kind=ChargeKind.DRUG, unit_price_fen=fen, valid_from=since, organization_id=hospital_id)


@pytest.mark.parametrize(
    ("_case", "paid", "status", "refunds"),
    [
        ("not yet paid: taken off the bill", False, ChargeStatus.CANCELLED, []),
        ("paid: the money goes back", True, ChargeStatus.REFUNDED, [(LAB_FEN, RefundReason.NOT_DONE)]),
    ],
)
def test_taking_an_order_back_takes_its_price_back(day, encounter_id, _case, paid, status, refunds):
    lab_id = consulting.order_lab(actor=day.room.doctor, now=OPENS, encounter_id=encounter_id, code=clinic_day.LAB)
    charge_id = charge_of(lab_id, kind=SERVICE_REQUEST).charge_id
    if paid:
        clinic_day.arrives(clinic_day.begin_payment(day, [charge_id], now=OPENS), reference="B1", now=OPENS)

    consulting.revoke_order(actor=day.room.doctor, now=OPENS, order_id=lab_id, reason="不需要了")

    assert (status_of_order(lab_id), charge_of(lab_id, kind=SERVICE_REQUEST).status) == (OrderStatus.REVOKED, status)
    assert [(each.amount_fen, each.reason) for each in bills.facts_refunds([charge_id])] == refunds


def test_finishing_ends_ticket_visit_and_appointment(day, checked_in, encounter_id):
    clinic_day.diagnoses(day, encounter_id)

    consulting.finish(actor=day.room.doctor, now=OPENS, encounter_id=encounter_id)

    assert visits.facts_encounter(encounter_id).status is EncounterStatus.FINISHED
    assert queues.facts_ticket(checked_in.ticket_id).status is TicketStatus.DONE
    assert status_of(checked_in.appointment_id) is AppointmentStatus.FULFILLED


def test_a_visit_without_a_signed_note_does_not_finish(day, checked_in, encounter_id):
    with pytest.raises(CannotFinish):
        consulting.finish(actor=day.room.doctor, now=OPENS, encounter_id=encounter_id)

    assert visits.facts_encounter(encounter_id).status is EncounterStatus.IN_PROGRESS
    assert queues.facts_ticket(checked_in.ticket_id).status is TicketStatus.IN_ROOM
    assert status_of(checked_in.appointment_id) is AppointmentStatus.ARRIVED

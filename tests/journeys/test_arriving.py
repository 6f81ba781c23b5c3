"""Arriving: appointment, ticket and visit move together; a second time gives the same ticket."""

from datetime import timedelta

import pytest

from jiuyi.domains.encounters import queries as visits
from jiuyi.domains.encounters.words import EncounterStatus
from jiuyi.domains.organizations.words import StaffRole
from jiuyi.domains.queueing import actions as queueing
from jiuyi.domains.queueing import queries as queues
from jiuyi.domains.scheduling import queries as schedule
from jiuyi.domains.scheduling.words import AppointmentStatus, CancelReason, WrongStatus
from jiuyi.journeys import arriving, booking
from jiuyi.journeys.words import FeeUnpaid, NoSuchVoucher, NotToday
from jiuyi.kernel.refusals import NotAllowed
from tests.factories import clinic_day, institutions
from tests.factories.clinic_day import MINUTE, NOW, OPENS, TOMORROW, status_of

pytestmark = pytest.mark.django_db


@pytest.mark.catalogue("C30", part="check-in gives a ticket and the people ahead; late arrivals keep a place behind those on time")
@pytest.mark.parametrize(
    ("_case", "when", "late"),
    [
        ("an hour early", NOW, False),
        ("at the beginning of the window", OPENS, False),
        ("when the window ends", OPENS + 15 * MINUTE, True),
        ("long after, and still not sent home", OPENS + timedelta(hours=2), True),
    ],
)
def test_arriving_gives_a_ticket_and_begins_a_visit(day, _case, when, late):
    appointment_id = clinic_day.paid_booking(day)

    checked_in = clinic_day.checks_in(day, appointment_id, now=when)

    assert (checked_in.late, checked_in.ahead, checked_in.label[:1]) == (late, 0, "A")
    assert status_of(appointment_id) is AppointmentStatus.ARRIVED
    assert visits.facts_encounter(checked_in.encounter_id).status is EncounterStatus.ARRIVED
    assert queues.facts_ticket(checked_in.ticket_id).appointment_id == appointment_id


def test_arriving_twice_gives_the_same_ticket(day):
    appointment_id = clinic_day.paid_booking(day)

    first = clinic_day.checks_in(day, appointment_id)
    second = clinic_day.checks_in(day, appointment_id, now=OPENS + 5 * MINUTE)

    assert (first.ticket_id, first.encounter_id, first.label) == (second.ticket_id, second.encounter_id, second.label)
    assert len(queues.live_tickets_of_person(day.person_id, now=OPENS)) == 1


def test_whoever_left_the_line_and_comes_back_is_called_by_the_new_ticket(day):
    appointment_id = clinic_day.paid_booking(day)
    first = clinic_day.checks_in(day, appointment_id)
    queueing.leave(actor=day.room.clerk, now=OPENS, ticket_id=first.ticket_id)

    second = clinic_day.checks_in(day, appointment_id, now=OPENS + MINUTE)

    assert (second.ticket_id != first.ticket_id, second.encounter_id) == (True, first.encounter_id)
    assert clinic_day.enters(day, second, now=OPENS + MINUTE) == first.encounter_id


@pytest.mark.parametrize(
    ("_case", "refusal"),
    [
        ("on another day", NotToday),
        ("before the fee is paid", FeeUnpaid),
        ("after it was given back", WrongStatus),
        ("at a desk without the permission", NotAllowed),
    ],
)
def test_who_cannot_check_in_gets_no_ticket(day, _case, refusal):
    tomorrow = _case == "on another day"
    if _case == "before the fee is paid":
        appointment_id = clinic_day.book(day, window_start=OPENS).appointment_id
    else:
        appointment_id = clinic_day.paid_booking(day, window_start=TOMORROW if tomorrow else OPENS)
    if _case == "after it was given back":
        booking.cancel(actor=day.account, now=NOW, appointment_id=appointment_id, reason=CancelReason.OTHER)
    before = status_of(appointment_id)
    actor = institutions.staff_actor(StaffRole.PHARMACIST, day.hospital_id) if refusal is NotAllowed else day.room.clerk

    with pytest.raises(refusal):
        arriving.check_in(
            actor=actor,
            now=OPENS,
            appointment_id=appointment_id,
            payer_category=clinic_day.PayerCategory.RESIDENT,
            credential=clinic_day.Credential.ID_CARD,
        )

    assert status_of(appointment_id) is before
    assert queues.facts_ticket_of_appointment(appointment_id) is None
    assert visits.facts_encounter_of_appointment(appointment_id) is None


def test_the_voucher_finds_the_booking_with_the_last_four(day):
    appointment_id = clinic_day.paid_booking(day)
    voucher = schedule.facts_appointment(appointment_id).voucher

    found = arriving.find_voucher(actor=day.room.clerk, code=f" {voucher.lower()} ", last_four="1221")

    assert found == appointment_id


@pytest.mark.parametrize(
    ("_case", "code", "last_four"),
    [("a code nobody knows", "ZZZZZZZZZZZZ", "1221"), ("the wrong last four", None, "0000"), ("none", None, "")],
)
def test_a_wrong_voucher_and_a_wrong_second_factor_get_one_answer(day, _case, code, last_four):
    appointment_id = clinic_day.paid_booking(day)
    voucher = code or schedule.facts_appointment(appointment_id).voucher

    with pytest.raises(NoSuchVoucher):
        arriving.find_voucher(actor=day.room.clerk, code=voucher, last_four=last_four)

    assert status_of(appointment_id) is AppointmentStatus.BOOKED

"""分诊转科 and 一号管三天: the wrong department, and whoever comes back within the days that are covered."""

from datetime import timedelta

import pytest

from jiuyi.domains.billing import queries as bills
from jiuyi.domains.billing.words import ChargeStatus
from jiuyi.domains.encounters import queries as visits
from jiuyi.domains.encounters.models import Encounter
from jiuyi.domains.encounters.words import EncounterMoved, EncounterStatus, PayerCategory
from jiuyi.domains.identity.words import Credential
from jiuyi.domains.organizations import actions as organizations
from jiuyi.domains.organizations.words import DepartmentCategory
from jiuyi.domains.queueing import actions as queueing
from jiuyi.domains.queueing import queries as queues
from jiuyi.domains.queueing.words import TicketCategory, TicketStatus
from jiuyi.domains.scheduling import models, queries
from jiuyi.domains.scheduling.words import AppointmentStatus, KeyConflict
from jiuyi.foundation.access import SYSTEM
from jiuyi.journeys import arriving, booking, consulting, transferring
from jiuyi.journeys.words import NoClinicNow, NotToday, NoVisitToReturnTo
from jiuyi.kernel.ids import new_id
from jiuyi.kernel.refusals import NotAllowed
from tests.factories import clinic_day, institutions, schedules
from tests.factories.clinic_day import OPENS, TOMORROW
from tests.factories.rooms import NOW

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def day(db):
    return clinic_day.clinic_day()


@pytest.fixture
def eyes(day):
    """The right department: one window, sold out."""
    hospital = day.hospital_id
    department = organizations.add_department(
        actor=SYSTEM, now=NOW, organization_id=hospital, name="眼科", code="0901", category=DepartmentCategory.SURGERY
    )
    queueing.open_queue(actor=SYSTEM, now=NOW, organization_id=hospital, department_id=department, name="眼科候诊", prefix="Y")
    where = schedules.Clinic(hospital, department, None, institutions.add_doctor(hospital, department, name="陈医生"))
    session = schedules.session(where, starts_at=OPENS, minutes=60, visible_at=NOW - DAY, now=NOW - 2 * DAY)
    return department, session


def sell_out(day, session_id):
    people = [clinic_day.rooms.somebody(day.room, f"钱{chr(0x4E00 + 300 + number)}") for number in range(4)]
    for number, person in enumerate(people):
        schedules.book(
            session_id,
            person,
            window_start=OPENS + number * timedelta(minutes=15),
            actor=day.room.clerk,
            channel=schedules.BookingChannel.WINDOW,
            now=NOW,
        )


def transfer(day, appointment_id, department_id, *, actor=None, now=OPENS, key=None):
    return transferring.transfer(
        actor=actor or day.room.clerk, now=now, appointment_id=appointment_id, department_id=department_id, idempotency_key=key or new_id()
    )


@pytest.mark.catalogue("C7", part="wrong department: seen even if sold out, the fee moves, no limit hit")
@pytest.mark.parametrize("who", ["clerk", "doctor"])
def test_sent_on_with_place_fee_ticket_and_visit_even_if_sold_out(day, eyes, who):
    department_id, session_id = eyes
    sell_out(day, session_id)
    booked = clinic_day.paid_booking(day)
    checked_in = clinic_day.checks_in(day, booked)
    before = [(each.charge_id, each.status) for each in bills.facts_charges(source_kind=booking.APPOINTMENT, source_ids=[booked])]
    done = transfer(day, booked, department_id, actor=getattr(day.room, who))
    facts = queries.facts_appointment(booked)
    assert (facts.department_id, facts.session_id, facts.status) == (department_id, session_id, AppointmentStatus.ARRIVED)
    row = models.Appointment.objects.get(pk=booked)
    assert (row.counts_to_limits, models.Place.objects.get(pk=row.place_id).extra) == (False, True)
    assert [(each.charge_id, each.status) for each in bills.facts_charges(source_kind=booking.APPOINTMENT, source_ids=[booked])] == before
    assert (done.owed_fen, done.refunded_fen) == (0, 0)
    assert queues.facts_ticket(checked_in.ticket_id).status is TicketStatus.LEFT
    ticket = queues.facts_ticket_of_appointment(booked)
    assert (ticket.label, ticket.status) == (done.ticket_label, TicketStatus.WAITING)
    visit = visits.facts_encounter(checked_in.encounter_id)
    assert (visit.department_id, visit.ticket_id, visit.status) == (department_id, ticket.ticket_id, EncounterStatus.ARRIVED)
    assert queries.count_place_difference() == 0


def test_a_free_place_is_taken_before_an_extra_one(day, eyes):
    department_id, session_id = eyes
    booked = clinic_day.paid_booking(day)
    done = transfer(day, booked, department_id)
    assert done.ticket_label == ""  # not checked in yet: the ticket comes at the right desk
    assert not models.Place.objects.get(pk=queries.facts_appointment(booked).place_id).extra
    assert queries.facts_appointment(booked).session_id == session_id


def test_the_same_press_again_gives_the_same_ticket(day, eyes):
    booked, key = clinic_day.paid_booking(day), new_id()
    clinic_day.checks_in(day, booked)
    first = transfer(day, booked, eyes[0], key=key)
    assert transfer(day, booked, eyes[0], key=key) == first
    assert models.AppointmentMove.objects.count() == 1


def test_pressed_again_a_window_later_it_is_still_the_same_answer(day, eyes):
    booked, key = clinic_day.paid_booking(day), new_id()
    clinic_day.checks_in(day, booked)
    first = transfer(day, booked, eyes[0], key=key)
    assert transfer(day, booked, eyes[0], key=key, now=OPENS + timedelta(minutes=20)).ticket_label == first.ticket_label
    other = clinic_day.paid_booking(day, person_id=day.mother_id, window_start=OPENS + timedelta(minutes=15))
    with pytest.raises(KeyConflict):
        transfer(day, other, eyes[0], key=key)
    assert models.AppointmentMove.objects.count() == 1


def test_what_stands_against_sending_on(day, eyes):
    department_id, _ = eyes
    empty = organizations.add_department(
        actor=SYSTEM, now=NOW, organization_id=day.hospital_id, name="皮肤科", code="0902", category=DepartmentCategory.SURGERY
    )
    today, tomorrow = clinic_day.paid_booking(day), clinic_day.book(day, person_id=day.mother_id, window_start=TOMORROW).appointment_id
    checked_in = clinic_day.checks_in(day, today)
    clinic_day.enters(day, checked_in)
    before = (queries.facts_appointment(today), queries.facts_appointment(tomorrow), visits.facts_encounter(checked_in.encounter_id))
    for refusal, appointment_id, target, actor in (
        (NotToday, tomorrow, department_id, None),
        (NoClinicNow, today, empty, None),
        (NotAllowed, today, department_id, day.account),
    ):
        with pytest.raises(refusal):
            transfer(day, appointment_id, target, actor=actor)
    with pytest.raises(Exception, match="moved"):  # the doctor has begun
        transfer(day, today, department_id)
    assert (
        queries.facts_appointment(today),
        queries.facts_appointment(tomorrow),
        visits.facts_encounter(checked_in.encounter_id),
    ) == before
    assert EncounterMoved is not None


# 一号管三天


@pytest.fixture
def seen(day, lists):
    """A visit of today that has ended."""
    booked = clinic_day.paid_booking(day)
    encounter_id = clinic_day.enters(day, clinic_day.checks_in(day, booked))
    clinic_day.diagnoses(day, encounter_id)
    consulting.finish(actor=day.room.doctor, now=OPENS, encounter_id=encounter_id)
    return encounter_id


def comes_back(day, now, **changes):
    values = {
        "actor": day.room.clerk,
        "now": now,
        "person_id": day.person_id,
        "department_id": day.room.department_id,
        "payer_category": PayerCategory.RESIDENT,
        "credential": Credential.ID_CARD,
    }
    return arriving.register_return(**{**values, **changes})


@pytest.mark.catalogue("C17", part="returnees of day 2 and 3 enter the queue without a place; fee 0 cites the rule and the parent visit")
@pytest.mark.parametrize("days", [0, 1, 2])
def test_within_three_days_the_line_is_open_without_a_place(day, seen, days):
    taken = models.Appointment.objects.count()
    midnight = (OPENS + days * DAY).replace(hour=15, minute=59, second=59)  # 23:59:59 here
    back = comes_back(day, midnight)
    assert back.parent_id == seen
    ticket = queues.facts_ticket(back.ticket_id)
    assert (ticket.category, ticket.appointment_id) == (TicketCategory.RETURNED, None)
    (charge,) = bills.facts_charges(source_kind=arriving.RETURN_VISIT, source_ids=[back.encounter_id])
    assert (charge.amount_fen, charge.waived_code, charge.status) == (0, "F3-1", ChargeStatus.PAID)
    assert visits.facts_encounter(back.encounter_id).parent_id == seen
    assert models.Appointment.objects.count() == taken
    assert comes_back(day, midnight) == back


def test_on_the_fourth_day_in_another_department_or_unseen_it_is_refused(day, seen, eyes):
    before = Encounter.objects.count()
    fourth = (OPENS + 3 * DAY).replace(hour=16, minute=0) - DAY  # 00:00 of the fourth day here
    for now, changes in (
        (fourth, {}),
        (OPENS + DAY, {"department_id": eyes[0]}),
        (OPENS + DAY, {"person_id": day.mother_id}),
        (OPENS + DAY, {"practitioner_id": new_id()}),
    ):
        with pytest.raises(NoVisitToReturnTo):
            comes_back(day, now, **changes)
    with pytest.raises(NotAllowed):
        comes_back(day, OPENS + DAY, actor=day.account)
    assert Encounter.objects.count() == before


def test_a_return_covers_no_days_of_its_own(day, seen):
    back = comes_back(day, OPENS + 2 * DAY)
    Encounter.objects.filter(pk=back.encounter_id).update(
        status=EncounterStatus.FINISHED, practitioner_id=day.room.practitioner_id, started_at=OPENS, finished_at=OPENS
    )
    queueing.leave(actor=day.room.clerk, now=OPENS + 2 * DAY, ticket_id=back.ticket_id)
    with pytest.raises(NoVisitToReturnTo):
        comes_back(day, OPENS + 3 * DAY)

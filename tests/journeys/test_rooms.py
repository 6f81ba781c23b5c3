"""From the doctor's room: five modes, each recorded; extra places with a fee to pay."""

from datetime import timedelta

import pytest

from jiuyi.domains.billing.words import ChargeStatus
from jiuyi.domains.organizations import actions as organizations
from jiuyi.domains.organizations.words import DepartmentCategory
from jiuyi.domains.scheduling import models, queries
from jiuyi.domains.scheduling.words import BookingMode, PlaceGone
from jiuyi.domains.scheduling.words.extras import ExtraReason
from jiuyi.foundation.access import SYSTEM
from jiuyi.journeys import rooms as from_room
from jiuyi.journeys.words import WrongMode
from jiuyi.kernel.ids import new_id
from jiuyi.kernel.refusals import NotAllowed
from tests.factories import clinic_day, institutions, rooms, schedules
from tests.factories.clinic_day import OPENS, TOMORROW
from tests.factories.rooms import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def day(db):
    return clinic_day.clinic_day()


@pytest.fixture
def encounter_id(day):
    return rooms.visit(day.room, day.person_id)


@pytest.fixture
def sessions(day):
    """One session tomorrow for each mode."""
    county = day.room.county
    colleague_id, _ = rooms.colleague(day.room)
    team = clinic_day.publish(day.room, TOMORROW, practitioner_id=colleague_id)
    other = organizations.add_department(
        actor=SYSTEM, now=NOW, organization_id=county.hospital_id, name="眼科", code="0901", category=DepartmentCategory.SURGERY
    )
    cross = _session(county.hospital_id, other)
    elsewhere = organizations.add_department(
        actor=SYSTEM, now=NOW, organization_id=county.township_id, name="全科", code="0101", category=DepartmentCategory.INTERNAL
    )
    return {
        BookingMode.RETURN: day.tomorrow_id,
        BookingMode.ROOM: day.tomorrow_id,
        BookingMode.TEAM: team,
        BookingMode.CROSS_DEPARTMENT: cross,
        BookingMode.CONSORTIUM: _session(county.township_id, elsewhere),
    }


def _session(organization_id, department_id):
    where = schedules.Clinic(organization_id, department_id, None, institutions.add_doctor(organization_id, department_id, name="陈医生"))
    return schedules.session(where, starts_at=TOMORROW, visible_at=NOW - timedelta(days=1), now=NOW - timedelta(days=2))


def book(day, encounter_id, session_id, mode, **changes):
    values = {
        "actor": day.room.doctor,
        "now": NOW,
        "encounter_id": encounter_id,
        "session_id": session_id,
        "window_start": TOMORROW,
        "mode": mode,
        "idempotency_key": new_id(),
    }
    return from_room.book_from_room(**{**values, **changes})


@pytest.mark.catalogue("C7", part="the mode is recorded, in the own or another institution")
@pytest.mark.parametrize("mode", from_room.MODES)
def test_each_mode_books_and_is_recorded(day, encounter_id, sessions, mode):
    booked = book(day, encounter_id, sessions[mode], mode)
    row = models.Appointment.objects.get(pk=booked.appointment_id)
    assert (row.mode, row.channel, row.session_id, row.person_id) == (mode, "room", sessions[mode], day.person_id)
    assert clinic_day.charge_of(booked.appointment_id).status is ChargeStatus.UNPAID


@pytest.mark.parametrize(
    ("session_of", "mode"),
    [
        (BookingMode.TEAM, BookingMode.RETURN),
        (BookingMode.CONSORTIUM, BookingMode.TEAM),
        (BookingMode.RETURN, BookingMode.CONSORTIUM),
        (BookingMode.RETURN, BookingMode.EXTRA),
        (BookingMode.RETURN, BookingMode.SELF),
    ],
)
def test_a_mode_that_is_not_true_is_refused(day, encounter_id, sessions, session_of, mode):
    with pytest.raises(WrongMode):
        book(day, encounter_id, sessions[session_of], mode)
    assert models.Appointment.objects.count() == 0


def test_who_does_not_treat_the_patient_does_not_book(day, encounter_id, sessions):
    with pytest.raises(NotAllowed):
        book(day, encounter_id, day.tomorrow_id, BookingMode.RETURN, actor=day.room.clerk)
    assert models.Appointment.objects.count() == 0


def test_a_full_window_refuses_with_others(day, encounter_id):
    clinic_day.book(day, person_id=day.mother_id, window_start=TOMORROW)
    with pytest.raises(PlaceGone) as refused:
        book(day, encounter_id, day.tomorrow_id, BookingMode.RETURN)
    assert refused.value.data["nearest"]


def test_an_extra_patient_gets_a_booking_to_pay(day):
    given = from_room.give_extra(
        actor=day.room.doctor,
        now=NOW,
        session_id=day.today_id,
        person_id=day.person_id,
        reason=ExtraReason.FAR_AWAY,
        urgent=False,
        idempotency_key=new_id(),
    )
    assert given.window_start == OPENS + timedelta(hours=1)
    assert clinic_day.charge_of(given.appointment_id).status is ChargeStatus.UNPAID
    assert queries.facts_appointment(given.appointment_id).fee_fen == clinic_day.charge_of(given.appointment_id).amount_fen

"""改约: the new place is taken before the old one is given back; a refused move leaves everything as it was."""

from datetime import timedelta

import pytest

from jiuyi.domains.organizations import actions as organizations
from jiuyi.domains.organizations.words import DepartmentCategory
from jiuyi.domains.scheduling import actions, models, queries
from jiuyi.domains.scheduling.actions.moving import move_appointment
from jiuyi.domains.scheduling.words import (
    AlreadyBookedThatDay,
    AppointmentStatus,
    BookingChannel,
    CancelReason,
    KeyConflict,
    MoveReason,
    NoSuchWindow,
    NotThatDay,
    NotYetVisible,
    NumberClass,
    Party,
    PlaceGone,
    Pool,
    SessionStopped,
    TooManyBookings,
    WindowPassed,
    WrongStatus,
)
from jiuyi.domains.scheduling.words.moving import MoveTooLate, NothingToMove
from jiuyi.foundation import journal
from jiuyi.foundation.access import SYSTEM
from jiuyi.kernel.ids import new_id
from jiuyi.kernel.refusals import NotFound
from tests.factories import schedules
from tests.factories.schedules import CLERK, NOW, OPENS, PATIENT

pytestmark = pytest.mark.django_db
QUARTER = timedelta(minutes=15)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


@pytest.fixture
def clinic(db):
    return schedules.clinic()


@pytest.fixture
def session_id(clinic):
    return schedules.session(clinic)


@pytest.fixture
def next_day_id(clinic):
    return schedules.session(clinic, starts_at=OPENS + DAY)


@pytest.fixture
def person_id(clinic):
    return schedules.person(clinic)


@pytest.fixture
def booked(session_id, person_id):
    return schedules.book(session_id, person_id)


@pytest.fixture(autouse=True)
def _places_agree_in_the_end(db):
    yield
    assert queries.count_place_difference() == 0


def move(appointment_id, session_id, window_start=OPENS + DAY, **changes):
    values = {
        "actor": PATIENT,
        "now": NOW,
        "appointment_id": appointment_id,
        "session_id": session_id,
        "window_start": window_start,
        "reason": MoveReason.PATIENT,
        "by": Party.PATIENT,
        "idempotency_key": new_id(),
    }
    return move_appointment(**{**values, **changes})


def state():
    """Everything a refused move could have touched."""
    return (
        list(models.Appointment.objects.order_by("pk").values()),
        list(models.Place.objects.order_by("pk").values_list("pk", "state")),
        models.AppointmentMove.objects.count(),
    )


def test_a_move_keeps_number_voucher_and_person_and_frees_the_old_place(clinic, session_id, next_day_id, booked, person_id):
    before = queries.facts_appointment(booked.appointment_id)
    moved = move(booked.appointment_id, next_day_id, OPENS + DAY + QUARTER)
    after = queries.facts_appointment(booked.appointment_id)
    assert (after.appointment_id, after.voucher, after.person_id) == (before.appointment_id, before.voucher, person_id)
    assert (after.session_id, after.window_start, after.place_id) == (next_day_id, OPENS + DAY + QUARTER, moved.to_place_id)
    assert after.service_date == before.service_date + DAY
    assert after.status is AppointmentStatus.BOOKED
    assert moved.from_place_id == before.place_id
    assert not moved.late
    assert models.Place.objects.get(pk=before.place_id).state == "free"
    (entry,) = [row for row in journal.entries_of_person(person_id) if row.name == "scheduling.AppointmentMoved"]
    assert entry.payload["from_place_id"] == str(before.place_id)
    assert entry.payload["to_place_id"] == str(moved.to_place_id)


def test_a_move_within_the_day_and_department_is_no_second_booking(booked, session_id):
    moved = move(booked.appointment_id, session_id, OPENS + QUARTER)
    assert queries.facts_appointment(booked.appointment_id).place_id == moved.to_place_id


def test_the_same_key_gives_the_same_answer_and_moves_once(booked, next_day_id):
    key = new_id()
    first = move(booked.appointment_id, next_day_id, idempotency_key=key)
    before = state()
    second = move(booked.appointment_id, next_day_id, idempotency_key=key)
    assert (second.move_id, second.to_place_id, second.repeated) == (first.move_id, first.to_place_id, True)
    with pytest.raises(KeyConflict):
        move(booked.appointment_id, next_day_id, OPENS + DAY + QUARTER, idempotency_key=key)
    assert state() == before


def test_a_full_window_refuses_with_the_nearest_free_ones_and_keeps_the_old_place(clinic, booked, next_day_id):
    schedules.book(next_day_id, schedules.person(clinic, name="王强"), window_start=OPENS + DAY)
    before = state()
    with pytest.raises(PlaceGone) as refused:
        move(booked.appointment_id, next_day_id)
    assert refused.value.data["nearest"][0].start == OPENS + DAY + QUARTER
    assert state() == before


def test_what_cannot_be_booked_cannot_be_moved_to(clinic, booked, session_id, next_day_id):
    unreleased = schedules.session(clinic, starts_at=OPENS + 2 * DAY, visible_at=NOW + HOUR)
    stopped = schedules.session(clinic, starts_at=OPENS + 3 * DAY)
    actions.stop_session(actor=SYSTEM, now=NOW, session_id=stopped)
    before = state()
    for refusal, target, window, now in (
        (NotYetVisible, unreleased, OPENS + 2 * DAY, NOW),
        (SessionStopped, stopped, OPENS + 3 * DAY, NOW),
        (NoSuchWindow, next_day_id, OPENS + DAY + timedelta(minutes=7), NOW),
        (NotFound, new_id(), OPENS, NOW),
        (NothingToMove, session_id, OPENS, NOW),
        (WindowPassed, session_id, OPENS, OPENS + QUARTER),
    ):
        late = queries.facts_appointment(booked.appointment_id)
        mover = booked.appointment_id
        if refusal is WindowPassed:
            mover = schedules.book(next_day_id, schedules.person(clinic, name="赵敏"), window_start=OPENS + DAY).appointment_id
            before = state()
        with pytest.raises(refusal):
            move(mover, target, window, now=now)
        assert state() == before, late


def test_one_booking_for_each_department_and_day(clinic, booked, next_day_id, person_id):
    schedules.book(next_day_id, person_id, window_start=OPENS + DAY, actor=CLERK, channel=BookingChannel.WINDOW)
    before = state()
    for by in (Party.PATIENT, Party.STAFF, Party.HOSPITAL):
        with pytest.raises((AlreadyBookedThatDay, TooManyBookings)) as refused:
            move(booked.appointment_id, next_day_id, OPENS + DAY + QUARTER, by=by)
        assert refused.value.data["conflicts"]
        assert state() == before


def test_the_limits_count_the_moved_booking_once(clinic, person_id):
    """Three on one day is the limit: one of them may move within the day, a fourth may not come in from another day."""
    days = [_session_elsewhere(clinic, number) for number in range(4)]
    three = [schedules.book(session_id, person_id, window_start=OPENS + number * HOUR) for number, session_id in enumerate(days[:3])]
    assert move(three[0].appointment_id, days[0], OPENS + QUARTER)
    later = schedules.session(clinic, starts_at=OPENS + 7 * DAY)
    fourth = schedules.book(later, person_id, window_start=OPENS + 7 * DAY)
    before = state()
    with pytest.raises(TooManyBookings) as refused:
        move(fourth.appointment_id, days[3], OPENS + 3 * HOUR)
    assert refused.value.data["conflicts"] == ["per_day"]
    assert state() == before
    assert move(fourth.appointment_id, days[3], OPENS + 3 * HOUR, actor=CLERK, by=Party.STAFF)


def _session_elsewhere(clinic, number):
    return schedules.session(
        clinic,
        starts_at=OPENS + number * HOUR,
        department_id=_department(clinic, number),
        practitioner_id=schedules.doctor(clinic.organization_id),
    )


def _department(clinic, number):
    return organizations.add_department(
        actor=SYSTEM,
        now=NOW,
        organization_id=clinic.organization_id,
        name=f"专科{number}",
        code=f"04{number}",
        category=DepartmentCategory.SURGERY,
    )


@pytest.mark.parametrize(
    ("_case", "now", "by", "late"),
    [
        ("exactly at the deadline", OPENS - timedelta(minutes=30), Party.PATIENT, False),
        ("one second after it", OPENS - timedelta(minutes=30) + timedelta(seconds=1), Party.PATIENT, True),
        ("the clerk moves it for the patient", OPENS - timedelta(minutes=29), Party.STAFF, True),
        ("the hospital's own cause is never late", OPENS - timedelta(minutes=29), Party.HOSPITAL, False),
        ("the hospital, after the window", OPENS + HOUR, Party.HOSPITAL, False),
    ],
)
def test_late_as_cancelling_is_late(_case, now, by, late, booked, next_day_id):
    assert move(booked.appointment_id, next_day_id, now=now, by=by).late is late
    assert models.AppointmentMove.objects.get().late is late


def test_after_the_window_only_the_hospital_moves(booked, next_day_id):
    before = state()
    with pytest.raises(MoveTooLate):
        move(booked.appointment_id, next_day_id, now=OPENS + QUARTER)
    assert state() == before


def test_an_unpaid_hold_a_cancelled_and_a_finished_one_are_not_moved(clinic, session_id, next_day_id):
    people = schedules.people(clinic, 2)
    held = schedules.book(session_id, people[0], held_until=NOW + QUARTER)
    gone = schedules.book(session_id, people[1], window_start=OPENS + QUARTER)
    actions.cancel_appointment(actor=PATIENT, now=NOW, appointment_id=gone.appointment_id, reason=CancelReason.OTHER)
    before = state()
    for appointment in (held, gone):
        for by in (Party.PATIENT, Party.STAFF, Party.HOSPITAL):
            with pytest.raises(WrongStatus):
                move(appointment.appointment_id, next_day_id, by=by)
    assert state() == before


def test_whoever_has_arrived_is_moved_by_the_hospital_within_the_day(clinic, booked, session_id, next_day_id):
    actions.mark_arrived(actor=CLERK, now=OPENS, appointment_id=booked.appointment_id)
    before = state()
    with pytest.raises(WrongStatus):
        move(booked.appointment_id, session_id, OPENS + QUARTER, now=OPENS)
    with pytest.raises(NotThatDay):
        move(booked.appointment_id, next_day_id, now=OPENS, by=Party.HOSPITAL, actor=CLERK)
    assert state() == before
    move(booked.appointment_id, session_id, OPENS + QUARTER, now=OPENS, by=Party.HOSPITAL, actor=CLERK)
    assert queries.facts_appointment(booked.appointment_id).status is AppointmentStatus.ARRIVED


def test_an_extra_place_is_made_beyond_the_capacity_and_leaves_with_its_holder(clinic, booked, next_day_id):
    for number, each in enumerate(schedules.people(clinic, 4)):
        schedules.book(next_day_id, each, window_start=OPENS + DAY + number * QUARTER)
    moved = move(booked.appointment_id, next_day_id, by=Party.HOSPITAL, actor=CLERK, extra=True)
    place = models.Place.objects.get(pk=moved.to_place_id)
    assert (place.pool, place.extra, place.state) == (Pool.EXTRA, True, "taken")
    assert models.ClinicSession.objects.get(pk=next_day_id).capacity == 4
    move(booked.appointment_id, moved.from_session_id, OPENS)
    place.refresh_from_db()
    assert place.state == "withdrawn"


def test_another_class_writes_down_the_settled_fee(clinic, booked):
    chief = schedules.session(clinic, starts_at=OPENS + DAY, number_class=NumberClass.CHIEF)
    move(booked.appointment_id, chief, fee_fen=3000, counts_to_limits=False)
    row = models.Appointment.objects.get(pk=booked.appointment_id)
    assert (row.fee_fen, row.counts_to_limits) == (3000, False)


def test_a_reserved_place_is_for_those_it_is_kept_for(clinic, booked):
    target = schedules.session(clinic, starts_at=OPENS + DAY)
    models.Place.objects.filter(session_id=target).update(pool=Pool.TOWNSHIP)
    before = state()
    with pytest.raises(NoSuchWindow):
        move(booked.appointment_id, target)
    assert state() == before
    assert move(booked.appointment_id, target, by=Party.STAFF, actor=CLERK, pools=(Pool.TOWNSHIP, Pool.PUBLIC))

"""Ten people in one van: each booked for itself, one conflict costs nobody else anything."""

from datetime import timedelta

import pytest

from jiuyi.domains.billing.words import ChargeStatus
from jiuyi.domains.scheduling import actions as scheduling
from jiuyi.domains.scheduling import queries as schedule
from jiuyi.domains.scheduling.actions import trips as actions
from jiuyi.domains.scheduling.queries import trips as queries
from jiuyi.domains.scheduling.words import AppointmentStatus, BookingChannel, CancelReason, Party, TripSeatState
from jiuyi.domains.scheduling.words.trips import AlreadyOnTrip, BadTrip, ConsentMissing, TripFull
from jiuyi.foundation.access import SYSTEM
from jiuyi.journeys import booking, trips
from jiuyi.kernel.ids import new_id
from jiuyi.kernel.refusals import NotAllowed, NotFound
from tests.factories import clinic_day, institutions
from tests.factories import trips as factory
from tests.factories.clinic_day import NOW, TOMORROW


@pytest.fixture
def home(day):
    """The village, and twelve windows at the hospital."""
    factory.enough_places(day)
    return factory.village(day)


def booked_in(trip_id):
    return [each for each in queries.facts_seats(trip_id) if each.state is TripSeatState.BOOKED]


@pytest.mark.catalogue("C6", part="a village doctor books ten people for one van; a conflict of one costs nobody else a place")
def test_ten_people_one_conflict_nine_booked_and_trying_again_changes_nothing(day, home):
    unlucky = home.people[3]
    clinic_day.book(day, person_id=unlucky, session_id=day.tomorrow_id, window_start=TOMORROW + timedelta(minutes=45), actor=day.room.clerk)
    trip_id = factory.van(day, home)
    factory.aboard(day, home, trip_id)

    outcomes = trips.book_trip(actor=home.doctor, now=NOW, trip_id=trip_id)
    before = [(each.appointment_id, each.window_start) for each in schedule.facts_appointments_of_session(day.tomorrow_id)]
    refused = [each for each in outcomes if each.refusal is not None]
    (appointments, seats) = (schedule.facts_appointments(each.appointment_id for each in booked_in(trip_id)), queries.facts_seats(trip_id))

    assert [each.seat.person_id for each in refused] == [unlucky]
    assert refused[0].refusal.code == "scheduling.already_booked_that_day"
    assert len(appointments) == 9
    assert {each.channel for each in appointments} == {BookingChannel.FAMILY_DOCTOR}
    assert all(each.window_start >= TOMORROW and each.window_end <= TOMORROW + timedelta(minutes=180) for each in appointments)
    assert len({(each.session_id, each.window_start) for each in appointments}) == 9

    again = trips.book_trip(actor=home.doctor, now=NOW, trip_id=trip_id)
    assert [each.appointment_id for each in again] == [each.appointment_id for each in outcomes]
    assert queries.facts_seats(trip_id) == seats
    assert [(each.appointment_id, each.window_start) for each in schedule.facts_appointments_of_session(day.tomorrow_id)] == before


def test_limits_do_not_bind_a_family_doctor_and_the_fee_is_paid_at_the_hospital(day, home):
    trip_id = factory.van(day, home)
    factory.aboard(day, home, trip_id)
    (first, *_) = trips.book_trip(actor=home.doctor, now=NOW, trip_id=trip_id)
    facts = schedule.facts_appointment(first.appointment_id)
    assert (facts.status, facts.pay_at_arrival) == (AppointmentStatus.BOOKED, True)
    assert clinic_day.charge_of(first.appointment_id).status is ChargeStatus.UNPAID


def test_nothing_between_arrival_and_return_is_said(day, home):
    trip_id = trips.plan_trip(
        actor=home.doctor,
        now=NOW,
        id=new_id(),
        village_id=home.clinic_id,
        hospital_id=day.hospital_id,
        leaves_at=TOMORROW + timedelta(hours=6),
        arrives_at=TOMORROW + timedelta(hours=7),
        returns_at=TOMORROW + timedelta(hours=9),
        seats=10,
    )
    factory.aboard(day, home, trip_id)
    outcomes = trips.book_trip(actor=home.doctor, now=NOW, trip_id=trip_id)
    assert {each.refusal.code for each in outcomes} == {"scheduling.no_window_fits"}
    assert trips.propose(actor=home.doctor, now=NOW, trip_id=trip_id) == {}


def test_whoever_has_not_signed_up_must_have_agreed(day, home):
    trip_id, stranger = factory.van(day, home), home.people[-1]
    with pytest.raises(ConsentMissing):
        trips.add_person(actor=home.doctor, now=NOW, trip_id=trip_id, person_id=stranger, consent="  ")
    assert queries.facts_seats(trip_id) == []
    trips.add_person(actor=home.doctor, now=NOW, trip_id=trip_id, person_id=stranger, consent="儿子电话里同意")
    trips.add_person(actor=home.doctor, now=NOW, trip_id=trip_id, person_id=home.people[0])
    assert [(each.signed_up, each.consent) for each in queries.facts_seats(trip_id)] == [(False, "儿子电话里同意"), (True, "")]


def test_a_full_van_and_a_second_seat(day, home):
    trip_id = factory.van(day, home, seats=1)
    trips.add_person(actor=home.doctor, now=NOW, trip_id=trip_id, person_id=home.people[0])
    with pytest.raises(AlreadyOnTrip):
        trips.add_person(actor=home.doctor, now=NOW, trip_id=trip_id, person_id=home.people[0])
    with pytest.raises(TripFull):
        trips.add_person(actor=home.doctor, now=NOW, trip_id=trip_id, person_id=home.people[1])
    assert len(queries.facts_seats(trip_id)) == 1


def test_who_stays_at_home_gives_the_place_back_and_may_come_again(day, home):
    trip_id = factory.van(day, home)
    seat_id = factory.aboard(day, home, trip_id)[0]
    first = trips.book_trip(actor=home.doctor, now=NOW, trip_id=trip_id)[0]
    trips.drop_person(actor=home.doctor, now=NOW, seat_id=seat_id)
    trips.drop_person(actor=home.doctor, now=NOW, seat_id=seat_id)
    assert schedule.facts_appointment(first.appointment_id).status is AppointmentStatus.CANCELLED
    assert clinic_day.charge_of(first.appointment_id).status is ChargeStatus.CANCELLED
    assert len(queries.facts_seats(trip_id)) == 9

    trips.add_person(actor=home.doctor, now=NOW, trip_id=trip_id, person_id=home.people[0])
    actions.set_wish(actor=home.doctor, seat_id=seat_id, department_id=day.room.department_id)
    outcomes = {each.seat.seat_id: each for each in trips.book_trip(actor=home.doctor, now=NOW, trip_id=trip_id)}
    assert outcomes[seat_id].appointment_id not in {None, first.appointment_id}


def test_a_place_that_the_hospital_took_back_is_booked_anew(day, home):
    trip_id = factory.van(day, home)
    factory.aboard(day, home, trip_id)
    first = trips.book_trip(actor=home.doctor, now=NOW, trip_id=trip_id)[0]
    scheduling.cancel_appointment(actor=SYSTEM, now=NOW, appointment_id=first.appointment_id, reason=CancelReason.OTHER, by=Party.HOSPITAL)
    booking.settle_charge_of_lost_place(actor=SYSTEM, now=NOW, appointment_id=first.appointment_id)
    again = trips.book_trip(actor=home.doctor, now=NOW, trip_id=trip_id)[0]
    assert again.appointment_id not in {None, first.appointment_id}


def test_another_village_finds_nothing(day, home):
    trip_id = factory.van(day, home)
    other = institutions.staff_actor("village_doctor", day.room.county.township_id)
    for act in (
        lambda: trips.book_trip(actor=other, now=NOW, trip_id=trip_id),
        lambda: trips.add_person(actor=other, now=NOW, trip_id=trip_id, person_id=home.people[0]),
        lambda: trips.propose(actor=other, now=NOW, trip_id=trip_id),
    ):
        with pytest.raises(NotFound):
            act()
    with pytest.raises(NotAllowed):
        trips.plan_trip(
            actor=other,
            now=NOW,
            id=new_id(),
            village_id=home.clinic_id,
            hospital_id=day.hospital_id,
            leaves_at=TOMORROW,
            arrives_at=TOMORROW,
            returns_at=TOMORROW + timedelta(hours=3),
            seats=3,
        )


def test_a_trip_that_cannot_be_names_every_reason(day, home):
    with pytest.raises(BadTrip) as refused:
        trips.plan_trip(
            actor=home.doctor,
            now=NOW,
            id=new_id(),
            village_id=home.clinic_id,
            hospital_id=day.hospital_id,
            leaves_at=NOW,
            arrives_at=NOW - timedelta(hours=1),
            returns_at=NOW - timedelta(hours=2),
            seats=0,
        )
    assert set(refused.value.fields) == {"day", "arrives", "returns", "seats"}
    assert queries.trips_of_village(home.clinic_id, NOW.date()) == []

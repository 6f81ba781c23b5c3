"""One stock of places behind every door: whoever takes the last one, it is gone at once behind all the others (C1, rule AP-2)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

import pytest
from django.http import HttpResponse
from django.urls import reverse

from jiuyi.desks.patient.forms import AT_HOSPITAL
from jiuyi.domains.organizations.words import StaffRole
from jiuyi.domains.scheduling import queries as schedule
from jiuyi.domains.scheduling.actions import trips as seats
from jiuyi.domains.scheduling.queries import trips as travellers
from jiuyi.domains.scheduling.words import BookingChannel
from jiuyi.foundation import clock
from jiuyi.journeys import trips
from jiuyi.kernel.ids import new_id
from tests.desks.clerk.conftest import signed_in
from tests.desks.kiosk.conftest import standing_at
from tests.desks.patient.conftest import sign_in
from tests.factories import callers, clinic_day, institutions, people
from tests.factories import trips as vans
from tests.factories.clinic_day import NOW, ClinicDay
from tests.factories.schedules import at_once
from tests.journeys.conftest import channel, day, lists  # noqa: F401

LAST = NOW + timedelta(hours=4)  # today, 13:00: the only window of its session


@dataclass
class Doors:
    """Each channel with its way to the last place, for a person of its own."""

    session_id: UUID
    ways: dict[BookingChannel, Callable[[], HttpResponse | None]]

    @property
    def sold(self) -> list[schedule.AppointmentFacts]:
        """Who has the place."""
        return schedule.facts_appointments_of_session(self.session_id)


def number(serial: int) -> str:
    return people.id_number(date(1971, 2, 3), serial=serial)


def in_the_browser(house: ClinicDay, session_id: UUID) -> Callable[[], HttpResponse]:
    account = people.signed_in("12000000031")
    person_id = people.claim(account, name="甄一", number=number(51))
    phone = sign_in(account.id, safe_for=(person_id,))
    address = f"{reverse('patient:book_check', args=[person_id])}?slot={session_id}_{int(LAST.timestamp())}"
    return lambda: phone.post(address, {"how": AT_HOSPITAL, "key": str(new_id())})


def in_the_mini_programme(house: ClinicDay, session_id: UUID) -> Callable[[], HttpResponse]:
    account = people.signed_in("12000000032")
    person_id = people.claim(account, name="甄二", number=number(52))
    programme = callers.mini_programme(account)
    return lambda: programme.book(person_id, session_id, LAST, pay_at_hospital=True)


def on_the_telephone(house: ClinicDay, session_id: UUID) -> Callable[[], HttpResponse]:
    person_id = people.resident(house.hospital_id, name="甄三", number=number(53))
    desk = signed_in("25031", StaffRole.OPERATOR, house.hospital_id)
    typed = {"slot": f"{session_id}_{int(LAST.timestamp())}", "key": str(new_id())}
    return lambda: desk.client.post(f"/desk/operator/people/{person_id}/", typed)


def at_the_window(house: ClinicDay, session_id: UUID) -> Callable[[], HttpResponse]:
    person_id = people.resident(house.hospital_id, name="甄四", number=number(54))
    desk = signed_in("20031", StaffRole.CLERK, house.hospital_id)
    typed = {"slot": f"{session_id}_{int(LAST.timestamp())}", "key": str(new_id())}
    return lambda: desk.client.post(f"/desk/clerk/people/{person_id}/book/", typed)


def in_the_hall(house: ClinicDay, session_id: UUID) -> Callable[[], HttpResponse]:
    people.resident(house.hospital_id, name="甄五", number=number(55))
    machine, _ = standing_at(house.hospital_id)
    machine.open("/kiosk/book/").press("下一步", number=number(55))
    machine.client.post(f"/kiosk/book/department/{house.room.department_id}/", {"slot": f"{session_id}_{int(LAST.timestamp())}"})
    return lambda: machine.client.post("/kiosk/book/check/")


def by_the_village_doctor(house: ClinicDay, session_id: UUID) -> Callable[[], None]:
    home = vans.village(house, count=2)
    trip_id = trips.plan_trip(
        actor=home.doctor,
        now=NOW,
        id=new_id(),
        village_id=home.clinic_id,
        hospital_id=house.hospital_id,
        leaves_at=LAST - timedelta(hours=1),
        arrives_at=LAST - timedelta(minutes=30),
        returns_at=LAST + timedelta(hours=2),
        seats=2,
    )
    seat_id = trips.add_person(actor=home.doctor, now=NOW, trip_id=trip_id, person_id=home.people[0])
    seats.set_wish(actor=home.doctor, seat_id=seat_id, department_id=house.room.department_id)
    desk = signed_in("50031", StaffRole.VILLAGE_DOCTOR, home.clinic_id)

    def press() -> None:
        desk.client.post(f"/desk/village/trips/{trip_id}/book/", {"act": "book"})
        assert travellers.facts_seats(trip_id)

    return press


def through_a_partner(house: ClinicDay, session_id: UUID) -> Callable[[], HttpResponse]:
    platform = callers.partner(house.hospital_id)
    return lambda: platform.hold(new_id(), session_id, LAST, name="甄七", id_number=number(57))


WAYS = {
    BookingChannel.WEB: in_the_browser,
    BookingChannel.MINI_PROGRAMME: in_the_mini_programme,
    BookingChannel.PHONE: on_the_telephone,
    BookingChannel.WINDOW: at_the_window,
    BookingChannel.KIOSK: in_the_hall,
    BookingChannel.FAMILY_DOCTOR: by_the_village_doctor,
    BookingChannel.PARTNER: through_a_partner,
}


@pytest.fixture(autouse=True)
def stopped_clock(monkeypatch):
    """It is nine o'clock."""
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def doors(day) -> Doors:  # noqa: F811
    """Every door stands open before the one place of a session."""
    doctor = institutions.add_doctor(day.hospital_id, day.room.department_id, name="崔远")
    session_id = clinic_day.publish(day.room, LAST, minutes=15, practitioner_id=doctor)
    return Doors(session_id, {each: way(day, session_id) for each, way in WAYS.items()})


@pytest.mark.catalogue("C1")
@pytest.mark.parametrize("first", WAYS)
@pytest.mark.django_db
def test_the_last_place_taken_through_one_door_is_gone_behind_all_the_others(doors, first):
    doors.ways[first]()
    (sold,) = doors.sold
    assert sold.channel is first

    assert [each.free for each in schedule.session_windows(doors.session_id, NOW)] == [0]
    for other in WAYS:
        if other is not first:
            answer = doors.ways[other]()
            assert answer is None or answer.status_code == 422
            assert [each.appointment_id for each in doors.sold] == [sold.appointment_id], f"after {other.label}"


@pytest.mark.catalogue("C1", part="all doors at once before the last place: exactly one gets it")
@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_all_doors_at_once_sell_the_last_place_once(transactional_db, doors):
    answers = at_once(list(doors.ways.values()))
    assert [each for each in answers if isinstance(each, BaseException)] == []
    (sold,) = doors.sold
    assert sold.channel in WAYS
    assert schedule.count_place_difference() == 0

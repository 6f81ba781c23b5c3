"""A village with people, and a van that takes them to the hospital tomorrow."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from jiuyi.domains.identity import actions as identity
from jiuyi.domains.identity.words import CareBasis
from jiuyi.domains.organizations import actions as organizations
from jiuyi.domains.organizations.words import OrganizationKind, StaffRole
from jiuyi.domains.scheduling.actions import trips as actions
from jiuyi.foundation.access import SYSTEM, Actor
from jiuyi.journeys import trips
from jiuyi.kernel.ids import new_id
from tests.factories import institutions, people
from tests.factories.clinic_day import NOW, TOMORROW, ClinicDay, publish

VILLAGE = "南坡村"


@dataclass(frozen=True)
class Village:
    """A village clinic, its doctor and its people, all signed up but the last."""

    clinic_id: UUID
    doctor: Actor
    people: list[UUID]


def village(day: ClinicDay, count: int = 10) -> Village:
    """``count`` people; tomorrow's clinic has four windows of nine o'clock, and a second one another hour of four."""
    clinic_id = organizations.add_organization(
        actor=SYSTEM, now=NOW, kind=OrganizationKind.VILLAGE_CLINIC, name=f"柳河镇{VILLAGE}卫生室", parent_id=day.room.county.root_id
    )
    residents = [
        people.resident(clinic_id, name=f"赵{chr(0x4E00 + 300 + number)}", number=None, village=VILLAGE) for number in range(count)
    ]
    for person_id in residents[:-1]:
        identity.add_care_relation(
            actor=SYSTEM, now=NOW, person_id=person_id, basis=CareBasis.FAMILY_DOCTOR, node_id=clinic_id, start=NOW, end=None
        )
    return Village(clinic_id, institutions.staff_actor(StaffRole.VILLAGE_DOCTOR, clinic_id), residents)


def enough_places(day: ClinicDay) -> None:
    """Twelve windows of one place tomorrow from nine to noon."""
    publish(day.room, TOMORROW + timedelta(hours=1), minutes=120)


def van(day: ClinicDay, home: Village, *, seats: int = 10) -> UUID:
    """Leaves at 7:30, arrives at 8:30, returns at 12:30."""
    return trips.plan_trip(
        actor=home.doctor,
        now=NOW,
        id=new_id(),
        village_id=home.clinic_id,
        hospital_id=day.hospital_id,
        leaves_at=TOMORROW - timedelta(minutes=90),
        arrives_at=TOMORROW - timedelta(minutes=30),
        returns_at=TOMORROW + timedelta(minutes=210),
        seats=seats,
    )


def aboard(day: ClinicDay, home: Village, trip_id: UUID) -> list[UUID]:
    """Everybody gets in and wants to see the same department; the seats."""
    seats = [
        trips.add_person(actor=home.doctor, now=NOW, trip_id=trip_id, person_id=person_id, consent="本人当面同意")
        for person_id in home.people
    ]
    for seat_id in seats:
        actions.set_wish(actor=home.doctor, seat_id=seat_id, department_id=day.room.department_id)
    return seats

"""A waiting area with a doctor at work: a queue, people in it, and visits; everything through the departments' own doors."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from jiuyi.domains.encounters import actions as encounters
from jiuyi.domains.encounters.words import PayerCategory
from jiuyi.domains.identity import actions as identity
from jiuyi.domains.identity.words import Credential, Sex
from jiuyi.domains.organizations.words import StaffRole
from jiuyi.domains.queueing import actions as queueing
from jiuyi.domains.queueing.actions import TicketRef
from jiuyi.domains.queueing.words import TicketCategory
from jiuyi.foundation import scopes
from jiuyi.foundation.access import SYSTEM, Actor
from tests.factories import institutions
from tests.factories.institutions import County

NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)  # a Monday, 09:00 here


@dataclass(frozen=True)
class Room:
    """A county with a queue at internal medicine, its doctor (with an account) and its clerk."""

    county: County
    queue_id: UUID
    room_id: UUID
    department_id: UUID
    practitioner_id: UUID
    doctor: Actor
    clerk: Actor


def waiting_room() -> Room:
    """The doctor Lin of internal medicine has a queue of her own department."""
    scopes.forget()
    county = institutions.build_county()
    user_id = institutions.staff_user("10001")
    practitioner_id = institutions.add_doctor(county.hospital_id, county.medicine_id, room_id=county.room_id, user_id=user_id)
    queue_id = queueing.open_queue(
        actor=SYSTEM,
        now=NOW,
        organization_id=county.hospital_id,
        department_id=county.medicine_id,
        name="心血管内科候诊",
        prefix="A",
        area="门诊三楼东",
    )
    return Room(
        county=county,
        queue_id=queue_id,
        room_id=county.room_id,
        department_id=county.medicine_id,
        practitioner_id=practitioner_id,
        doctor=institutions.staff_actor(StaffRole.DOCTOR, county.medicine_id, user_id=user_id),
        clerk=institutions.staff_actor(StaffRole.CLERK, county.hospital_id),
    )


def colleague(room: Room, name: str = "周启明", *, username: str = "10002") -> tuple[UUID, Actor]:
    """Another doctor of the same department: practitioner and account."""
    user_id = institutions.staff_user(username, display_name=name)
    practitioner_id = institutions.add_doctor(room.county.hospital_id, room.department_id, name=name, user_id=user_id)
    return practitioner_id, institutions.staff_actor(StaffRole.DOCTOR, room.department_id, user_id=user_id)


def somebody(room: Room, name: str = "王小明") -> UUID:
    """A person registered at the desk without papers."""
    return identity.register_person(
        actor=SYSTEM, now=NOW, organization_id=room.county.hospital_id, name=name, sex=Sex.MALE, birth_date=None
    )


def crowd(room: Room, count: int) -> list[UUID]:
    """Several persons of different names."""
    return [somebody(room, f"赵{chr(0x4E00 + 300 + number)}") for number in range(count)]


def waits(
    room: Room,
    person_id: UUID,
    *,
    now: datetime = NOW,
    window_start: datetime | None = None,
    window_end: datetime | None = None,
    category: TicketCategory = TicketCategory.WALK_IN,
    late: bool = False,
    reason: str = "",
    practitioner_id: UUID | None = None,
) -> TicketRef:
    """A person checks in at the desk."""
    return queueing.check_in(
        actor=room.clerk,
        now=now,
        queue_id=room.queue_id,
        person_id=person_id,
        practitioner_id=practitioner_id,
        window_start=window_start,
        window_end=window_end,
        category=category,
        late=late,
        reason=reason,
    )


def called(room: Room, *, now: datetime = NOW) -> TicketRef | None:
    """The doctor presses "call next"."""
    return queueing.call_next(
        actor=room.doctor, now=now, queue_id=room.queue_id, practitioner_id=room.practitioner_id, room_id=room.room_id
    )


def visit(room: Room, person_id: UUID, *, ticket_id: UUID | None = None, now: datetime = NOW, started: bool = True) -> UUID:
    """A visit registered at the desk and, unless told otherwise, begun by the doctor."""
    encounter_id = encounters.register_encounter(
        actor=room.clerk,
        now=now,
        person_id=person_id,
        ticket_id=ticket_id,
        organization_id=room.county.hospital_id,
        department_id=room.department_id,
        practitioner_id=room.practitioner_id,
        payer_category=PayerCategory.RESIDENT,
        credential=Credential.ID_CARD,
    )
    if started:
        encounters.start_encounter(actor=room.doctor, now=now, encounter_id=encounter_id)
    return encounter_id

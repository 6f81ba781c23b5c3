"""The clinic that is open now, whatever the hour or the holiday, so that a visit can always be played from end to end."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from uuid import UUID, uuid5

from jiuyi.domains.organizations import queries as directory
from jiuyi.domains.organizations.words import OrganizationKind
from jiuyi.domains.scheduling import actions as scheduling
from jiuyi.domains.scheduling import queries as schedule
from jiuyi.domains.scheduling.words import NumberClass
from jiuyi.foundation.access import system
from jiuyi.kernel import clock
from jiuyi.kernel.periods import Period
from jiuyi.kernel.refusals import NotFound
from jiuyi.scenarios.county.departments import OPEN_CLINIC_CODE
from jiuyi.scenarios.county.world import OpenClinic

BACK = timedelta(hours=1)
AHEAD = timedelta(hours=57)  # so that a return visit on the day after tomorrow can be booked in the room
SHIFT_HOURS = 6
A_MOMENT = timedelta(seconds=1)  # a session belongs to one local day, so the last one ends a second before the next day
PER_WINDOW = 4
_NAMESPACE = UUID("6a697579-6900-5000-8000-00000000b4a7")


@dataclass(frozen=True, slots=True)
class Shift:
    """A quarter of a day of one doctor of the open clinic."""

    id: UUID
    practitioner_id: UUID
    room_id: UUID
    period: Period


def find() -> OpenClinic | None:
    """The open clinic of the loaded county, or None in a database without one."""
    for hospital in directory.organizations(OrganizationKind.COUNTY_HOSPITAL):
        for department in directory.departments(hospital.id):
            if department.code == OPEN_CLINIC_CODE:
                return _clinic(hospital.id, department.id)
    return None


def _clinic(organization_id: UUID, department_id: UUID) -> OpenClinic | None:
    """Only those who have a room of their own hold the clinic; the nurse has none."""
    pairs = sorted(
        (role.room_id, person.id)
        for person in directory.practitioners(department_id)
        for role in directory.roles_of_practitioner(person.id)
        if role.department_id == department_id and role.room_id is not None
    )
    if not pairs:
        return None
    return OpenClinic(
        organization_id=organization_id,
        department_id=department_id,
        practitioner_ids=tuple(practitioner_id for _, practitioner_id in pairs),
        room_ids=tuple(room_id for room_id, _ in pairs),
    )


def shifts(clinic: OpenClinic, now: datetime) -> Iterator[Shift]:
    """Every shift that touches the time from an hour ago to two days and nine hours ahead.

    Shifts begin at 0, 6, 12 and 18 o'clock local time, so none crosses midnight and the same shift always has the same id.
    """
    day = clock.service_date(now - BACK)
    while clock.day_bounds(day)[0] < now + AHEAD:
        for hour in range(0, 24, SHIFT_HOURS):
            start = clock.instant_at(day, time(hour))
            period = Period(start, min(start + timedelta(hours=SHIFT_HOURS), clock.day_bounds(day)[1] - A_MOMENT))
            if period.overlaps(Period(now - BACK, now + AHEAD)):
                for practitioner_id, room_id in zip(clinic.practitioner_ids, clinic.room_ids, strict=True):
                    shift_id = uuid5(_NAMESPACE, f"{practitioner_id}/{start.isoformat()}")
                    yield Shift(shift_id, practitioner_id, room_id, period)
        day += timedelta(days=1)


def ensure_open_now(now: datetime) -> int:
    """Publish the shifts that are missing; returns how many. Nothing happens in a database without the demo's clinic."""
    clinic = find()
    if clinic is None:
        return 0
    actor = system("scenarios.open_clinic")
    missing = [shift for shift in shifts(clinic, now) if not _is_published(shift)]
    for shift in missing:
        scheduling.publish_session(
            id=shift.id,
            actor=actor,
            now=now,
            practitioner_id=shift.practitioner_id,
            department_id=clinic.department_id,
            room_id=shift.room_id,
            starts_at=shift.period.start,
            ends_at=shift.period.end,
            number_class=NumberClass.ORDINARY,
            per_window=PER_WINDOW,
            visible_at=shift.period.start - timedelta(days=4),
        )
    return len(missing)


def _is_published(shift: Shift) -> bool:
    try:
        schedule.facts_session(shift.id)
    except NotFound:
        return False
    return True

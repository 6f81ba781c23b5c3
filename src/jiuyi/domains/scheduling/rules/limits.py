"""Who has booked enough: by patient, by account, by device; never by address. Source: rule AP-9 with §21; C5."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from jiuyi.domains.scheduling.rules.appointments import UNLIMITED_CHANNELS
from jiuyi.domains.scheduling.words import BookingChannel, BookingLimits, NumberClass
from jiuyi.domains.scheduling.words.limits import Limit


@dataclass(frozen=True, slots=True)
class Commitment:
    """A visit that somebody has booked, or holds a pass for."""

    day: date
    department_id: UUID
    practitioner_id: UUID


def is_named(department_name: str, parts: str) -> bool:
    """Whether the department is one of those that a rule names by parts of their names, with commas between them."""
    named = (part.strip() for part in parts.replace("，", ",").split(","))
    return any(part and part in department_name for part in named)


def is_limited(*, channel: BookingChannel, number_class: NumberClass, department_name: str, parameters: BookingLimits) -> bool:
    """Whether limits apply at all: not to staff desks, rooms, operators and family doctors, to emergency, to courses of treatment."""
    if channel in UNLIMITED_CHANNELS or number_class is NumberClass.EMERGENCY:
        return False
    return not is_named(department_name, parameters.course_departments)


def patient_limits(*, others: Iterable[Commitment], wanted: Commitment, parameters: BookingLimits) -> list[Limit]:
    """The limits of the patient that ``wanted`` would break, in the order of ``Limit``; ``others`` are the other open visits.

    The week is Monday to Sunday of the visit.
    """
    known = list(others)
    monday = wanted.day - timedelta(days=wanted.day.weekday())
    in_week = sum(monday <= other.day < monday + timedelta(days=7) for other in known)
    of_day = [other for other in known if other.day == wanted.day]
    same_visit = [other for other in of_day if other.department_id == wanted.department_id]  # one conflict, not two
    of_doctor = sum(other.practitioner_id == wanted.practitioner_id for other in known if other not in same_visit)
    checks = (
        (Limit.ONE_PER_DEPARTMENT_DAY, bool(same_visit)),
        (Limit.PER_DOCTOR, of_doctor + 1 > parameters.per_doctor),
        (Limit.PER_DAY, len(of_day) + 1 > parameters.per_day),
        (Limit.PER_WEEK, in_week + 1 > parameters.per_week),
        (Limit.OPEN_BOOKINGS, len(known) + 1 > parameters.open_bookings),
    )
    return [limit for limit, broken in checks if broken]


def account_limits(*, patients: Collection[UUID], patient: UUID, made_today: int, parameters: BookingLimits) -> list[Limit]:
    """The limits of the account: ``patients`` for whom it booked of late, ``made_today`` bookings of today, also those given up."""
    checks = (
        (Limit.ACCOUNT_PATIENTS, len({*patients, patient}) > parameters.account_patients),
        (Limit.ACCOUNT_PER_DAY, made_today + 1 > parameters.account_per_day),
    )
    return [limit for limit, broken in checks if broken]


def device_limits(*, made_today: int, parameters: BookingLimits) -> list[Limit]:
    """The limit of the device over all accounts that use it."""
    return [Limit.DEVICE_PER_DAY] if made_today + 1 > parameters.device_per_day else []

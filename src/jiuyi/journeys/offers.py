"""What is on offer, with its price: a department's doctors, one doctor's days and windows."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from jiuyi.domains.billing import queries as prices
from jiuyi.domains.organizations import queries as organizations
from jiuyi.domains.organizations.queries import DepartmentFacts, OrganizationFacts, PractitionerFacts
from jiuyi.domains.organizations.words import DepartmentCategory
from jiuyi.domains.scheduling import queries as schedule
from jiuyi.domains.scheduling.queries import Day, SessionOffer
from jiuyi.domains.scheduling.words import NumberClass
from jiuyi.kernel.clock import service_date


@dataclass(frozen=True, slots=True)
class DoctorOnOffer:
    """A doctor of a department with the fee, in fen, and the next day that has a free place (None: all full)."""

    doctor: PractitionerFacts
    number_class: NumberClass
    fee_fen: int
    next_day: date | None
    free: int


@dataclass(frozen=True, slots=True)
class WindowOnOffer:
    """One arrival window of one session; ``free`` places are left."""

    session_id: UUID
    start: datetime
    end: datetime
    free: int


@dataclass(frozen=True, slots=True)
class ClassOnOffer:
    """A class of number with its fee in fen."""

    number_class: NumberClass
    fee_fen: int


@dataclass(frozen=True, slots=True)
class DoctorOffer:
    """One doctor's coming days in a department; ``shown_class`` is the one class of number that is shown, None for all of them."""

    doctor: PractitionerFacts
    department: DepartmentFacts
    organization: OrganizationFacts
    visiting: bool
    shown_class: ClassOnOffer | None
    other_classes: tuple[ClassOnOffer, ...]
    days: tuple[Day, ...]
    sessions: tuple[SessionOffer, ...]


def doctors_of(department_id: UUID, *, now: datetime) -> list[DoctorOnOffer]:
    """The doctors of a department who have sessions ahead, the nearest free place first, each with the fee of the class."""
    department = organizations.department(department_id)
    offers = schedule.doctors_available(department_id, now)
    doctors = organizations.facts_practitioners({offer.practitioner_id for offer in offers})
    fees = {
        number_class: prices.visit_fee(number_class=number_class, organization_id=department.organization_id, at=now).amount_fen
        for number_class in {offer.number_class for offer in offers}
    }
    return [
        DoctorOnOffer(doctors[offer.practitioner_id], offer.number_class, fees[offer.number_class], offer.next_day, offer.free)
        for offer in offers
    ]


def offer_of_doctor(
    *, department_id: UUID, practitioner_id: UUID, now: datetime, days: int, one_class: bool = False, wished: NumberClass | None = None
) -> DoctorOffer:
    """One doctor's sessions of the coming days in a department, added up by day; days without a session are left out.

    With ``one_class`` only the sessions of one class of number, because a page names one fee: the wished one, else the
    cheapest that there is.
    Refuses ``not_found`` for an unknown doctor or department.
    """
    department = organizations.department(department_id)
    doctor = organizations.practitioner(practitioner_id)
    ahead = schedule.sessions_ahead(department_id, practitioner_id, service_date(now), days, now)
    classes = sorted(
        (
            ClassOnOffer(each, prices.visit_fee(number_class=each, organization_id=department.organization_id, at=now).amount_fen)
            for each in {session.number_class for session in ahead}
            if one_class
        ),
        key=lambda each: (each.number_class != wished, each.fee_fen, each.number_class),
    )
    shown = classes[0] if classes else None
    sessions = [each for each in ahead if shown is None or each.number_class is shown.number_class]
    by_day = {session.service_date: [each for each in sessions if each.service_date == session.service_date] for session in sessions}
    return DoctorOffer(
        doctor=doctor,
        department=department,
        organization=organizations.organization(department.organization_id),
        visiting=doctor.home_organization_id != department.organization_id,
        shown_class=shown,
        other_classes=tuple(classes[1:]),
        days=tuple(
            Day(day=day, free=sum(each.free for each in found), total=sum(each.capacity for each in found), sessions=len(found))
            for day, found in sorted(by_day.items())
        ),
        sessions=tuple(sessions),
    )


def windows_on(offer: DoctorOffer, day: date, *, now: datetime) -> list[WindowOnOffer]:
    """The windows of a doctor's sessions of one day that are not over, in order of time."""
    return [
        WindowOnOffer(session.session_id, window.start, window.end, window.free)
        for session in offer.sessions
        if session.service_date == day
        for window in schedule.session_windows(session.session_id, now)
        if not window.passed
    ]


def emergency_places() -> list[tuple[OrganizationFacts, DepartmentFacts]]:
    """Where to go without any booking: each institution's emergency department."""
    hospitals = {each.id: each for each in organizations.organizations()}
    found = [each for each in organizations.departments() if each.category is DepartmentCategory.EMERGENCY]
    return [(hospitals[each.organization_id], each) for each in found if each.organization_id in hospitals]

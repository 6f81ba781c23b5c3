"""Two weeks of clinic sessions from the anchor day: working days, duty clinics, experts and visits to the townships."""

from datetime import date, datetime, time, timedelta
from random import Random
from uuid import UUID

from jiuyi.domains.organizations.words import OrganizationKind, PractitionerTitle
from jiuyi.domains.scheduling.words import NumberClass
from jiuyi.kernel import clock
from jiuyi.scenarios.county.departments import OPEN_CLINIC_CODE
from jiuyi.scenarios.county.institutions import Institutions
from jiuyi.scenarios.county.practitioners import Practice, township_visits
from jiuyi.scenarios.county.working_days import is_working_day
from jiuyi.scenarios.county.world import Practitioner, Session, world_id

DAYS = 14
SLOT_MINUTES = 15
RELEASE_AT = time(7)
DAYS_AHEAD = 14  # rule AP-3
EXPERT_DAYS_AHEAD = 7  # seed S0: experts are published one week ahead

MORNING = (time(8), time(11, 30))
AFTERNOON = (time(14), time(17))
_HALVES = (MORNING, AFTERNOON)
_WORKING_HALVES = 10
_OWN_HALVES = 7  # of the ten half-days of a week; the others are for the ward and the theatre

_CLASSES = {
    PractitionerTitle.CHIEF: NumberClass.CHIEF,
    PractitionerTitle.ASSOCIATE_CHIEF: NumberClass.ASSOCIATE_CHIEF,
}
_PER_WINDOW = {
    NumberClass.ORDINARY: 3,
    NumberClass.ASSOCIATE_CHIEF: 2,
    NumberClass.CHIEF: 2,
    NumberClass.RENOWNED: 1,
}


class _Book:
    """Collects sessions and knows when each practitioner is busy."""

    def __init__(self, seed: int, made: Institutions) -> None:
        self.seed = seed
        self.made = made
        self.sessions: list[Session] = []
        self.busy: set[tuple[UUID, date, int]] = set()

    def enter(self, doctor: Practitioner, department_id: UUID, room_id: UUID, day: date, half: int, *, number_class: NumberClass) -> None:
        """Write a half-day, unless the doctor is busy elsewhere in it."""
        if (doctor.id, day, half) in self.busy:
            return
        self.busy.add((doctor.id, day, half))
        ahead = EXPERT_DAYS_AHEAD if number_class is NumberClass.RENOWNED else DAYS_AHEAD
        starts_at, ends_at = (clock.instant_at(day, at) for at in _HALVES[half])
        self.sessions.append(
            Session(
                id=world_id(self.seed, "session", str(doctor.id), day.isoformat(), half),
                practitioner_id=doctor.id,
                department_id=department_id,
                organization_id=next(item.organization_id for item in self.made.departments if item.id == department_id),
                room_id=room_id,
                starts_at=starts_at,
                ends_at=ends_at,
                number_class=number_class,
                per_window=_PER_WINDOW[number_class],
                visible_at=_release(day, ahead),
            )
        )


def _release(day: date, days_ahead: int) -> datetime:
    return clock.instant_at(day - timedelta(days=days_ahead), RELEASE_AT)


def sessions(made: Institutions, practice: Practice, anchor: date, rng: Random) -> list[Session]:
    """Every session of the fourteen days that begin with the anchor, in order of time."""
    book = _Book(made.seed, made)
    days = [anchor + timedelta(days=ahead) for ahead in range(DAYS)]
    _visits(book, practice, days, rng)
    for department_id, doctors in practice.by_department.items():
        plan = made.plans[department_id]
        if not plan.bookable or plan.code == OPEN_CLINIC_CODE:
            continue
        rooms = made.rooms_of(department_id)
        own = [(doctor, rooms[rank % len(rooms)].id, _own_halves(rng, rank)) for rank, doctor in enumerate(doctors)]
        for day in days:
            if is_working_day(day):
                for doctor, room_id, halves in own:
                    for half in (0, 1):
                        if day.weekday() * 2 % _WORKING_HALVES + half in halves:
                            book.enter(doctor, department_id, room_id, day, half, number_class=_class_of(doctor, plan.kind))
            elif plan.duty:
                doctor, room_id, _ = own[day.toordinal() % len(own)]
                book.enter(doctor, department_id, room_id, day, 0, number_class=NumberClass.ORDINARY)
    return sorted(book.sessions, key=lambda session: (session.starts_at, str(session.id)))


def _visits(book: _Book, practice: Practice, days: list[date], rng: Random) -> None:
    """Experts and township visits come first: the doctors' own clinics make way for them."""
    for expert, department_id in practice.experts:
        weekday, half = rng.randrange(5), rng.randrange(2)
        room_id = practice.room_of(expert.id, department_id)
        for day in days:
            if day.weekday() == weekday and is_working_day(day) and room_id is not None:
                book.enter(expert, department_id, room_id, day, half, number_class=NumberClass.RENOWNED)
    for number, (doctor, department_id, room_id) in enumerate(township_visits(book.made, practice)):
        for day in days:
            if day.weekday() == number % 5 and is_working_day(day):
                # A visitor keeps the whole day free, so that the road never makes a clinic late (rule AP-6).
                book.enter(doctor, department_id, room_id, day, 0, number_class=NumberClass.ORDINARY)
                book.busy.add((doctor.id, day, 1))


def _own_halves(rng: Random, rank: int) -> set[int]:
    """Which half-days of the week are the doctor's own: the first doctor has the mornings, the second the rest, and some more."""
    mornings = {0, 2, 4, 6, 8} if rank == 0 else {1, 2, 3, 5, 6, 7, 9}
    rest = sorted(set(range(_WORKING_HALVES)) - mornings)
    return mornings | set(rng.sample(rest, max(_OWN_HALVES - len(mornings), 0)))


def _class_of(doctor: Practitioner, kind: OrganizationKind) -> NumberClass:
    if kind is OrganizationKind.TOWNSHIP_CENTRE:
        return NumberClass.ORDINARY
    return _CLASSES.get(doctor.title, NumberClass.ORDINARY)

"""The standing timetable and two weeks of sessions from the anchor day: worked days, duty clinics, experts, township visits."""

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
from jiuyi.scenarios.county.world import Practitioner, Session, Template, world_id

DAYS = 14
SLOT_MINUTES = 15
RELEASE_AT = time(7)
DAYS_AHEAD = 14  # rule AP-3
EXPERT_DAYS_AHEAD = 7  # seed S0: experts are published one week ahead

MORNING = (time(8), time(11, 30))
AFTERNOON = (time(14), time(17))
_HALVES = (MORNING, AFTERNOON)
_WORKING_DAYS = 5
_WORKING_HALVES = 10
_NOON = 12 * 60
_STANDING_DAYS = 28  # the timetable stood before the demo began
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
    """Collects the standing timetable, then the sessions; knows when each practitioner is busy."""

    def __init__(self, made: Institutions, anchor: date) -> None:
        self.made = made
        self.anchor = anchor
        self.organization_of = {item.id: item.organization_id for item in made.departments}
        self.templates: list[Template] = []
        self.sessions: list[Session] = []
        self.visits: set[UUID] = set()
        self.busy: set[tuple[UUID, int, int]] = set()

    def stand(  # noqa: PLR0917  # the columns of one row
        self, doctor: Practitioner, department_id: UUID, room_id: UUID, weekday: int, half: int, number_class: NumberClass
    ) -> None:
        """Write a half-day of the week, unless the doctor is busy elsewhere in it."""
        if (doctor.id, weekday, half) in self.busy:
            return
        self.busy.add((doctor.id, weekday, half))
        start, end = _HALVES[half]
        template = Template(
            id=world_id(self.made.seed, "template", str(doctor.id), weekday, half),
            practitioner_id=doctor.id,
            department_id=department_id,
            room_id=room_id,
            weekday=weekday,
            start_minute=start.hour * 60 + start.minute,
            end_minute=end.hour * 60 + end.minute,
            number_class=number_class,
            per_window=_PER_WINDOW[number_class],
            valid_from=self.anchor - timedelta(days=_STANDING_DAYS),
        )
        self.templates.append(template)
        if doctor.home_organization_id != self.organization_of[department_id]:
            self.visits.add(template.id)

    def enter(self, template: Template, day: date) -> None:
        """Hold a standing clinic on a day."""
        self._enter(template.practitioner_id, template.department_id, template.room_id, day, template.start_minute >= _NOON, template)

    def enter_duty(self, doctor: Practitioner, department_id: UUID, room_id: UUID, day: date) -> None:
        """A morning of duty on a day that is not worked, outside of the timetable."""
        self._enter(doctor.id, department_id, room_id, day, half=False, template=None)

    def _enter(self, doctor_id: UUID, department_id: UUID, room_id: UUID, day: date, half: bool, template: Template | None) -> None:  # noqa: FBT001, PLR0917  # as above
        number_class = template.number_class if template else NumberClass.ORDINARY
        ahead = EXPERT_DAYS_AHEAD if number_class is NumberClass.RENOWNED else DAYS_AHEAD
        starts_at, ends_at = (clock.instant_at(day, at) for at in _HALVES[half])
        self.sessions.append(
            Session(
                id=world_id(self.made.seed, "session", str(doctor_id), day.isoformat(), int(half)),
                practitioner_id=doctor_id,
                department_id=department_id,
                organization_id=self.organization_of[department_id],
                room_id=room_id,
                starts_at=starts_at,
                ends_at=ends_at,
                number_class=number_class,
                per_window=_PER_WINDOW[number_class],
                visible_at=_release(day, ahead),
                template_id=template.id if template else None,
                visiting=template is not None and template.id in self.visits,
            )
        )


def _release(day: date, days_ahead: int) -> datetime:
    return clock.instant_at(day - timedelta(days=days_ahead), RELEASE_AT)


def sessions(made: Institutions, practice: Practice, anchor: date, rng: Random) -> tuple[list[Template], list[Session]]:
    """The standing timetable, and every session of the fourteen days that begin with the anchor, in order of time."""
    book = _Book(made, anchor)
    _visits(book, practice, rng)
    duty = _own_clinics(book, practice, rng)
    for day in (anchor + timedelta(days=ahead) for ahead in range(DAYS)):
        if is_working_day(day):
            worked = day.weekday() % _WORKING_DAYS  # a worked Saturday stands for Monday, a worked Sunday for Tuesday
            for template in book.templates:
                if template.weekday == worked:
                    book.enter(template, day)
        else:
            for own in duty:
                book.enter_duty(*own[day.toordinal() % len(own)], day)
    return book.templates, sorted(book.sessions, key=lambda session: (session.starts_at, str(session.id)))


def _own_clinics(book: _Book, practice: Practice, rng: Random) -> list[list[tuple[Practitioner, UUID, UUID]]]:
    """The doctors' own half-days of the week; who takes turns on duty, by department."""
    made = book.made
    duty: list[list[tuple[Practitioner, UUID, UUID]]] = []
    for department_id, doctors in practice.by_department.items():
        plan = made.plans[department_id]
        if not plan.bookable or plan.code == OPEN_CLINIC_CODE:
            continue
        rooms = made.rooms_of(department_id)
        own = [(doctor, department_id, rooms[rank % len(rooms)].id) for rank, doctor in enumerate(doctors)]
        for rank, (doctor, _, room_id) in enumerate(own):
            for half_of_week in sorted(_own_halves(rng, rank)):
                weekday, half = divmod(half_of_week, 2)
                book.stand(doctor, department_id, room_id, weekday, half, _class_of(doctor, plan.kind))
        if plan.duty:
            duty.append(own)
    return duty


def _visits(book: _Book, practice: Practice, rng: Random) -> None:
    """Experts and township visits come first: the doctors' own clinics make way for them."""
    for expert, department_id in practice.experts:
        weekday, half = rng.randrange(_WORKING_DAYS), rng.randrange(2)
        room_id = practice.room_of(expert.id, department_id)
        if room_id is not None:
            book.stand(expert, department_id, room_id, weekday, half, NumberClass.RENOWNED)
    for number, (doctor, department_id, room_id) in enumerate(township_visits(book.made, practice)):
        # A visitor keeps the whole day free, so that the road never makes a clinic late (rule AP-6).
        weekday = number % _WORKING_DAYS
        book.stand(doctor, department_id, room_id, weekday, 0, NumberClass.ORDINARY)
        book.busy.add((doctor.id, weekday, 1))


def _own_halves(rng: Random, rank: int) -> set[int]:
    """Which half-days of the week are the doctor's own: the first doctor has the mornings, the second the rest, and some more."""
    mornings = {0, 2, 4, 6, 8} if rank == 0 else {1, 2, 3, 5, 6, 7, 9}
    rest = sorted(set(range(_WORKING_HALVES)) - mornings)
    return mornings | set(rng.sample(rest, max(_OWN_HALVES - len(mornings), 0)))


def _class_of(doctor: Practitioner, kind: OrganizationKind) -> NumberClass:
    if kind is OrganizationKind.TOWNSHIP_CENTRE:
        return NumberClass.ORDINARY
    return _CLASSES.get(doctor.title, NumberClass.ORDINARY)

"""The standing timetable, the calendar, a department's week, and the visiting experts of the days ahead."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Q

from jiuyi.domains.scheduling import models, rules
from jiuyi.domains.scheduling.queries.availability import offers
from jiuyi.domains.scheduling.queries.sums import SessionSums, sums_of_sessions
from jiuyi.domains.scheduling.rules import DayKind
from jiuyi.domains.scheduling.rules.working_days import is_provisional
from jiuyi.domains.scheduling.words import (
    ExceptionKind,
    HalfDay,
    NumberClass,
    Pool,
    SessionKind,
    SessionStatus,
    WeekRhythm,
)
from jiuyi.kernel.refusals import NotFound

_A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class TemplateFacts:
    """A standing clinic; ``weekday`` 0 is Monday, minutes count from midnight, ``valid_until`` is the first day without it."""

    id: UUID
    practitioner_id: UUID
    department_id: UUID
    room_id: UUID | None
    weekday: int
    rhythm: WeekRhythm
    start_minute: int
    end_minute: int
    number_class: NumberClass
    slot_minutes: int | None
    per_window: int
    valid_from: date
    valid_until: date | None

    @property
    def last_day(self) -> date | None:
        """The last day on which it is held."""
        return self.valid_until - _A_DAY if self.valid_until else None


@dataclass(frozen=True, slots=True)
class ExceptionFacts:
    """Days without the standing timetable, of a doctor or of a whole department (``practitioner_id`` None)."""

    id: UUID
    practitioner_id: UUID | None
    department_id: UUID | None
    first_day: date
    last_day: date
    half_day: HalfDay | None
    kind: ExceptionKind
    reason: str


@dataclass(frozen=True, slots=True)
class DayFacts:
    """What kind of day it is; ``decided`` where somebody said so by hand, ``provisional`` where nothing is announced yet."""

    day: date
    kind: DayKind
    decided: bool
    provisional: bool
    note: str


@dataclass(frozen=True, slots=True)
class SessionCell:
    """One session as the secretary sees it, with what became of its places."""

    id: UUID
    practitioner_id: UUID
    department_id: UUID
    room_id: UUID | None
    service_date: date
    half_day: HalfDay
    number_class: NumberClass
    starts_at: datetime
    ends_at: datetime
    status: SessionStatus
    kind: SessionKind
    template_id: UUID | None
    visible_at: datetime
    draws: bool
    contact: str
    how_to_book: str
    original_practitioner_id: UUID | None
    delayed_minutes: int
    release_rule_version: int | None
    sums: SessionSums

    @property
    def booked(self) -> int:
        """Places that somebody has: held, booked or used."""
        return self.sums.held + self.sums.booked + self.sums.used


@dataclass(frozen=True, slots=True)
class ShareCount:
    """How many places of one pool a session has, how many of them are taken, and when they are sold and go back."""

    pool: Pool
    places: int
    taken: int
    visible_at: datetime
    flows_back_at: datetime | None


@dataclass(frozen=True, slots=True)
class VisitingSession:
    """One session of a visiting expert with place, contact and way to book; ``free`` counts what is on sale now."""

    session_id: UUID
    practitioner_id: UUID
    department_id: UUID
    organization_id: UUID
    room_id: UUID
    kind: SessionKind
    number_class: NumberClass
    starts_at: datetime
    ends_at: datetime
    visible_at: datetime
    contact: str
    how_to_book: str
    free: int


def templates(department_id: UUID, *, on: date) -> list[TemplateFacts]:
    """The standing clinics of a department that are held on a day or later, by weekday and hour."""
    rows = models.ScheduleTemplate.objects.filter(Q(valid_until__isnull=True) | Q(valid_until__gt=on), department_id=department_id)
    return [_template(row) for row in rows.order_by("weekday", "start_minute", "practitioner_id", "valid_from")]


def template(template_id: UUID) -> TemplateFacts:
    """One standing clinic. NotFound otherwise."""
    row = models.ScheduleTemplate.objects.filter(pk=template_id).first()
    if row is None:
        raise NotFound
    return _template(row)


def exceptions(department_id: UUID, practitioner_ids: Sequence[UUID], *, from_: date, until: date | None = None) -> list[ExceptionFacts]:
    """The days without timetable of a department and of its doctors, from a day on, in order of time."""
    rows = models.TemplateException.objects.filter(
        Q(department_id=department_id) | Q(practitioner_id__in=practitioner_ids), last_day__gte=from_
    )
    if until is not None:
        rows = rows.filter(first_day__lte=until)
    return [
        ExceptionFacts(
            id=row.id,
            practitioner_id=row.practitioner_id,
            department_id=row.department_id,
            first_day=row.first_day,
            last_day=row.last_day,
            half_day=HalfDay(row.half_day) if row.half_day else None,
            kind=ExceptionKind(row.kind),
            reason=row.reason,
        )
        for row in rows.order_by("first_day", "id")
    ]


def calendar_days(first: date, days: int) -> list[DayFacts]:
    """What kind of days these are, in order; what was decided by hand wins."""
    found = {row.day: row for row in models.CalendarDay.objects.filter(day__range=(first, first + _A_DAY * (days - 1)))}
    decided = {day: row.working for day, row in found.items()}
    every = [first + _A_DAY * ahead for ahead in range(days)]
    return [
        DayFacts(day, rules.kind_of_day(day, decided), day in decided, is_provisional(day), found[day].note if day in found else "")
        for day in every
    ]


def is_working_day(day: date) -> bool:
    """Whether a day is worked, by the calendar and what was decided by hand."""
    return calendar_days(day, 1)[0].kind is DayKind.WORKING


def week(department_id: UUID, first: date, days: int, *, now: datetime) -> list[SessionCell]:
    """All sessions of a department in a stretch of days, those that are stopped too, with the sums of their places; in order of time."""
    sums = {
        each.session_id: each
        for each in sums_of_sessions(now=now, department_id=department_id, first_day=first, last_day=first + _A_DAY * (days - 1))
    }
    rows = models.ClinicSession.objects.filter(id__in=sums).order_by("starts_at", "id")
    return [_cell(row, sums[row.id]) for row in rows]


def session_cell(session_id: UUID, *, now: datetime) -> SessionCell:
    """One session with the sums of its places. NotFound otherwise."""
    row = models.ClinicSession.objects.filter(pk=session_id).first()
    if row is None:
        raise NotFound
    (sums,) = sums_of_sessions(session_ids=[session_id], now=now)
    return _cell(row, sums)


def visit_details(session_id: UUID) -> tuple[str, str]:
    """Contact and way to book of a visiting session; empty for any other. NotFound otherwise."""
    found = models.ClinicSession.objects.filter(pk=session_id).values_list("contact", "how_to_book").first()
    if found is None:
        raise NotFound
    return found


def shares_of_session(session_id: UUID) -> list[ShareCount]:
    """A session's places by pool and by the moments at which they are sold and go back, in the order of sale."""
    counted: dict[tuple[datetime, str, datetime | None], list[int]] = {}
    rows = models.Place.objects.filter(session_id=session_id, extra=False).exclude(state="withdrawn")
    for pool, state, visible_at, back in rows.values_list("pool", "state", "visible_at", "flows_back_at"):
        entry = counted.setdefault((visible_at, pool, back), [0, 0])
        entry[0] += 1
        entry[1] += state == "taken"
    order = sorted(counted, key=lambda key: (key[0], key[1], key[2] is None, key[2] or key[0]))
    found = []
    for visible_at, pool, back in order:
        places, taken = counted[visible_at, pool, back]
        found.append(ShareCount(Pool(pool), places, taken, visible_at, back))
    return found


def visiting_sessions(first: date, days: int, *, now: datetime) -> list[VisitingSession]:
    """Visiting experts of the days ahead that still take place, those that are not on sale yet too, in order of time.

    Source: rule AP-6; C14.
    """
    rows = models.ClinicSession.objects.exclude(kind=SessionKind.CLINIC).filter(
        status=SessionStatus.OPEN, service_date__range=(first, first + _A_DAY * (days - 1)), ends_at__gt=now
    )
    found = {row.id: row for row in rows}
    if not found:
        return []
    free = {each.session_id: each.free for each in offers("s.id = ANY (%(ids)s)", now, (Pool.PUBLIC,), ids=list(found))}
    return [
        VisitingSession(
            session_id=row.id,
            practitioner_id=row.practitioner_id,
            department_id=row.department_id,
            organization_id=row.organization_id,
            room_id=row.room_id,
            kind=SessionKind(row.kind),
            number_class=NumberClass(row.number_class),
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            visible_at=row.visible_at,
            contact=row.contact,
            how_to_book=row.how_to_book,
            free=free.get(row.id, 0),
        )
        for row in sorted(found.values(), key=lambda row: (row.starts_at, str(row.id)))
        if row.room_id is not None
    ]


def _template(row: models.ScheduleTemplate) -> TemplateFacts:
    return TemplateFacts(
        id=row.id,
        practitioner_id=row.practitioner_id,
        department_id=row.department_id,
        room_id=row.room_id,
        weekday=row.weekday,
        rhythm=WeekRhythm(row.rhythm),
        start_minute=row.start_minute,
        end_minute=row.end_minute,
        number_class=NumberClass(row.number_class),
        slot_minutes=row.slot_minutes,
        per_window=row.per_window,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
    )


def _cell(row: models.ClinicSession, sums: SessionSums) -> SessionCell:
    return SessionCell(
        id=row.id,
        practitioner_id=row.practitioner_id,
        department_id=row.department_id,
        room_id=row.room_id,
        service_date=row.service_date,
        half_day=HalfDay(row.half_day),
        number_class=NumberClass(row.number_class),
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        status=SessionStatus(row.status),
        kind=SessionKind(row.kind),
        template_id=row.template_id,
        visible_at=row.visible_at,
        draws=row.draws,
        contact=row.contact,
        how_to_book=row.how_to_book,
        original_practitioner_id=row.original_practitioner_id,
        delayed_minutes=row.delayed_minutes,
        release_rule_version=row.release_rule_version,
        sums=sums,
    )

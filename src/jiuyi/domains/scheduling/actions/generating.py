"""From the standing timetable to sessions, weeks ahead; and sessions outside of it. One bad row never fails the batch."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q

from jiuyi.domains.organizations import queries as organizations
from jiuyi.domains.organizations.words import RoomKind
from jiuyi.domains.scheduling import models, rules
from jiuyi.domains.scheduling.actions.releasing import ReleasePlanner, planned, planner, with_release
from jiuyi.domains.scheduling.actions.sessions import LONGEST_WINDOW_MINUTES, NewSession, publish_sessions
from jiuyi.domains.scheduling.rules import DayKind
from jiuyi.domains.scheduling.words import (
    SESSION_PUBLISH,
    BadSession,
    DoctorBusy,
    DoctorOnTheRoad,
    NumberClass,
    ReleaseMoment,
    RoadBuffer,
    SessionKind,
    SessionStatus,
    WeekRhythm,
)
from jiuyi.domains.scheduling.words.planning import ONLY_POINTED_OUT, PlanConflict, PlanOutcome
from jiuyi.foundation import access, rulebook
from jiuyi.foundation.access import Actor
from jiuyi.kernel.clock import instant_at, service_date
from jiuyi.kernel.refusals import Refusal
from jiuyi.kernel.text import gettext_noop

HOW_TO_BOOK = gettext_noop("手机、电话、窗口、自助机均可预约")
_A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class PlanRow:
    """One template on one day: what becomes of it, and everything that stands against it."""

    template_id: UUID
    practitioner_id: UUID
    department_id: UUID
    room_id: UUID | None
    day: date
    starts_at: datetime
    ends_at: datetime
    number_class: NumberClass
    outcome: PlanOutcome
    conflicts: tuple[PlanConflict, ...] = ()
    session_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Generation:
    """What a run made, or would make: a row for each template and day."""

    rows: list[PlanRow]

    def of(self, outcome: PlanOutcome) -> list[PlanRow]:
        """The rows that came out so."""
        return [row for row in self.rows if row.outcome is outcome]


@dataclass(frozen=True, slots=True)
class _Busy:
    """A stretch of a doctor's day and where it is."""

    starts_at: datetime
    ends_at: datetime
    road_until: datetime
    organization_id: UUID
    room_id: UUID | None
    practitioner_id: UUID


class _Book:
    """Who is where, found by doctor and by room."""

    def __init__(self, stretches: Iterable[_Busy]) -> None:
        self._of: dict[UUID, list[_Busy]] = {}
        for stretch in stretches:
            self.enter(stretch)

    def enter(self, stretch: _Busy) -> None:
        """Write a stretch down."""
        for key in filter(None, (stretch.practitioner_id, stretch.room_id)):
            self._of.setdefault(key, []).append(stretch)

    def against(self, one: _Busy) -> tuple[PlanConflict, ...]:
        """Everything that what is written down has against a stretch."""
        found = set()
        for other in self._of.get(one.practitioner_id, ()):
            if one.starts_at < other.ends_at and other.starts_at < one.ends_at:
                found.add(PlanConflict.DOCTOR_BUSY)
            elif other.organization_id != one.organization_id and one.starts_at < other.road_until and other.starts_at < one.road_until:
                found.add(PlanConflict.ON_THE_ROAD)
        for other in self._of.get(one.room_id, ()) if one.room_id else ():
            beside = other.practitioner_id != one.practitioner_id
            if beside and one.starts_at < other.ends_at and other.starts_at < one.ends_at:
                found.add(PlanConflict.ROOM_SHARED)
        return tuple(each for each in PlanConflict if each in found)


def preview_sessions(*, actor: Actor, now: datetime, department_id: UUID | None, until: date) -> Generation:
    """What ``generate_sessions`` would do, without doing it."""
    return Generation([row for row, _ in _plan(actor, now, department_id, until)])


@transaction.atomic
def generate_sessions(*, actor: Actor, now: datetime, department_id: UUID | None, until: date) -> Generation:
    """Publish the sessions of the standing timetable up to and including ``until``, of one department or of all.

    Done a second time it publishes nothing. Holidays and exceptions are left out; a row with conflicts is named with all
    of them and the others are published.  Source: rule AP-6; C2.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('scheduling.generate_sessions', 0))")
    pairs = _plan(actor, now, department_id, until)
    wanted = [session for _, session in pairs if session is not None]
    ids = _publish(wanted, actor=actor, now=now)
    answers = iter(ids)
    rows = [row if session is None else _answered(row, next(answers)) for row, session in pairs]
    return Generation(rows)


def generate_ahead(*, actor: Actor, now: datetime) -> Generation:
    """Generate for every department as far ahead as its rule says; what stands already stays. Source: rule AP-3."""
    today = service_date(now)
    rows: list[PlanRow] = []
    for department_id in models.ScheduleTemplate.objects.order_by("department_id").values_list("department_id", flat=True).distinct():
        ahead = rulebook.rule(ReleaseMoment, scope_id=department_id, at=now).parameters.timetable_days
        rows += generate_sessions(actor=actor, now=now, department_id=department_id, until=today + _A_DAY * ahead).rows
    return Generation(rows)


@transaction.atomic
def publish_one_off(*, actor: Actor, now: datetime, session: NewSession) -> UUID:
    """Publish a session outside of the standing timetable, its places shared and timed by the rules.

    A doctor of another house is a visiting expert, whose session needs place, contact and way to book.
    Refuses ``scheduling.bad_session`` with every conflict at once.  Source: rules AP-3, AP-4, AP-6; C2, C14.
    """
    department = organizations.department(session.department_id)
    access.require(actor, SESSION_PUBLISH, department.id)
    doctor = organizations.practitioner(session.practitioner_id)
    if session.kind is SessionKind.CLINIC and doctor.home_organization_id != department.organization_id:
        session = replace(session, kind=SessionKind.VISITING)
    fields: dict[str, str] = {}
    if session.starts_at < session.ends_at:
        day = service_date(session.starts_at)
        road = _roads([department.organization_id], now)[department.organization_id]
        busy = _busy({session.practitioner_id}, day - _A_DAY, day + _A_DAY)
        found = busy.against(_stretch(session, department.organization_id, road))
        fields |= dict.fromkeys(["starts_at"] if set(found) - ONLY_POINTED_OUT else [], _saying(found))
    if session.ends_at <= now:
        fields["ends_at"] = gettext_noop("这个时间已经过去。")
    try:
        with transaction.atomic():
            published = publish_sessions(actor=actor, now=now, sessions=with_release([session], now=now))
            if not fields:
                return published[0]
    except BadSession as refusal:
        raise BadSession(fields=fields | refusal.fields) from None
    except (DoctorBusy, DoctorOnTheRoad) as refusal:
        raise BadSession(fields={"starts_at": refusal.message} | fields) from None
    raise BadSession(fields=fields)


def _saying(found: tuple[PlanConflict, ...]) -> str:
    return DoctorBusy.message if PlanConflict.DOCTOR_BUSY in found else DoctorOnTheRoad.message


def _plan(actor: Actor, now: datetime, department_id: UUID | None, until: date) -> list[tuple[PlanRow, NewSession | None]]:
    """Every template on every day, with the session to be published where nothing stands against it."""
    if department_id is not None:
        access.require(actor, SESSION_PUBLISH, department_id)
    first = service_date(now)
    templates = [each for each in _templates(first, until, department_id) if access.may(actor, SESSION_PUBLISH, each.department_id)]
    if not templates or until < first:
        return []
    world = _World(templates, first, until, now)
    return [pair for day in _days(first, until) for template in templates if (pair := world.row(template, day)) is not None]


def _templates(first: date, until: date, department_id: UUID | None) -> list[models.ScheduleTemplate]:
    valid = Q(valid_until__isnull=True) | Q(valid_until__gt=first)
    rows = models.ScheduleTemplate.objects.filter(valid, valid_from__lte=until)
    if department_id is not None:
        rows = rows.filter(department_id=department_id)
    return list(rows.order_by("department_id", "start_minute", "id"))


def _days(first: date, until: date) -> Iterator[date]:
    return (first + _A_DAY * ahead for ahead in range((until - first).days + 1))


class _World:
    """Everything that decides about the rows, read once."""

    def __init__(self, templates: Sequence[models.ScheduleTemplate], first: date, until: date, now: datetime) -> None:
        self.now = now
        self.planning: ReleasePlanner = planner(now, first, until)
        self.departments = organizations.facts_departments({row.department_id for row in templates})
        self.doctors = organizations.facts_practitioners({row.practitioner_id for row in templates})
        self.rooms = organizations.facts_rooms({row.room_id for row in templates if row.room_id})
        self.phones = {each.id: each.phone for each in organizations.organizations()}
        self.roads = _roads({each.organization_id for each in self.departments.values()}, now)
        self.here = {
            (person.id, department_id) for department_id in self.departments for person in organizations.practitioners(department_id)
        }
        self.exceptions = list(models.TemplateException.objects.filter(first_day__lte=until, last_day__gte=first))
        self.busy = _busy(set(self.doctors), first - _A_DAY, until + _A_DAY, rooms=set(self.rooms))
        own = models.ClinicSession.objects.filter(template_id__in=[row.id for row in templates], service_date__gte=first)
        self.existing = {
            (template_id, day): session_id for template_id, day, session_id in own.values_list("template_id", "service_date", "id")
        }

    def row(self, template: models.ScheduleTemplate, day: date) -> tuple[PlanRow, NewSession | None] | None:
        """What becomes of the template on the day; None where it does not apply at all or its hours are over."""
        if day < template.valid_from or (template.valid_until and day >= template.valid_until) or not _in_rhythm(template, day):
            return None
        kind = rules.kind_of_day(day, self.planning.decided)
        weekday = rules.template_weekday(day, kind)
        if weekday != template.weekday and not (kind is DayKind.HOLIDAY and day.weekday() == template.weekday):
            return None
        session = self._session(template, day)
        return self._decide(template, session, day, kind) if session.ends_at > self.now else None

    def _decide(
        self, template: models.ScheduleTemplate, session: NewSession, day: date, kind: DayKind
    ) -> tuple[PlanRow, NewSession | None]:
        existing = self.existing.get((template.id, day))
        if existing is not None:
            return _row(template, session, day, PlanOutcome.EXISTS, session_id=existing), None
        if kind is DayKind.HOLIDAY:
            return _row(template, session, day, PlanOutcome.HOLIDAY), None
        if any(_applies(each, template, day, session) for each in self.exceptions):
            return _row(template, session, day, PlanOutcome.EXCEPTION), None
        stretch = _stretch(session, self.departments[template.department_id].organization_id, self.roads[self._home(template)])
        conflicts = (*self.busy.against(stretch), *self._lacks(template, session))
        if set(conflicts) - ONLY_POINTED_OUT:
            return _row(template, session, day, PlanOutcome.CONFLICT, conflicts), None
        self.busy.enter(stretch)
        return _row(template, session, day, PlanOutcome.NEW, conflicts), planned(session, self.planning)

    def _home(self, template: models.ScheduleTemplate) -> UUID:
        return self.departments[template.department_id].organization_id

    def _session(self, template: models.ScheduleTemplate, day: date) -> NewSession:
        kind = self._kind(template)
        visits = kind is not SessionKind.CLINIC
        starts_at = instant_at(day, time(template.start_minute // 60, template.start_minute % 60))
        return NewSession(
            practitioner_id=template.practitioner_id,
            department_id=template.department_id,
            room_id=template.room_id,
            starts_at=starts_at,
            ends_at=starts_at + timedelta(minutes=template.end_minute - template.start_minute),
            number_class=NumberClass(template.number_class),
            per_window=template.per_window,
            visible_at=starts_at,
            slot_minutes=template.slot_minutes,
            kind=kind,
            template_id=template.id,
            contact=self.phones.get(self._home(template), "") if visits else "",
            how_to_book=HOW_TO_BOOK if visits else "",
        )

    def _kind(self, template: models.ScheduleTemplate) -> SessionKind:
        """A doctor of another house visits; in a room with a machine the visit is for examinations."""
        if self.doctors[template.practitioner_id].home_organization_id == self._home(template):
            return SessionKind.CLINIC
        room = self.rooms.get(template.room_id) if template.room_id else None
        return SessionKind.EXAM if room is not None and room.kind is RoomKind.IMAGING else SessionKind.VISITING

    def _lacks(self, template: models.ScheduleTemplate, session: NewSession) -> Iterator[PlanConflict]:
        if (template.practitioner_id, template.department_id) not in self.here:
            yield PlanConflict.NOT_HERE
        minutes = template.slot_minutes or self.planning.slot_minutes(template.department_id)
        if not 1 <= minutes <= LONGEST_WINDOW_MINUTES:
            yield PlanConflict.BAD_HOURS
        if session.kind is not SessionKind.CLINIC and template.room_id is None:
            yield PlanConflict.NO_ROOM
        if session.kind is not SessionKind.CLINIC and not session.contact:
            yield PlanConflict.NO_CONTACT


def _in_rhythm(template: models.ScheduleTemplate, day: date) -> bool:
    if template.rhythm == WeekRhythm.EVERY:
        return True
    return (day.isocalendar().week % 2 == 1) is (template.rhythm == WeekRhythm.ODD)


def _applies(each: models.TemplateException, template: models.ScheduleTemplate, day: date, session: NewSession) -> bool:
    about = (each.practitioner_id is None or each.practitioner_id == template.practitioner_id) and (
        each.department_id is None or each.department_id == template.department_id
    )
    half = each.half_day in ("", rules.half_day_of(session.starts_at).value)
    return about and half and each.first_day <= day <= each.last_day


def _roads(organization_ids: Iterable[UUID], now: datetime) -> Mapping[UUID, timedelta]:
    found = {each: rulebook.rule(RoadBuffer, scope_id=each, at=now).parameters.travel_minutes for each in organization_ids}
    return {each: timedelta(minutes=minutes) for each, minutes in found.items()}


def _busy(practitioner_ids: set[UUID], first: date, last: date, *, rooms: set[UUID] | None = None) -> _Book:
    """What the doctors do already, anywhere in the consortium, and who sits in the rooms."""
    whose = Q(practitioner_id__in=practitioner_ids) | Q(room_id__in=rooms or set())
    rows = models.ClinicSession.objects.filter(whose, status=SessionStatus.OPEN, service_date__range=(first, last))
    columns = ("starts_at", "ends_at", "road_until", "organization_id", "room_id", "practitioner_id")
    return _Book(_Busy(*row) for row in rows.values_list(*columns))


def _stretch(session: NewSession, organization_id: UUID, road: timedelta) -> _Busy:
    return _Busy(session.starts_at, session.ends_at, session.ends_at + road, organization_id, session.room_id, session.practitioner_id)


def _row(  # noqa: PLR0917  # the columns of one row
    template: models.ScheduleTemplate,
    session: NewSession,
    day: date,
    outcome: PlanOutcome,
    conflicts: tuple[PlanConflict, ...] = (),
    session_id: UUID | None = None,
) -> PlanRow:
    return PlanRow(
        template_id=template.id,
        practitioner_id=template.practitioner_id,
        department_id=template.department_id,
        room_id=template.room_id,
        day=day,
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        number_class=session.number_class,
        outcome=outcome,
        conflicts=conflicts,
        session_id=session_id,
    )


def _publish(sessions: Sequence[NewSession], *, actor: Actor, now: datetime) -> list[UUID | PlanConflict]:
    """All at once; if one is refused after all (somebody published beside us), each alone."""
    if not sessions:
        return []
    try:
        with transaction.atomic():
            return list(publish_sessions(actor=actor, now=now, sessions=sessions))
    except Refusal:
        return [_publish_alone(session, actor=actor, now=now) for session in sessions]


def _publish_alone(session: NewSession, *, actor: Actor, now: datetime) -> UUID | PlanConflict:
    try:
        with transaction.atomic():
            return publish_sessions(actor=actor, now=now, sessions=[session])[0]
    except DoctorBusy:
        return PlanConflict.DOCTOR_BUSY
    except DoctorOnTheRoad:
        return PlanConflict.ON_THE_ROAD
    except BadSession:
        return PlanConflict.BAD_HOURS


def _answered(row: PlanRow, answer: UUID | PlanConflict) -> PlanRow:
    if isinstance(answer, PlanConflict):
        return replace(row, outcome=PlanOutcome.CONFLICT, conflicts=(*row.conflicts, answer))
    return replace(row, outcome=PlanOutcome.PUBLISHED, session_id=answer)

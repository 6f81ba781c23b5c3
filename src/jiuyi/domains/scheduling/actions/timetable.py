"""The standing timetable (排班): who holds which clinic each week, on which days not, and which days are worked at all."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from jiuyi.domains.organizations import queries as organizations
from jiuyi.domains.scheduling import models
from jiuyi.domains.scheduling.actions.sessions import LONGEST_WINDOW_MINUTES, lock_session
from jiuyi.domains.scheduling.events import timetable as events
from jiuyi.domains.scheduling.words import (
    SESSION_PUBLISH,
    DoctorOnTheRoad,
    ExceptionKind,
    HalfDay,
    NumberClass,
    PlaceState,
    RoadBuffer,
    SessionStatus,
    WeekRhythm,
)
from jiuyi.domains.scheduling.words.changes import RoomElsewhere
from jiuyi.domains.scheduling.words.planning import BadException, BadTemplate, TemplateClash
from jiuyi.foundation import access, audit, journal, rulebook
from jiuyi.foundation.access import Actor
from jiuyi.kernel.clock import service_date
from jiuyi.kernel.ids import new_id
from jiuyi.kernel.refusals import NotAllowed, NotFound
from jiuyi.kernel.text import gettext_noop

_LAST_WEEKDAY = 6
_DAY_MINUTES = 24 * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTemplate:
    """A standing clinic; ``weekday`` 0 is Monday, minutes count from midnight, ``valid_until`` is the first day without it."""

    practitioner_id: UUID
    department_id: UUID
    room_id: UUID | None
    weekday: int
    start_minute: int
    end_minute: int
    number_class: NumberClass
    per_window: int
    valid_from: date
    valid_until: date | None = None
    rhythm: WeekRhythm = WeekRhythm.EVERY
    slot_minutes: int | None = None
    id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Cleared:
    """What became of sessions that no longer fit: those nobody had booked are off the schedule, the others need a human."""

    id: UUID
    withdrawn: list[UUID]
    still_booked: list[UUID]


@transaction.atomic
def add_template(*, actor: Actor, now: datetime, template: NewTemplate) -> UUID:
    """Enter a standing clinic. Refuses ``scheduling.bad_template`` (every field at once) and ``scheduling.template_clash``.

    Source: rule AP-6.
    """
    return add_templates(actor=actor, now=now, templates=[template])[0]


@transaction.atomic
def add_templates(*, actor: Actor, now: datetime, templates: list[NewTemplate]) -> list[UUID]:
    """Enter several, all or none; their ids in the same order. Refuses as ``add_template`` does."""
    for department_id in {template.department_id for template in templates}:
        access.require(actor, SESSION_PUBLISH, department_id)
    _check(templates, now)
    rows = [_row(template, now) for template in templates]
    try:
        with transaction.atomic():
            models.ScheduleTemplate.objects.bulk_create(rows, batch_size=500)
    except IntegrityError as error:
        if "template_doctor_in_one_place" in str(error):
            raise TemplateClash from error
        raise
    for row in rows:
        added = events.TemplateAdded(
            template_id=row.id, department_id=row.department_id, practitioner_id=row.practitioner_id, scope_id=row.department_id
        )
        journal.record(added, actor=actor, now=now)
    return [row.id for row in rows]


@transaction.atomic
def change_template(*, actor: Actor, now: datetime, template_id: UUID, from_day: date, template: NewTemplate) -> Cleared:
    """Let a standing clinic be another one from a day on: the old one ends there, so that the past stays as it was.

    Sessions of the old one that nobody booked come off the schedule; ``id`` of the answer is the new clinic's.
    Refuses as ``add_template`` does, and ``not_found``.
    """
    cleared = end_template(actor=actor, now=now, template_id=template_id, last_day=from_day - timedelta(days=1))
    added = add_template(actor=actor, now=now, template=template)
    return Cleared(added, cleared.withdrawn, cleared.still_booked)


@transaction.atomic
def end_template(*, actor: Actor, now: datetime, template_id: UUID, last_day: date) -> Cleared:
    """End a standing clinic after its last day; one that had not begun by then never takes place.

    Its later sessions that nobody booked come off the schedule; those with bookings are named, to be stopped or substituted.
    """
    row = _locked_template(actor, template_id)
    ends_on = max(last_day + timedelta(days=1), service_date(now))
    cleared = _clear(models.ClinicSession.objects.filter(template_id=template_id, service_date__gte=ends_on), actor=actor, now=now)
    if ends_on <= row.valid_from:
        models.ClinicSession.objects.filter(template_id=template_id).update(template=None)  # booked ones stay, as one-off sessions
        row.delete()
    else:
        row.valid_until = ends_on
        row.updated_at = now
        row.save(update_fields=["valid_until", "updated_at"])
    ended = events.TemplateEnded(
        template_id=template_id,
        ends_on=ends_on,
        withdrawn=len(cleared[0]),
        still_booked=len(cleared[1]),
        scope_id=row.department_id,
    )
    journal.record(ended, actor=actor, now=now)
    return Cleared(template_id, *cleared)


@transaction.atomic
def add_exception(
    *,
    actor: Actor,
    now: datetime,
    department_id: UUID,
    practitioner_id: UUID | None,
    first_day: date,
    last_day: date,
    kind: ExceptionKind,
    half_day: HalfDay | None = None,
    reason: str = "",
) -> Cleared:
    """Enter days without the standing timetable, of a doctor (in every department) or of a whole department.

    Sessions of those days that nobody booked come off the schedule; those with bookings are named. Refuses
    ``scheduling.bad_exception``.
    """
    access.require(actor, SESSION_PUBLISH, department_id)
    if last_day < first_day:
        raise BadException(fields={"last_day": gettext_noop("最后一天不能早于第一天。")})
    row = models.TemplateException.objects.create(
        practitioner_id=practitioner_id,
        department_id=None if practitioner_id else department_id,
        first_day=first_day,
        last_day=last_day,
        half_day=half_day or "",
        kind=kind,
        reason=reason.strip(),
        entered_by_id=actor.id,
        entered_at=now,
    )
    sessions = models.ClinicSession.objects.filter(service_date__range=(max(first_day, service_date(now)), last_day))
    sessions = sessions.filter(practitioner_id=practitioner_id) if practitioner_id else sessions.filter(department_id=department_id)
    if half_day:
        sessions = sessions.filter(half_day=half_day)
    withdrawn, still_booked = _clear(sessions, actor=actor, now=now)
    added = events.ExceptionAdded(exception_id=row.id, withdrawn=len(withdrawn), still_booked=len(still_booked), scope_id=department_id)
    journal.record(added, actor=actor, now=now)
    return Cleared(row.id, withdrawn, still_booked)


@transaction.atomic
def remove_exception(*, actor: Actor, now: datetime, exception_id: UUID, department_id: UUID) -> None:
    """Let the standing timetable apply again; what came off the schedule is generated anew only where no row stands."""
    access.require(actor, SESSION_PUBLISH, department_id)
    row = models.TemplateException.objects.filter(pk=exception_id).first()
    if row is None or (row.department_id or department_id) != department_id:
        raise NotFound
    row.delete()
    journal.record(events.ExceptionRemoved(exception_id=exception_id, scope_id=department_id), actor=actor, now=now)


@transaction.atomic
def decide_day(*, actor: Actor, now: datetime, day: date, working: bool | None, note: str = "") -> None:
    """Decide by hand whether a day is worked in the whole consortium; None goes back to the announced calendar. Source: §21."""
    if not access.may_somewhere(actor, SESSION_PUBLISH):
        raise NotAllowed
    if working is None:
        models.CalendarDay.objects.filter(day=day).delete()
    else:
        values = {"working": working, "note": note.strip(), "entered_by_id": actor.id, "entered_at": now}
        models.CalendarDay.objects.update_or_create(day=day, defaults=values)
    journal.record(events.CalendarDayDecided(day=day, working=working), actor=actor, now=now)
    audit.privileged(actor, act="scheduling.decide_day", object_id=day.isoformat(), reason=note.strip(), now=now)


def _locked_template(actor: Actor, template_id: UUID) -> models.ScheduleTemplate:
    row = models.ScheduleTemplate.objects.select_for_update(no_key=True).filter(pk=template_id).first()
    if row is None:
        raise NotFound
    access.require(actor, SESSION_PUBLISH, row.department_id)
    return row


def _clear(sessions: QuerySet[models.ClinicSession], *, actor: Actor, now: datetime) -> tuple[list[UUID], list[UUID]]:
    """Take the sessions off the schedule that nobody booked; (those, the ones with bookings)."""
    withdrawn, still_booked = [], []
    waiting = sessions.filter(status=SessionStatus.OPEN, starts_at__gt=now).order_by("id")
    for session_id in waiting.values_list("pk", flat=True):
        if _withdraw(session_id, actor=actor, now=now):
            withdrawn.append(session_id)
        else:
            still_booked.append(session_id)
    return withdrawn, still_booked


def _withdraw(session_id: UUID, *, actor: Actor, now: datetime) -> bool:
    """Session first, then its places: a booking that holds one finishes before, one that comes later finds none."""
    session = lock_session(session_id)
    places = models.Place.objects.filter(session_id=session_id)
    list(places.select_for_update(no_key=True).order_by("id").values_list("pk", flat=True))
    if places.filter(state=PlaceState.TAKEN).exists():
        return False
    places.filter(state=PlaceState.FREE).update(state=PlaceState.WITHDRAWN)
    # Without its template the row does not keep the day from being generated again, once the reason has gone.
    session.status, session.capacity, session.template = SessionStatus.STOPPED, 0, None
    session.save(update_fields=["status", "capacity", "template"])
    journal.record(events.SessionWithdrawn(session_id=session_id, scope_id=session.organization_id), actor=actor, now=now)
    return True


def _check(templates: Sequence[NewTemplate], now: datetime) -> None:
    """Everything against the templates at once; what cannot be in itself is not compared with the others."""
    standing = _standing({template.practitioner_id for template in templates})
    departments = organizations.facts_departments({template.department_id for template in [*templates, *standing]})
    homes = {department_id: facts.organization_id for department_id, facts in departments.items()}
    rooms = organizations.facts_rooms({template.room_id for template in templates if template.room_id is not None})
    fields: dict[str, str] = {}
    for template in templates:
        fields |= _wrong(template)
        room = rooms.get(template.room_id) if template.room_id is not None else None
        if template.room_id is not None and (room is None or room.organization_id != homes[template.department_id]):
            fields["room_id"] = RoomElsewhere.message
    if not fields:
        of_doctor: dict[UUID, list[NewTemplate]] = {}
        for template in standing:
            of_doctor.setdefault(template.practitioner_id, []).append(template)
        for template in templates:
            others = of_doctor.setdefault(template.practitioner_id, [])
            fields |= _clashes(template, others, homes, now)
            others.append(template)
    if fields:
        raise BadTemplate(fields=fields)


def _wrong(template: NewTemplate) -> dict[str, str]:
    fields = {}
    if not 0 <= template.weekday <= _LAST_WEEKDAY:
        fields["weekday"] = gettext_noop("请选择星期。")
    if template.end_minute <= template.start_minute:
        fields["end_minute"] = gettext_noop("结束时间要晚于开始时间。")
    elif not 0 <= template.start_minute < template.end_minute <= _DAY_MINUTES:
        fields["end_minute"] = gettext_noop("班次不能跨天，请分成两个班次。")
    if template.slot_minutes is not None and not 1 <= template.slot_minutes <= LONGEST_WINDOW_MINUTES:
        fields["slot_minutes"] = gettext_noop("每个时段为 1 至 15 分钟。")
    if template.per_window < 1:
        fields["per_window"] = gettext_noop("每个时段至少放 1 个号。")
    if template.valid_until is not None and template.valid_until <= template.valid_from:
        fields["valid_until"] = gettext_noop("结束日期要晚于开始日期。")
    return fields


def _standing(practitioner_ids: set[UUID]) -> list[NewTemplate]:
    """What the doctors hold already, anywhere in the consortium."""
    return [
        NewTemplate(
            practitioner_id=row.practitioner_id,
            department_id=row.department_id,
            room_id=row.room_id,
            weekday=row.weekday,
            start_minute=row.start_minute,
            end_minute=row.end_minute,
            number_class=NumberClass(row.number_class),
            per_window=row.per_window,
            valid_from=row.valid_from,
            valid_until=row.valid_until,
            rhythm=WeekRhythm(row.rhythm),
        )
        for row in models.ScheduleTemplate.objects.filter(practitioner_id__in=practitioner_ids)
    ]


def _clashes(template: NewTemplate, others: Iterable[NewTemplate], homes: Mapping[UUID, UUID], now: datetime) -> dict[str, str]:
    """What the doctor's other standing clinics have against a new one; the constraint has the last word on the first."""
    fields = {}
    for other in others:
        if not _meet(template, other):
            continue
        if template.start_minute < other.end_minute and other.start_minute < template.end_minute:
            fields["start_minute"] = TemplateClash.message
        elif (home := homes[template.department_id]) != homes[other.department_id]:
            road = rulebook.rule(RoadBuffer, scope_id=home, at=now).parameters.travel_minutes
            if template.start_minute < other.end_minute + road and other.start_minute < template.end_minute + road:
                fields["end_minute"] = DoctorOnTheRoad.message
    return fields


def _meet(one: NewTemplate, other: NewTemplate) -> bool:
    """Whether two standing clinics of one doctor can fall on one day."""
    same_weeks = WeekRhythm.EVERY in {one.rhythm, other.rhythm} or one.rhythm is other.rhythm
    one_first = one.valid_until is not None and one.valid_until <= other.valid_from
    other_first = other.valid_until is not None and other.valid_until <= one.valid_from
    same_doctor = one.practitioner_id == other.practitioner_id
    return same_doctor and one.weekday == other.weekday and same_weeks and not one_first and not other_first


def _row(template: NewTemplate, now: datetime) -> models.ScheduleTemplate:
    return models.ScheduleTemplate(
        id=template.id or new_id(),
        practitioner_id=template.practitioner_id,
        department_id=template.department_id,
        room_id=template.room_id,
        weekday=template.weekday,
        rhythm=template.rhythm,
        start_minute=template.start_minute,
        end_minute=template.end_minute,
        number_class=template.number_class,
        slot_minutes=template.slot_minutes,
        per_window=template.per_window,
        valid_from=template.valid_from,
        valid_until=template.valid_until,
        updated_at=now,
    )

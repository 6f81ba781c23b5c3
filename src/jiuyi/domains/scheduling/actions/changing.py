"""Changes of the day (停诊、替诊、延诊、换诊室). Places first, then the session, then appointments (docs/locking.md).

A booking that holds one of the places finishes before the change and is noticed; one that comes later finds the
session as it is then. Each change writes one ``ChangeNotice`` for everybody whom it concerns, in the same transaction.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F

from jiuyi.domains.organizations import queries as organizations
from jiuyi.domains.scheduling import models, queries
from jiuyi.domains.scheduling.actions.sessions import lock_session
from jiuyi.domains.scheduling.events import changes as events
from jiuyi.domains.scheduling.rules import changes as rules
from jiuyi.domains.scheduling.words import (
    OPEN_STATES,
    SESSION_PUBLISH,
    ChangeKind,
    DoctorBusy,
    DoctorOnTheRoad,
    MoveReason,
    NumberClass,
    Party,
    PlaceState,
    RoadBuffer,
    SessionStatus,
    SessionStopped,
)
from jiuyi.domains.scheduling.words.changes import (
    DelayTooLong,
    NothingChanged,
    NotSameClass,
    RoomElsewhere,
    SessionOver,
    TellingChanges,
)
from jiuyi.foundation import access, journal, rulebook
from jiuyi.foundation.access import Actor
from jiuyi.kernel.ids import new_id
from jiuyi.kernel.periods import Period

_REASON_LENGTH = 120
E = TypeVar("E", bound=events.SessionChanged)


@dataclass(frozen=True, slots=True)
class Changed:
    """A change that was decided, and the appointments of those who have to be told, in order of time."""

    change_id: UUID
    appointment_ids: tuple[UUID, ...]


@transaction.atomic
def stop_session(*, actor: Actor, now: datetime, session_id: UUID, reason: str = "", also: Sequence[UUID] = ()) -> list[UUID]:
    """Stop a session (停诊): nothing more can be booked; the ids of the live appointments, whose owners are told and choose.

    A second stop changes nothing and gives the appointments that are still live. Refuses ``not_found``. Source: rule AP-7.
    """
    session = _begin(actor, session_id)
    models.Place.objects.filter(session_id=session_id, state=PlaceState.FREE).update(state=PlaceState.WITHDRAWN)
    affected = _live(session_id)
    if session.status != SessionStatus.STOPPED:
        session.status = SessionStatus.STOPPED
        session.away_since = None
        session.capacity = models.Place.objects.filter(session_id=session_id, extra=False, state=PlaceState.TAKEN).count()
        session.save(update_fields=["status", "away_since", "capacity"])
        change = _write(actor, now, session, ChangeKind.STOP, reason)
        _notice(change, session, [*affected, *_also(session_id, also)])
        _record(events.ClinicSessionStopped, change, session, affected, actor=actor, now=now)
    return [each.id for each in affected]


@transaction.atomic
def substitute_session(
    *, actor: Actor, now: datetime, session_id: UUID, practitioner_id: UUID, reason: str, also: Sequence[UUID] = ()
) -> Changed:
    """Let another doctor see the patients of a session (替诊); times, places and fees stay, appointments follow the session.

    Refuses ``scheduling.not_same_class`` for a doctor of lower rank, ``scheduling.doctor_busy`` and
    ``scheduling.doctor_on_the_road``, ``scheduling.nothing_changed``, ``session_stopped``, ``session_ended``. Source: rule AP-7.
    """
    session = _begin(actor, session_id)
    _require_alive(session, now)
    doctor = organizations.practitioner(practitioner_id)
    if session.practitioner_id == practitioner_id:
        raise NothingChanged
    if not rules.may_substitute(doctor.title, NumberClass(session.number_class)):
        raise NotSameClass
    before = session.practitioner_id
    session.original_practitioner_id = session.original_practitioner_id or before
    session.practitioner_id = practitioner_id
    session.away_since = None
    _save(session, ["practitioner_id", "original_practitioner_id", "away_since"])
    affected = _live(session_id)
    models.Appointment.objects.filter(pk__in=[each.id for each in affected]).update(practitioner_id=practitioner_id)
    change = _write(actor, now, session, ChangeKind.SUBSTITUTE, reason, substitute_id=practitioner_id)
    _notice(change, session, [*affected, *_also(session_id, also)])
    extra = {"practitioner_id": practitioner_id, "instead_of": before}
    _record(events.SessionSubstituted, change, session, affected, actor=actor, now=now, **extra)
    return Changed(change.id, tuple(each.id for each in affected))


@transaction.atomic
def delay_session(*, actor: Actor, now: datetime, session_id: UUID, minutes: int | None, reason: str, also: Sequence[UUID] = ()) -> Changed:
    """Let a session begin, or go on, later (延诊): windows that are not over, and every live appointment, shift by ``minutes``.

    None: the doctor is away until unknown; nothing shifts until a later delay, substitute or stop says what becomes of it
    (0 minutes: back already). What was used or ran out stays. Whoever the shift makes collide with another visit has it
    named in the notice. Refuses ``scheduling.delay_too_long`` (also past 24:00), ``doctor_busy``, ``doctor_on_the_road``,
    ``session_stopped``, ``session_ended``, ``nothing_changed`` (away twice). Source: rule AP-7, §21.
    """
    session = _begin(actor, session_id)
    _require_alive(session, now)
    was_away = session.away_since is not None
    if minutes is None:
        if was_away:
            raise NothingChanged
        session.away_since = now
        session.save(update_fields=["away_since"])
        affected = _live(session_id)
    else:
        params = rulebook.rule(TellingChanges, scope_id=session.organization_id, at=now).parameters
        if not rules.delay_fits(ends_at=session.ends_at, minutes=minutes, was_away=was_away, parameters=params):
            raise DelayTooLong
        affected = _live(session_id)
        _shift_session(session, minutes, now=now)
        _shift_places(session_id, affected, minutes, now=now)
    change = _write(actor, now, session, ChangeKind.DELAY, reason, delay_minutes=minutes)
    _notice(change, session, [*affected, *_also(session_id, also)], shifted=timedelta(minutes=minutes or 0))
    if minutes:
        _shift_appointments(change, affected, timedelta(minutes=minutes), now=now)
    _record(events.SessionDelayed, change, session, affected, actor=actor, now=now, minutes=minutes)
    return Changed(change.id, tuple(each.id for each in affected))


@transaction.atomic
def change_room(*, actor: Actor, now: datetime, session_id: UUID, room_id: UUID, reason: str = "", also: Sequence[UUID] = ()) -> Changed:
    """Let a session take place in another room of the institution.

    Refuses ``scheduling.room_elsewhere``, ``nothing_changed``, ``session_stopped``, ``session_ended``.
    """
    session = _begin(actor, session_id)
    _require_alive(session, now)
    if room_id not in {room.id for room in organizations.rooms(session.organization_id)}:
        raise RoomElsewhere
    if session.room_id == room_id:
        raise NothingChanged
    session.room_id = room_id
    session.save(update_fields=["room_id"])
    affected = _live(session_id)
    change = _write(actor, now, session, ChangeKind.ROOM, reason)
    _notice(change, session, [*affected, *_also(session_id, also)])
    _record(events.RoomChanged, change, session, affected, actor=actor, now=now, room_id=room_id)
    return Changed(change.id, tuple(each.id for each in affected))


@transaction.atomic
def follow_substitutes(*, actor: Actor, now: datetime) -> list[UUID]:
    """Bookings that were under way while a substitute was named: they follow the session too, and their owners are told.

    A claim reads the session before it waits for its place, so it may still write down the doctor who had left. The ids
    of the appointments that were mended.
    """
    del actor  # it follows what somebody decided before
    stale = models.Appointment.objects.filter(
        status__in=OPEN_STATES, session__original_practitioner_id__isnull=False, session__ends_at__gt=now
    ).exclude(practitioner_id=F("session__practitioner_id"))
    mended = []
    for appointment in list(stale.select_related("session").order_by("id")):
        session = appointment.session
        changed = models.Appointment.objects.filter(pk=appointment.id).update(practitioner_id=session.practitioner_id)
        change = (
            models.SessionChange.objects.filter(session_id=session.id, kind=ChangeKind.SUBSTITUTE).order_by("-decided_at", "-id").first()
        )
        if changed and change is not None:
            _notice(change, session, [appointment])
            mended.append(appointment.id)
    return mended


def _begin(actor: Actor, session_id: UUID) -> models.ClinicSession:
    """Lock the session, once it is known that the actor may change it. Refuses as ``sessions.lock_session``, ``not_allowed``."""
    access.require(actor, SESSION_PUBLISH, queries.facts_session(session_id).department_id)
    return lock_session(session_id)


def _require_alive(session: models.ClinicSession, now: datetime) -> None:
    if session.status == SessionStatus.STOPPED:
        raise SessionStopped
    if session.ends_at <= now:
        raise SessionOver


def _save(session: models.ClinicSession, fields: list[str]) -> None:
    try:
        with transaction.atomic():
            session.save(update_fields=fields)
    except IntegrityError as error:
        if "practitioner_in_one_place" in str(error):
            raise DoctorBusy from error
        if "practitioner_on_the_road" in str(error):
            raise DoctorOnTheRoad from error
        raise


def _live(session_id: UUID) -> list[models.Appointment]:
    rows = models.Appointment.objects.select_for_update(no_key=True).filter(session_id=session_id, status__in=OPEN_STATES).order_by("pk")
    return sorted(rows, key=lambda row: (row.window_start, row.id))


def _also(session_id: UUID, appointment_ids: Sequence[UUID]) -> list[models.Appointment]:
    """People of this session who were seen and come back, as the journey that knows it says."""
    rows = models.Appointment.objects.filter(session_id=session_id, pk__in=appointment_ids).exclude(status__in=OPEN_STATES)
    return list(rows.order_by("window_start", "id"))


def _shift_session(session: models.ClinicSession, minutes: int, *, now: datetime) -> None:
    shift = timedelta(minutes=minutes)
    if session.starts_at > now:
        session.starts_at += shift
    session.ends_at += shift
    session.road_until += shift
    session.delayed_minutes += minutes
    session.away_since = None
    _save(session, ["starts_at", "ends_at", "road_until", "delayed_minutes", "away_since"])


def _shift_places(session_id: UUID, live: Sequence[models.Appointment], minutes: int, *, now: datetime) -> None:
    shift = timedelta(minutes=minutes)
    places = models.Place.objects.filter(session_id=session_id)
    moved = {"window_start": F("window_start") + shift, "window_end": F("window_end") + shift}
    places.filter(pk__in=[each.place_id for each in live]).update(**moved)
    places.exclude(state=PlaceState.TAKEN).filter(window_end__gt=now).update(**moved)


def _shift_appointments(change: models.SessionChange, live: Sequence[models.Appointment], shift: timedelta, *, now: datetime) -> None:
    moves = [
        models.AppointmentMove(
            appointment_id=each.id,
            from_place_id=each.place_id,
            to_place_id=each.place_id,
            from_window_start=each.window_start,
            to_window_start=each.window_start + shift,
            reason=MoveReason.DELAYED,
            by=Party.HOSPITAL,
            idempotency_key=f"delay:{change.id}:{each.id}",
            moved_at=now,
        )
        for each in live
    ]
    models.AppointmentMove.objects.bulk_create(moves)
    models.Appointment.objects.filter(pk__in=[each.id for each in live]).update(
        window_start=F("window_start") + shift, window_end=F("window_end") + shift
    )


def _write(
    actor: Actor,
    now: datetime,
    session: models.ClinicSession,
    kind: ChangeKind,
    reason: str,
    *,
    substitute_id: UUID | None = None,
    delay_minutes: int | None = None,
) -> models.SessionChange:
    return models.SessionChange.objects.create(
        id=new_id(),
        session=session,
        kind=kind,
        substitute_id=substitute_id,
        delay_minutes=delay_minutes,
        reason=reason.strip()[:_REASON_LENGTH],
        decided_by_id=actor.id,
        decided_at=now,
    )


def _notice(
    change: models.SessionChange,
    session: models.ClinicSession,
    concerned: Sequence[models.Appointment],
    *,
    shifted: timedelta = timedelta(),
) -> None:
    """One notice each; ``concerned`` still have the windows from before the shift. A second notice of one change is none."""
    params = rulebook.rule(TellingChanges, scope_id=session.organization_id, at=change.decided_at).parameters
    collides = _collisions(session, concerned, shifted, now=change.decided_at) if shifted else {}
    models.ChangeNotice.objects.bulk_create(
        [
            models.ChangeNotice(
                change=change,
                appointment_id=each.id,
                call_due_at=rules.call_due_at(decided_at=change.decided_at, window_start=each.window_start, parameters=params),
                collides_with=collides.get(each.id),
            )
            for each in concerned
        ],
        ignore_conflicts=True,
    )


def _collisions(
    session: models.ClinicSession, concerned: Iterable[models.Appointment], shift: timedelta, *, now: datetime
) -> dict[UUID, UUID]:
    """Which other visit of the day each shifted appointment makes impossible."""
    mine = {each.person_id: each for each in concerned if each.status in OPEN_STATES}
    rows = models.Appointment.objects.filter(person_id__in=list(mine), service_date=session.service_date, status__in=OPEN_STATES).exclude(
        session_id=session.id
    )
    others: dict[UUID, list[rules.OtherVisit]] = {}
    for row in rows:
        visit = rules.OtherVisit(row.id, row.organization_id, Period(row.window_start, row.window_end))
        others.setdefault(row.person_id, []).append(visit)
    road = rulebook.rule(RoadBuffer, scope_id=session.department_id, at=now).parameters.travel_minutes
    found = {}
    for person_id, visits in others.items():
        appointment = mine[person_id]
        hit = rules.collision(
            before=Period(appointment.window_start, appointment.window_end),
            after=Period(appointment.window_start + shift, appointment.window_end + shift),
            organization_id=session.organization_id,
            others=visits,
            road_minutes=road,
        )
        if hit is not None:
            found[appointment.id] = hit.appointment_id
    return found


def _record(
    kind: type[E],
    change: models.SessionChange,
    session: models.ClinicSession,
    affected: Sequence[models.Appointment],
    *,
    actor: Actor,
    now: datetime,
    **extra: Any,
) -> None:
    event = kind(session_id=session.id, change_id=change.id, affected=len(affected), scope_id=session.organization_id, **extra)
    journal.record(event, actor=actor, now=now)

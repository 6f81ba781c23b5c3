"""Moving an appointment to another place: the new place is taken before the old one is given back, or nothing changes.

Order of locks: the person's allowance, both places, the appointment. With its own place in hand a move takes a new one only if
nobody holds it; if it must wait for somebody, it lets go first and waits for both in the order of ids, as everybody does. A ring
through somebody else's locks ends with ``scheduling.try_again``.
"""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, OperationalError, connection, transaction

from jiuyi.domains.scheduling import models, queries, rules
from jiuyi.domains.scheduling.actions import limits, visits
from jiuyi.domains.scheduling.actions.cooling import give_back_place
from jiuyi.domains.scheduling.actions.extra_place import new_extra_place
from jiuyi.domains.scheduling.events.moving import AppointmentMoved
from jiuyi.domains.scheduling.words import (
    OPEN_STATES,
    AlreadyBookedThatDay,
    AppointmentAct,
    AppointmentStatus,
    BookingChannel,
    BookingSuspended,
    CancelDeadline,
    KeyConflict,
    MoveReason,
    NoSuchWindow,
    NotThatDay,
    NotYetVisible,
    NumberClass,
    Party,
    PlaceGone,
    PlaceState,
    Pool,
    SessionStatus,
    SessionStopped,
    TryAgain,
    WindowPassed,
    WrongStatus,
)
from jiuyi.domains.scheduling.words.moving import MoveTooLate, NothingToMove
from jiuyi.foundation import journal, rulebook
from jiuyi.foundation.access import Actor
from jiuyi.foundation.rulebook import RuleReference
from jiuyi.kernel.ids import new_id
from jiuyi.kernel.periods import Period
from jiuyi.kernel.refusals import NotFound, Refusal

_WAITED_IN_A_RING = frozenset({"40P01", "55P03", "40001"})  # deadlock, lock not available, serialisation
# As claim_places_v1 chooses: what the draw will give out is not taken before it.
_CANDIDATE = """
    SELECT p.id FROM scheduling_place p JOIN scheduling_clinicsession s ON s.id = p.session_id
    WHERE p.session_id = %(session)s AND p.window_start = %(window)s AND p.state = 'free' AND p.window_end > %(now)s
        AND s.status = 'open'
        AND p.visible_at + CASE WHEN p.pool = 'public' AND s.draws AND s.drawn_at IS NULL
            THEN interval '20 seconds' ELSE interval '0' END <= %(now)s
        AND (p.pool = ANY (%(pools)s) OR (p.flows_back_at <= %(now)s AND 'public' = ANY (%(pools)s)))
        AND (%(only)s::uuid IS NULL OR p.id = %(only)s::uuid)
    ORDER BY array_position(%(pools)s, p.pool::text), p.ordinal LIMIT 1
"""
_LOCKED_CANDIDATE = f"{_CANDIDATE} FOR NO KEY UPDATE OF p SKIP LOCKED"
_REFUSALS: tuple[tuple[str, type[Refusal]], ...] = (
    ("session_stopped", SessionStopped),
    ("no_such_window", NoSuchWindow),
    ("not_yet_visible", NotYetVisible),
    ("window_passed", WindowPassed),
    ("already_booked_that_day", AlreadyBookedThatDay),
)


@dataclass(frozen=True, slots=True)
class Moved:
    """A move: from which place to which, whether it counts as late, and ``repeated`` when the same request had done it before."""

    move_id: UUID
    appointment_id: UUID
    from_place_id: UUID
    to_place_id: UUID
    from_session_id: UUID
    to_session_id: UUID
    window_start: datetime
    window_end: datetime
    late: bool
    repeated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Request:
    actor: Actor
    now: datetime
    appointment_id: UUID
    session_id: UUID
    window_start: datetime
    reason: MoveReason
    by: Party
    key: str
    pools: tuple[Pool, ...] | None
    extra: bool
    fee_fen: int | None
    fee_rule: RuleReference | None
    counts_to_limits: bool | None


def move_appointment(
    *,
    actor: Actor,
    now: datetime,
    appointment_id: UUID,
    session_id: UUID,
    window_start: datetime,
    reason: MoveReason,
    by: Party,
    idempotency_key: str | UUID,
    pools: Sequence[Pool] | None = None,
    extra: bool = False,
    fee_fen: int | None = None,
    fee_rule: RuleReference | None = None,
    counts_to_limits: bool | None = None,
) -> Moved:
    """Bring an appointment to another window, session, doctor or department; its id, voucher and person stay.

    The same key gives the same answer. ``pools`` None: those of the public when the patient moves it, else those of the
    channel that booked it. With ``extra`` a place beyond the capacity is made for it. ``fee_fen`` and ``fee_rule`` write down
    a fee that the caller has settled. Late like a cancellation (rule AP-12), never when the hospital moves; whoever has
    arrived moves within the day only.

    Refuses, with nothing changed: what ``claim_place`` refuses (``place_gone`` with ``data["nearest"]``),
    ``scheduling.wrong_status``, ``move_too_late``, ``nothing_to_move``, ``not_that_day``, ``key_conflict``, ``try_again``.
    """
    request = _Request(
        actor=actor,
        now=now,
        appointment_id=appointment_id,
        session_id=session_id,
        window_start=window_start,
        reason=reason,
        by=by,
        key=str(idempotency_key),
        pools=tuple(pools) if pools is not None else None,
        extra=extra,
        fee_fen=fee_fen,
        fee_rule=fee_rule,
        counts_to_limits=counts_to_limits,
    )
    try:
        with transaction.atomic():
            return _move(request)
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", "") not in _WAITED_IN_A_RING:
            raise
        raise TryAgain from error
    except IntegrityError as error:
        if "one_booking_per_department_day" in str(error):
            raise AlreadyBookedThatDay(conflicts=["already_booked_that_day"]) from error
        if "idempotency_key" in str(error):  # the same key came for another appointment at the same moment
            raise KeyConflict from error
        raise


class _MustWait(Exception):  # noqa: N818  # no error: the attempt lets go of its locks and comes again
    """Every free place of the window is in somebody's hands."""


def _move(request: _Request) -> Moved:
    known = _known(request)
    if known is not None:
        return known
    _require_within_limits(request)
    for patient in (False, True, True, True):
        with contextlib.suppress(_MustWait), transaction.atomic():
            return _attempt(request, patient=patient)
    raise TryAgain


def _attempt(request: _Request, *, patient: bool) -> Moved:
    wanted = _lock_both(request) if patient and not request.extra else None
    places = visits.locked_places([request.appointment_id])
    appointment = models.Appointment.objects.get(pk=request.appointment_id)
    known = _known(request)  # the same request may have been answered while this one waited for the place
    if known is not None:
        return known
    old = places[appointment.place_id]
    target = queries.facts_session(request.session_id)
    late = _may_move(request, appointment, target)
    new = _extra_place(request) if request.extra else _taken_place(request, appointment, wanted)
    appointment = models.Appointment.objects.select_for_update(no_key=True).get(pk=appointment.pk)
    moved = _write(request, appointment, old=old, new=new, target=target, late=late)
    give_back_place(old, now=request.now)
    return moved


def _lock_both(request: _Request) -> UUID | None:
    """Wait for the appointment's place and for a free one in the order of their ids; the free one's id."""
    appointment = models.Appointment.objects.get(pk=request.appointment_id)
    wanted = _candidate(_CANDIDATE, request, _pools(request, appointment))
    both = [each for each in (appointment.place_id, wanted) if each is not None]
    list(models.Place.objects.select_for_update(no_key=True).filter(pk__in=both).order_by("pk"))
    return wanted


def _known(request: _Request) -> Moved | None:
    row = models.AppointmentMove.objects.select_related("from_place", "to_place").filter(idempotency_key=request.key).first()
    if row is None:
        return None
    same = (row.appointment_id, row.to_place.session_id, row.to_window_start)
    if same != (request.appointment_id, request.session_id, request.window_start):
        raise KeyConflict
    return _moved(row, repeated=True)


def _may_move(request: _Request, appointment: models.Appointment, target: queries.SessionOffer) -> bool:
    """Whether the move counts as late; refuses what state, time and limits forbid."""
    status = AppointmentStatus(appointment.status)
    if rules.next_status(status, AppointmentAct.MOVE, request.by) is None:
        raise WrongStatus(status=status)
    if (appointment.session_id, appointment.window_start) == (request.session_id, request.window_start):
        raise NothingToMove
    if status is AppointmentStatus.ARRIVED and target.service_date != appointment.service_date:
        raise NotThatDay
    if request.by is Party.HOSPITAL:
        return False
    session = models.ClinicSession.objects.get(pk=appointment.session_id)
    terms = rules.cancel_terms(
        status=status,
        by=request.by,
        number_class=NumberClass(session.number_class),
        window=Period(appointment.window_start, appointment.window_end),
        booked_at=appointment.booked_at,
        now=request.now,
        parameters=rulebook.rule(CancelDeadline, scope_id=appointment.organization_id, at=appointment.booked_at).parameters,
    )
    if not terms.may:
        raise MoveTooLate
    return terms.late


def _require_within_limits(request: _Request) -> None:
    """The limits of rule AP-9 as if it were booked anew, itself not counted; the person is the first lock of all."""
    appointment = models.Appointment.objects.filter(pk=request.appointment_id).first()
    if appointment is None:
        raise NotFound
    if request.by is not Party.PATIENT or appointment.status != AppointmentStatus.BOOKED:
        return
    with contextlib.suppress(BookingSuspended):  # what was booked before a suspension may still be moved
        limits.require_allowed(
            actor=request.actor,
            now=request.now,
            person_id=appointment.person_id,
            session=queries.facts_session(request.session_id),
            channel=BookingChannel(appointment.channel),
            account_id=None,
            device_hash="",
            counts_to_limits=appointment.counts_to_limits,
            key=appointment.idempotency_key,
        )


def _pools(request: _Request, appointment: models.Appointment) -> tuple[Pool, ...]:
    if request.pools is not None:
        return request.pools
    return (Pool.PUBLIC,) if request.by is Party.PATIENT else rules.pools_of(BookingChannel(appointment.channel))


def _taken_place(request: _Request, appointment: models.Appointment, wanted: UUID | None) -> models.Place:
    """A free place of the window, locked: ``wanted`` if it was waited for, else whatever nobody holds."""
    pools = _pools(request, appointment)
    found = _candidate(_LOCKED_CANDIDATE, request, pools, only=wanted)
    if found is not None:
        return models.Place.objects.get(pk=found)
    if _candidate(_CANDIDATE, request, pools) is not None:  # somebody holds it, and may yet give it up
        raise _MustWait
    raise _refusal(request, appointment, pools)


def _candidate(statement: str, request: _Request, pools: tuple[Pool, ...], *, only: UUID | None = None) -> UUID | None:
    values: dict[str, Any] = {
        "session": request.session_id,
        "window": request.window_start,
        "now": request.now,
        "pools": [pool.value for pool in pools],
        "only": only,
    }
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        found = cursor.fetchone()
    return found[0] if found else None


def _extra_place(request: _Request) -> models.Place:
    """A place beyond the capacity, for one who must be seen; counted apart. Refuses ``scheduling.session_stopped``."""
    session = models.ClinicSession.objects.select_for_update(no_key=True).get(pk=request.session_id)
    return new_extra_place(session, window_start=request.window_start, now=request.now)


def _refusal(request: _Request, appointment: models.Appointment, pools: tuple[Pool, ...]) -> Refusal:
    conflicts = _conflicts(request, appointment, pools)
    for code, kind in _REFUSALS[:4]:
        if code in conflicts:
            return kind(conflicts=conflicts)
    nearest = queries.nearest_free(request.session_id, request.window_start, request.now, pools=pools)
    return PlaceGone(nearest=nearest, conflicts=["place_gone", *conflicts])


def _conflicts(request: _Request, appointment: models.Appointment, pools: tuple[Pool, ...]) -> list[str]:
    session = models.ClinicSession.objects.get(pk=request.session_id)
    window = [
        place
        for place in models.Place.objects.filter(session=session, window_start=request.window_start)
        if place.pool in pools or (Pool.PUBLIC in pools and place.flows_back_at is not None and place.flows_back_at <= request.now)
    ]
    others = models.Appointment.objects.filter(
        person_id=appointment.person_id,
        department_id=session.department_id,
        service_date=session.service_date,
        status__in=OPEN_STATES,
    ).exclude(pk=appointment.pk)
    checks = (
        ("session_stopped", session.status == SessionStatus.STOPPED),
        ("no_such_window", not window),
        ("not_yet_visible", bool(window) and min(place.visible_at for place in window) > request.now),
        ("window_passed", bool(window) and max(place.window_end for place in window) <= request.now),
        ("already_booked_that_day", others.exists()),
    )
    return [code for code, broken in checks if broken]


def _write(
    request: _Request, appointment: models.Appointment, *, old: models.Place, new: models.Place, target: queries.SessionOffer, late: bool
) -> Moved:
    new.state, new.cooling_since = PlaceState.TAKEN, None
    new.save(update_fields=["state", "cooling_since"])
    row = models.AppointmentMove.objects.create(
        id=new_id(),
        appointment=appointment,
        from_place=old,
        to_place=new,
        from_window_start=appointment.window_start,
        to_window_start=new.window_start,
        reason=request.reason,
        by=request.by,
        late=late,
        idempotency_key=request.key,
        moved_at=request.now,
    )
    appointment.place, appointment.session_id = new, target.session_id
    appointment.department_id, appointment.organization_id = target.department_id, target.organization_id
    appointment.practitioner_id, appointment.service_date = target.practitioner_id, target.service_date
    appointment.window_start, appointment.window_end = new.window_start, new.window_end
    if request.fee_fen is not None:
        appointment.fee_fen = request.fee_fen
        appointment.fee_rule_id = request.fee_rule.rule_id if request.fee_rule else ""
        appointment.fee_rule_version = request.fee_rule.version if request.fee_rule else None
    if request.counts_to_limits is not None:
        appointment.counts_to_limits = request.counts_to_limits
    appointment.save()
    moved = _moved(row, repeated=False)
    event = AppointmentMoved(
        appointment_id=appointment.id,
        move_id=row.id,
        from_session_id=old.session_id,
        to_session_id=new.session_id,
        from_place_id=old.id,
        to_place_id=new.id,
        from_window_start=row.from_window_start,
        to_window_start=row.to_window_start,
        reason=request.reason,
        by=request.by,
        late=late,
        person_id=appointment.person_id,
        scope_id=appointment.organization_id,
    )
    journal.record(event, actor=request.actor, now=request.now)
    return moved


def _moved(row: models.AppointmentMove, *, repeated: bool) -> Moved:
    return Moved(
        move_id=row.id,
        appointment_id=row.appointment_id,
        from_place_id=row.from_place_id,
        to_place_id=row.to_place_id,
        from_session_id=row.from_place.session_id,
        to_session_id=row.to_place.session_id,
        window_start=row.to_window_start,
        window_end=row.to_place.window_end,
        late=row.late,
        repeated=repeated,
    )

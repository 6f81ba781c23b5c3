"""Moves of an appointment after it was made. Place first, then appointment: that is the only order of locking."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from jiuyi.domains.scheduling import events, models, queries, rules
from jiuyi.domains.scheduling.actions.cooling import give_back_place
from jiuyi.domains.scheduling.actions.offered import settle_offer
from jiuyi.domains.scheduling.words import (
    AlreadyBookedThatDay,
    AppointmentAct,
    AppointmentStatus,
    Arrival,
    CancelDeadline,
    CancelReason,
    CancelTooLate,
    HoldExpired,
    LateArrival,
    NoShow,
    NotThatDay,
    NumberClass,
    Party,
    WaitingAct,
    WrongStatus,
)
from jiuyi.foundation import journal, rulebook
from jiuyi.foundation.access import SYSTEM, Actor, ActorKind
from jiuyi.kernel.periods import Period
from jiuyi.kernel.refusals import NotFound

_HOSPITAL_REASONS = frozenset({CancelReason.SESSION_STOPPED, CancelReason.SUBSTITUTED, CancelReason.DELAYED, CancelReason.WRONG_DEPARTMENT})
_GONE = frozenset({AppointmentStatus.EXPIRED, AppointmentStatus.CANCELLED})
_FIRM = frozenset({AppointmentStatus.BOOKED, AppointmentStatus.ARRIVED, AppointmentStatus.FULFILLED, AppointmentStatus.NOSHOW})


@dataclass(frozen=True, slots=True)
class CancelOutcome:
    """What a cancellation meant: whether the money goes back, and whether it counts as late."""

    refund: bool
    late: bool


@dataclass(frozen=True, slots=True)
class Arrived:
    """How the arrival lay to its window; ``late`` is true after the window's end (within the grace or beyond)."""

    appointment_id: UUID
    arrival: Arrival
    late: bool


def lock_appointments(*, appointment_ids: Iterable[UUID]) -> list[queries.AppointmentFacts]:
    """Lock places, then appointments, each in the order of ids, until the end of the caller's transaction.

    A journey that touches an appointment *and* its money calls this before it touches the money (docs/locking.md).
    """
    ids = list(appointment_ids)
    if not ids:
        return []
    _locked(ids)
    return queries.facts_appointments(ids)


@transaction.atomic
def confirm_appointment(*, actor: Actor, now: datetime, appointment_id: UUID) -> bool:
    """Make a held place firm once it is paid; False if it is firm already (paid at the hospital, or told twice).

    The fee of somebody who was marked absent is taken like any other: whoever comes late pays before the check-in.
    A hold whose time is up but which has not been given back yet is still kept. Refuses ``scheduling.hold_expired``
    when the place is gone.
    """
    appointment, _ = _one(appointment_id)
    if AppointmentStatus(appointment.status) in _GONE:
        raise HoldExpired
    if AppointmentStatus(appointment.status) in _FIRM:
        return False
    _move(appointment, AppointmentAct.CONFIRM, Party.SYSTEM)
    appointment.confirmed_at, appointment.held_until = now, None
    appointment.save(update_fields=["status", "confirmed_at", "held_until"])
    settle_offer(appointment, WaitingAct.ACCEPT, Party.SYSTEM, actor=actor, now=now)
    _record(events.AppointmentConfirmed, appointment, actor=actor, now=now)
    return True


@transaction.atomic
def cancel_appointment(
    *, actor: Actor, now: datetime, appointment_id: UUID, reason: CancelReason, by: Party | None = None
) -> CancelOutcome:
    """Give an appointment up and its place back; ``by`` follows from actor and reason unless told. No patient speaks for the hospital.

    Late cancels are counted, the hospital's own never. The caller settles the money. Refuses
    ``scheduling.cancel_too_late`` after the window, ``scheduling.wrong_status`` after arrival (for a patient) or when it
    is over. Source: rule AP-12; C4.
    """
    own_cause = reason in _HOSPITAL_REASONS and actor.kind is not ActorKind.PATIENT
    party = by or (Party.HOSPITAL if own_cause else Party(actor.kind.value))
    appointment, place = _one(appointment_id)
    session = models.ClinicSession.objects.get(pk=appointment.session_id)
    terms = rules.cancel_terms(
        status=AppointmentStatus(appointment.status),
        by=party,
        number_class=NumberClass(session.number_class),
        window=Period(appointment.window_start, appointment.window_end),
        booked_at=appointment.booked_at,
        now=now,
        parameters=rulebook.rule(CancelDeadline, scope_id=appointment.organization_id, at=appointment.booked_at).parameters,
    )
    status = _next(appointment, AppointmentAct.CANCEL, party)
    if not terms.may:
        raise CancelTooLate
    appointment.status, appointment.closed_at = status, now
    appointment.cancelled_by, appointment.cancel_reason, appointment.cancelled_late = party, reason, terms.late
    appointment.save(update_fields=["status", "closed_at", "cancelled_by", "cancel_reason", "cancelled_late"])
    settle_offer(appointment, WaitingAct.WITHDRAW if party is Party.HOSPITAL else WaitingAct.DECLINE, party, actor=actor, now=now)
    give_back_place(place, now=now)
    event = events.AppointmentCancelled(
        appointment_id=appointment.id,
        session_id=session.id,
        by=party,
        reason=reason,
        late=terms.late,
        person_id=appointment.person_id,
        scope_id=appointment.organization_id,
    )
    journal.record(event, actor=actor, now=now)
    return CancelOutcome(refund=terms.refund, late=terms.late)


@transaction.atomic
def expire_hold(*, actor: Actor, now: datetime, appointment_id: UUID) -> bool:
    """Free an unpaid place whose time is up; False if it was paid, cancelled or freed meanwhile, or its time is not up.

    Source: rule AP-11.
    """
    appointment, place = _one(appointment_id)
    if appointment.status != AppointmentStatus.HELD or appointment.held_until is None or appointment.held_until > now:
        return False
    _move(appointment, AppointmentAct.EXPIRE, Party.SYSTEM)
    appointment.closed_at = now
    appointment.save(update_fields=["status", "closed_at"])
    settle_offer(appointment, WaitingAct.MISS, Party.SYSTEM, actor=actor, now=now)
    give_back_place(place, now=now)
    _record(events.HoldReleased, appointment, actor=actor, now=now, session_id=appointment.session_id)
    return True


def expire_holds(*, now: datetime, limit: int = 200, actor: Actor = SYSTEM) -> list[UUID]:
    """Free every unpaid place whose time is up, each in its own transaction; the ids of the freed appointments.

    A journey that also has charges to cancel calls ``expire_hold`` itself, for both belong into one transaction.
    """
    due = queries.holds_due(now=now, limit=limit)
    return [appointment_id for appointment_id in due if expire_hold(actor=actor, now=now, appointment_id=appointment_id)]


@transaction.atomic
def mark_arrived(*, actor: Actor, now: datetime, appointment_id: UUID, by: Party | None = None) -> Arrived:
    """Check the patient in on the day of the visit, early or late; twice is once.

    Refuses ``scheduling.not_that_day``, ``scheduling.wrong_status`` (unpaid, cancelled, seen). Source: rule AP-15.
    """
    appointment, _ = _one(appointment_id)
    grace = rulebook.rule(LateArrival, scope_id=appointment.organization_id, at=now).parameters.grace_minutes
    window = Period(appointment.window_start, appointment.window_end)
    arrival = rules.arrival(appointment.arrived_at or now, window, grace)
    if appointment.status != AppointmentStatus.ARRIVED:
        status = _next(appointment, AppointmentAct.ARRIVE, by or Party(actor.kind.value))
        if arrival is Arrival.OTHER_DAY:
            raise NotThatDay
        appointment.status, appointment.arrived_at = status, now
        _save_reopened(appointment)
        _record(events.PatientArrived, appointment, actor=actor, now=now)
    return Arrived(appointment_id, arrival, late=arrival in {Arrival.LATE, Arrival.TOO_LATE})


@transaction.atomic
def undo_arrival(*, actor: Actor, now: datetime, appointment_id: UUID, by: Party = Party.STAFF) -> None:
    """Take a mistaken check-in back. Refuses ``scheduling.wrong_status``."""
    appointment, _ = _one(appointment_id)
    _move(appointment, AppointmentAct.UNDO_ARRIVAL, by)
    appointment.arrived_at = None
    appointment.save(update_fields=["status", "arrived_at"])
    _record(events.ArrivalUndone, appointment, actor=actor, now=now)


@transaction.atomic
def mark_fulfilled(*, actor: Actor, now: datetime, appointment_id: UUID, by: Party = Party.STAFF) -> None:
    """The patient was seen; twice is once. Refuses ``scheduling.wrong_status``."""
    appointment, _ = _one(appointment_id)
    if appointment.status == AppointmentStatus.FULFILLED:
        return
    _move(appointment, AppointmentAct.FULFIL, by)
    appointment.closed_at = now
    appointment.save(update_fields=["status", "closed_at"])
    _record(events.AppointmentFulfilled, appointment, actor=actor, now=now)


@transaction.atomic
def undo_fulfilled(*, actor: Actor, now: datetime, appointment_id: UUID, by: Party = Party.STAFF) -> None:
    """It was somebody else (不是本人): the patient waits again. Refuses ``scheduling.wrong_status``."""
    appointment, _ = _one(appointment_id)
    _move(appointment, AppointmentAct.UNDO_FULFIL, by)
    appointment.closed_at = None
    _save_reopened(appointment)
    _record(events.FulfilmentUndone, appointment, actor=actor, now=now)


def mark_noshows(*, now: datetime, limit: int = 500, actor: Actor = SYSTEM) -> list[UUID]:
    """Mark those who did not come, each in its own transaction; their ids. Source: rule AP-13; C4."""
    marked = []
    for facts in queries.noshow_candidates(now=now, limit=limit):
        grace = rulebook.rule(NoShow, scope_id=facts.organization_id, at=facts.window_start).parameters.grace_minutes
        if not rules.is_noshow(window_end=facts.window_end, session_ends_at=facts.session_ends_at, now=now, grace_minutes=grace):
            continue
        with transaction.atomic():
            appointment, _ = _one(facts.appointment_id)
            if appointment.status != AppointmentStatus.BOOKED:
                continue
            _move(appointment, AppointmentAct.MARK_NOSHOW, Party.SYSTEM)
            appointment.closed_at = now
            appointment.save(update_fields=["status", "closed_at"])
            _record(events.PatientAbsent, appointment, actor=actor, now=now)
        marked.append(facts.appointment_id)
    return marked


def locked_places(appointment_ids: Sequence[UUID]) -> dict[UUID, models.Place]:
    """The places of some appointments, locked in the order of ids; whoever holds them, holds the appointments still (no move)."""
    held: dict[UUID, models.Place] = {}
    while True:
        # A move may have changed the place between reading and locking; under its place's lock an appointment stays put.
        places = set(models.Appointment.objects.filter(pk__in=appointment_ids).values_list("place_id", flat=True))
        if places <= held.keys():
            return held
        rows = models.Place.objects.select_for_update(no_key=True).filter(pk__in=places - held.keys()).order_by("pk")
        held |= {place.id: place for place in rows}


def _locked(appointment_ids: Sequence[UUID]) -> list[tuple[models.Appointment, models.Place]]:
    by_id = locked_places(appointment_ids)
    rows = models.Appointment.objects.select_for_update(no_key=True).filter(pk__in=appointment_ids).order_by("pk")
    return [(row, by_id[row.place_id]) for row in rows]


def _one(appointment_id: UUID) -> tuple[models.Appointment, models.Place]:
    found = _locked([appointment_id])
    if not found:
        raise NotFound
    return found[0]


def _next(appointment: models.Appointment, act: AppointmentAct, by: Party) -> AppointmentStatus:
    status = rules.next_status(AppointmentStatus(appointment.status), act, by)
    if status is None:
        raise WrongStatus(status=AppointmentStatus(appointment.status))
    return status


def _move(appointment: models.Appointment, act: AppointmentAct, by: Party) -> None:
    appointment.status = _next(appointment, act, by)


def _save_reopened(appointment: models.Appointment) -> None:
    """A finished appointment that lives again may meet one that was made in between."""
    try:
        with transaction.atomic():
            appointment.save(update_fields=["status", "arrived_at", "closed_at"])
    except IntegrityError as error:
        if "one_booking_per_department_day" not in str(error):
            raise
        raise AlreadyBookedThatDay(conflicts=["already_booked_that_day"]) from error


def _record(kind: type[events.AppointmentEvent], appointment: models.Appointment, *, actor: Actor, now: datetime, **extra: UUID) -> None:
    event = kind(appointment_id=appointment.id, person_id=appointment.person_id, scope_id=appointment.organization_id, **extra)
    journal.record(event, actor=actor, now=now)

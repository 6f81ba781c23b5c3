"""Changes of the day from the secretary's decision to the patient's choice (停诊、替诊、延诊、换诊室; rule AP-7).

Lock order (docs/locking.md): place → session → appointment → notice → charge → payment → refund → ticket → encounter.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from jiuyi.domains.queueing import actions as queueing
from jiuyi.domains.scheduling import actions as scheduling
from jiuyi.domains.scheduling import queries as schedule
from jiuyi.domains.scheduling.actions import Changed
from jiuyi.domains.scheduling.actions.moving import move_appointment
from jiuyi.domains.scheduling.queries import changes
from jiuyi.domains.scheduling.queries.changes import NoticeFacts
from jiuyi.domains.scheduling.words import (
    SESSION_PUBLISH,
    AppointmentStatus,
    CancelReason,
    ChangeChoice,
    ChangeKind,
    MoveReason,
    Party,
)
from jiuyi.domains.scheduling.words.changes import AlreadyChosen, ChoiceNotOffered
from jiuyi.foundation import access
from jiuyi.foundation.access import SYSTEM, Actor, ActorKind
from jiuyi.journeys import booking, calling, reaching
from jiuyi.journeys.words import NoSubstituteLeft, OtherClass
from jiuyi.kernel.clock import local, service_date
from jiuyi.kernel.refusals import NotAllowed, NotFound, Refusal

logger = logging.getLogger(__name__)

_MOVE_REASONS = {
    ChangeKind.STOP: MoveReason.STOPPED,
    ChangeKind.SUBSTITUTE: MoveReason.SUBSTITUTE,
    ChangeKind.DELAY: MoveReason.DELAYED,
}
_CANCEL_REASONS = {
    ChangeKind.STOP: CancelReason.SESSION_STOPPED,
    ChangeKind.SUBSTITUTE: CancelReason.SUBSTITUTED,
    ChangeKind.DELAY: CancelReason.DELAYED,
}


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a choice did: the appointment as it is now, and the fen that go back."""

    appointment_id: UUID
    choice: ChangeChoice
    window_start: datetime
    refunded_fen: int = 0


@dataclass(frozen=True, slots=True)
class Alternative:
    """A free window of the same class in which the visit could take place instead."""

    session_id: UUID
    practitioner_id: UUID
    start: datetime
    end: datetime
    free: int


@transaction.atomic
def stop(*, actor: Actor, now: datetime, session_id: UUID, reason: str) -> list[UUID]:
    """Stop a session; the live appointments wait for their owners' choices, unpaid holds end at once without any cost.

    Refuses as ``scheduling.stop_session`` does. Source: rule AP-7.
    """
    also = reaching.out_at_exams(session_id)
    affected = scheduling.stop_session(actor=actor, now=now, session_id=session_id, reason=reason, also=also)
    for appointment in schedule.facts_appointments(affected):
        if appointment.status is AppointmentStatus.HELD:
            booking.give_back_stopped(actor=SYSTEM, now=now, appointment_id=appointment.appointment_id)
    return affected


@transaction.atomic
def substitute(*, actor: Actor, now: datetime, session_id: UUID, practitioner_id: UUID, reason: str) -> Changed:
    """Let a substitute see the patients; whoever waits already waits for the substitute. Refuses as ``substitute_session`` does."""
    changed = scheduling.substitute_session(
        actor=actor, now=now, session_id=session_id, practitioner_id=practitioner_id, reason=reason, also=reaching.out_at_exams(session_id)
    )
    queueing.hand_over(actor=actor, now=now, appointment_ids=changed.appointment_ids, practitioner_id=practitioner_id)
    return changed


def delay(*, actor: Actor, now: datetime, session_id: UUID, minutes: int | None, reason: str) -> Changed:
    """Delay a session by minutes, or until unknown. Refuses as ``scheduling.delay_session`` does."""
    also = reaching.out_at_exams(session_id)
    return scheduling.delay_session(actor=actor, now=now, session_id=session_id, minutes=minutes, reason=reason, also=also)


def move_room(*, actor: Actor, now: datetime, session_id: UUID, room_id: UUID, reason: str) -> Changed:
    """Let a session take place in another room. Refuses as ``scheduling.change_room`` does."""
    also = reaching.out_at_exams(session_id)
    return scheduling.change_room(actor=actor, now=now, session_id=session_id, room_id=room_id, reason=reason, also=also)


def notice_of_appointment(*, actor: Actor, now: datetime, appointment_id: UUID) -> NoticeFacts | None:
    """The newest change of somebody's own visit, and from now on they are known to know; None if nothing changed.

    Refuses ``not_found`` for somebody else's.
    """
    record = schedule.open_appointment(actor, appointment_id, now=now)
    notice = changes.newest_notices([record.appointment_id]).get(record.appointment_id)
    if notice is not None and actor.kind is ActorKind.PATIENT and notice.known_at is None:
        scheduling.note_known(actor=actor, now=now, notice_id=notice.notice_id)
        return changes.facts_notice(notice.notice_id)
    return notice


@transaction.atomic
def choose(
    *,
    actor: Actor,
    now: datetime,
    notice_id: UUID,
    choice: ChangeChoice,
    session_id: UUID | None = None,
    window_start: datetime | None = None,
) -> Chosen:
    """Do what a person, or whoever has them on the phone, makes of a change; the same choice again gives the same answer.

    Keep: nothing moves. Substitute (after a stop): the nearest window of another doctor of the same class that day. Move: to
    the window given, same department and class, so that no fee changes. Refund: all the money, never counted as a cancellation.
    Refuses ``scheduling.choice_not_offered``, ``already_chosen``, ``no_substitute_left``, ``other_class`` and what a move refuses.
    """
    notice = changes.facts_notice(notice_id)
    _require_may_choose(actor, notice, now=now)
    scheduling.lock_appointments(appointment_ids=[notice.appointment_id])
    notice = changes.facts_notice(notice_id)
    if notice.choice is choice and choice is not ChangeChoice.KEEP and not _wants_another(notice, session_id, window_start):
        return _chosen(notice, choice)
    if not notice.is_open:
        raise AlreadyChosen
    if choice not in changes.choices_of_notice(notice):
        raise ChoiceNotOffered
    scheduling.note_choice(actor=actor, now=now, notice_id=notice_id, choice=choice)
    refunded = 0
    if choice is ChangeChoice.REFUND:
        reason = _CANCEL_REASONS[notice.change.kind]
        refunded = booking.give_back_stopped(actor=actor, now=now, appointment_id=notice.appointment_id, reason=reason)
    elif choice is not ChangeChoice.KEEP:
        target = _target(notice, choice, session_id, window_start, now=now)
        _move(actor, notice, target, now=now)
    return _chosen(changes.facts_notice(notice_id), choice, refunded)


def settle_overdue(*, now: datetime, limit: int = 200) -> int:
    """Give the money back to whoever did not choose in time, and end the unpaid holds of stopped sessions; how many.

    Each in its own transaction: one that stumbles does not hold up the rest.
    """
    done = 0
    for notice in changes.stops_without_choice(limit=limit):
        held = notice.status is AppointmentStatus.HELD
        if not held and now < changes.choose_until(notice):
            continue
        try:
            with transaction.atomic():
                scheduling.lock_appointments(appointment_ids=[notice.appointment_id])
                if not changes.facts_notice(notice.notice_id).waits_for_choice:
                    continue
                scheduling.note_choice(actor=SYSTEM, now=now, notice_id=notice.notice_id, choice=changes.default_choice(notice))
                booking.give_back_stopped(actor=SYSTEM, now=now, appointment_id=notice.appointment_id)
        except Refusal:
            continue  # somebody acted in the same moment; the next sweep sees what they did
        except Exception:
            logger.exception("a stopped visit could not be paid back", extra={"object_id": str(notice.notice_id)})
            continue
        done += 1
    return done


def alternatives(notice: NoticeFacts, *, now: datetime, days: int = 14, limit: int = 12) -> list[Alternative]:
    """Free windows of the same department and class from now on, the soonest first: at most three of one session."""
    appointment = schedule.facts_appointment(notice.appointment_id)
    offers = schedule.doctors_available(appointment.department_id, now)
    doctors = {offer.practitioner_id for offer in offers if offer.number_class is appointment.number_class and offer.free}
    found: list[Alternative] = []
    for practitioner_id in doctors:
        for session in schedule.sessions_ahead(appointment.department_id, practitioner_id, service_date(now), days, now):
            if session.number_class is not appointment.number_class or session.session_id == appointment.session_id:
                continue
            windows = [each for each in schedule.session_windows(session.session_id, now) if each.free and not each.passed]
            nearest = sorted(windows, key=lambda each: abs(_of_day(each.start) - _of_day(appointment.window_start)))[:3]
            found += [Alternative(session.session_id, practitioner_id, each.start, each.end, each.free) for each in nearest]
    return sorted(found, key=lambda each: (each.start, each.practitioner_id))[:limit]


def substitutes(notice: NoticeFacts, *, now: datetime) -> list[Alternative]:
    """Windows of other doctors of the same class on the very day, the nearest to the old time first."""
    found = [
        Alternative(session.session_id, session.practitioner_id, window.start, window.end, window.free)
        for session in changes.sessions_of_same_class(notice.change.session_id, now=now)
        for window in schedule.session_windows(session.session_id, now)
        if window.free and not window.passed
    ]
    return sorted(found, key=lambda each: (abs(each.start - notice.window_start), each.start))


def _of_day(moment: datetime) -> timedelta:
    return local(moment) - local(moment).replace(hour=0, minute=0, second=0, microsecond=0)


def _target(
    notice: NoticeFacts, choice: ChangeChoice, session_id: UUID | None, window_start: datetime | None, *, now: datetime
) -> tuple[UUID, datetime]:
    if choice is ChangeChoice.SUBSTITUTE:
        possible = substitutes(notice, now=now)
        if not possible:
            raise NoSubstituteLeft
        return possible[0].session_id, possible[0].start
    if session_id is None or window_start is None:
        raise NotFound
    target = schedule.facts_session(session_id)
    appointment = schedule.facts_appointment(notice.appointment_id)
    if target.department_id != appointment.department_id or target.number_class is not appointment.number_class:
        raise OtherClass
    return session_id, window_start


def _move(actor: Actor, notice: NoticeFacts, target: tuple[UUID, datetime], *, now: datetime) -> None:
    session_id, window_start = target
    move_appointment(
        actor=actor,
        now=now,
        appointment_id=notice.appointment_id,
        session_id=session_id,
        window_start=window_start,
        reason=_MOVE_REASONS[notice.change.kind],
        by=Party.HOSPITAL,
        idempotency_key=f"change:{notice.notice_id}:{session_id}:{window_start.timestamp():.0f}",
    )
    doctor = schedule.facts_session(session_id).practitioner_id
    queueing.hand_over(actor=actor, now=now, appointment_ids=[notice.appointment_id], practitioner_id=doctor)


def _wants_another(notice: NoticeFacts, session_id: UUID | None, window_start: datetime | None) -> bool:
    """Whether a repeated "move" names another window than the one it moved to."""
    if session_id is None or notice.choice is not ChangeChoice.MOVE:
        return False
    appointment = schedule.facts_appointment(notice.appointment_id)
    return (appointment.session_id, appointment.window_start) != (session_id, window_start)


def _chosen(notice: NoticeFacts, choice: ChangeChoice, refunded_fen: int = 0) -> Chosen:
    return Chosen(notice.appointment_id, choice, notice.window_start, refunded_fen)


def _require_may_choose(actor: Actor, notice: NoticeFacts, *, now: datetime) -> None:
    if actor.kind is ActorKind.PATIENT:
        schedule.open_appointment(actor, notice.appointment_id, now=now)
    elif not access.may(actor, SESSION_PUBLISH, notice.change.department_id) and not calling.may_ring(actor, notice, now=now):
        raise NotAllowed

"""分诊转科: who came to the wrong department goes on at the right one today, with place, fee, ticket and visit, even if sold out."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from jiuyi.domains.encounters import queries as visits
from jiuyi.domains.encounters.actions.transferring import transfer_encounter
from jiuyi.domains.organizations import queries as organizations
from jiuyi.domains.organizations.queries import DepartmentFacts
from jiuyi.domains.queueing import actions as queueing
from jiuyi.domains.queueing import queries as queues
from jiuyi.domains.queueing.words import CALL, CHECK_IN, LIVE, TicketCategory
from jiuyi.domains.scheduling import queries as schedule
from jiuyi.domains.scheduling.actions.moving import Moved, move_appointment
from jiuyi.domains.scheduling.queries.moves import move_of_key
from jiuyi.domains.scheduling.words import AppointmentStatus, BookingChannel, KeyConflict, MoveReason, Party, PlaceGone, SessionStatus
from jiuyi.foundation import access
from jiuyi.foundation.access import SYSTEM, Actor
from jiuyi.foundation.rulebook import RuleReference
from jiuyi.journeys.rescheduling import fee_after_move, settle_move
from jiuyi.journeys.words import NoClinicNow, NotToday
from jiuyi.kernel.clock import service_date
from jiuyi.kernel.refusals import NotAllowed


@dataclass(frozen=True, slots=True)
class Transferred:
    """Where the patient goes on; without a ticket they check in there. ``owed_fen`` is the difference that is still to be paid."""

    appointment_id: UUID
    session_id: UUID
    ticket_label: str
    ahead: int
    owed_fen: int
    refunded_fen: int


@dataclass(frozen=True, slots=True)
class _Way:
    session: schedule.SessionOffer
    window_start: datetime


@transaction.atomic
def transfer(
    *, actor: Actor, now: datetime, appointment_id: UUID, department_id: UUID, idempotency_key: UUID, practitioner_id: UUID | None = None
) -> Transferred:
    """Send a patient to the department they need, today: no second fee, no limit touched; the difference of another class is settled.

    Who has arrived leaves the old line, gets a ticket of the new one, and the visit that has not begun goes along. Refuses
    ``not_today``, ``no_clinic_now``, ``not_allowed`` and, when the visit has begun, ``encounters.encounter_moved``; then nothing
    has changed. Source: §21 AP-9; C7.
    """
    record = schedule.facts_appointment(appointment_id)
    before = move_of_key(idempotency_key)
    if before is not None and before.appointment_id != appointment_id:
        raise KeyConflict
    _require_may_send(actor, before.from_department_id if before else record.department_id)
    if record.service_date != service_date(now):
        raise NotToday(day=record.service_date)
    if before is not None:  # pressed twice: the line and the hour are others by now, the answer is the same
        way = _Way(schedule.facts_session(before.session_id, now), before.window_start)
    else:
        way = _way(department_id, practitioner_id, now=now)
    fee = fee_after_move(record, session_id=way.session.session_id, window_start=way.window_start, now=now)
    moved = _move(
        way,
        actor=actor,
        now=now,
        appointment_id=appointment_id,
        idempotency_key=idempotency_key,
        fee_fen=None if fee.agreed else fee.fee_fen,
        fee_rule=fee.rule,
    )
    money = settle_move(actor=actor, now=now, moved=moved, fee=fee)
    label, ahead = "", 0
    if record.status is AppointmentStatus.ARRIVED:
        label, ahead = _stand_in_line(actor, appointment_id, moved=moved, now=now)
    return Transferred(
        appointment_id=appointment_id,
        session_id=moved.to_session_id,
        ticket_label=label,
        ahead=ahead,
        owed_fen=money.owed_fen,
        refunded_fen=money.refunded_fen,
    )


def departments_today(organization_id: UUID, *, but: UUID, now: datetime) -> list[DepartmentFacts]:
    """The departments of an institution that see patients today from now on, without the wrong one."""
    found = [each for each in organizations.departments(organization_id) if each.id != but]
    return [each for each in found if any(session.ends_at > now for session in schedule.sessions_on(each.id, service_date(now), now))]


def _move(
    way: _Way,
    *,
    actor: Actor,
    now: datetime,
    appointment_id: UUID,
    idempotency_key: UUID,
    fee_fen: int | None,
    fee_rule: RuleReference | None,
) -> Moved:
    def attempt(*, extra: bool) -> Moved:
        return move_appointment(
            actor=actor,
            now=now,
            appointment_id=appointment_id,
            session_id=way.session.session_id,
            window_start=way.window_start,
            reason=MoveReason.WRONG_DEPARTMENT,
            by=Party.HOSPITAL,
            idempotency_key=idempotency_key,
            pools=schedule.pools_of_channel(BookingChannel.WINDOW),
            extra=extra,
            fee_fen=fee_fen,
            fee_rule=fee_rule,
            counts_to_limits=False,
        )

    try:
        return attempt(extra=False)
    except PlaceGone:
        return attempt(extra=True)


def _stand_in_line(actor: Actor, appointment_id: UUID, *, moved: Moved, now: datetime) -> tuple[str, int]:
    record = schedule.facts_appointment(appointment_id)
    old = queues.facts_ticket_of_appointment(appointment_id)
    if old is not None and old.status in LIVE and not moved.repeated:
        queueing.leave(actor=_for_the_line(actor, moved.from_session_id), now=now, ticket_id=old.ticket_id)
        old = None
    if moved.repeated and old is not None:
        return old.label, queues.people_ahead(old.ticket_id, now=now)
    ticket = queueing.check_in(
        actor=_for_the_line(actor, moved.to_session_id),
        now=now,
        queue_id=queues.queue_of_department(record.department_id).queue_id,
        person_id=record.person_id,
        appointment_id=appointment_id,
        practitioner_id=record.practitioner_id,
        window_start=record.window_start,
        window_end=record.window_end,
        category=TicketCategory.BOOKED,
    )
    visit = visits.facts_encounter_of_appointment(appointment_id)
    if visit is not None:
        transfer_encounter(
            actor=actor,
            now=now,
            encounter_id=visit.encounter_id,
            organization_id=record.organization_id,
            department_id=record.department_id,
            practitioner_id=record.practitioner_id,
            ticket_id=ticket.ticket_id,
        )
    return ticket.label, queues.people_ahead(ticket.ticket_id, now=now)


def _way(department_id: UUID, practitioner_id: UUID | None, *, now: datetime) -> _Way:
    """Today's session with the shortest line among those that run or come, and its window that runs or comes next."""
    sessions = [
        each
        for each in schedule.sessions_on(department_id, service_date(now), now)
        if each.status is SessionStatus.OPEN and each.ends_at > now and practitioner_id in {None, each.practitioner_id}
    ]
    running = [each for each in sessions if each.starts_at <= now]
    if not sessions:
        raise NoClinicNow
    queue_id = queues.queue_of_department(department_id).queue_id
    chosen = min(
        running or sessions,
        key=lambda each: (each.starts_at if not running else now, len(queues.line(queue_id, each.practitioner_id, now=now))),
    )
    windows = [each for each in schedule.session_windows(chosen.session_id, now) if not each.passed]
    return _Way(chosen, windows[0].start if windows else chosen.starts_at)


def _require_may_send(actor: Actor, department_id: UUID) -> None:
    if not any(access.may(actor, permission, department_id) for permission in (CHECK_IN, CALL)):
        raise NotAllowed


def _for_the_line(actor: Actor, session_id: UUID) -> Actor:
    """A doctor may send somebody on, but does not keep the lines: there the house acts; the journal of the move names the doctor."""
    return actor if access.may(actor, CHECK_IN, schedule.facts_session(session_id).department_id) else SYSTEM

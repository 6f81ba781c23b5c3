"""Writes of the queue: numbers, calls and what follows a call."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from django.db import IntegrityError, transaction

from jiuyi.domains.identity import queries as identity
from jiuyi.domains.queueing import events, queries, rules
from jiuyi.domains.queueing.models import Call, Queue, QueueDay, Ticket
from jiuyi.domains.queueing.words import (
    CALL,
    CALLABLE,
    CHECK_IN,
    LIVE,
    QUEUE_MANAGE,
    WITH_DOCTOR,
    CallingParameters,
    DoctorBusy,
    Party,
    PersonElsewhere,
    ReasonNeeded,
    SomebodyCalled,
    TicketAct,
    TicketCategory,
    TicketMoved,
    TicketStatus,
)
from jiuyi.foundation import access, audit, journal, rulebook
from jiuyi.foundation.access import Actor, ActorKind
from jiuyi.kernel.clock import service_date
from jiuyi.kernel.refusals import NotFound

CALLS_BEFORE_A_SET_ASIDE_TICKET_RETURNS = 1


@dataclass(frozen=True, slots=True)
class TicketRef:
    """A ticket after an act; ``newly`` is False when the act had been done before and nothing changed."""

    ticket_id: UUID
    queue_id: UUID
    number: int
    label: str
    person_id: UUID
    appointment_id: UUID | None
    status: TicketStatus
    newly: bool = True


@transaction.atomic
def open_queue(
    *,
    actor: Actor,
    now: datetime,
    organization_id: UUID,
    department_id: UUID,
    name: str,
    prefix: str,
    area: str = "",
    id: UUID | None = None,  # noqa: A002
) -> UUID:
    """Make a queue for a department; the same name again gives the same queue. Needs ``queue.manage``."""
    del now
    access.require(actor, QUEUE_MANAGE, department_id)
    values: dict[str, Any] = {"organization_id": organization_id, "prefix": prefix, "area": area}
    if id is not None:
        values["id"] = id
    return Queue.objects.get_or_create(department_id=department_id, name=name, defaults=values)[0].id


@transaction.atomic
def check_in(
    *,
    actor: Actor,
    now: datetime,
    queue_id: UUID,
    person_id: UUID,
    appointment_id: UUID | None = None,
    practitioner_id: UUID | None = None,
    window_start: datetime | None = None,
    window_end: datetime | None = None,
    category: TicketCategory = TicketCategory.WALK_IN,
    late: bool = False,
    reason: str = "",
) -> TicketRef:
    """Give a number, unbroken per queue and local day; a second check-in gives the same live ticket again.

    Acute and priority need a ``reason`` and are written to the audit (C31). Refuses ``queueing.reason_needed``, ``not_allowed``
    for staff without the right, ``not_found`` for an account without a link to the person. Source: rule AP-20; C30.
    """
    queue = queries.queue(queue_id)
    _require_check_in(actor, person_id, queue.department_id)
    if category in {TicketCategory.PRIORITY, TicketCategory.ACUTE} and not reason.strip():
        raise ReasonNeeded
    day = service_date(now)
    numbers = _locked_day(queue_id, day)
    known = Ticket.objects.filter(queue_id=queue_id, service_date=day, person_id=person_id, status__in=LIVE).first()
    if known is not None:
        return _ref(known, newly=False)
    numbers.last_number += 1
    numbers.save(update_fields=["last_number"])
    ticket = Ticket.objects.create(
        queue_id=queue_id,
        service_date=day,
        number=numbers.last_number,
        label=rules.ticket_label(queue.prefix, numbers.last_number),
        person_id=person_id,
        appointment_id=appointment_id,
        practitioner_id=practitioner_id,
        window_start=window_start,
        window_end=window_end,
        category=category,
        reason=reason.strip(),
        late=late,
        checked_in_at=now,
    )
    if ticket.reason:
        audit.privileged(actor, act=f"queueing.{category.value}_lane", object_id=ticket.id, reason=ticket.reason, now=now)
    _record(events.CheckedIn, ticket, actor=actor, now=now, category=category, late=late)
    return _ref(ticket)


@transaction.atomic
def call_next(*, actor: Actor, now: datetime, queue_id: UUID, practitioner_id: UUID, room_id: UUID) -> TicketRef | None:
    """Call the next person by the order of calling to this doctor's room; None if nobody can be called.

    One queue calls one after the other, so nobody is called twice; a person is with at most one doctor of the whole house, by
    constraint, and somebody held elsewhere keeps the position and is skipped. Refuses ``queueing.doctor_busy`` and
    ``queueing.somebody_called`` while the doctor still has a ticket. Source: rules AP-15, AP-20; C30.
    """
    access.require(actor, CALL, queries.queue(queue_id).department_id)
    _locked_day(queue_id, service_date(now))
    held = queries.ticket_of_practitioner(practitioner_id, now=now)
    if held is not None:
        refusal = DoctorBusy if held.status == TicketStatus.IN_ROOM else SomebodyCalled
        raise refusal(label=held.label, ticket_id=held.ticket_id)
    for position in queries.line(queue_id, practitioner_id, now=now):
        if position.busy:
            continue
        ticket = Ticket.objects.select_for_update().get(id=position.ticket_id)
        if ticket.status not in CALLABLE:
            continue
        try:
            with transaction.atomic():
                return _call(ticket, actor=actor, now=now, practitioner_id=practitioner_id, room_id=room_id)
        except IntegrityError as error:
            # Another queue called this person in the same moment, or this doctor called from another screen.
            if "ticket_person_in_one_room" in str(error):
                continue
            if "ticket_doctor_has_one_person" in str(error):
                raise SomebodyCalled(label=ticket.label, ticket_id=ticket.id) from error
            raise
    return None


@transaction.atomic
def call_ticket(*, actor: Actor, now: datetime, ticket_id: UUID, practitioner_id: UUID, room_id: UUID) -> TicketRef:
    """Call one chosen ticket out of turn: written to the audit. Refuses as ``call_next``, and ``queueing.person_elsewhere``."""
    ticket = _locked(ticket_id)
    access.require(actor, CALL, ticket.queue.department_id)
    held = Ticket.objects.filter(called_by_id=practitioner_id, service_date=ticket.service_date, status__in=WITH_DOCTOR).first()
    if held is not None:
        refusal = DoctorBusy if held.status == TicketStatus.IN_ROOM else SomebodyCalled
        raise refusal(label=held.label, ticket_id=held.id)
    audit.privileged(actor, act="queueing.call_out_of_turn", object_id=ticket.id, now=now)
    try:
        with transaction.atomic():
            return _call(ticket, actor=actor, now=now, practitioner_id=practitioner_id, room_id=room_id)
    except IntegrityError as error:
        if "ticket_person_in_one_room" in str(error):
            raise PersonElsewhere(label=ticket.label) from error
        if "ticket_doctor_has_one_person" in str(error):
            raise SomebodyCalled(label=ticket.label, ticket_id=ticket.id) from error
        raise


@transaction.atomic
def call_again(*, actor: Actor, now: datetime, ticket_id: UUID) -> TicketRef:
    """Call the same person to the same room once more."""
    ticket = _locked(ticket_id)
    access.require(actor, CALL, ticket.queue.department_id)
    _move(ticket, TicketAct.CALL_AGAIN, actor)
    ticket.calls += 1
    ticket.last_called_at = now
    ticket.save()
    _note_call(ticket, now=now, again=True)
    _record_called(ticket, actor=actor, now=now)
    return _ref(ticket)


@transaction.atomic
def pass_over(*, actor: Actor, now: datetime, ticket_id: UUID) -> TicketRef:
    """Nobody answered: set the ticket aside for one call, or pass it over when it was called often and long enough.

    The returned status says which: ``waiting`` (set aside) or ``passed`` (过号: called again after ``passed_after_calls``).
    Source: rule AP-15, §21 (three unanswered calls span at least five minutes).
    """
    ticket = _locked(ticket_id)
    access.require(actor, CALL, ticket.queue.department_id)
    params = rulebook.rule(CallingParameters, scope_id=ticket.queue.department_id, at=now).parameters
    passed = rules.is_passed_over(ticket.calls, ticket.first_called_at or now, now, params)
    _move(ticket, TicketAct.PASS_OVER if passed else TicketAct.SET_ASIDE, actor)
    ticket.room_id = ticket.called_by_id = None
    ticket.put_back_at = now
    ticket.put_back_calls = params.passed_after_calls if passed else CALLS_BEFORE_A_SET_ASIDE_TICKET_RETURNS
    _record(events.PassedOver if passed else events.SetAside, ticket, actor=actor, now=now, calls=ticket.calls)
    if passed:
        ticket.calls, ticket.first_called_at = 0, None
    ticket.save()
    return _ref(ticket)


@transaction.atomic
def come_back(*, actor: Actor, now: datetime, ticket_id: UUID) -> TicketRef:
    """A person who had been passed over is here again; the calls made since count towards the turn."""
    ticket = _locked(ticket_id)
    _require_check_in(actor, ticket.person_id, ticket.queue.department_id)
    _move(ticket, TicketAct.COME_BACK, actor)
    ticket.save()
    _record(events.CameBack, ticket, actor=actor, now=now)
    return _ref(ticket)


@transaction.atomic
def enter_room(*, actor: Actor, now: datetime, ticket_id: UUID) -> TicketRef:
    """The called person is in the room; entering twice changes nothing."""
    ticket = _locked(ticket_id)
    access.require(actor, CALL, ticket.queue.department_id)
    if ticket.status == TicketStatus.IN_ROOM:
        return _ref(ticket, newly=False)
    _move(ticket, TicketAct.ENTER, actor)
    ticket.entered_at = now
    ticket.save()
    _record(events.Entered, ticket, actor=actor, now=now, room_id=ticket.room_id, practitioner_id=ticket.called_by_id)
    return _ref(ticket)


@transaction.atomic
def undo_enter(*, actor: Actor, now: datetime, ticket_id: UUID, reason: str = "") -> TicketRef:
    """不是本人: the ticket waits again where it stood; the call stays on record as undone, and the audit has the act."""
    ticket = _locked(ticket_id)
    access.require(actor, CALL, ticket.queue.department_id)
    room_id, practitioner_id = ticket.room_id, ticket.called_by_id
    _move(ticket, TicketAct.UNDO_ENTER, actor)
    ticket.room_id = ticket.called_by_id = None
    ticket.entered_at = ticket.first_called_at = ticket.last_called_at = ticket.put_back_at = None
    ticket.calls = ticket.put_back_calls = 0
    ticket.save()
    Call.objects.filter(ticket=ticket, undone_at=None).update(undone_at=now)
    audit.privileged(actor, act="queueing.undo_enter", object_id=ticket.id, reason=reason, now=now)
    _record(events.EntryUndone, ticket, actor=actor, now=now, room_id=room_id, practitioner_id=practitioner_id)
    return _ref(ticket)


@transaction.atomic
def finish(*, actor: Actor, now: datetime, ticket_id: UUID) -> TicketRef:
    """The person was seen and leaves the room."""
    ticket = _locked(ticket_id)
    access.require(actor, CALL, ticket.queue.department_id)
    _move(ticket, TicketAct.FINISH, actor)
    ticket.finished_at = now
    ticket.save()
    _record(events.Finished, ticket, actor=actor, now=now)
    return _ref(ticket)


@transaction.atomic
def leave(*, actor: Actor, now: datetime, ticket_id: UUID) -> TicketRef:
    """The person does not wait any longer."""
    ticket = _locked(ticket_id)
    _require_check_in(actor, ticket.person_id, ticket.queue.department_id)
    _move(ticket, TicketAct.LEAVE, actor)
    ticket.finished_at = now
    ticket.save()
    _record(events.Left, ticket, actor=actor, now=now)
    return _ref(ticket)


@transaction.atomic
def hand_over(*, actor: Actor, now: datetime, appointment_ids: Iterable[UUID], practitioner_id: UUID) -> None:
    """Those who wait with these appointments wait for another doctor (替诊); their order stays. The caller has decided that."""
    waiting = Ticket.objects.filter(appointment_id__in=list(appointment_ids), status__in=CALLABLE).order_by("id")
    for ticket in [_locked(ticket_id) for ticket_id in waiting.values_list("id", flat=True)]:
        if ticket.status in CALLABLE and ticket.practitioner_id != practitioner_id:
            ticket.practitioner_id = practitioner_id
            ticket.save(update_fields=["practitioner_id"])
            _record(events.HandedOver, ticket, actor=actor, now=now, practitioner_id=practitioner_id)


def _require_check_in(actor: Actor, person_id: UUID, department_id: UUID) -> None:
    if actor.kind is ActorKind.PATIENT:
        if identity.facts_link(actor.id, person_id) is None:
            raise NotFound
        return
    access.require(actor, CHECK_IN, department_id)


def _locked_day(queue_id: UUID, day: Any) -> QueueDay:
    """The only way to lock a queue's day; always before its tickets."""
    QueueDay.objects.bulk_create([QueueDay(queue_id=queue_id, service_date=day)], ignore_conflicts=True)
    return QueueDay.objects.select_for_update().get(queue_id=queue_id, service_date=day)


def _locked(ticket_id: UUID) -> Ticket:
    facts = queries.facts_ticket(ticket_id)
    _locked_day(facts.queue_id, facts.service_date)
    return Ticket.objects.select_for_update(of=("self",)).select_related("queue").get(id=ticket_id)


def _party(actor: Actor) -> Party:
    if actor.kind is ActorKind.SYSTEM:
        return Party.SYSTEM
    return Party.STAFF if actor.kind is ActorKind.STAFF else Party.PATIENT


def _move(ticket: Ticket, act: TicketAct, actor: Actor) -> None:
    by = _party(actor)
    status = rules.next_status(TicketStatus(ticket.status), act, by)
    if status is None and by is Party.SYSTEM:
        status = rules.next_status(TicketStatus(ticket.status), act, Party.STAFF)
    if status is None:
        raise TicketMoved(label=ticket.label, status=TicketStatus(ticket.status).label, act=act.label)
    ticket.status = status


def _call(ticket: Ticket, *, actor: Actor, now: datetime, practitioner_id: UUID, room_id: UUID) -> TicketRef:
    _move(ticket, TicketAct.CALL, actor)
    ticket.calls += 1
    ticket.first_called_at = ticket.first_called_at or now
    ticket.last_called_at = now
    ticket.room_id = room_id
    ticket.called_by_id = practitioner_id
    ticket.put_back_at = None
    ticket.save()
    _note_call(ticket, now=now, again=False)
    _record_called(ticket, actor=actor, now=now)
    return _ref(ticket)


def _note_call(ticket: Ticket, *, now: datetime, again: bool) -> None:
    """Keep the call; the database allows no called ticket without doctor and room."""
    Call.objects.create(
        ticket=ticket,
        queue_id=ticket.queue_id,
        service_date=ticket.service_date,
        practitioner_id=cast("UUID", ticket.called_by_id),
        room_id=cast("UUID", ticket.room_id),
        category=ticket.category,
        again=again,
        called_at=now,
    )


def _record_called(ticket: Ticket, *, actor: Actor, now: datetime) -> None:
    _record(
        events.Called,
        ticket,
        actor=actor,
        now=now,
        room_id=ticket.room_id,
        practitioner_id=ticket.called_by_id,
        calls=ticket.calls,
        category=TicketCategory(ticket.category),
    )


def _record(kind: type[events.TicketEvent], ticket: Ticket, *, actor: Actor, now: datetime, **fields: Any) -> None:
    event = kind(
        person_id=ticket.person_id,
        scope_id=ticket.queue.department_id,
        ticket_id=ticket.id,
        queue_id=ticket.queue_id,
        appointment_id=ticket.appointment_id,
        **fields,
    )
    journal.record(event, actor=actor, now=now)


def _ref(ticket: Ticket, *, newly: bool = True) -> TicketRef:
    return TicketRef(
        ticket_id=ticket.id,
        queue_id=ticket.queue_id,
        number=ticket.number,
        label=ticket.label,
        person_id=ticket.person_id,
        appointment_id=ticket.appointment_id,
        status=TicketStatus(ticket.status),
        newly=newly,
    )

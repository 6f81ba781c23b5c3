"""Reads of the queue: the order of calling, the boards, one ticket's place in line."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q

from jiuyi.domains.identity import queries as identity
from jiuyi.domains.organizations import queries as organizations
from jiuyi.domains.queueing import rules
from jiuyi.domains.queueing.models import Call, Queue, Ticket
from jiuyi.domains.queueing.words import (
    CALL,
    CALLABLE,
    LIVE,
    WITH_DOCTOR,
    CallingParameters,
    Place,
    TicketCategory,
    TicketStatus,
)
from jiuyi.foundation import access, audit, rulebook
from jiuyi.foundation.access import Actor
from jiuyi.kernel.refusals import NotFound

NEXT_ON_THE_WALL = 2
WAITING_ON_THE_WALL = 12


@dataclass(frozen=True, slots=True)
class QueueFacts:
    """One queue and where it stands."""

    queue_id: UUID
    organization_id: UUID
    department_id: UUID
    name: str
    prefix: str
    area: str


@dataclass(frozen=True, slots=True)
class TicketFacts:
    """One ticket as journeys and rules need it; not for display without masking."""

    ticket_id: UUID
    queue_id: UUID
    organization_id: UUID
    department_id: UUID
    service_date: date
    number: int
    label: str
    person_id: UUID
    appointment_id: UUID | None
    practitioner_id: UUID | None
    window_start: datetime | None
    window_end: datetime | None
    category: TicketCategory
    reason: str
    late: bool
    status: TicketStatus
    checked_in_at: datetime
    calls: int
    first_called_at: datetime | None
    last_called_at: datetime | None
    room_id: UUID | None
    called_by: UUID | None
    entered_at: datetime | None
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """One line of a doctor's list: the ticket, the full name and why it stands here."""

    ticket: TicketFacts
    name: str
    position: int
    place: Place
    busy: bool


@dataclass(frozen=True, slots=True)
class WallTicket:
    """What a board may show of a ticket: number and masked name, never department or illness."""

    label: str
    masked_name: str


@dataclass(frozen=True, slots=True)
class WallRow:
    """One room of a board: who is called or inside, and who comes next."""

    room_id: UUID
    room_name: str
    practitioner_name: str
    current: WallTicket | None
    status: TicketStatus | None
    called_at: datetime | None
    next: tuple[WallTicket, ...]


@dataclass(frozen=True, slots=True)
class Wall:
    """A calling board; ``at`` is when it was true."""

    at: datetime
    areas: tuple[str, ...]
    rows: tuple[WallRow, ...]
    waiting: tuple[WallTicket, ...]
    waiting_count: int


def queue(queue_id: UUID) -> QueueFacts:
    """One queue, or NotFound."""
    return _queue_facts(_queue(Queue.objects.filter(id=queue_id).first()))


def queue_of_department(department_id: UUID) -> QueueFacts:
    """The department's queue (its oldest, if it has several), or NotFound."""
    return _queue_facts(_queue(Queue.objects.filter(department_id=department_id).order_by("id").first()))


def queues(organization_id: UUID) -> list[QueueFacts]:
    """All queues of an organisation, by name."""
    return [_queue_facts(q) for q in Queue.objects.filter(organization_id=organization_id).order_by("name", "id")]


def facts_ticket(ticket_id: UUID) -> TicketFacts:
    """One ticket, or NotFound."""
    found = Ticket.objects.select_related("queue").filter(id=ticket_id).first()
    if found is None:
        raise NotFound
    return _ticket_facts(found)


def facts_ticket_of_appointment(appointment_id: UUID) -> TicketFacts | None:
    """The newest ticket of an appointment that was not left, or None."""
    found = (
        Ticket.objects.select_related("queue")
        .filter(appointment_id=appointment_id)
        .exclude(status=TicketStatus.LEFT)
        .order_by("-checked_in_at", "-id")
        .first()
    )
    return _ticket_facts(found) if found else None


def live_ticket_of_person(person_id: UUID, *, now: datetime) -> TicketFacts | None:
    """The ticket that concerns the person now: with a doctor before waiting, then the newest; None if there is none."""
    live = live_tickets_of_person(person_id, now=now)
    return live[0] if live else None


def live_tickets_of_person(person_id: UUID, *, now: datetime) -> list[TicketFacts]:
    """All tickets of a person (and of merged ids) that are not over, those with a doctor first, then the newest.

    After midnight also yesterday's.
    """
    days = rules.days_in_line(now, rulebook.rule(CallingParameters, scope_id=None, at=now).parameters)
    found = Ticket.objects.select_related("queue").filter(
        person_id__in=identity.same_person_ids(person_id), service_date__in=days, status__in=LIVE
    )
    return sorted((_ticket_facts(t) for t in found), key=lambda t: (t.status not in WITH_DOCTOR, -t.checked_in_at.timestamp()))


def ticket_of_practitioner(practitioner_id: UUID, *, now: datetime) -> TicketFacts | None:
    """The ticket that a doctor has called or has in the room, or None; after midnight also yesterday's."""
    days = rules.days_in_line(now, rulebook.rule(CallingParameters, scope_id=None, at=now).parameters)
    mine = Ticket.objects.select_related("queue").filter(called_by_id=practitioner_id, service_date__in=days, status__in=WITH_DOCTOR)
    found = mine.order_by("last_called_at").first()
    return _ticket_facts(found) if found else None


def people_ahead(ticket_id: UUID, *, now: datetime) -> int:
    """How many will be called before this ticket; 0 when it is its turn, called, or not waiting any more.

    A ticket that waits for whoever is free counts the shortest line among the doctors who have called today.
    """
    ticket = facts_ticket(ticket_id)
    if ticket.status not in CALLABLE:
        return 0
    doctors: Sequence[UUID | None] = [ticket.practitioner_id]
    if ticket.practitioner_id is None:
        called = Call.objects.filter(queue_id=ticket.queue_id, service_date=ticket.service_date).order_by("practitioner_id")
        doctors = list(called.values_list("practitioner_id", flat=True).distinct()) or [None]
    orders = [line(ticket.queue_id, doctor, now=now) for doctor in doctors]
    return min(next((i for i, p in enumerate(order) if p.ticket_id == ticket_id), len(order)) for order in orders)


def line(queue_id: UUID, practitioner_id: UUID | None, *, now: datetime) -> list[rules.Position]:
    """The order of calling for one doctor: who asked for this doctor or for nobody in particular.

    Without a doctor: only those who wait for whoever is free. In the first hours after midnight yesterday's line goes on.
    """
    facts = _queue(Queue.objects.filter(id=queue_id).first())
    params = rulebook.rule(CallingParameters, scope_id=facts.department_id, at=now).parameters
    days = rules.days_in_line(now, params)
    wanted = Q(practitioner=None) if practitioner_id is None else Q(practitioner=None) | Q(practitioner_id=practitioner_id)
    tickets = list(Ticket.objects.filter(wanted, queue_id=queue_id, service_date__in=days, status__in=CALLABLE))
    made = _calls_made(queue_id, practitioner_id, days)
    busy = _busy_people([t.person_id for t in tickets], days)
    return rules.order_of_calling(
        [
            rules.WaitingTicket(
                id=t.id,
                number=t.number,
                category=TicketCategory(t.category),
                checked_in_at=t.checked_in_at,
                window_start=t.window_start,
                late=t.late,
                calls_due=_calls_due(t, [at for _, at in made]),
                busy=t.person_id in busy,
            )
            for t in tickets
        ],
        now,
        params,
        [TicketCategory(category) for category, _ in made],
    )


def waiting(actor: Actor, queue_id: UUID, practitioner_id: UUID | None, *, now: datetime) -> list[WaitingRow]:
    """A doctor's or nurse's list with full names, in the order of calling; one access row per opening.

    Refuses ``not_allowed`` without the right to call in this department.
    """
    facts = queue(queue_id)
    access.require(actor, CALL, facts.department_id)
    audit.opened(actor, record="queueing.waiting_list", person_id=None, object_id=queue_id, now=now)
    order = line(queue_id, practitioner_id, now=now)
    tickets = {t.id: t for t in Ticket.objects.select_related("queue").filter(id__in=[p.ticket_id for p in order])}
    people = identity.facts_people([t.person_id for t in tickets.values()])
    return [
        WaitingRow(
            ticket=_ticket_facts(tickets[p.ticket_id]),
            name=people[tickets[p.ticket_id].person_id].name,
            position=index,
            place=p.place,
            busy=p.busy,
        )
        for index, p in enumerate(order, start=1)
        if p.ticket_id in tickets
    ]


def wall(queue_ids: Iterable[UUID], *, now: datetime) -> Wall:
    """The board of one waiting area: per room who is called, the next two, and the first who wait; names masked."""
    ids = list(queue_ids)
    days = rules.days_in_line(now, rulebook.rule(CallingParameters, scope_id=None, at=now).parameters)
    found = list(Queue.objects.filter(id__in=ids).order_by("name", "id"))
    current = {
        t.called_by_id: t
        for t in Ticket.objects.filter(queue_id__in=ids, service_date__in=days, status__in=WITH_DOCTOR).order_by("called_by_id")
    }
    rooms = _rooms_of_today(ids, days)
    lines = {(q, doctor): line(q, doctor, now=now) for q, doctor, _ in rooms}
    everyone = list(
        Ticket.objects.filter(queue_id__in=ids, service_date__in=days, status=TicketStatus.WAITING).order_by("checked_in_at", "number")
    )
    labels = {t.id: t for t in Ticket.objects.filter(queue_id__in=ids, service_date__in=days)}
    names = identity.wall_names({t.person_id for t in labels.values()})

    def shown(ticket: Ticket) -> WallTicket:
        return WallTicket(label=ticket.label, masked_name=names.get(ticket.person_id, ""))

    rows = []
    for queue_id, doctor, room_id in rooms:
        now_here = current.get(doctor)
        following = [labels[p.ticket_id] for p in lines[queue_id, doctor] if p.ticket_id in labels and not p.busy][:NEXT_ON_THE_WALL]
        rows.append(
            WallRow(
                room_id=room_id,
                room_name=organizations.room(room_id).name,
                practitioner_name=organizations.practitioner(doctor).name,
                current=shown(now_here) if now_here else None,
                status=TicketStatus(now_here.status) if now_here else None,
                called_at=now_here.last_called_at if now_here else None,
                next=tuple(shown(t) for t in following),
            )
        )
    return Wall(
        at=now,
        areas=tuple(q.area or q.name for q in found),
        rows=tuple(sorted(rows, key=lambda row: row.room_name)),
        waiting=tuple(shown(t) for t in everyone[:WAITING_ON_THE_WALL]),
        waiting_count=len(everyone),
    )


def stamp(queue_id: UUID, *, day: date) -> str:
    """A short text that changes with every act on a queue's tickets of a day: one small query, so that a screen may ask every second."""
    rows = Ticket.objects.filter(queue_id=queue_id, service_date=day).order_by("number")
    acts = rows.values_list("number", "status", "calls", "room_id", "called_by_id", "last_called_at", "put_back_at")
    return hashlib.sha256(repr(list(acts)).encode()).hexdigest()


def count_waiting(queue_id: UUID, *, day: date) -> int:
    """How many wait in a queue (including those who missed their call)."""
    return Ticket.objects.filter(queue_id=queue_id, service_date=day, status__in=CALLABLE).count()


def _calls_made(queue_id: UUID, practitioner_id: UUID | None, days: tuple[date, ...]) -> list[tuple[str, datetime]]:
    """A doctor's calls of the day that count as turns, oldest first."""
    if practitioner_id is None:
        return []
    made = Call.objects.filter(queue_id=queue_id, service_date__in=days, practitioner_id=practitioner_id, again=False, undone_at=None)
    return list(made.order_by("called_at", "id").values_list("category", "called_at"))


def _rooms_of_today(queue_ids: Iterable[UUID], days: tuple[date, ...]) -> list[tuple[UUID, UUID, UUID]]:
    """Queue, doctor and last room of each doctor who has called today."""
    latest: dict[UUID, tuple[UUID, UUID, UUID]] = {}
    calls = Call.objects.filter(queue_id__in=list(queue_ids), service_date__in=days).order_by("called_at", "id")
    for queue_id, doctor, room_id in calls.values_list("queue_id", "practitioner_id", "room_id"):
        latest[doctor] = (queue_id, doctor, room_id)
    return list(latest.values())


def _busy_people(person_ids: list[UUID], days: tuple[date, ...]) -> frozenset[UUID]:
    with_doctor = Ticket.objects.filter(person_id__in=person_ids, service_date__in=days, status__in=WITH_DOCTOR)
    return frozenset(with_doctor.values_list("person_id", flat=True))


def _calls_due(ticket: Ticket, called_at: list[datetime]) -> int | None:
    if ticket.put_back_at is None:
        return None
    return rules.calls_still_due(ticket.put_back_calls, sum(at > ticket.put_back_at for at in called_at))


def _queue(found: Queue | None) -> Queue:
    if found is None:
        raise NotFound
    return found


def _queue_facts(found: Queue) -> QueueFacts:
    return QueueFacts(
        queue_id=found.id,
        organization_id=found.organization_id,
        department_id=found.department_id,
        name=found.name,
        prefix=found.prefix,
        area=found.area,
    )


def _ticket_facts(ticket: Ticket) -> TicketFacts:
    return TicketFacts(
        ticket_id=ticket.id,
        queue_id=ticket.queue_id,
        organization_id=ticket.queue.organization_id,
        department_id=ticket.queue.department_id,
        service_date=ticket.service_date,
        number=ticket.number,
        label=ticket.label,
        person_id=ticket.person_id,
        appointment_id=ticket.appointment_id,
        practitioner_id=ticket.practitioner_id,
        window_start=ticket.window_start,
        window_end=ticket.window_end,
        category=TicketCategory(ticket.category),
        reason=ticket.reason,
        late=ticket.late,
        status=TicketStatus(ticket.status),
        checked_in_at=ticket.checked_in_at,
        calls=ticket.calls,
        first_called_at=ticket.first_called_at,
        last_called_at=ticket.last_called_at,
        room_id=ticket.room_id,
        called_by=ticket.called_by_id,
        entered_at=ticket.entered_at,
        finished_at=ticket.finished_at,
    )

"""Decisions of the queue: who is called next and why, what an unanswered call means, which act is possible."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from jiuyi.domains.queueing.words import CallingParameters, Party, Place, TicketAct, TicketCategory, TicketStatus
from jiuyi.kernel.clock import day_bounds, service_date

STATE_TABLE: dict[tuple[TicketStatus, TicketAct], tuple[TicketStatus, frozenset[Party]]] = {
    (TicketStatus.WAITING, TicketAct.CALL): (TicketStatus.CALLED, frozenset({Party.STAFF})),
    (TicketStatus.WAITING, TicketAct.LEAVE): (TicketStatus.LEFT, frozenset(Party)),
    (TicketStatus.CALLED, TicketAct.CALL_AGAIN): (TicketStatus.CALLED, frozenset({Party.STAFF})),
    (TicketStatus.CALLED, TicketAct.SET_ASIDE): (TicketStatus.WAITING, frozenset({Party.STAFF})),
    (TicketStatus.CALLED, TicketAct.PASS_OVER): (TicketStatus.PASSED, frozenset({Party.STAFF})),
    (TicketStatus.CALLED, TicketAct.ENTER): (TicketStatus.IN_ROOM, frozenset({Party.STAFF})),
    (TicketStatus.CALLED, TicketAct.LEAVE): (TicketStatus.LEFT, frozenset(Party)),
    (TicketStatus.IN_ROOM, TicketAct.UNDO_ENTER): (TicketStatus.WAITING, frozenset({Party.STAFF})),
    (TicketStatus.IN_ROOM, TicketAct.FINISH): (TicketStatus.DONE, frozenset({Party.STAFF})),
    (TicketStatus.PASSED, TicketAct.CALL): (TicketStatus.CALLED, frozenset({Party.STAFF})),
    (TicketStatus.PASSED, TicketAct.COME_BACK): (TicketStatus.WAITING, frozenset({Party.PATIENT, Party.STAFF})),
    (TicketStatus.PASSED, TicketAct.LEAVE): (TicketStatus.LEFT, frozenset(Party)),
}


def next_status(status: TicketStatus, act: TicketAct, by: Party) -> TicketStatus | None:
    """The state after an act, or None if this party cannot do it now. The table is docs/states/ticket.md."""
    found = STATE_TABLE.get((status, act))
    if found is None or by not in found[1]:
        return None
    return found[0]


def days_in_line(now: datetime, parameters: CallingParameters) -> tuple[date, ...]:
    """The local days whose tickets stand in line now, today first: in the first ``overnight_hours`` yesterday's stand too.

    Nobody who checked in at 23:50 is forgotten at midnight; from the hour's end on, yesterday's line is closed.
    """
    today = service_date(now)
    if now < day_bounds(today)[0] + timedelta(hours=parameters.overnight_hours):
        return today, today - timedelta(days=1)
    return (today,)


@dataclass(frozen=True, slots=True)
class WaitingTicket:
    """What the order of calling needs to know of one ticket.

    ``calls_due`` is how many more calls must pass before a ticket that did not answer is called again; 0 means it is its
    turn, None that it never missed a call. ``busy`` says the person is with another doctor at this moment.
    """

    id: UUID
    number: int
    category: TicketCategory
    checked_in_at: datetime
    window_start: datetime | None = None
    late: bool = False
    calls_due: int | None = None
    busy: bool = False


@dataclass(frozen=True, slots=True)
class Position:
    """One place in the order of calling, with the reason that put it there."""

    ticket_id: UUID
    place: Place
    busy: bool


@dataclass(frozen=True, slots=True)
class Turns:
    """Calls since the last returnee and since the last priority call; acute calls count for neither."""

    since_returned: int
    since_priority: int

    def after(self, category: TicketCategory) -> "Turns":
        """The counters after one more call of this category."""
        if category is TicketCategory.ACUTE:
            return self
        return Turns(
            since_returned=0 if category is TicketCategory.RETURNED else self.since_returned + 1,
            since_priority=0 if category is TicketCategory.PRIORITY else self.since_priority + 1,
        )


def turns_of(recent: Iterable[TicketCategory], params: CallingParameters) -> Turns:
    """The counters after the calls made so far, oldest first. On a new day a priority ticket is due at once, a returnee is not."""
    turns = Turns(since_returned=0, since_priority=params.priority_every_calls)
    for category in recent:
        turns = turns.after(category)
    return turns


def order_of_calling(
    tickets: Sequence[WaitingTicket], now: datetime, params: CallingParameters, recent: Iterable[TicketCategory] = ()
) -> list[Position]:
    """Everybody who waits, in the order in which they will be called, each with the reason.

    Acute first, by check-in. Then the main line: on-time bookings by window start, then check-in (a doctor who runs late calls
    the earlier windows first); somebody without a window stands as if it began at check-in; the late come after the on-time by
    actual check-in, until they have waited ``ageing_minutes``, when they stand by their check-in. A returnee takes every
    ``returned_every_calls``-th call and the priority lane at most every ``priority_every_calls``-th, while others wait. Who did
    not answer is put back after the agreed number of calls. A person held in another room keeps the position.

    Source: rules AP-15, AP-20 as corrected in §21; C30, C31.
    """
    lanes = _Lanes(tickets, now, params)
    turns = turns_of(recent, params)
    order: list[Position] = []
    for called in range(len(tickets)):
        ticket, place = lanes.take(called, turns, params)
        order.append(Position(ticket_id=ticket.id, place=place, busy=ticket.busy))
        turns = turns.after(ticket.category)
    return order


class _Lanes:
    """The five lanes of one queue, emptied call by call."""

    def __init__(self, tickets: Sequence[WaitingTicket], now: datetime, params: CallingParameters) -> None:
        missed = [t for t in tickets if t.calls_due is not None]
        fresh = [t for t in tickets if t.calls_due is None]
        self.acute = sorted((t for t in tickets if t.category is TicketCategory.ACUTE), key=_by_check_in)
        self.missed = sorted(
            (t for t in missed if t.category is not TicketCategory.ACUTE), key=lambda t: (t.calls_due or 0, t.checked_in_at, t.number)
        )
        self.priority = sorted((t for t in fresh if t.category is TicketCategory.PRIORITY), key=_by_check_in)
        self.returned = sorted((t for t in fresh if t.category is TicketCategory.RETURNED), key=_by_check_in)
        main = [(main_line_key(t, now, params), t) for t in fresh if t.category in {TicketCategory.BOOKED, TicketCategory.WALK_IN}]
        self.main = [(t, key[0]) for key, t in sorted(main, key=lambda pair: pair[0][1:])]

    def take(self, called: int, turns: Turns, params: CallingParameters) -> tuple[WaitingTicket, Place]:
        """Remove and return whom the ``called``-th call from now reaches (0 = the very next)."""
        if self.acute:
            return self.acute.pop(0), Place.ACUTE
        if self.missed and (self.missed[0].calls_due or 0) <= called:
            return self.missed.pop(0), Place.REINSERTED
        others_than_priority = self.main or self.returned
        if self.priority and (turns.since_priority >= params.priority_every_calls - 1 or not others_than_priority):
            return self.priority.pop(0), Place.PRIORITY_TURN
        if self.returned and (turns.since_returned >= params.returned_every_calls - 1 or not self.main):
            return self.returned.pop(0), Place.RETURNED_TURN
        if self.main:
            return self.main.pop(0)
        return self.missed.pop(0), Place.REINSERTED


def main_line_key(ticket: WaitingTicket, now: datetime, params: CallingParameters) -> tuple[Place, int, datetime, datetime, int]:
    """Why and where a booked or walk-in ticket stands in the main line; the reason is not part of the comparison."""
    since = ticket.checked_in_at
    if ticket.late and now - since < timedelta(minutes=params.ageing_minutes):
        return (Place.LATE, 1, since, since, ticket.number)
    if ticket.late:
        return (Place.AGED, 0, since, since, ticket.number)
    if ticket.window_start is None:
        return (Place.WALK_IN, 0, since, since, ticket.number)
    return (Place.ON_TIME, 0, ticket.window_start, since, ticket.number)


def _by_check_in(ticket: WaitingTicket) -> tuple[datetime, int]:
    return (ticket.checked_in_at, ticket.number)


def calls_still_due(put_back_calls: int, calls_since: int) -> int:
    """How many calls must still pass before a ticket that was put back has its turn."""
    return max(0, put_back_calls - calls_since)


def is_passed_over(calls: int, first_called_at: datetime, now: datetime, params: CallingParameters) -> bool:
    """Whether unanswered calls make a 过号: enough of them, and the first one long enough ago (both bounds included).

    Below that the ticket is only set aside for one call. Source: rule AP-15, §21.
    """
    return calls >= params.unanswered_calls and now - first_called_at >= timedelta(minutes=params.unanswered_minutes)


def ticket_label(prefix: str, number: int) -> str:
    """``A017``: three digits at least, so that boards line up."""
    return f"{prefix}{number:03d}"

"""Whom a free place is offered to: the waiting list (候补) as a pure function of who waits and what is free."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from jiuyi.domains.scheduling.rules.cooling import offers_open
from jiuyi.domains.scheduling.words import HalfDay, Party, Reach, WaitingAct, WaitingState, WaitingTerms

_W, _A, _P = WaitingState, WaitingAct, Party

# state → act → (next state, who may). What is not here is refused. docs/states/waiting.md shows the same table.
MOVES: Mapping[WaitingState, Mapping[WaitingAct, tuple[WaitingState, frozenset[Party]]]] = {
    _W.WAITING: {
        _A.OFFER: (_W.OFFERED, frozenset({_P.SYSTEM})),
        _A.LEAVE: (_W.LEFT, frozenset({_P.PATIENT, _P.STAFF})),
        _A.RUN_OUT: (_W.LAPSED, frozenset({_P.SYSTEM})),
    },
    _W.OFFERED: {
        _A.ACCEPT: (_W.BOOKED, frozenset({_P.PATIENT, _P.STAFF, _P.SYSTEM})),
        _A.DECLINE: (_W.WAITING, frozenset({_P.PATIENT, _P.STAFF})),
        _A.MISS: (_W.WAITING, frozenset({_P.SYSTEM})),
        _A.MISS_LAST: (_W.LAPSED, frozenset({_P.SYSTEM})),
        _A.WITHDRAW: (_W.WAITING, frozenset({_P.HOSPITAL})),
    },
    _W.BOOKED: {},
    _W.LEFT: {},
    _W.LAPSED: {},
}


@dataclass(frozen=True, slots=True)
class Waiter:
    """One entry of the list. ``barred``: sessions that would break a limit; ``answered``: windows that were let go before."""

    entry_id: UUID
    joined_at: datetime
    practitioner_id: UUID | None
    first_day: date
    last_day: date
    half_days: frozenset[HalfDay]
    travel_minutes: int
    family_group: UUID | None = None
    barred: frozenset[UUID] = frozenset()
    answered: frozenset[tuple[UUID, datetime]] = frozenset()

    def without(self, sessions: Iterable[UUID]) -> "Waiter":
        """The same entry, barred from more sessions."""
        return replace(self, barred=self.barred | frozenset(sessions))


@dataclass(frozen=True, slots=True)
class FreeWindow:
    """Free places of one window of one session that may be offered."""

    session_id: UUID
    practitioner_id: UUID
    day: date
    half_day: HalfDay
    start: datetime
    count: int


@dataclass(frozen=True, slots=True)
class NextOffer:
    """The place is this entry's turn."""

    entry_id: UUID
    session_id: UUID
    window_start: datetime


@dataclass(slots=True)
class _Stock:
    """What is left while one place after the other is given away."""

    windows: list[FreeWindow]
    left: dict[tuple[UUID, datetime], int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.windows = sorted(self.windows, key=lambda window: (window.start, window.session_id))
        self.left = {(window.session_id, window.start): window.count for window in self.windows}

    def suiting(self, waiter: Waiter, *, now: datetime, terms: WaitingTerms) -> list[FreeWindow]:
        return [
            window
            for window in self.windows
            if self.left[window.session_id, window.start] > 0 and suits(waiter, window, now=now, terms=terms)
        ]

    def take(self, window: FreeWindow) -> None:
        self.left[window.session_id, window.start] -= 1


def next_state(state: WaitingState, act: WaitingAct, by: Party) -> WaitingState | None:
    """The state after an act, or None if this party may not do it in this state."""
    move = MOVES[state].get(act)
    return move[0] if move and by in move[1] else None


def missed(offers_missed: int, terms: WaitingTerms) -> WaitingAct:
    """What one more unanswered offer means, ``offers_missed`` counting it: the entry waits on, or its last chance is gone."""
    return WaitingAct.MISS_LAST if offers_missed >= terms.offers_missed else WaitingAct.MISS


def may_be_there(waiter: Waiter, start: datetime, *, now: datetime, terms: WaitingTerms) -> bool:
    """Whether somebody who leaves now is there ``early_minutes`` before the window; arriving on that very minute is in time."""
    return now + timedelta(minutes=waiter.travel_minutes) <= start - timedelta(minutes=terms.early_minutes)


def suits(waiter: Waiter, window: FreeWindow, *, now: datetime, terms: WaitingTerms) -> bool:
    """Whether a place fulfils the wish, breaks no limit, can be reached in time and was not let go before."""
    return (
        waiter.first_day <= window.day <= waiter.last_day
        and window.session_id not in waiter.barred
        and waiter.practitioner_id in {None, window.practitioner_id}
        and (not waiter.half_days or window.half_day in waiter.half_days)
        and (window.session_id, window.start) not in waiter.answered
        and may_be_there(waiter, window.start, now=now, terms=terms)
    )


def next_entries(waiters: Iterable[Waiter], windows: Sequence[FreeWindow], *, now: datetime, terms: WaitingTerms) -> list[NextOffer]:
    """Who is offered which place now: whoever joined first takes the earliest place that suits; nobody is overtaken.

    A family that joined together is offered places of one half-day, all its waiting members at once; for
    ``together_hours`` it lets single places go to the next, then each member is served alone. Outside the hours nothing is
    offered and the order stays.  Source: rule AP-10; §21.
    """
    if not offers_open(now, terms):
        return []
    stock, order = _Stock(list(windows)), sorted(waiters, key=lambda waiter: (waiter.joined_at, waiter.entry_id))
    families: dict[UUID, list[Waiter]] = {}
    for waiter in order:
        if waiter.family_group is not None:
            families.setdefault(waiter.family_group, []).append(waiter)
    offers: list[NextOffer] = []
    served: set[UUID] = set()
    for waiter in order:
        if waiter.entry_id in served:
            continue
        family = families.get(waiter.family_group, []) if waiter.family_group else []
        alone = len(family) < 2 or waits_alone(waiter, now=now, terms=terms)  # noqa: PLR2004  # one is no family
        chosen = _together(family, stock, now=now, terms=terms) if len(family) > 1 else []
        if not chosen and alone:
            chosen = [(waiter, window) for window in stock.suiting(waiter, now=now, terms=terms)[:1]]
        for member, window in chosen:
            stock.take(window)
            served.add(member.entry_id)
            offers.append(NextOffer(member.entry_id, window.session_id, window.start))
        served.add(waiter.entry_id)
    return offers


def waits_alone(waiter: Waiter, *, now: datetime, terms: WaitingTerms) -> bool:
    """Whether a member of a family is no longer kept waiting for places of the others."""
    return now >= waiter.joined_at + timedelta(hours=terms.together_hours)


def answer_until(*, now: datetime, window_start: datetime, travel_minutes: int, reach: Reach, terms: WaitingTerms) -> datetime:
    """Until when an offer waits for its answer: longer for those who have to be called, never past the moment to leave home.

    Nobody gets less than ``least_answer_minutes``.
    """
    minutes = terms.answer_minutes if reach is Reach.TEXT else terms.call_answer_minutes
    leave_at = window_start - timedelta(minutes=terms.early_minutes + travel_minutes)
    return max(min(now + timedelta(minutes=minutes), leave_at), now + timedelta(minutes=terms.least_answer_minutes))


def _together(family: Sequence[Waiter], stock: _Stock, *, now: datetime, terms: WaitingTerms) -> list[tuple[Waiter, FreeWindow]]:
    """One place for each member on the first half-day that has enough of them, or nothing."""
    half_days = dict.fromkeys((window.day, window.half_day) for window in stock.windows)
    for day, half_day in half_days:
        left = dict(stock.left)
        chosen: list[tuple[Waiter, FreeWindow]] = []
        for member in family:
            for window in stock.suiting(member, now=now, terms=terms):
                if (window.day, window.half_day) == (day, half_day) and left[window.session_id, window.start] > 0:
                    left[window.session_id, window.start] -= 1
                    chosen.append((member, window))
                    break
        if len(chosen) == len(family):
            return chosen
    return []

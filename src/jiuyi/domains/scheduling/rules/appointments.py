"""Decisions about windows, moves of an appointment, cancelling, arriving and limits."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from jiuyi.domains.scheduling.words import (
    AppointmentAct,
    AppointmentStatus,
    Arrival,
    BookingChannel,
    BookingMode,
    CancelDeadline,
    HalfDay,
    NumberClass,
    Party,
    Pool,
)
from jiuyi.kernel.clock import local, service_date
from jiuyi.kernel.periods import Period

_S, _A, _P = AppointmentStatus, AppointmentAct, Party

# state → act → (next state, who may). What is not here is refused. docs/states/appointment.md shows the same table.
MOVES: Mapping[AppointmentStatus, Mapping[AppointmentAct, tuple[AppointmentStatus, frozenset[Party]]]] = {
    _S.HELD: {
        _A.CONFIRM: (_S.BOOKED, frozenset({_P.SYSTEM, _P.STAFF})),
        _A.EXPIRE: (_S.EXPIRED, frozenset({_P.SYSTEM})),
        _A.CANCEL: (_S.CANCELLED, frozenset({_P.PATIENT, _P.STAFF, _P.HOSPITAL})),
    },
    _S.BOOKED: {
        _A.CANCEL: (_S.CANCELLED, frozenset({_P.PATIENT, _P.STAFF, _P.HOSPITAL})),
        _A.ARRIVE: (_S.ARRIVED, frozenset({_P.STAFF, _P.DEVICE})),
        _A.MARK_NOSHOW: (_S.NOSHOW, frozenset({_P.SYSTEM})),
        _A.MOVE: (_S.BOOKED, frozenset({_P.PATIENT, _P.STAFF, _P.HOSPITAL})),
    },
    _S.ARRIVED: {
        _A.CANCEL: (_S.CANCELLED, frozenset({_P.STAFF, _P.HOSPITAL})),
        _A.UNDO_ARRIVAL: (_S.BOOKED, frozenset({_P.STAFF})),
        _A.FULFIL: (_S.FULFILLED, frozenset({_P.STAFF})),
        _A.MOVE: (_S.ARRIVED, frozenset({_P.HOSPITAL})),
    },
    _S.FULFILLED: {_A.UNDO_FULFIL: (_S.ARRIVED, frozenset({_P.STAFF}))},
    _S.NOSHOW: {_A.ARRIVE: (_S.ARRIVED, frozenset({_P.STAFF}))},
    _S.CANCELLED: {},
    _S.EXPIRED: {},
}

_POOLS: Mapping[BookingChannel, tuple[Pool, ...]] = {
    BookingChannel.KIOSK: (Pool.ONSITE, Pool.PUBLIC),
    BookingChannel.WINDOW: (Pool.ONSITE, Pool.PUBLIC),
    BookingChannel.ROOM: (Pool.RETURN, Pool.PUBLIC),
    BookingChannel.FAMILY_DOCTOR: (Pool.TOWNSHIP, Pool.PUBLIC),
}
_MODES: Mapping[BookingChannel, BookingMode] = {
    BookingChannel.ROOM: BookingMode.ROOM,
    BookingChannel.FAMILY_DOCTOR: BookingMode.FAMILY_DOCTOR,
    BookingChannel.WAITING_LIST: BookingMode.WAITING_LIST,
}
EXPERT_CLASSES = frozenset({NumberClass.ASSOCIATE_CHIEF, NumberClass.CHIEF, NumberClass.RENOWNED})
UNLIMITED_CHANNELS = frozenset({BookingChannel.WINDOW, BookingChannel.ROOM, BookingChannel.FAMILY_DOCTOR, BookingChannel.PHONE})


def next_status(status: AppointmentStatus, act: AppointmentAct, by: Party) -> AppointmentStatus | None:
    """The state after an act, or None if this party may not do it in this state."""
    move = MOVES[status].get(act)
    return move[0] if move and by in move[1] else None


def pools_of(channel: BookingChannel) -> tuple[Pool, ...]:
    """The pools a channel sells from, the dearest first: its own share, then the public one (rules AP-2, AP-4)."""
    return _POOLS.get(channel, (Pool.PUBLIC,))


def mode_of(channel: BookingChannel) -> BookingMode:
    """Who arranges a booking through this door, unless the act says it more exactly. Source: rule AP-18; C7."""
    return _MODES.get(channel, BookingMode.SELF)


def windows_of(period: Period, minutes: int, per_window: int) -> list[tuple[int, Period]]:
    """The places of a session as (ordinal from 1, arrival window), in order of time; a shorter rest at the end is sold too."""
    windows = [window for window in period.split(minutes) for _ in range(per_window)]
    return list(enumerate(windows, start=1))


def half_day_of(starts_at: datetime) -> HalfDay:
    """午别 by the local hour of the beginning: morning 6–12, afternoon 12–18, evening 18–22, otherwise night."""
    hour = local(starts_at).hour
    bounds = ((6, HalfDay.NIGHT), (12, HalfDay.MORNING), (18, HalfDay.AFTERNOON), (22, HalfDay.EVENING))
    return next((half for end, half in bounds if hour < end), HalfDay.NIGHT)


@dataclass(frozen=True, slots=True)
class CancelTerms:
    """What cancelling means now: allowed at all, money back, counted as late, and until when it is free."""

    may: bool
    refund: bool
    late: bool
    until: datetime


def cancel_terms(  # the facts of one decision, each needed
    *,
    status: AppointmentStatus,
    by: Party,
    number_class: NumberClass,
    window: Period,
    booked_at: datetime,
    now: datetime,
    parameters: CancelDeadline,
) -> CancelTerms:
    """What cancelling at ``now`` means.

    In time up to and including the deadline (experts 12 h, ordinary 30 min before the window), and always within
    30 min of booking. Later it counts as late but the place is freed and the money still goes back: a penalty never
    costs money. A patient may cancel until the window ends; the hospital always, and never late.

    Source: rules AP-12, AP-14; C4.
    """
    minutes = parameters.expert_minutes if number_class in EXPERT_CLASSES else parameters.ordinary_minutes
    deadline = window.start - timedelta(minutes=minutes)
    regret = min(booked_at + timedelta(minutes=parameters.regret_minutes), window.end)
    until = max(deadline, regret)
    allowed = next_status(status, AppointmentAct.CANCEL, by) is not None
    if by is Party.HOSPITAL:
        return CancelTerms(may=allowed, refund=allowed, late=False, until=until)
    may = allowed and now < window.end
    late = now > until and status is not AppointmentStatus.HELD
    return CancelTerms(may=may, refund=may and (not late or parameters.refund_when_late), late=may and late, until=until)


def arrival(now: datetime, window: Period, grace_minutes: int) -> Arrival:
    """How an arrival lies to its window: the window's end itself is late, exactly the grace is still late, more is too late.

    Source: rule AP-15.
    """
    if service_date(now) != service_date(window.start):
        return Arrival.OTHER_DAY
    if now < window.start:
        return Arrival.EARLY
    if now < window.end:
        return Arrival.ON_TIME
    return Arrival.LATE if now <= window.end + timedelta(minutes=grace_minutes) else Arrival.TOO_LATE


def is_noshow(*, window_end: datetime, session_ends_at: datetime, now: datetime, grace_minutes: int) -> bool:
    """Whether somebody who has not checked in counts as absent: more than the grace after the window *and* the session over.

    Source: rule AP-13.
    """
    return now > window_end + timedelta(minutes=grace_minutes) and now >= session_ends_at


class _HasStart(Protocol):
    @property
    def start(self) -> datetime: ...


W = TypeVar("W", bound=_HasStart)


def nearest_windows(windows: Iterable[W], wanted: datetime, limit: int) -> list[W]:
    """The ``limit`` windows closest to the wanted start, the later one first among equals, then in order of time."""
    closest = sorted(windows, key=lambda window: (abs(window.start - wanted), window.start < wanted))[:limit]
    return sorted(closest, key=lambda window: window.start)

"""Which window suits whom on a van's trip."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from jiuyi.domains.scheduling.words.trips import TripTimes
from jiuyi.kernel.periods import Period


@dataclass(frozen=True, slots=True)
class SeatWish:
    """One person of a van, the department wished, and the times at which that person is busy already."""

    seat_id: UUID
    department_id: UUID
    busy: tuple[Period, ...] = ()


@dataclass(frozen=True, slots=True)
class WindowOnTrip:
    """A window of a department with its free places."""

    session_id: UUID
    department_id: UUID
    start: datetime
    end: datetime
    free: int


def is_within_trip(start: datetime, end: datetime, *, arrives_at: datetime, returns_at: datetime, times: TripTimes) -> bool:
    """Whether a window leaves time to walk from the van and back; exactly enough is enough. Source: rule RF-8."""
    first, last = arrives_at + timedelta(minutes=times.walk_minutes), returns_at - timedelta(minutes=times.back_minutes)
    return first <= start and end <= last


def propose(
    wishes: Sequence[SeatWish], windows: Iterable[WindowOnTrip], *, arrives_at: datetime, returns_at: datetime, times: TripTimes
) -> Mapping[UUID, WindowOnTrip]:
    """A window for each seat, the earliest that is free and leaves time to walk; no place is given twice.

    Whoever has other appointments that day is served first, because fewer windows suit; otherwise in the order of the list.
    A seat for which nothing suits is missing from the answer. Source: rules RF-8, AP-4; C6.
    """
    suitable = sorted(
        (each for each in windows if is_within_trip(each.start, each.end, arrives_at=arrives_at, returns_at=returns_at, times=times)),
        key=lambda each: (each.start, each.session_id),
    )
    gap = timedelta(minutes=times.walk_minutes)
    given: Counter[tuple[UUID, datetime]] = Counter()
    found: dict[UUID, WindowOnTrip] = {}
    for wish in sorted(wishes, key=lambda each: -len(each.busy)):
        for window in suitable:
            clear = all(window.end + gap <= busy.start or busy.end + gap <= window.start for busy in wish.busy)
            place = (window.session_id, window.start)
            if window.department_id == wish.department_id and clear and given[place] < window.free:
                given[place] += 1
                found[wish.seat_id] = window
                break
    return found

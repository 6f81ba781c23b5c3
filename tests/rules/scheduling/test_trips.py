"""Windows for a van: enough time to walk, no place twice, nobody torn between two doctors."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiuyi.domains.scheduling.rules.trips import SeatWish, WindowOnTrip, is_within_trip, propose
from jiuyi.domains.scheduling.words import TripTimes
from jiuyi.kernel.periods import Period

NINE = datetime(2026, 3, 3, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
TIMES = TripTimes(walk_minutes=20, back_minutes=30)
SESSION, OTHER, HEART, EYES = (UUID(int=number) for number in range(1, 5))


def window(minutes: int, *, free: int = 1, session: UUID = SESSION, department: UUID = HEART) -> WindowOnTrip:
    return WindowOnTrip(session, department, NINE + minutes * MINUTE, NINE + (minutes + 15) * MINUTE, free)


def seat(number: int, *, department: UUID = HEART, busy: tuple[Period, ...] = ()) -> SeatWish:
    return SeatWish(UUID(int=100 + number), department, busy)


def plan(wishes, windows, *, hours: int = 3):
    return propose(wishes, windows, arrives_at=NINE, returns_at=NINE + timedelta(hours=hours), times=TIMES)


@pytest.mark.parametrize(
    ("_case", "start", "suits"),
    [
        ("a minute too soon after the van", 19, False),
        ("just enough to walk", 20, True),
        ("just enough to go back", 135, True),
        ("a minute too late for the way back", 136, False),
    ],
)
def test_walking_takes_its_time(_case, start, suits):
    each = window(start)
    assert is_within_trip(each.start, each.end, arrives_at=NINE, returns_at=NINE + timedelta(hours=3), times=TIMES) is suits


def test_the_earliest_windows_go_first_and_no_place_goes_twice():
    found = plan([seat(1), seat(2), seat(3)], [window(60), window(30), window(45)])
    assert [found[UUID(int=100 + number)].start for number in (1, 2, 3)] == [NINE + m * MINUTE for m in (30, 45, 60)]


def test_whoever_finds_nothing_is_missing():
    found = plan([seat(1), seat(2), seat(3, department=EYES)], [window(30)])
    assert set(found) == {UUID(int=101)}


def test_whoever_is_busy_is_served_first_and_gets_time_to_walk():
    busy = Period(NINE + 60 * MINUTE, NINE + 75 * MINUTE)
    found = plan([seat(1), seat(2, busy=(busy,))], [window(25), window(45), window(95)])
    assert found[UUID(int=102)].start == NINE + 25 * MINUTE
    assert found[UUID(int=101)].start == NINE + 45 * MINUTE


@given(
    starts=st.lists(
        st.tuples(st.integers(0, 200), st.integers(0, 3), st.sampled_from([SESSION, OTHER])), max_size=12, unique_by=lambda e: (e[0], e[2])
    ),
    seats=st.lists(st.sampled_from([HEART, EYES]), max_size=12),
)
def test_no_more_is_given_than_there_is(starts, seats):
    windows = [window(minutes, free=free, session=session) for minutes, free, session in starts]
    found = plan([seat(number, department=department) for number, department in enumerate(seats)], windows)
    for each in windows:
        assert sum(1 for given_ in found.values() if given_ == each) <= each.free
    assert all(
        is_within_trip(each.start, each.end, arrives_at=NINE, returns_at=NINE + timedelta(hours=3), times=TIMES) for each in found.values()
    )
    suitable = sum(
        each.free
        for each in windows
        if is_within_trip(each.start, each.end, arrives_at=NINE, returns_at=NINE + timedelta(hours=3), times=TIMES)
    )
    assert len(found) == min(suitable, seats.count(HEART))

"""Half-open periods."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiuyi.kernel.periods import Period

NINE = datetime(2026, 3, 2, 1, tzinfo=UTC)


def at(minutes: int) -> datetime:
    return NINE + timedelta(minutes=minutes)


def period(start: int, end: int) -> Period:
    return Period(at(start), at(end))


periods = st.tuples(st.integers(0, 600), st.integers(1, 300)).map(lambda pair: period(pair[0], pair[0] + pair[1]))


@pytest.mark.parametrize(
    ("_case", "start", "end"),
    [
        ("empty", NINE, NINE),
        ("backward", at(1), NINE),
        ("naive start", NINE.replace(tzinfo=None), at(1)),
        ("naive end", NINE, at(1).replace(tzinfo=None)),
    ],
)
def test_no_such_period(_case, start, end):
    with pytest.raises(ValueError, match="period"):
        Period(start, end)


@pytest.mark.parametrize(
    ("_case", "minute", "inside"),
    [("before", -1, False), ("the start", 0, True), ("the middle", 7, True), ("the end", 15, False)],
)
def test_the_start_is_in_and_the_end_is_out(_case, minute, inside):
    assert period(0, 15).contains(at(minute)) is inside


@pytest.mark.parametrize(
    ("_case", "other", "overlapping"),
    [
        ("touching after", period(15, 30), False),
        ("touching before", period(-15, 0), False),
        ("one minute shared", period(14, 30), True),
        ("inside", period(5, 6), True),
        ("the same", period(0, 15), True),
        ("far away", period(60, 75), False),
    ],
)
def test_overlap(_case, other, overlapping):
    assert period(0, 15).overlaps(other) is overlapping
    assert other.overlaps(period(0, 15)) is overlapping


@pytest.mark.parametrize(
    ("_case", "whole", "minutes", "lengths"),
    [
        ("even", period(0, 60), 15, [15, 15, 15, 15]),
        ("a short rest is kept", period(0, 40), 15, [15, 15, 10]),
        ("longer than the whole", period(0, 10), 15, [10]),
    ],
)
def test_split(_case, whole, minutes, lengths):
    assert [int((part.end - part.start).total_seconds() // 60) for part in whole.split(minutes)] == lengths


@pytest.mark.parametrize("minutes", [0, -15])
def test_no_windows_without_length(minutes):
    with pytest.raises(ValueError, match="minute"):
        list(period(0, 60).split(minutes))


@given(periods, periods)
def test_overlap_means_a_shared_instant(first, second):
    shared = first.contains(second.start) or second.contains(first.start)
    assert first.overlaps(second) == second.overlaps(first) == shared


@given(periods, st.integers(1, 120))
def test_windows_cover_the_whole_once(whole, minutes):
    parts = list(whole.split(minutes))
    assert parts[0].start == whole.start
    assert parts[-1].end == whole.end
    assert all(earlier.end == later.start for earlier, later in itertools.pairwise(parts))
    assert not any(a.overlaps(b) for a, b in itertools.pairwise(parts))

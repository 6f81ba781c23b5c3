"""How additions and withdrawals spread over the windows of a session."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiuyi.domains.scheduling.rules.capacity import FreePlace, choose_withdrawals, spread_additions
from jiuyi.domains.scheduling.words import Pool

EIGHT = datetime(2026, 3, 3, 0, tzinfo=UTC)
WINDOWS = [EIGHT + number * timedelta(minutes=15) for number in range(4)]


def free_in(*windows: int, pool: Pool = Pool.PUBLIC) -> list[FreePlace]:
    return [FreePlace(UUID(int=n), n, WINDOWS[window], pool) for n, window in enumerate(windows)]


@pytest.mark.parametrize(
    ("_case", "places", "count", "expected"),
    [
        ("evenly from the first on", [2, 2, 2, 2], 2, [1, 1, 0, 0]),
        ("the emptiest first", [3, 1, 2, 3], 3, [0, 2, 1, 0]),
        ("a whole row", [1, 1, 1, 1], 4, [1, 1, 1, 1]),
        ("nothing", [1, 1, 1, 1], 0, [0, 0, 0, 0]),
        ("a window that lost all its places", [0, 2, 2, 2], 1, [1, 0, 0, 0]),
    ],
)
def test_additions(_case, places, count, expected):
    added = spread_additions(dict(zip(WINDOWS, places, strict=True)), count)
    assert [added.get(window, 0) for window in WINDOWS] == expected


def test_nothing_is_added_to_no_window():
    assert spread_additions({}, 5) == {}


@pytest.mark.parametrize(
    ("_case", "free", "places", "count", "expected"),
    [
        ("the fullest, the later among equals", [0, 1, 2, 3], [2, 2, 2, 2], 2, [2, 3]),
        ("only where something is free", [0, 0], [2, 3, 3, 3], 1, [0]),
        ("all, when more is asked", [1, 2], [1, 1, 1, 1], 9, [1, 2]),
        ("two of one window when it is so full", [3, 3, 0], [1, 1, 1, 4], 2, [3, 3]),
    ],
)
def test_withdrawals(_case, free, places, count, expected):
    chosen = choose_withdrawals(free_in(*free), dict(zip(WINDOWS, places, strict=True)), count)
    assert sorted(WINDOWS.index(place.window_start) for place in chosen) == expected


def test_a_share_is_not_eaten_up_first():
    places = [*free_in(0, 0, 0), *free_in(0, pool=Pool.TOWNSHIP)]
    chosen = choose_withdrawals(places, {WINDOWS[0]: 4}, 2)
    assert [place.pool for place in chosen] == [Pool.PUBLIC, Pool.PUBLIC]


@given(st.lists(st.integers(0, 6), min_size=4, max_size=4), st.integers(0, 30))
def test_additions_level_the_windows_and_lose_nothing(places, count):
    before = dict(zip(WINDOWS, places, strict=True))
    added = spread_additions(before, count)
    assert sum(added.values()) == count
    after = Counter(before) + Counter(added)
    if added:  # a window that got one was not fuller than another is now
        assert max(after[window] for window in added) <= min(after[window] for window in WINDOWS) + 1


@given(st.lists(st.integers(0, 3), max_size=12), st.integers(0, 15))
def test_only_free_places_are_chosen_and_each_once(windows, count):
    free = free_in(*windows)
    full = Counter(place.window_start for place in free)
    chosen = choose_withdrawals(free, full, count)
    assert len(chosen) == min(count, len(free))
    assert len({place.ordinal for place in chosen}) == len(chosen)
    left = full - Counter(place.window_start for place in chosen)
    if 0 < len(chosen) < len(free):
        touched = {place.window_start for place in chosen}
        assert max(left.values()) <= min(left[window] for window in touched) + 1

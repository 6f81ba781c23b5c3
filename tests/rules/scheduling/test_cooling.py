"""When a given-up place is seen again."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiuyi.domains.scheduling.rules.cooling import is_hot, next_opening, offers_open, visible_again_at
from jiuyi.domains.scheduling.words import Cooling, WaitingTerms

NINE = datetime(2026, 3, 2, 1, tzinfo=UTC)  # Monday 09:00 in Shanghai
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
PARAMETERS, TERMS = Cooling(), WaitingTerms()


def again(now=NINE, *, window_start=NINE + DAY, released_at=NINE - DAY, delay=17, waited_for=False):
    return visible_again_at(
        now=now,
        released_at=released_at,
        window_start=window_start,
        delay_minutes=delay,
        is_waited_for=waited_for,
        parameters=PARAMETERS,
        terms=TERMS,
    )


@pytest.mark.parametrize(
    ("_case", "free", "capacity", "waited_for", "hot"),
    [
        ("nothing else is free", 0, 1, False, True),
        ("a tenth is free", 2, 20, False, True),
        ("more than a tenth is free", 3, 20, False, False),
        ("somebody waits", 20, 20, True, True),
    ],
)
def test_what_is_sought_after(_case, free, capacity, waited_for, hot):
    assert is_hot(free=free, capacity=capacity, is_waited_for=waited_for, parameters=PARAMETERS) is hot


def test_without_minutes_nothing_cools():
    assert not is_hot(free=0, capacity=1, is_waited_for=True, parameters=Cooling(min_minutes=0, max_minutes=0))


@pytest.mark.parametrize(
    ("_case", "case", "seen_after"),
    [
        ("after the random delay", {}, 17 * MINUTE),
        ("never sooner than the least", {"delay": 0}, 5 * MINUTE),
        ("never later than the most", {"delay": 999}, 30 * MINUTE),
        ("exactly two hours before the window there is no delay left", {"window_start": NINE + 2 * HOUR}, timedelta(0)),
        ("less than two hours before", {"window_start": NINE + 2 * HOUR - MINUTE}, timedelta(0)),
        ("the delay ends two hours before", {"window_start": NINE + 2 * HOUR + 6 * MINUTE}, 6 * MINUTE),
        ("never before its own release", {"released_at": NINE + 5 * HOUR}, 5 * HOUR),
        ("not before its own release either when it is urgent", {"released_at": NINE + HOUR, "window_start": NINE + HOUR}, HOUR),
        ("at night, without anybody waiting", {"now": NINE + 13 * HOUR}, 13 * HOUR + 17 * MINUTE),
        (
            "at night, somebody waits",
            {"now": NINE + 13 * HOUR, "waited_for": True, "window_start": NINE + 2 * DAY},
            23 * HOUR + 17 * MINUTE,
        ),
        ("at night, for the early morning", {"now": NINE + 13 * HOUR, "waited_for": True}, 22 * HOUR),
        ("in the small hours", {"now": NINE - 4 * HOUR, "waited_for": True}, -1 * HOUR + 17 * MINUTE),
    ],
)
def test_when_it_is_seen_again(_case, case, seen_after):
    assert again(**case) == NINE + seen_after


def test_offers_open_at_eight():
    assert next_opening(NINE, TERMS) == NINE
    assert not offers_open(NINE + 12 * HOUR, TERMS)
    assert next_opening(NINE + 12 * HOUR, TERMS) == NINE + 23 * HOUR


@given(
    minutes=st.integers(0, 3 * 1440),
    before=st.integers(-60, 3 * 1440),
    release=st.integers(-1440, 1440),
    delay=st.integers(0, 240),
    waited_for=st.booleans(),
)
def test_it_is_never_seen_before_its_release_nor_kept_into_its_last_two_hours(minutes, before, release, delay, waited_for):
    now = NINE + minutes * MINUTE
    start, released_at = now + before * MINUTE, NINE + release * MINUTE
    seen = again(now, window_start=start, released_at=released_at, delay=delay, waited_for=waited_for)
    assert seen >= max(now, released_at)
    assert seen <= max(now, released_at, start - 2 * HOUR)

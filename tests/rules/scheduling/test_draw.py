from collections import Counter
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiuyi.domains.scheduling.rules.draw import Wish, allot, order_of

EIGHT = datetime(2026, 3, 3, 0, tzinfo=UTC)
NINE, TEN = EIGHT + timedelta(hours=1), EIGHT + timedelta(hours=2)
A, B, C = UUID(int=1), UUID(int=2), UUID(int=3)


@pytest.mark.parametrize(
    ("_case", "entries", "free", "given"),
    [
        ("first wish", [Wish(A, (NINE,), any_window=False)], {EIGHT: 1, NINE: 1}, {A: NINE}),
        (
            "second wish when the first is gone",
            [Wish(A, (NINE,), any_window=False), Wish(B, (NINE, EIGHT), any_window=False)],
            {EIGHT: 1, NINE: 1},
            {A: NINE, B: EIGHT},
        ),
        (
            "only the wish, or nothing",
            [Wish(A, (NINE,), any_window=False), Wish(B, (NINE,), any_window=False)],
            {EIGHT: 1, NINE: 1},
            {A: NINE},
        ),
        (
            "the nearest to the wish",
            [Wish(A, (NINE,), any_window=False), Wish(B, (NINE,), any_window=True)],
            {EIGHT: 1, NINE: 1, TEN: 1},
            {A: NINE, B: EIGHT},
        ),
        ("no wish: the earliest", [Wish(A, (), any_window=True)], {TEN: 1, EIGHT: 1}, {A: EIGHT}),
        ("no wish and none will do", [Wish(A, (), any_window=False)], {TEN: 1}, {}),
        ("nothing is free", [Wish(A, (NINE,), any_window=True)], {NINE: 0}, {}),
        ("the drawn order decides", [Wish(C, (NINE,), any_window=False), Wish(A, (NINE,), any_window=False)], {NINE: 1}, {C: NINE}),
    ],
)
def test_who_gets_what(_case, entries, free, given):
    assert allot(entries, free) == given


starts = st.integers(0, 5).map(lambda number: EIGHT + timedelta(minutes=15 * number))
entries = st.lists(st.tuples(st.lists(starts, max_size=3, unique=True), st.booleans()), max_size=30).map(
    lambda rows: [Wish(UUID(int=number), tuple(wishes), any_window=anything) for number, (wishes, anything) in enumerate(rows)]
)


@given(entries, st.dictionaries(starts, st.integers(0, 4)))
def test_no_window_is_given_more_often_than_it_is_free_and_none_is_left_for_whoever_takes_any(waiting, free):
    given_windows = allot(waiting, free)
    counted = Counter(given_windows.values())
    assert all(counted[start] <= free.get(start, 0) for start in counted)
    if sum(counted.values()) < sum(free.values()):
        assert all(each.entry_id in given_windows for each in waiting if each.any_window)


@given(entries, st.dictionaries(starts, st.integers(0, 4)))
def test_nobody_sees_a_dearer_window_go_to_somebody_drawn_later(waiting, free):
    given_windows = allot(waiting, free)
    rank = {each.entry_id: number for number, each in enumerate(waiting)}
    for each in waiting:
        mine = given_windows.get(each.entry_id)
        dearer = each.wishes[: each.wishes.index(mine)] if mine in each.wishes else each.wishes
        for other, start in given_windows.items():
            assert not (start in dearer and rank[other] > rank[each.entry_id])


def test_the_order_follows_from_the_seed_and_from_nothing_else():
    ids = [UUID(int=number) for number in range(200)]
    first = order_of(ids, "seed")
    assert order_of(list(reversed(ids)), "seed") == first
    assert order_of(ids, "another") != first
    assert sorted(first) == ids


def test_being_early_gives_no_better_chance():
    # Ids are ordered by the moment of entering; over many seeds the earliest tenth must not come first more often than the latest.
    ids = [UUID(int=number) for number in range(50)]
    early = late = 0
    for seed in range(400):
        first = set(order_of(ids, f"seed {seed}")[:10])
        early += len(first & set(ids[:10]))
        late += len(first & set(ids[-10:]))
    expected = 400 * 10 * 10 / 50
    assert abs(early - expected) < 0.15 * expected
    assert abs(late - expected) < 0.15 * expected

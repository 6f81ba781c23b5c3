"""The forecast can be repeated by hand, beats last week's figure on steady demand, and finds its way after a sudden change."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench import forecast as bench
from bench.outcome import Options
from jiuyi.domains.scheduling.rules.forecast import (
    DemandOfDay,
    SessionAmount,
    forecast_demand,
    is_beside_holiday,
    mean_absolute_error,
    propose_capacities,
)
from jiuyi.domains.scheduling.words import DemandForecasting

DAY = timedelta(days=1)
MONDAY = date(2026, 3, 30)
TODAY = MONDAY - 3 * DAY  # the Friday before
RULE = DemandForecasting()
A, B = UUID(int=1), UUID(int=2)


def mondays(*demands: int) -> list[DemandOfDay]:
    """Mondays before the one to be forecast, the oldest first."""
    return [DemandOfDay(MONDAY - (len(demands) - n) * 7 * DAY, demand) for n, demand in enumerate(demands)]


def expect(history, *, day=MONDAY, beside_holiday=False, parameters=RULE):
    return forecast_demand(day, beside_holiday=beside_holiday, history=history, made_on=TODAY, parameters=parameters)


def test_the_median_of_the_same_weekday():
    found = expect(mondays(40, 90, 42, 44, 38, 42))
    assert (found.expected, found.last_week) == (42, 42)
    assert found.inputs["typical"] == 42.0
    assert found.inputs["trend_percent"] == 100.0
    assert found.inputs["same_weekdays"][-1] == ["2026-03-23", 42]


def test_the_trend_of_the_last_days_by_their_own_weekdays():
    tuesdays = [DemandOfDay(each.day + DAY, 20) for each in mondays(1, 1, 1, 1, 1, 1)[:-1]]
    found = expect([*mondays(40, 40, 40, 40, 40, 50), *tuesdays, DemandOfDay(MONDAY - 6 * DAY, 25)])
    # Monday 50 and Tuesday 25 against medians of 40 and 20: a quarter more.
    assert found.inputs["recent_sum"] == 75
    assert found.inputs["recent_typical_sum"] == 60.0
    assert found.inputs["trend_percent"] == 125.0
    assert (found.expected, found.last_week) == (50, 50)


@pytest.mark.parametrize(
    ("_case", "last", "expected"),
    [
        ("a flood counts up to the bound", 400, 72),
        ("so does an ebb", 1, 22),
        ("nothing at all says that it was closed, not that nobody comes", 0, 40),
    ],
)
def test_the_trend_is_bounded(_case, last, expected):
    assert expect(mondays(40, 40, 40, 40, 40, last)).expected == expected


def test_days_beside_a_holiday_count_only_for_their_like():
    usual = mondays(40, 40, 40, 40, 40, 40)
    odd = [DemandOfDay(usual[0].day + DAY, 60, beside_holiday=True), DemandOfDay(usual[1].day + DAY, 70, beside_holiday=True)]
    tuesdays = [DemandOfDay(each.day + DAY, 40) for each in usual[2:]]
    assert expect([*usual, *odd, *tuesdays]).expected == 40
    beside = expect([*usual, *odd, *tuesdays], beside_holiday=True)
    assert beside.expected == 65  # 60/40 and 70/40: the median is 1.625
    assert beside.inputs["holiday_neighbours"] == 2
    assert expect([*usual, odd[0]], beside_holiday=True).expected == 40  # one is not yet known to be typical


@pytest.mark.parametrize(
    ("_case", "history"),
    [
        ("nothing is known", []),
        ("one like day", mondays(40)),
        ("only other weekdays", [DemandOfDay(TODAY - n * 7 * DAY, 30) for n in range(1, 6)]),
        ("only days too long ago", [DemandOfDay(MONDAY - n * 7 * DAY, 30) for n in range(20, 26)]),
    ],
)
def test_no_forecast_without_like_days(_case, history):
    assert expect(history) is None


def test_the_day_of_the_forecast_and_later_are_not_known():
    history = [*mondays(40, 40, 40), DemandOfDay(TODAY, 999), DemandOfDay(MONDAY, 999)]
    assert expect(history).expected == 40


@given(st.lists(st.integers(0, 300), min_size=2, max_size=60), st.integers(1, 6))
def test_expected_is_within_what_was_seen_times_the_bound(demands, ahead):
    history = [DemandOfDay(TODAY - n * DAY, demand) for n, demand in enumerate(demands, start=1)]
    found = expect(history, day=TODAY + ahead * DAY)
    if found is not None:
        assert 0 <= found.expected <= max(demands) * (1 + RULE.max_trend_percent / 100) + 1


@pytest.mark.parametrize(
    ("_case", "day", "expected"),
    [
        ("an ordinary Tuesday", date(2025, 3, 4), False),
        ("a Monday after a weekend", date(2025, 3, 3), False),
        ("the day before May Day", date(2025, 4, 30), True),
        ("the day after the days off", date(2025, 5, 6), True),
        ("the holiday itself", date(2025, 5, 1), True),
        ("a Sunday that is worked", date(2025, 4, 27), True),
    ],
)
def test_beside_a_holiday(_case, day, expected):
    assert is_beside_holiday(day) is expected


@pytest.mark.parametrize(
    ("_case", "sessions", "expected_demand", "proposed"),
    [
        ("as it is", [(A, 20, 5, 2)], 19, {}),
        ("less than a window is left alone", [(A, 20, 5, 3)], 20, {}),
        ("a window more", [(A, 20, 5, 2)], 21, {A: 22}),
        ("at most 30 %", [(A, 20, 5, 2)], 80, {A: 26}),
        ("a window fewer", [(A, 20, 5, 2)], 17, {A: 18}),
        ("at most 30 % fewer", [(A, 20, 5, 2)], 1, {A: 14}),
        ("not below what is taken", [(A, 20, 17, 2)], 1, {A: 18}),
        ("not below the least", [(A, 5, 0, 1)], 0, {A: 4}),
        ("spread over the sessions by their size", [(A, 20, 0, 2), (B, 20, 0, 2)], 46, {A: 24, B: 24}),
        ("the larger takes more", [(A, 40, 0, 2), (B, 10, 0, 1)], 55, {A: 46, B: 12}),
        ("nothing to change", [], 30, {}),
    ],
)
def test_proposals(_case, sessions, expected_demand, proposed):
    amounts = [SessionAmount(*each) for each in sessions]
    assert propose_capacities(amounts, expected=expected_demand, parameters=RULE) == proposed


@given(
    st.lists(st.tuples(st.integers(1, 60), st.integers(0, 60), st.integers(1, 5)), max_size=4),
    st.integers(0, 300),
)
def test_proposals_keep_every_bound(rows, expected_demand):
    sessions = [SessionAmount(UUID(int=n), capacity, min(taken, capacity), unit) for n, (capacity, taken, unit) in enumerate(rows)]
    proposed = propose_capacities(sessions, expected=expected_demand, parameters=RULE)
    for each in sessions:
        after = proposed.get(each.session_id, each.capacity)
        assert abs(after - each.capacity) * 100 <= RULE.max_change_percent * each.capacity
        assert (after - each.capacity) % each.per_window == 0
        if after < each.capacity:
            assert after >= max(RULE.min_capacity, each.taken)


def test_the_mean_error():
    assert mean_absolute_error([(10, 12), (10, 9), (5, 5)]) == 1.0
    assert mean_absolute_error([]) is None


@pytest.mark.catalogue("C3", part="the forecast errs less than the same weekday last week, and recovers as soon after a sudden change")
def test_against_the_same_weekday_last_week():
    cases = bench.run(Options(quick=True)).figures["cases"]
    for row in cases.values():
        assert row["mae"] < 0.9 * row["mae_last_week"]
        assert row["mae_4_weeks_after"] < row["last_week_4_weeks_after"]
        assert 0 <= row["days_to_recover"] <= max(7, row["last_week_days"])

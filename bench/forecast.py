"""The demand forecast against "same weekday last week", on made-up demand that is the same in every run."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from bench.outcome import Options, Outcome
from jiuyi.domains.scheduling.rules.forecast import DemandOfDay, forecast_demand, mean_absolute_error
from jiuyi.domains.scheduling.words import DemandForecasting

FIRST = date(2025, 3, 3)  # a Monday; no holidays are simulated
WEEKS_BEFORE, WEEKS_AFTER, DEPARTMENTS = 26, 10, 20
WEEKDAY_LEVEL = (1.25, 1.05, 0.95, 0.9, 0.85)
SETTLED_DAYS, SATURDAY = 5, 5
TOLERANCE = 1.25
_A_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Case:
    """Demand that changes at once, after ``WEEKS_BEFORE`` weeks, by a factor."""

    name: str
    factor: float


CASES = (Case("steady", 1.0), Case("step_up_50_percent", 1.5), Case("step_down_30_percent", 0.7))


def run(options: Options) -> Outcome:
    """Mean absolute errors in patients per half-day, and the calendar days until an error is as small as before the change."""
    parameters = DemandForecasting()
    departments = DEPARTMENTS // 4 if options.quick else DEPARTMENTS
    rows = {case.name: measure(case, parameters, departments=departments) for case in CASES}
    figures = {"departments": departments, "half_days_per_case": departments * (WEEKS_BEFORE + WEEKS_AFTER) * SETTLED_DAYS, "cases": rows}
    steady = rows["steady"]
    return Outcome("forecast", figures, {}, {"steady_mae_to_last_week": round(steady["mae"] / steady["mae_last_week"], 2)})


def measure(case: Case, parameters: DemandForecasting, *, departments: int = DEPARTMENTS) -> dict[str, float]:
    """The errors before and after the change, of the forecast and of "same weekday last week"."""
    change = FIRST + WEEKS_BEFORE * 7 * _A_DAY
    ours: dict[date, list[tuple[int, int]]] = {}
    theirs: dict[date, list[tuple[int, int]]] = {}
    for number in range(departments):
        demand = simulate(random.Random(number), case.factor, change)  # noqa: S311  # repeatable, not secret
        for day, actual in demand.items():
            made_on = day - parameters.days_ahead * _A_DAY
            history = [DemandOfDay(each, value) for each, value in demand.items() if made_on - 70 * _A_DAY <= each < made_on]
            forecast = forecast_demand(day, beside_holiday=False, history=history, made_on=made_on, parameters=parameters)
            if forecast is not None and forecast.last_week is not None and day >= FIRST + 70 * _A_DAY:
                ours.setdefault(day, []).append((forecast.expected, actual))
                theirs.setdefault(day, []).append((forecast.last_week, actual))
    before, after = (lambda day: day < change), (lambda day: change <= day < change + 28 * _A_DAY)
    return {
        "mae": _mae(ours, before),
        "mae_last_week": _mae(theirs, before),
        "mae_4_weeks_after": _mae(ours, after),
        "last_week_4_weeks_after": _mae(theirs, after),
        "days_to_recover": _recovery(ours, change),
        "last_week_days": _recovery(theirs, change),
    }


def simulate(source: random.Random, factor: float, change: date) -> dict[date, int]:
    """Monday to Friday; a level of its own for each department and weekday, and chance as with independent patients."""
    level = source.uniform(25, 70)
    days = (FIRST + number * _A_DAY for number in range((WEEKS_BEFORE + WEEKS_AFTER) * 7))
    return {
        day: _chance(source, level * WEEKDAY_LEVEL[day.weekday()] * (factor if day >= change else 1))
        for day in days
        if day.weekday() < SATURDAY
    }


def _chance(source: random.Random, mean: float) -> int:
    """A Poisson number: the patients who come when each decides for themselves."""
    passed, count = source.expovariate(1), 0
    while passed < mean:
        passed += source.expovariate(1)
        count += 1
    return count


def _mae(errors: dict[date, list[tuple[int, int]]], wanted: Callable[[date], bool]) -> float:
    return round(mean_absolute_error([pair for day, pairs in errors.items() if wanted(day) for pair in pairs]) or 0.0, 2)


def _recovery(errors: dict[date, list[tuple[int, int]]], change: date) -> int:
    """Calendar days from the change until a week's error, from that day on, is within a quarter of what it was before.

    Demand that rose makes chance larger too; the bound grows with its square root.
    """
    days = sorted(day for day in errors if day >= change)
    before = [pair for day, pairs in errors.items() if day < change for pair in pairs]
    after_mean = sum(actual for day in days for _, actual in errors[day]) / sum(len(errors[day]) for day in days)
    growth = (after_mean / (sum(actual for _, actual in before) / len(before))) ** 0.5
    bound = (mean_absolute_error(before) or 0.0) * growth * TOLERANCE
    for index, day in enumerate(days):
        week = [pair for each in days[index : index + SETTLED_DAYS] for pair in errors[each]]
        if (mean_absolute_error(week) or 0.0) <= bound:
            return (day - change).days
    return -1

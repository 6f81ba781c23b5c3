"""What a half-day will probably need, by arithmetic that anybody can repeat with pencil and paper; and what to propose."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median
from typing import Any
from uuid import UUID

from jiuyi.domains.scheduling.rules.working_days import DayKind, kind_of_day
from jiuyi.domains.scheduling.words import DemandForecasting

LEAST_SAME_WEEKDAYS = 2
LEAST_HOLIDAY_NEIGHBOURS = 2
_A_DAY = timedelta(days=1)
_WEEK = timedelta(days=7)
_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class DemandOfDay:
    """What one department's half-day needed on a day on which it had an open session."""

    day: date
    demand: int
    beside_holiday: bool = False


@dataclass(frozen=True, slots=True)
class Forecast:
    """The expected demand, that of the same weekday last week, and every number that was used."""

    expected: int
    last_week: int | None
    inputs: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SessionAmount:
    """A session to which a proposal may be made; ``per_window`` is its usual number of places in a window."""

    session_id: UUID
    capacity: int
    taken: int
    per_window: int


def is_beside_holiday(day: date, decided: Mapping[date, bool] | None = None) -> bool:
    """Whether people shift their visits to or from this day: it is a holiday, next to one, or a weekend day that makes one up."""
    makes_up = day.weekday() >= _SATURDAY and kind_of_day(day, decided) is DayKind.WORKING
    return makes_up or DayKind.HOLIDAY in {kind_of_day(day + ahead * _A_DAY, decided) for ahead in (-1, 0, 1)}


def forecast_demand(
    day: date, *, beside_holiday: bool, history: Sequence[DemandOfDay], made_on: date, parameters: DemandForecasting
) -> Forecast | None:
    """The demand of ``day``, from days before ``made_on`` only; None while fewer than two like days are known.

    The median of the same weekday over the last weeks × how the last days compare with their own medians × for the
    neighbour of a holiday, how such days compared. Neighbours of holidays count in neither of the first two.
    Source: rule AP-5; C3.
    """
    known = [each for each in history if each.day < made_on]
    ordinary = [each for each in known if not each.beside_holiday]
    like = _same_weekday(ordinary, day, made_on, parameters.weeks)
    if len(like) < LEAST_SAME_WEEKDAYS:
        return None
    typical = float(median(each.demand for each in like))
    recent = [each for each in ordinary if each.day >= made_on - parameters.trend_days * _A_DAY]
    trend, recent_sum, typical_sum = _trend(recent, ordinary, made_on, parameters)
    holiday, neighbours = _holiday_factor(known, ordinary, made_on, parameters.weeks) if beside_holiday else (1.0, 0)
    last_week = next((each.demand for each in known if each.day == day - _WEEK), None)
    inputs = {
        "same_weekdays": [[each.day.isoformat(), each.demand] for each in like],
        "typical": typical,
        "recent_days": [[each.day.isoformat(), each.demand] for each in recent],
        "recent_sum": recent_sum,
        "recent_typical_sum": typical_sum,
        "trend_percent": round(trend * 100, 1),
        "holiday_neighbours": neighbours,
        "holiday_percent": round(holiday * 100, 1),
        "made_on": made_on.isoformat(),
    }
    return Forecast(_rounded(typical * trend * holiday), last_week, inputs)


def propose_capacities(sessions: Sequence[SessionAmount], *, expected: int, parameters: DemandForecasting) -> dict[UUID, int]:
    """The capacity to propose for each session that should change, in steps of one whole window.

    So many places that ``expected`` fills ``fill_percent`` of them. No session changes by more than ``max_change_percent``,
    falls below ``min_capacity``, or below what is taken already; less than a window's difference is left alone.
    Source: rule AP-5; C3.
    """
    proposed = {each.session_id: each.capacity for each in sessions}
    needed = -(-expected * 100 // parameters.fill_percent)
    missing = needed - sum(proposed.values())
    while step := _step(sessions, proposed, missing, parameters):
        session_id, change = step
        proposed[session_id] += change
        missing -= change
    return {each.session_id: proposed[each.session_id] for each in sessions if proposed[each.session_id] != each.capacity}


def mean_absolute_error(pairs: Sequence[tuple[int, int]]) -> float | None:
    """The mean of |forecast − actual| over (forecast, actual); None of nothing."""
    return sum(abs(forecast - actual) for forecast, actual in pairs) / len(pairs) if pairs else None


def _same_weekday(days: Sequence[DemandOfDay], day: date, made_on: date, weeks: int) -> list[DemandOfDay]:
    like = [each for each in days if each.day.weekday() == day.weekday() and each.day >= made_on - (weeks + 1) * _WEEK]
    return sorted(like, key=lambda each: each.day)[-weeks:]


def _trend(
    recent: Sequence[DemandOfDay], ordinary: Sequence[DemandOfDay], made_on: date, parameters: DemandForecasting
) -> tuple[float, int, float]:
    """How the recent days compare with the medians of their weekdays, bounded; with both sums."""
    medians = {
        weekday: median(each.demand for each in like)
        for weekday in {each.day.weekday() for each in recent}
        if (like := _same_weekday(ordinary, next(each.day for each in recent if each.day.weekday() == weekday), made_on, parameters.weeks))
    }
    recent_sum = sum(each.demand for each in recent)
    typical_sum = float(sum(medians[each.day.weekday()] for each in recent))
    if not recent_sum or not typical_sum:
        return 1.0, recent_sum, typical_sum
    bound = 1 + parameters.max_trend_percent / 100
    return min(max(recent_sum / typical_sum, 1 / bound), bound), recent_sum, typical_sum


def _holiday_factor(known: Sequence[DemandOfDay], ordinary: Sequence[DemandOfDay], made_on: date, weeks: int) -> tuple[float, int]:
    """How days beside a holiday compared with the median of their weekday; 1 while fewer than two are known."""
    ratios = []
    for each in known:
        like = _same_weekday(ordinary, each.day, made_on, weeks)
        if each.beside_holiday and like and (usual := median(other.demand for other in like)):
            ratios.append(each.demand / usual)
    if len(ratios) < LEAST_HOLIDAY_NEIGHBOURS:
        return 1.0, len(ratios)
    return float(median(ratios)), len(ratios)


def _step(
    sessions: Sequence[SessionAmount], proposed: Mapping[UUID, int], missing: int, parameters: DemandForecasting
) -> tuple[UUID, int] | None:
    """The session to change next and by how much: the one with the fewest (most) places for its size that may still change."""
    raising = missing > 0
    candidates = []
    for each in sessions:
        unit = max(1, each.per_window)
        now = proposed[each.session_id]
        leeway = each.capacity * parameters.max_change_percent // 100
        least = max(each.capacity - leeway, parameters.min_capacity, each.taken)
        fits = now + unit <= each.capacity + leeway if raising else now - unit >= least
        if abs(missing) >= unit and fits:
            candidates.append((now / max(1, each.capacity), each.session_id, unit))
    if not candidates:
        return None
    if raising:
        _, session_id, unit = min(candidates)
        return session_id, unit
    _, session_id, unit = max(candidates)
    return session_id, -unit


def _rounded(value: float) -> int:
    return int(value + 0.5)

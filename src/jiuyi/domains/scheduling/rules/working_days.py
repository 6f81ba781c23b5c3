"""Which days are worked: the announced calendar, a provisional guess for later years, and what was decided by hand."""

from collections.abc import Mapping
from datetime import date

import chinese_calendar

from jiuyi.kernel.text import gettext_noop
from jiuyi.kernel.words import Word

MONDAY, SATURDAY = 0, 5
_SOLAR_HOLIDAYS = frozenset({(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)})


class DayKind(Word):
    """Whether a day is worked, an ordinary weekend, or a holiday."""

    WORKING = "working", gettext_noop("工作日")
    WEEKEND = "weekend", gettext_noop("周末")
    HOLIDAY = "holiday", gettext_noop("节假日")


def kind_of_day(day: date, decided: Mapping[date, bool] | None = None) -> DayKind:
    """What kind of day it is: what was decided by hand, else the announced calendar, make-up days (调休) included.

    For a year that is not announced yet the answer is provisional: Monday to Friday but for the holidays of the solar calendar.
    """
    own = (decided or {}).get(day)
    if own is not None:
        return DayKind.WORKING if own else DayKind.HOLIDAY
    try:
        works = chinese_calendar.is_workday(day)
        free, name = chinese_calendar.get_holiday_detail(day)
    except NotImplementedError:
        if (day.month, day.day) in _SOLAR_HOLIDAYS:
            return DayKind.HOLIDAY
        return DayKind.WORKING if day.weekday() < SATURDAY else DayKind.WEEKEND
    if works:
        return DayKind.WORKING
    return DayKind.HOLIDAY if free and name else DayKind.WEEKEND


def is_provisional(day: date) -> bool:
    """Whether the calendar of that year was not announced when the package was made."""
    try:
        chinese_calendar.is_workday(day)
    except NotImplementedError:
        return True
    return False


def template_weekday(day: date, kind: DayKind) -> int | None:
    """The weekday whose standing timetable is worked on a day, None for none (a holiday).

    A weekend day that is worked stands for the day of the week it makes up: a Saturday for Monday, a Sunday for Tuesday.
    """
    if kind is DayKind.HOLIDAY:
        return None
    if kind is DayKind.WORKING and day.weekday() >= SATURDAY:
        return day.weekday() - SATURDAY + MONDAY
    return day.weekday()

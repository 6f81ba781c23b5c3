"""Working days of the county: the announced calendar, and a provisional guess for years not announced yet."""

from datetime import date

import chinese_calendar

PROVISIONAL_HOLIDAYS = {(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)}
SATURDAY = 5


def is_working_day(day: date) -> bool:
    """Whether clinics run a full day: holidays do not count, make-up Saturdays and Sundays (调休) do.

    For a year without an announced calendar the answer is provisional: Monday to Friday except the solar-calendar holidays.
    """
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return day.weekday() < SATURDAY and (day.month, day.day) not in PROVISIONAL_HOLIDAYS


def is_provisional(day: date) -> bool:
    """Whether the calendar of that year was not announced when the package was made."""
    try:
        chinese_calendar.is_workday(day)
    except NotImplementedError:
        return True
    return False

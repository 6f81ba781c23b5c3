"""How old somebody is, and how that is written."""

from datetime import date

from jiuyi.domains.identity.words import Age, AgeUnit
from jiuyi.kernel.clock import completed_years

__all__ = ["age", "age_text", "completed_months", "completed_years"]


def completed_months(birth: date, on: date) -> int:
    """Full months between two days; a month that lacks the day of birth is full on the first of the next.

    Born on 31 January: no month on 28 February, one on 1 March. Source: rule ID-8.
    """
    return (on.year - birth.year) * 12 + on.month - birth.month - (on.day < birth.day)


def age(birth: date | None, on: date) -> Age:
    """The age in the unit in which it is written: days under one month, months under one year, then years.

    A day before birth counts as day 0. Source: rule ID-8.
    """
    if birth is None:
        return Age(0, AgeUnit.UNKNOWN)
    years = completed_years(birth, on)
    if years >= 1:
        return Age(years, AgeUnit.YEARS)
    months = completed_months(birth, on)
    if months >= 1:
        return Age(months, AgeUnit.MONTHS)
    return Age(max(0, (on - birth).days), AgeUnit.DAYS)


def age_text(birth: date | None, on: date) -> str:
    """The age in Chinese: ``12天``, ``5个月``, ``77岁``, ``年龄不详``."""
    return age(birth, on).text

"""Plain shapes that views may hand to the parts; any object or mapping with the same names does as well."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class NavItem:
    """One entry of the staff navigation."""

    label: str
    url: str
    current: bool = False


@dataclass(frozen=True, slots=True)
class Slot:
    """One time window of the time-slot grid: ``free`` places are left; ``url`` when the grid is links, ``value`` when it is radios."""

    start: datetime
    end: datetime
    free: int
    url: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the day strip; ``free`` is None when nobody sees patients on that day."""

    day: date
    free: int | None
    url: str = ""
    value: str = ""

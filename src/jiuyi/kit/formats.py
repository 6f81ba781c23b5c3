"""Dates, times and money as a reader of the active language writes them.

Chinese: ``11月24日 周二``, ``09:00–09:15``, ``15.00 元``. English: ``Tue 24 Nov``, ``09:00–09:15``, ``CNY 15.00``.
Instants are shown on the hospital's wall clock. Nothing here depends on a message catalogue.
"""

from datetime import date, datetime, time

from django.utils.translation import get_language

from jiuyi.kernel.clock import local
from jiuyi.kernel.money import yuan_text

_WEEKDAYS_ZH = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
_WEEKDAYS_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS_EN = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_NOON = 12


def is_chinese() -> bool:
    """Whether the page is being written in Chinese; no active language counts as Chinese."""
    return (get_language() or "zh").startswith("zh")


def money_text(fen: int) -> str:
    """``1500`` → ``15.00 元`` or ``CNY 15.00``. The argument is an integer number of fen."""
    return f"{yuan_text(fen)} 元" if is_chinese() else f"CNY {yuan_text(fen)}"


def local_day(moment: date | datetime) -> date:
    """The local calendar day of an instant; a day stays itself."""
    return local(moment).date() if isinstance(moment, datetime) else moment


def weekday_text(moment: date | datetime) -> str:
    """``周二`` or ``Tue``."""
    weekday = local_day(moment).weekday()
    return _WEEKDAYS_ZH[weekday] if is_chinese() else _WEEKDAYS_EN[weekday]


def short_day_text(moment: date | datetime) -> str:
    """``11-24`` or ``24 Nov``: for narrow places where the weekday stands beside it."""
    day = local_day(moment)
    return f"{day.month}-{day.day:02d}" if is_chinese() else f"{day.day} {_MONTHS_EN[day.month - 1]}"


def day_text(moment: date | datetime) -> str:
    """``11月24日 周二`` or ``Tue 24 Nov``."""
    day = local_day(moment)
    if is_chinese():
        return f"{day.month}月{day.day}日 {weekday_text(day)}"
    return f"{weekday_text(day)} {day.day} {_MONTHS_EN[day.month - 1]}"


def full_day_text(moment: date | datetime) -> str:
    """``2026年11月24日`` or ``24 Nov 2026``: for birthdays and anything of another year."""
    day = local_day(moment)
    if is_chinese():
        return f"{day.year}年{day.month}月{day.day}日"
    return f"{day.day} {_MONTHS_EN[day.month - 1]} {day.year}"


def clock_text(moment: datetime | time) -> str:
    """``09:00``."""
    return (local(moment) if isinstance(moment, datetime) else moment).strftime("%H:%M")


def window_text(start: datetime | time, end: datetime | time) -> str:
    """``09:00–09:15``."""
    return f"{clock_text(start)}–{clock_text(end)}"


def moment_text(moment: datetime) -> str:
    """``11月24日 周二 09:00`` or ``Tue 24 Nov 09:00``."""
    return f"{day_text(moment)} {clock_text(moment)}"


def is_morning(moment: datetime | time) -> bool:
    """Whether a window that begins then stands under 上午: noon itself belongs to the afternoon."""
    return (local(moment) if isinstance(moment, datetime) else moment).hour < _NOON

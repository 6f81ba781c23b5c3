"""Whether a registration still covers a day: 一号管三天."""

from datetime import date, timedelta


def is_covered(first_day: date, today: date, *, days: int) -> bool:
    """Day 1 is the first visit's own day; the last day counts until 24:00, by the wall clock. Source: rule F3-1."""
    return first_day <= today < first_day + timedelta(days=days)

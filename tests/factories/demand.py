"""Weeks of half-days that are over, with as many people as a test wants."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from jiuyi.domains.scheduling.words import BookingChannel
from tests.factories import schedules
from tests.factories.schedules import CLERK, OPENS, Clinic

WEEK = timedelta(days=7)


def past_weeks(where: Clinic, counts: Sequence[int], *, per_window: int = 4) -> list[UUID]:
    """A Tuesday morning in each of the weeks before ``OPENS``, the oldest first; ``counts`` people booked."""
    people = schedules.people(where, max(counts, default=0))
    made = []
    for back, count in zip(range(len(counts), 0, -1), counts, strict=True):
        opens = OPENS - back * WEEK
        before = opens - timedelta(days=1)
        session_id = schedules.session(where, starts_at=opens, per_window=per_window, visible_at=before, now=before)
        for number in range(count):
            window = opens + (number // per_window) * timedelta(minutes=15)
            schedules.book(session_id, people[number], window_start=window, now=before, actor=CLERK, channel=BookingChannel.WINDOW)
        made.append(session_id)
    return made

"""Weeks of half-days that are over, with as many people as a test wants."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from jiuyi.domains.scheduling.models import CapacityProposal, ClinicSession, DemandForecast
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


def forecast_with_proposal(session_id: UUID, *, now: datetime) -> dict[str, UUID]:
    """A forecast for the half-day of a session, and a proposal of one place more that nobody has decided about."""
    session = ClinicSession.objects.get(pk=session_id)
    made = DemandForecast.objects.create(
        department_id=session.department_id,
        service_date=session.service_date,
        half_day=session.half_day,
        made_at=now,
        expected=session.capacity,
        last_week=session.capacity,
        inputs={"same_weekdays": [["2026-02-03", 4], ["2026-02-10", 4]], "typical": 4.0, "recent_days": [], "recent_sum": 0},
    )
    proposal = CapacityProposal.objects.create(
        forecast=made, session=session, capacity_before=session.capacity, capacity_proposed=session.capacity + 1, made_at=now
    )
    return {"forecast_id": made.pk, "proposal_id": proposal.pk}

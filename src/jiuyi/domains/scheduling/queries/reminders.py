"""Whom to remind of a visit."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from jiuyi.domains.scheduling import models
from jiuyi.domains.scheduling.words import AppointmentStatus, SessionStatus


@dataclass(frozen=True, slots=True)
class VisitAhead:
    """A firm visit, by what a reminder is decided from."""

    appointment_id: UUID
    window_start: datetime
    booked_at: datetime


def visits_to_remind(*, first: date, last: date) -> list[VisitAhead]:
    """Firm visits of some days in sessions that take place: nobody is reminded of what was cancelled or stopped."""
    rows = models.Appointment.objects.filter(
        status=AppointmentStatus.BOOKED, service_date__gte=first, service_date__lte=last, session__status=SessionStatus.OPEN
    )
    return [VisitAhead(*row) for row in rows.order_by("window_start", "id").values_list("pk", "window_start", "booked_at")]

"""What one door has sold: for machines of other houses, which see only what they booked themselves."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from jiuyi.domains.scheduling import models
from jiuyi.domains.scheduling.queries.appointments import AppointmentFacts, facts_appointments
from jiuyi.domains.scheduling.words import SessionStatus
from jiuyi.foundation.access import Actor, ActorKind


def is_booked_by(actor: Actor, appointment_id: UUID) -> bool:
    """Whether exactly this actor booked the appointment."""
    return models.Appointment.objects.filter(pk=appointment_id, booked_by_kind=actor.kind.value, booked_by_id=actor.id).exists()


def bookings_of_machine(actor: Actor, day: date) -> list[tuple[str, AppointmentFacts]]:
    """Everything a machine booked for a day of visits, whatever became of it, with the key of each request."""
    if actor.kind is not ActorKind.DEVICE:
        return []
    rows = models.Appointment.objects.filter(booked_by_kind=actor.kind.value, booked_by_id=actor.id, service_date=day)
    keys = dict(rows.values_list("pk", "idempotency_key"))
    return [(keys[each.appointment_id], each) for each in facts_appointments(keys)]


def booking_of_key(actor: Actor, idempotency_key: str) -> UUID | None:
    """The appointment this actor made with a key, or None."""
    rows = models.Appointment.objects.filter(idempotency_key=idempotency_key, booked_by_kind=actor.kind.value, booked_by_id=actor.id)
    return rows.values_list("pk", flat=True).first()


@dataclass(frozen=True, slots=True)
class ComingRelease:
    """A session whose public places are not released yet."""

    session_id: UUID
    practitioner_id: UUID
    service_date: date
    starts_at: datetime
    ends_at: datetime
    visible_at: datetime
    draws: bool


def releases_ahead(department_id: UUID, now: datetime, *, days: int = 7) -> list[ComingRelease]:
    """A department's sessions that will be released within some days, the nearest release first: what a caller can be told."""
    rows = models.ClinicSession.objects.filter(
        department_id=department_id, status=SessionStatus.OPEN, visible_at__gt=now, visible_at__lt=now + timedelta(days=days)
    ).order_by("visible_at", "starts_at", "id")
    return [
        ComingRelease(row.id, row.practitioner_id, row.service_date, row.starts_at, row.ends_at, row.visible_at, row.draws) for row in rows
    ]

"""Where a request has moved an appointment to, for whoever sends it again."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from jiuyi.domains.scheduling import models


@dataclass(frozen=True, slots=True)
class MoveFacts:
    """One move: from which department, to which window of which session."""

    appointment_id: UUID
    from_department_id: UUID
    session_id: UUID
    window_start: datetime


def move_of_key(idempotency_key: str | UUID) -> MoveFacts | None:
    """The move that a request has made, or None."""
    rows = models.AppointmentMove.objects.select_related("from_place__session", "to_place").filter(idempotency_key=str(idempotency_key))
    row = rows.first()
    if row is None:
        return None
    return MoveFacts(row.appointment_id, row.from_place.session.department_id, row.to_place.session_id, row.to_window_start)

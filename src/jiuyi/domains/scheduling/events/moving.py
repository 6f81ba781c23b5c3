"""What happened when an appointment went from one place to another: ids, times and codes only."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from jiuyi.domains.scheduling.events.appointments import AppointmentEvent
from jiuyi.domains.scheduling.words import MoveReason, Party


@dataclass(frozen=True, kw_only=True)
class AppointmentMoved(AppointmentEvent):
    """An appointment went to another place and kept its identity."""

    name: ClassVar[str] = "scheduling.AppointmentMoved"
    move_id: UUID
    from_session_id: UUID
    to_session_id: UUID
    from_place_id: UUID
    to_place_id: UUID
    from_window_start: datetime
    to_window_start: datetime
    reason: MoveReason
    by: Party
    late: bool

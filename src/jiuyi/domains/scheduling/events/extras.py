"""An extra place was given: ids and codes only."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from jiuyi.domains.scheduling.events.appointments import AppointmentEvent
from jiuyi.domains.scheduling.words.extras import ExtraReason


@dataclass(frozen=True, kw_only=True)
class ExtraAdded(AppointmentEvent):
    """A doctor sees somebody beyond the capacity (加号), and why."""

    name: ClassVar[str] = "scheduling.ExtraAdded"
    session_id: UUID
    place_id: UUID
    reason: ExtraReason
    urgent: bool
    given_by: UUID
    of_limit: int

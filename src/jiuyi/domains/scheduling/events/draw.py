"""What the draw decided."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from jiuyi.domains.scheduling.words import DrawOutcome
from jiuyi.kernel.events import Event


@dataclass(frozen=True, kw_only=True)
class DrawDecided(Event):
    """One person's lot: a place (``appointment_id``), or none."""

    name: ClassVar[str] = "scheduling.DrawDecided"
    entry_id: UUID
    session_id: UUID
    appointment_id: UUID | None
    outcome: DrawOutcome

"""What happened to the number of places, to forecasts and proposals."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from jiuyi.kernel.events import Event


@dataclass(frozen=True, kw_only=True)
class CapacityEvent(Event):
    """Base of a change of capacity; ``before`` and ``after`` are places that are not withdrawn, extras apart."""

    session_id: UUID
    before: int
    after: int


@dataclass(frozen=True, kw_only=True)
class SessionRaised(CapacityEvent):
    """A session got more places."""

    name: ClassVar[str] = "scheduling.SessionRaised"


@dataclass(frozen=True, kw_only=True)
class SessionLowered(CapacityEvent):
    """Free places of a session were withdrawn."""

    name: ClassVar[str] = "scheduling.SessionLowered"


@dataclass(frozen=True, kw_only=True)
class ForecastsMade(Event):
    """The demand of coming half-days was forecast."""

    name: ClassVar[str] = "scheduling.ForecastsMade"
    forecasts: int
    proposals: int


@dataclass(frozen=True, kw_only=True)
class ProposalDecided(Event):
    """A person took, changed or declined a proposed capacity; ``decided`` is None when it was declined."""

    name: ClassVar[str] = "scheduling.ProposalDecided"
    proposal_id: UUID
    session_id: UUID
    proposed: int
    decided: int | None


@dataclass(frozen=True, kw_only=True)
class PlacesVerified(Event):
    """All places were added up; ``differences`` is 0 when the law of sums holds."""

    name: ClassVar[str] = "scheduling.PlacesVerified"
    sessions: int
    places: int
    differences: int

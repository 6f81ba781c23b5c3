"""What happened on the waiting list (候补): ids, times and codes only."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from jiuyi.domains.scheduling.words import OfferState, WaitingState
from jiuyi.kernel.events import Event


@dataclass(frozen=True, kw_only=True)
class WaitingJoined(Event):
    """Somebody wants a place of a department that is full."""

    name: ClassVar[str] = "scheduling.WaitingJoined"
    entry_id: UUID
    department_id: UUID


@dataclass(frozen=True, kw_only=True)
class PlaceOffered(Event):
    """A place is held for somebody on the list until ``expires_at``; they have to be told."""

    name: ClassVar[str] = "scheduling.PlaceOffered"
    offer_id: UUID
    entry_id: UUID
    appointment_id: UUID
    expires_at: datetime


@dataclass(frozen=True, kw_only=True)
class OfferExtended(Event):
    """Whoever began to pay gets the time that paying takes."""

    name: ClassVar[str] = "scheduling.OfferExtended"
    offer_id: UUID
    appointment_id: UUID
    expires_at: datetime


@dataclass(frozen=True, kw_only=True)
class OfferAnswered(Event):
    """An offer was accepted, declined, or its time ran out; ``entry_state`` says what became of the entry."""

    name: ClassVar[str] = "scheduling.OfferAnswered"
    offer_id: UUID
    entry_id: UUID
    appointment_id: UUID
    state: OfferState
    entry_state: WaitingState


@dataclass(frozen=True, kw_only=True)
class WaitingEnded(Event):
    """Somebody left the list, or the days they wanted are over without a place."""

    name: ClassVar[str] = "scheduling.WaitingEnded"
    entry_id: UUID
    state: WaitingState

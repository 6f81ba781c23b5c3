"""What happened to a village's trips."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar
from uuid import UUID

from jiuyi.kernel.events import Event


@dataclass(frozen=True, kw_only=True)
class TripPlanned(Event):
    """A van will take people of a village to a hospital."""

    name: ClassVar[str] = "scheduling.TripPlanned"
    trip_id: UUID
    hospital_id: UUID
    day: date


@dataclass(frozen=True, kw_only=True)
class TripSeatTaken(Event):
    """Somebody goes along; signed up with the family doctor, or with a consent that was written down."""

    name: ClassVar[str] = "scheduling.TripSeatTaken"
    trip_id: UUID
    seat_id: UUID
    signed_up: bool


@dataclass(frozen=True, kw_only=True)
class TripSeatLeft(Event):
    """Somebody does not go after all."""

    name: ClassVar[str] = "scheduling.TripSeatLeft"
    trip_id: UUID
    seat_id: UUID

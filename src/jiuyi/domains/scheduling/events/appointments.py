"""What happened to sessions and appointments: ids, times and codes only."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from jiuyi.domains.scheduling.words import BookingChannel, CancelReason, Party
from jiuyi.kernel.events import Event


@dataclass(frozen=True, kw_only=True)
class SessionPublished(Event):
    """A clinic session was put on the schedule."""

    name: ClassVar[str] = "scheduling.SessionPublished"
    session_id: UUID
    department_id: UUID
    practitioner_id: UUID
    starts_at: datetime
    capacity: int


@dataclass(frozen=True, kw_only=True)
class AppointmentEvent(Event):
    """Base of what happens to one appointment."""

    appointment_id: UUID


@dataclass(frozen=True, kw_only=True)
class PlaceClaimed(AppointmentEvent):
    """A place was taken. ``claim_places_v1`` writes this row itself, with the same fields."""

    name: ClassVar[str] = "scheduling.PlaceClaimed"
    session_id: UUID
    place_id: UUID
    department_id: UUID
    service_date: date
    window_start: datetime
    channel: BookingChannel
    held: bool


@dataclass(frozen=True, kw_only=True)
class AppointmentConfirmed(AppointmentEvent):
    """A held place became a firm appointment."""

    name: ClassVar[str] = "scheduling.AppointmentConfirmed"


@dataclass(frozen=True, kw_only=True)
class AppointmentCancelled(AppointmentEvent):
    """An appointment was given up and its place freed."""

    name: ClassVar[str] = "scheduling.AppointmentCancelled"
    session_id: UUID
    by: Party
    reason: CancelReason
    late: bool


@dataclass(frozen=True, kw_only=True)
class HoldReleased(AppointmentEvent):
    """An unpaid place went back on sale."""

    name: ClassVar[str] = "scheduling.HoldReleased"
    session_id: UUID


@dataclass(frozen=True, kw_only=True)
class PatientArrived(AppointmentEvent):
    """The patient checked in."""

    name: ClassVar[str] = "scheduling.PatientArrived"


@dataclass(frozen=True, kw_only=True)
class ArrivalUndone(AppointmentEvent):
    """A check-in was taken back."""

    name: ClassVar[str] = "scheduling.ArrivalUndone"


@dataclass(frozen=True, kw_only=True)
class AppointmentFulfilled(AppointmentEvent):
    """The patient was seen."""

    name: ClassVar[str] = "scheduling.AppointmentFulfilled"


@dataclass(frozen=True, kw_only=True)
class FulfilmentUndone(AppointmentEvent):
    """It was somebody else who was seen: the patient waits again."""

    name: ClassVar[str] = "scheduling.FulfilmentUndone"


@dataclass(frozen=True, kw_only=True)
class PatientAbsent(AppointmentEvent):
    """The patient did not come (爽约)."""

    name: ClassVar[str] = "scheduling.PatientAbsent"

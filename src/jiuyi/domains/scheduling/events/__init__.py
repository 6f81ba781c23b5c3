"""What happened to sessions and appointments: ids, times and codes only."""

from jiuyi.domains.scheduling.events.appointments import (
    AppointmentCancelled,
    AppointmentConfirmed,
    AppointmentEvent,
    AppointmentFulfilled,
    ArrivalUndone,
    FulfilmentUndone,
    HoldReleased,
    PatientAbsent,
    PatientArrived,
    PlaceClaimed,
    SessionPublished,
)
from jiuyi.domains.scheduling.events.changes import (
    ChangeAnswered,
    ChangeCallMade,
    ClinicSessionStopped,
    RoomChanged,
    SessionDelayed,
    SessionSubstituted,
)

__all__ = [
    "AppointmentCancelled",
    "AppointmentConfirmed",
    "AppointmentEvent",
    "AppointmentFulfilled",
    "ArrivalUndone",
    "ChangeAnswered",
    "ChangeCallMade",
    "ClinicSessionStopped",
    "FulfilmentUndone",
    "HoldReleased",
    "PatientAbsent",
    "PatientArrived",
    "PlaceClaimed",
    "RoomChanged",
    "SessionDelayed",
    "SessionPublished",
    "SessionSubstituted",
]

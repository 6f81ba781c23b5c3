"""What happened to sessions and appointments: ids, times and codes only."""

from jiuyi.domains.scheduling.events.appointments import (
    AppointmentCancelled,
    AppointmentConfirmed,
    AppointmentEvent,
    AppointmentFulfilled,
    ArrivalUndone,
    ClinicSessionStopped,
    FulfilmentUndone,
    HoldReleased,
    PatientAbsent,
    PatientArrived,
    PlaceClaimed,
    SessionPublished,
)

__all__ = [
    "AppointmentCancelled",
    "AppointmentConfirmed",
    "AppointmentEvent",
    "AppointmentFulfilled",
    "ArrivalUndone",
    "ClinicSessionStopped",
    "FulfilmentUndone",
    "HoldReleased",
    "PatientAbsent",
    "PatientArrived",
    "PlaceClaimed",
    "SessionPublished",
]

"""Writes of the scheduling department; lock order place → appointment (docs/locking.md)."""

from jiuyi.domains.scheduling.actions.claiming import AppointmentRef, claim_place
from jiuyi.domains.scheduling.actions.sessions import NewSession, PlacePlan, publish_session, publish_sessions, stop_session
from jiuyi.domains.scheduling.actions.visits import (
    Arrived,
    CancelOutcome,
    cancel_appointment,
    confirm_appointment,
    expire_hold,
    expire_holds,
    lock_appointments,
    mark_arrived,
    mark_fulfilled,
    mark_noshows,
    undo_arrival,
    undo_fulfilled,
)

__all__ = [
    "AppointmentRef",
    "Arrived",
    "CancelOutcome",
    "NewSession",
    "PlacePlan",
    "cancel_appointment",
    "claim_place",
    "confirm_appointment",
    "expire_hold",
    "expire_holds",
    "lock_appointments",
    "mark_arrived",
    "mark_fulfilled",
    "mark_noshows",
    "publish_session",
    "publish_sessions",
    "stop_session",
    "undo_arrival",
    "undo_fulfilled",
]

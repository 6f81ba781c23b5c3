"""Writes of the scheduling department; lock order place → appointment (docs/locking.md)."""

from jiuyi.domains.scheduling.actions.answering import note_call, note_choice, note_known, note_told
from jiuyi.domains.scheduling.actions.changing import (
    Changed,
    change_room,
    delay_session,
    follow_substitutes,
    stop_session,
    substitute_session,
)
from jiuyi.domains.scheduling.actions.claiming import AppointmentRef, claim_place
from jiuyi.domains.scheduling.actions.sessions import NewSession, PlacePlan, publish_session, publish_sessions
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
    "Changed",
    "NewSession",
    "PlacePlan",
    "cancel_appointment",
    "change_room",
    "claim_place",
    "confirm_appointment",
    "delay_session",
    "expire_hold",
    "expire_holds",
    "follow_substitutes",
    "lock_appointments",
    "mark_arrived",
    "mark_fulfilled",
    "mark_noshows",
    "note_call",
    "note_choice",
    "note_known",
    "note_told",
    "publish_session",
    "publish_sessions",
    "stop_session",
    "substitute_session",
    "undo_arrival",
    "undo_fulfilled",
]

"""Decisions about windows, moves of an appointment, cancelling, arriving and limits."""

from jiuyi.domains.scheduling.rules.appointments import (
    EXPERT_CLASSES,
    MOVES,
    UNLIMITED_CHANNELS,
    CancelTerms,
    arrival,
    cancel_terms,
    half_day_of,
    is_noshow,
    limit_conflicts,
    nearest_windows,
    next_status,
    pools_of,
    release_at,
    windows_of,
)

__all__ = [
    "EXPERT_CLASSES",
    "MOVES",
    "UNLIMITED_CHANNELS",
    "CancelTerms",
    "arrival",
    "cancel_terms",
    "half_day_of",
    "is_noshow",
    "limit_conflicts",
    "nearest_windows",
    "next_status",
    "pools_of",
    "release_at",
    "windows_of",
]

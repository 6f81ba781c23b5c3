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
    mode_of,
    nearest_windows,
    next_status,
    pools_of,
    windows_of,
)
from jiuyi.domains.scheduling.rules.release import PlacePlan, Release, fit_to_taken, plan_places, release_at, release_of
from jiuyi.domains.scheduling.rules.working_days import DayKind, kind_of_day, template_weekday

__all__ = [
    "EXPERT_CLASSES",
    "MOVES",
    "UNLIMITED_CHANNELS",
    "CancelTerms",
    "DayKind",
    "PlacePlan",
    "Release",
    "arrival",
    "cancel_terms",
    "fit_to_taken",
    "half_day_of",
    "is_noshow",
    "kind_of_day",
    "mode_of",
    "nearest_windows",
    "next_status",
    "plan_places",
    "pools_of",
    "release_at",
    "release_of",
    "template_weekday",
    "windows_of",
]

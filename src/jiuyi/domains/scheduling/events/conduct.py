"""What happened about absences, suspensions, appeals and patterns: ids, days and codes only."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar
from uuid import UUID

from jiuyi.domains.scheduling.events.appointments import AppointmentEvent
from jiuyi.domains.scheduling.words import Excuse, ReviewState
from jiuyi.domains.scheduling.words.conduct import AppealAct, ReviewPattern
from jiuyi.kernel.events import Event


@dataclass(frozen=True, kw_only=True)
class AbsenceExcused(AppointmentEvent):
    """An absence does not count."""

    name: ClassVar[str] = "scheduling.AbsenceExcused"
    excuse: Excuse


@dataclass(frozen=True, kw_only=True)
class ExcuseWithdrawn(AppointmentEvent):
    """An absence counts after all: an accepted appeal was decided anew."""

    name: ClassVar[str] = "scheduling.ExcuseWithdrawn"


@dataclass(frozen=True, kw_only=True)
class RemoteBookingSuspended(Event):
    """A person may not book remotely until a day."""

    name: ClassVar[str] = "scheduling.RemoteBookingSuspended"
    suspension_id: UUID
    until_day: date


@dataclass(frozen=True, kw_only=True)
class RemoteBookingRestored(Event):
    """A suspension was lifted."""

    name: ClassVar[str] = "scheduling.RemoteBookingRestored"
    suspension_id: UUID


@dataclass(frozen=True, kw_only=True)
class AppealSubmitted(AppointmentEvent):
    """Somebody says that an absence should not count."""

    name: ClassVar[str] = "scheduling.AppealSubmitted"
    appeal_id: UUID


@dataclass(frozen=True, kw_only=True)
class AppealAnswered(AppointmentEvent):
    """A person decided about an appeal, for the first time or anew."""

    name: ClassVar[str] = "scheduling.AppealAnswered"
    appeal_id: UUID
    act: AppealAct


@dataclass(frozen=True, kw_only=True)
class PatternSeen(Event):
    """A pattern of bookings was laid before a person; nothing is blocked by it."""

    name: ClassVar[str] = "scheduling.PatternSeen"
    case_id: UUID
    pattern: ReviewPattern


@dataclass(frozen=True, kw_only=True)
class PatternJudged(Event):
    """A person decided about a pattern."""

    name: ClassVar[str] = "scheduling.PatternJudged"
    case_id: UUID
    state: ReviewState

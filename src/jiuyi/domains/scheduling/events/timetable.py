"""What happened to the standing timetable and to sessions before anybody had booked them."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar
from uuid import UUID

from jiuyi.kernel.events import Event


@dataclass(frozen=True, kw_only=True)
class TemplateAdded(Event):
    """A standing clinic was entered."""

    name: ClassVar[str] = "scheduling.TemplateAdded"
    template_id: UUID
    department_id: UUID
    practitioner_id: UUID


@dataclass(frozen=True, kw_only=True)
class TemplateEnded(Event):
    """A standing clinic ends; ``ends_on`` is the first day without it."""

    name: ClassVar[str] = "scheduling.TemplateEnded"
    template_id: UUID
    ends_on: date
    withdrawn: int
    still_booked: int


@dataclass(frozen=True, kw_only=True)
class ExceptionAdded(Event):
    """Days were entered on which the standing timetable does not apply."""

    name: ClassVar[str] = "scheduling.ExceptionAdded"
    exception_id: UUID
    withdrawn: int
    still_booked: int


@dataclass(frozen=True, kw_only=True)
class ExceptionRemoved(Event):
    """The standing timetable applies again."""

    name: ClassVar[str] = "scheduling.ExceptionRemoved"
    exception_id: UUID


@dataclass(frozen=True, kw_only=True)
class CalendarDayDecided(Event):
    """Somebody decided whether a day is worked; ``working`` None goes back to the announced calendar."""

    name: ClassVar[str] = "scheduling.CalendarDayDecided"
    day: date
    working: bool | None


@dataclass(frozen=True, kw_only=True)
class SessionWithdrawn(Event):
    """A session that nobody had booked was taken off the schedule."""

    name: ClassVar[str] = "scheduling.SessionWithdrawn"
    session_id: UUID


@dataclass(frozen=True, kw_only=True)
class SessionReplanned(Event):
    """The release of a session was planned anew, by these versions of the rules AP-3 and AP-4."""

    name: ClassVar[str] = "scheduling.SessionReplanned"
    session_id: UUID
    release_version: int
    shares_version: int
    places: int


@dataclass(frozen=True, kw_only=True)
class VisitDetailsChanged(Event):
    """The contact or the way to book of a visiting session changed; everybody booked is told."""

    name: ClassVar[str] = "scheduling.VisitDetailsChanged"
    session_id: UUID
    contact: bool
    how_to_book: bool

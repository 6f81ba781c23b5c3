"""Changes of a published session: who was booked is told by a listener, from the notices written with the change."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from jiuyi.domains.scheduling.words import ChangeChoice
from jiuyi.kernel.events import Event


@dataclass(frozen=True, kw_only=True)
class SessionChanged(Event):
    """Base of what happens to a published session; ``affected`` counts the people to be told."""

    session_id: UUID
    change_id: UUID
    affected: int


@dataclass(frozen=True, kw_only=True)
class ClinicSessionStopped(SessionChanged):
    """A session will not take place."""

    name: ClassVar[str] = "scheduling.ClinicSessionStopped"


@dataclass(frozen=True, kw_only=True)
class SessionSubstituted(SessionChanged):
    """Another doctor sees the patients."""

    name: ClassVar[str] = "scheduling.SessionSubstituted"
    practitioner_id: UUID
    instead_of: UUID


@dataclass(frozen=True, kw_only=True)
class SessionDelayed(SessionChanged):
    """A session begins or goes on later; without minutes the doctor is away until unknown."""

    name: ClassVar[str] = "scheduling.SessionDelayed"
    minutes: int | None


@dataclass(frozen=True, kw_only=True)
class RoomChanged(SessionChanged):
    """A session takes place in another room."""

    name: ClassVar[str] = "scheduling.RoomChanged"
    room_id: UUID


@dataclass(frozen=True, kw_only=True)
class ChangeAnswered(Event):
    """A booked person, or somebody for them, chose what becomes of the visit."""

    name: ClassVar[str] = "scheduling.ChangeAnswered"
    notice_id: UUID
    appointment_id: UUID
    choice: ChangeChoice


@dataclass(frozen=True, kw_only=True)
class ChangeCallMade(Event):
    """Somebody of the list of calls was rung; ``answered`` when they know now."""

    name: ClassVar[str] = "scheduling.ChangeCallMade"
    notice_id: UUID
    appointment_id: UUID
    answered: bool

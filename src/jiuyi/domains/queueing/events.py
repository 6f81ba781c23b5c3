"""What happened in the queues."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from jiuyi.domains.queueing.words import TicketCategory
from jiuyi.kernel.events import Event


@dataclass(frozen=True, kw_only=True)
class TicketEvent(Event):
    """Base: something happened to one ticket."""

    ticket_id: UUID
    queue_id: UUID
    appointment_id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class CheckedIn(TicketEvent):
    """A person checked in and has a number."""

    name: ClassVar[str] = "queueing.CheckedIn"
    category: TicketCategory
    late: bool


@dataclass(frozen=True, kw_only=True)
class Called(TicketEvent):
    """A person was called to a room, for the first time or again."""

    name: ClassVar[str] = "queueing.Called"
    room_id: UUID
    practitioner_id: UUID
    calls: int
    category: TicketCategory


@dataclass(frozen=True, kw_only=True)
class SetAside(TicketEvent):
    """Nobody answered; the next person is called first and this one again afterwards."""

    name: ClassVar[str] = "queueing.SetAside"
    calls: int


@dataclass(frozen=True, kw_only=True)
class PassedOver(TicketEvent):
    """Nobody answered often and long enough: 过号."""

    name: ClassVar[str] = "queueing.PassedOver"
    calls: int


@dataclass(frozen=True, kw_only=True)
class CameBack(TicketEvent):
    """A person who had been passed over is here again."""

    name: ClassVar[str] = "queueing.CameBack"


@dataclass(frozen=True, kw_only=True)
class Entered(TicketEvent):
    """A called person entered the room."""

    name: ClassVar[str] = "queueing.Entered"
    room_id: UUID
    practitioner_id: UUID


@dataclass(frozen=True, kw_only=True)
class EntryUndone(TicketEvent):
    """The person in the room was not the one on the ticket (不是本人)."""

    name: ClassVar[str] = "queueing.EntryUndone"
    room_id: UUID
    practitioner_id: UUID


@dataclass(frozen=True, kw_only=True)
class Finished(TicketEvent):
    """The person left the room, seen."""

    name: ClassVar[str] = "queueing.Finished"


@dataclass(frozen=True, kw_only=True)
class Left(TicketEvent):
    """The person left without being seen."""

    name: ClassVar[str] = "queueing.Left"


@dataclass(frozen=True, kw_only=True)
class HandedOver(TicketEvent):
    """The person waits for another doctor now: a substitute sees the patients."""

    name: ClassVar[str] = "queueing.HandedOver"
    practitioner_id: UUID

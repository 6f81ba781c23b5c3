"""What happened in visits: ids and codes only."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from jiuyi.domains.encounters.words import Answer, FlagKind, OrderKind, OrderStatus, PayerCategory
from jiuyi.kernel.events import Event


@dataclass(frozen=True, kw_only=True)
class EncounterEvent(Event):
    """Base: something happened in one visit."""

    encounter_id: UUID


@dataclass(frozen=True, kw_only=True)
class EncounterRegistered(EncounterEvent):
    """A person is here for a visit; payer and credential are those of this visit."""

    name: ClassVar[str] = "encounters.EncounterRegistered"
    department_id: UUID
    appointment_id: UUID | None
    payer_category: PayerCategory


@dataclass(frozen=True, kw_only=True)
class EncounterStarted(EncounterEvent):
    """A doctor began the visit."""

    name: ClassVar[str] = "encounters.EncounterStarted"
    practitioner_id: UUID


@dataclass(frozen=True, kw_only=True)
class EncounterStartUndone(EncounterEvent):
    """The person in the room was another one; what had been written is void."""

    name: ClassVar[str] = "encounters.EncounterStartUndone"
    practitioner_id: UUID
    voided_notes: int
    removed_diagnoses: int
    revoked_orders: int


@dataclass(frozen=True, kw_only=True)
class EncounterFinished(EncounterEvent):
    """The visit ended with a signed note and a diagnosis."""

    name: ClassVar[str] = "encounters.EncounterFinished"
    practitioner_id: UUID
    appointment_id: UUID | None


@dataclass(frozen=True, kw_only=True)
class EncounterTransferred(EncounterEvent):
    """The patient had come to the wrong department and goes on at another one."""

    name: ClassVar[str] = "encounters.EncounterTransferred"
    from_department_id: UUID
    department_id: UUID


@dataclass(frozen=True, kw_only=True)
class EncounterCancelled(EncounterEvent):
    """The visit ended before a doctor began it."""

    name: ClassVar[str] = "encounters.EncounterCancelled"


@dataclass(frozen=True, kw_only=True)
class NoteSigned(EncounterEvent):
    """A note or an addendum was signed."""

    name: ClassVar[str] = "encounters.NoteSigned"
    note_id: UUID
    addendum: bool


@dataclass(frozen=True, kw_only=True)
class DiagnosisAdded(EncounterEvent):
    """A diagnosis was made."""

    name: ClassVar[str] = "encounters.DiagnosisAdded"
    condition_id: UUID


@dataclass(frozen=True, kw_only=True)
class DiagnosisRemoved(EncounterEvent):
    """A diagnosis was taken back."""

    name: ClassVar[str] = "encounters.DiagnosisRemoved"
    condition_id: UUID


@dataclass(frozen=True, kw_only=True)
class AllergiesAsked(EncounterEvent):
    """Somebody asked about allergies."""

    name: ClassVar[str] = "encounters.AllergiesAsked"
    status: Answer


@dataclass(frozen=True, kw_only=True)
class FlagAsked(EncounterEvent):
    """Somebody asked about pregnancy or implants."""

    name: ClassVar[str] = "encounters.FlagAsked"
    kind: FlagKind
    status: Answer


@dataclass(frozen=True, kw_only=True)
class OrderEvent(EncounterEvent):
    """Base: something happened to one order."""

    order_id: UUID
    kind: OrderKind


@dataclass(frozen=True, kw_only=True)
class OrderPlaced(OrderEvent):
    """A laboratory item or drug was ordered."""

    name: ClassVar[str] = "encounters.OrderPlaced"
    overridden: bool = False


@dataclass(frozen=True, kw_only=True)
class OrderRevoked(OrderEvent):
    """An order was taken back; ``was`` tells whether it had been paid."""

    name: ClassVar[str] = "encounters.OrderRevoked"
    was: OrderStatus


@dataclass(frozen=True, kw_only=True)
class OrderReleased(OrderEvent):
    """An order is paid or waived and may be carried out."""

    name: ClassVar[str] = "encounters.OrderReleased"


@dataclass(frozen=True, kw_only=True)
class OrderCompleted(OrderEvent):
    """An order was carried out."""

    name: ClassVar[str] = "encounters.OrderCompleted"

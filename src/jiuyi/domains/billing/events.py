"""What happened with money: ids, amounts and codes only."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from jiuyi.domains.billing.words import ChargeKind, PaymentChannel, RefundReason
from jiuyi.kernel.events import Event


@dataclass(frozen=True, kw_only=True)
class PriceSet(Event):
    """A price was entered, for one organisation or (without ``scope_id``) for all."""

    name: ClassVar[str] = "billing.PriceSet"
    price_item_id: UUID
    kind: ChargeKind
    unit_price_fen: int
    valid_from: datetime


@dataclass(frozen=True, kw_only=True)
class ChargeAdded(Event):
    """Something has to be paid."""

    name: ClassVar[str] = "billing.ChargeAdded"
    charge_id: UUID
    source_id: UUID
    kind: ChargeKind
    amount_fen: int


@dataclass(frozen=True, kw_only=True)
class ChargeCancelled(Event):
    """Nothing has to be paid any more."""

    name: ClassVar[str] = "billing.ChargeCancelled"
    charge_id: UUID
    source_id: UUID


@dataclass(frozen=True, kw_only=True)
class ChargePaid(Event):
    """A charge was paid in full, by whichever channel."""

    name: ClassVar[str] = "billing.ChargePaid"
    charge_id: UUID
    source_id: UUID
    payment_id: UUID


@dataclass(frozen=True, kw_only=True)
class PaymentOpened(Event):
    """Somebody began to pay."""

    name: ClassVar[str] = "billing.PaymentOpened"
    payment_id: UUID
    channel: PaymentChannel
    amount_fen: int


@dataclass(frozen=True, kw_only=True)
class PaymentClosed(Event):
    """A payment was given up, replaced or ran out of time."""

    name: ClassVar[str] = "billing.PaymentClosed"
    payment_id: UUID


@dataclass(frozen=True, kw_only=True)
class PaymentSettled(Event):
    """Money arrived; ``surplus_fen`` of it is too much and goes back."""

    name: ClassVar[str] = "billing.PaymentSettled"
    payment_id: UUID
    channel: PaymentChannel
    amount_fen: int
    surplus_fen: int


@dataclass(frozen=True, kw_only=True)
class RefundRequested(Event):
    """Money is to go back to where it came from."""

    name: ClassVar[str] = "billing.RefundRequested"
    refund_id: UUID
    charge_id: UUID
    payment_id: UUID
    amount_fen: int
    reason: RefundReason


@dataclass(frozen=True, kw_only=True)
class RefundDone(Event):
    """Money went back."""

    name: ClassVar[str] = "billing.RefundDone"
    refund_id: UUID
    amount_fen: int


@dataclass(frozen=True, kw_only=True)
class RefundFailed(Event):
    """The channel refused or stayed silent too often: a person has to look."""

    name: ClassVar[str] = "billing.RefundFailed"
    refund_id: UUID
    attempts: int

"""Decisions about fees, moves of charges, payments and refunds, and what the ledger books."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from jiuyi.domains.billing.words import (
    ChargeAct,
    ChargeKind,
    ChargeStatus,
    PaymentAct,
    PaymentChannel,
    PaymentStatus,
    RefundAct,
    RefundStatus,
    VisitFee,
)

# What is not in a table is refused. docs/states/payment.md shows the same three tables.
CHARGE_MOVES: Mapping[ChargeStatus, Mapping[ChargeAct, ChargeStatus]] = {
    ChargeStatus.UNPAID: {ChargeAct.PAY: ChargeStatus.PAID, ChargeAct.CANCEL: ChargeStatus.CANCELLED},
    ChargeStatus.PAID: {ChargeAct.REFUND: ChargeStatus.REFUNDED},
    ChargeStatus.REFUNDED: {},
    ChargeStatus.CANCELLED: {},
}
PAYMENT_MOVES: Mapping[PaymentStatus, Mapping[PaymentAct, PaymentStatus]] = {
    PaymentStatus.CREATED: {PaymentAct.SETTLE: PaymentStatus.SETTLED, PaymentAct.CLOSE: PaymentStatus.CLOSED},
    PaymentStatus.CLOSED: {PaymentAct.SETTLE: PaymentStatus.SETTLED},
    PaymentStatus.SETTLED: {PaymentAct.REFUND: PaymentStatus.REFUNDED},
    PaymentStatus.REFUNDED: {},
}
REFUND_MOVES: Mapping[RefundStatus, Mapping[RefundAct, RefundStatus]] = {
    RefundStatus.REQUESTED: {RefundAct.COMPLETE: RefundStatus.DONE, RefundAct.GIVE_UP: RefundStatus.FAILED},
    RefundStatus.FAILED: {RefundAct.RETRY: RefundStatus.REQUESTED, RefundAct.COMPLETE: RefundStatus.DONE},
    RefundStatus.DONE: {},
}

GIVE_UP_AFTER_ATTEMPTS = 10
_LONGEST_PAUSE = timedelta(hours=1)

RECEIVABLE = "receivable"
OWED_BACK = "owed_back"


def next_charge_status(status: ChargeStatus, act: ChargeAct) -> ChargeStatus | None:
    """The state of a charge after an act, or None if it is not possible."""
    return CHARGE_MOVES[status].get(act)


def next_payment_status(status: PaymentStatus, act: PaymentAct) -> PaymentStatus | None:
    """The state of a payment after an act, or None. Money that comes late for a closed payment is taken all the same."""
    return PAYMENT_MOVES[status].get(act)


def next_refund_status(status: RefundStatus, act: RefundAct) -> RefundStatus | None:
    """The state of a refund after an act, or None."""
    return REFUND_MOVES[status].get(act)


def visit_fee_fen(number_class: str, parameters: VisitFee) -> int:
    """诊查费 of a number class, in fen; an unknown class is a programming error (``KeyError``).  Source: rule F3-5."""
    fees = {
        "ordinary": parameters.ordinary_fen,
        "associate_chief": parameters.associate_chief_fen,
        "chief": parameters.chief_fen,
        "renowned": parameters.renowned_fen,
        "emergency": parameters.emergency_fen,
    }
    return fees[number_class]


def is_online(channel: PaymentChannel) -> bool:
    """Whether the money goes through an outside provider; cash lies in the drawer."""
    return channel is not PaymentChannel.CASH


def next_attempt_at(now: datetime, attempts: int) -> datetime:
    """When a refund that failed ``attempts`` times is tried again: 1, 2, 4 … minutes, at most an hour."""
    return now + min(timedelta(minutes=2 ** max(attempts - 1, 0)), _LONGEST_PAUSE)


@dataclass(frozen=True, slots=True)
class Posting:
    """One side of a ledger transaction: debit positive, credit negative."""

    account_code: str
    amount_fen: int


def revenue_account(kind: ChargeKind) -> str:
    """The revenue account of a kind of charge."""
    return f"revenue.{kind.value}"


def channel_account(channel: PaymentChannel) -> str:
    """The account of the money that came by a channel."""
    return f"money.{channel.value}"


def postings_of_charge(kind: ChargeKind, amount_fen: int) -> list[Posting]:
    """A charge: the person owes, the hospital has earned."""
    return [Posting(RECEIVABLE, amount_fen), Posting(revenue_account(kind), -amount_fen)]


def postings_of_cancelled_charge(kind: ChargeKind, amount_fen: int) -> list[Posting]:
    """A charge taken back before it was paid."""
    return [Posting(RECEIVABLE, -amount_fen), Posting(revenue_account(kind), amount_fen)]


def postings_of_settlement(channel: PaymentChannel, accepted_fen: int, surplus_fen: int) -> list[Posting]:
    """Money came: what was owed is owed no more, the rest is owed back."""
    return [
        Posting(channel_account(channel), accepted_fen + surplus_fen),
        Posting(RECEIVABLE, -accepted_fen),
        Posting(OWED_BACK, -surplus_fen),
    ]


def postings_of_refunded_charge(kind: ChargeKind, amount_fen: int) -> list[Posting]:
    """A paid charge is given up: not earned any more, owed back."""
    return [Posting(revenue_account(kind), amount_fen), Posting(OWED_BACK, -amount_fen)]


def postings_of_refund_done(channel: PaymentChannel, amount_fen: int) -> list[Posting]:
    """The money went back."""
    return [Posting(OWED_BACK, amount_fen), Posting(channel_account(channel), -amount_fen)]


def is_balanced(postings: Sequence[Posting]) -> bool:
    """Whether the sides of a transaction sum to zero."""
    return sum(posting.amount_fen for posting in postings) == 0

"""Writes of the billing department; lock order charge → payment → refund → ledger (docs/locking.md)."""

from jiuyi.domains.billing.actions.charges import add_charge, add_price, cancel_charge, lock_charges
from jiuyi.domains.billing.actions.payments import (
    CashReceipt,
    Settlement,
    close_payment,
    open_payment,
    settle_payment,
    take_cash,
)
from jiuyi.domains.billing.actions.refunds import (
    pay_out_cash_refund,
    refund_charge,
    refund_payment_surplus,
    retry_refund,
    send_due_refunds,
    send_refund,
)

__all__ = [
    "CashReceipt",
    "Settlement",
    "add_charge",
    "add_price",
    "cancel_charge",
    "close_payment",
    "lock_charges",
    "open_payment",
    "pay_out_cash_refund",
    "refund_charge",
    "refund_payment_surplus",
    "retry_refund",
    "send_due_refunds",
    "send_refund",
    "settle_payment",
    "take_cash",
]

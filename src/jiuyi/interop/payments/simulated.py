"""The simulated payment channel. It behaves as the real ones do at their worst, on demand and never by itself."""

import logging
from datetime import datetime, timedelta
from urllib.parse import urlencode
from uuid import UUID

from django.core import signing
from django.urls import reverse

from jiuyi.domains.billing import queries as bills
from jiuyi.domains.billing.words import PaymentProvider, PaymentRequest, ProviderReceipt, RefundRequest
from jiuyi.foundation import clock
from jiuyi.interop.payments import callbacks, peer
from jiuyi.kernel.refusals import Refusal
from jiuyi.kernel.text import gettext_noop
from jiuyi.kernel.words import Word

logger = logging.getLogger(__name__)

_BACK_SALT = "jiuyi.interop.payments.back"
LATE = timedelta(minutes=20)
ASK_AFTER = timedelta(minutes=2)
ASK_FOR = timedelta(days=1)
ASK_CLOSED_FOR = timedelta(hours=1)


class Misdeed(Word):
    """What the channel does when somebody pays; all but the first are mistakes that real channels make."""

    NONE = "pay", gettext_noop("正常支付")
    TOLD_TWICE = "told_twice", gettext_noop("同一通知发两遍")
    PAID_TWICE = "paid_twice", gettext_noop("重复扣款两次，后扣的先通知")
    LATE = "late", gettext_noop("扣款成功，20 分钟后才通知")
    LOST = "lost", gettext_noop("扣款成功，通知丢失（2 分钟后医院会主动查询）")
    WRONG_AMOUNT = "wrong_amount", gettext_noop("通知的金额少一分")
    FORGED = "forged", gettext_noop("伪造签名的通知")


class SimulatedProvider:
    """Implements ``billing.words.PaymentProvider`` with a cashier page of our own."""

    def start(self, payment: PaymentRequest, *, return_url: str) -> str:
        """The cashier page; the way back is signed, so that nobody can be sent elsewhere."""
        page = reverse("payments:cashier", args=[payment.payment_id])
        return f"{page}?{urlencode({'back': signing.dumps(return_url, salt=_BACK_SALT)})}"

    def refund(self, refund: RefundRequest) -> str:
        """Give the money back, once for each refund id."""
        return peer.give_back(refund.refund_id, refund.payment_id, refund.amount_fen)

    def query(self, payment_id: UUID) -> list[ProviderReceipt]:
        """What was taken for the payment."""
        return [_receipt(transfer) for transfer in peer.taken(payment_id, now=clock.now())]


def way_back(signed: str) -> str | None:
    """The address to return to, or None if it was not signed by us."""
    try:
        return str(signing.loads(signed, salt=_BACK_SALT))
    except signing.BadSignature:
        return None


def pay(payment_id: UUID, amount_fen: int, *, misdeed: Misdeed, now: datetime) -> list[Refusal]:
    """Somebody pays at the cashier; returns what the hospital refused of the call-backs."""
    if misdeed is Misdeed.FORGED:
        # Nothing is taken: somebody who is not the channel claims that it was.
        body = callbacks.body_of(ProviderReceipt(payment_id, f"FORGED{payment_id.hex}", amount_fen))
        return _heard(body, "0" * 64, now=now)
    if misdeed is Misdeed.WRONG_AMOUNT:
        body = callbacks.body_of(ProviderReceipt(payment_id, f"SHORT{payment_id.hex}", amount_fen - 1))
        return _heard(body, callbacks.signature_of(body), now=now)
    if misdeed in {Misdeed.LATE, Misdeed.LOST}:
        peer.take(payment_id, amount_fen, now=now, tell_at=now + LATE if misdeed is Misdeed.LATE else None)
        return []
    transfers = [peer.take(payment_id, amount_fen, now=now, tell_at=now)]
    if misdeed is Misdeed.TOLD_TWICE:
        transfers *= 2
    if misdeed is Misdeed.PAID_TWICE:
        transfers.insert(0, peer.take(payment_id, amount_fen, now=now, tell_at=now))
    return [refusal for transfer in transfers for refusal in tell(transfer, now=now)]


def tell(transfer: peer.Transfer, *, now: datetime) -> list[Refusal]:
    """Send the call-back of a transfer; returns the refusal if there was one. A real channel would send it again and again."""
    body = callbacks.body_of(_receipt(transfer))
    refusals = _heard(body, callbacks.signature_of(body), now=now)
    peer.told(transfer.reference)
    return refusals


def tell_what_is_due(*, now: datetime) -> int:
    """Send the call-backs that were held back until now; how many."""
    due = peer.to_tell(now=now)
    for transfer in due:
        tell(transfer, now=now)
    return len(due)


def ask_about_lost_payments(provider: PaymentProvider, *, now: datetime, limit: int = 500) -> int:
    """Ask the channel about payments that have been waiting: a call-back may have got lost. How many receipts were found."""
    found = 0
    waiting = bills.payments_to_ask_about(
        begun_before=now - ASK_AFTER, begun_after=now - ASK_FOR, closed_after=now - ASK_CLOSED_FOR, limit=limit
    )
    for payment_id in waiting:
        for receipt in _receipts(provider, payment_id):
            found += _taken(receipt, now=now)
    return found


def _receipts(provider: PaymentProvider, payment_id: UUID) -> list[ProviderReceipt]:
    """What the channel answers about one payment; no answer about this one must not keep it from asking about the others."""
    try:
        return provider.query(payment_id)
    except Exception:
        logger.exception("payment could not be asked about", extra={"object_id": str(payment_id)})
        return []


def _taken(receipt: ProviderReceipt, *, now: datetime) -> bool:
    """One receipt that the house refuses must not keep it from the others."""
    try:
        callbacks.take(receipt, now=now)
    except Refusal as refusal:
        logger.warning("receipt refused", extra={"code": refusal.code})
        return False
    return True


def _heard(body: bytes, signature: str, *, now: datetime) -> list[Refusal]:
    try:
        callbacks.receive(body, signature, now=now)
    except Refusal as refusal:
        return [refusal]
    return []


def _receipt(transfer: peer.Transfer) -> ProviderReceipt:
    return ProviderReceipt(transfer.payment_id, transfer.reference, transfer.amount_fen)

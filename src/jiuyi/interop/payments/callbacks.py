"""What a payment channel says: signed, checked, translated, handed to the journey that every channel uses."""

import hmac
import json
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.utils.crypto import salted_hmac

from jiuyi.domains.billing.words import ProviderReceipt
from jiuyi.journeys import paying
from jiuyi.kernel.refusals import Invalid, Refusal
from jiuyi.kernel.text import gettext_noop

_SALT = "jiuyi.interop.payments.callback"


class ForgedCallback(Refusal):
    """The signature does not fit the words: somebody else than the channel is speaking."""

    code = "payments.forged_callback"
    message = gettext_noop("通知的签名不正确，未入账。")
    status = 403


def body_of(receipt: ProviderReceipt) -> bytes:
    """The words of a call-back."""
    said = {"payment_id": str(receipt.payment_id), "reference": receipt.reference, "amount_fen": receipt.amount_fen}
    return json.dumps(said, sort_keys=True).encode()


def signature_of(body: bytes) -> str:
    """HMAC-SHA256 over the exact bytes, under the key that the installation shares with the channel alone."""
    return salted_hmac(_SALT, body, secret=settings.JIUYI_PAYMENT_KEY, algorithm="sha256").hexdigest()


def receive(body: bytes, signature: str, *, now: datetime) -> None:
    """Take a call-back: any number of times, late or out of order. The signature is checked before a word is read.

    Refuses ``payments.forged_callback``, ``invalid``, and what ``journeys.paying.receive_callback`` refuses.
    """
    if not hmac.compare_digest(signature_of(body).encode(), signature.encode()):
        raise ForgedCallback
    try:
        said = json.loads(body)
        receipt = ProviderReceipt(UUID(said["payment_id"]), str(said["reference"]), int(said["amount_fen"]))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise Invalid from error
    take(receipt, now=now)


def payment_named(body: bytes) -> UUID | None:
    """Which payment a refused call-back was about, so that somebody can look into it; None if it names none."""
    try:
        return UUID(json.loads(body)["payment_id"])
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None


def take(receipt: ProviderReceipt, *, now: datetime) -> None:
    """Hand a receipt to the journey, whether it was told or asked for."""
    paying.receive_callback(payment_id=receipt.payment_id, provider_reference=receipt.reference, amount_fen=receipt.amount_fen, now=now)

"""Sending refunds: whatever the channel does to one of them, the others go out."""

import pytest

from jiuyi.domains.billing import actions, queries
from jiuyi.domains.billing.words import PaymentChannel, RefundReason, RefundStatus
from jiuyi.foundation.access import SYSTEM
from jiuyi.kernel.ids import new_id
from tests.factories import schedules
from tests.factories.schedules import NOW, PATIENT

pytestmark = pytest.mark.django_db


def refunded(clinic, person_id):
    """A charge that was paid online and given up: charge and refund."""
    charge_id = schedules.charge(clinic, person_id)
    payment_id = actions.open_payment(
        actor=PATIENT, now=NOW, charge_ids=[charge_id], channel=PaymentChannel.WECHAT, idempotency_key=new_id()
    )
    actions.settle_payment(actor=SYSTEM, now=NOW, payment_id=payment_id, provider_reference=f"T{payment_id.hex}", amount_fen=1500)
    refund_id = actions.refund_charge(actor=PATIENT, now=NOW, charge_id=charge_id, reason=RefundReason.OTHER, idempotency_key=new_id())
    return charge_id, refund_id


def test_a_refund_that_the_channel_stumbles_over_holds_up_no_other(clinic, person_id, provider, monkeypatch):
    (stumbling, first), (other, _) = refunded(clinic, person_id), refunded(clinic, person_id)
    answer = provider.refund

    def stumble(request):
        if request.refund_id == first:
            raise ConnectionResetError
        return answer(request)

    monkeypatch.setattr(provider, "refund", stumble)

    assert actions.send_due_refunds(actor=SYSTEM, now=NOW) == 1

    [waiting], [done] = queries.facts_refunds([stumbling]), queries.facts_refunds([other])
    assert (waiting.status, waiting.attempts, done.status) == (RefundStatus.REQUESTED, 1, RefundStatus.DONE)

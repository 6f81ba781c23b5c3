"""What has gone wrong with one payment can be found, and holds up no other."""

import pytest
from django.urls import reverse

from jiuyi.domains.billing import queries as bills
from jiuyi.domains.billing.words import PaymentStatus, ProviderReceipt, ProviderUnavailable
from jiuyi.foundation import audit
from jiuyi.foundation.audit import AuditKind
from jiuyi.interop.payments import callbacks, simulated
from jiuyi.kernel.ids import new_id
from tests.factories import schedules
from tests.factories.schedules import NOW
from tests.interop.payments.test_simulated import FEN, MINUTE, open_payment

pytestmark = pytest.mark.django_db


@pytest.fixture
def payments(db):
    """Two payments that have been waiting, each for a held place."""
    clinic = schedules.clinic()
    session_id = schedules.session(clinic, per_window=2)
    held = [(person, schedules.book(session_id, person, held_until=NOW + 15 * MINUTE)) for person in schedules.people(clinic, 2)]
    return [open_payment(schedules.charge(clinic, person, source_id=taken.appointment_id)) for person, taken in held]


@pytest.mark.parametrize("trouble", [ProviderUnavailable, ConnectionResetError])
def test_a_payment_that_cannot_be_asked_about_holds_up_no_other(payments, trouble):
    asked = []

    class Channel:
        def query(self, payment_id):
            asked.append(payment_id)
            if len(asked) == 1:
                raise trouble
            return [ProviderReceipt(payment_id, "T1", FEN)]

    assert simulated.ask_about_lost_payments(Channel(), now=NOW + 3 * MINUTE) == 1

    assert set(asked) == set(payments)
    assert [bills.facts_payment(each).status for each in asked] == [PaymentStatus.CREATED, PaymentStatus.SETTLED]


@pytest.mark.parametrize(
    ("_case", "body_of", "code"),
    [
        ("another amount", lambda payment_id: callbacks.body_of(ProviderReceipt(payment_id, "T1", FEN - 1)), "billing.amount_differs"),
        ("nobody's payment", lambda payment_id: callbacks.body_of(ProviderReceipt(new_id(), "T1", FEN)), "not_found"),
        ("no payment at all", lambda payment_id: b"[5]", "invalid"),
        ("a payment that is no id", lambda payment_id: b'{"payment_id": 5, "reference": "T1", "amount_fen": 1500}', "invalid"),
    ],
)
def test_a_refused_call_back_says_in_the_audit_which_payment_it_was_about(client, payments, _case, body_of, code):
    body = body_of(payments[0])
    seen = {row.id for row in audit.entries(kind=AuditKind.REFUSED, act="payments:callback")}

    answer = client.post(
        reverse("payments:callback"), body, content_type="application/json", headers={"X-Jiuyi-Signature": callbacks.signature_of(body)}
    )

    assert answer.json() == {"result": "refused", "code": code}
    (row,) = [row for row in audit.entries(kind=AuditKind.REFUSED, act="payments:callback") if row.id not in seen]
    assert (row.code, row.object_id) == (code, str(callbacks.payment_named(body) or ""))
    assert bills.facts_payment(payments[0]).status is PaymentStatus.CREATED

"""A payment channel that does as it is told."""

from dataclasses import dataclass, field

import pytest

from jiuyi.domains.billing.words import PaymentProvider, ProviderUnavailable, RefundRequest
from jiuyi.foundation import ports
from tests.factories import schedules


@dataclass
class ObedientProvider:
    """Remembers what it was asked; ``down`` makes it silent."""

    down: bool = False
    refunds: dict = field(default_factory=dict)
    asked: int = 0

    def start(self, payment, *, return_url):
        return f"/cashier/{payment.payment_id}/"

    def refund(self, refund: RefundRequest) -> str:
        self.asked += 1
        if self.down:
            raise ProviderUnavailable
        self.refunds[refund.refund_id] = refund
        return f"R{refund.refund_id.hex}"

    def query(self, payment_id):
        return []


@pytest.fixture
def provider():
    before = ports.port(PaymentProvider) if ports.is_provided(PaymentProvider) else None
    obedient = ObedientProvider()
    ports.provide(PaymentProvider, obedient)
    yield obedient
    if before is not None:
        ports.provide(PaymentProvider, before)


@pytest.fixture
def clinic(db):
    return schedules.clinic()


@pytest.fixture
def person_id(clinic):
    return schedules.person(clinic)

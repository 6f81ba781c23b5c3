"""One day at a clinic; whatever a test does to it, money and places agree at its end."""

import pytest

from jiuyi.domains.billing import queries as bills
from jiuyi.domains.billing.words import PaymentProvider
from jiuyi.domains.scheduling import queries as schedule
from jiuyi.foundation import ports
from tests.factories import clinic_day, reference_lists


@pytest.fixture
def channel():
    """A payment channel that the test can make fall silent."""
    before = ports.port(PaymentProvider) if ports.is_provided(PaymentProvider) else None
    made = clinic_day.Channel()
    ports.provide(PaymentProvider, made)
    yield made
    if before is not None:
        ports.provide(PaymentProvider, before)


@pytest.fixture
def day(db, channel):
    """Sessions, people, a doctor; the books are audited afterwards."""
    yield clinic_day.clinic_day()
    assert sum(bills.ledger_balance().values()) == 0
    assert bills.count_ledger_difference() == 0
    assert schedule.count_place_difference() == 0


@pytest.fixture
def lists(db):
    """What can be ordered is in the tables."""
    reference_lists.load_short_lists()

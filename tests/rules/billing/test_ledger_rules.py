"""What is booked sums to zero, for every amount; fees and pauses follow their tables."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiuyi.domains.billing import rules
from jiuyi.domains.billing.words import ChargeKind, PaymentChannel, VisitFee
from jiuyi.domains.scheduling.words import NumberClass

FEN = st.integers(min_value=0, max_value=10**12)
KIND = st.sampled_from(list(ChargeKind))
CHANNEL = st.sampled_from(list(PaymentChannel))
NOW = datetime(2026, 3, 2, tzinfo=UTC)


@given(kind=KIND, channel=CHANNEL, amount=FEN, surplus=FEN)
def test_every_step_sums_to_zero(kind, channel, amount, surplus):
    for postings in (
        rules.postings_of_charge(kind, amount),
        rules.postings_of_cancelled_charge(kind, amount),
        rules.postings_of_settlement(channel, amount, surplus),
        rules.postings_of_refunded_charge(kind, amount),
        rules.postings_of_refund_done(channel, amount),
    ):
        assert rules.is_balanced(postings)


@given(kind=KIND, channel=CHANNEL, amount=FEN)
def test_charge_pay_refund_leaves_every_account_at_zero(kind, channel, amount):
    accounts: dict[str, int] = {}
    for posting in (
        *rules.postings_of_charge(kind, amount),
        *rules.postings_of_settlement(channel, amount, 0),
        *rules.postings_of_refunded_charge(kind, amount),
        *rules.postings_of_refund_done(channel, amount),
    ):
        accounts[posting.account_code] = accounts.get(posting.account_code, 0) + posting.amount_fen
    assert set(accounts.values()) == {0}


@pytest.mark.parametrize("number_class", NumberClass)
def test_every_number_class_has_a_fee(number_class):
    assert rules.visit_fee_fen(number_class.value, VisitFee()) == getattr(VisitFee(), f"{number_class.value}_fen")


@pytest.mark.parametrize(
    ("_case", "attempts", "minutes"),
    [("first", 1, 1), ("second", 2, 2), ("third", 3, 4), ("sixth", 6, 32), ("never more than an hour", 7, 60), ("last", 10, 60)],
)
def test_pauses_between_attempts_grow(_case, attempts, minutes):
    assert rules.next_attempt_at(NOW, attempts) == NOW + timedelta(minutes=minutes)

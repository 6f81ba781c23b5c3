"""Money from two sides at once: one charge, one refund, a ledger that sums to zero. Real threads, real transactions.

Seen to fail, each with one thing taken out: the two payments, paying and cancelling, cash and phone, opening twice and refunding
eight times without the lock in ``locked_charges``; the call-back sixteen times and the payment paid twice when ``_locked_payment``
reads without a lock besides; the eight workers without the lock in ``_locked_refund``; the call-back and the expiry (a deadlock)
without ``lock_appointments`` in ``journeys.paying.receive_callback``, and without the locks of the visits (booked and freed).
"""

from datetime import timedelta

import pytest

from jiuyi.domains.billing import actions, queries
from jiuyi.domains.billing.words import (
    ChargeNotCancellable,
    ChargeNotPayable,
    ChargeStatus,
    PaymentChannel,
    PaymentProvider,
    PaymentStatus,
    RefundReason,
    RefundStatus,
)
from jiuyi.domains.scheduling import queries as schedule
from jiuyi.domains.scheduling.words import AppointmentStatus
from jiuyi.foundation import ports
from jiuyi.foundation.access import SYSTEM
from jiuyi.journeys import booking, paying
from jiuyi.kernel.ids import new_id
from tests.factories import schedules
from tests.factories.schedules import CLERK, NOW, PATIENT, at_once

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

LATER = NOW + timedelta(minutes=15)
ROUNDS = 12


@pytest.fixture
def clinic(db):
    return schedules.clinic()


@pytest.fixture
def person_id(clinic):
    return schedules.person(clinic)


@pytest.fixture(autouse=True)
def _the_ledger_agrees_in_the_end(db):
    yield
    assert sum(queries.ledger_balance().values()) == 0
    assert queries.count_ledger_difference() == 0
    assert schedule.count_place_difference() == 0


def pay(*charge_ids, channel=PaymentChannel.WECHAT):
    return actions.open_payment(actor=PATIENT, now=NOW, charge_ids=charge_ids, channel=channel, idempotency_key=new_id())


def settle(payment_id, reference, fen=1500):
    return actions.settle_payment(actor=SYSTEM, now=NOW, payment_id=payment_id, provider_reference=reference, amount_fen=fen)


def status_of(charge_id):
    return queries.facts_charges_by_id([charge_id])[0].status


def test_one_call_back_sixteen_times_at_once_is_booked_once(clinic, person_id):
    charge_id = schedules.charge(clinic, person_id)
    payment_id = pay(charge_id)
    results = at_once([lambda: settle(payment_id, "T1") for _ in range(16)])
    assert sum(result.newly for result in results) == 1
    assert {(result.payment_id, result.charge_ids, result.surplus) for result in results} == {(payment_id, (charge_id,), ())}
    assert queries.ledger_balance()["money.wechat"] == 1500


def test_two_payments_for_one_charge_at_once_one_pays_and_the_other_is_surplus(clinic, person_id):
    for number in range(ROUNDS):
        charge_id = schedules.charge(clinic, person_id)
        one, two = pay(charge_id), pay(charge_id, channel=PaymentChannel.ALIPAY)
        results = at_once([lambda p=p, r=r: settle(p, r) for p, r in ((one, f"A{number}"), (two, f"B{number}"))])
        assert sorted(result.charge_ids for result in results) == [(), (charge_id,)]
        assert sorted(result.surplus for result in results) == [(), (charge_id,)]
        assert status_of(charge_id) is ChargeStatus.PAID


def test_one_payment_paid_twice_at_once_keeps_one_and_gives_one_back(clinic, person_id):
    for number in range(ROUNDS):
        charge_id = schedules.charge(clinic, person_id)
        payment_id = pay(charge_id)
        results = at_once([lambda p=payment_id, r=r: settle(p, r) for r in (f"A{number}", f"B{number}")])
        assert sorted(result.charge_ids for result in results) == [(), (charge_id,)]
        assert len({result.payment_id for result in results}) == 2


def test_paying_and_cancelling_at_once_never_both(clinic, person_id):
    for number in range(ROUNDS):
        charge_id = schedules.charge(clinic, person_id)
        payment_id = pay(charge_id)
        settlement, cancelled = at_once(
            [
                lambda p=payment_id, n=number: settle(p, f"T{n}"),
                lambda c=charge_id: actions.cancel_charge(actor=SYSTEM, now=NOW, charge_id=c),
            ]
        )
        if isinstance(cancelled, ChargeNotCancellable):
            assert (settlement.charge_ids, settlement.surplus, status_of(charge_id)) == ((charge_id,), (), ChargeStatus.PAID)
        else:
            assert cancelled is None
            assert (settlement.charge_ids, settlement.surplus, status_of(charge_id)) == ((), (charge_id,), ChargeStatus.CANCELLED)


def test_cash_at_the_desk_and_the_phone_at_once(clinic, person_id):
    for number in range(ROUNDS):
        charge_id = schedules.charge(clinic, person_id)
        payment_id = pay(charge_id)
        settlement, receipt = at_once(
            [
                lambda p=payment_id, n=number: settle(p, f"T{n}"),
                lambda c=charge_id: actions.take_cash(actor=CLERK, now=NOW, charge_ids=[c], tendered_fen=1500, idempotency_key=new_id()),
            ]
        )
        assert status_of(charge_id) is ChargeStatus.PAID
        if isinstance(receipt, ChargeNotPayable):
            assert settlement.charge_ids == (charge_id,)
        else:
            assert settlement.surplus == (charge_id,)


def test_one_payment_opened_twice_at_once_is_one(clinic, person_id):
    charge_id = schedules.charge(clinic, person_id)
    results = at_once(
        [
            lambda: actions.open_payment(
                actor=PATIENT, now=NOW, charge_ids=[charge_id], channel=PaymentChannel.WECHAT, idempotency_key="the same"
            )
            for _ in range(8)
        ]
    )
    assert len(set(results)) == 1
    assert queries.facts_payment(results[0]).status is PaymentStatus.CREATED


def test_the_call_back_and_the_expiry_at_once(clinic):
    """Whichever comes first: booked and paid, or freed and the money on its way back. Through the journeys, as in life."""
    rounds = 8
    session_id = schedules.session(clinic, minutes=15, per_window=rounds)
    held = []
    for person in schedules.people(clinic, rounds):
        taken = schedules.book(session_id, person, held_until=LATER)
        charge_id = schedules.charge(clinic, person, source_id=taken.appointment_id)
        held.append((taken.appointment_id, charge_id, pay(charge_id)))
    pays = [
        lambda p=payment_id: paying.receive_callback(payment_id=p, provider_reference=f"T{p.hex}", amount_fen=1500, now=LATER)
        for _, _, payment_id in held
    ]
    results = at_once([*pays, *[lambda: booking.expire_due(now=LATER) for _ in range(4)]])
    assert [result for result in results if isinstance(result, BaseException)] == []
    for appointment_id, charge_id, payment_id in held:
        refunds = queries.facts_refunds([charge_id])
        if schedule.facts_appointment(appointment_id).status is AppointmentStatus.BOOKED:
            assert (status_of(charge_id), refunds) == (ChargeStatus.PAID, [])
        else:
            assert schedule.facts_appointment(appointment_id).status is AppointmentStatus.EXPIRED
            assert status_of(charge_id) is ChargeStatus.CANCELLED
            assert [(refund.payment_id, refund.amount_fen, refund.reason) for refund in refunds] == [
                (payment_id, 1500, RefundReason.SURPLUS)
            ]


def test_one_refund_asked_for_eight_times_at_once_is_one(clinic, person_id):
    charge_id = schedules.charge(clinic, person_id)
    settle(pay(charge_id), "T1")
    results = at_once(
        [
            lambda: actions.refund_charge(
                actor=PATIENT, now=NOW, charge_id=charge_id, reason=RefundReason.APPOINTMENT_CANCELLED, idempotency_key="the same"
            )
            for _ in range(8)
        ]
    )
    assert len(set(results)) == 1
    assert len(queries.facts_refunds([charge_id])) == 1


class SlowChannel:
    """Answers everybody, always the same for one refund."""

    def refund(self, refund):
        return f"R{refund.refund_id.hex}"


def test_one_refund_sent_by_eight_workers_at_once_is_booked_once(clinic, person_id):
    before = ports.port(PaymentProvider) if ports.is_provided(PaymentProvider) else None
    ports.provide(PaymentProvider, SlowChannel())
    try:
        charge_id = schedules.charge(clinic, person_id)
        settle(pay(charge_id), "T1")
        refund_id = actions.refund_charge(actor=PATIENT, now=NOW, charge_id=charge_id, reason=RefundReason.OTHER, idempotency_key="r")
        results = at_once([lambda: actions.send_refund(actor=SYSTEM, now=NOW, refund_id=refund_id) for _ in range(8)])
        assert results == [True] * 8
        assert queries.facts_refunds([charge_id])[0].status is RefundStatus.DONE
        assert queries.ledger_balance()["money.wechat"] == 0
    finally:
        if before is not None:
            ports.provide(PaymentProvider, before)

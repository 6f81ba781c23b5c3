"""Charging, paying and giving back: exact amounts, once each, and a ledger that agrees after every step."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from jiuyi.domains.billing import actions, queries
from jiuyi.domains.billing.words import (
    AmountDiffers,
    ChargeKind,
    ChargeNotCancellable,
    ChargeNotPayable,
    ChargeStatus,
    KeyReused,
    LineState,
    MixedCharges,
    NotRefundable,
    PaymentChannel,
    PaymentStatus,
    ReferenceReused,
    RefundReason,
    RefundStatus,
    TenderedTooLittle,
)
from jiuyi.domains.organizations.words import StaffRole
from jiuyi.foundation.access import SYSTEM
from jiuyi.kernel.ids import new_id
from jiuyi.kernel.refusals import NotFound
from tests.factories import institutions, schedules
from tests.factories.schedules import CLERK, NOW, PATIENT

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
ZERO_AT_THE_END = {"owed_back": 0, "receivable": 0}


@pytest.fixture(autouse=True)
def _the_ledger_agrees_in_the_end(db):
    yield
    assert sum(queries.ledger_balance().values()) == 0
    assert queries.count_ledger_difference() == 0


def pay(*charge_ids, key=None, channel=PaymentChannel.WECHAT):
    return actions.open_payment(actor=PATIENT, now=NOW, charge_ids=charge_ids, channel=channel, idempotency_key=key or new_id())


def settle(payment_id, reference="T1", fen=1500, now=NOW):
    return actions.settle_payment(actor=SYSTEM, now=now, payment_id=payment_id, provider_reference=reference, amount_fen=fen)


def status_of(*charge_ids):
    return [charge.status for charge in queries.facts_charges_by_id(charge_ids)]


def world():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT jsonb_agg(c ORDER BY id) FROM billing_charge c), (SELECT jsonb_agg(p ORDER BY id) FROM billing_payment p),"
            " (SELECT jsonb_agg(l ORDER BY id) FROM billing_paymentline l), (SELECT jsonb_agg(r ORDER BY id) FROM billing_refund r),"
            " (SELECT jsonb_agg(e ORDER BY id) FROM billing_ledgerentry e), (SELECT count(*) FROM foundation_journalentry)"
        )
        return cursor.fetchone()


def test_a_charge_is_added_once_for_its_source(clinic, person_id):
    source = new_id()
    first = schedules.charge(clinic, person_id, source_id=source)
    assert schedules.charge(clinic, person_id, source_id=source) == first
    assert queries.ledger_balance() == {"receivable": 1500, "revenue.registration": -1500}
    assert [c.charge_id for c in queries.unpaid_charges(person_id)] == [first]


@pytest.mark.parametrize(
    ("_case", "unit", "quantity", "fen"),
    [("half up", 333, Decimal("1.5"), 500), ("below half", 333, Decimal("1.498"), 499), ("whole", 1250, 3, 3750)],
)
def test_amounts_round_half_up_for_each_line(clinic, person_id, _case, unit, quantity, fen):
    charge_id = actions.add_charge(
        actor=SYSTEM, now=NOW, person_id=person_id, organization_id=clinic.organization_id, source_kind="order", source_id=new_id(),
        kind=ChargeKind.DRUG, description="阿莫西林胶囊", quantity=quantity, unit_price_fen=unit,
    )  # fmt: skip
    assert queries.facts_charges_by_id([charge_id])[0].amount_fen == fen


def test_a_waived_fee_stands_on_the_bill_as_paid_from_the_start(clinic, person_id):
    charge_id = actions.add_charge(
        actor=SYSTEM, now=NOW, person_id=person_id, organization_id=clinic.organization_id, source_kind="appointment",
        source_id=new_id(), kind=ChargeKind.REGISTRATION, description="诊查费", quantity=1, unit_price_fen=0, waived_code="一号管三天",
    )  # fmt: skip
    [charge] = queries.facts_charges_by_id([charge_id])
    assert (charge.status, charge.amount_fen, charge.waived_code) == (ChargeStatus.PAID, 0, "一号管三天")
    assert actions.refund_charge(actor=CLERK, now=NOW, charge_id=charge_id, reason=RefundReason.OTHER, idempotency_key="z") is None
    assert queries.ledger_balance() == {}


def test_paying_two_charges_in_one_payment(clinic, person_id):
    one, two = schedules.charge(clinic, person_id), schedules.charge(clinic, person_id, fen=2550, kind=ChargeKind.LAB)
    payment_id = pay(one, two)
    assert queries.facts_payment(payment_id).amount_fen == 4050
    settlement = settle(payment_id, fen=4050)
    assert (set(settlement.charge_ids), settlement.surplus, settlement.newly) == ({one, two}, (), True)
    assert status_of(one, two) == [ChargeStatus.PAID, ChargeStatus.PAID]
    assert queries.ledger_balance() == {
        "money.wechat": 4050, "receivable": 0, "revenue.lab": -2550, "revenue.registration": -1500,
    }  # fmt: skip


def test_a_call_back_that_comes_twice_changes_nothing_and_says_the_same(clinic, person_id):
    charge_id = schedules.charge(clinic, person_id)
    payment_id = pay(charge_id)
    first = settle(payment_id)
    before = world()
    again = settle(payment_id, now=NOW + MINUTE)
    assert (again.payment_id, again.charge_ids, again.surplus, again.newly) == (first.payment_id, first.charge_ids, (), False)
    assert world() == before


def test_a_wrong_amount_and_a_foreign_reference_are_refused_and_change_nothing(clinic, person_id):
    one, two = schedules.charge(clinic, person_id), schedules.charge(clinic, person_id)
    first, second = pay(one), pay(two)
    settle(first, "T1")
    before = world()
    for refusal, payment_id, reference, fen in (
        (AmountDiffers, second, "T2", 1499),
        (AmountDiffers, second, "T2", 1501),
        (AmountDiffers, first, "T1", 1499),
        (ReferenceReused, second, "T1", 1500),
        (NotFound, new_id(), "T3", 1500),
    ):
        with pytest.raises(refusal):
            settle(payment_id, reference, fen)
        assert world() == before


def test_the_same_key_opens_one_payment_and_never_another_ones(clinic, person_id):
    one, two = schedules.charge(clinic, person_id), schedules.charge(clinic, person_id)
    payment_id = pay(one, key="k")
    assert pay(one, key="k") == payment_id
    before = world()
    for charge_ids, channel in ((two,), PaymentChannel.WECHAT), ((one,), PaymentChannel.ALIPAY):
        with pytest.raises(KeyReused):
            pay(*charge_ids, key="k", channel=channel)
    assert world() == before


def test_a_newer_payment_closes_the_older_one_and_late_money_for_that_still_pays(clinic, person_id):
    charge_id = schedules.charge(clinic, person_id)
    older, newer = pay(charge_id), pay(charge_id, channel=PaymentChannel.ALIPAY)
    assert queries.facts_payment(older).status is PaymentStatus.CLOSED
    assert settle(older, "T1").charge_ids == (charge_id,)
    late = settle(newer, "T2")
    assert (late.charge_ids, late.surplus) == ((), (charge_id,))


def test_opening_refuses_all_that_cannot_be_paid_at_once(clinic, person_id):
    paid, cancelled, owed = (schedules.charge(clinic, person_id) for _ in range(3))
    settle(pay(paid))
    actions.cancel_charge(actor=SYSTEM, now=NOW, charge_id=cancelled)
    elsewhere = schedules.charge(_other_hospital(clinic), person_id)
    before = world()
    with pytest.raises(ChargeNotPayable) as caught:
        pay(paid, cancelled, owed)
    assert set(caught.value.data["charge_ids"]) == {paid, cancelled}
    with pytest.raises(MixedCharges):
        pay(owed, elsewhere)
    with pytest.raises(NotFound):
        pay(owed, new_id())
    assert world() == before


def _other_hospital(clinic):
    from dataclasses import replace

    from jiuyi.domains.organizations import actions as organizations
    from jiuyi.domains.organizations.words import OrganizationKind

    other = organizations.add_organization(actor=SYSTEM, now=NOW, kind=OrganizationKind.TCM_HOSPITAL, name="清河县中医院")
    return replace(clinic, organization_id=other)


@pytest.mark.parametrize("when", ["before", "after"])
def test_money_for_a_cancelled_charge_is_surplus_and_goes_back(clinic, person_id, provider, when):
    charge_id = schedules.charge(clinic, person_id)
    payment_id = pay(charge_id)
    actions.cancel_charge(actor=SYSTEM, now=NOW, charge_id=charge_id)
    assert queries.facts_payment(payment_id).status is PaymentStatus.CLOSED
    settlement = settle(payment_id, now=NOW + MINUTE)
    assert (settlement.charge_ids, settlement.surplus) == ((), (charge_id,))
    refunds = actions.refund_payment_surplus(actor=SYSTEM, now=NOW, payment_id=settlement.payment_id)
    assert actions.refund_payment_surplus(actor=SYSTEM, now=NOW, payment_id=settlement.payment_id) == refunds
    if when == "after":
        assert actions.send_due_refunds(actor=SYSTEM, now=NOW) == 1
        assert queries.ledger_balance() == {**ZERO_AT_THE_END, "money.wechat": 0, "revenue.registration": 0}
    assert status_of(charge_id) == [ChargeStatus.CANCELLED]
    assert len(queries.facts_refunds([charge_id])) == 1


def test_the_same_payment_paid_twice_is_one_charge_and_one_refund(clinic, person_id, provider):
    charge_id = schedules.charge(clinic, person_id)
    payment_id = pay(charge_id)
    settle(payment_id, "T1")
    second = settle(payment_id, "T2")
    assert second.payment_id != payment_id
    assert (second.charge_ids, second.surplus, second.newly) == ((), (charge_id,), True)
    again = settle(payment_id, "T2")
    assert (again.payment_id, again.surplus, again.newly) == (second.payment_id, (charge_id,), False)
    [refund_id] = actions.refund_payment_surplus(actor=SYSTEM, now=NOW, payment_id=second.payment_id)
    assert actions.send_refund(actor=SYSTEM, now=NOW, refund_id=refund_id)
    assert provider.refunds[refund_id].payment_id == payment_id  # the channel knows only the payment it was given
    assert provider.refunds[refund_id].provider_reference == "T2"
    assert status_of(charge_id) == [ChargeStatus.PAID]
    assert queries.ledger_balance() == {**ZERO_AT_THE_END, "money.wechat": 1500, "revenue.registration": -1500}


def test_of_a_payment_for_two_charges_only_the_cancelled_part_goes_back(clinic, person_id):
    one, two = schedules.charge(clinic, person_id), schedules.charge(clinic, person_id, fen=800, kind=ChargeKind.LAB)
    payment_id = pay(one, two)
    actions.cancel_charge(actor=SYSTEM, now=NOW, charge_id=two)
    settlement = settle(payment_id, fen=2300)
    assert (settlement.charge_ids, settlement.surplus) == ((one,), (two,))
    actions.refund_payment_surplus(actor=SYSTEM, now=NOW, payment_id=payment_id)
    assert queries.facts_payment(payment_id).status is PaymentStatus.SETTLED
    assert {line.charge_id: line.state for line in queries.facts_payment_lines(payment_id)} == {
        one: LineState.SETTLED, two: LineState.SURPLUS,
    }  # fmt: skip


def test_a_paid_charge_is_refunded_once_by_the_channel_it_was_paid_with(clinic, person_id, provider):
    charge_id = schedules.charge(clinic, person_id)
    payment_id = pay(charge_id, channel=PaymentChannel.ALIPAY)
    settle(payment_id)
    refund_id = refund(charge_id, key="r1")
    assert refund(charge_id, key="r1") == refund_id
    with pytest.raises(NotRefundable):
        refund(charge_id, key="r2")
    assert actions.send_due_refunds(actor=SYSTEM, now=NOW) == 1
    assert actions.send_due_refunds(actor=SYSTEM, now=NOW) == 0
    assert actions.send_refund(actor=SYSTEM, now=NOW, refund_id=refund_id)
    assert provider.asked == 1
    [facts] = queries.facts_refunds([charge_id])
    assert (facts.status, facts.channel, facts.amount_fen) == (RefundStatus.DONE, PaymentChannel.ALIPAY, 1500)
    assert queries.facts_payment(payment_id).status is PaymentStatus.REFUNDED
    assert queries.ledger_balance() == {**ZERO_AT_THE_END, "money.alipay": 0, "revenue.registration": 0}


def refund(charge_id, *, key, actor=PATIENT):
    return actions.refund_charge(actor=actor, now=NOW, charge_id=charge_id, reason=RefundReason.APPOINTMENT_CANCELLED, idempotency_key=key)


def test_a_silent_channel_is_asked_again_later_and_after_ten_times_a_person_looks(clinic, person_id, provider):
    charge_id = schedules.charge(clinic, person_id)
    settle(pay(charge_id))
    refund_id = refund(charge_id, key="r")
    provider.down = True
    now = NOW
    for attempt in range(1, 11):
        assert actions.send_due_refunds(actor=SYSTEM, now=now) == 0
        assert queries.facts_refunds([charge_id])[0].attempts == attempt
        if attempt == 1:
            assert actions.send_due_refunds(actor=SYSTEM, now=now + timedelta(seconds=59)) == 0
            assert provider.asked == 1
        now += timedelta(hours=1)
    assert queries.facts_refunds([charge_id])[0].status is RefundStatus.FAILED
    provider.down = False
    assert actions.send_due_refunds(actor=SYSTEM, now=now) == 0
    actions.retry_refund(actor=SYSTEM, now=now, refund_id=refund_id)
    assert actions.send_due_refunds(actor=SYSTEM, now=now) == 1
    assert queries.facts_refunds([charge_id])[0].status is RefundStatus.DONE


def test_cash_gives_change_and_closes_the_online_payment(clinic, person_id):
    charge_id = schedules.charge(clinic, person_id)
    online = pay(charge_id)
    before = world()
    with pytest.raises(TenderedTooLittle) as caught:
        take_cash(charge_id, 1499)
    assert (caught.value.data["missing_fen"], caught.value.data["missing_yuan"], set(caught.value.fields)) == (1, "0.01", {"tendered"})
    assert world() == before
    receipt = take_cash(charge_id, 2000)
    assert (receipt.amount_fen, receipt.change_fen) == (1500, 500)
    assert take_cash(charge_id, 2000) == receipt
    assert queries.facts_payment(online).status is PaymentStatus.CLOSED
    with pytest.raises(ChargeNotPayable):
        take_cash(charge_id, 2000, key="another")
    assert settle(online).surplus == (charge_id,)
    assert queries.ledger_balance()["money.cash"] == 1500


def take_cash(charge_id, fen, key="cash"):
    return actions.take_cash(actor=CLERK, now=NOW, charge_ids=[charge_id], tendered_fen=fen, idempotency_key=key)


def test_cash_goes_back_over_the_counter_and_nowhere_else(clinic, person_id):
    at_desk, by_phone, in_room = (schedules.charge(clinic, person_id) for _ in range(3))
    for charge_id in (at_desk, by_phone, in_room):
        take_cash(charge_id, 1500, key=str(charge_id))
    cashier, doctor = (institutions.staff_actor(role, clinic.organization_id) for role in (StaffRole.CLERK, StaffRole.DOCTOR))
    refund(at_desk, key="ra", actor=cashier)
    waiting = [refund(by_phone, key="rb", actor=PATIENT), refund(in_room, key="rc", actor=doctor)]
    assert [queries.facts_refunds([charge_id])[0].status for charge_id in (at_desk, by_phone, in_room)] == [
        RefundStatus.DONE, RefundStatus.REQUESTED, RefundStatus.REQUESTED,
    ]  # fmt: skip
    assert {r.refund_id for r in queries.cash_refunds_to_collect(clinic.organization_id)} == set(waiting)
    assert actions.send_due_refunds(actor=SYSTEM, now=NOW) == 0  # no channel gives cash back
    for refund_id in waiting * 2:
        actions.pay_out_cash_refund(actor=cashier, now=NOW, refund_id=refund_id)
    assert queries.ledger_balance() == {**ZERO_AT_THE_END, "money.cash": 0, "revenue.registration": 0}


def test_cancelling_is_once_and_never_for_paid_charges(clinic, person_id):
    owed, paid = schedules.charge(clinic, person_id), schedules.charge(clinic, person_id)
    settle(pay(paid))
    actions.cancel_charge(actor=SYSTEM, now=NOW, charge_id=owed)
    before = world()
    actions.cancel_charge(actor=SYSTEM, now=NOW, charge_id=owed)
    with pytest.raises(ChargeNotCancellable):
        actions.cancel_charge(actor=SYSTEM, now=NOW, charge_id=paid)
    with pytest.raises(NotRefundable):
        refund(owed, key="r")
    assert world() == before


def test_prices_follow_organisation_and_time(clinic):
    def add(fen, start, end=None, organization_id=None):
        actions.add_price(
            code="LAB01",
            name="血常规",
            kind=ChargeKind.LAB,
            unit_price_fen=fen,
            valid_from=start,
            valid_to=end,
            organization_id=organization_id,
        )

    add(2000, NOW - timedelta(days=9), NOW)
    add(2200, NOW)
    add(1800, NOW, organization_id=clinic.organization_id)
    assert queries.price("LAB01", new_id(), NOW - timedelta(seconds=1)).unit_price_fen == 2000
    assert queries.price("LAB01", new_id(), NOW).unit_price_fen == 2200
    assert queries.price("LAB01", clinic.organization_id, NOW).unit_price_fen == 1800
    assert queries.price("LAB01", clinic.organization_id, NOW - timedelta(seconds=1)).unit_price_fen == 2000
    with pytest.raises(NotFound):
        queries.price("LAB01", clinic.organization_id, NOW - timedelta(days=10))
    with pytest.raises(IntegrityError, match="price_once_at_a_time"), transaction.atomic():
        add(2300, NOW + timedelta(days=1))


def test_the_visit_fee_comes_with_its_rule(clinic):
    fee = queries.visit_fee(number_class="chief", organization_id=clinic.organization_id, at=NOW)
    assert (fee.amount_fen, fee.rule.rule_id, fee.rule.version) == (3500, "F3-5", 0)


# The database's own laws, whatever the code does.


def test_an_unbalanced_ledger_transaction_cannot_commit(clinic, person_id):
    schedules.charge(clinic, person_id)
    unbalance = (
        "INSERT INTO billing_ledgerentry (transaction_id, account_code, amount_fen)"
        " SELECT id, 'receivable', 1 FROM billing_ledgertransaction; SET CONSTRAINTS ALL IMMEDIATE"
    )
    with pytest.raises(IntegrityError, match="does not sum to zero"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(unbalance)


@pytest.mark.parametrize(
    "statement",
    ["UPDATE billing_ledgerentry SET amount_fen = 1", "DELETE FROM billing_ledgerentry", "DELETE FROM billing_ledgertransaction"],
)
def test_what_is_booked_is_never_changed(clinic, person_id, statement):
    schedules.charge(clinic, person_id)
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_a_charge_cannot_be_paid_by_two_lines(clinic, person_id):
    charge_id = schedules.charge(clinic, person_id)
    settle(pay(charge_id))
    with pytest.raises(IntegrityError, match="charge_paid_once"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO billing_paymentline (id, payment_id, charge_id, amount_fen, state)"
            " SELECT gen_random_uuid(), %s, %s, 1500, 'settled'",
            [_bare_payment(clinic), charge_id],
        )


def _bare_payment(clinic):
    payment_id = new_id()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO billing_payment (id, organization_id, channel, amount_fen, status, idempotency_key, opened_by_kind, opened_by_id,"
            " created_at) VALUES (%s, %s, 'wechat', 1500, 'created', 'bare', 'patient', %s, now())",
            [payment_id, clinic.organization_id, PATIENT.id],
        )
    return payment_id

"""Paying: once by whatever way, released at once, and whatever came too late goes back by itself."""

from datetime import timedelta

import pytest

from jiuyi.domains.billing import queries as bills
from jiuyi.domains.billing.words import AmountDiffers, ChargeStatus, RefundReason, TenderedTooLittle
from jiuyi.domains.encounters import actions as encounters
from jiuyi.domains.encounters.words import OrderStatus
from jiuyi.domains.organizations.words import StaffRole
from jiuyi.domains.scheduling import actions as scheduling
from jiuyi.domains.scheduling.words import AppointmentStatus, CancelReason
from jiuyi.journeys import booking, consulting, paying
from jiuyi.journeys.paying import MEDICATION_REQUEST, SERVICE_REQUEST
from jiuyi.journeys.words import NothingToPay
from jiuyi.kernel.ids import new_id
from jiuyi.kernel.refusals import NotAllowed, NotFound
from tests.factories import clinic_day, institutions, people
from tests.factories.clinic_day import DRUG_FEN, LAB_FEN, MINUTE, NOW, OPENS, arrives, charge_of, status_of, status_of_order

pytestmark = pytest.mark.django_db
FEN = 1500
LATER = NOW + timedelta(minutes=20)


@pytest.fixture
def held(day):
    """A held place on the way to the cashier."""
    return clinic_day.book(day, online=True)


def refunds(appointment_id):
    return [(each.amount_fen, each.reason) for each in bills.facts_refunds([charge_of(appointment_id).charge_id])]


@pytest.mark.parametrize(("_case", "times"), [("told once", 1), ("told twice", 2), ("told five times", 5)])
def test_a_payment_confirms_the_place_however_often_it_is_told(day, held, _case, times):
    payment_id = clinic_day.begin_payment(day, [held.charge_id])

    for _ in range(times):
        arrives(payment_id)

    assert status_of(held.appointment_id) is AppointmentStatus.BOOKED
    assert charge_of(held.appointment_id).status is ChargeStatus.PAID
    assert refunds(held.appointment_id) == []


@pytest.mark.parametrize(
    ("_case", "lose"),
    [("after it was cancelled", "cancel"), ("after the hold expired and the place was given back", "expire")],
)
def test_money_that_comes_too_late_goes_back_by_itself(day, held, _case, lose):
    payment_id = clinic_day.begin_payment(day, [held.charge_id])
    if lose == "cancel":
        booking.cancel(actor=day.account, now=NOW, appointment_id=held.appointment_id, reason=CancelReason.PLAN_CHANGED)
    else:
        booking.expire_due(now=LATER)
    before = status_of(held.appointment_id)

    for _ in range(2):
        arrives(payment_id, now=LATER)

    assert status_of(held.appointment_id) is before
    assert refunds(held.appointment_id) == [(FEN, RefundReason.SURPLUS)]


def test_a_payment_just_after_time_still_keeps_a_place_that_nobody_took_back(day, held):
    payment_id = clinic_day.begin_payment(day, [held.charge_id])

    arrives(payment_id, now=LATER)

    assert status_of(held.appointment_id) is AppointmentStatus.BOOKED
    assert booking.expire_due(now=LATER) == 0


def test_a_wrong_amount_books_nothing(day, held):
    payment_id = clinic_day.begin_payment(day, [held.charge_id])

    with pytest.raises(AmountDiffers):
        arrives(payment_id, fen=FEN - 1)

    assert (status_of(held.appointment_id), charge_of(held.appointment_id).status) == (AppointmentStatus.HELD, ChargeStatus.UNPAID)


def test_two_payments_of_one_charge_pay_it_once(day, held):
    first = clinic_day.begin_payment(day, [held.charge_id])
    second = clinic_day.begin_payment(day, [held.charge_id], now=NOW + MINUTE)
    assert first != second

    arrives(first, reference="T1")
    arrives(second, reference="T2")

    assert charge_of(held.appointment_id).status is ChargeStatus.PAID
    assert refunds(held.appointment_id) == [(FEN, RefundReason.SURPLUS)]


def test_the_same_payment_taken_twice_by_the_channel_is_returned_once(day, held):
    payment_id = clinic_day.begin_payment(day, [held.charge_id])

    arrives(payment_id, reference="T1")
    arrives(payment_id, reference="T2")
    arrives(payment_id, reference="T2")

    assert status_of(held.appointment_id) is AppointmentStatus.BOOKED
    assert refunds(held.appointment_id) == [(FEN, RefundReason.SURPLUS)]


def test_pressing_pay_twice_opens_one_payment(day, held):
    key = new_id()

    assert clinic_day.begin_payment(day, [held.charge_id], key=key) == clinic_day.begin_payment(day, [held.charge_id], key=key)


@pytest.mark.parametrize(
    ("_case", "refusal"),
    [("what is paid already", NothingToPay), ("nothing at all", NothingToPay), ("somebody else's charge", NotFound)],
)
def test_what_cannot_be_paid_opens_no_payment(day, held, _case, refusal):
    actor, charge_ids = day.account, [held.charge_id]
    if _case == "what is paid already":
        arrives(clinic_day.begin_payment(day, charge_ids))
    elif _case == "nothing at all":
        charge_ids = []
    else:
        actor = people.signed_in("12000000002")
    before = charge_of(held.appointment_id)

    with pytest.raises(refusal):
        paying.start(
            actor=actor,
            now=NOW,
            charge_ids=charge_ids,
            channel=clinic_day.PaymentChannel.WECHAT,
            idempotency_key=new_id(),
            return_url=clinic_day.RETURN_URL,
        )

    assert charge_of(held.appointment_id) == before


def test_cash_at_the_desk_confirms_at_once_and_gives_change(day, held):
    receipt = paying.take_cash(actor=day.room.clerk, now=NOW, charge_ids=[held.charge_id], tendered_fen=2000, idempotency_key=new_id())

    assert receipt.change_fen == 500
    assert status_of(held.appointment_id) is AppointmentStatus.BOOKED


@pytest.mark.parametrize(
    ("_case", "tendered_fen", "refusal"), [("too little", FEN - 1, TenderedTooLittle), ("by somebody who takes no money", FEN, NotAllowed)]
)
def test_cash_that_is_refused_changes_nothing(day, held, _case, tendered_fen, refusal):
    actor = day.room.clerk if refusal is TenderedTooLittle else institutions.staff_actor(StaffRole.NURSE, day.hospital_id)

    with pytest.raises(refusal):
        paying.take_cash(actor=actor, now=NOW, charge_ids=[held.charge_id], tendered_fen=tendered_fen, idempotency_key=new_id())

    assert status_of(held.appointment_id) is AppointmentStatus.HELD
    assert charge_of(held.appointment_id).status is ChargeStatus.UNPAID


@pytest.mark.parametrize("_case", ["the money of the phone arrives after the session", "the late patient pays cash at the desk"])
def test_somebody_marked_absent_can_still_pay_and_be_received(day, _case):
    booked = clinic_day.book(day, window_start=OPENS)
    payment_id = clinic_day.begin_payment(day, [booked.charge_id])
    evening = OPENS + timedelta(hours=5)
    assert scheduling.mark_noshows(now=evening) == [booked.appointment_id]

    if _case.startswith("the money"):
        arrives(payment_id, now=evening)
    else:
        paying.take_cash(actor=day.room.clerk, now=evening, charge_ids=[booked.charge_id], tendered_fen=FEN, idempotency_key=new_id())

    assert (charge_of(booked.appointment_id).status, refunds(booked.appointment_id)) == (ChargeStatus.PAID, [])
    clinic_day.checks_in(day, booked.appointment_id, now=evening)
    assert status_of(booked.appointment_id) is AppointmentStatus.ARRIVED


@pytest.fixture
def ordered(day, lists):
    """A visit in which a blood count and a drug were ordered."""
    checked_in = clinic_day.checks_in(day, clinic_day.paid_booking(day))
    encounter_id = clinic_day.enters(day, checked_in)
    clinic_day.diagnoses(day, encounter_id)
    return clinic_day.orders(day, encounter_id)


@pytest.mark.catalogue("C21", part="orders are one bill; paying it releases them without a window")
def test_a_bill_of_orders_is_paid_in_one_go_and_releases_all(day, ordered):
    (bill,) = paying.bills_of_person(actor=day.account, person_id=day.person_id, now=OPENS)
    assert bill.total_fen == LAB_FEN + 2 * DRUG_FEN

    arrives(clinic_day.begin_payment(day, [line.charge_id for line in bill.lines], now=OPENS), reference="B1", now=OPENS)

    assert [status_of_order(order_id) for order_id in ordered] == [OrderStatus.RELEASED] * 2
    assert paying.bills_of_person(actor=day.account, person_id=day.person_id, now=OPENS) == []


def test_an_order_taken_back_while_the_payer_is_at_the_cashier_is_refunded_alone(day, ordered):
    lab_id, drug_id = ordered
    (bill,) = paying.bills_of_person(actor=day.account, person_id=day.person_id, now=OPENS)
    payment_id = clinic_day.begin_payment(day, [line.charge_id for line in bill.lines], now=OPENS)
    consulting.revoke_order(actor=day.room.doctor, now=OPENS, order_id=drug_id, reason="改用别的药")

    arrives(payment_id, reference="B1", now=OPENS)

    assert (status_of_order(lab_id), status_of_order(drug_id)) == (OrderStatus.RELEASED, OrderStatus.REVOKED)
    assert charge_of(lab_id, kind=SERVICE_REQUEST).status is ChargeStatus.PAID
    (refund,) = bills.facts_refunds([charge_of(drug_id, kind=MEDICATION_REQUEST).charge_id])
    assert (refund.amount_fen, refund.reason) == (2 * DRUG_FEN, RefundReason.SURPLUS)


def test_money_for_an_order_that_was_taken_back_but_left_on_the_bill_goes_back(day, ordered):
    lab_id, _ = ordered
    payment_id = clinic_day.begin_payment(day, [charge_of(lab_id, kind=SERVICE_REQUEST).charge_id], now=OPENS)
    encounters.revoke_order(actor=day.room.doctor, now=OPENS, order_id=lab_id, reason="误开")

    for _ in range(2):
        arrives(payment_id, reference="B1", now=OPENS)

    charge = charge_of(lab_id, kind=SERVICE_REQUEST)
    (refund,) = bills.facts_refunds([charge.charge_id])
    assert (charge.status, refund.amount_fen, refund.reason) == (ChargeStatus.REFUNDED, LAB_FEN, RefundReason.NOT_DONE)


def test_cash_for_an_order_that_the_doctor_takes_back_waits_at_the_desk(day, ordered):
    lab_id, _ = ordered
    charge_id = charge_of(lab_id, kind=SERVICE_REQUEST).charge_id
    paying.take_cash(actor=day.room.clerk, now=OPENS, charge_ids=[charge_id], tendered_fen=LAB_FEN, idempotency_key=new_id())

    consulting.revoke_order(actor=day.room.doctor, now=OPENS, order_id=lab_id, reason="误开")

    (refund,) = bills.cash_refunds_to_collect(day.hospital_id)
    assert (refund.charge_id, refund.amount_fen) == (charge_id, LAB_FEN)


def test_the_bill_of_a_merged_record_is_the_survivors(day, ordered):
    survivor_id = people.merged_into_somebody(day.person_id, day.hospital_id)

    (bill,) = paying.bills_of_person(actor=day.account, person_id=survivor_id, now=OPENS)

    assert bill.total_fen == LAB_FEN + 2 * DRUG_FEN


def test_a_claimed_link_sees_no_bill(day, ordered):
    daughter = people.signed_in("12000000003")
    people.claim(daughter, relation=people.Relation.PARENT)

    assert paying.bills_of_person(actor=daughter, person_id=day.person_id, now=OPENS) == []
    with pytest.raises(NotFound):
        paying.bills_of_person(actor=people.signed_in("12000000004"), person_id=day.person_id, now=OPENS)

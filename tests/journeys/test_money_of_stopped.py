"""Money that arrives for a session that does not take place: it goes back, or waits for the choice."""

from datetime import timedelta

import pytest

from jiuyi.domains.billing import queries as bills
from jiuyi.domains.billing.words import RefundStatus
from jiuyi.domains.queueing import queries as queues
from jiuyi.domains.scheduling import actions as scheduling
from jiuyi.domains.scheduling import queries as schedule
from jiuyi.domains.scheduling.words import AppointmentStatus, CancelReason, ChangeChoice
from jiuyi.foundation.access import SYSTEM
from jiuyi.journeys import booking, paying, rescheduling
from jiuyi.kernel.ids import new_id
from tests.factories import clinic_day
from tests.factories.clinic_day import MINUTE, NOW, OPENS, TOMORROW
from tests.journeys.test_changing import chooses, status_of, stops

pytestmark = pytest.mark.django_db
S = AppointmentStatus


@pytest.mark.catalogue("C11", part="money that comes for a stopped session goes back, or waits for the choice")
@pytest.mark.parametrize("_case", ["stopped by the journey", "stopped by the department alone"])
def test_money_for_a_held_place_of_a_stopped_session_goes_back(day, _case):
    booked = clinic_day.book(day, online=True)
    payment_id = clinic_day.begin_payment(day, [booked.charge_id])
    if _case == "stopped by the journey":
        stops(day)
    else:
        scheduling.stop_session(actor=SYSTEM, now=NOW, session_id=day.tomorrow_id)
    clinic_day.arrives(payment_id)
    assert status_of(booked.appointment_id) is S.CANCELLED
    (refund,) = bills.facts_refunds([booked.charge_id])
    assert refund.amount_fen == clinic_day.charge_of(booked.appointment_id).amount_fen


def test_money_of_a_firm_place_waits_for_the_choice(day):
    booked = clinic_day.book(day)
    payment_id = clinic_day.begin_payment(day, [booked.charge_id])
    stops(day)
    clinic_day.arrives(payment_id)
    assert status_of(booked.appointment_id) is S.BOOKED
    assert bills.facts_refunds([booked.charge_id]) == []
    chooses(day, booked.appointment_id, ChangeChoice.REFUND)
    assert len(bills.facts_refunds([booked.charge_id])) == 1


def test_cash_of_somebody_on_the_telephone_waits_at_the_desk(day):
    booked = clinic_day.book(day)
    paying.take_cash(actor=day.room.clerk, now=NOW, charge_ids=[booked.charge_id], tendered_fen=100_000, idempotency_key=new_id())
    stops(day)
    assert chooses(day, booked.appointment_id, ChangeChoice.REFUND, actor=day.room.clerk).refunded_fen > 0
    (refund,) = bills.cash_refunds_to_collect(day.hospital_id)
    assert (refund.charge_id, refund.status) == (booked.charge_id, RefundStatus.REQUESTED)


def test_giving_up_what_was_stopped_is_no_late_cancellation(day):
    booked = clinic_day.book(day)
    now = TOMORROW - 5 * MINUTE
    stops(day, now=now)
    outcome = booking.cancel(actor=day.account, now=now, appointment_id=booked.appointment_id, reason=CancelReason.PLAN_CHANGED)
    assert not outcome.late
    assert schedule.facts_appointment(booked.appointment_id).cancel_reason is CancelReason.SESSION_STOPPED


def test_moving_what_was_stopped_is_no_late_move(day):
    booked = clinic_day.book(day)
    later = clinic_day.publish(day.room, TOMORROW + timedelta(hours=3))
    now = TOMORROW - 5 * MINUTE
    stops(day, now=now)
    wanted = {"actor": day.account, "now": now, "appointment_id": booked.appointment_id, "session_id": later}
    start = TOMORROW + timedelta(hours=3)
    assert not rescheduling.preview(**wanted, window_start=start).late
    moved = rescheduling.reschedule(**wanted, window_start=start, idempotency_key=new_id())
    assert not moved.late
    assert schedule.facts_appointment(booked.appointment_id).session_id == later


def test_who_waits_in_line_for_what_was_stopped_may_give_it_up_too(day):
    appointment_id = clinic_day.paid_booking(day)
    clinic_day.checks_in(day, appointment_id)
    stops(day, day.today_id, now=OPENS)
    outcome = booking.cancel(actor=day.account, now=OPENS, appointment_id=appointment_id, reason=CancelReason.PLAN_CHANGED)
    assert outcome.refunded_fen > 0
    assert queues.facts_ticket_of_appointment(appointment_id) is None

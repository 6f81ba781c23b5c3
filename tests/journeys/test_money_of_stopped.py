"""Money that arrives for a session that does not take place: it goes back, or waits for the choice."""

import pytest

from jiuyi.domains.billing import queries as bills
from jiuyi.domains.scheduling import actions as scheduling
from jiuyi.domains.scheduling.words import AppointmentStatus, ChangeChoice
from jiuyi.foundation.access import SYSTEM
from tests.factories import clinic_day
from tests.factories.clinic_day import NOW
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

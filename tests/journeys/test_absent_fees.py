"""The fee of somebody who did not come: no receivable, and owed again once they come late after all."""

from datetime import timedelta

import pytest

from jiuyi.domains.billing import queries as bills
from jiuyi.domains.billing.words import ChargeStatus
from jiuyi.domains.scheduling import actions as scheduling
from jiuyi.foundation import journal
from jiuyi.foundation.models import JournalEntry
from jiuyi.journeys import absent_fees, booking, paying
from jiuyi.journeys.words import FeeUnpaid, NotToday
from jiuyi.kernel.ids import new_id
from tests.factories import clinic_day
from tests.factories.clinic_day import OPENS

pytestmark = pytest.mark.django_db


def absent(day):
    booked = clinic_day.book(day, window_start=OPENS)
    now = OPENS + timedelta(hours=2)
    assert scheduling.mark_noshows(now=now) == [booked.appointment_id]
    (row,) = [journal.row_of(each) for each in JournalEntry.objects.filter(name="scheduling.PatientAbsent")]
    return booked, row, now


def test_the_unpaid_fee_of_an_absence_is_no_receivable(day):
    booked, row, _ = absent(day)
    for _ in range(2):
        absent_fees.forgo(row)
    assert clinic_day.charge_of(booked.appointment_id).status is ChargeStatus.CANCELLED


def test_a_paid_fee_of_an_absence_stays(day):
    appointment_id = clinic_day.paid_booking(day)
    scheduling.mark_noshows(now=OPENS + timedelta(hours=2))
    (row,) = [journal.row_of(each) for each in JournalEntry.objects.filter(name="scheduling.PatientAbsent")]
    absent_fees.forgo(row)
    assert clinic_day.charge_of(appointment_id).status is ChargeStatus.PAID


def test_whoever_comes_late_after_all_owes_the_fee_again_once(day):
    booked, row, now = absent(day)
    absent_fees.forgo(row)
    for _ in range(2):
        with pytest.raises(FeeUnpaid):
            clinic_day.checks_in(day, booked.appointment_id, now=now)
    charges = bills.facts_charges(source_kind=booking.APPOINTMENT, source_ids=[booked.appointment_id])
    assert [each.status for each in charges] == [ChargeStatus.CANCELLED, ChargeStatus.UNPAID]
    paying.take_cash(actor=day.room.clerk, now=now, charge_ids=[charges[1].charge_id], tendered_fen=100_000, idempotency_key=new_id())
    assert clinic_day.checks_in(day, booked.appointment_id, now=now).late


def test_a_voucher_of_yesterday_makes_nobody_owe(day):
    booked, row, now = absent(day)
    absent_fees.forgo(row)
    with pytest.raises(NotToday):
        clinic_day.checks_in(day, booked.appointment_id, now=now + timedelta(days=1))
    assert clinic_day.charge_of(booked.appointment_id).status is ChargeStatus.CANCELLED

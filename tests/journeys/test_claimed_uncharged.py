"""A place that the gate gave and nobody has charged yet: nobody is seen free of charge because a listener was slow."""

from datetime import timedelta

import pytest

from jiuyi.domains.billing import queries as bills
from jiuyi.domains.billing.words import ChargeStatus
from jiuyi.domains.scheduling import actions as scheduling
from jiuyi.domains.scheduling.words import AppointmentStatus, BookingChannel, CancelReason
from jiuyi.foundation import journal
from jiuyi.foundation.models import JournalEntry
from jiuyi.journeys import absent_fees, booking, release_telling, worklist
from jiuyi.journeys.words import FeeUnpaid
from jiuyi.journeys.worklist_rules import StepKind
from jiuyi.kernel.ids import new_id
from tests.factories import clinic_day
from tests.factories.clinic_day import NOW, OPENS, charge_of, status_of

pytestmark = pytest.mark.django_db
FEE_FEN = 1500


def claimed(day, *, fee_fen=FEE_FEN):
    """What the gate does: the place alone."""
    return scheduling.claim_place(
        actor=day.account,
        now=NOW,
        person_id=day.person_id,
        session_id=day.today_id,
        window_start=OPENS,
        channel=BookingChannel.WEB,
        account_id=day.account.id,
        fee_fen=fee_fen,
        fee_rule=None,
        held_until=None,
        pay_at_arrival=True,
        idempotency_key=new_id(),
    ).appointment_id


def rows_of(name, day):
    return [journal.row_of(each) for each in JournalEntry.objects.filter(name=name, person_id=day.person_id)]


def test_nobody_checks_in_free_because_the_charge_is_late(day):
    appointment_id = claimed(day)
    for _ in range(2):
        with pytest.raises(FeeUnpaid):
            clinic_day.checks_in(day, appointment_id)
    assert status_of(appointment_id) is AppointmentStatus.BOOKED
    assert (charge_of(appointment_id).status, charge_of(appointment_id).amount_fen) == (ChargeStatus.UNPAID, FEE_FEN)
    release_telling.claimed(*rows_of("scheduling.PlaceClaimed", day))
    assert charge_of(appointment_id).status is ChargeStatus.UNPAID


def test_without_a_fee_the_check_in_asks_for_none(day):
    appointment_id = claimed(day, fee_fen=0)
    assert clinic_day.checks_in(day, appointment_id).label
    assert bills.facts_charges(source_kind=booking.APPOINTMENT, source_ids=[appointment_id]) == []


def test_cancelled_before_it_was_charged_is_never_charged(day):
    appointment_id = claimed(day)
    booking.cancel(actor=day.account, now=NOW, appointment_id=appointment_id, reason=CancelReason.PLAN_CHANGED)
    release_telling.claimed(*rows_of("scheduling.PlaceClaimed", day))
    assert bills.facts_charges(source_kind=booking.APPOINTMENT, source_ids=[appointment_id]) == []


def test_absent_before_it_was_charged_and_late_after_all_pays(day):
    appointment_id = claimed(day)
    now = OPENS + timedelta(hours=2)
    assert scheduling.mark_noshows(now=now) == [appointment_id]
    release_telling.claimed(*rows_of("scheduling.PlaceClaimed", day))
    absent_fees.forgo(*rows_of("scheduling.PatientAbsent", day))
    with pytest.raises(FeeUnpaid):
        clinic_day.checks_in(day, appointment_id, now=now)
    assert charge_of(appointment_id).status is ChargeStatus.UNPAID


def test_the_next_step_says_that_the_fee_is_still_to_be_paid(day):
    claimed(day)
    kinds = [step.kind for step in worklist.steps_of(actor=day.account, person_id=day.person_id, now=OPENS)]
    assert StepKind.PAY_AT_DESK in kinds
    assert StepKind.CHECK_IN not in kinds

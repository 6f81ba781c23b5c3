"""改约: place and money move together; the same number, the same voucher, and a ledger that sums to zero."""

from datetime import timedelta

import pytest

from jiuyi.domains.billing import queries as bills
from jiuyi.domains.billing.words import ChargeStatus, RefundReason
from jiuyi.domains.scheduling import models, queries
from jiuyi.domains.scheduling.words import NumberClass, PlaceGone
from jiuyi.domains.scheduling.words.moving import MoveTooLate
from jiuyi.foundation.access import Actor, ActorKind
from jiuyi.journeys import rescheduling
from jiuyi.journeys.booking import APPOINTMENT
from jiuyi.kernel.ids import new_id
from jiuyi.kernel.refusals import NotAllowed, NotFound
from tests.factories import clinic_day
from tests.factories.clinic_day import OPENS, TOMORROW
from tests.factories.rooms import NOW

pytestmark = pytest.mark.django_db
QUARTER = timedelta(minutes=15)


@pytest.fixture
def day(db):
    return clinic_day.clinic_day()


@pytest.fixture
def chief_id(day):
    return clinic_day.publish(day.room, TOMORROW + timedelta(hours=5), number_class=NumberClass.CHIEF)


CHIEF = TOMORROW + timedelta(hours=5)


@pytest.fixture(autouse=True)
def _books_agree_in_the_end(db):
    yield
    assert queries.count_place_difference() == 0
    assert bills.count_ledger_difference() == 0
    assert sum(bills.ledger_balance().values()) == 0


def reschedule(day, appointment_id, session_id, window_start, *, actor=None, now=NOW, key=None):
    return rescheduling.reschedule(
        actor=actor or day.account,
        now=now,
        appointment_id=appointment_id,
        session_id=session_id,
        window_start=window_start,
        idempotency_key=key or new_id(),
    )


def charges(appointment_id):
    return [(each.status, each.amount_fen) for each in bills.facts_charges(source_kind=APPOINTMENT, source_ids=[appointment_id])]


@pytest.mark.catalogue("C4", part="rescheduling keeps the booking, takes the new place first and gives the old one back")
@pytest.mark.parametrize("paid", [True, False])
def test_the_same_fee_stays_paid_or_owed(day, paid):
    booked = clinic_day.paid_booking(day) if paid else clinic_day.book(day, window_start=OPENS).appointment_id
    before, voucher = charges(booked), queries.facts_appointment(booked).voucher
    done = reschedule(day, booked, day.tomorrow_id, TOMORROW)
    after = queries.facts_appointment(booked)
    assert charges(booked) == before
    assert (after.window_start, after.voucher) == (TOMORROW, voucher)
    assert (done.refunded_fen, done.owed_fen, done.late) == (0, 0 if paid else before[0][1], False)
    assert next(window.free for window in queries.session_windows(day.today_id, NOW)) == 1


def test_another_class_gives_the_paid_fee_back_and_owes_the_new_one(day, chief_id):
    booked = clinic_day.paid_booking(day)
    old = queries.facts_appointment(booked).fee_fen
    shown = rescheduling.preview(actor=day.account, now=NOW, appointment_id=booked, session_id=chief_id, window_start=CHIEF)
    done = reschedule(day, booked, chief_id, CHIEF)
    new = queries.facts_appointment(booked).fee_fen
    assert new > old
    assert charges(booked) == [(ChargeStatus.REFUNDED, old), (ChargeStatus.UNPAID, new)]
    assert (done.refunded_fen, done.owed_fen) == (old, new) == (shown.refund_fen, shown.pay_fen)
    (refund,) = bills.facts_refunds([bills.facts_charges(source_kind=APPOINTMENT, source_ids=[booked])[0].charge_id])
    assert (refund.reason, refund.amount_fen) == (RefundReason.MOVED, old)


def test_an_unpaid_fee_is_replaced_and_coming_back_replaces_it_again(day, chief_id):
    booked = clinic_day.book(day, window_start=OPENS).appointment_id
    old = queries.facts_appointment(booked).fee_fen
    there = reschedule(day, booked, chief_id, CHIEF)
    back = reschedule(day, booked, day.tomorrow_id, TOMORROW)
    assert there.refunded_fen == back.refunded_fen == 0
    assert back.owed_fen == old
    assert [status for status, _ in charges(booked)] == [ChargeStatus.CANCELLED, ChargeStatus.CANCELLED, ChargeStatus.UNPAID]
    payment = clinic_day.begin_payment(day, [bills.facts_charges(source_kind=APPOINTMENT, source_ids=[booked])[-1].charge_id])
    clinic_day.arrives(payment)
    assert charges(booked)[-1] == (ChargeStatus.PAID, old)


def test_the_same_request_again_gives_the_same_answer(day, chief_id):
    booked, key = clinic_day.paid_booking(day), new_id()
    first = reschedule(day, booked, chief_id, CHIEF, key=key)
    assert reschedule(day, booked, chief_id, CHIEF, key=key) == first
    assert models.AppointmentMove.objects.count() == 1


def test_a_refused_move_changes_neither_place_nor_money(day, chief_id):
    booked = clinic_day.paid_booking(day)
    clinic_day.book(day, person_id=day.mother_id, session_id=chief_id, window_start=CHIEF)
    before = (queries.facts_appointment(booked), charges(booked))
    stranger = Actor(ActorKind.PATIENT, new_id(), request_id=new_id())
    for refusal, actor, window, now in (
        (PlaceGone, None, CHIEF, NOW),
        (NotFound, stranger, CHIEF + QUARTER, NOW),
        (NotAllowed, Actor(ActorKind.STAFF, new_id(), request_id=new_id()), CHIEF + QUARTER, NOW),
        (MoveTooLate, None, CHIEF + QUARTER, OPENS + QUARTER),
    ):
        with pytest.raises((refusal, NotFound) if refusal is NotAllowed else refusal):
            reschedule(day, booked, chief_id, window, actor=actor, now=now)
        assert (queries.facts_appointment(booked), charges(booked)) == before


def test_after_the_deadline_the_change_counts_as_late_and_costs_nothing(day):
    booked = clinic_day.paid_booking(day)
    now = OPENS - timedelta(minutes=20)
    shown = rescheduling.preview(actor=day.account, now=now, appointment_id=booked, session_id=day.tomorrow_id, window_start=TOMORROW)
    done = reschedule(day, booked, day.tomorrow_id, TOMORROW, now=now)
    assert shown.late
    assert done.late
    assert done.refunded_fen == 0


def test_the_clerk_moves_it_for_the_patient(day):
    booked = clinic_day.paid_booking(day)
    done = reschedule(day, booked, day.tomorrow_id, TOMORROW, actor=day.room.clerk)
    assert done.appointment_id == booked
    assert models.AppointmentMove.objects.get().by == "staff"

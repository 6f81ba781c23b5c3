"""Booking: the price with its rule first, then the place and its charge together or not at all."""

from datetime import timedelta

import pytest

from jiuyi.domains.billing import queries as bills
from jiuyi.domains.billing.words import ChargeStatus, RefundReason
from jiuyi.domains.encounters import queries as visits
from jiuyi.domains.encounters.words import EncounterStatus
from jiuyi.domains.identity.words import Relation
from jiuyi.domains.organizations.words import StaffRole
from jiuyi.domains.queueing import queries as queues
from jiuyi.domains.queueing.words import TicketMoved, TicketStatus
from jiuyi.domains.scheduling import queries as schedule
from jiuyi.domains.scheduling.words import (
    AlreadyBookedThatDay,
    AppointmentStatus,
    CancelReason,
    CancelTooLate,
    NumberClass,
    PlaceGone,
    WrongStatus,
)
from jiuyi.foundation import rulebook
from jiuyi.foundation.access import SYSTEM, Actor, ActorKind
from jiuyi.journeys import booking
from jiuyi.kernel.ids import new_id
from jiuyi.kernel.refusals import NotAllowed, NotFound
from tests.factories import clinic_day, institutions, people
from tests.factories.clinic_day import MINUTE, NOW, OPENS, TOMORROW, charge_of, status_of

pytestmark = pytest.mark.django_db
FEN = 1500


def free_places(session_id, now=NOW):
    return sum(window.free for window in schedule.session_windows(session_id, now))


def test_the_price_comes_with_the_rule_that_decides_it(day):
    quote = booking.quote(session_id=day.tomorrow_id, window_start=TOMORROW, now=NOW)

    assert (quote.fee_fen, quote.rule.rule_id, quote.rule.version) == (FEN, "F3-5", 0)
    assert quote.rule_source
    assert quote.cancel_until == TOMORROW - timedelta(minutes=30)
    assert quote.pay_minutes == 15


@pytest.mark.parametrize(
    ("_case", "number_class", "fen", "until"),
    [
        ("an ordinary number", NumberClass.ORDINARY, 1500, timedelta(minutes=30)),
        ("an expert costs more and must be given back earlier", NumberClass.CHIEF, 3500, timedelta(hours=12)),
    ],
)
def test_the_class_of_number_decides_fee_and_deadline(day, _case, number_class, fen, until):
    starts_at = TOMORROW + timedelta(days=1)
    session_id = clinic_day.publish(day.room, starts_at, number_class=number_class)

    quote = booking.quote(session_id=session_id, window_start=starts_at, now=NOW)

    assert (quote.fee_fen, quote.cancel_until) == (fen, starts_at - until)


@pytest.mark.catalogue("C2", part="a place comes with its price; paying at the hospital books it, paying online holds it")
@pytest.mark.parametrize(
    ("_case", "online", "status", "pay_by"),
    [
        ("paying at the hospital is firm at once", False, AppointmentStatus.BOOKED, None),
        ("paying online holds the place for a quarter of an hour", True, AppointmentStatus.HELD, NOW + 15 * MINUTE),
    ],
)
def test_a_place_and_its_charge_come_together(day, _case, online, status, pay_by):
    booked = clinic_day.book(day, online=online)

    assert (status_of(booked.appointment_id), booked.held, booked.pay_by) == (status, online, pay_by)
    charge = charge_of(booked.appointment_id)
    assert (charge.charge_id, charge.amount_fen, charge.status) == (booked.charge_id, FEN, ChargeStatus.UNPAID)
    assert free_places(day.tomorrow_id) == 3


def test_the_same_key_gives_the_same_booking_and_one_charge(day):
    key = new_id()

    first, second = (clinic_day.book(day, online=True, key=key) for _ in range(2))

    assert first == second
    assert free_places(day.tomorrow_id) == 3
    assert len(bills.unpaid_charges(day.person_id)) == 1


def test_a_booking_asked_for_again_keeps_the_fee_that_was_agreed(day):
    key = new_id()
    for fen, since in ((0, NOW), (FEN, NOW + MINUTE)):
        rulebook.change_rule(
            actor=SYSTEM, now=NOW - MINUTE, rule_id="F3-5", scope_id=day.hospital_id, values={"ordinary_fen": fen}, valid_from=since,
            reason="义诊", source="院内通知",
        )  # fmt: skip

    first, second = clinic_day.book(day, key=key), clinic_day.book(day, key=key, now=NOW + MINUTE)

    assert (first, first.charge_id) == (second, None)
    assert bills.unpaid_charges(day.person_id) == []


def test_a_lost_race_names_the_nearest_places_and_charges_nothing(day):
    clinic_day.book(day)

    with pytest.raises(PlaceGone) as refused:
        clinic_day.book(day, person_id=day.mother_id)

    assert [window.start for window in refused.value.data["nearest"]][:1] == [TOMORROW + 15 * MINUTE]
    assert bills.unpaid_charges(day.mother_id) == []
    assert free_places(day.tomorrow_id) == 3


@pytest.mark.catalogue("C5", part="one person cannot hold two bookings for the same department on one day")
def test_one_person_books_a_department_once_a_day(day):
    clinic_day.book(day)

    with pytest.raises(AlreadyBookedThatDay):
        clinic_day.book(day, window_start=TOMORROW + 15 * MINUTE)

    assert len(bills.unpaid_charges(day.person_id)) == 1
    assert free_places(day.tomorrow_id) == 3


@pytest.mark.catalogue("C5", part="nobody books for a person the account is not linked to")
@pytest.mark.parametrize("_case", ["a stranger's account", "an account that ended the link", "staff without the permission"])
def test_who_may_not_book_changes_nothing(day, _case):
    if _case == "a stranger's account":
        actor, refusal = people.signed_in("12000000002"), NotFound
    elif _case == "staff without the permission":
        actor, refusal = institutions.staff_actor(StaffRole.PHARMACIST, day.hospital_id), NotAllowed
    else:
        from jiuyi.domains.identity import actions as identity

        identity.end_link(actor=day.account, now=NOW, person_id=day.person_id)
        actor, refusal = day.account, NotFound

    with pytest.raises(refusal):
        clinic_day.book(day, actor=actor)

    assert free_places(day.tomorrow_id) == 4
    assert bills.unpaid_charges(day.person_id) == []


def test_the_desk_books_for_somebody_without_a_phone(day):
    booked = clinic_day.book(day, actor=day.room.clerk)

    facts = schedule.facts_appointment(booked.appointment_id)
    assert (facts.account_id, facts.status) == (None, AppointmentStatus.BOOKED)


@pytest.mark.catalogue("C4", part="cancelling frees the place and refunds, early and late alike")
@pytest.mark.parametrize(
    ("_case", "when", "late"),
    [
        ("long before", NOW + MINUTE, False),
        ("the last moment in time", TOMORROW - 30 * MINUTE, False),
        ("a minute late counts as late and costs nothing", TOMORROW - 29 * MINUTE, True),
        ("within the window", TOMORROW + 14 * MINUTE, True),
    ],
)
def test_cancelling_gives_place_and_money_back(day, _case, when, late):
    appointment_id = clinic_day.paid_booking(day, window_start=TOMORROW)

    done = booking.cancel(actor=day.account, now=when, appointment_id=appointment_id, reason=CancelReason.PLAN_CHANGED)

    assert (done.refunded_fen, done.late) == (FEN, late)
    assert status_of(appointment_id) is AppointmentStatus.CANCELLED
    charge = charge_of(appointment_id)
    (refund,) = bills.facts_refunds([charge.charge_id])
    assert (charge.status, refund.amount_fen, refund.reason) == (ChargeStatus.REFUNDED, FEN, RefundReason.APPOINTMENT_CANCELLED)


def test_cancelling_what_was_not_paid_takes_the_charge_off(day):
    booked = clinic_day.book(day)

    done = booking.cancel(actor=day.account, now=NOW, appointment_id=booked.appointment_id, reason=CancelReason.OTHER)

    assert (done.refunded_fen, charge_of(booked.appointment_id).status) == (0, ChargeStatus.CANCELLED)
    assert free_places(day.tomorrow_id) == 4


@pytest.mark.parametrize(
    ("_case", "act"),
    [("after the window", "late"), ("after arriving", "arrived"), ("by another account", "stranger"), ("twice", "twice")],
)
def test_what_cannot_be_cancelled_stays_as_it_is(day, _case, act):
    appointment_id = clinic_day.paid_booking(day)
    actor, when, refusal = day.account, OPENS, WrongStatus
    if act == "late":
        when, refusal = OPENS + 15 * MINUTE, CancelTooLate
    elif act == "arrived":
        clinic_day.checks_in(day, appointment_id)
    elif act == "stranger":
        actor, refusal = people.signed_in("12000000002"), NotFound
    else:
        booking.cancel(actor=actor, now=NOW, appointment_id=appointment_id, reason=CancelReason.OTHER)
    before = (status_of(appointment_id), charge_of(appointment_id), bills.facts_refunds([charge_of(appointment_id).charge_id]))

    with pytest.raises(refusal):
        booking.cancel(actor=actor, now=when, appointment_id=appointment_id, reason=CancelReason.OTHER)

    after = (status_of(appointment_id), charge_of(appointment_id), bills.facts_refunds([charge_of(appointment_id).charge_id]))
    assert after == before


def test_giving_up_after_arrival_takes_the_person_out_of_the_line(day):
    appointment_id = clinic_day.paid_booking(day)
    gone = clinic_day.checks_in(day, appointment_id)

    done = booking.cancel(actor=day.room.clerk, now=OPENS, appointment_id=appointment_id, reason=CancelReason.WRONG_DEPARTMENT)

    assert (done.refunded_fen, done.late) == (FEN, False)
    assert queues.facts_ticket(gone.ticket_id).status is TicketStatus.LEFT
    assert visits.facts_encounter(gone.encounter_id).status is EncounterStatus.CANCELLED
    again = clinic_day.checks_in(day, clinic_day.paid_booking(day))
    assert again.ticket_id != gone.ticket_id
    assert clinic_day.enters(day, again) == again.encounter_id != gone.encounter_id


def test_nothing_is_given_up_once_the_visit_has_begun(day):
    appointment_id = clinic_day.paid_booking(day)
    clinic_day.enters(day, clinic_day.checks_in(day, appointment_id))

    with pytest.raises(TicketMoved):
        booking.cancel(actor=day.room.clerk, now=OPENS, appointment_id=appointment_id, reason=CancelReason.WRONG_DEPARTMENT)

    assert (status_of(appointment_id), charge_of(appointment_id).status) == (AppointmentStatus.ARRIVED, ChargeStatus.PAID)


@pytest.mark.parametrize("role", [StaffRole.NURSE, StaffRole.SECRETARY])
def test_who_may_only_look_at_bookings_cannot_give_them_up(day, role):
    appointment_id = clinic_day.paid_booking(day)

    with pytest.raises(NotAllowed):
        booking.cancel(
            actor=institutions.staff_actor(role, day.hospital_id), now=NOW, appointment_id=appointment_id, reason=CancelReason.OTHER
        )

    assert (status_of(appointment_id), charge_of(appointment_id).status) == (AppointmentStatus.BOOKED, ChargeStatus.PAID)


def test_a_claimed_link_gives_back_only_what_the_account_booked(day):
    """Another account that typed the same person may not touch a booking that it did not make."""
    daughter = people.signed_in("12000000003")
    people.claim(daughter, relation=Relation.PARENT)
    booked = clinic_day.book(day)

    with pytest.raises(NotFound):
        booking.cancel(actor=daughter, now=NOW, appointment_id=booked.appointment_id, reason=CancelReason.OTHER)

    assert status_of(booked.appointment_id) is AppointmentStatus.BOOKED


@pytest.mark.parametrize(
    ("_case", "when", "expired"),
    [("one moment before", NOW + 15 * MINUTE - timedelta(seconds=1), 0), ("when the time is up", NOW + 15 * MINUTE, 1)],
)
def test_an_unpaid_place_goes_back_when_its_time_is_up(day, _case, when, expired):
    booked = clinic_day.book(day, online=True)

    assert booking.expire_due(now=when) == expired
    assert booking.expire_due(now=when) == 0

    assert status_of(booked.appointment_id) is (AppointmentStatus.EXPIRED if expired else AppointmentStatus.HELD)
    assert charge_of(booked.appointment_id).status is (ChargeStatus.CANCELLED if expired else ChargeStatus.UNPAID)
    assert free_places(day.tomorrow_id, when) == 3 + expired


def test_paid_and_firm_places_never_expire(day):
    paid = clinic_day.paid_booking(day, window_start=TOMORROW)
    firm = clinic_day.book(day, person_id=day.mother_id, window_start=TOMORROW + 15 * MINUTE)

    assert booking.expire_due(now=NOW + timedelta(hours=2)) == 0
    assert (status_of(paid), status_of(firm.appointment_id)) == (AppointmentStatus.BOOKED, AppointmentStatus.BOOKED)


def test_an_actor_without_any_account_is_nobody(day):
    with pytest.raises(NotFound):
        clinic_day.book(day, actor=Actor(ActorKind.PATIENT, new_id(), request_id=new_id()))


def test_one_hold_that_cannot_be_given_back_leaves_the_others_alone(day, monkeypatch):
    stuck = clinic_day.book(day, online=True)
    other = clinic_day.book(day, person_id=day.mother_id, window_start=TOMORROW + 15 * MINUTE, online=True, now=NOW + MINUTE)
    settle = booking.settle_charge_of_lost_place

    def stumble(*, appointment_id, **request):
        if appointment_id == stuck.appointment_id:
            raise ZeroDivisionError
        return settle(appointment_id=appointment_id, **request)

    monkeypatch.setattr(booking, "settle_charge_of_lost_place", stumble)
    assert booking.expire_due(now=NOW + 30 * MINUTE) == 1
    assert [status_of(each.appointment_id) for each in (stuck, other)] == [AppointmentStatus.HELD, AppointmentStatus.EXPIRED]
    monkeypatch.undo()
    assert booking.expire_due(now=NOW + 30 * MINUTE) == 1

"""The waiting list as a journey: who is served, what it costs, who is told, and what the answer does."""

from datetime import timedelta

import pytest

from jiuyi.domains.billing.words import ChargeStatus
from jiuyi.domains.identity.words import Relation
from jiuyi.domains.organizations.words import StaffRole
from jiuyi.domains.scheduling import queries as schedule
from jiuyi.domains.scheduling.queries import waiting as entries
from jiuyi.domains.scheduling.words import (
    AlreadyWaiting,
    AppointmentStatus,
    CancelReason,
    HalfDay,
    NotWaiting,
    OfferOver,
    OfferState,
    Reach,
    WaitingState,
)
from jiuyi.foundation import journal, notices
from jiuyi.foundation.notices import Channel
from jiuyi.journeys import booking, waiting
from jiuyi.journeys.listeners import LISTENERS
from jiuyi.journeys.waiting import Wish
from jiuyi.journeys.words import BookAtTheDesk
from jiuyi.kernel.clock import service_date
from jiuyi.kernel.refusals import NotAllowed, NotFound
from tests.factories import clinic_day, institutions, people, rooms
from tests.factories.clinic_day import MINUTE, NOW, TOMORROW, charge_of, status_of

pytestmark = pytest.mark.django_db
FEN = 1500
QUARTER = timedelta(minutes=15)


def wish(day, **changes) -> Wish:
    facts = {
        "department_id": day.room.department_id,
        "first_day": service_date(TOMORROW),
        "last_day": service_date(TOMORROW),
        "half_days": (HalfDay.MORNING,),
        "travel_minutes": 30,
    }
    return Wish(**(facts | changes))


def others(count: int, *, first: int = 0):
    """Accounts of strangers, each with one person."""
    found = []
    for number in range(first, first + count):
        account = people.signed_in(f"1200100{number:04d}", device=f"device-{number}")
        id_number = people.id_number(people.date(1970, 3, 4), serial=50 + 2 * number)
        found.append((account, people.claim(account, name=f"王{'甲乙丙丁戊'[number]}", number=id_number)))
    return found


@pytest.fixture
def full(day):
    """Tomorrow is booked out by strangers; their bookings in order of time."""
    booked = []
    for number, (account, person_id) in enumerate(others(4)):
        booked.append((account, clinic_day.book(day, actor=account, person_id=person_id, window_start=TOMORROW + number * QUARTER)))
    return booked


def gives_up(owner, *, now=NOW):
    account, booked = owner
    booking.cancel(actor=account, now=now, appointment_id=booked.appointment_id, reason=CancelReason.PLAN_CHANGED)


def hear(person_id):
    """What the worker does after the commits."""
    functions = {listener.event_name: listener.function for listener in LISTENERS}
    for row in journal.entries_of_person(person_id):
        if row.name in functions:
            functions[row.name](row)


def outbox(template):
    return [row for row in notices.outbox(limit=100) if row.template == template]


def offer_of(entry_id):
    return entries.facts_offer(entries.facts_entry(entry_id).offer_id)


@pytest.mark.catalogue("C4", part="a place that is given up is offered to the waiting list first, with a time limit")
def test_a_given_up_place_is_offered_to_whoever_waits_longest(day, full):
    stranger, someone = others(1, first=4)[0]
    (first,) = waiting.join(actor=day.account, now=NOW, person_ids=[day.person_id], wish=wish(day))
    (second,) = waiting.join(actor=stranger, now=NOW + MINUTE, person_ids=[someone], wish=wish(day))
    assert waiting.serve(now=NOW + 2 * MINUTE) == 0

    gives_up(full[1], now=NOW + 2 * MINUTE)
    assert waiting.serve(now=NOW + 2 * MINUTE) == 1
    assert waiting.serve(now=NOW + 2 * MINUTE) == 0

    offer = offer_of(first)
    appointment = schedule.facts_appointment(offer.appointment_id)
    assert (appointment.status, appointment.window_start, appointment.account_id) == (
        AppointmentStatus.HELD,
        TOMORROW + QUARTER,
        day.account.id,
    )
    assert offer.expires_at == NOW + 32 * MINUTE
    assert (charge_of(appointment.appointment_id).amount_fen, charge_of(appointment.appointment_id).status) == (FEN, ChargeStatus.UNPAID)
    assert entries.facts_entry(second).state is WaitingState.WAITING

    gives_up(full[0], now=NOW + 3 * MINUTE)
    assert waiting.serve(now=NOW + 3 * MINUTE) == 1
    assert entries.facts_entry(second).state is WaitingState.OFFERED


def test_the_message_says_until_when_and_for_how_much(day, full):
    waiting.join(actor=day.account, now=NOW, person_ids=[day.person_id], wish=wish(day))
    gives_up(full[0])
    waiting.serve(now=NOW)
    hear(day.person_id)
    hear(day.person_id)  # heard twice is told once
    (told,) = outbox("offered")
    assert told.channel is Channel.SMS
    assert "15.00 元" in told.text
    assert "09:30 前" in told.text
    assert "候补" in told.text


def test_paying_at_the_hospital_is_one_answer(day, full):
    (entry_id,) = waiting.join(actor=day.account, now=NOW, person_ids=[day.person_id], wish=wish(day))
    gives_up(full[0])
    waiting.serve(now=NOW)
    offer = offer_of(entry_id)
    for _ in range(2):
        assert waiting.accept(actor=day.account, now=NOW + MINUTE, offer_id=offer.offer_id) == offer.appointment_id
    assert status_of(offer.appointment_id) is AppointmentStatus.BOOKED
    assert entries.facts_entry(entry_id).state is WaitingState.BOOKED
    assert charge_of(offer.appointment_id).status is ChargeStatus.UNPAID
    with pytest.raises(OfferOver):
        waiting.decline(actor=day.account, now=NOW + MINUTE, offer_id=offer.offer_id)


def test_paying_online_is_the_other(day, full):
    (entry_id,) = waiting.join(actor=day.account, now=NOW, person_ids=[day.person_id], wish=wish(day))
    gives_up(full[0])
    waiting.serve(now=NOW)
    shown = waiting.accept_and_pay(actor=day.account, now=NOW + 25 * MINUTE, offer_id=entries.facts_entry(entry_id).offer_id)
    assert shown.facts.expires_at == NOW + 40 * MINUTE
    payment_id = clinic_day.begin_payment(day, [shown.charge_id], now=NOW + 25 * MINUTE)
    booking.expire_due(now=NOW + 35 * MINUTE)
    clinic_day.arrives(payment_id, now=NOW + 38 * MINUTE)
    assert status_of(shown.appointment.appointment_id) is AppointmentStatus.BOOKED
    assert entries.facts_entry(entry_id).state is WaitingState.BOOKED
    assert entries.facts_offer(shown.facts.offer_id).state is OfferState.ACCEPTED


def test_a_declined_place_goes_to_the_next_and_costs_nothing(day, full):
    stranger, someone = others(1, first=4)[0]
    (first,) = waiting.join(actor=day.account, now=NOW, person_ids=[day.person_id], wish=wish(day))
    (second,) = waiting.join(actor=stranger, now=NOW + MINUTE, person_ids=[someone], wish=wish(day))
    gives_up(full[0], now=NOW + MINUTE)
    waiting.serve(now=NOW + MINUTE)
    offer = offer_of(first)
    waiting.decline(actor=day.account, now=NOW + 2 * MINUTE, offer_id=offer.offer_id)
    assert charge_of(offer.appointment_id).status is ChargeStatus.CANCELLED
    assert waiting.serve(now=NOW + 2 * MINUTE) == 1
    assert entries.facts_entry(first).state is WaitingState.WAITING
    assert entries.facts_entry(second).state is WaitingState.OFFERED
    hear(day.person_id)
    assert not [row for row in outbox("cancelled") if row.person_id == day.person_id]


def test_an_offer_that_nobody_answers_goes_to_the_next(day, full):
    stranger, someone = others(1, first=4)[0]
    (first,) = waiting.join(actor=day.account, now=NOW, person_ids=[day.person_id], wish=wish(day))
    (second,) = waiting.join(actor=stranger, now=NOW + MINUTE, person_ids=[someone], wish=wish(day))
    gives_up(full[0], now=NOW + MINUTE)
    waiting.serve(now=NOW + MINUTE)
    offer = offer_of(first)
    assert booking.expire_due(now=offer.expires_at) == 1
    assert charge_of(offer.appointment_id).status is ChargeStatus.CANCELLED
    assert waiting.serve(now=offer.expires_at) == 1
    assert entries.facts_entry(second).state is WaitingState.OFFERED
    hear(day.person_id)
    (told,) = outbox("offer_missed")
    assert told.person_id == day.person_id
    assert "还在候补中" in told.text
    assert not [row for row in outbox("expired") if row.person_id == day.person_id]


def test_two_of_a_family_are_offered_places_together(day, full):
    together = waiting.join(actor=day.account, now=NOW, person_ids=[day.person_id, day.mother_id], wish=wish(day))
    gives_up(full[0])
    assert waiting.serve(now=NOW) == 0  # one place is not enough for two
    gives_up(full[2])
    assert waiting.serve(now=NOW) == 2
    assert {entries.facts_entry(entry_id).state for entry_id in together} == {WaitingState.OFFERED}


def test_one_who_is_refused_does_not_hold_up_the_next(day, full, monkeypatch):
    stranger, someone = others(1, first=4)[0]
    (first,) = waiting.join(actor=day.account, now=NOW, person_ids=[day.person_id], wish=wish(day))
    (second,) = waiting.join(actor=stranger, now=NOW + MINUTE, person_ids=[someone], wish=wish(day))
    gives_up(full[0], now=NOW + MINUTE)
    real = waiting.scheduling.offer

    def refuses_the_first(**request):
        if request["entry_id"] == first:
            raise NotFound
        return real(**request)

    monkeypatch.setattr(waiting.scheduling, "offer", refuses_the_first)
    assert waiting.serve(now=NOW + MINUTE) == 1
    assert entries.facts_entry(first).state is WaitingState.WAITING
    assert entries.facts_entry(second).state is WaitingState.OFFERED


def test_leaving_gives_an_offered_place_to_the_next(day, full):
    (entry_id,) = waiting.join(actor=day.account, now=NOW, person_ids=[day.person_id], wish=wish(day))
    gives_up(full[0])
    waiting.serve(now=NOW)
    offer = offer_of(entry_id)
    waiting.leave(actor=day.account, now=NOW + MINUTE, entry_id=entry_id)
    assert entries.facts_entry(entry_id).state is WaitingState.LEFT
    assert status_of(offer.appointment_id) is AppointmentStatus.CANCELLED
    assert charge_of(offer.appointment_id).status is ChargeStatus.CANCELLED
    waiting.leave(actor=day.account, now=NOW + MINUTE, entry_id=entry_id)
    with pytest.raises(OfferOver):
        waiting.accept(actor=day.account, now=NOW + MINUTE, offer_id=offer.offer_id)


def test_days_that_are_over_are_told(day):
    (entry_id,) = waiting.join(actor=day.account, now=NOW, person_ids=[day.person_id], wish=wish(day))
    assert waiting.end_due(now=TOMORROW) == 0
    assert waiting.end_due(now=TOMORROW + timedelta(days=1)) == 1
    assert entries.facts_entry(entry_id).state is WaitingState.LAPSED
    with pytest.raises(NotWaiting):
        waiting.leave(actor=day.account, now=TOMORROW + timedelta(days=1), entry_id=entry_id)
    hear(day.person_id)
    (told,) = outbox("waiting_ended")
    assert told.channel is Channel.SMS


# Who may.


def test_an_account_joins_only_for_its_own_people(day):
    (_, someone) = others(1)[0]
    with pytest.raises(NotFound):
        waiting.join(actor=day.account, now=NOW, person_ids=[day.person_id, someone], wish=wish(day))
    assert waiting.of_account(day.account, now=NOW) == []  # all of the family or nobody


def test_a_claimed_link_does_not_learn_that_the_person_waits_already(day):
    (_, _), (other, _) = others(2)
    theirs = people.claim(other, name="陈阿婆", number=people.id_number(people.date(1940, 2, 3), serial=31), relation=Relation.PARENT)
    assert theirs == day.mother_id
    waiting.join(actor=other, now=NOW, person_ids=[theirs], wish=wish(day))
    with pytest.raises(BookAtTheDesk):
        waiting.join(actor=day.account, now=NOW, person_ids=[day.mother_id], wish=wish(day))
    waiting.join(actor=day.account, now=NOW, person_ids=[day.person_id], wish=wish(day))
    with pytest.raises(AlreadyWaiting):
        waiting.join(actor=day.account, now=NOW, person_ids=[day.person_id], wish=wish(day))


def test_staff_join_for_whoever_has_no_phone_and_the_offer_goes_onto_the_list_of_calls(day, full):
    clerk = day.room.clerk
    person_id = rooms.somebody(day.room, "无号")
    (entry_id,) = waiting.join(actor=clerk, now=NOW, person_ids=[person_id], wish=wish(day))
    assert entries.facts_entry(entry_id).reach is Reach.CALL_LIST
    gives_up(full[0])
    waiting.serve(now=NOW)
    assert offer_of(entry_id).expires_at == NOW + 90 * MINUTE
    hear(person_id)
    (told,) = outbox("offered")
    assert told.channel is Channel.CALL_LIST
    assert [each.facts.entry_id for each in waiting.of_department(clerk, day.room.department_id, now=NOW)] == [entry_id]
    waiting.accept(actor=clerk, now=NOW, offer_id=offer_of(entry_id).offer_id)
    assert entries.facts_entry(entry_id).state is WaitingState.BOOKED


def test_staff_without_the_permission_see_and_join_nothing(day):
    actor = institutions.staff_actor(StaffRole.AUDITOR, day.hospital_id)
    with pytest.raises(NotAllowed):
        waiting.join(actor=actor, now=NOW, person_ids=[day.person_id], wish=wish(day))
    with pytest.raises(NotAllowed):
        waiting.of_department(actor, day.room.department_id, now=NOW)

"""The waiting list against the database: joining, offers, answers, cooling, and what two of them at once may do."""

from datetime import timedelta

import pytest

from jiuyi.domains.scheduling import actions, models, queries
from jiuyi.domains.scheduling.actions import waiting
from jiuyi.domains.scheduling.queries import waiting as entries
from jiuyi.domains.scheduling.rules.waiting import next_entries
from jiuyi.domains.scheduling.words import (
    AlreadyBookedThatDay,
    AlreadyWaiting,
    AppointmentStatus,
    BadWish,
    BookingChannel,
    BookingMode,
    CancelReason,
    HalfDay,
    NotWaiting,
    OfferOver,
    OfferState,
    PlaceGone,
    PlaceState,
    Reach,
    SessionStopped,
    WaitingState,
    WaitingTerms,
)
from jiuyi.foundation import rulebook
from jiuyi.foundation.access import SYSTEM
from jiuyi.kernel.clock import service_date
from jiuyi.kernel.refusals import NotFound
from tests.factories import schedules
from tests.factories.schedules import NOW, OPENS, PATIENT

pytestmark = pytest.mark.django_db

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
MONDAY, TUESDAY = service_date(NOW), service_date(OPENS)
NINE_AT_NIGHT = NOW + 14 * HOUR  # Monday 22:00 in Shanghai


@pytest.fixture
def clinic(db):
    return schedules.clinic()


@pytest.fixture
def session_id(clinic):
    """One window with one place."""
    return schedules.session(clinic, minutes=15)


def join(clinic, person_id, *, now=NOW, actor=PATIENT, **changes):
    wish = {
        "department_id": clinic.department_id,
        "first_day": TUESDAY,
        "last_day": TUESDAY,
        "half_days": (),
        "travel_minutes": 30,
        "reach": Reach.TEXT,
    }
    return waiting.join(actor=actor, now=now, person_id=person_id, **(wish | changes))


def offer(entry_id, session_id, *, now=NOW, window_start=OPENS):
    return waiting.offer(
        actor=SYSTEM, now=now, entry_id=entry_id, session_id=session_id, window_start=window_start, fee_fen=1500, fee_rule=None
    )


def place_of(session_id) -> models.Place:
    return models.Place.objects.get(session_id=session_id)


def cancel(appointment_id, *, now=NOW):
    actions.cancel_appointment(actor=PATIENT, now=now, appointment_id=appointment_id, reason=CancelReason.PLAN_CHANGED)


def given_up(clinic, session_id, *, now=NOW):
    """The only place was booked and is given up again."""
    booked = schedules.book(session_id, schedules.person(clinic, "前人"))
    cancel(booked.appointment_id, now=now)
    return booked


# Cooling.


def test_a_sought_after_place_rests_before_everybody_sees_it(clinic, session_id):
    given_up(clinic, session_id)
    place = place_of(session_id)
    assert (place.state, place.cooling_since) == (PlaceState.FREE, NOW)
    assert NOW + 5 * MINUTE <= place.visible_at <= NOW + 30 * MINUTE
    with pytest.raises(PlaceGone) as refused:
        schedules.book(session_id, schedules.person(clinic))
    assert refused.value.data["conflicts"] == ["place_gone"]  # nobody learns when to be quick
    assert schedules.book(session_id, schedules.person(clinic), now=place.visible_at).status is AppointmentStatus.BOOKED
    assert place_of(session_id).cooling_since is None


def test_a_place_of_a_session_with_room_is_free_at_once(clinic):
    session_id = schedules.session(clinic, minutes=15, per_window=4)
    before = list(models.Place.objects.filter(session_id=session_id).values_list("visible_at", "cooling_since"))
    given_up(clinic, session_id)
    assert list(models.Place.objects.filter(session_id=session_id).values_list("visible_at", "cooling_since")) == before


def test_somebody_who_waits_makes_it_rest_all_the_same(clinic):
    session_id = schedules.session(clinic, minutes=15, per_window=4)
    join(clinic, schedules.person(clinic, "候补"))
    given_up(clinic, session_id)
    assert models.Place.objects.filter(session_id=session_id, cooling_since=NOW, visible_at__gt=NOW).count() == 1


def test_an_expired_hold_rests_too(clinic, session_id):
    schedules.book(session_id, schedules.person(clinic), held_until=NOW + 15 * MINUTE)
    actions.expire_holds(now=NOW + 15 * MINUTE)
    assert place_of(session_id).cooling_since == NOW + 15 * MINUTE


def test_two_hours_before_the_window_nothing_rests(clinic, session_id):
    given_up(clinic, session_id, now=OPENS - 119 * MINUTE)
    assert place_of(session_id).visible_at == OPENS - 119 * MINUTE
    schedules.book(session_id, schedules.person(clinic), now=OPENS - 118 * MINUTE)


def test_the_rulebook_can_switch_it_off(clinic, session_id):
    rulebook.change_rule(
        actor=SYSTEM, now=NOW - MINUTE, rule_id="AP-10", scope_id=clinic.organization_id, values={"min_minutes": 0, "max_minutes": 0},
        valid_from=NOW - MINUTE, reason="试点", source="院内通知",
    )  # fmt: skip
    given_up(clinic, session_id)
    schedules.book(session_id, schedules.person(clinic))


# Joining and leaving.


@pytest.mark.parametrize(
    ("_case", "changes", "fields"),
    [
        ("yesterday", {"first_day": MONDAY - timedelta(days=1)}, {"first_day"}),
        ("the end before the beginning", {"last_day": MONDAY}, {"last_day"}),
        ("too many days", {"last_day": TUESDAY + timedelta(days=30)}, {"last_day"}),
        ("a journey of more than a day", {"travel_minutes": 1441}, {"travel_minutes"}),
        (
            "all at once",
            {"first_day": MONDAY - timedelta(days=1), "last_day": MONDAY - timedelta(days=2), "travel_minutes": -1},
            {"first_day", "last_day", "travel_minutes"},
        ),
    ],
)
def test_a_wish_that_cannot_come_true_is_refused_with_every_reason(clinic, _case, changes, fields):
    person_id = schedules.person(clinic)
    with pytest.raises(BadWish) as refused:
        join(clinic, person_id, **changes)
    assert set(refused.value.fields) == fields
    assert not models.WaitingEntry.objects.exists()
    join(clinic, person_id)


def test_one_person_waits_once_for_a_department(clinic):
    person_id = schedules.person(clinic)
    entry_id = join(clinic, person_id)
    with pytest.raises(AlreadyWaiting):
        join(clinic, person_id)
    waiting.leave(actor=PATIENT, now=NOW, entry_id=entry_id)
    waiting.leave(actor=PATIENT, now=NOW, entry_id=entry_id)
    assert entries.facts_entry(entry_id).state is WaitingState.LEFT
    assert join(clinic, person_id) != entry_id


def test_how_many_are_ahead_counts_only_those_who_want_the_same(clinic):
    first, second, third, fourth = schedules.people(clinic, 4)
    join(clinic, first, half_days=[HalfDay.AFTERNOON])
    join(clinic, second, now=NOW + MINUTE, half_days=[HalfDay.MORNING])
    join(clinic, third, now=NOW + 2 * MINUTE, first_day=TUESDAY + timedelta(days=1), last_day=TUESDAY + timedelta(days=1))
    mine = join(clinic, fourth, now=NOW + 3 * MINUTE, half_days=[HalfDay.MORNING])
    assert entries.facts_entry(mine).ahead == 1


# Offers.


@pytest.fixture
def entry_id(clinic, session_id):
    """Somebody waits, and the only place has been given up."""
    entry = join(clinic, schedules.person(clinic, "候补"))
    given_up(clinic, session_id)
    return entry


def test_an_offer_is_a_held_appointment(entry_id, session_id):
    made = offer(entry_id, session_id)
    appointment = models.Appointment.objects.get(pk=made.appointment_id)
    assert (appointment.status, appointment.channel, appointment.mode) == (
        AppointmentStatus.HELD,
        BookingChannel.WAITING_LIST,
        BookingMode.WAITING_LIST,
    )
    assert (appointment.held_until, appointment.idempotency_key) == (NOW + 30 * MINUTE, str(made.offer_id))
    assert entries.facts_entry(entry_id).offer_id == made.offer_id
    assert entries.facts_entry(entry_id).state is WaitingState.OFFERED
    assert queries.count_place_difference() == 0
    assert offer(entry_id, session_id) is None  # nobody is offered two places at once


def test_no_offer_breaks_a_limit(clinic, entry_id, session_id):
    other = schedules.session(clinic, practitioner_id=schedules.doctor(clinic.organization_id, "陈立"), starts_at=OPENS + 2 * HOUR)
    schedules.book(other, entries.facts_entry(entry_id).person_id, window_start=OPENS + 2 * HOUR)
    with pytest.raises(AlreadyBookedThatDay):
        offer(entry_id, session_id)
    assert entries.facts_entry(entry_id).state is WaitingState.WAITING
    assert not models.WaitingOffer.objects.exists()
    assert place_of(session_id).state == PlaceState.FREE
    session = queries.facts_session(session_id)
    (waiter,) = entries.facts_waiters(clinic.department_id, [session], now=NOW)
    assert waiter.barred == {session_id}
    assert next_entries([waiter], entries.windows_to_offer(clinic.department_id, NOW), now=NOW, terms=WaitingTerms()) == []


def test_accepting_makes_it_firm_once(entry_id, session_id):
    made = offer(entry_id, session_id)
    for _ in range(2):
        assert waiting.accept(actor=PATIENT, now=NOW + MINUTE, offer_id=made.offer_id) == made.appointment_id
    appointment = queries.facts_appointment(made.appointment_id)
    assert (appointment.status, appointment.pay_at_arrival) == (AppointmentStatus.BOOKED, True)
    assert entries.facts_offer(made.offer_id).state is OfferState.ACCEPTED
    assert entries.facts_entry(entry_id).state is WaitingState.BOOKED


def test_declining_frees_the_place_and_waits_on(clinic, entry_id, session_id):
    made = offer(entry_id, session_id)
    for _ in range(2):
        waiting.decline(actor=PATIENT, now=NOW + MINUTE, offer_id=made.offer_id)
    assert entries.facts_offer(made.offer_id).state is OfferState.DECLINED
    assert entries.facts_entry(entry_id).state is WaitingState.WAITING
    assert place_of(session_id).state == PlaceState.FREE
    with pytest.raises(OfferOver):
        waiting.accept(actor=PATIENT, now=NOW + MINUTE, offer_id=made.offer_id)
    (waiter,) = entries.facts_waiters(clinic.department_id, [], now=NOW)
    assert waiter.answered == {(session_id, OPENS)}  # not asked about the same window again


def test_the_second_offer_missed_is_the_last(clinic, entry_id, session_id):
    now = NOW
    for state in (WaitingState.WAITING, WaitingState.LAPSED):
        made = offer(entry_id, session_id, now=now)
        assert not actions.expire_hold(actor=SYSTEM, now=made.expires_at - MINUTE, appointment_id=made.appointment_id)
        assert actions.expire_hold(actor=SYSTEM, now=made.expires_at, appointment_id=made.appointment_id)
        assert entries.facts_entry(entry_id).state is state
        assert entries.facts_offer(made.offer_id).state is OfferState.LAPSED
        now = made.expires_at
    with pytest.raises(OfferOver):
        waiting.accept(actor=PATIENT, now=now, offer_id=made.offer_id)
    with pytest.raises(NotWaiting):
        waiting.leave(actor=PATIENT, now=now, entry_id=entry_id)


def test_who_begins_to_pay_gets_the_time_of_paying_once(entry_id, session_id):
    made = offer(entry_id, session_id)
    assert waiting.keep_for_payment(actor=PATIENT, now=NOW + 29 * MINUTE, offer_id=made.offer_id) == NOW + 44 * MINUTE
    assert waiting.keep_for_payment(actor=PATIENT, now=NOW + 43 * MINUTE, offer_id=made.offer_id) == NOW + 45 * MINUTE
    assert waiting.keep_for_payment(actor=PATIENT, now=NOW + 44 * MINUTE, offer_id=made.offer_id) == NOW + 45 * MINUTE
    actions.confirm_appointment(actor=SYSTEM, now=NOW + 44 * MINUTE, appointment_id=made.appointment_id)
    assert entries.facts_entry(entry_id).state is WaitingState.BOOKED
    assert waiting.keep_for_payment(actor=PATIENT, now=NOW + 44 * MINUTE, offer_id=made.offer_id) is None


def test_a_place_of_a_stopped_session_cannot_be_accepted(entry_id, session_id):
    made = offer(entry_id, session_id)
    (affected,) = actions.stop_session(actor=SYSTEM, now=NOW, session_id=session_id)
    assert affected == made.appointment_id
    with pytest.raises(SessionStopped):
        waiting.accept(actor=PATIENT, now=NOW, offer_id=made.offer_id)
    assert entries.facts_offer(made.offer_id).state is OfferState.OPEN
    actions.cancel_appointment(actor=SYSTEM, now=NOW, appointment_id=affected, reason=CancelReason.SESSION_STOPPED)
    found = entries.facts_entry(entry_id)
    assert (found.state, found.offers_missed) == (WaitingState.WAITING, 0)  # the hospital's cause does not count


def test_days_that_are_over_end_the_entry(entry_id):
    assert not waiting.end_entry(actor=SYSTEM, now=OPENS, entry_id=entry_id)
    assert entries.entries_over(TUESDAY + timedelta(days=1), limit=9) == [entry_id]
    assert waiting.end_entry(actor=SYSTEM, now=OPENS + 24 * HOUR, entry_id=entry_id)
    assert not waiting.end_entry(actor=SYSTEM, now=OPENS + 24 * HOUR, entry_id=entry_id)
    assert entries.facts_entry(entry_id).state is WaitingState.LAPSED


def test_somebody_elses_entry_does_not_exist(entry_id):
    stranger = schedules.Actor(schedules.ActorKind.PATIENT, schedules.new_id(), request_id=schedules.new_id())
    with pytest.raises(NotFound):
        entries.open_entry(stranger, entry_id, now=NOW)
    assert entries.open_entry(PATIENT, entry_id, now=NOW).entry_id == entry_id


def test_at_night_the_place_waits_for_those_who_wait(clinic, session_id):
    join(clinic, schedules.person(clinic, "候补"))
    other = schedules.session(clinic, minutes=15, starts_at=OPENS + 6 * HOUR)
    booked = schedules.book(other, schedules.person(clinic, "前人"), window_start=OPENS + 6 * HOUR)
    cancel(booked.appointment_id, now=NINE_AT_NIGHT)
    place = place_of(other)
    assert OPENS + 5 * MINUTE <= place.visible_at <= OPENS + 30 * MINUTE

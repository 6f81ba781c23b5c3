"""The waiting list when two things happen at once: nothing happens twice, nothing is lost."""

from datetime import timedelta

import pytest

from jiuyi.domains.scheduling import actions, models, queries
from jiuyi.domains.scheduling.actions import waiting
from jiuyi.domains.scheduling.queries import waiting as entries
from jiuyi.domains.scheduling.words import (
    AppointmentStatus,
    CancelReason,
    OfferOver,
    OfferState,
    PlaceState,
    Reach,
    SessionStopped,
    WaitingState,
    WrongStatus,
)
from jiuyi.foundation.access import SYSTEM
from jiuyi.journeys import waiting as journey
from jiuyi.kernel.clock import service_date
from tests.factories import schedules
from tests.factories.schedules import NOW, OPENS, PATIENT, at_once

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

SWEEPS = 4
MINUTE = timedelta(minutes=1)


@pytest.fixture
def clinic(db):
    return schedules.clinic()


def join(clinic, person_id, *, now=NOW):
    return waiting.join(
        actor=PATIENT,
        now=now,
        person_id=person_id,
        department_id=clinic.department_id,
        first_day=service_date(OPENS),
        last_day=service_date(OPENS) + timedelta(days=3),
        half_days=(),
        travel_minutes=30,
        reach=Reach.TEXT,
    )


def given_up(clinic, count):
    """A window whose places were all booked and given up."""
    session_id = schedules.session(clinic, minutes=15, per_window=count)
    booked = [schedules.book(session_id, person) for person in schedules.people(clinic, count)]
    for each in booked:
        actions.cancel_appointment(actor=PATIENT, now=NOW, appointment_id=each.appointment_id, reason=CancelReason.PLAN_CHANGED)
    return session_id


def offer(entry_id, session_id):
    return waiting.offer(actor=SYSTEM, now=NOW, entry_id=entry_id, session_id=session_id, window_start=OPENS, fee_fen=0, fee_rule=None)


def places(session_id):
    rows = models.Place.objects.filter(session_id=session_id)
    return {state: rows.filter(state=state).count() for state in (PlaceState.FREE, PlaceState.TAKEN)}


def test_several_sweeps_at_once_offer_each_place_and_each_person_once(clinic):
    people = schedules.people(clinic, 6)
    waits = [join(clinic, person, now=NOW + number * MINUTE) for number, person in enumerate(people[:3])]
    session_id = given_up(clinic, 2)
    made = at_once([lambda: journey.serve(now=NOW + 5 * MINUTE) for _ in range(SWEEPS)])
    assert sum(made) == 2
    assert [entries.facts_entry(each).state for each in waits] == [WaitingState.OFFERED, WaitingState.OFFERED, WaitingState.WAITING]
    assert places(session_id) == {PlaceState.FREE: 0, PlaceState.TAKEN: 2}
    assert models.WaitingOffer.objects.count() == 2
    assert queries.count_place_difference() == 0


def test_one_entry_is_not_offered_two_places_of_two_days(clinic):
    entry_id = join(clinic, schedules.person(clinic, "候补"))
    first = given_up(clinic, 1)
    second = schedules.session(clinic, minutes=15, starts_at=OPENS + timedelta(days=1))
    results = at_once(
        [
            lambda: offer(entry_id, first),
            lambda: waiting.offer(
                actor=SYSTEM,
                now=NOW,
                entry_id=entry_id,
                session_id=second,
                window_start=OPENS + timedelta(days=1),
                fee_fen=0,
                fee_rule=None,
            ),
        ]
    )
    assert sum(result is not None for result in results) == 1
    assert places(first)[PlaceState.TAKEN] + places(second)[PlaceState.TAKEN] == 1
    assert queries.count_place_difference() == 0


@pytest.mark.parametrize("_try", range(3))
def test_accepting_while_the_time_runs_out_is_one_or_the_other(clinic, _try):
    entry_id = join(clinic, schedules.person(clinic, "候补"))
    session_id = given_up(clinic, 1)
    made = offer(entry_id, session_id)
    accepted, expired = at_once(
        [
            lambda: waiting.accept(actor=PATIENT, now=made.expires_at, offer_id=made.offer_id),
            lambda: actions.expire_hold(actor=SYSTEM, now=made.expires_at, appointment_id=made.appointment_id),
        ]
    )
    status, state = queries.facts_appointment(made.appointment_id).status, entries.facts_offer(made.offer_id).state
    if isinstance(accepted, OfferOver):
        assert expired is True
        assert (status, state, entries.facts_entry(entry_id).state) == (
            AppointmentStatus.EXPIRED,
            OfferState.LAPSED,
            WaitingState.WAITING,
        )
    else:
        assert (accepted, expired) == (made.appointment_id, False)
        assert (status, state, entries.facts_entry(entry_id).state) == (
            AppointmentStatus.BOOKED,
            OfferState.ACCEPTED,
            WaitingState.BOOKED,
        )
    assert queries.count_place_difference() == 0


def test_accepting_while_the_session_is_stopped_leaves_nobody_with_a_lost_place(clinic):
    entry_id = join(clinic, schedules.person(clinic, "候补"))
    session_id = given_up(clinic, 1)
    made = offer(entry_id, session_id)
    accepted, affected = at_once(
        [
            lambda: waiting.accept(actor=PATIENT, now=NOW, offer_id=made.offer_id),
            lambda: actions.stop_session(actor=SYSTEM, now=NOW, session_id=session_id),
        ]
    )
    # Accepted or refused: the stop names the appointment in any case, so that it is told and given back.
    assert affected == [made.appointment_id]
    assert accepted == made.appointment_id or isinstance(accepted, SessionStopped)
    actions.cancel_appointment(actor=SYSTEM, now=NOW, appointment_id=made.appointment_id, reason=CancelReason.SESSION_STOPPED)
    assert entries.facts_offer(made.offer_id).state is not OfferState.OPEN
    assert queries.count_place_difference() == 0


def test_accepting_and_declining_at_once_is_one_answer(clinic):
    entry_id = join(clinic, schedules.person(clinic, "候补"))
    session_id = given_up(clinic, 1)
    made = offer(entry_id, session_id)
    results = at_once(
        [
            lambda: waiting.accept(actor=PATIENT, now=NOW, offer_id=made.offer_id),
            lambda: waiting.decline(actor=PATIENT, now=NOW, offer_id=made.offer_id),
        ]
    )
    assert sum(isinstance(result, OfferOver | WrongStatus) for result in results) == 1
    assert entries.facts_offer(made.offer_id).state in {OfferState.ACCEPTED, OfferState.DECLINED}
    assert queries.count_place_difference() == 0


def test_joining_twice_at_once_is_once(clinic):
    person_id = schedules.person(clinic, "候补")
    results = at_once([lambda: join(clinic, person_id) for _ in range(3)])
    assert sum(isinstance(result, BaseException) for result in results) == 2
    assert models.WaitingEntry.objects.count() == 1

"""Moves at the same moment: the last place goes to one, and nobody waits for ever."""

from collections import Counter
from datetime import timedelta

import pytest
from django.db import transaction

from jiuyi.domains.scheduling import models, queries
from jiuyi.domains.scheduling.actions import stop_session
from jiuyi.domains.scheduling.actions.moving import move_appointment
from jiuyi.domains.scheduling.words import BookingChannel, MoveReason, Party
from jiuyi.foundation.access import SYSTEM
from jiuyi.kernel.ids import new_id
from tests.factories import schedules
from tests.factories.schedules import CLERK, NOW, OPENS, at_once

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
QUARTER = timedelta(minutes=15)
DAY = timedelta(days=1)


@pytest.fixture
def clinic(db):
    return schedules.clinic()


def move(appointment_id, session_id, window_start, key=None):
    return move_appointment(
        actor=SYSTEM,
        now=NOW,
        appointment_id=appointment_id,
        session_id=session_id,
        window_start=window_start,
        reason=MoveReason.PATIENT,
        by=Party.STAFF,
        idempotency_key=key or new_id(),
    )


def kinds(results):
    return Counter(type(result).__name__ for result in results)


def test_sixteen_move_to_the_last_place(clinic):
    home = schedules.session(clinic, minutes=15, per_window=16)
    wanted = schedules.session(clinic, starts_at=OPENS + DAY, minutes=15, per_window=1)
    booked = [
        schedules.book(home, person, actor=CLERK, channel=BookingChannel.WINDOW).appointment_id for person in schedules.people(clinic, 16)
    ]
    results = at_once([lambda each=each: move(each, wanted, OPENS + DAY) for each in booked])
    assert kinds(results) == {"Moved": 1, "PlaceGone": 15}
    assert models.Appointment.objects.filter(session_id=wanted).count() == 1
    assert models.Place.objects.filter(session_id=home, state="free").count() == 1
    assert queries.count_place_difference() == 0


@pytest.mark.parametrize(("spare", "answers"), [(0, {"PlaceGone": 2}), (1, {"Moved": 2})])
def test_two_who_cross_do_not_wait_for_each_other(spare, answers, clinic):
    session_id = schedules.session(clinic, minutes=30, per_window=1 + spare)
    first, second = schedules.people(clinic, 2)
    one = schedules.book(session_id, first, window_start=OPENS).appointment_id
    two = schedules.book(session_id, second, window_start=OPENS + QUARTER).appointment_id
    results = at_once([lambda: move(one, session_id, OPENS + QUARTER), lambda: move(two, session_id, OPENS)])
    assert kinds(results) == answers
    assert queries.count_place_difference() == 0


def test_a_ring_of_two_transactions_is_broken(clinic):
    """Each moves both appointments, in opposite order: one of them is told to try again, or both get through."""
    session_id = schedules.session(clinic, minutes=60, per_window=3)
    one, two = (schedules.book(session_id, person).appointment_id for person in schedules.people(clinic, 2))

    def both(order, window):
        with transaction.atomic():
            for each in order:
                move(each, session_id, window)

    results = at_once([lambda: both((one, two), OPENS + QUARTER), lambda: both((two, one), OPENS + 2 * QUARTER)])
    assert set(kinds(results)) <= {"NoneType", "TryAgain"}
    assert kinds(results)["NoneType"] >= 1
    assert queries.count_place_difference() == 0


def test_a_stop_and_movers_within_the_session_end(clinic):
    """A stop locks every place of the session by id, a mover two of them: nobody is the victim of a ring."""
    session_id = schedules.session(clinic, minutes=60, per_window=4)
    booked = [
        schedules.book(session_id, person, window_start=OPENS + QUARTER, actor=CLERK, channel=BookingChannel.WINDOW).appointment_id
        for person in schedules.people(clinic, 4)
    ]
    stop = lambda: stop_session(actor=SYSTEM, now=NOW, session_id=session_id)  # noqa: E731
    results = at_once([stop, *(lambda each=each: move(each, session_id, OPENS) for each in booked)])
    assert isinstance(results[0], list)
    assert set(kinds(results[1:])) <= {"Moved", "SessionStopped", "PlaceGone", "TryAgain"}
    assert queries.count_place_difference() == 0


def test_one_request_twice_moves_once(clinic):
    session_id = schedules.session(clinic, minutes=30, per_window=2)
    booked = schedules.book(session_id, schedules.person(clinic)).appointment_id
    key = new_id()
    results = at_once([lambda: move(booked, session_id, OPENS + QUARTER, key) for _ in range(8)])
    assert kinds(results) == {"Moved": 8}
    assert len({result.move_id for result in results}) == 1
    assert sum(not result.repeated for result in results) == 1
    assert models.AppointmentMove.objects.count() == 1
    assert queries.count_place_difference() == 0


def test_one_appointment_to_two_places_ends_at_one(clinic):
    session_id = schedules.session(clinic, minutes=60, per_window=1)
    booked = schedules.book(session_id, schedules.person(clinic)).appointment_id
    results = at_once([lambda window=window: move(booked, session_id, OPENS + window * QUARTER) for window in (1, 2, 3)])
    assert kinds(results) == {"Moved": 3}
    assert models.Place.objects.filter(session_id=session_id, state="taken").count() == 1
    assert queries.count_place_difference() == 0

"""Lowering, raising and stopping a session in the middle of a rush."""

import contextlib
import threading
import time
from collections import Counter
from functools import partial

import pytest
from django.db import transaction

from jiuyi.domains.scheduling import actions, queries
from jiuyi.domains.scheduling.actions import capacity
from jiuyi.domains.scheduling.actions.capacity import CapacityChange
from jiuyi.domains.scheduling.words import AppointmentStatus, BookingChannel, PlaceGone, SessionStopped, TooFewFree, TryAgain
from jiuyi.foundation.access import SYSTEM
from tests.factories import schedules
from tests.factories.schedules import CLERK, NOW, at_once

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


def booking(session_id, person):
    """At the window (no account whose limit could be reached), and once more when it is told to try again."""
    return until_answered(lambda: schedules.book(session_id, person, actor=CLERK, channel=BookingChannel.WINDOW))


def lowering(session_id, to_capacity):
    return until_answered(lambda: capacity.lower_session(actor=SYSTEM, now=NOW, session_id=session_id, to_capacity=to_capacity))


def raising(session_id, places):
    return until_answered(lambda: capacity.raise_session(actor=SYSTEM, now=NOW, session_id=session_id, places=places))


def until_answered(act):
    for _ in range(20):
        with contextlib.suppress(TryAgain):
            return act()
    return TryAgain()


@pytest.fixture
def clinic(db):
    return schedules.clinic()


def sums(session_id):
    (found,) = queries.sums_of_sessions(now=NOW, session_ids=[session_id])
    return found


@pytest.mark.catalogue("C3", part="lowering in mid-rush: never oversold, no booking lost")
def test_lowering_while_everybody_books(clinic):
    """Each booking that was confirmed stands; the session ends at the lower capacity or is left as it was."""
    session_id = schedules.session(clinic, minutes=15, per_window=24)
    rivals = schedules.people(clinic, 20)
    lower = [lambda: lowering(session_id, 12) for _ in range(2)]
    results = at_once([*(lambda p=p: booking(session_id, p) for p in rivals), *lower])
    booked = [result for result in results[:20] if isinstance(result, actions.AppointmentRef)]
    assert {type(result) for result in results[:20]} <= {actions.AppointmentRef, PlaceGone}
    assert all(queries.facts_appointment(each.appointment_id).status is AppointmentStatus.BOOKED for each in booked)
    after = sums(session_id)
    lowered = any(isinstance(result, CapacityChange) for result in results[20:])
    assert after.capacity == (12 if lowered else 24)
    assert (after.booked, after.free) == (len(booked), after.capacity - len(booked))
    assert len(booked) == 20 if not lowered else len(booked) <= 12
    assert queries.count_sum_differences(NOW) == 0


def test_lowering_waits_for_the_booking_that_is_being_made(clinic):
    """Seen to fail (two withdrawn, the booking's place among them) with the places not locked in ``lock_session``."""
    session_id = schedules.session(clinic, minutes=15, per_window=2)
    person = schedules.person(clinic)
    holds = threading.Event()

    def book_slowly():
        with transaction.atomic():
            taken = booking(session_id, person)
            holds.set()
            time.sleep(0.5)
        return taken

    def lower_meanwhile():
        holds.wait(timeout=30)
        return capacity.lower_session(actor=SYSTEM, now=NOW, session_id=session_id, to_capacity=0)

    taken, refused = at_once([book_slowly, lower_meanwhile])
    assert isinstance(refused, TooFewFree)
    assert refused.data == {"can_go": 1, "lowest": 1, "short": 1}
    assert queries.facts_appointment(taken.appointment_id).status is AppointmentStatus.BOOKED
    assert sums(session_id).capacity == 2
    assert queries.count_sum_differences(NOW) == 0


def test_many_changes_of_one_session_add_up(clinic):
    """Seen to fail without any lock in ``lock_session`` (ordinals twice), and without its second look (a withdrawn place sold)."""
    session_id = schedules.session(clinic, minutes=60, per_window=2)
    rivals = schedules.people(clinic, 12)
    raises = [lambda: raising(session_id, 3) for _ in range(6)]
    lowers = [lambda: lowering(session_id, 8) for _ in range(3)]
    results = at_once([*raises, *(lambda p=p: booking(session_id, p) for p in rivals), *lowers])
    assert Counter(type(result) for result in results[:6]) == {CapacityChange: 6}
    assert queries.place_differences(now=NOW) == []
    changes = [result for result in results if isinstance(result, CapacityChange)]
    assert sums(session_id).capacity == 8 + sum(change.after - change.before for change in changes)


def test_nobody_adds_places_to_a_session_that_is_being_stopped(clinic):
    """Seen to fail (free places in a stopped session) with the places not locked in ``lock_session``."""
    for _ in range(5):
        session_id = schedules.session(clinic, minutes=15, per_window=8)
        results = at_once([*(partial(raising, session_id, 4) for _ in range(6)), partial(stop, session_id)])
        assert {type(result) for result in results[:-1]} <= {CapacityChange, SessionStopped}
        after = sums(session_id)
        assert (after.free, after.capacity) == (0, 0)
        assert queries.place_differences(now=NOW) == []


def stop(session_id):
    return actions.stop_session(actor=SYSTEM, now=NOW, session_id=session_id)

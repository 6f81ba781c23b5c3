"""Raising and lowering a session that is on sale."""

import json
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection

from jiuyi.domains.scheduling import actions, queries
from jiuyi.domains.scheduling.actions import capacity
from jiuyi.domains.scheduling.words import (
    AmountOutOfRange,
    CancelReason,
    NothingToChange,
    NotYetVisible,
    NoWindowLeft,
    SessionStopped,
    TooFewFree,
)
from jiuyi.foundation.access import SYSTEM
from jiuyi.kernel.ids import new_id
from jiuyi.kernel.refusals import NotAllowed, NotFound
from tests.factories import schedules
from tests.factories.schedules import CLERK, NOW, OPENS

pytestmark = pytest.mark.django_db
QUARTER = timedelta(minutes=15)


@pytest.fixture
def clinic(db):
    return schedules.clinic()


def total(session_id: UUID) -> list[int]:
    return [window.total for window in queries.session_windows(session_id, NOW)]


def journalled(name: str) -> list[dict]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT payload::text FROM foundation_journalentry WHERE name = %s ORDER BY id", [name])
        return [json.loads(payload) for (payload,) in cursor.fetchall()]


def state(session_id: UUID) -> tuple:
    return queries.sums_of_sessions(now=NOW, session_ids=[session_id]), total(session_id), len(journalled("scheduling.SessionLowered"))


def test_places_are_added_evenly_and_can_be_booked_at_once(clinic):
    session_id = schedules.session(clinic)
    changed = capacity.raise_session(actor=SYSTEM, now=NOW, session_id=session_id, places=6)
    assert changed == capacity.CapacityChange(4, 10)
    assert total(session_id) == [3, 3, 2, 2]
    assert queries.facts_session(session_id, NOW).capacity == 10
    for person in schedules.people(clinic, 3):
        schedules.book(session_id, person)
    assert queries.count_sum_differences(NOW) == 0
    assert journalled("scheduling.SessionRaised") == [{"session_id": str(session_id), "before": 4, "after": 10}]


def test_whole_rows_or_named_windows(clinic):
    session_id = schedules.session(clinic)
    capacity.raise_session(actor=SYSTEM, now=NOW, session_id=session_id, per_window=2)
    assert total(session_id) == [3, 3, 3, 3]
    capacity.raise_session(actor=SYSTEM, now=NOW, session_id=session_id, per_window=1, windows=[OPENS + QUARTER])
    assert total(session_id) == [3, 4, 3, 3]
    capacity.raise_session(actor=SYSTEM, now=NOW, session_id=session_id, places=3, windows=[OPENS, OPENS + QUARTER])
    assert total(session_id) == [5, 5, 3, 3]


def test_an_unreleased_session_stays_unreleased(clinic):
    session_id = schedules.session(clinic, visible_at=NOW + timedelta(hours=1))
    capacity.raise_session(actor=SYSTEM, now=NOW, session_id=session_id, per_window=1)
    with pytest.raises(NotYetVisible):
        schedules.book(session_id, schedules.person(clinic))
    assert queries.sums_of_sessions(now=NOW)[0].unreleased == 8


def test_windows_that_are_over_get_nothing(clinic):
    session_id = schedules.session(clinic)
    later = OPENS + 2 * QUARTER
    capacity.raise_session(actor=SYSTEM, now=later, session_id=session_id, places=2)
    assert total(session_id) == [1, 1, 2, 2]
    with pytest.raises(NoWindowLeft):
        capacity.raise_session(actor=SYSTEM, now=later, session_id=session_id, per_window=1, windows=[OPENS])
    with pytest.raises(NoWindowLeft):
        capacity.raise_session(actor=SYSTEM, now=OPENS + timedelta(hours=1), session_id=session_id, places=1)
    assert total(session_id) == [1, 1, 2, 2]


def test_lowering_takes_free_places_evenly(clinic):
    session_id = schedules.session(clinic, per_window=3)
    booked = [schedules.book(session_id, person) for person in schedules.people(clinic, 2)]
    changed = capacity.lower_session(actor=SYSTEM, now=NOW, session_id=session_id, to_capacity=8)
    assert changed == capacity.CapacityChange(12, 8)
    assert queries.sums_of_sessions(now=NOW)[0].withdrawn == 4
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM scheduling_place WHERE state <> 'withdrawn' GROUP BY window_start ORDER BY window_start")
        assert [row[0] for row in cursor.fetchall()] == [2, 2, 2, 2]
    for each in booked:
        assert queries.facts_appointment(each.appointment_id).status == "booked"
    assert queries.count_sum_differences(NOW) == 0
    assert journalled("scheduling.SessionLowered") == [{"session_id": str(session_id), "before": 12, "after": 8}]


@pytest.mark.catalogue("C3", part="lowering names what has to be moved or stopped, and drops no booking")
def test_fewer_free_than_asked_changes_nothing(clinic):
    session_id = schedules.session(clinic)
    booked = [schedules.book(session_id, person, window_start=OPENS + n * QUARTER) for n, person in enumerate(schedules.people(clinic, 3))]
    before = state(session_id)
    with pytest.raises(TooFewFree) as refused:
        capacity.lower_session(actor=SYSTEM, now=NOW, session_id=session_id, to_capacity=2)
    assert refused.value.data == {"can_go": 1, "lowest": 3, "short": 1}
    assert state(session_id) == before
    assert {queries.facts_appointment(each.appointment_id).status for each in booked} == {"booked"}
    # What it said is what it does.
    assert capacity.lower_session(actor=SYSTEM, now=NOW, session_id=session_id, to_capacity=3).after == 3
    actions.cancel_appointment(actor=CLERK, now=NOW, appointment_id=booked[0].appointment_id, reason=CancelReason.OTHER)
    assert capacity.lower_session(actor=SYSTEM, now=NOW, session_id=session_id, to_capacity=2).after == 2
    assert queries.count_sum_differences(NOW) == 0


@pytest.mark.parametrize(
    ("_case", "act", "refusal"),
    [
        ("to what it is", lambda s: capacity.lower_session(actor=SYSTEM, now=NOW, session_id=s, to_capacity=4), NothingToChange),
        ("lower to more", lambda s: capacity.lower_session(actor=SYSTEM, now=NOW, session_id=s, to_capacity=5), NothingToChange),
        ("below nothing", lambda s: capacity.lower_session(actor=SYSTEM, now=NOW, session_id=s, to_capacity=-1), AmountOutOfRange),
        ("no place", lambda s: capacity.raise_session(actor=SYSTEM, now=NOW, session_id=s, places=0), AmountOutOfRange),
        ("fewer than none", lambda s: capacity.raise_session(actor=SYSTEM, now=NOW, session_id=s, per_window=-1), AmountOutOfRange),
        ("nothing said", lambda s: capacity.raise_session(actor=SYSTEM, now=NOW, session_id=s), AmountOutOfRange),
        ("too many", lambda s: capacity.raise_session(actor=SYSTEM, now=NOW, session_id=s, places=10**9), AmountOutOfRange),
        ("no window", lambda s: capacity.raise_session(actor=SYSTEM, now=NOW, session_id=s, places=1, windows=[]), NoWindowLeft),
        ("may not raise", lambda s: capacity.raise_session(actor=CLERK, now=NOW, session_id=s, places=1), NotAllowed),
        ("may not lower", lambda s: capacity.lower_session(actor=CLERK, now=NOW, session_id=s, to_capacity=1), NotAllowed),
        ("unknown", lambda s: capacity.raise_session(actor=SYSTEM, now=NOW, session_id=new_id(), places=1), NotFound),
    ],
)
def test_refused_acts_change_nothing(clinic, _case, act, refusal):
    session_id = schedules.session(clinic)
    before = state(session_id)
    with pytest.raises(refusal):
        act(session_id)
    assert state(session_id) == before


def test_a_stopped_session_is_neither_raised_nor_lowered(clinic):
    session_id = schedules.session(clinic)
    actions.stop_session(actor=SYSTEM, now=NOW, session_id=session_id)
    for act in (
        lambda: capacity.raise_session(actor=SYSTEM, now=NOW, session_id=session_id, places=1),
        lambda: capacity.lower_session(actor=SYSTEM, now=NOW, session_id=session_id, to_capacity=0),
    ):
        with pytest.raises(SessionStopped):
            act()
    assert queries.count_sum_differences(NOW) == 0


def test_to_a_capacity_either_way(clinic):
    session_id = schedules.session(clinic)
    assert capacity.set_capacity(actor=SYSTEM, now=NOW, session_id=session_id, to_capacity=6) == capacity.CapacityChange(4, 6)
    assert capacity.set_capacity(actor=SYSTEM, now=NOW, session_id=session_id, to_capacity=2) == capacity.CapacityChange(6, 2)
    with pytest.raises(NothingToChange):
        capacity.set_capacity(actor=SYSTEM, now=NOW, session_id=session_id, to_capacity=2)
    assert queries.count_sum_differences(NOW) == 0

"""The law of sums: every class of place is counted, and every way of breaking it is named."""

from datetime import timedelta

import pytest
from django.db import connection

from jiuyi.domains.scheduling import actions, queries
from jiuyi.domains.scheduling.words import CancelReason
from jiuyi.foundation.access import SYSTEM
from jiuyi.kernel.ids import new_id
from tests.factories import schedules
from tests.factories.schedules import CLERK, NOW, OPENS

pytestmark = pytest.mark.django_db
QUARTER = timedelta(minutes=15)


@pytest.fixture
def clinic(db):
    return schedules.clinic()


def sums(session_id, now=NOW):
    (found,) = queries.sums_of_sessions(now=now, session_ids=[session_id])
    return found


def change(statement, *values):
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def classes(session_id, now=NOW):
    found = sums(session_id, now)
    names = ("unreleased", "free", "held", "cooling", "booked", "used", "expired", "extras", "withdrawn", "capacity")
    return {name: value for name in names if (value := getattr(found, name))}


def test_each_place_is_in_one_class(clinic):
    session_id = schedules.session(clinic, minutes=60, per_window=2)
    people = schedules.people(clinic, 3)
    schedules.book(session_id, people[0], held_until=NOW + QUARTER)
    schedules.book(session_id, people[1])
    seen = schedules.book(session_id, people[2], window_start=OPENS + QUARTER)
    assert classes(session_id) == {"free": 5, "held": 1, "booked": 2, "capacity": 8}
    actions.mark_arrived(actor=CLERK, now=OPENS, appointment_id=seen.appointment_id)
    assert classes(session_id, OPENS) == {"free": 5, "held": 1, "booked": 1, "used": 1, "capacity": 8}
    change(
        "UPDATE scheduling_place SET visible_at = %s, cooling_since = %s WHERE session_id = %s AND ordinal = 8",
        OPENS + QUARTER, NOW, session_id,
    )  # fmt: skip
    change("UPDATE scheduling_place SET visible_at = %s WHERE session_id = %s AND ordinal = 7", OPENS + QUARTER, session_id)
    assert classes(session_id, OPENS) == {
        "free": 3, "held": 1, "booked": 1, "used": 1, "cooling": 1, "unreleased": 1, "capacity": 8,
    }  # fmt: skip
    change(
        "INSERT INTO scheduling_place (id, session_id, ordinal, window_start, window_end, pool, visible_at, state, extra)"
        " VALUES (%s, %s, 99, %s, %s, 'extra', %s, 'withdrawn', true)",
        new_id(), session_id, OPENS, OPENS + QUARTER, NOW,
    )  # fmt: skip
    assert classes(session_id, OPENS + timedelta(hours=9)) == {
        "held": 1, "booked": 1, "used": 1, "expired": 5, "withdrawn": 1, "capacity": 8,
    }  # fmt: skip
    assert queries.count_sum_differences(OPENS) == 0


@pytest.mark.parametrize(
    ("_case", "seconds", "expected"),
    [
        ("just before the release", -1, {"unreleased": 4, "capacity": 4}),
        ("at the very instant", 0, {"free": 4, "capacity": 4}),
        ("after it", 1, {"free": 4, "capacity": 4}),
    ],
)
def test_a_place_is_released_at_its_instant(clinic, _case, seconds, expected):
    session_id = schedules.session(clinic, visible_at=NOW)
    assert classes(session_id, NOW + timedelta(seconds=seconds)) == expected


@pytest.mark.parametrize(
    ("_case", "seconds", "expected"),
    [
        ("the window that runs is not over", -1, {"free": 4, "capacity": 4}),
        ("its end is", 0, {"free": 3, "expired": 1, "capacity": 4}),
    ],
)
def test_a_window_is_over_at_its_end(clinic, _case, seconds, expected):
    session_id = schedules.session(clinic)
    assert classes(session_id, OPENS + QUARTER + timedelta(seconds=seconds)) == expected


def test_a_stopped_session_keeps_only_what_is_taken(clinic):
    session_id = schedules.session(clinic)
    booked = schedules.book(session_id, schedules.person(clinic))
    actions.stop_session(actor=SYSTEM, now=NOW, session_id=session_id)
    assert classes(session_id) == {"booked": 1, "withdrawn": 3, "capacity": 1}
    actions.cancel_appointment(actor=CLERK, now=NOW, appointment_id=booked.appointment_id, reason=CancelReason.SESSION_STOPPED)
    assert classes(session_id) == {"withdrawn": 4}
    assert queries.count_sum_differences(NOW) == 0


def test_sums_can_be_bounded(clinic):
    first = schedules.session(clinic)
    second = schedules.session(clinic, starts_at=OPENS + timedelta(days=1))
    assert [found.session_id for found in queries.sums_of_sessions(now=NOW)] == [first, second]
    day = sums(second).service_date
    assert [found.session_id for found in queries.sums_of_sessions(now=NOW, first_day=day, last_day=day)] == [second]
    assert [found.session_id for found in queries.sums_of_sessions(now=NOW, last_day=day - timedelta(days=1))] == [first]
    assert queries.sums_of_sessions(now=NOW, department_id=new_id()) == []
    assert len(queries.sums_of_sessions(now=NOW, department_id=clinic.department_id)) == 2
    assert queries.sums_of_sessions(now=NOW, session_ids=[]) == []


def test_a_session_without_any_place_is_counted_too(clinic):
    session_id = schedules.session(clinic)
    change("DELETE FROM scheduling_place WHERE session_id = %s", session_id)
    assert [found.kind for found in queries.place_differences(now=NOW)] == ["sum"]
    assert sums(session_id).accounted == 0


BREAKS = {
    "a lost place": ("UPDATE scheduling_clinicsession SET capacity = capacity + 1", {"sum"}),
    "a place withdrawn in silence": ("UPDATE scheduling_place SET state = 'withdrawn' WHERE state = 'free'", {"sum"}),
    "taken by nobody": ("UPDATE scheduling_place SET state = 'taken' WHERE ordinal = 4", {"sum", "taken_by_nobody"}),
    "sold but free": ("UPDATE scheduling_place SET state = 'free'", {"place_not_taken"}),
    "a booking that vanished": ("DELETE FROM scheduling_appointment", {"sum", "taken_by_nobody"}),
    "another session": ("UPDATE scheduling_appointment SET session_id = %(other)s", {"other_session"}),
    "another department": ("UPDATE scheduling_appointment SET department_id = %(other)s", {"other_department"}),
    "another hospital": ("UPDATE scheduling_appointment SET organization_id = %(other)s", {"other_department"}),
    "another day": ("UPDATE scheduling_appointment SET service_date = service_date + 1", {"other_department"}),
    "another doctor": ("UPDATE scheduling_appointment SET practitioner_id = %(other)s", {"other_practitioner"}),
    "another window": ("UPDATE scheduling_appointment SET window_end = window_end + interval '1 minute'", {"other_window"}),
    "one place for two": (
        (
            "SET CONSTRAINTS ALL IMMEDIATE; DROP INDEX IF EXISTS place_sold_once;"
            " UPDATE scheduling_appointment SET place_id = (SELECT id FROM scheduling_place WHERE ordinal = 1)"
        ),
        {"sum", "taken_by_nobody", "taken_twice", "other_window"},
    ),
}


@pytest.mark.parametrize("case", BREAKS)
def test_every_break_is_named(clinic, case):
    session_id = schedules.session(clinic)
    people = schedules.people(clinic, 2)
    first = schedules.book(session_id, people[0])
    if case == "one place for two":
        schedules.book(session_id, people[1], window_start=OPENS + QUARTER)
    assert queries.count_sum_differences(NOW) == 0
    statement, expected = BREAKS[case]
    with connection.cursor() as cursor:
        for each in statement.split("; "):
            cursor.execute(each.replace("%(other)s", f"'{new_id()}'"))
    found = queries.place_differences(now=NOW)
    assert {difference.kind for difference in found} == expected
    assert queries.count_sum_differences(NOW) == queries.count_place_difference() == len(found)
    assert {difference.session_id for difference in found} == {session_id}
    if case == "another window":
        assert [difference.appointment_id for difference in found] == [first.appointment_id]


def test_whoever_was_seen_before_the_substitute_came_keeps_the_doctor(clinic):
    session_id = schedules.session(clinic)
    seen = schedules.book(session_id, schedules.person(clinic))
    actions.mark_arrived(actor=CLERK, now=OPENS, appointment_id=seen.appointment_id)
    actions.mark_fulfilled(actor=CLERK, now=OPENS, appointment_id=seen.appointment_id)
    change(
        "UPDATE scheduling_clinicsession SET original_practitioner_id = practitioner_id, practitioner_id = %s WHERE id = %s",
        schedules.doctor(clinic.organization_id, "陈立新"), session_id,
    )  # fmt: skip
    assert queries.place_differences(now=OPENS) == []

"""Taking a place: who gets it, who is refused and why, and that a refusal changes nothing."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection

from jiuyi.domains.scheduling import actions, queries
from jiuyi.domains.scheduling.events import PlaceClaimed
from jiuyi.domains.scheduling.words import (
    AlreadyBookedThatDay,
    AppointmentStatus,
    BookingChannel,
    CancelReason,
    KeyConflict,
    NoSuchWindow,
    NotYetVisible,
    PlaceGone,
    SessionStopped,
    TooManyBookings,
    WindowPassed,
)
from jiuyi.foundation import journal
from jiuyi.foundation.access import SYSTEM
from jiuyi.kernel.ids import new_id
from jiuyi.kernel.refusals import NotFound
from tests.factories import schedules
from tests.factories.schedules import CLERK, NOW, OPENS, PATIENT

pytestmark = pytest.mark.django_db

QUARTER = timedelta(minutes=15)


@pytest.fixture
def clinic(db):
    return schedules.clinic()


@pytest.fixture
def session_id(clinic):
    return schedules.session(clinic, minutes=60, per_window=1)


@pytest.fixture
def person_id(clinic):
    return schedules.person(clinic)


def state_of_the_world() -> tuple:
    with connection.cursor() as cursor:
        cursor.execute("SELECT (SELECT count(*) FROM scheduling_appointment), (SELECT count(*) FROM foundation_journalentry)")
        counts = cursor.fetchone()
        cursor.execute("SELECT state, count(*) FROM scheduling_place GROUP BY state ORDER BY state")
        return counts, cursor.fetchall()


def test_a_claimed_place_is_booked_with_voucher_channel_and_journal(clinic, session_id, person_id):
    taken = schedules.book(session_id, person_id)
    facts = queries.facts_appointment(taken.appointment_id)
    assert (facts.status, facts.channel, facts.account_id) == (AppointmentStatus.BOOKED, BookingChannel.WEB, PATIENT.id)
    assert (facts.window_start, facts.window_end) == (OPENS, OPENS + QUARTER)
    assert facts.organization_id == clinic.organization_id
    assert queries.facts_appointment_by_voucher(taken.voucher) == facts
    assert [w.free for w in queries.session_windows(session_id, NOW)] == [0, 1, 1, 1]
    assert queries.count_place_difference() == 0
    row = journal.entries_of_person(person_id)[-1]
    expected = PlaceClaimed(
        appointment_id=taken.appointment_id,
        session_id=session_id,
        place_id=facts.place_id,
        department_id=clinic.department_id,
        service_date=facts.service_date,
        window_start=OPENS,
        channel=BookingChannel.WEB,
        held=False,
    )
    assert (row.name, row.payload) == (PlaceClaimed.name, expected.payload())


def test_with_a_time_to_pay_the_place_is_held(session_id, person_id):
    taken = schedules.book(session_id, person_id, held_until=NOW + QUARTER)
    assert (taken.status, taken.held_until) == (AppointmentStatus.HELD, NOW + QUARTER)


def test_the_same_key_gives_the_same_answer_and_takes_no_second_place(session_id, person_id):
    first = schedules.book(session_id, person_id, key="k")
    before = state_of_the_world()
    again = schedules.book(session_id, person_id, key="k")
    assert (again.appointment_id, again.voucher, again.repeated) == (first.appointment_id, first.voucher, True)
    assert state_of_the_world() == before


def test_every_refusal_names_its_reason_and_changes_nothing(clinic, session_id, person_id):
    unreleased = schedules.session(clinic, starts_at=OPENS + timedelta(days=1), visible_at=NOW + timedelta(seconds=1))
    stopped = schedules.session(clinic, starts_at=OPENS + timedelta(days=2))
    actions.stop_session(actor=SYSTEM, now=NOW, session_id=stopped)
    schedules.book(session_id, person_id, key="used")
    others = schedules.people(clinic, 2)
    schedules.book(session_id, others[0], window_start=OPENS + QUARTER)
    table = [
        # _case, session, window, person, now, key, refusal, conflicts
        ("full", session_id, OPENS + QUARTER, others[1], NOW, None, PlaceGone, ["place_gone"]),
        ("full and booked", session_id, OPENS + QUARTER, person_id, NOW, None, AlreadyBookedThatDay,
         ["already_booked_that_day", "place_gone"]),
        ("booked that day", session_id, OPENS + 2 * QUARTER, person_id, NOW, None, AlreadyBookedThatDay, ["already_booked_that_day"]),
        ("no such window", session_id, OPENS + timedelta(minutes=7), others[1], NOW, None, NoSuchWindow, ["no_such_window"]),
        ("window over", session_id, OPENS + QUARTER, others[1], OPENS + 2 * QUARTER, None, WindowPassed, ["window_passed"]),
        ("not released", unreleased, OPENS + timedelta(days=1), others[1], NOW, None, NotYetVisible, ["not_yet_visible"]),
        ("stopped", stopped, OPENS + timedelta(days=2), others[1], NOW, None, SessionStopped, ["session_stopped"]),
        ("stopped and over", stopped, OPENS + timedelta(days=2), others[1], OPENS + timedelta(days=3), None, SessionStopped,
         ["session_stopped", "window_passed"]),
        ("key of another", session_id, OPENS + 2 * QUARTER, others[1], NOW, "used", KeyConflict, ["key_conflict"]),
    ]  # fmt: skip
    before = state_of_the_world()
    for case, session, window, person, now, key, refusal, conflicts in table:
        with pytest.raises(refusal) as caught:
            schedules.book(session, person, window_start=window, now=now, key=key)
        assert caught.value.data["conflicts"] == conflicts, case
        assert state_of_the_world() == before, case


def test_the_window_that_runs_now_can_be_booked_until_its_end(clinic, session_id):
    late = OPENS + QUARTER - timedelta(seconds=1)
    assert schedules.book(session_id, schedules.person(clinic), now=late).status is AppointmentStatus.BOOKED
    # The end itself belongs to the next window.
    with pytest.raises(WindowPassed):
        schedules.book(session_id, schedules.person(clinic, name="李强"), now=OPENS + QUARTER)


def test_places_are_visible_from_their_very_instant(clinic, person_id):
    session_id = schedules.session(clinic, visible_at=NOW)
    assert schedules.book(session_id, person_id, now=NOW).status is AppointmentStatus.BOOKED


def test_full_offers_the_nearest_windows_of_the_session_and_then_of_the_department(clinic, session_id):
    first, second, third = schedules.people(clinic, 3)
    schedules.book(session_id, first, window_start=OPENS + QUARTER)
    with pytest.raises(PlaceGone) as caught:
        schedules.book(session_id, second, window_start=OPENS + QUARTER)
    assert [(near.session_id, near.start) for near in caught.value.data["nearest"]] == [
        (session_id, OPENS), (session_id, OPENS + 2 * QUARTER), (session_id, OPENS + 3 * QUARTER),
    ]  # fmt: skip
    other = schedules.session(clinic, practitioner_id=schedules.doctor(clinic.organization_id, "吴敏"), minutes=15)
    schedules.book(session_id, second, window_start=OPENS)
    schedules.book(session_id, third, window_start=OPENS + 2 * QUARTER)
    offered = queries.nearest_free(session_id, OPENS + QUARTER, NOW)
    assert [(near.session_id, near.start) for near in offered] == [(other, OPENS), (session_id, OPENS + 3 * QUARTER)]


def test_a_cancelled_booking_gives_its_place_and_its_day_back(clinic, session_id, person_id):
    first = schedules.book(session_id, person_id)
    actions.cancel_appointment(actor=PATIENT, now=NOW, appointment_id=first.appointment_id, reason=CancelReason.PLAN_CHANGED)
    again = schedules.book(session_id, person_id)
    assert again.appointment_id != first.appointment_id
    assert queries.count_place_difference() == 0


def test_limits_hold_for_the_web_and_not_at_the_window(clinic, person_id):
    for number in range(3):
        department = clinic.department_id if number == 0 else _another_department(clinic, number)
        doctor = schedules.doctor(clinic.organization_id, f"医{number}")
        schedules.book(schedules.session(clinic, practitioner_id=doctor, department_id=department), person_id)
    fourth = schedules.session(
        clinic, practitioner_id=schedules.doctor(clinic.organization_id, "医四"), department_id=_another_department(clinic, 4)
    )
    before = state_of_the_world()
    with pytest.raises(TooManyBookings) as caught:
        schedules.book(fourth, person_id, window_start=OPENS)
    assert caught.value.data["conflicts"] == ["per_day"]
    assert state_of_the_world() == before
    assert schedules.book(fourth, person_id, actor=CLERK, channel=BookingChannel.WINDOW).status is AppointmentStatus.BOOKED


def _another_department(clinic, number: int) -> UUID:
    from jiuyi.domains.organizations import actions as organizations
    from jiuyi.domains.organizations.words import DepartmentCategory

    return organizations.add_department(
        actor=SYSTEM, now=NOW, organization_id=clinic.organization_id, name=f"科{number}", code=f"9{number}",
        category=DepartmentCategory.INTERNAL,
    )  # fmt: skip


def _request(session_id, person_id, **changes) -> dict:
    return {
        "key": str(new_id()), "appointment_id": str(new_id()), "voucher": str(new_id())[-12:], "person_id": str(person_id),
        "session_id": str(session_id), "window_start": OPENS.isoformat(), "pools": ["public"], "channel": "web", "actor_kind": "patient",
        "actor_id": str(PATIENT.id), "account_id": None, "fee_fen": 0, "fee_rule_id": "", "fee_rule_version": None, "held_until": None,
        "pay_at_arrival": True, "now": NOW.isoformat(),
    } | changes  # fmt: skip


def _claim(*requests: dict) -> list[tuple]:
    import json

    with connection.cursor() as cursor:
        cursor.execute("SELECT position, code, detail FROM claim_places_v1(%s::jsonb)", [json.dumps(requests)])
        return cursor.fetchall()


def test_one_bad_row_never_fails_its_batch(clinic, session_id, person_id):
    first, second = schedules.people(clinic, 2)
    answers = _claim(
        _request(session_id, first),
        _request(session_id, new_id(), window_start=(OPENS + QUARTER).isoformat()),  # nobody: the foreign key refuses at once
        _request("not a uuid", person_id),
        _request(session_id, person_id, window_start=(OPENS + QUARTER).isoformat(), channel="smoke signals"),
        {},
        _request(session_id, second),
        _request(session_id, second, window_start=(OPENS + 2 * QUARTER).isoformat()),
    )
    assert [code for _, code, _ in answers] == ["claimed", "invalid", "invalid", "invalid", "no_such_window", "place_gone", "claimed"]
    assert [position for position, _, _ in answers] == list(range(1, 8))
    assert [answers[1][2], answers[2][2], answers[3][2]] == ["23503", "22P02", "23514"]
    assert queries.count_place_difference() == 0
    assert [w.free for w in queries.session_windows(session_id, NOW)] == [0, 1, 0, 1]


def test_two_requests_of_one_person_in_a_batch_are_answered_each_on_its_own(clinic, session_id):
    first, second = schedules.people(clinic, 2)
    schedules.book(session_id, first)
    answers = _claim(
        _request(session_id, second),  # full
        _request(session_id, second, window_start=(OPENS + QUARTER).isoformat()),  # must not hear "already booked"
        _request(session_id, second, window_start=(OPENS + 2 * QUARTER).isoformat()),  # must
    )
    assert [code for _, code, _ in answers] == ["place_gone", "claimed", "already_booked_that_day"]


def test_an_unknown_session_is_not_found(person_id):
    with pytest.raises(NotFound):
        schedules.book(new_id(), person_id)

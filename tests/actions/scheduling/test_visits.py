"""What happens to an appointment after it was made; every refusal leaves it as it was."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from jiuyi.domains.identity.words import Certainty
from jiuyi.domains.scheduling import actions, queries
from jiuyi.domains.scheduling.words import (
    AlreadyBookedThatDay,
    AppointmentStatus,
    Arrival,
    CancelReason,
    CancelTooLate,
    HoldExpired,
    NotThatDay,
    NumberClass,
    PlaceState,
    WrongStatus,
)
from jiuyi.foundation import audit, journal
from jiuyi.foundation.access import SYSTEM, Actor, ActorKind
from jiuyi.kernel.ids import new_id
from jiuyi.kernel.refusals import NotAllowed, NotFound
from tests.factories import schedules
from tests.factories.schedules import CLERK, NOW, OPENS, PATIENT

pytestmark = pytest.mark.django_db
QUARTER = timedelta(minutes=15)
S = AppointmentStatus


@pytest.fixture
def clinic(db):
    return schedules.clinic()


@pytest.fixture
def session_id(clinic):
    return schedules.session(clinic)


@pytest.fixture
def person_id(clinic):
    return schedules.person(clinic)


@pytest.fixture(autouse=True)
def _places_agree_in_the_end(db):
    yield
    assert queries.count_place_difference() == 0


def status_of(appointment_id):
    return queries.facts_appointment(appointment_id).status


def free_places(session_id, now=NOW):
    return sum(window.free for window in queries.session_windows(session_id, now))


def place_states(session_id):
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT state FROM scheduling_place WHERE session_id = %s", [session_id])
        return {state for (state,) in cursor.fetchall()}


def cancel(appointment_id, *, actor=PATIENT, now=NOW, reason=CancelReason.PLAN_CHANGED):
    return actions.cancel_appointment(actor=actor, now=now, appointment_id=appointment_id, reason=reason)


@pytest.mark.catalogue("C4", part="cancel before the cut-off frees the place and gives the money back; later it counts as late")
def test_cancelling_frees_the_place_in_time_and_late(clinic, session_id):
    one, two = (
        schedules.book(session_id, p, window_start=w) for p, w in zip(schedules.people(clinic, 2), (OPENS, OPENS + QUARTER), strict=True)
    )
    assert free_places(session_id) == 2
    outcome = cancel(one.appointment_id)
    assert (outcome.refund, outcome.late) == (True, False)
    late = cancel(two.appointment_id, now=OPENS)
    assert (late.refund, late.late) == (True, True)
    assert queries.facts_appointment(two.appointment_id).cancelled_late
    assert free_places(session_id) == 4
    row = journal.entries_of_person(queries.facts_appointment(two.appointment_id).person_id)[-1]
    assert (row.name, row.payload["by"], row.payload["late"]) == ("scheduling.AppointmentCancelled", "patient", True)


def test_cancelling_twice_after_the_window_or_after_check_in_is_refused(session_id, person_id):
    taken = schedules.book(session_id, person_id)
    with pytest.raises(CancelTooLate):
        cancel(taken.appointment_id, now=OPENS + QUARTER)
    assert status_of(taken.appointment_id) is S.BOOKED
    actions.mark_arrived(actor=CLERK, now=OPENS, appointment_id=taken.appointment_id)
    with pytest.raises(WrongStatus):
        cancel(taken.appointment_id, now=OPENS)
    assert status_of(taken.appointment_id) is S.ARRIVED
    cancel(taken.appointment_id, now=OPENS, actor=CLERK, reason=CancelReason.WRONG_DEPARTMENT)
    with pytest.raises(WrongStatus):
        cancel(taken.appointment_id, now=OPENS, actor=CLERK)
    with pytest.raises(NotFound):
        cancel(new_id())


def test_the_hospitals_own_cancel_is_never_late(clinic, person_id):
    session_id = schedules.session(clinic, number_class=NumberClass.CHIEF)
    taken = schedules.book(session_id, person_id)
    outcome = cancel(taken.appointment_id, actor=CLERK, now=OPENS + QUARTER, reason=CancelReason.SESSION_STOPPED)
    assert (outcome.refund, outcome.late) == (True, False)


def test_a_hold_ends_at_its_very_instant_and_frees_the_place(session_id, person_id):
    until = NOW + QUARTER
    taken = schedules.book(session_id, person_id, held_until=until)
    assert queries.holds_due(now=until - timedelta(seconds=1), limit=9) == []
    assert not actions.expire_hold(actor=SYSTEM, now=until - timedelta(seconds=1), appointment_id=taken.appointment_id)
    assert status_of(taken.appointment_id) is S.HELD
    assert actions.expire_holds(now=until) == [taken.appointment_id]
    assert actions.expire_holds(now=until) == []
    assert (status_of(taken.appointment_id), free_places(session_id)) == (S.EXPIRED, 4)
    with pytest.raises(HoldExpired):
        actions.confirm_appointment(actor=SYSTEM, now=until, appointment_id=taken.appointment_id)


def test_a_hold_that_is_over_but_not_given_back_can_still_be_confirmed(session_id, person_id):
    taken = schedules.book(session_id, person_id, held_until=NOW + QUARTER)
    assert actions.confirm_appointment(actor=SYSTEM, now=NOW + 2 * QUARTER, appointment_id=taken.appointment_id)
    assert not actions.confirm_appointment(actor=SYSTEM, now=NOW + 2 * QUARTER, appointment_id=taken.appointment_id)
    assert actions.expire_holds(now=NOW + 3 * QUARTER) == []
    assert status_of(taken.appointment_id) is S.BOOKED


def test_an_unpaid_hold_cannot_check_in(session_id, person_id):
    taken = schedules.book(session_id, person_id, held_until=OPENS + QUARTER)
    with pytest.raises(WrongStatus):
        actions.mark_arrived(actor=CLERK, now=OPENS, appointment_id=taken.appointment_id)


def test_check_in_is_on_the_day_early_or_late_and_once(session_id, person_id):
    taken = schedules.book(session_id, person_id)
    with pytest.raises(NotThatDay):
        actions.mark_arrived(actor=CLERK, now=NOW, appointment_id=taken.appointment_id)
    with pytest.raises(WrongStatus):  # a patient's phone does not check in: the desk and the kiosk do
        actions.mark_arrived(actor=PATIENT, now=OPENS, appointment_id=taken.appointment_id)
    first = actions.mark_arrived(actor=CLERK, now=OPENS + QUARTER, appointment_id=taken.appointment_id)
    assert (first.arrival, first.late) == (Arrival.LATE, True)
    assert actions.mark_arrived(actor=CLERK, now=OPENS + timedelta(hours=2), appointment_id=taken.appointment_id) == first
    actions.undo_arrival(actor=CLERK, now=OPENS + QUARTER, appointment_id=taken.appointment_id)
    assert status_of(taken.appointment_id) is S.BOOKED
    again = actions.mark_arrived(actor=CLERK, now=OPENS, appointment_id=taken.appointment_id)
    assert (again.arrival, again.late) == (Arrival.ON_TIME, False)


def test_seen_and_not_the_right_person_after_all(session_id, person_id):
    taken = schedules.book(session_id, person_id)
    with pytest.raises(WrongStatus):
        actions.mark_fulfilled(actor=CLERK, now=OPENS, appointment_id=taken.appointment_id)
    actions.mark_arrived(actor=CLERK, now=OPENS, appointment_id=taken.appointment_id)
    for _ in range(2):
        actions.mark_fulfilled(actor=CLERK, now=OPENS, appointment_id=taken.appointment_id)
    assert status_of(taken.appointment_id) is S.FULFILLED
    actions.undo_fulfilled(actor=CLERK, now=OPENS, appointment_id=taken.appointment_id)
    assert status_of(taken.appointment_id) is S.ARRIVED


def test_a_finished_visit_cannot_live_again_beside_a_newer_booking(session_id, person_id):
    taken = schedules.book(session_id, person_id)
    actions.mark_arrived(actor=CLERK, now=OPENS, appointment_id=taken.appointment_id)
    actions.mark_fulfilled(actor=CLERK, now=OPENS, appointment_id=taken.appointment_id)
    schedules.book(session_id, person_id, window_start=OPENS + QUARTER, now=OPENS)
    with pytest.raises(AlreadyBookedThatDay):
        actions.undo_fulfilled(actor=CLERK, now=OPENS, appointment_id=taken.appointment_id)
    assert status_of(taken.appointment_id) is S.FULFILLED


@pytest.mark.catalogue("C4", part="an unattended booking becomes a no-show by itself")
def test_who_did_not_come_is_absent_after_grace_and_session_and_is_received_all_the_same(clinic, session_id):
    early, late = (schedules.book(session_id, p, window_start=w) for p, w in zip(
        schedules.people(clinic, 2), (OPENS, OPENS + 3 * QUARTER), strict=True))  # fmt: skip
    end = OPENS + timedelta(hours=1)
    assert actions.mark_noshows(now=end - timedelta(seconds=1)) == []
    assert actions.mark_noshows(now=end) == [early.appointment_id]  # its grace is long over, the session just now
    assert actions.mark_noshows(now=end + timedelta(minutes=30)) == []
    assert actions.mark_noshows(now=end + timedelta(minutes=30, seconds=1)) == [late.appointment_id]
    assert status_of(early.appointment_id) is S.NOSHOW
    arrived = actions.mark_arrived(actor=CLERK, now=end + timedelta(hours=1), appointment_id=early.appointment_id)
    assert arrived.arrival is Arrival.TOO_LATE


def test_a_patient_does_not_cancel_in_the_hospitals_name(session_id, person_id):
    taken = schedules.book(session_id, person_id)
    for reason in (CancelReason.SESSION_STOPPED, CancelReason.WRONG_DEPARTMENT):
        with pytest.raises(CancelTooLate):
            cancel(taken.appointment_id, now=OPENS + QUARTER, reason=reason)
    assert status_of(taken.appointment_id) is S.BOOKED
    assert cancel(taken.appointment_id, now=OPENS, reason=CancelReason.SESSION_STOPPED).late


def test_a_stopped_session_sells_nothing_more_and_names_who_must_be_told(clinic, session_id):
    booked, cancelled = (schedules.book(session_id, p, window_start=w) for p, w in zip(
        schedules.people(clinic, 2), (OPENS, OPENS + QUARTER), strict=True))  # fmt: skip
    cancel(cancelled.appointment_id)
    assert actions.stop_session(actor=SYSTEM, now=NOW, session_id=session_id) == [booked.appointment_id]
    assert free_places(session_id) == 0
    assert actions.mark_noshows(now=OPENS + timedelta(days=1)) == []  # nobody misses a session that did not take place
    # A place that is given back afterwards is not sold either.
    cancel(booked.appointment_id, actor=CLERK, reason=CancelReason.SESSION_STOPPED)
    assert place_states(session_id) == {PlaceState.WITHDRAWN}
    assert actions.stop_session(actor=SYSTEM, now=NOW, session_id=session_id) == []
    with pytest.raises(NotAllowed):
        actions.stop_session(actor=PATIENT, now=NOW, session_id=session_id)


def test_an_appointment_is_opened_by_who_booked_it_or_is_verified_and_by_nobody_else(session_id, person_id, monkeypatch):
    taken = schedules.book(session_id, person_id)
    stranger = Actor(ActorKind.PATIENT, new_id(), request_id=new_id())
    assert queries.open_appointment(PATIENT, taken.appointment_id, now=NOW).voucher == taken.voucher
    opened = audit.entries(person_id=person_id)
    assert [(row.act, row.actor_id) for row in opened] == [("appointment", PATIENT.id)]
    levels = {}
    monkeypatch.setattr(queries.appointments.people, "facts_link", lambda account, person: levels.get(account))
    for level, may in ((None, False), (Certainty.CLAIMED, False), (Certainty.VERIFIED, True)):
        levels[stranger.id] = level
        if may:
            assert queries.open_appointment(stranger, taken.appointment_id, now=NOW)
        else:
            with pytest.raises(NotFound):
                queries.open_appointment(stranger, taken.appointment_id, now=NOW)
    with pytest.raises(NotFound):
        queries.open_appointment(CLERK, taken.appointment_id, now=NOW)  # no role anywhere
    assert queries.open_appointment(SYSTEM, taken.appointment_id, now=NOW)


def test_an_account_sees_what_it_booked(session_id, clinic):
    mine, other = schedules.people(clinic, 2)
    taken = schedules.book(session_id, mine)
    schedules.book(session_id, other, window_start=OPENS + QUARTER, actor=Actor(ActorKind.PATIENT, new_id()))
    assert [facts.appointment_id for facts in queries.appointments_of_account(PATIENT, NOW)] == [taken.appointment_id]


def test_the_day_list_is_for_those_who_may_print_it(clinic, session_id, person_id):
    taken = schedules.book(session_id, person_id)
    [row] = queries.day_list(SYSTEM, clinic.organization_id, OPENS.date())
    assert (row.appointment_id, row.person_id, row.room_id) == (taken.appointment_id, person_id, clinic.room_id)
    with pytest.raises(NotAllowed):
        queries.day_list(PATIENT, clinic.organization_id, OPENS.date())


# The database's own laws, whatever the code does.


@pytest.mark.parametrize(
    ("law", "statement"),
    [
        ("never changes", "UPDATE scheduling_appointment SET person_id = (SELECT id FROM identity_person WHERE id <> person_id LIMIT 1)"),
        ("place_sold_once", "UPDATE scheduling_appointment SET place_id = (SELECT min(place_id::text)::uuid FROM scheduling_appointment)"),
        ("appointment_status_known", "UPDATE scheduling_appointment SET status = 'dreamt'"),
        ("appointment_hold_ends", "UPDATE scheduling_appointment SET status = 'held', held_until = NULL"),
        ("appointment_cancel_has_reason", "UPDATE scheduling_appointment SET status = 'cancelled'"),
    ],
)
def test_the_database_refuses(clinic, session_id, law, statement):
    for person, window in zip(schedules.people(clinic, 2), (OPENS, OPENS + QUARTER), strict=True):
        schedules.book(session_id, person, window_start=window)
    with pytest.raises(IntegrityError, match=law), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)

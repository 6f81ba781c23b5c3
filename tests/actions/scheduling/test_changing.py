"""Stop, substitute, delay, another room: nobody who booked is lost, and a refused change changes nothing."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from jiuyi.domains.organizations import actions as organizations
from jiuyi.domains.organizations.words import PractitionerTitle, RoomKind
from jiuyi.domains.scheduling import actions, queries
from jiuyi.domains.scheduling.actions import answering
from jiuyi.domains.scheduling.models import Appointment, AppointmentMove, ChangeNotice, SessionChange
from jiuyi.domains.scheduling.queries import changes
from jiuyi.domains.scheduling.words import (
    ChangeChoice,
    ChangeKind,
    DoctorBusy,
    DoctorOnTheRoad,
    NoSuchWindow,
    NumberClass,
    Reach,
    SessionStatus,
    SessionStopped,
)
from jiuyi.domains.scheduling.words.changes import (
    AlreadyChosen,
    DelayTooLong,
    NothingChanged,
    NotSameClass,
    RoomElsewhere,
    SessionOver,
)
from jiuyi.foundation.access import SYSTEM
from jiuyi.kernel.ids import new_id
from jiuyi.kernel.refusals import NotAllowed, NotFound
from tests.factories import schedules
from tests.factories.schedules import NOW, OPENS, PATIENT

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
QUARTER = 15 * MINUTE


@pytest.fixture
def clinic(db):
    return schedules.clinic()


@pytest.fixture
def session_id(clinic):
    return schedules.session(clinic)


@pytest.fixture
def booked(clinic, session_id):
    """Two of the four windows are taken."""
    return [
        schedules.book(session_id, person, window_start=start).appointment_id
        for person, start in zip(schedules.people(clinic, 2), (OPENS, OPENS + 2 * QUARTER), strict=True)
    ]


@pytest.fixture(autouse=True)
def _places_agree_in_the_end(db):
    yield
    assert queries.count_place_difference() == 0


def windows(session_id):
    return [each.start for each in queries.session_windows(session_id, NOW - timedelta(hours=1))]


def everything(session_id):
    """The session with its places and appointments, to see that a refusal changed nothing."""
    facts = queries.facts_session(session_id)
    live = queries.facts_appointments_of_session(session_id)
    return facts, live, windows(session_id), changes.session_state(session_id), SessionChange.objects.count(), ChangeNotice.objects.count()


def notices(change_id):
    return changes.facts_notices_of_change(change_id)


def delay(session_id, minutes, now=NOW):
    return actions.delay_session(actor=SYSTEM, now=now, session_id=session_id, minutes=minutes, reason="手术未结束")


def substitute(session_id, practitioner_id, now=NOW):
    return actions.substitute_session(actor=SYSTEM, now=now, session_id=session_id, practitioner_id=practitioner_id, reason="出差")


def test_a_stop_writes_one_notice_for_everybody_booked_and_a_second_stop_none(session_id, booked):
    for _ in range(2):
        assert actions.stop_session(actor=SYSTEM, now=NOW, session_id=session_id, reason="医生生病") == booked
    (change,) = changes.changes_of_session(session_id)
    assert (change.kind, change.reason) == (ChangeKind.STOP, "医生生病")
    assert [each.appointment_id for each in notices(change.change_id)] == booked
    assert all(each.waits_for_choice for each in notices(change.change_id))
    assert queries.facts_session(session_id).status is SessionStatus.STOPPED


def test_a_substitute_takes_the_appointments_over_and_the_doctor_who_left_is_kept(clinic, session_id, booked):
    other = schedules.doctor(clinic.organization_id, name="何文")
    changed = substitute(session_id, other)
    assert changed.appointment_ids == tuple(booked)
    assert {each.practitioner_id for each in queries.facts_appointments(booked)} == {other}
    assert queries.facts_session(session_id).practitioner_id == other
    assert changes.session_state(session_id).original_practitioner_id == clinic.practitioner_id
    assert [each.appointment_id for each in notices(changed.change_id)] == booked
    late = schedules.book(session_id, schedules.person(clinic, "张后来"), window_start=OPENS + QUARTER)
    assert queries.facts_appointment(late.appointment_id).practitioner_id == other


def test_a_second_substitute_still_says_whose_session_it_was(clinic, session_id):
    for name in ("何文", "何武"):
        substitute(session_id, schedules.doctor(clinic.organization_id, name=name))
    assert changes.session_state(session_id).original_practitioner_id == clinic.practitioner_id


@pytest.mark.parametrize(
    "_case", ["busy", "on the road", "lower rank", "the same doctor", "stopped", "over", "nobody may", "unknown doctor"]
)
def test_a_substitute_that_cannot_be_changes_nothing(clinic, session_id, booked, _case):
    other = schedules.doctor(clinic.organization_id, name="何文")
    target, now, actor, expected = session_id, NOW, SYSTEM, DoctorBusy
    if _case == "busy":
        schedules.session(clinic, practitioner_id=other, starts_at=OPENS + QUARTER)
    elif _case == "on the road":
        elsewhere = schedules.clinic()
        schedules.session(elsewhere, practitioner_id=other, starts_at=OPENS + timedelta(minutes=90))
        expected = DoctorOnTheRoad
    elif _case == "lower rank":
        target = schedules.session(clinic, starts_at=OPENS + timedelta(hours=3), number_class=NumberClass.CHIEF)
        expected = NotSameClass
    elif _case == "the same doctor":
        other, expected = clinic.practitioner_id, NothingChanged
    elif _case == "stopped":
        actions.stop_session(actor=SYSTEM, now=NOW, session_id=session_id)
        expected = SessionStopped
    elif _case == "over":
        now, expected = OPENS + timedelta(hours=1), SessionOver
    elif _case == "nobody may":
        actor, expected = PATIENT, NotAllowed
    else:
        other, expected = new_id(), NotFound
    before = everything(target)
    with pytest.raises(expected):
        actions.substitute_session(actor=actor, now=now, session_id=target, practitioner_id=other, reason="出差")
    assert everything(target) == before


def test_a_delay_shifts_windows_places_and_appointments_alike(session_id, booked):
    changed = delay(session_id, 30)
    assert windows(session_id) == [OPENS + 30 * MINUTE + QUARTER * n for n in range(4)]
    assert [each.window_start for each in queries.facts_appointments(booked)] == [OPENS + 30 * MINUTE, OPENS + 60 * MINUTE]
    session = queries.facts_session(session_id)
    assert (session.starts_at, session.ends_at) == (OPENS + 30 * MINUTE, OPENS + 90 * MINUTE)
    moves = AppointmentMove.objects.order_by("from_window_start")
    assert [(each.appointment_id, each.from_window_start, each.reason, each.by) for each in moves] == [
        (booked[0], OPENS, "delayed", "hospital"),
        (booked[1], OPENS + 2 * QUARTER, "delayed", "hospital"),
    ]
    assert {each.appointment_id for each in notices(changed.change_id)} == set(booked)


def test_a_delay_in_the_middle_leaves_what_is_over_and_takes_along_whoever_still_waits(clinic, session_id, booked):
    now = OPENS + 20 * MINUTE  # the first window is over, its owner has not come yet
    delay(session_id, 30, now=now)
    assert queries.facts_session(session_id).starts_at == OPENS
    assert windows(session_id) == [OPENS + 30 * MINUTE + QUARTER * n for n in range(4)]
    with pytest.raises(NoSuchWindow):
        schedules.book(session_id, schedules.person(clinic), window_start=OPENS + QUARTER, now=now)


def test_places_that_ran_out_before_the_delay_stay_where_they_were(session_id, clinic):
    delay(session_id, 15, now=OPENS + 20 * MINUTE)
    assert windows(session_id) == [OPENS, OPENS + 2 * QUARTER, OPENS + 3 * QUARTER, OPENS + 4 * QUARTER]


def test_away_until_unknown_ends_with_a_delay(session_id, booked):
    first = delay(session_id, None)
    assert changes.session_state(session_id).away_since == NOW
    assert windows(session_id)[0] == OPENS
    with pytest.raises(NothingChanged):
        delay(session_id, None)
    second = delay(session_id, 45, now=NOW + MINUTE)
    state = changes.session_state(session_id)
    assert (state.away_since, state.delayed_minutes) == (None, 45)
    assert windows(session_id)[0] == OPENS + 45 * MINUTE
    assert [each.change.change_id for each in changes.newest_notices(booked).values()] == [second.change_id] * 2
    assert len(notices(first.change_id)) == 2


def test_a_doctor_who_is_back_at_once_shifts_nothing(session_id, booked):
    delay(session_id, None)
    delay(session_id, 0)
    assert changes.session_state(session_id).away_since is None
    assert [each.window_start for each in queries.facts_appointments(booked)] == [OPENS, OPENS + 2 * QUARTER]
    assert not AppointmentMove.objects.exists()


@pytest.mark.parametrize("_case", ["too short", "too long", "past midnight", "busy", "on the road", "stopped", "over", "nobody may"])
def test_a_delay_that_cannot_be_changes_nothing(clinic, session_id, booked, _case):
    target, minutes, now, actor, expected = session_id, 30, NOW, SYSTEM, DelayTooLong
    if _case == "too short":
        minutes = 4
    elif _case == "too long":
        minutes = 241
    elif _case == "past midnight":
        target = schedules.session(clinic, starts_at=OPENS + timedelta(hours=15))  # 23:00–24:00
        minutes = 5
    elif _case == "busy":
        schedules.session(clinic, starts_at=OPENS + timedelta(minutes=75))
        expected = DoctorBusy
    elif _case == "on the road":
        schedules.session(schedules.clinic(), practitioner_id=clinic.practitioner_id, starts_at=OPENS + timedelta(minutes=135))
        expected = DoctorOnTheRoad
    elif _case == "stopped":
        actions.stop_session(actor=SYSTEM, now=NOW, session_id=session_id)
        expected = SessionStopped
    elif _case == "over":
        now, expected = OPENS + timedelta(hours=1), SessionOver
    else:
        actor, expected = PATIENT, NotAllowed
    before = everything(target)
    with pytest.raises(expected):
        actions.delay_session(actor=actor, now=now, session_id=target, minutes=minutes, reason="抢救")
    assert everything(target) == before


def test_a_delay_names_the_other_visit_that_it_makes_impossible(clinic, session_id):
    surgery = schedules.clinic()
    person, free = schedules.people(clinic, 2)
    mine = schedules.book(session_id, person).appointment_id
    other = schedules.book(schedules.session(surgery, starts_at=OPENS + timedelta(minutes=90)), person, window_start=OPENS + 90 * MINUTE)
    schedules.book(session_id, free, window_start=OPENS + QUARTER)
    changed = delay(session_id, 30)
    assert {each.appointment_id: each.collides_with for each in notices(changed.change_id)}[mine] == other.appointment_id
    assert [each.collides_with for each in notices(changed.change_id)].count(None) == 1


def test_another_room(clinic, session_id, booked):
    building = organizations.add_building(actor=SYSTEM, now=NOW, organization_id=clinic.organization_id, name="新楼")
    room = organizations.add_room(
        actor=SYSTEM, now=NOW, building_id=building, floor=1, number="101", name="一诊室", kind=RoomKind.CONSULTING, department_id=None
    )
    changed = actions.change_room(actor=SYSTEM, now=NOW, session_id=session_id, room_id=room, reason="漏水")
    assert {each.room_id for each in queries.facts_appointments(booked)} == {room}
    assert len(notices(changed.change_id)) == 2
    before = everything(session_id)
    for wrong, expected in ((room, NothingChanged), (schedules.clinic().room_id, RoomElsewhere)):
        with pytest.raises(expected):
            actions.change_room(actor=SYSTEM, now=NOW, session_id=session_id, room_id=wrong)
    assert everything(session_id) == before


def test_a_booking_that_still_names_the_doctor_who_left_follows_the_session(clinic, session_id, booked):
    other = schedules.doctor(clinic.organization_id, name="何文")
    changed = substitute(session_id, other)
    person = schedules.person(clinic, "张后来")
    late = schedules.book(session_id, person, window_start=OPENS + QUARTER).appointment_id
    Appointment.objects.filter(pk=late).update(practitioner_id=clinic.practitioner_id)  # as a claim under way would write it
    assert actions.follow_substitutes(actor=SYSTEM, now=NOW) == [late]
    assert queries.facts_appointment(late).practitioner_id == other
    assert late in {each.appointment_id for each in notices(changed.change_id)}
    assert actions.follow_substitutes(actor=SYSTEM, now=NOW) == []


def test_the_list_of_calls_shrinks_by_knowing_and_waits_after_no_answer(clinic, session_id, booked):
    delay(session_id, 30)
    due = NOW + timedelta(minutes=720)
    assert changes.notices_to_call([clinic.organization_id], now=due - MINUTE) == []
    assert [each.appointment_id for each in changes.notices_to_call([clinic.organization_id], now=due)] == booked
    first, second = changes.notices_to_call([clinic.organization_id], now=due)
    answering.note_call(actor=SYSTEM, now=due, notice_id=first.notice_id, answered=False)
    answering.note_known(actor=SYSTEM, now=due, notice_id=second.notice_id)
    assert changes.notices_to_call([clinic.organization_id], now=due + 29 * MINUTE) == []
    (again,) = changes.notices_to_call([clinic.organization_id], now=due + 30 * MINUTE)
    assert (again.notice_id, again.calls, again.reach) == (first.notice_id, 1, Reach.CALL_LIST)
    answering.note_call(actor=SYSTEM, now=due + 30 * MINUTE, notice_id=first.notice_id, answered=True)
    assert changes.notices_to_call([clinic.organization_id], now=due + timedelta(hours=2)) == []


def test_only_the_newest_change_is_rung_about(clinic, session_id, booked):
    delay(session_id, 30)
    delay(session_id, 15, now=NOW + MINUTE)
    due = changes.notices_to_call([clinic.organization_id], now=NOW + timedelta(days=1))
    assert [each.change.delay_minutes for each in due] == [15, 15]


def test_a_choice_is_written_once_and_a_final_one_stays(session_id, booked):
    changed = delay(session_id, 30)
    notice_id = notices(changed.change_id)[0].notice_id
    for _ in range(2):
        actions.note_choice(actor=PATIENT, now=NOW, notice_id=notice_id, choice=ChangeChoice.KEEP)
    assert actions.note_choice(actor=PATIENT, now=NOW, notice_id=notice_id, choice=ChangeChoice.REFUND)
    assert not actions.note_choice(actor=PATIENT, now=NOW, notice_id=notice_id, choice=ChangeChoice.REFUND)
    with pytest.raises(AlreadyChosen):
        actions.note_choice(actor=PATIENT, now=NOW, notice_id=notice_id, choice=ChangeChoice.KEEP)
    notice = changes.facts_notice(notice_id)
    assert (notice.choice, notice.known_at, notice.call_due_at) == (ChangeChoice.REFUND, NOW, None)


def test_the_database_keeps_one_notice_for_each_change_and_appointment(session_id, booked):
    changed = delay(session_id, 30)
    with pytest.raises(IntegrityError, match="told_once_per_change"), transaction.atomic():
        ChangeNotice.objects.create(change_id=changed.change_id, appointment_id=booked[0])


def test_a_chief_may_see_patients_of_a_lower_class(clinic, session_id, booked):
    chief = organizations.add_practitioner(
        actor=SYSTEM, now=NOW, name="祝主任", title=PractitionerTitle.CHIEF, home_organization_id=clinic.organization_id
    )
    assert substitute(session_id, chief).appointment_ids == tuple(booked)

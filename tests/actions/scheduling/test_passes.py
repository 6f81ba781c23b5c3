from datetime import timedelta

import pytest

from jiuyi.domains.scheduling import queries
from jiuyi.domains.scheduling.actions import cancel_appointment, draw, passes, stop_session
from jiuyi.domains.scheduling.actions.moving import move_appointment
from jiuyi.domains.scheduling.models import BookingPass, ClinicSession, DrawEntry
from jiuyi.domains.scheduling.queries import releases
from jiuyi.domains.scheduling.words import (
    AlreadyBookedThatDay,
    BookingChannel,
    CancelReason,
    ClockSkew,
    DrawClosed,
    DrawOutcome,
    MoveReason,
    NotYetVisible,
    Party,
    PassExpired,
    PassForged,
    PassUsed,
    SessionStopped,
    TooManyBookings,
    open_pass,
)
from jiuyi.foundation.access import SYSTEM
from tests.factories import schedules
from tests.factories.schedules import NOW, OPENS, PATIENT

OPENS_TO_ALL = NOW + timedelta(minutes=30)
SECOND = timedelta(seconds=1)


@pytest.fixture
def clinic(db):
    return schedules.clinic()


def issue(session_id, person_id, *, now=NOW, **more):
    values = {"channel": BookingChannel.WEB, "account_id": PATIENT.id, "fee_fen": 1500, "fee_rule": None} | more
    return passes.issue_pass(actor=PATIENT, now=now, person_id=person_id, session_id=session_id, **values)


def test_asked_again_a_pass_is_the_same_with_new_life(clinic):
    session_id, person_id = schedules.session(clinic), schedules.person(clinic)
    first = issue(session_id, person_id)
    until = BookingPass.objects.get().expires_at
    assert issue(session_id, person_id, now=NOW + timedelta(minutes=10)) == first
    assert BookingPass.objects.get().expires_at == until + timedelta(minutes=10)


def test_a_pass_for_a_session_that_is_released_later_lives_beyond_the_release(clinic):
    session_id = schedules.session(clinic, visible_at=OPENS_TO_ALL)
    issue(session_id, schedules.person(clinic))
    assert BookingPass.objects.get().expires_at == OPENS_TO_ALL + timedelta(minutes=30)


def test_after_its_booking_was_given_up_another_pass_is_given(clinic):
    session_id, person_id = schedules.session(clinic), schedules.person(clinic)
    first = issue(session_id, person_id)
    taken = schedules.book(session_id, person_id, key=first)
    cancel_appointment(actor=PATIENT, now=NOW, appointment_id=taken.appointment_id, reason=CancelReason.PLAN_CHANGED)
    assert issue(session_id, person_id) != first


def test_a_booked_person_gets_no_pass_for_the_same_department_and_day(clinic):
    session_id, person_id = schedules.session(clinic), schedules.person(clinic)
    doctor = schedules.doctor(clinic.organization_id, "钱医生")
    other = schedules.session(clinic, starts_at=OPENS + timedelta(hours=2), practitioner_id=doctor)
    schedules.book(session_id, person_id)
    with pytest.raises((AlreadyBookedThatDay, TooManyBookings)):
        issue(other, person_id)
    assert not BookingPass.objects.exists()


def test_a_stopped_session_has_no_passes(clinic):
    session_id = schedules.session(clinic)
    stop_session(actor=SYSTEM, now=NOW, session_id=session_id)
    with pytest.raises(SessionStopped):
        issue(session_id, schedules.person(clinic))


def test_what_the_pass_says_is_what_was_decided(clinic):
    session_id, person_id = schedules.session(clinic), schedules.person(clinic)
    pass_id = issue(session_id, person_id)
    found = open_pass(passes.sealed(pass_id=pass_id, pay_at_arrival=False), passes.pass_key(), now=NOW)
    assert (found.pass_id, found.person_id, found.session_id, found.fee_fen) == (pass_id, person_id, session_id, 1500)
    assert found.hold_seconds == 15 * 60
    assert open_pass(passes.sealed(pass_id=pass_id, pay_at_arrival=True), passes.pass_key(), now=NOW).hold_seconds == 0


@pytest.mark.parametrize(
    ("_case", "change", "now", "refusal"),
    [
        ("good", lambda text: text, NOW, None),
        ("the last second", lambda text: text, NOW + timedelta(minutes=30) - SECOND, None),
        ("its end", lambda text: text, NOW + timedelta(minutes=30), PassExpired),
        ("a letter changed", lambda text: text[:30] + ("A" if text[30] != "A" else "B") + text[31:], NOW, PassForged),
        ("cut", lambda text: text[:-4], NOW, PassForged),
        ("empty", lambda text: "", NOW, PassForged),
        ("not base64", lambda text: "号" * 20, NOW, PassForged),
        ("clocks half a minute apart", lambda text: text, NOW - 30 * SECOND, None),
        ("clocks farther apart", lambda text: text, NOW - 31 * SECOND, ClockSkew),
    ],
)
def test_reading_a_pass(clinic, _case, change, now, refusal):
    text = change(passes.sealed(pass_id=issue(schedules.session(clinic), schedules.person(clinic)), pay_at_arrival=False))
    if refusal is None:
        assert open_pass(text, passes.pass_key(), now=now)
    else:
        with pytest.raises(refusal):
            open_pass(text, passes.pass_key(), now=now)


def test_another_installations_key_reads_nothing(clinic):
    text = passes.sealed(pass_id=issue(schedules.session(clinic), schedules.person(clinic)), pay_at_arrival=False)
    with pytest.raises(PassForged):
        open_pass(text, b"k" * 32, now=NOW)


@pytest.fixture
def release(clinic):
    """Three windows with one place each, released in half an hour by a draw."""
    session_id = schedules.session(clinic, minutes=45, visible_at=OPENS_TO_ALL)
    ClinicSession.objects.filter(pk=session_id).update(draws=True)
    return session_id


def enter(session_id, person_id, *wishes, now=NOW, any_window=True, pay_at_arrival=False):
    return draw.enter_draw(
        now=now, pass_id=issue(session_id, person_id, now=now), wishes=wishes, any_window=any_window, pay_at_arrival=pay_at_arrival
    )


@pytest.mark.parametrize(
    ("_case", "now", "open_now"),
    [
        ("an hour and a second before", OPENS_TO_ALL - timedelta(hours=1) - SECOND, False),
        ("an hour before", OPENS_TO_ALL - timedelta(hours=1), True),
        ("the last second", OPENS_TO_ALL - SECOND, True),
        ("the release itself", OPENS_TO_ALL, False),
    ],
)
def test_when_one_may_enter(clinic, release, _case, now, open_now):
    if open_now:
        enter(release, schedules.person(clinic), now=now)
        assert releases.facts_release(release, now).waiting == 1
    else:
        with pytest.raises(DrawClosed):
            enter(release, schedules.person(clinic), now=now)
        assert not DrawEntry.objects.exists()


def test_nothing_is_drawn_before_the_release(clinic, release):
    enter(release, schedules.person(clinic))
    assert draw.draw_session(actor=SYSTEM, now=OPENS_TO_ALL - SECOND, session_id=release) == []
    assert releases.facts_release(release, NOW).drawn_at is None


@pytest.mark.catalogue("C1", part="those who are there at a release are drawn, whoever was first")
def test_five_want_three_places(clinic, release):
    people = schedules.people(clinic, 5)
    for person_id in people:
        enter(release, person_id, OPENS)
    assert releases.draws_due(OPENS_TO_ALL) == [release]
    won = draw.draw_session(actor=SYSTEM, now=OPENS_TO_ALL, session_id=release)
    assert len(won) == 3
    entries = [releases.facts_draw_entry(release, person_id) for person_id in people]
    assert sorted(each.rank for each in entries) == [1, 2, 3, 4, 5]
    assert sorted(each.outcome for each in entries) == [DrawOutcome.LOST] * 2 + [DrawOutcome.WON] * 3
    first = min(entries, key=lambda each: each.rank)
    assert queries.facts_appointment(first.appointment_id).window_start == OPENS
    assert {each.rank for each in entries if each.outcome is DrawOutcome.LOST} == {4, 5}
    assert releases.draws_due(OPENS_TO_ALL) == []
    assert draw.draw_session(actor=SYSTEM, now=OPENS_TO_ALL, session_id=release) == []
    assert queries.count_place_difference() == 0


def test_others_wait_until_the_draw_is_done_or_nobody_draws(clinic, release):
    person_id = schedules.person(clinic)
    with pytest.raises(NotYetVisible):
        schedules.book(release, person_id, now=OPENS_TO_ALL + 19 * SECOND)
    assert schedules.book(release, person_id, now=OPENS_TO_ALL + 20 * SECOND)


def test_after_the_draw_the_rest_is_everybodys_at_once(clinic, release):
    enter(release, schedules.person(clinic), OPENS)
    draw.draw_session(actor=SYSTEM, now=OPENS_TO_ALL, session_id=release)
    assert schedules.book(release, schedules.person(clinic, "李四"), window_start=OPENS + timedelta(minutes=15), now=OPENS_TO_ALL + SECOND)


def test_whoever_entered_while_the_draw_ran_is_drawn_by_the_next(clinic, release):
    draw.draw_session(actor=SYSTEM, now=OPENS_TO_ALL, session_id=release)
    enter(release, schedules.person(clinic), now=OPENS_TO_ALL - SECOND)
    assert releases.draws_due(OPENS_TO_ALL) == [release]
    assert len(draw.draw_session(actor=SYSTEM, now=OPENS_TO_ALL, session_id=release)) == 1


def test_whoever_was_booked_meanwhile_gets_no_second_place_and_takes_none_away(clinic, release):
    one, two = schedules.people(clinic, 2)
    enter(release, one, OPENS)
    enter(release, two, OPENS)
    doctor = schedules.doctor(clinic.organization_id, "钱医生")
    other = schedules.session(clinic, starts_at=OPENS + timedelta(hours=3), practitioner_id=doctor)
    schedules.book(other, one, window_start=OPENS + timedelta(hours=3), channel=BookingChannel.WINDOW)
    won = draw.draw_session(actor=SYSTEM, now=OPENS_TO_ALL, session_id=release)
    assert [each.person_id for each in won] == [two]
    assert releases.facts_draw_entry(release, one).refusal == "already_booked_that_day"
    assert queries.count_place_difference() == 0


def test_what_one_could_not_take_is_the_next_ones_in_the_drawn_order(clinic, release, monkeypatch):
    monkeypatch.setattr(draw, "order_of", lambda entry_ids, _seed: entry_ids)
    people = schedules.people(clinic, 5)
    for person_id in people:
        enter(release, person_id)
    doctor = schedules.doctor(clinic.organization_id, "钱医生")
    other = schedules.session(clinic, starts_at=OPENS + timedelta(hours=3), practitioner_id=doctor, per_window=2)
    for person_id in people[:2]:
        schedules.book(other, person_id, window_start=OPENS + timedelta(hours=3), channel=BookingChannel.WINDOW)
    won = draw.draw_session(actor=SYSTEM, now=OPENS_TO_ALL, session_id=release)
    assert {each.person_id for each in won} == set(people[2:])
    assert releases.facts_draw_entry(release, people[0]).refusal == "already_booked_that_day"
    assert queries.count_place_difference() == 0


def test_leaving_gives_the_pass_back(clinic, release):
    person_id = schedules.person(clinic)
    enter(release, person_id)
    draw.leave_draw(now=NOW, session_id=release, person_id=person_id)
    assert BookingPass.objects.get().given_back_at == NOW
    assert draw.draw_session(actor=SYSTEM, now=OPENS_TO_ALL, session_id=release) == []


def test_a_pass_whose_booking_was_moved_since_still_has_its_answer(clinic):
    session_id, person_id = schedules.session(clinic), schedules.person(clinic)
    pass_id = issue(session_id, person_id)
    found = open_pass(passes.sealed(pass_id=pass_id, pay_at_arrival=True), passes.pass_key(), now=NOW)
    first = passes.claim_with(found, window_start=OPENS, now=NOW)
    later = OPENS + timedelta(minutes=30)
    move_appointment(
        actor=PATIENT,
        now=NOW,
        appointment_id=first.appointment_id,
        session_id=session_id,
        window_start=later,
        reason=MoveReason.PATIENT,
        by=Party.PATIENT,
        idempotency_key="moved",
    )
    again = passes.claim_with(found, window_start=OPENS, now=NOW)
    assert (again.appointment_id, again.repeated) == (first.appointment_id, True)
    with pytest.raises(PassUsed):
        passes.claim_with(found, window_start=OPENS + timedelta(minutes=15), now=NOW)

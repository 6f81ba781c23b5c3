"""Bookings that are under way while a session changes: each is either noticed, or refused, or made at the new time."""

from datetime import timedelta

import pytest

from jiuyi.domains.scheduling import actions, queries
from jiuyi.domains.scheduling.queries import changes
from jiuyi.domains.scheduling.words import BookingChannel, NoSuchWindow, PlaceGone
from jiuyi.foundation.access import SYSTEM
from tests.factories import schedules
from tests.factories.schedules import CLERK, NOW, OPENS, at_once

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
RIVALS = 24
HALF_AN_HOUR = timedelta(minutes=30)


@pytest.fixture
def clinic(db):
    return schedules.clinic()


def _race(clinic, session_id, change):
    rivals = schedules.people(clinic, RIVALS)
    *booked, changed = at_once(
        [
            *(lambda person=person: schedules.book(session_id, person, actor=CLERK, channel=BookingChannel.WINDOW) for person in rivals),
            change,
        ]
    )
    assert not isinstance(changed, BaseException), changed
    got = {each.appointment_id for each in booked if not isinstance(each, BaseException)}
    refused = {type(each) for each in booked if isinstance(each, BaseException)}
    assert queries.count_place_difference() == 0
    return got, refused, changed


def test_a_booking_during_a_delay_is_noticed_or_refused_and_never_left_at_the_old_time(clinic):
    session_id = schedules.session(clinic, minutes=15, per_window=RIVALS)
    got, refused, changed = _race(
        clinic,
        session_id,
        lambda: actions.delay_session(actor=SYSTEM, now=NOW, session_id=session_id, minutes=30, reason="抢救"),
    )
    assert refused <= {NoSuchWindow, PlaceGone}
    assert got == set(changed.appointment_ids)
    assert got == {each.appointment_id for each in changes.facts_notices_of_change(changed.change_id)}
    assert {each.window_start for each in queries.facts_appointments(got)} <= {OPENS + HALF_AN_HOUR}


def test_a_booking_during_a_substitution_names_the_doctor_who_will_be_there(clinic):
    session_id = schedules.session(clinic, minutes=15, per_window=RIVALS)
    other = schedules.doctor(clinic.organization_id, name="何文")
    got, refused, _ = _race(
        clinic,
        session_id,
        lambda: actions.substitute_session(actor=SYSTEM, now=NOW, session_id=session_id, practitioner_id=other, reason="出差"),
    )
    mended = actions.follow_substitutes(actor=SYSTEM, now=NOW)
    assert refused == set()
    assert {each.practitioner_id for each in queries.facts_appointments(got)} == {other}
    (change,) = changes.changes_of_session(session_id)
    assert set(mended) <= {each.appointment_id for each in changes.facts_notices_of_change(change.change_id)}

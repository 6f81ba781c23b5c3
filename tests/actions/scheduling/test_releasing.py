"""Nobody books an unreleased place through any door; a changed rule is obeyed by the next release; shares go back at their time."""

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta

import pytest

from jiuyi.domains.scheduling import models
from jiuyi.domains.scheduling.actions import generating, releasing, timetable
from jiuyi.domains.scheduling.actions.sessions import NewSession
from jiuyi.domains.scheduling.queries.sums import count_sum_differences
from jiuyi.domains.scheduling.queries.timetable import shares_of_session
from jiuyi.domains.scheduling.words import BookingChannel, NoSuchWindow, NotYetVisible, NumberClass, PlaceGone, Pool
from jiuyi.foundation import rulebook
from jiuyi.foundation.access import SYSTEM
from jiuyi.kernel.clock import instant_at
from jiuyi.kernel.refusals import Invalid
from tests.factories import schedules

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 2, 0, tzinfo=UTC)  # Monday 08:00
DAY = date(2026, 3, 31)  # a Tuesday beyond every release
RELEASE = instant_at(date(2026, 3, 17), time(7))


@pytest.fixture
def where():
    return schedules.clinic()


def publish(where, day=DAY, **changes):
    values = {
        "practitioner_id": where.practitioner_id,
        "department_id": where.department_id,
        "room_id": where.room_id,
        "starts_at": instant_at(day, time(8)),
        "ends_at": instant_at(day, time(11, 30)),
        "number_class": NumberClass.ORDINARY,
        "per_window": 3,
        "visible_at": NOW,
    }
    return generating.publish_one_off(actor=SYSTEM, now=NOW, session=NewSession(**{**values, **changes}))


def change(rule_id, valid_from=None, scope_id=None, now=NOW, **values):
    return rulebook.change_rule(
        actor=SYSTEM,
        now=now,
        rule_id=rule_id,
        scope_id=scope_id,
        values=values,
        valid_from=valid_from or now,
        reason="试行",
        source="院办会议",
    )


def replan(now=NOW):
    return releasing.replan_unreleased(actor=SYSTEM, now=now)


def pools(session_id):
    return Counter(models.Place.objects.filter(session_id=session_id).values_list("pool", flat=True))


def place_of(session_id, pool):
    return models.Place.objects.filter(session_id=session_id, pool=pool, state="free").order_by("window_start").last()


@pytest.mark.parametrize("channel", BookingChannel)
def test_nobody_books_an_unreleased_place_through_any_door(where, channel):
    session_id = publish(where)
    person_id = schedules.person(where)
    before = instant_at(date(2026, 3, 13), time(8)) - timedelta(seconds=1)  # even the township's head start has not begun
    told = []
    for window in models.Place.objects.filter(session_id=session_id).values_list("window_start", flat=True).distinct():
        with pytest.raises((NotYetVisible, NoSuchWindow)) as refused:  # a window without any place for this door is no window
            schedules.book(session_id, person_id, window_start=window, now=before, channel=channel, actor=schedules.CLERK)
        told.append(refused.value.code)
    assert told.count(NotYetVisible.code) >= len(told) // 2
    assert not models.Appointment.objects.exists()


@pytest.mark.parametrize("channel", [channel for channel in BookingChannel if channel is not BookingChannel.FAMILY_DOCTOR])
@pytest.mark.catalogue("C6", part="the township's share is sold to townships alone until it goes back")
def test_the_head_start_is_the_townships_alone(where, channel):
    session_id = publish(where)
    person_id = schedules.person(where)
    place = place_of(session_id, Pool.TOWNSHIP)
    now = RELEASE - timedelta(minutes=1)
    with pytest.raises(NotYetVisible):
        schedules.book(session_id, person_id, window_start=place.window_start, now=now, channel=channel, actor=schedules.CLERK)
    assert not models.Appointment.objects.exists()
    taken = schedules.book(
        session_id,
        person_id,
        window_start=place.window_start,
        now=now,
        channel=BookingChannel.FAMILY_DOCTOR,
        actor=schedules.CLERK,
    )
    assert models.Appointment.objects.get(pk=taken.appointment_id).place.pool == Pool.TOWNSHIP


@pytest.mark.parametrize(
    ("_case", "pool", "moment"),
    [
        ("township: 16:00 of the working day before", Pool.TOWNSHIP, instant_at(date(2026, 3, 30), time(16))),
        pytest.param(
            "on-site: when the session begins", Pool.ONSITE, instant_at(DAY, time(8)), marks=pytest.mark.catalogue("C8", part="flows back")
        ),
    ],
)
@pytest.mark.catalogue("C6", part="flows back")
def test_a_share_goes_back_to_everybody_at_its_time(where, _case, pool, moment):
    session_id = publish(where)
    one, other = schedules.people(where, 2)
    window = place_of(session_id, pool).window_start
    models.Place.objects.filter(session_id=session_id, window_start=window).exclude(pool=pool).update(state="withdrawn")
    with pytest.raises(PlaceGone):
        schedules.book(session_id, one, window_start=window, now=moment - timedelta(seconds=1))
    assert schedules.book(session_id, one, window_start=window, now=moment)
    assert not models.Appointment.objects.filter(person_id=other).exists()


@pytest.mark.catalogue("C8", part="only the desk and the kiosk sell the on-site share")
@pytest.mark.parametrize("channel", BookingChannel)
def test_the_on_site_share_is_sold_in_the_house_alone(where, channel):
    session_id = publish(where)
    window = place_of(session_id, Pool.ONSITE).window_start
    models.Place.objects.filter(session_id=session_id, window_start=window).exclude(pool=Pool.ONSITE).update(state="withdrawn")
    now, person_id = instant_at(DAY, time(7)), schedules.person(where)
    if channel in {BookingChannel.WINDOW, BookingChannel.KIOSK}:
        assert schedules.book(session_id, person_id, window_start=window, now=now, channel=channel, actor=schedules.CLERK)
        return
    with pytest.raises(PlaceGone):
        schedules.book(session_id, person_id, window_start=window, now=now, channel=channel, actor=schedules.CLERK)
    assert not models.Appointment.objects.exists()


@pytest.mark.catalogue("C3", part="the next release obeys a changed rule")
def test_a_changed_rule_is_obeyed_by_the_next_release(where):
    session_id = publish(where)
    before = pools(session_id)
    release = change("AP-3", days_ahead=10, release_minute_of_day=900, by_draw=False, second_percent=50)
    change("AP-4", onsite_percent=50, township_percent=10, return_percent=0, referral_percent=0, urgent_places=0)
    assert replan() == [session_id]
    session = models.ClinicSession.objects.get(pk=session_id)
    new_release = instant_at(date(2026, 3, 21), time(15))
    assert (session.visible_at, session.draws, session.release_rule_version) == (new_release, False, release.version)
    assert (before[Pool.ONSITE], pools(session_id)) == (11, {Pool.ONSITE: 21, Pool.TOWNSHIP: 4, Pool.PUBLIC: 17})
    public = [share for share in shares_of_session(session_id) if share.pool is Pool.PUBLIC]
    assert [(share.visible_at, share.places) for share in public] == [(new_release, 8), (instant_at(date(2026, 3, 28), time(7)), 9)]
    assert replan() == []
    window = place_of(session_id, Pool.PUBLIC).window_start
    with pytest.raises(NotYetVisible):
        schedules.book(session_id, schedules.person(where), window_start=window, now=RELEASE)
    assert count_sum_differences(NOW) == 0


def test_a_change_planned_before_the_release_is_obeyed_by_it(where):
    session_id = publish(where)
    change("AP-4", valid_from=RELEASE - timedelta(days=1), onsite_percent=0)
    change("AP-4", valid_from=RELEASE + timedelta(seconds=1), onsite_percent=50)
    assert replan() == [session_id]
    assert pools(session_id)[Pool.ONSITE] == 0


def test_what_is_released_stays_as_it_was(where):
    session_id = publish(where)
    change("AP-4", now=RELEASE, onsite_percent=0)
    assert replan(RELEASE) == []
    assert pools(session_id)[Pool.ONSITE] == 11


def test_a_moment_that_falls_into_the_past_is_now(where):
    session_id = publish(where)
    change("AP-3", days_ahead=60)
    assert replan() == [session_id]
    assert models.ClinicSession.objects.get(pk=session_id).visible_at == NOW
    assert replan() == []
    assert schedules.book(session_id, schedules.person(where), window_start=place_of(session_id, Pool.PUBLIC).window_start, now=NOW)


def test_what_was_sold_in_the_head_start_stays_and_counts_in_its_share(where):
    session_id = publish(where)
    window = place_of(session_id, Pool.TOWNSHIP).window_start
    taken = schedules.book(
        session_id,
        schedules.person(where),
        window_start=window,
        now=RELEASE - timedelta(minutes=5),
        channel=BookingChannel.FAMILY_DOCTOR,
        actor=schedules.CLERK,
    )
    change("AP-4", now=RELEASE - timedelta(minutes=4), township_percent=5)
    assert replan(RELEASE - timedelta(minutes=3)) == [session_id]
    place = models.Appointment.objects.get(pk=taken.appointment_id).place
    assert (place.pool, place.window_start, place.state) == (Pool.TOWNSHIP, window, "taken")
    assert pools(session_id)[Pool.TOWNSHIP] == 2
    assert count_sum_differences(RELEASE) == 0


def test_a_moment_set_by_hand_is_left_alone(where):
    session_id = schedules.session(where, starts_at=instant_at(DAY, time(8)), visible_at=RELEASE)
    change("AP-3", days_ahead=10)
    assert replan() == []
    assert models.ClinicSession.objects.get(pk=session_id).visible_at == RELEASE


def test_a_department_has_its_own_rule(where):
    session_id = publish(where)
    change("AP-3", scope_id=where.department_id, days_ahead=20)
    assert replan() == [session_id]
    assert models.ClinicSession.objects.get(pk=session_id).visible_at == instant_at(date(2026, 3, 11), time(7))


def test_a_holiday_entered_later_moves_the_way_back(where):
    session_id = publish(where)
    timetable.decide_day(actor=SYSTEM, now=NOW, day=date(2026, 3, 30), working=False, note="停水")
    assert replan() == [session_id]
    assert place_of(session_id, Pool.RETURN).flows_back_at == instant_at(date(2026, 3, 27), time(16))


def test_shares_of_more_than_the_whole_are_refused_by_name(where):
    with pytest.raises(Invalid) as refused:
        change("AP-4", onsite_percent=90)
    assert set(refused.value.fields) == {"onsite_percent", "township_percent", "referral_percent", "return_percent"}
    assert rulebook.history("AP-4") == []
